#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gaps.sh: a program of three units of which the analysis gets one: what the run shows of the others is told with what was
# missing, and of the one that was analysed that it ran for longer than its source lets expect.
set -eu
. "$(dirname "$0")/../skip.sh"
needs_tracing
needs_tools cc jq
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for name in unlisted bare; do
    cat >$name.c <<SOURCE
unsigned long $name(unsigned long turns)
{
    volatile unsigned long sum = 0;
    for (unsigned long i = 0; i < turns; i++)
        sum += i * i;
    return sum;
}
SOURCE
done
# Short by its source; only code that is not analysed knows how often it is called.
cat >listed.c <<'SOURCE'
unsigned long listed(void)
{
    volatile unsigned long sum = 0;
    for (unsigned long i = 0; i < 100; i++)
        sum += i * i;
    return sum;
}
SOURCE
cat >listed.h <<'SOURCE'
unsigned long listed(void), unlisted(unsigned long), bare(unsigned long);
void repeat(unsigned long times);
void *rest(void *turns);
SOURCE
cat >>unlisted.c <<'SOURCE'
#include <unistd.h>
#include "listed.h"
void repeat(unsigned long times)
{
    while (times--)
        listed();
}
void *rest(void *turns)
{
    usleep(300000);
    return (void *)unlisted(*(unsigned long *)turns);
}
SOURCE
cat >main.c <<'SOURCE'
#include <pthread.h>
#include "listed.h"
int main(void)
{
    unsigned long turns = 300000000;
    pthread_t thread;
    pthread_create(&thread, 0, rest, &turns);
    listed();
    repeat(turns / 100);
    bare(turns);
    return pthread_join(thread, 0);
}
SOURCE
cc -O1 -g -c main.c listed.c unlisted.c
cc -O1 -c bare.c
cc -o program main.o listed.o unlisted.o bare.o -pthread
cat >compile_commands.json <<DATABASE
[{"directory": "$work", "file": "main.c", "arguments": ["cc", "-c", "main.c"]},
 {"directory": "$work", "file": "listed.c", "arguments": ["cc", "-c", "listed.c"]}]
DATABASE
"$COREWISE" check -p . --format json -o session.cw --report report.json --fail-on never main.c listed.c -- ./program >/dev/null 2>errors ||
    { cat errors; exit 1; }

demand() {
    jq -e "$1" report.json >/dev/null || {
        echo "failed: $1"
        jq -c '.gaps[]?' report.json
        exit 1
    }
    echo "seen: $1"
}
demand '[.gaps[] | select(.what == "hot" and .name == "unlisted" and (.missing | contains("unlisted.c was not analysed")))] | length == 1'
demand '[.gaps[] | select(.what == "hot" and .name == "bare" and (.missing | contains("compiled without -g")))] | length == 1'
demand '[.gaps[] | select(.what == "blocking" and .name == "rest" and .seconds > 0.25 and .seconds < 0.35)] | length == 1'
demand '[.gaps[] | select(.what == "hot" and .name == "listed@listed.c:1" and (.missing | startswith("a class")))] | length == 1'
demand '[.gaps[] | select(.what == "thread" and (.missing | startswith("a thread body")))] | length == 1'
demand '[.gaps[] | select(.name | startswith("main"))] | length == 0'
"$COREWISE" report session.cw | grep -A3 '^Seen, and not foreseen' || { echo "failed: the text does not tell it"; exit 1; }
