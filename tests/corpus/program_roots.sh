#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# program_roots.sh NAME: `corewise analyze` on a Debian source (program_database.sh) must analyse every unit and list the
# roots that NAME.roots demands: exactly its thread and process bodies, at least its callbacks, none that it denies with
# `not`, and the models. `may` allows what a reader could see either way.
set -eu
name=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$BUILD_DIR/corpus/$name
expected=$here/$name.roots
"$here/program_database.sh" "$name" "$work"
cd "$work"
# A cold run, and the user's own cache stays as it is.
XDG_CACHE_HOME=$work/cache
export XDG_CACHE_HOME
rm -rf "$XDG_CACHE_HOME"

"$COREWISE" analyze -p database --format json --report report.json 2>stderr.txt || {
    cat stderr.txt
    echo "FAILED: corewise analyze on $name"
    exit 1
}
summary=$(grep -oE '[0-9]+ of [0-9]+ units analysed' stderr.txt || true)
echo "$name: ${summary:-no summary of units}"
[ -n "$summary" ] && [ "${summary%% of*}" = "$(echo "$summary" | sed 's/.*of \([0-9]*\).*/\1/')" ] || {
    cat stderr.txt
    echo "FAILED: not all units of $name were analysed"
    exit 1
}

jq -r '"current \(.program.current_model)", "suggested \(.program.suggested_model)",
       (.regions[] | select(.kind == "thread_body" or .kind == "process_body" or .kind == "callback")
        | "\(.kind) \(.function)")' report.json | sort -u >actual.txt

failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}
while read -r line; do
    case $line in
    '' | '#'* | 'may '*) ;;
    'not '*) ! grep -qxF "${line#not }" actual.txt || fail "${line#not } is listed" ;;
    'current '* | 'suggested '*)
        grep -qxF "$line" actual.txt || fail "expected: $line; got: $(grep "^${line%% *} " actual.txt)" ;;
    *) grep -qxF "$line" actual.txt || fail "$line is not listed" ;;
    esac
done <"$expected"
# A thread or process that nobody would list is as wrong as one that is missing.
grep -E '^(thread|process)_body ' actual.txt >bodies.txt || true
while read -r line; do
    grep -qxE "(may )?$line" "$expected" || fail "$line is listed"
done <bodies.txt
echo "$(grep -c '^thread_body' actual.txt || true) thread bodies, $(grep -c '^process_body' actual.txt || true) process bodies," \
    "$(grep -c '^callback' actual.txt || true) callbacks"
[ $failures -eq 0 ] || { echo "$failures demands failed; report: $work/report.json"; exit 1; }
