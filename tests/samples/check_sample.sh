#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_sample.sh NAME: runs `corewise check` on samples/NAME (COREWISE_SAMPLE_RUNS times in a row, once unless it is set) and
# demands every line of its expected.txt each time, and no refuted prediction at all; and all of them refuted when turned
# round. Whether verdicts flip between many runs is for tests/bench/flips.sh.
set -eu
name=$1
here=$(cd "$(dirname "$0")" && pwd)
sample=$SOURCE_DIR/samples/$name
program=$BUILD_DIR/samples/$name
script=$sample/search.py # of samples that are modules of Python
expected=$sample/expected.txt
output=$BUILD_DIR/tests/samples/$name
mkdir -p "$output"

. "$(dirname "$0")/../skip.sh"
needs_tracing
needs_tools sqlite3 jq
cores=$(sed -n 's/^needs cores //p' "$expected")
[ "$(nproc)" -ge "${cores:-1}" ] || skip "needs $cores usable cores, this host has $(nproc)"

if [ -f "$script" ]; then
    needs_tools python3
    [ -f "$program.abi3.so" ] || skip "Python's headers (python3-dev) were not installed when this was built"
    # The interpreter itself: a shim that chooses one would be measured, too.
    interpreter=$(python3 -c 'import sys; print(sys.executable)')
    export PYTHONPATH="$BUILD_DIR/samples"
    set -- "$interpreter" "$script"
else
    set -- "$program"
fi

# run_check COMMAND…: one run; its statements go to $output/actual.txt in the language of expected.txt.
run_check() {
    rm -f "$output/session.cw"
    status=0
    "$COREWISE" check -p "$BUILD_DIR" "$sample" -o "$output/session.cw" --format json \
        --report "$output/report.json" --fail-on never -- "$@" >"$output/stdout.txt" 2>"$output/stderr.txt" ||
        status=$?
    if [ $status -ne 0 ]; then
        cat "$output/stderr.txt"
        echo "failed: corewise check ended with status $status"
        exit 1
    fi
    jq -r -f "$here/statements.jq" "$output/report.json" | sort -u >"$output/actual.txt"
}

# Every expected statement that was not made, with what was said instead.
compare() {
    failures=0
    while read -r statement; do
        case $statement in
        '' | '#'* | 'needs '*) continue ;;
        'says '*)
            jq -r '.program.reasons[]' "$output/report.json" | grep -qF "${statement#says }" && continue
            failures=$((failures + 1))
            echo "expected a reason that says: ${statement#says }"
            continue
            ;;
        esac
        grep -qxF "$statement" "$output/actual.txt" && continue
        failures=$((failures + 1))
        echo "expected: $statement"
        sed -n "s|^\(${statement% *} .*\)|     got: \1|p" "$output/actual.txt"
    done <"$expected"
    if grep -q ' refuted$' "$output/actual.txt"; then
        failures=$((failures + 1))
        echo "refuted predictions:"
        jq -r '. as $s | .verdicts[] | select(.verdict == "refuted") | "     \(.prediction): \(.why)"' "$output/report.json"
        jq -r '.advice_verdicts[] | select(.verdict == "refuted") | "     \(.advice): \(.why)"' "$output/report.json"
    fi
    [ $failures -eq 0 ]
}

runs=${COREWISE_SAMPLE_RUNS:-1}
for run in $(seq "$runs"); do
    run_check "$@"
    if ! compare || ! "$here/invert_session.sh" "$output/session.cw"; then
        echo "failed: run $run of $runs of $name; session: $output/session.cw"
        exit 1
    fi
    echo "run $run of $runs: as documented"
done
