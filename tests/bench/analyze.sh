#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What analysing costs, in CPU time of all processes (wall time means little on shared machines): a cold `corewise analyze`
# divided by `clang-19 -fsyntax-only` over the same database, in turn, the median of the ratios with quartiles; beside it a
# second run with the cache warm, clang-tidy-19 (one round), the Clang analyzer (one round over SAMPLE units, evenly spread over
# the database, against clang's syntax check of the same units: the whole would take an hour), the time with one worker and with
# all, and peak memory; then databases of generated units, whose time must grow with their number.
# Usage: analyze.sh BUILD_DIR [ROUNDS] [UNITS…]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
rounds=${2:-5}
sizes=("${@:3}")
[ ${#sizes[@]} -gt 0 ] || sizes=(500 1000 5000)
corewise=$build/corewise
work=$build/bench-analyze
mkdir -p "$work"
unset XDG_CACHE_HOME
sample=12
TIMEFORMAT='%U %S %R'

quartiles() { # numbers on stdin: median (lower quartile – upper quartile)
    sort -n | awk '{ v[NR] = $1 } END {
        q = int((NR + 3) / 4); printf "%.3f (%.3f–%.3f)", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2, v[q], v[NR + 1 - q] }'
}

# cpu_seconds COMMAND…: CPU time of the command and all its children; its output goes to $work/output.
cpu_seconds() {
    { time "$@" >"$work/output" 2>&1; } 2>"$work/time" || { tail -n 3 "$work/output" >&2; return 1; }
    awk 'END { printf "%.2f\n", $1 + $2 }' "$work/time"
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f\n", a / b }'; }

# The commands of a database as clang takes them, without what corewise drops too; equal ones once.
list_commands() { # list_commands DATABASE MODE: one shell line per unit, `cd … && clang-19 …`
    jq -r '
        def words: if .arguments then .arguments else (.command | [scan("(?:[^ \"\\\\]|\\\\.|\"(?:[^\"\\\\]|\\\\.)*\")+")]
                   | map(gsub("\\\\(?<c>.)"; .c))) end;
        [.[] | {directory, words: (reduce words[1:][] as $w ({out: [], skip: false};
            if .skip then .skip = false
            elif $w == "-o" or $w == "-MF" or $w == "-MT" or $w == "-MQ" then .skip = true
            elif $w == "-c" or ($w | startswith("-M")) then .
            else .out += [$w] end) | .out)}] | unique[]
        | "cd \(.directory | @sh) && clang-19 -fsyntax-only -w \(.words | @sh)"' "$1"
}

analyze_cold() { # analyze_cold DATABASE_DIR: with an empty cache
    rm -rf "$work/cache"
    XDG_CACHE_HOME=$work/cache cpu_seconds "$corewise" analyze -p "$1" --keep-going -r /dev/null
}

peak_memory() { # of the largest process of a run, parent or worker
    [ -x /usr/bin/time ] || { echo 'unknown (apt-get install time)'; return; }
    rm -rf "$work/cache"
    XDG_CACHE_HOME=$work/cache /usr/bin/time -f '%M' -o "$work/peak" "$corewise" analyze -p "$1" --keep-going -r /dev/null >/dev/null 2>&1
    awk 'END { printf "%.0f MB", $1 / 1024 }' "$work/peak"
}

measure_program() {
    local name=$1 database=$work/$1/database cold=() warm=() base=() a b tidy=-
    "$here/../corpus/program_database.sh" "$name" "$work/$name" || { echo "$name: not measured"; return 0; }
    list_commands "$database/compile_commands.json" >"$work/floor.sh"
    for ((round = 0; round < rounds; round++)); do
        b=$(cpu_seconds bash "$work/floor.sh")
        a=$(analyze_cold "$database")
        base+=("$b")
        cold+=("$(ratio "$a" "$b")")
        warm+=("$(ratio "$(XDG_CACHE_HOME=$work/cache cpu_seconds "$corewise" analyze -p "$database" --keep-going -r /dev/null)" "$a")")
    done
    if command -v clang-tidy-19 >/dev/null; then
        tidy=$(ratio "$(measure_tidy "$database")" "${base[0]}")
    fi
    printf '%-10s %5d units %7s s  %-22s %-22s %-8s %-16s %s\n' "$name" "$(wc -l <"$work/floor.sh")" \
        "$(printf '%s\n' "${base[@]}" | sort -n | sed -n "$(((rounds + 1) / 2))p")" "$(printf '%s\n' "${cold[@]}" | quartiles)" \
        "$(printf '%s\n' "${warm[@]}" | quartiles)" "$tidy" "$(measure_static_analyzer)" "$(peak_memory "$database")"
}

measure_static_analyzer() { # over a sample of $work/floor.sh: ratio (units of the sample)
    local floor=() units
    awk -v sample="$sample" '{ line[NR] = $0 } END {
        step = NR > sample ? NR / sample : 1
        for (at = 1; at <= NR; at += step) print line[int(at)] }' "$work/floor.sh" >"$work/sample.sh"
    sed 's/ clang-19 -fsyntax-only -w / clang-19 --analyze --analyzer-output text -w /' "$work/sample.sh" >"$work/analyzer.sh"
    for ((round = 0; round < 3; round++)); do
        floor+=("$(cpu_seconds bash "$work/sample.sh")")
    done
    units=$(wc -l <"$work/sample.sh")
    printf '%.1f (%d units)' "$(ratio "$(cpu_seconds bash "$work/analyzer.sh")" "$(printf '%s\n' "${floor[@]}" | sort -n | sed -n 2p)")" "$units"
}

measure_tidy() { # one round over every file of the database
    jq -r '[.[] | if .file | startswith("/") then .file else .directory + "/" + .file end] | unique[]' "$1/compile_commands.json" >"$work/files"
    cpu_seconds bash -c 'xargs -n 20 clang-tidy-19 --quiet -p "$1" "-checks=-*,concurrency-*,bugprone-*" <"$2" || true' _ "$1" "$work/files"
}

# How much sooner an analysis ends with a worker on every core than with one worker, in turn.
measure_workers() {
    local database=$work/$1/database gain=() one all
    [ -f "$database/compile_commands.json" ] || return 0
    for ((round = 0; round < rounds; round++)); do
        rm -rf "$work/cache"
        XDG_CACHE_HOME=$work/cache cpu_seconds taskset -c 0 "$corewise" analyze -p "$database" --keep-going -r /dev/null >/dev/null
        one=$(awk '{ print $3 }' "$work/time")
        analyze_cold "$database" >/dev/null
        all=$(awk '{ print $3 }' "$work/time")
        gain+=("$(ratio "$one" "$all")")
    done
    printf '%-10s one worker / %d workers, wall: %s\n' "$1" "$(nproc)" "$(printf '%s\n' "${gain[@]}" | quartiles)"
}

# generate UNITS: a program of that many units; each computes, locks, and calls into others, all share one header.
generate() {
    local count=$1 folder=$work/generated-$1 i
    [ -f "$folder/compile_commands.json" ] && return
    mkdir -p "$folder"
    cat >"$folder/shared.h" <<'EOF'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
struct store { pthread_mutex_t lock; long counts[64]; int (*visit)(struct store *, int); };
extern struct store shared_store;
EOF
    awk -v count="$count" -v folder="$folder" 'BEGIN {
        for (i = 0; i < count; i++) {
            file = folder "/unit" i ".c"
            next_unit = (i + 1) % count; other = (i * 7 + 3) % count
            printf "#include \"shared.h\"\nlong work%d(const unsigned char *data, size_t size);\nlong work%d(const unsigned char *data, size_t size);\n", next_unit, other > file
            if (i == 0) printf "struct store shared_store = {PTHREAD_MUTEX_INITIALIZER, {0}, NULL};\n" > file
            printf "static int visit(struct store *store, int index)\n{\n    return store->counts[index & 63] > %d;\n}\n", i > file
            printf "long work%d(const unsigned char *data, size_t size)\n{\n    long sum = 0;\n", i > file
            printf "    for (size_t i = 0; i < size; i++) {\n        if (data[i] > %d)\n            sum += data[i] * 31;\n        else\n            sum ^= data[i];\n    }\n", i % 256 > file
            printf "    pthread_mutex_lock(&shared_store.lock);\n    shared_store.counts[%d] += sum;\n    shared_store.visit = visit;\n    pthread_mutex_unlock(&shared_store.lock);\n", i % 64 > file
            printf "    if (size > 1)\n        sum += work%d(data, size / 2) + work%d(data + 1, size / 3);\n    return sum;\n}\n", next_unit, other > file
            if (i == 0) printf "int main(void)\n{\n    unsigned char data[4096];\n    ssize_t got = read(0, data, sizeof(data));\n    printf(\"%%ld\\n\", work0(data, got > 0 ? (size_t)got : 0));\n    return 0;\n}\n" > file
            close(file)
        }
    }'
    awk -v count="$count" -v folder="$folder" 'BEGIN {
        printf "["
        for (i = 0; i < count; i++)
            printf "%s{\"directory\":\"%s\",\"file\":\"unit%d.c\",\"arguments\":[\"cc\",\"-O2\",\"-c\",\"unit%d.c\"]}", i ? ",\n" : "", folder, i, i
        printf "]\n"
    }' >"$folder/compile_commands.json"
}

measure_generated() {
    local cold wall warm
    generate "$1"
    cold=$(analyze_cold "$work/generated-$1")
    wall=$(awk '{ print $3 }' "$work/time")
    warm=$(XDG_CACHE_HOME=$work/cache cpu_seconds "$corewise" analyze -p "$work/generated-$1" --keep-going -r /dev/null)
    printf '%-10s %5d units %7s s  %s ms per unit, wall %s s, warm %s s\n' generated "$1" "$cold" \
        "$(awk -v s="$cold" -v n="$1" 'BEGIN { printf "%.1f", s * 1000 / n }')" "$wall" "$warm"
}

printf '%-10s %11s %9s  %-22s %-22s %-8s %-16s %s\n' program '' 'syntax' 'cold / syntax-only' 'warm / cold' 'tidy' 'clang analyzer' 'peak of a process'
for program in redis sqlite3 lighttpd; do
    measure_program "$program"
done
measure_workers redis
for size in "${sizes[@]}"; do
    measure_generated "$size"
done
