#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What tracing costs the traced program: each workload untraced and under `corewise trace`, by default and with what is
# measured on demand, in turn, and the median of the ratios with quartiles. Usage: trace.sh BUILD_DIR [ROUNDS]
set -euo pipefail
build=$1
rounds=${2:-9}
corewise=$build/corewise

quartiles() { # numbers on stdin: median (lower quartile – upper quartile)
    sort -n | awk '{ v[NR] = $1 } END {
        q = int((NR + 3) / 4); printf "%.3f (%.3f–%.3f)", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2, v[q], v[NR + 1 - q] }'
}

ratio() { # traced untraced
    awk -v a="$1" -v b="$2" 'BEGIN { print a / b }'
}

# measure WORKLOAD OPTION…: one row
measure() {
    local program=$build/bench/$1 workload=$1
    shift
    local cpu=() wall=() base=()
    for ((round = 0; round < rounds; round++)); do
        read -r plain_cpu plain_wall < <("$program")
        read -r traced_cpu traced_wall < <("$corewise" trace "$@" -r /dev/null -- "$program")
        base+=("$plain_cpu")
        cpu+=("$(ratio "$traced_cpu" "$plain_cpu")")
        wall+=("$(ratio "$traced_wall" "$plain_wall")")
    done
    printf '%-18s %-20s %-10s %-28s %s\n' "$workload" "${*:-default}" \
        "$(printf '%s\n' "${base[@]}" | sort -n | sed -n "$(((rounds + 1) / 2))p")" \
        "$(printf '%s\n' "${cpu[@]}" | quartiles)" "$(printf '%s\n' "${wall[@]}" | quartiles)"
}

printf '%-18s %-20s %-10s %-28s %s\n' workload options 'ns/op' 'CPU ratio traced/untraced' 'wall ratio'
for workload in ping_pong pread_loop contended_mutex; do
    measure "$workload"
done
measure ping_pong --timeline 100000
measure pread_loop --syscalls
measure pread_loop --syscalls=latency
measure pread_loop --syscalls=latency --syscalls-share 0.1
