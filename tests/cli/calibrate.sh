#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# corewise calibrate from end to end: what it measures is plausible, is found again by analyze, and a damaged or foreign file
# is told of and left out. Needs jq.
set -eu
. "$(dirname "$0")/../skip.sh"
needs_tools jq
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache
file=$XDG_CACHE_HOME/corewise/host.yaml

fail() {
    echo "failed: $*"
    exit 1
}

cat >"$work/good.c" <<'SOURCE'
int main(void)
{
    double sum = 0;
    for (int i = 0; i < 1000000; i++)
        sum += i * 0.5;
    return sum < 0;
}
SOURCE
analyze() {
    "$COREWISE" analyze --no-cache --format json "$@" "$work/good.c" -- -O2 2>"$work/stderr"
}

# Without a measurement: defaults, and no word about it on stderr.
analyze >"$work/default.json" || fail "analyze: $(cat "$work/stderr")"
jq -e '.host.measured_at == null and (.host.costs | length) == 25 and all(.host.costs[]; .samples == 0)' "$work/default.json" >/dev/null ||
    fail "defaults are not told as such: $(jq -c .host "$work/default.json")"
grep -q 'host costs' "$work/stderr" && fail "a missing calibration was complained about"
"$COREWISE" doctor | grep -q '^no  *costs of this host' || fail "doctor does not say that nothing was measured"

"$COREWISE" calibrate --quick --format json >"$work/host.json" 2>"$work/stderr" || fail "calibrate: $(cat "$work/stderr")"
[ -s "$file" ] || fail "calibrate did not write $file"
cost() {
    jq ".host.costs[] | select(.name == \"$1\") | .value" "$work/host.json"
}
# What holds on every machine: orders of magnitude, and that the larger costs more.
jq -e '[.host.costs[] | select(.samples > 0)] | length >= 20' "$work/host.json" >/dev/null || fail "little was measured: $(cat "$work/stderr")"
jq -e 'all(.host.costs[] | select(.samples > 0); .low <= .value and .value <= .high)' "$work/host.json" >/dev/null || fail "a median outside its quartiles"
jq -en --argjson coroutine "$(cost switch_coroutine_seconds)" --argjson thread "$(cost switch_seconds)" \
    --argjson create "$(cost create_thread_seconds)" --argjson fork "$(cost create_process_seconds)" \
    --argjson small "$(cost pipe_64_b_seconds)" --argjson large "$(cost pipe_1_mib_seconds)" \
    --argjson operation "$(cost operation_ns)" --argjson thread_bytes "$(cost thread_bytes)" --argjson process_bytes "$(cost process_bytes)" \
    '$coroutine < $thread and $thread < $create and $create < $fork and 5 * $small < $large and $fork < 0.1
     and 0.02 < $operation and $operation < 20 and 4000 < $thread_bytes and $thread_bytes < $process_bytes' >/dev/null ||
    fail "implausible: $(jq -c '[.host.costs[] | {(.name): .value}] | add' "$work/host.json")"

jq -e '[.host.costs[] | select(.name == "create_process_seconds" or .name == "process_bytes") | .samples > 0] | all' "$work/host.json" >/dev/null || fail "no process was measured: $(cat "$work/stderr")"

# It is used from now on.
analyze >"$work/measured.json" || fail "analyze: $(cat "$work/stderr")"
[ "$(jq '.host.costs[0].value' "$work/measured.json")" = "$(jq '.host.costs[0].value' "$work/host.json")" ] || fail "analyze did not use the measured costs"
"$COREWISE" doctor | grep -q '^yes  *costs of this host  *measured 20' || fail "doctor does not say when it was measured"
"$COREWISE" calibrate --show | grep -q 'create thread' || fail "--show shows nothing"

# Another machine's, and a torn one: told of, and defaults.
sed -i 's/^host: .*/host: elsewhere/' "$file"
analyze >"$work/foreign.json" || fail "a foreign file stops analyze"
grep -q 'it is of another machine.*default costs' "$work/stderr" || fail "a foreign file is not told of: $(cat "$work/stderr")"
[ "$(jq -c .host.costs "$work/foreign.json")" = "$(jq -c .host.costs "$work/default.json")" ] || fail "a foreign file was used"
head -c 300 "$file" >"$work/torn"
mv "$work/torn" "$file"
analyze >"$work/torn.json" || fail "a torn file stops analyze"
grep -q 'cannot use host costs.*default costs' "$work/stderr" || fail "a torn file is not told of: $(cat "$work/stderr")"
[ "$(jq -c .host.costs "$work/torn.json")" = "$(jq -c .host.costs "$work/default.json")" ] || fail "a torn file was used"
echo "measured, found again, and left out when wrong"
