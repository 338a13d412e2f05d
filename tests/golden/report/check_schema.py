#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Validates the golden session.json files with docs/session.schema.json, and asks them a question with jq.

Whether the schema is strict is tested, too: each document must be refused with any object's key missing or one added.
"""
import copy
import json
import pathlib
import shutil
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("SKIP: python3-jsonschema is not installed (apt-get install python3-jsonschema)")
    sys.exit(77)

SOURCE = pathlib.Path(sys.argv[1])
OPTIONAL_KEYS = {"region", "thread", "lock"}  # a measurement names at most one subject
SOMETIMES_THERE = {"timeline", "gaps", "call_frames", "call_stacks", "finding_verdicts", "coverage", "first_actions"}  # not in every session


def objects(value, path=()):
    """Every object inside of `value`, with the path that leads to it."""
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from objects(inner, path + (key,))
    elif isinstance(value, list):
        for position, inner in enumerate(value[:2]):
            yield from objects(inner, path + (position,))


def at(value, path):
    for step in path:
        value = value[step]
    return value


def mutants(document):
    for path in objects(document):
        extra = copy.deepcopy(document)
        at(extra, path)["not_in_the_schema"] = 1
        yield f"an extra key in {path}", extra
        for key in at(document, path):
            if path[:1] == ("measurements",) and key in OPTIONAL_KEYS or path == () and key in SOMETIMES_THERE:
                continue
            missing = copy.deepcopy(document)
            del at(missing, path)[key]
            yield f"{path} without {key}", missing


def main():
    schema = json.loads((SOURCE / "docs/session.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    files = sorted((SOURCE / "tests/golden/report").glob("*/session.json"))
    assert len(files) >= 6, "golden files are missing"
    for file in files:
        document = json.loads(file.read_text())
        for error in validator.iter_errors(document):
            sys.exit(f"{file}: {error.json_path}: {error.message}")
    pigz = json.loads((SOURCE / "tests/golden/report/pigz/session.json").read_text())
    pigz["measurements"] = pigz["measurements"][:1] + pigz["measurements"][-1:]
    for what, mutant in mutants(pigz):
        if validator.is_valid(mutant):
            sys.exit(f"the schema accepts {what}")
    both = copy.deepcopy(pigz)
    both["measurements"][0].update({"region": "r", "thread": "t"})
    assert not validator.is_valid(both), "the schema accepts a measurement of two subjects"
    if not shutil.which("jq"):
        print("SKIP: jq is not installed (apt-get install jq); the schema itself is fine")
        sys.exit(77)
    query = '[.verdicts[] | select(.verdict == "refuted") | .prediction] | join(" ")'
    answer = subprocess.run(["jq", "-r", query, SOURCE / "tests/golden/report/pigz/session.json"],
                            capture_output=True, text=True, check=True).stdout
    assert answer == "write_thread@pigz.c:1821/io_share\n", answer


main()
