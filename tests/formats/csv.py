# SPDX-License-Identifier: Apache-2.0
"""CSV read strictly by Python's csv module; numbers are those of the JSON report."""
import json
import math

import reading

# `import csv` would find this file.
import importlib.util
import sys
sys.path.pop(0)
import csv  # noqa: E402

TABLES = ["regions", "measurements", "waits", "threads", "predictions", "findings", "timeline"]


def rows_of(session, *options):
    text = reading.assert_printable(reading.render(session, "csv", *options))
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", ""), session
    header, *rows = csv.reader(text.splitlines(), strict=True)
    assert len(set(header)) == len(header), header
    for row in rows:
        assert len(row) == len(header), (header, row)
        assert not any(cell[:1] in "=+-@" and not is_number(cell) for cell in row if cell), row
    return [dict(zip(header, row)) for row in rows]


def is_number(cell):
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


total = 0
for session in reading.EXAMPLES:
    document = json.loads(reading.render(session, "json"))
    for table in TABLES:
        rows = rows_of(session, "--table", table)
        assert len(rows) == len(document.get(table, [])), (session, table)
        total += len(rows)
    for row, record in zip(rows_of(session, "--table", "waits"), document["waits"]):
        assert math.isclose(float(row["seconds"]), record["seconds"], rel_tol=1e-8), row
        assert int(row["count"]) == record["count"] and row["cause"] == record["cause"]
    for row, record in zip(rows_of(session, "--table", "measurements"), document["measurements"]):
        assert math.isclose(float(row["value"]), record["value"], rel_tol=1e-8), row
        assert row["metric"] == record["metric"] and row["unit"] == record["unit"]

by_region = {row["region"]: row for row in rows_of("pigz")}
slow = by_region["deflate_slow@deflate.c:1820"]
assert slow["class"] == "cpu" and float(slow["cpu_share"]) > 0.9, slow
message = reading.render("pigz", "csv", "--table", "nothing", status=3)
assert "regions, measurements, waits" in message, message
print(f"{total} rows of {len(reading.EXAMPLES)} sessions read")
