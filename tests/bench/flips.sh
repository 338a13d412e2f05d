#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How steady verdicts are: `corewise check` on every sample, again and again; per sample how often each verdict was given,
# and the predictions that were confirmed in one run and refuted in another. Usage: flips.sh BUILD_DIR [RUNS] [SAMPLE…]
set -euo pipefail
build=$(cd "$1" && pwd)
runs=${2:-20}
shift $(($# > 2 ? 2 : $#))
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
samples=$(cd "$here/../../samples" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
[ $# -gt 0 ] || set -- $(cd "$samples" && ls -d -- */ | tr -d /)

# check SAMPLE REPORT: one run; fails as corewise does
check() {
    local command=("$build/samples/$1")
    if [ -f "$samples/$1/search.py" ]; then
        export PYTHONPATH=$build/samples
        command=("$(python3 -c 'import sys; print(sys.executable)')" "$samples/$1/search.py")
    fi
    "$build/corewise" check -p "$build" "$samples/$1" --format json --report "$2" --fail-on never -- "${command[@]}" \
        >/dev/null 2>"$scratch/messages"
}

echo "verdicts in $runs runs of each sample"
printf '%-24s %9s %7s %12s %13s %5s\n' sample confirmed refuted inconclusive not_exercised flips
flips=0
for sample in "$@"; do
    : >"$scratch/verdicts"
    for ((run = 0; run < runs; run++)); do
        check "$sample" "$scratch/report.json" || { echo "$sample: $(head -n 1 "$scratch/messages")"; exit 1; }
        jq -r '(.verdicts[] | [.prediction, .verdict, .why]), (.advice_verdicts[] | ["advice " + .advice, .verdict, .why]) | @tsv' \
            "$scratch/report.json" >>"$scratch/verdicts"
    done
    awk -F '\t' -v sample="$sample" '
        { count[$2]++; given[$1, $2]++; known[$1] = 1; why[$1, $2] = $3 }
        END {
            for (prediction in known)
                flips += ((prediction, "confirmed") in given) && ((prediction, "refuted") in given)
            printf "%-24s %9d %7d %12d %13d %5d\n", sample, count["confirmed"], count["refuted"], count["inconclusive"],
                count["not_exercised"], flips
            for (each in why) {
                split(each, part, SUBSEP)
                if (part[2] == "refuted" || part[2] == "inconclusive")
                    printf "    %s %d times: %s\n", part[2], given[each], why[each]
            }
            exit flips > 0
        }' "$scratch/verdicts" || flips=1
done
exit $flips
