#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# corewise checks its own choice: it parses units in a pool of processes (analyzer/worker.c). While it analyses a database with a cold
# cache the choice must be confirmed; with one process at a time, refuted.
set -eu
. "$(dirname "$0")/../skip.sh"
needs_tracing
[ "$(nproc)" -ge 2 ] || skip "needs 2 usable cores, this host has $(nproc)"
needs_tools jq
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# units FOLDER REGEX: a database of the units whose file matches.
units() {
    mkdir "$work/$1"
    jq --arg source "$SOURCE_DIR/" --arg regex "$2" 'map(select(.file | ltrimstr($source) | test($regex)))' \
        "$BUILD_DIR/compile_commands.json" >"$work/$1/compile_commands.json"
}
# The way from main to the parser, which is what the choice rests on.
units own '^(cli/(main|analyze|options)|analyzer/(analyzer|collect|database|extraction|parse|worker))\.c$'
units others '^model/[a-j]'

# verdict ARGUMENT…: what a run of `corewise analyze` says of the pool.
verdict() {
    "$COREWISE" check -p "$work/own" --root "$SOURCE_DIR" --no-config --fail-on never -f json -r "$work/report.json" -- \
        "$COREWISE" analyze --no-cache -p "$work/others" "$@" -r "$work/analysis" 2>"$work/stderr" || {
        cat "$work/stderr"
        exit 1
    }
    jq -r '(.advice[] | select(.site // "" | startswith("do_job@analyzer/worker.c:"))) as $advice |
        "\($advice.current_model) -> \($advice.suggested_model)",
        (.advice_verdicts[] | select(.advice == $advice.id) | "\(.verdict): \(.why)")' "$work/report.json"
}

# demand REGEX ARGUMENT…
demand() {
    regex=$1
    shift
    for _ in 1 2 3; do # events are lost now and then on a busy machine: then nothing is concluded
        said=$(verdict "$@")
        echo "corewise analyze ${*:-}: $said"
        grep -q '^inconclusive' <<<"$said" || break
    done
    grep -q '^processes -> processes$' <<<"$said" && grep -qE "$regex" <<<"$said" || {
        echo "expected: processes -> processes, and $regex"
        jq '.predictions[] | select(.id | test("do_job|program"))' "$work/report.json"
        exit 1
    }
}
demand '^confirmed: running_threads of do_job.* predicted >= 1\.2'
demand '^refuted: running_threads of do_job.* predicted >= 1\.2' --jobs 1
