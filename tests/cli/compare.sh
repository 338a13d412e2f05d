#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# compare.sh: four waits one after the other and side by side, and one variant that fails: which is best, what was measured,
# and that a kept comparison is shown again as it was.
set -eu
. "$(dirname "$0")/../skip.sh"
needs_tracing
needs_tools jq
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/variants.yaml" <<'YAML'
tasks: 4
environment: [NAP=0.15]
variants:
  - name: one by one
    model: sequential
    command: [sh, -c, "sleep $NAP; sleep $NAP; sleep $NAP; sleep $NAP"]
  - name: side by side
    model: processes
    workers: 4
    command: [sh, -c, "for i in 1 2 3 4; do sleep $NAP & done; wait"]
  - name: broken
    command: [sh, -c, "echo out of luck >&2; exit 7"]
YAML
"$COREWISE" compare --variants "$work/variants.yaml" --rounds 3 --traced-rounds 1 -o "$work/runs.cw" -f json \
    -r "$work/report.json" --plot "$work/plot.svg" 2>"$work/stderr" || { cat "$work/stderr"; exit 1; }

demand() {
    jq -e "$1" "$work/report.json" >/dev/null || { echo "not so: $1"; jq . "$work/report.json"; exit 1; }
}
demand '.best == "side by side" and .rounds == 3 and .settled'
demand '[.variants[].name] == ["side by side", "one by one", "broken"]'
demand '.variants[0].throughput | .runs == 3 and .median > 4 and .median < 27'
demand '.variants[1] | .beaten and .ratio.estimate < 0.6 and .throughput.median < 6.7 and .model == "sequential"'
demand '.variants[0] | .cpu_seconds.runs == 1 and .switches.median >= 4 and .memory_peak_bytes.median > 100000'
demand '.variants[2].failure | test("ended with status 7.*out of luck")'
demand '.advice == null'
grep -q 'variant broken ended with status 7; its last words: out of luck' "$work/stderr" ||
    { echo "the failure was not told:"; cat "$work/stderr"; exit 1; }
grep -q '^<svg .*' "$work/plot.svg" && grep -q '>side by side</text>' "$work/plot.svg" || { echo "no plot"; exit 1; }

"$COREWISE" compare "$work/runs.cw" -f json -r "$work/again.json"
cmp "$work/report.json" "$work/again.json" || { echo "the kept comparison reads differently"; exit 1; }
"$COREWISE" compare "$work/runs.cw" >"$work/text"
grep -q '^Best on this host: side by side' "$work/text" || { cat "$work/text"; exit 1; }
cat "$work/text"

# A server, put to work by a load that says how much it did.
command -v python3 >/dev/null || skip "python3 is not installed, so no server was tried"
cat >"$work/server.py" <<'PYTHON'
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1], "w").write(str(listener.getsockname()[1]))
while True:
    peer, _ = listener.accept()
    peer.sendall(b"hello")
    peer.close()
PYTHON
cat >"$work/client.py" <<'PYTHON'
import socket, sys
port = int(open(sys.argv[1]).read())
for _ in range(int(sys.argv[2])):
    assert socket.create_connection(("127.0.0.1", port)).recv(9) == b"hello"
print("did %s requests: 1234.5 per second" % sys.argv[2])
PYTHON
cat >"$work/server.yaml" <<YAML
ready: [python3, $work/client.py, $work/port, "1"]
load: [python3, $work/client.py, $work/port, "50"]
throughput: "requests: ([0-9.]+) per second"
variants:
  - name: server
    command: [python3, $work/server.py, $work/port]
YAML
"$COREWISE" compare --variants "$work/server.yaml" --rounds 1 --traced-rounds 1 -f json -r "$work/report.json" ||
    exit 1
demand '.variants[0] | .throughput.median == 1234.5 and .traced_throughput.median == 1234.5 and .cpu_seconds.runs == 1'
