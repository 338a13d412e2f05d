#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `corewise check` says of real programs under their own load, built here from Debian's sources: pigz on 100 MB, redis under
# redis-benchmark, lighttpd under ab. Per program the share of active time in functions whose static class the run confirmed,
# refuted or left open, apart from that the same of guesses (classes said with less than the confidence of 0.5 that a prediction
# needs), and every refuted prediction and class with what it was based on. What cannot be had here is left out with its reason.
# Usage: verdicts.sh BUILD_DIR [PROGRAM…]
set -euo pipefail
build=$(cd "$1" && pwd)
shift
programs=("$@")
[ $# -gt 0 ] || programs=(pigz redis lighttpd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
corpus=$here/../corpus
client=
row='{ printf "%-9s %9s %12s %10s %8s %31s %16s %40s\n", $1, $2, $3, $4, $5, $6, $7, $8 }'
trap '[ -z "$client" ] || kill "$client" 2>/dev/null || true' EXIT

need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || { echo "$tool is not installed"; return 1; }
    done
}

# build_*: `program` and `database` below $work, once; load_*: starts the load beside the server, which ends it.
build_pigz() {
    "$corpus/build_pigz.sh" "$work"
    program=("$work/pigz" -p 2 -k -c "$work/big")
    database=$work/database
}
load_pigz() { :; }

build_redis() {
    need make jq redis-benchmark redis-cli && "$corpus/apt_source.sh" "$work" redis || return 1
    database=$work/database
    program=("$work/redis-source/src/redis-server" --port 18391 --save "" --dir "$work")
    [ ! -f "$database/compile_commands.json" ] || return 0
    export COMMAND_LOG=$work/commands.jsonl
    : >"$COMMAND_LOG"
    make -s -C "$work/redis-source/src" CC="$(realpath "$corpus/record_command.sh")" MALLOC=libc USE_SYSTEMD=no redis-server
    mkdir -p "$database"
    jq -s . "$COMMAND_LOG" >"$database/compile_commands.json"
}
load_redis() {
    until redis-cli -p 18391 ping; do sleep 0.2; done
    redis-benchmark -p 18391 -q -n 150000 -t set,get,lrange_100,zadd,sadd
    redis-cli -p 18391 shutdown nosave
}

build_lighttpd() {
    need cmake ninja ab && "$corpus/apt_source.sh" "$work" lighttpd || return 1
    database=$work/build
    if [ ! -x "$work/build/build/lighttpd" ]; then
        cmake -S "$work/lighttpd-source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
            -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
        ninja -C "$work/build" -j2 lighttpd mod_indexfile mod_staticfile
    fi
    mkdir -p "$work/www"
    head -c 27000 /dev/zero | tr '\0' x >"$work/www/index.html"
    printf 'server.%s\n' "document-root = \"$work/www\"" 'port = 18392' 'modules = ()' "pid-file = \"$work/pid\"" \
        >"$work/lighttpd.conf"
    program=("$work/build/build/lighttpd" -D -f "$work/lighttpd.conf" -m "$work/build/build")
}
load_lighttpd() {
    until ab -q -n 1 http://127.0.0.1:18392/index.html; do sleep 0.2; done
    ab -q -k -n 300000 -c 30 http://127.0.0.1:18392/index.html
    kill -INT "$(cat "$work/pid")"
}

show() {
    jq -r --arg program "$1" '
        def percent($part): $part / .coverage.active * 1000 | round / 10;
        (.verdicts | group_by(.verdict) | map({(.[0].verdict): length}) | add) as $count
        | .coverage as $all | $all.guesses as $guesses
        | [$program, ($all.active * 100 | round / 100), percent($all.confirmed - $guesses.confirmed),
           percent($all.refuted - $guesses.refuted), percent($all.inconclusive - $guesses.inconclusive),
           "\(percent($guesses.confirmed)) / \(percent($guesses.refuted)) / \(percent($guesses.inconclusive))",
           percent($all.unattributed), "\($count.confirmed // 0) / \($count.refuted // 0) / \($count.inconclusive // 0)"] | @tsv' \
        "$work/report.json" | awk -F '\t' "$row"
    jq -r '(.regions | map({(.id): .}) | add) as $regions | (.predictions | map({(.id): .}) | add) as $predictions
        | .verdicts[] | select(.verdict == "refuted") | $predictions[.prediction] as $said
        | "    refuted: \(.why)", ($regions[$said.region // ""].evidence // [] | select(length > 0)
        | "        predicted because of \(map("\(.file):\(.line) \(.text)") | join(" > "))"),
        (empty)' "$work/report.json"
    jq -r '.coverage as $all | (.regions | map({(.id): .}) | add) as $regions | $all.classes[]
        | select(.verdict == "refuted" and .seconds > $all.active / 1000)
        | "    \(if .confidence < 0.5 then "guess" else "class" end) \(.class) (confidence \(.confidence * 100 | round / 100)) refuted for \(.seconds / $all.active * 1000 | round / 10) %: \(.why)",
          ($regions[.region].evidence // [] | select(length > 0)
        | "        called so because of \(map("\(.file):\(.line) \(.text)") | join(" > "))")' "$work/report.json"
}

printf 'program\tactive s\tconfirmed %%\trefuted %%\topen %%\tguesses: right / wrong / open %%\twithout class %%\tpredictions: confirmed / refuted / open\n' |
    awk -F '\t' "$row"
for name in "${programs[@]}"; do
    work=$build/bench-verdicts/$name
    mkdir -p "$work"
    build_"$name" >"$work/build.log" 2>&1 || { echo "$name left out: $(tail -n 1 "$work/build.log")"; continue; }
    load_"$name" >"$work/load.log" 2>&1 &
    client=$!
    (cd "$work" && timeout 300 "$build/corewise" check -p "$database" -k --no-config --format json --report report.json -o session.cw \
        --fail-on never -- "${program[@]}") >"$work/output" 2>"$work/messages" || { tail -n 3 "$work/messages"; exit 1; }
    wait "$client"
    client=
    show "$name"
done
