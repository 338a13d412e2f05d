# SPDX-License-Identifier: Apache-2.0
"""OpenMetrics read by the strict parser of Prometheus' own client library, and by promtool where it is installed."""
import json
import math
import re
import shutil
import subprocess

import reading

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
except ImportError:
    reading.skip("python3-prometheus-client is not installed (apt-get install python3-prometheus-client)")

promtool = shutil.which("promtool")
total = 0
for session in reading.EXAMPLES:
    text = reading.assert_printable(reading.render(session, "openmetrics"))
    families = {family.name: family for family in parse(text)}
    samples = {name: family.samples for name, family in families.items()}
    total += sum(map(len, samples.values()))
    document = json.loads(reading.render(session, "json"))
    if not document["runs"]:
        assert not families, session
        continue
    last = document["runs"][-1]["id"]
    waited = sum(wait["seconds"] for wait in document["waits"] if wait["run"] == last)
    exposed = sum(sample.value for sample in samples.get("corewise_wait_seconds", []))
    assert math.isclose(waited, exposed, rel_tol=1e-6, abs_tol=1e-9), (session, waited, exposed)
    measured = [each for each in document["measurements"] if each["run"] == last]
    of_measurements = sum(len(found) for name, found in samples.items()
                          if name.split("_")[1] in ("program", "region", "thread", "lock"))
    assert of_measurements == len(measured), (session, of_measurements, len(measured))
    if promtool:  # its linter reads the older form only, where a counter is declared by the name of its samples
        older = re.sub(r"(?m)^# (TYPE|HELP|UNIT) (\S+)", lambda found: f"# {found[1]} {found[2]}_total"
                       if families[found[2]].type == "counter" else found[0], text)
        for form, accepted in ((text, (0, 3)), (older, (0,))):
            done = subprocess.run([promtool, "check", "metrics"], input=form, text=True, capture_output=True, check=False)
            assert done.returncode in accepted and "error while" not in done.stderr, done.stderr + done.stdout
print(f"{total} samples read{' twice' if promtool else ''}")
