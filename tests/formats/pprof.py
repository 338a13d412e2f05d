# SPDX-License-Identifier: Apache-2.0
"""pprof profiles, read by `go tool pprof` where Go is installed, else decoded by protoc with pprof's own profile.proto."""
import gzip
import re
import shutil
import subprocess
import tempfile

import reading
import stacks

SCHEMA = "/usr/share/gocode/src/github.com/google/pprof/proto"
UNITS = {"running": "cpu", "runnable": "runnable", "blocked": "blocked", "idle": "idle"}


def read_by_go(data, expected):
    for state, sample_type in UNITS.items():
        with tempfile.NamedTemporaryFile(suffix=".pb.gz") as file:
            file.write(data)
            file.flush()
            done = subprocess.run(["go", "tool", "pprof", f"-sample_index={sample_type}", "-unit=ms", "-top", file.name],
                                  capture_output=True, text=True, check=True)
        total = re.search(r"of (\S+)ms total|accounting for \S+ of (\S+)ms", done.stdout)
        shown = float(next(filter(None, total.groups()))) if total else 0
        assert abs(shown - expected[state] * 1000) <= max(1, expected[state]), (sample_type, shown, expected, done.stdout)
    return "by go tool pprof"


def read_by_protoc(data, expected):
    done = subprocess.run(["protoc", f"--proto_path={SCHEMA}", "--decode=perftools.profiles.Profile", "profile.proto"],
                          input=gzip.decompress(data), capture_output=True, check=True)
    text = done.stdout.decode()
    assert not re.search(r"(?m)^\s*[0-9]+:", text), "a field that the format does not know"
    values = [list(map(int, re.findall(r"(?m)^  value: (-?[0-9]+)", sample)))
              for sample in re.findall(r"(?ms)^sample \{.*?^\}", text)]
    order = ["samples", "cpu", "waits", "blocked", "idle", "runnable"]
    for state, sample_type in UNITS.items():
        found = sum(value[order.index(sample_type)] for value in values) / 1e9
        assert abs(found - expected[state]) < 1e-6, (state, found, expected)
    ids = set(map(int, re.findall(r"location_id: ([0-9]+)", text)))
    assert ids == set(range(1, len(re.findall(r"(?m)^location \{", text)) + 1)), ids
    return "by protoc"


readers = []
if shutil.which("go"):
    readers.append(read_by_go)
if shutil.which("protoc") and subprocess.run(["test", "-e", SCHEMA + "/profile.proto"], check=False).returncode == 0:
    readers.append(read_by_protoc)
if not readers:
    reading.skip("neither Go nor protoc with golang-github-google-pprof-dev is installed")
for session in stacks.WITH_STACKS:
    data = reading.render(session, "pprof")
    print(session, *[read(data, stacks.seconds_by_state(session)) for read in readers])
