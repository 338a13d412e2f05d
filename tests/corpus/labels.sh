#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# labels.sh [--sum] BUILD_DIR [PROGRAM...]: what corewise analyze says about Debian programs, against what a reader of their sources
# says (programs.csv: models; labels.csv: classes of functions; columns in docs/adding-a-corpus-program.md). Default: all
# programs. Prints every disagreement, a line per program and a summary; --sum only sums up what earlier runs found (kept in
# BUILD_DIR/corpus/PROGRAM/labels.txt). A function without a region is wrong; so is a
# model that belongs to another program of the same database. Exit status 1 when a model is wrong, when less than 95 %
# of the functions are right or when one is called io instead of cpu or the reverse with a confidence above 0.8;
# COREWISE_LABELS_LIMIT is another percentage. 77, with the reason, when no program's sources can be had here.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sum_only=no
[ "${1:-}" != --sum ] || { sum_only=yes; shift; }
[ $# -ge 1 ] || { echo "usage: labels.sh [--sum] BUILD_DIR [PROGRAM...]" >&2; exit 2; }
build=$(cd "$1" && pwd)
shift
corewise=${COREWISE:-$build/corewise}
limit=${COREWISE_LABELS_LIMIT:-95}
programs=$(sed '/^#/d' "$here/programs.csv" | tail -n +2 | cut -d, -f1)
if [ $# -gt 0 ]; then
    for program in "$@"; do
        grep -qxF "$program" <<<"$programs" || { echo "labels.sh: programs.csv has no program $program" >&2; exit 2; }
    done
    programs=$*
fi

# analyze PROGRAM: writes corpus/PROGRAM/labels.json; a cold run, and the user's own cache stays as it is.
analyze() {
    local work=$build/corpus/$1 status=0
    "$here/program_database.sh" "$1" "$work" || return $?
    XDG_CACHE_HOME=$work/labels-cache
    export XDG_CACHE_HOME
    rm -rf "$XDG_CACHE_HOME"
    (cd "$work" && "$corewise" analyze -p database --format json --report labels.json 2>labels.stderr) || status=$?
    rm -rf "$XDG_CACHE_HOME"
    [ "$status" -eq 0 ] || { cat "$work/labels.stderr"; echo "FAILED: corewise analyze on $1"; return 1; }
}

# judge PROGRAM: one line "model RIGHT|WRONG text", one "function RIGHT|WRONG|CONTRADICTION text" per label.
judge() {
    local expected
    expected=$(sed '/^#/d' "$here/programs.csv" | awk -F, -v program="$1" '$1 == program { print $2 "," $3 "," $4 }')
    sed '/^#/d' "$here/labels.csv" | awk -F, -v program="$1" '$1 == program { print $2 "," $3 "," $4 }' |
        jq -rRn --slurpfile report "$build/corpus/$1/labels.json" --arg program "$1" --arg expected "$expected" '
    # File names are relative to the longest common folder, labels to the source package.
    def same_file($one; $other): ("/" + $one | endswith("/" + $other)) or ("/" + $other | endswith("/" + $one));
    ($expected | split(",")) as [$main, $current, $accepted]
    | $report[0] as $r
    | ([$r.program.reasons[] | capture("whose main is in (?<file>[^;]*);").file] | first) as $chosen
    | (if $chosen != null and ($chosen | split("/") | last) != $main
       then "model WRONG \($program): is about the program of \($chosen), not of \($main)"
       elif $r.program.current_model != $current
       then "model WRONG \($program): current model \($r.program.current_model), expected \($current)"
       elif ([$r.program.suggested_model] | inside($accepted | split(" ")) | not)
       then "model WRONG \($program): suggested model \($r.program.suggested_model), expected \($accepted)"
       else "model RIGHT" end),
      (inputs | split(",") as [$file, $function, $class]
       | [$r.regions[] | select(.function == $function and same_file(.file; $file)
                                and (.kind | IN("loop", "critical_section", "parallel_region") | not))] as $found
       | ($found | first) as $region
       | (if ($found | length) == 0 then "WRONG \($program) \($function)@\($file): no region, expected \($class)"
          elif $region.class == $class then "RIGHT"
          else "\($program) \($region.id): \($region.class) (\($region.confidence)), expected \($class); \(
                   [$region.evidence[] | "\(.file):\(.line) \(.text)"] | join(" > "))" as $text
            | if ([$region.class, $class] | sort) == ["cpu", "io"] and $region.confidence > 0.8
              then "CONTRADICTION \($text)" else "WRONG \($text)" end
          end) | "function " + .)'
}

# examine PROGRAM: analyses and judges it into its labels.txt, and prints what is wrong.
examine() {
    local started=$EPOCHREALTIME found=$build/corpus/$1/labels.txt
    mkdir -p "$build/corpus/$1"
    rm -f "$found"
    analyze "$1" || return $?
    judge "$1" >"$found.partial"
    mv "$found.partial" "$found"
    sed -nE 's/^(model|function) (WRONG|CONTRADICTION)/    \2/p' "$found"
    awk -v program="$1" -v start="$started" -v end="$EPOCHREALTIME" '
        /^model RIGHT/ { model = 1 } /^function/ { total++ } /^function RIGHT/ { right++ }
        END { printf "%s: model %s, %d of %d functions right, %.1f s\n", program, model ? "right" : "wrong", right, total, end - start }' \
        "$found"
}

found=() missing=() failed=()
for program in $programs; do
    status=0
    [ $sum_only = yes ] || examine "$program" || status=$?
    if [ $status -ne 0 ] && [ $status -ne 77 ]; then
        failed+=("$program")
    elif [ -e "$build/corpus/$program/labels.txt" ]; then
        found+=("$build/corpus/$program/labels.txt")
    else
        missing+=("$program")
    fi
done

[ ${#missing[@]} -eq 0 ] || echo "not to be had here: ${missing[*]}"
[ ${#failed[@]} -eq 0 ] || { echo "FAILED: ${failed[*]}"; exit 1; }
[ ${#found[@]} -gt 0 ] || { echo "SKIP: no labelled program could be fetched or prepared (above)"; exit 77; }
awk -v limit="$limit" '
    /^model/ { models++ } /^model RIGHT/ { models_right++ } /^function/ { functions++ } /^function RIGHT/ { right++ }
    /^function CONTRADICTION/ { contradictions++ }
    END {
        share = functions ? 100 * right / functions : 100
        printf "models %d of %d right, functions %d of %d (%.1f %%), contradictions %d\n", models_right, models, right, functions,
            share, contradictions
        exit !(models_right == models && share >= limit && contradictions == 0)
    }' "${found[@]}"
