#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bad_input.sh CASE: gives corewise something it must refuse. Demands the exact exit status (2: wrong usage, 3: could not
# run), so that a crash never passes, an empty stdout, and for each line of bad_input/CASE.regex a line on stderr that matches it.
set -eu
case_name=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ulimit -c 0

. "$(dirname "$0")/../skip.sh"
# demand STATUS COMMAND...: runs the command and judges it.
demand() {
    expected=$1
    shift
    status=0
    "$@" >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
    failures=0
    [ $status -eq "$expected" ] || { echo "exit status $status, expected $expected"; failures=1; }
    [ ! -s "$work/stdout" ] || { echo "stdout is not empty:"; head -n 5 "$work/stdout"; failures=1; }
    while IFS= read -r regex; do
        grep -qE -- "$regex" "$work/stderr" || { echo "no line on stderr matches: $regex"; failures=1; }
    done <"$here/bad_input/$case_name.regex"
    if grep -qE 'Sanitizer|Assertion|CRITICAL|GLib' "$work/stderr"; then
        echo "stderr tells of a programming error"
        failures=1
    fi
    [ $failures -eq 0 ] || { echo "stderr was:"; cat "$work/stderr"; exit 1; }
    echo "status $status: $(tail -n 1 "$work/stderr")"
}

# A good source with its database, and a session made of it.
make_program() {
    cat >"$work/good.c" <<'SOURCE'
#include <unistd.h>
int main(void)
{
    char byte;
    return read(0, &byte, 1) == 1 ? 0 : 1;
}
SOURCE
    printf '[{"directory": "%s", "file": "good.c", "arguments": ["cc", "-c", "good.c"]}]\n' "$work" \
        >"$work/compile_commands.json"
}
make_session() {
    make_program
    "$COREWISE" analyze -p "$work" -o "$work/session.cw" --report "$work/report.txt" >/dev/null 2>"$work/stderr" ||
        { echo "failed: cannot make a session to damage"; cat "$work/stderr"; exit 1; }
}

need_root() {
    [ "$(id -u)" -eq 0 ] || skip "this case needs root"
}

# A copy that any user can run, with the folder it lies in.
public_copy() {
    command -v setpriv >/dev/null || skip "setpriv (util-linux) is not installed"
    chmod 755 "$work"
    cp "$COREWISE" "$work/corewise"
    chmod 755 "$work/corewise"
}

case $case_name in
# --- databases and sources
lint_missing_database) demand 3 "$COREWISE" lint -p "$work" ;;
lint_unknown_rule) demand 2 "$COREWISE" lint --rules phlogiston ;;
lint_unknown_fail_on) demand 2 "$COREWISE" lint --fail-on sometimes ;;
lint_empty_database)
    echo '[]' >"$work/compile_commands.json"
    demand 3 "$COREWISE" lint -p "$work"
    ;;
missing_database) demand 3 "$COREWISE" analyze -p "$work" ;;
missing_folder) demand 3 "$COREWISE" analyze -p "$work/nowhere" ;;
truncated_database)
    make_program
    head -c 40 "$work/compile_commands.json" >"$work/half"
    mv "$work/half" "$work/compile_commands.json"
    demand 3 "$COREWISE" analyze -p "$work"
    ;;
empty_database)
    echo '[]' >"$work/compile_commands.json"
    demand 3 "$COREWISE" analyze -p "$work"
    ;;
blank_database)
    : >"$work/compile_commands.json"
    demand 3 "$COREWISE" analyze -p "$work"
    ;;
missing_source)
    make_program
    rm "$work/good.c"
    demand 3 "$COREWISE" analyze -p "$work"
    ;;
unparsable_source)
    make_program
    printf '#include "generated_by_nobody.h"\nint main( { return @; }\n' >"$work/good.c"
    demand 3 "$COREWISE" analyze -p "$work"
    ;;
binary_source)
    make_program
    head -c 4096 "$COREWISE" >"$work/good.c"
    demand 3 "$COREWISE" analyze -p "$work"
    ;;
foreign_path)
    make_program
    demand 3 "$COREWISE" analyze -p "$work" "$work/other.c"
    ;;
bad_effects)
    make_program
    printf 'effects:\n  - functions: [read]\n    blokcs_on: disk\n' >"$work/own.yaml"
    demand 3 "$COREWISE" analyze -p "$work" --effects "$work/own.yaml"
    ;;
# --- host costs
missing_costs)
    make_program
    demand 3 "$COREWISE" analyze -p "$work" --costs "$work/nowhere.yaml"
    ;;
damaged_costs)
    make_program
    printf 'version: 1\ncosts:\n  create_thread_seconds:\n    median: soon\n' >"$work/host.yaml"
    demand 3 "$COREWISE" analyze -p "$work" --costs "$work/host.yaml"
    ;;
unwritable_costs) demand 3 "$COREWISE" calibrate --quick --output /proc/nowhere/host.yaml ;;
calibrate_words) demand 2 "$COREWISE" calibrate quickly ;;
# --- session files
missing_session) demand 3 "$COREWISE" report "$work/session.cw" ;;
not_a_session)
    echo "some text, long enough to be no database header" >"$work/session.cw"
    demand 3 "$COREWISE" report "$work/session.cw"
    ;;
foreign_session)
    needs_tools sqlite3
    sqlite3 "$work/session.cw" 'CREATE TABLE program (name TEXT)'
    demand 3 "$COREWISE" report "$work/session.cw"
    ;;
truncated_session)
    make_session
    truncate -s 5000 "$work/session.cw"
    demand 3 "$COREWISE" report "$work/session.cw"
    ;;
corrupt_session)
    make_session
    size=$(stat -c %s "$work/session.cw")
    for offset in 4096 8192 $((size / 2)); do
        head -c 600 /dev/zero | tr '\0' '\377' | dd of="$work/session.cw" bs=1 seek="$offset" conv=notrunc status=none
    done
    demand 3 "$COREWISE" report "$work/session.cw"
    ;;
corrupt_session_graph)
    make_session
    truncate -s 5000 "$work/session.cw"
    demand 3 "$COREWISE" graph "$work/session.cw" --kind contention -o "$work/graph.svg"
    ;;
newer_session)
    needs_tools sqlite3
    make_session
    sqlite3 "$work/session.cw" 'PRAGMA user_version = 99'
    demand 3 "$COREWISE" report "$work/session.cw"
    ;;
# --- targets
gone_pid)
    need_root
    true &
    pid=$!
    wait $pid
    demand 3 "$COREWISE" trace -p $pid -d 1
    ;;
missing_command)
    need_root
    demand 3 "$COREWISE" trace -- "$work/no-such-program"
    ;;
missing_command_in_path)
    need_root
    demand 3 "$COREWISE" trace -- no-such-program-anywhere
    ;;
not_executable)
    need_root
    make_program
    demand 3 "$COREWISE" trace -- "$work/good.c"
    ;;
check_missing_command)
    make_program
    demand 3 "$COREWISE" check -p "$work" -- "$work/no-such-program"
    ;;
not_root)
    need_root
    public_copy
    demand 3 setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
        "$work/corewise" trace -p $$
    ;;
# --- outputs
unwritable_session)
    make_program
    demand 3 "$COREWISE" analyze -p "$work" -o "$work/nowhere/session.cw"
    ;;
unwritable_report)
    make_program
    demand 3 "$COREWISE" analyze -p "$work" --report "$work/nowhere/report.txt"
    ;;
full_disk_report)
    make_program
    demand 3 "$COREWISE" analyze -p "$work" --report /dev/full
    ;;
full_disk_stdout)
    make_program
    demand 3 sh -c '"$1" analyze -p "$2" >/dev/full' sh "$COREWISE" "$work"
    ;;
full_disk_session)
    need_root
    make_program
    mkdir "$work/small"
    unshare -m true 2>/dev/null || skip "unshare -m is not permitted here"
    demand 3 unshare -m sh -c 'mount -t tmpfs -o size=16k none "$2/small" && exec "$1" analyze -p "$2" -o "$2/small/session.cw"' \
        sh "$COREWISE" "$work"
    ;;
# --- usage
no_command) demand 2 "$COREWISE" ;;
unknown_command) demand 2 "$COREWISE" analyse ;;
unknown_option) demand 2 "$COREWISE" check --frobnicate -- true ;;
unknown_format) demand 2 "$COREWISE" analyze --format papyrus ;;
diff_one_file) demand 2 "$COREWISE" diff "$work/session.cw" ;;
compare_nothing) demand 2 "$COREWISE" compare ;;
compare_both) demand 2 "$COREWISE" compare --variants some.yaml -- true ;;
compare_format) demand 2 "$COREWISE" compare --format papyrus -- true ;;
compare_workers) demand 2 "$COREWISE" compare --workers many -- true ;;
too_many_jobs)
    make_program
    demand 2 "$COREWISE" analyze -p "$work" --jobs 2000
    ;;
compare_missing_variants) demand 3 "$COREWISE" compare --variants "$work/nowhere.yaml" ;;
compare_wrong_variants)
    printf 'variants:\n  - name: one\n    comand: [true]\n' >"$work/variants.yaml"
    demand 3 "$COREWISE" compare --variants "$work/variants.yaml"
    ;;
compare_wrong_model)
    printf 'variants:\n  - name: one\n    model: fibers\n    command: ["true"]\n' >"$work/variants.yaml"
    demand 3 "$COREWISE" compare --variants "$work/variants.yaml"
    ;;
compare_wrong_pattern)
    printf 'throughput: "requests per second"\nvariants:\n  - name: one\n    command: ["true"]\n' >"$work/variants.yaml"
    demand 3 "$COREWISE" compare --variants "$work/variants.yaml"
    ;;
compare_twice)
    printf 'variants:\n  - name: one\n    command: ["true"]\n  - name: one\n    command: ["true"]\n' >"$work/variants.yaml"
    demand 3 "$COREWISE" compare --variants "$work/variants.yaml"
    ;;
compare_no_job) demand 3 "$COREWISE" compare --traced-rounds 0 -- true ;;
compare_missing_program) demand 3 "$COREWISE" compare --traced-rounds 0 -- "$work/no-such-program" ;;
compare_missing_session) demand 3 "$COREWISE" compare "$work/session.cw" ;;
diff_fail_on) demand 2 "$COREWISE" diff --fail-on anything a.cw b.cw ;;
unknown_fail_on) demand 2 "$COREWISE" check --fail-on sometimes -- true ;;
unknown_name) demand 2 "$COREWISE" explain phlogiston ;;
unknown_graph)
    make_session
    demand 2 "$COREWISE" graph "$work/session.cw" --kind pie
    ;;
nothing_to_check) demand 2 "$COREWISE" check ;;
nothing_to_trace) demand 2 "$COREWISE" trace ;;
two_targets) demand 2 "$COREWISE" trace -p 1 -- true ;;
bad_pid) demand 2 "$COREWISE" trace -p init ;;
no_session) demand 2 "$COREWISE" report ;;
*)
    echo "unknown case $case_name"
    exit 1
    ;;
esac
