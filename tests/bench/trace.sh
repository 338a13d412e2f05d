#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What tracing costs the traced program: each workload untraced and under `corewise trace`, in turn, and the median of
# the ratios with quartiles. Usage: trace.sh BUILD_DIR [ROUNDS]
set -euo pipefail
build=$1
rounds=${2:-9}
corewise=$build/corewise

quartiles() { # numbers on stdin: median (lower quartile – upper quartile)
    sort -n | awk '{ v[NR] = $1 } END {
        q = int((NR + 3) / 4); printf "%.3f (%.3f–%.3f)", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2, v[q], v[NR + 1 - q] }'
}

printf '%-18s %-12s %-28s %s\n' workload 'ns/op' 'CPU ratio traced/untraced' 'wall ratio'
for workload in ping_pong pread_loop contended_mutex; do
    program=$build/bench/$workload
    cpu=() wall=() base=()
    for ((round = 0; round < rounds; round++)); do
        read -r plain_cpu plain_wall < <("$program")
        read -r traced_cpu traced_wall < <("$corewise" trace -r /dev/null -- "$program")
        base+=("$plain_cpu")
        cpu+=("$(awk -v a="$traced_cpu" -v b="$plain_cpu" 'BEGIN { print a / b }')")
        wall+=("$(awk -v a="$traced_wall" -v b="$plain_wall" 'BEGIN { print a / b }')")
    done
    printf '%-18s %-12s %-28s %s\n' "$workload" "$(printf '%s\n' "${base[@]}" | sort -n | sed -n "$(((rounds + 1) / 2))p")" \
        "$(printf '%s\n' "${cpu[@]}" | quartiles)" "$(printf '%s\n' "${wall[@]}" | quartiles)"
done
