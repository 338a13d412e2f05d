#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# inverted.sh: a prediction that was confirmed is turned round by hand in the session file; the judge must then refute
# it, and still confirm it when it is turned back. A prediction that no number could refute would pass neither.
set -eu
skip() {
    echo "SKIP: $*"
    exit 77
}
[ "$(id -u)" -eq 0 ] || skip "loading BPF programs needs root"
[ -r /sys/kernel/btf/vmlinux ] || skip "this kernel has no BTF (/sys/kernel/btf/vmlinux)"
for tool in sqlite3 jq; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
session=$work/session.cw
"$COREWISE" check -p "$BUILD_DIR" "$SOURCE_DIR/samples/cpu_loop" -o "$session" --format json --report "$work/before.json" \
    --fail-on never -- "$BUILD_DIR/samples/cpu_loop" >/dev/null

# expect VERDICT PREDICTION REPORT
expect() {
    found=$(jq -r --arg id "$2" '.verdicts[] | select(.prediction == $id) | .verdict' "$3")
    [ "$found" = "$1" ] || { echo "failed: $2 is $found, expected $1"; exit 1; }
}

judge_again() {
    "$COREWISE" report "$session" --judge --format json --report "$1"
}

invert() {
    sqlite3 "$session" "UPDATE prediction SET comparison = CASE comparison WHEN '>=' THEN '<' WHEN '<' THEN '>='
        WHEN '<=' THEN '>' WHEN '>' THEN '<=' END WHERE id = '$1'"
}

confirmed=$(jq -r '.verdicts[] | select(.verdict == "confirmed") | .prediction' "$work/before.json")
[ -n "$confirmed" ] || { echo "failed: no prediction on cpu_loop was confirmed"; exit 1; }
for prediction in $confirmed; do
    invert "$prediction"
    judge_again "$work/inverted.json"
    expect refuted "$prediction" "$work/inverted.json"
    invert "$prediction"
    judge_again "$work/restored.json"
    expect confirmed "$prediction" "$work/restored.json"
    echo "refuted when inverted: $prediction"
done
