#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# metrics.sh: corewise trace --metrics answers while the watch goes on, with numbers that grow, to this host only, from a
# process without privileges that ends with the watch.
set -eu
. "$(dirname "$0")/../skip.sh"
fail() {
    echo "$*" >&2
    cat "$work/messages" >&2
    exit 1
}
needs_tools curl
work=$(mktemp -d)
trace=
trap 'rm -rf "$work"; [ -z "$trace" ] || kill "$trace" 2>/dev/null || true' EXIT

refused() { # refused ADDRESS WORDS…: wrong usage, nothing is run
    local address=$1 status=0
    shift
    "$COREWISE" trace --metrics "$address" -- touch "$work/ran" 2>"$work/messages" || status=$?
    [ "$status" -eq 2 ] || fail "--metrics '$address' gives status $status"
    grep -qF -- "$*" "$work/messages" || fail "--metrics '$address' does not say: $*"
    [ ! -e "$work/ran" ] || fail "the command ran all the same"
}
refused 0.0.0.0:0 --metrics-anywhere
refused '[::]:0' --metrics-anywhere
refused example.org:80 names are not looked up
refused '' ADDRESS:PORT

"$COREWISE" trace --metrics 0 --report "$work/report" -- \
    timeout 20 sh -c 'until [ -e "$0/enough" ]; do sleep 0.05; done' "$work" 2>"$work/messages" &
trace=$!
for _ in $(seq 100); do
    url=$(grep -o 'http://127.0.0.1:[0-9]*/metrics' "$work/messages") && break
    sleep 0.1
done
[ -n "${url:-}" ] || fail "no address was told"

voluntary() { # how many switches so far
    curl -sS --max-time 5 "$url" | sed -n 's/^corewise_program_switches_total{kind="voluntary"} //p'
}
until first=$(voluntary) && [ -n "$first" ]; do
    kill -0 "$trace" || fail "corewise ended before there was a metric"
    sleep 0.2
done
until second=$(voluntary) && [ "$second" -gt "$first" ]; do
    kill -0 "$trace" || fail "the numbers do not grow: $first, then $second"
    sleep 0.2
done
curl -sS -i "$url" >"$work/page"
grep -q '^Content-Type: application/openmetrics-text; version=1.0.0' "$work/page" || fail "wrong type: $(head -5 "$work/page")"
[ "$(tail -n 1 "$work/page")" = '# EOF' ] || fail "the end is missing"
status_of() { curl -sS -o "$work/body" -w '%{http_code}' "$@"; }
[ "$(status_of "${url%metrics}")" = 404 ] || fail "another path is no 404"
[ "$(status_of -X POST "$url")" = 405 ] || fail "POST is not refused"
[ "$(status_of -H 'Host: rebound.example.org' "$url")" = 403 ] || fail "another host's name is not refused"
! grep -q switches "$work/body" || fail "a refusal holds metrics"

server=$(pgrep -P "$trace" -x corewise | while read -r child; do
    [ -n "$(find "/proc/$child/fd" -lname 'anon_inode:*eventpoll*' 2>/dev/null)" ] && echo "$child"
done) || true
if [ "$(id -u)" -eq 0 ]; then
    [ "$(grep -c . <<<"$server")" -eq 1 ] || fail "not one server: $server"
    grep -q '^Uid:.*65534.*65534.*65534' "/proc/$server/status" || fail "the server is root"
    grep -q '^CapPrm:.*0000000000000000' "/proc/$server/status" || fail "the server has capabilities"
fi
touch "$work/enough"
wait "$trace" || fail "corewise ended with status $?"
[ -s "$work/report" ] || fail "no report"
! curl -s --max-time 2 "$url" >/dev/null || fail "the server outlives the watch"
echo "$first and then $second voluntary switches at $url"
