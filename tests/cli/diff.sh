#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# diff.sh: the sample big_lock before and after the fix that its page tells of. The computing under the lock must be seen to
# go, with its verdicts, and two runs of the same program must not be called different.
set -eu
. "$(dirname "$0")/../skip.sh"
needs_tracing
[ "$(nproc)" -ge 2 ] || skip "needs 2 usable cores, this host has $(nproc)"
needs_tools cc jq
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build FOLDER: big_lock.c there, with its database.
build() {
    (cd "$work/$1" && cc -g -O2 -pthread -o big_lock big_lock.c)
    printf '[{"directory": "%s", "file": "big_lock.c", "arguments": ["cc", "-g", "-O2", "-c", "big_lock.c"]}]\n' \
        "$work/$1" >"$work/$1/compile_commands.json"
}

# run FOLDER SESSION
run() {
    "$COREWISE" check -p "$work/$1" -o "$work/$2.cw" --report "$work/$2.txt" --fail-on never -- "$work/$1/big_lock" \
        >/dev/null 2>"$work/$2.err" || { cat "$work/$2.err"; exit 1; }
}

mkdir "$work/locked" "$work/fixed"
cp "$SOURCE_DIR/samples/big_lock/big_lock.c" "$work/locked/"
# The lock only where the table is changed, in a line more.
sed -e '/pthread_mutex_lock(&records_lock);/d' -e '/pthread_mutex_unlock(&records_lock);/d' \
    -e 's/^        keep_record(number, collatz_steps(number));/        int steps = collatz_steps(number);\n        if (steps > __atomic_load_n(\&records[RECORDS - 1].steps, __ATOMIC_RELAXED)) {\n            pthread_mutex_lock(\&records_lock);\n            keep_record(number, steps);\n            pthread_mutex_unlock(\&records_lock);\n        }/' \
    -e 's/^static void keep_record/static __attribute__((noinline)) void keep_record/' \
    "$SOURCE_DIR/samples/big_lock/big_lock.c" | sed 's/^    for (uint64_t number = first; number < first + RANGE_NUMBERS; number++)$/&\n    {/; ' |
    awk '{ print } /^            pthread_mutex_unlock/ { inside = 1 } inside && /^        }$/ { print "    }"; inside = 0 }' \
        >"$work/fixed/big_lock.c"
grep -q __atomic_load_n "$work/fixed/big_lock.c" || { echo "failed: the sample is not what this test expects"; exit 1; }
build locked
build fixed
run locked first
run locked second
run fixed fixed

demand() {
    jq -e "$2" "$work/$1.json" >/dev/null || {
        echo "failed: $1: $2"
        jq -c '.changes[] | select(.significant)' "$work/$1.json"
        jq -c '.verdicts' "$work/$1.json"
        exit 1
    }
    echo "$1: $2"
}

compare() {
    "$COREWISE" diff --format json --report "$work/$1.json" --fail-on "$4" "$work/$2.cw" "$work/$3.cw"
}

compare same first second refuted
demand same '[.changes[] | select(.subject == "program" and (.metric == "lock_share" or .metric == "parallelism") and .significant)] | length == 0'
demand same '[.verdicts[] | select(.before == "confirmed" and .after == "refuted" or .before == "refuted" and .after == "confirmed")] | length == 0'

status=0
compare fix first fixed changed || status=$?
[ $status -eq 1 ] || { echo "failed: --fail-on changed ended with status $status"; exit 1; }
demand fix '[.changes[] | select(.subject == "program" and .metric == "lock_share" and .significant and .high < -0.3)] | length == 1'
demand fix '[.changes[] | select(.subject == "program" and .metric == "parallelism" and .significant and .low > 0)] | length == 1'
demand fix '[.changes[] | select(.subject == "region" and .metric == "lock_share" and .significant and .high < -0.3)
    | .before_id | select(startswith("search_worker@"))] | length == 1'
demand fix '[.changes[] | select(.before_id == null and .metric == "wall_seconds") | .significant] == [null]'
"$COREWISE" diff "$work/first.cw" "$work/fixed.cw" --fail-on never >"$work/text"
grep -q 'lock_share.*points.*certain' "$work/text" || { echo "failed: the text does not tell of lock_share"; cat "$work/text"; exit 1; }
cat "$work/text"
"$COREWISE" diff "$work/first.cw" "$work/missing.cw" 2>"$work/error" && exit 1 || status=$?
[ $status -eq 3 ] || { echo "failed: status $status for a file that is not there"; exit 1; }
