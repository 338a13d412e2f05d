#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the runtime library costs beside its peers, interleaved: median (quartiles). A table as in docs/runtime.md; exit
# status 1 when a target is missed. Usage: runtime.sh BUILD_DIR [ROUNDS]
set -euo pipefail
programs=$1/bench
rounds=${2:-9}
work=$(mktemp -d)
server=
trap 'rm -rf "$work"; [ -z "$server" ] || kill "$server" 2>/dev/null || true' EXIT
# The last core is the client's, if there are two.
cores=$(nproc)
server_core=0 client_core=$((cores - 1))

# summary NAME: median (quartiles) of the numbers in its file.
summary() {
    sort -g "$work/$1" | awk '{ v[NR] = $1 }
        END { printf "%.4g (%.4g–%.4g)", v[int((NR + 1) / 2)], v[int((NR + 3) / 4)], v[int((3 * NR + 3) / 4)] }'
}
median() {
    sort -g "$work/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

echo_round() { # echo_round KIND
    local port
    coproc server_output { exec taskset -c "$server_core" "$programs/echo_server" "$1"; }
    server=$!
    read -r port <&"${server_output[0]}"
    taskset -c "$client_core" "$programs/echo_client" "$port" 1000 2 >>"$work/echo-$1"
    kill "$server" && wait "$server" 2>/dev/null || true
    server=
}

for ((round = 1; round <= rounds; round++)); do
    for pool in corewise stream libuv glib openmp openmp-loop; do
        "$programs/pool_dispatch" "$pool" 300000 >>"$work/dispatch-$pool"
    done
    for switch in corewise boost called swapcontext; do
        "$programs/coroutine_switch" "$switch" 5000000 >>"$work/switch-$switch"
    done
    for loop in libuv corewise liburing; do
        echo_round "$loop"
    done
done
for model in async async+threads; do
    COREWISE_MODEL=$model "$programs/waiting_tasks" 10000 >"$work/memory-$model"
done
COREWISE_MODEL=threads "$programs/waiting_tasks" 1000 >"$work/memory-threads"

failed=0
row() { # row WHAT UNIT NAME…
    local what=$1 unit=$2 name
    shift 2
    for name in "$@"; do
        echo "| $what | ${name#*-} | $(summary "$name") | $unit |"
    done
}
target() { # target TEXT OWN FACTOR PEER RELATION
    if awk -v own="$(median "$2")" -v peer="$(median "$4")" -v factor="$3" -v relation="$5" \
        'BEGIN { exit !(relation == "<=" ? own <= factor * peer : own >= factor * peer) }'; then
        echo "met: $1"
    else
        echo "MISSED: $1"
        failed=1
    fi
}
echo "| what | of | median (quartiles) | unit |"
echo "|---|---|---|---|"
row "empty task in a pool of two threads" ns dispatch-corewise dispatch-stream dispatch-libuv dispatch-glib \
    dispatch-openmp dispatch-openmp-loop
row "switch to a coroutine and back" ns switch-corewise switch-boost switch-called switch-swapcontext
row "echo over TCP with 1,000 connections" messages/s echo-corewise echo-libuv echo-liburing
row "memory of a task that waits" kB memory-async memory-async+threads memory-threads
echo
for peer in libuv glib openmp; do
    target "an empty task costs no more than with $peer" dispatch-corewise 1 "dispatch-$peer" "<="
done
target "a switch costs at most 1.2 times Boost.Context's" switch-corewise 1.2 switch-boost "<="
target "the echo server answers at least 0.95 times as much as libuv's" echo-corewise 0.95 echo-libuv ">="
exit "$failed"
