#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# top.sh CASE: the live view as a person at a terminal has it (through tmux), and as a script has it.
set -eu
case_name=$1
. "$(dirname "$0")/../skip.sh"
fail() {
    echo "failed: $*"
    [ ! -e "$work/screen" ] || cat "$work/screen"
    exit 1
}
needs_tracing
work=$(mktemp -d)
server=corewise-top-$$
target=
clean() {
    tmux -L "$server" kill-server 2>/dev/null || true
    [ -z "$target" ] || kill "$target" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT
samples=$BUILD_DIR/samples
# The sample alone takes two seconds on a fast host: one after the other lives until it is told to end.
cat >"$work/on_and_on" <<'SCRIPT'
#!/bin/sh
trap 'kill $child; exit 0' TERM
while :; do
    "$1" >/dev/null &
    child=$!
    wait $child
done
SCRIPT
chmod +x "$work/on_and_on"

terminal() { # terminal COLUMNS LINES COMMAND…: the shell stays when the command has ended
    needs_tools tmux
    columns=$1
    lines=$2
    shift 2
    LC_ALL=C.UTF-8 tmux -L "$server" -f /dev/null new-session -d -x "$columns" -y "$lines" \
        "cd $work; unset NO_COLOR; $*; echo status=\$?; sleep 100"
}
screen() { tmux -L "$server" capture-pane -p >"$work/screen"; }
press() { tmux -L "$server" send-keys "$@"; }
now_ms() { date +%s%3N; }

# await SECONDS REGEX: until a line of the screen matches.
await() {
    local until=$(($(now_ms) + $1 * 1000))
    while screen; ! grep -qE -- "$2" "$work/screen"; do
        [ "$(now_ms)" -lt "$until" ] || fail "no line matches after $1 s: $2"
        sleep 0.05
    done
}

case $case_name in
contended)
    # The lock that all want is on the screen within two seconds of the first picture, and stays there through resizes.
    terminal 100 30 "$COREWISE top -d 1 -- $work/on_and_on $samples/big_lock"
    await 20 '^corewise top'
    drawn=$(now_ms)
    await 2 '^records_lock .* (big_lock|\?)'
    echo "the lock was shown $(($(now_ms) - drawn)) ms after the first picture"
    await 2 'records_lock: threads waited'
    tmux -L "$server" resize-window -x 61 -y 13
    await 2 '^q quit  \? help  Tab panel'
    [ "$(wc -l <"$work/screen")" -le 13 ] || fail "more lines than the terminal has"
    tmux -L "$server" resize-window -x 18 -y 4
    sleep 0.5
    tmux -L "$server" resize-window -x 120 -y 40
    await 2 'longest blocked in'
    press Enter
    await 2 '^Stacks of (big_lock|on_and_on)'
    press q
    await 2 '^thread  *tid'
    press '?'
    await 2 'next panel'
    press q space
    await 2 'FROZEN'
    press q
    await 10 'status=0'
    pgrep -f "^/bin/sh $work/on_and_on" >/dev/null && fail "the launched command runs on"
    echo "survived resizes, stacks, help, freezing"
    ;;
ends)
    # The last picture stays when the target ends, says so, and can be saved.
    "$work/on_and_on" "$samples/big_lock" &
    target=$!
    terminal 110 30 "$COREWISE top -p $target -o kept.cw"
    await 20 '^records_lock'
    kill "$target"
    target=
    await 10 'the target has ended'
    await 2 'ended after'
    await 2 '^records_lock'
    press s
    await 5 'saved: corewise report kept.cw'
    "$COREWISE" report "$work/kept.cw" >"$work/report"
    grep -q records_lock "$work/report" || fail "the saved session does not tell of the lock"
    press q
    await 10 'status=0'
    "$COREWISE" report "$work/kept.cw" -f json | jq -e '.runs | length == 1' >/dev/null ||
        fail "the kept session has not exactly one run"
    echo "stayed, said so, saved"
    ;;
loop)
    # A callback that sleeps for 15 ms (LOOKUP_US of the sample) is the longest of its loop; the loop is told to stand still. The view is there
    # until the sample has ended, however long a busy host takes to draw it.
    "$COREWISE" top -b 100 -d 0.5 -- "$samples/blocking_callback" >"$work/screen" </dev/null 2>"$work/stderr"
    grep -A 2 '^Event loops' "$work/screen" | grep -E 'blocking_callba.* (1[5-9]|[2-9][0-9]|[1-9][0-9][0-9])(\.[0-9]+)? ms .*timer' ||
        fail "the loop's longest callback is not told"
    grep -q 'the event loop of blocking_callba stands still' "$work/screen" || fail "no suggestion"
    ;;
batch)
    "$work/on_and_on" "$samples/big_lock" &
    target=$!
    env -u TERM "$COREWISE" top -b 3 -d 0.3 -p "$target" >"$work/screen" </dev/null
    [ "$(grep -c '^corewise top' "$work/screen")" -eq 3 ] || fail "not three pictures"
    grep -q '^records_lock' "$work/screen" || fail "no lock"
    LC_ALL=C grep -nP '[\x00-\x09\x0b-\x1f\x7f]' "$work/screen" && fail "control characters"
    kill -0 "$target" || fail "the target was ended"
    ! "$COREWISE" top -b 100 -d 0.1 -p "$target" >/dev/full 2>"$work/stderr" || fail "a full disk is no failure"
    grep -q 'cannot write' "$work/stderr" || fail "a full disk is not told"
    ;;
no_terminal)
    # Each is told, with what to do; the command is not launched.
    for kind in none unset dumb unknown; do
        status=0
        case $kind in
        none) setsid -w env TERM=xterm "$COREWISE" top -- touch "$work/launched" >"$work/out" 2>&1 </dev/null || status=$? ;;
        unset) env -u TERM "$COREWISE" top -- touch "$work/launched" >"$work/out" 2>&1 </dev/null || status=$? ;;
        *)
            [ $kind = dumb ] && type=dumb || type=no-such-terminal
            terminal 80 24 "TERM=$type $COREWISE top -- touch $work/launched 2>&1 | tee $work/out; test \${PIPESTATUS[0]} -eq 0"
            await 10 'status='
            status=2
            tmux -L "$server" kill-server
            ;;
        esac
        [ $status -eq 2 ] || fail "$kind: status $status"
        grep -q -- '--batch N' "$work/out" || fail "$kind: $(cat "$work/out")"
        [ ! -e "$work/launched" ] || fail "$kind: the command was launched"
        echo "$kind: $(cat "$work/out")"
    done
    ;;
analysis)
    # With an earlier analysis threads bear the names of their bodies, and its advice is what is suggested.
    "$COREWISE" analyze -p "$BUILD_DIR" "$SOURCE_DIR/samples/big_lock" -o "$work/analysis.cw" --report /dev/null 2>"$work/stderr"
    "$COREWISE" top -b 5 -d 0.5 -s "$work/analysis.cw" -- "$samples/big_lock" >"$work/screen" </dev/null 2>"$work/stderr"
    grep -q '^search_worker ' "$work/screen" || fail "the thread body is not named"
    grep '^> ' "$work/screen" | tail -n 1 | grep 'search_worker@' || fail "the advice is not told"
    ;;
*)
    fail "unknown case $case_name"
    ;;
esac
