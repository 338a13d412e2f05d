#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What tracing costs the traced program: each workload untraced and under `corewise trace`, by default and with what is
# measured on demand, in turn, and the median of the ratios with quartiles; then under what else the host has for the
# purpose, with a fiftieth of the work. Usage: trace.sh BUILD_DIR [ROUNDS]
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

median() { # numbers on stdin
    sort -n | sed -n "$(((rounds + 1) / 2))p"
}

# compare WORKLOAD NAME PART COMMAND…: one row; PART divides the work, the workload's words follow the command. The
# workload may have a second word: how much it computes between switches.
compare() {
    local workload=$1 name=$2 part=$3 steps=()
    shift 3
    local program=$build/bench/${workload% *}
    [[ $workload == *' '* ]] && steps=("${workload#* }")
    local cpu=() wall=() base=() rate=() plain_cpu plain_wall seen_cpu seen_wall switches
    for ((round = 0; round < rounds; round++)); do
        read -r plain_cpu plain_wall switches < <("$program" "$part" "${steps[@]}")
        if ! read -r seen_cpu seen_wall _ < <("$@" "$program" "$part" "${steps[@]}" 2>"$scratch/messages" |
            grep -E '^[0-9.]+ [0-9.]+ [0-9]+$'); then
            printf '%-18s %-20s failed: %s\n' "$workload" "$name" "$(head -n 1 "$scratch/messages")"
            return
        fi
        base+=("$plain_cpu")
        rate+=("$switches")
        cpu+=("$(ratio "$seen_cpu" "$plain_cpu")")
        wall+=("$(ratio "$seen_wall" "$plain_wall")")
    done
    printf '%-18s %-20s %-10s %-11s %-28s %s\n' "$workload" "$name" \
        "$(printf '%s\n' "${base[@]}" | median)" "$(printf '%s\n' "${rate[@]}" | median)" \
        "$(printf '%s\n' "${cpu[@]}" | quartiles)" "$(printf '%s\n' "${wall[@]}" | quartiles)"
}

# measure WORKLOAD OPTION…: under corewise
measure() {
    local workload=$1
    shift
    compare "$workload" "${*:-default}" 1 "$corewise" trace "$@" -r /dev/null --
}

# peer TOOL NAME COMMAND…: a row per workload under another observer
peer() {
    local tool=$1 name=$2
    shift 2
    if ! command -v "$tool" >/dev/null; then
        printf '%-18s %-20s skipped: %s is not installed\n' - "$name" "$tool"
        return
    fi
    for workload in "${workloads[@]}"; do
        compare "$workload" "$name" 50 "$@"
    done
}

# bcc's tool cannot launch a program: it watches the whole machine meanwhile.
beside_offcputime() {
    offcputime-bpfcc -u 600 >/dev/null 2>"$scratch/offcputime" &
    local observer=$!
    sleep 5 # it compiles its programs first
    if ! kill -0 "$observer" 2>/dev/null; then
        head -n 1 "$scratch/offcputime" >&2
        return 1
    fi
    "$@"
    kill -INT "$observer"
    wait "$observer" || true
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
workloads=(ping_pong 'ping_pong 500' 'ping_pong 1200' 'ping_pong 2500' pread_loop contended_mutex thread_pool 'thread_pool 36000')
printf '%-18s %-20s %-10s %-11s %-28s %s\n' workload observer 'ns/op' 'switches/s' 'CPU ratio observed/alone' 'wall ratio'
for workload in "${workloads[@]}"; do
    measure "$workload"
done
measure ping_pong --timeline 100000
measure pread_loop --syscalls
measure pread_loop --syscalls=latency
measure pread_loop --syscalls=latency --syscalls-share 0.1
peer perf 'perf trace -s' perf trace -s -o /dev/null --
peer perf 'perf sched record' perf sched record -o "$scratch/sched" --
peer strace 'strace -c -f' strace -c -f -o /dev/null
peer offcputime-bpfcc offcputime beside_offcputime
