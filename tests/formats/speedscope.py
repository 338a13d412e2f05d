# SPDX-License-Identifier: Apache-2.0
"""speedscope's file format, checked with the schema that its npm package ships (folder in $SPEEDSCOPE, else fetched)."""
import json
import os
import pathlib
import subprocess
import tarfile

import reading
import stacks

try:
    import jsonschema
except ImportError:
    reading.skip("python3-jsonschema is not installed (apt-get install python3-jsonschema)")


def find_schema():
    cache = pathlib.Path(os.environ["BUILD_DIR"]) / "test-cache" / "speedscope"
    cache.mkdir(parents=True, exist_ok=True)
    if not any(cache.glob("speedscope-*.tgz")):
        try:
            subprocess.run(["npm", "pack", "speedscope@1.25.0"], cwd=cache, check=True, capture_output=True, timeout=60)
        except (OSError, subprocess.SubprocessError) as why:
            reading.skip(f"speedscope's schema cannot be fetched: {why}")
    with tarfile.open(next(cache.glob("speedscope-*.tgz"))) as package:
        return json.load(package.extractfile("package/dist/release/file-format-schema.json"))


total = 0
schema = find_schema()
for session in stacks.WITH_STACKS:
    expected = stacks.seconds_by_state(session)
    document = json.loads(reading.assert_printable(reading.render(session, "speedscope", "--all")))
    jsonschema.Draft7Validator(schema).validate(document)
    sums = [sum(profile["weights"]) for profile in document["profiles"]]
    assert abs(sums[0] - expected["running"]) < 1e-6, (session, sums, expected)
    assert abs(sums[1] - sum(expected[state] for state in ("runnable", "blocked", "idle"))) < 1e-6, (session, sums)
    for profile in document["profiles"]:
        assert len(profile["samples"]) == len(profile["weights"])
        assert abs(profile["endValue"] - sum(profile["weights"])) < 1e-6
        for sample in profile["samples"]:
            assert all(0 <= frame < len(document["shared"]["frames"]) for frame in sample)
        total += len(profile["samples"])
print(f"{total} stacks read, valid for speedscope's schema")
