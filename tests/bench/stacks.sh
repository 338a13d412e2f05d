#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How much of the stacks of Debian's own programs (stripped, no frame pointers) is found, and at what price: each under a
# fixed load alone, under `corewise trace`, `perf record -g` and `perf record --call-graph dwarf`. A stack is found when it
# reaches _start or clone. perf sees what runs on a core, corewise also what waits. What is not installed is taken
# from Debian's packages, and left out when there is no way to them. Usage: stacks.sh BUILD_DIR [PROGRAM…]
set -euo pipefail
corewise=$1/corewise
shift
programs=("$@")
[ $# -gt 0 ] || programs=(nginx redis-server python3 postgres)
frequency=997
scratch=$(mktemp -d /var/tmp/corewise-stacks-XXXXXX)
chmod 755 "$scratch"
server=
trap 'end_server; rm -rf "$scratch"' EXIT

# binary PACKAGE PATH: the file of the package, installed or unpacked here; fails when neither can be had
binary() {
    if [ -x "$2" ] && dpkg -S "$2" >/dev/null 2>&1; then
        echo "$2"
        return
    fi
    if [ ! -x "$scratch/root$2" ]; then
        (cd "$scratch" && apt-get -qq download "$1" && dpkg-deb -x "$1"_*.deb root) >/dev/null 2>&1 || return 1
    fi
    [ -x "$scratch/root$2" ] && echo "$scratch/root$2"
}

end_server() {
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
        server=
    fi
}

# Each start_* sets `server`, each load_* does the same work every time.
start_nginx() {
    mkdir -p "$scratch/nginx"
    head -c 4096 /dev/zero >"$scratch/nginx/file"
    cat >"$scratch/nginx.conf" <<END
daemon off; pid $scratch/nginx.pid; error_log $scratch/nginx.log; user nobody nogroup; worker_processes 1;
events { }
http { access_log $scratch/nginx/access; client_body_temp_path $scratch/nginx; proxy_temp_path $scratch/nginx;
  fastcgi_temp_path $scratch/nginx; uwsgi_temp_path $scratch/nginx; scgi_temp_path $scratch/nginx; gzip on;
  gzip_types *; keepalive_requests 1000000; server { listen 127.0.0.1:18088; root $scratch/nginx; } }
END
    "$binary" -c "$scratch/nginx.conf" -e "$scratch/nginx.log" &
    server=$!
}
load_nginx() {
    curl -s --compressed -o /dev/null "http://127.0.0.1:18088/file?[1-25000]"
}

start_redis-server() {
    "$binary" --port 18379 --save "" --dir "$scratch" >/dev/null &
    server=$!
}
load_redis-server() {
    redis-benchmark -p 18379 -n 100000 -c 20 -q -t set,get,zadd,lrange_100 >/dev/null
}

start_python3() {
    mkfifo "$scratch/go"
    "$binary" - "$scratch/go" >"$scratch/python.out" 2>&1 <<'END' &
import hashlib, json, re, sys, threading, time
def compute(rounds):
    text = json.dumps([{"name": "item%d" % i, "values": list(range(20))} for i in range(200)])
    for i in range(rounds):
        data = json.loads(text)
        data.sort(key=lambda item: hashlib.sha256(item["name"].encode()).digest())
        re.sub(r"item(\d+)", lambda found: found.group(1)[::-1], text)
        time.sleep(0.0005)
open(sys.argv[1]).read()
threads = [threading.Thread(target=compute, args=(500,)) for i in range(2)]
for thread in threads: thread.start()
compute(500)
for thread in threads: thread.join()
print("done", flush=True)
time.sleep(600)
END
    server=$!
}
load_python3() {
    echo >"$scratch/go"
    until grep -q done "$scratch/python.out"; do
        sleep 0.1
    done
}

start_postgres() {
    local folder
    folder=$(dirname "$binary")
    if [ ! -d "$scratch/data" ]; then
        install -d -o 65534 -g 65534 "$scratch/data"
        setpriv --reuid=65534 --regid=65534 --clear-groups "$folder/initdb" -D "$scratch/data" -A trust -U bench >"$scratch/initdb.log"
    fi
    setpriv --reuid=65534 --regid=65534 --clear-groups "$binary" -D "$scratch/data" -p 18432 -k "$scratch/data" -c listen_addresses= >"$scratch/postgres.log" 2>&1 &
    server=$!
    for ((i = 0; i < 100; i++)); do
        ! "$folder/pgbench" -i -q -s 2 -h "$scratch/data" -p 18432 -U bench postgres >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    return 1
}
load_postgres() {
    local folder
    folder=$(dirname "$binary")
    "$folder/pgbench" -n -c 3 -t 400 -h "$scratch/data" -p 18432 -U bench postgres >/dev/null 2>&1
    "$folder/pgbench" -n -S -c 3 -t 4000 -h "$scratch/data" -p 18432 -U bench postgres >/dev/null 2>&1
}

processes() { # of the server, itself first
    local each
    echo "$1"
    for each in $(pgrep -P "$1"); do
        processes "$each"
    done
}

# CPU time of the server and all its children, also those that ended, in seconds.
cpu_seconds() {
    local each
    for each in $(processes "$server"); do
        sed 's/.*) //' "/proc/$each/stat" 2>/dev/null || true
    done | awk -v tick="$(getconf CLK_TCK)" '{ sum += $12 + $13 + $14 + $15 } END { printf "%.2f", sum / tick }'
}

mapped_at() { # FILE: where its first byte is in the running server
    awk -v file="$1" '$6 == file && $3 == "00000000" { split($1, a, "-"); print a[1]; exit }' "/proc/$server/maps"
}

# Where a stack may end: `low high` per line, as an address and as an offset in its file: perf prints either.
outermost_code() {
    local base entry libc clone3
    entry=$(($(readelf -h "$binary" | awk '/Entry point/ { print $4 }')))
    base=$((0x$(mapped_at "$binary")))
    [ "$entry" -lt "$base" ] || entry=$((entry - base))
    libc=$(awk '$6 ~ /libc\.so/ { print $6; exit }' "/proc/$server/maps")
    # mov $435, %eax; syscall: clone3, which has no public name
    clone3=$(LC_ALL=C grep -obUaP '\xb8\xb3\x01\x00\x00\x0f\x05' "$libc" | awk -F: 'NR == 1 { print $1 }')
    printf '%d %d\n' "$entry" $((entry + 64)) $((base + entry)) $((base + entry + 64))
    base=$((0x$(mapped_at "$libc")))
    printf '%d %d\n' "$clone3" $((clone3 + 64)) $((base + clone3)) $((base + clone3 + 64))
}

# perf script on stdin: share of the stacks of user code whose outermost frame is there
reached() {
    awk -v ranges="$(outermost_code | tr '\n' ' ')" '
        BEGIN { count = split(ranges, range, " ") }
        function number(hex,  i, value) { for (i = 1; i <= length(hex); i++) value = value * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1; return value }
        function finish(  i, address) {
            if (last == "") return
            all++; address = number(last); last = ""
            for (i = 1; i < count; i += 2) if (address >= range[i] && address < range[i + 1]) { found++; break }
        }
        /^[ \t]*$/ { finish(); next }
        $1 ~ /^[0-9a-f]+$/ && $1 !~ /^ffff/ { last = $1 }
        END { finish(); printf "%.2f %% of %d", all ? 100 * found / all : 0, all }' "$1"
}

tasks() {
    processes "$server" | paste -sd,
}

# observe HOW: runs the observer until its file `stop` appears; prints what it found to $scratch/found
observe() {
    case $1 in
    alone) ;;
    corewise) "$corewise" trace -p "$server" -f json -r "$scratch/session.json" -o "$scratch/session.cw" & ;;
    'perf -g') perf record -q -e cpu-clock -F $frequency -g -o "$scratch/perf" -p "$(tasks)" 2>/dev/null & ;;
    'perf dwarf') perf record -q -e cpu-clock -F $frequency --call-graph dwarf -o "$scratch/perf" -p "$(tasks)" 2>/dev/null & ;;
    esac
    observer=$!
}

of_session() { # METRIC FIELD
    jq -r --arg metric "$1" "[.measurements[] | select(.metric == \$metric and .subject_kind != \"thread\" and .region == null and .thread == null)][0].$2 // 0" "$scratch/session.json"
}

found_by() {
    local start
    start=$(date +%s.%N)
    case $1 in
    alone) echo - ;;
    corewise)
        awk -v complete="$(of_session stacks.complete value)" -v all="$(of_session stacks.complete samples)" \
            -v seconds="$(of_session stack_seconds value)" -v distinct="$(of_session stack_seconds samples)" \
            'BEGIN { printf "%.2f %% of %d (%d distinct, %.2f ms each)\n", 100 * complete / all, all, distinct, 1000 * seconds / distinct }'
        ;;
    *)
        perf script -i "$scratch/perf" -F ip,sym 2>/dev/null >"$scratch/script"
        printf '%s; read in %.1f s\n' "$(reached "$scratch/script")" "$(echo "$(date +%s.%N) - $start" | bc)"
        ;;
    esac
}

# One row: the server's CPU time for the load, the observer's own, and the stacks.
row() {
    local before used own='-'
    rm -f "$scratch/go"
    "start_$program" || return 1
    sleep 0.7
    observe "$1"
    [ "$1" = alone ] || sleep 1
    before=$(cpu_seconds)
    local began=$EPOCHREALTIME
    "load_$program"
    local wall
    wall=$(echo "$EPOCHREALTIME - $began" | bc)
    used=$(echo "$(cpu_seconds) - $before" | bc)
    if [ "$1" != alone ]; then
        own=$(sed 's/.*) //' "/proc/$observer/stat" | awk -v tick="$(getconf CLK_TCK)" '{ printf "%.2f", ($12 + $13) / tick }')
        kill -INT "$observer"
        wait "$observer" || true
    fi
    printf '%-13s %-11s %8.2f %8.2f %9s   %s\n' "$program" "$1" "$used" "$wall" "$own" "$(found_by "$1")"
    end_server
}

printf '%-13s %-11s %8s %8s %9s   %s\n' program observer 'CPU s' 'wall s' 'own CPU s' 'stacks that reach _start or clone'
for program in "${programs[@]}"; do
    case $program in
    nginx) path=/usr/sbin/nginx package=nginx needs=curl ;;
    redis-server) path=/usr/bin/redis-server package=redis-server needs=redis-benchmark ;;
    python3) path=/usr/bin/python3.11 package=python3.11-minimal needs=jq ;;
    postgres) path=$(find /usr/lib/postgresql -path '*/bin/postgres' 2>/dev/null | head -n 1) package=postgresql needs=jq ;;
    *) echo "unknown program $program" >&2 && exit 2 ;;
    esac
    if [ -z "$path" ] || ! binary=$(binary "$package" "$path") || ! command -v $needs >/dev/null; then
        printf '%-13s skipped: the package %s is neither installed nor to be had, or %s is missing\n' "$program" "$package" "$needs"
        continue
    fi
    for how in alone corewise 'perf -g' 'perf dwarf'; do
        if [[ $how == perf* ]] && ! command -v perf >/dev/null; then
            printf '%-13s %-11s skipped: perf is not installed\n' "$program" "$how"
            continue
        fi
        row "$how" || printf '%-13s %-11s failed: see %s\n' "$program" "$how" "$scratch"
    done
done
