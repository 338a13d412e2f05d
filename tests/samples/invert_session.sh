#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# invert_session.sh SESSION.cw: turns every prediction of a session round and judges again. What was confirmed must then be
# refuted and the reverse, and nothing else may be confirmed; turned back, every verdict must be as before. A prediction that
# no number could refute would not pass. The session is as before afterwards.
set -eu
session=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# verdicts FILE: a line `PREDICTION<tab>VERDICT` for each.
verdicts() {
    "$COREWISE" report "$session" --judge --format json --report "$work/report.json"
    jq -r '.verdicts[] | "\(.prediction)\t\(.verdict)"' "$work/report.json" | sort >"$1"
}

invert() {
    sqlite3 "$session" "UPDATE prediction SET comparison = CASE comparison WHEN '>=' THEN '<' WHEN '<' THEN '>='
        WHEN '<=' THEN '>' WHEN '>' THEN '<=' END"
}

verdicts "$work/before"
grep -q '	confirmed$' "$work/before" || { echo "failed: no prediction of $session was confirmed"; exit 1; }
invert
verdicts "$work/inverted"
invert
verdicts "$work/restored"

join -t '	' "$work/before" "$work/inverted" >"$work/both"
awk -F '\t' '
    $2 == "confirmed" && $3 != "refuted" || $2 == "refuted" && $3 != "confirmed" ||
    $2 == "not_exercised" && $3 != "not_exercised" || $2 == "inconclusive" && $3 == "confirmed" {
        print "failed: " $1 " was " $2 ", and is " $3 " when inverted"
        wrong = 1
    }
    { refuted += $3 == "refuted" }
    END { print refuted " of " NR " predictions refuted when inverted"; exit wrong }' "$work/both"
[ "$(wc -l <"$work/both")" -eq "$(wc -l <"$work/before")" ] || { echo "failed: verdicts are missing"; exit 1; }
cmp "$work/before" "$work/restored" || { echo "failed: restored predictions are judged otherwise"; exit 1; }
