#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Recall of the rules of `corewise lint` on seeded bugs: each line of mutations.csv changes one file of a real program, and the
# rule must then report something that it did not report before. Prints found, as a note (shown with --all), or not found
# per change. The programs are those of the corpus tests (BUILD_DIR/corpus, fetched when they are missing).
# Usage: [COREWISE=PROGRAM] mutations.sh BUILD_DIR [RULE]. 77, with the reason, when no source can be had.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
only=${2:-}
corewise=${COREWISE:-$build/corewise}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache

# A copy of the program with a database of its own.
prepare() { # PROGRAM
    [ ! -d "$work/$1" ] || return 0
    [ -f "$build/corpus/$1/database/compile_commands.json" ] || sh "$here/../corpus/program_database.sh" "$1" "$build/corpus/$1" || return 77
    mkdir "$work/$1"
    for part in source build; do
        [ ! -d "$build/corpus/$1/$1-$part" ] || cp -a "$build/corpus/$1/$1-$part" "$work/$1/"
    done
    mkdir "$work/$1/database"
    jq --arg work "$work/$1" 'walk(if type == "string" then gsub("/[^ ]*/corpus/'"$1"'/"; $work + "/") else . end)' \
        "$build/corpus/$1/database/compile_commands.json" >"$work/$1/database/compile_commands.json"
    findings "$1" "$work/$1/before"
}

# rule, severity, fingerprint and place of every finding, sorted.
findings() { # PROGRAM FILE
    "$corewise" lint --all --no-config -k -p "$work/$1/database" -f json >"$work/$1/report.json" 2>"$work/$1/messages" || [ $? -eq 1 ] || { cat "$work/$1/messages"; exit 1; }
    jq -r '.findings[] | "\(.rule) \(.severity) \(.fingerprint) \(.file):\(.line)"' "$work/$1/report.json" | sort >"$2"
    grep -q 'units analysed' "$work/$1/messages" && jq -e '.units.analysed == .units.total' "$work/$1/report.json" >/dev/null || echo "  (units failed)" >&2
}

try() { # RULE PROGRAM FILE EXPRESSION WHAT
    prepare "$2" || exit 77
    local file=$work/$2/$2-source/$3 result=missed
    cp -p "$file" "$work/kept"
    perl -0pi -e "$4" "$file"
    if cmp -s "$file" "$work/kept"; then
        result='not applied'
    else
        findings "$2" "$work/$2/after"
        comm -13 "$work/$2/before" "$work/$2/after" | grep "^$1 " >"$work/new" || true
        if grep -qE ' (warning|error) ' "$work/new"; then result=found; elif [ -s "$work/new" ]; then result='as a note'; fi
    fi
    cp -p "$work/kept" "$file"
    echo "$result" >>"$work/results"
    echo "| $1 | $2 $3 | $5 | $result |"
}

echo '| rule | in | change | result |'
echo '|---|---|---|---|'
while IFS=';' read -r rule program file rest; do
    [ -n "$rule" ] && [ "${rule:0:1}" != '#' ] || continue
    [ -z "$only" ] || [ "$only" = "$rule" ] || continue
    try "$rule" "$program" "$file" "${rest%;*}" "${rest##*;}" </dev/null
done <"$here/mutations.csv"
echo
sort "$work/results" | uniq -c | sed 's/^ */  /'
