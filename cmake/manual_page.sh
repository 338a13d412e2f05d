#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# manual_page.sh COREWISE PAGE.md SECTION [COMMAND]: the manual page that a page of the documentation makes, to stdout.
# Of a command, synopsis and options are what the program itself tells, in the words of the page's table of options;
# an option without a row has the words of --help. Other pages are taken as they are.
set -euo pipefail
corewise=$1 page=$2 section=$3 command=${4:-}
export LC_ALL=C.UTF-8
version=$("$corewise" --version | cut -d ' ' -f 2)
date=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(stat -c %Y "$page")}" +%F)
name=corewise-$(basename "$page" .md)
[ "$name" != corewise-corewise ] || name=corewise

# Links to other pages are names of manual pages, others keep their text.
without_links() {
    sed -E 's/\[([^]]*)\]\(([a-z]+)\.md#?[^)]*\)/\1 (corewise-\2)/g; s/\(corewise-(model|advice|effects)\)/(**corewise-\1**(7))/g
            s/\(corewise-([a-z]+)\)/(**corewise-\1**(1))/g; s/\[([^]]*)\]\((https?:[^)]*)\)/\1 <\2>/g; s/\[([^]]*)\]\([^)]*\)/\1/g' |
        sed -E 's/`?(corewise )?([a-z]+)(\.md)?`? \(\*\*corewise-\2\*\*\(([17])\)\)/**corewise-\2**(\4)/g'
}

# `-p, --pid=PID,…  Watch …` of --help, as a list of terms; what the page says of an option goes first.
options() {
    awk '
        FNR == NR { # the rows of the page: | `-p`, `--pid PID,…` | does |
            if ($0 !~ /^\| `-/) next
            row = $0; sub(/^\| /, "", row); sub(/ \|$/, "", row)
            flags = row; sub(/ \| .*/, "", flags); sub(/^[^|]*[^ |]( \|| [|]) /, "", row)
            text = $0; sub(/ \|$/, "", text); sub(/^\| .*` \| /, "", text)
            while (match(flags, /--[a-z-]+/)) { words[substr(flags, RSTART, RLENGTH)] = text; flags = substr(flags, RSTART + RLENGTH) }
            next
        }
        /^  -/ {
            line = $0; sub(/^  /, "", line)
            split(line, parts, /   +/)
            flags = parts[1]; text = parts[2]
            match(flags, /--[a-z-]+/); long = substr(flags, RSTART, RLENGTH)
            if (long in words) text = words[long]
            argument = ""
            if (match(flags, /=/)) { argument = substr(flags, RSTART + 1); flags = substr(flags, 1, RSTART - 1) }
            sub(/, /, "**, **", flags)
            gsub(/-/, "\\-", flags)
            printf "**%s**%s\n\n: %s\n\n", flags, argument == "" ? "" : " *" argument "*", text
        }' "$page" <("$corewise" "$command" --help)
}

# The page without its title, its first block of code (the synopsis) and its table of options.
body() {
    awk '
        NR == 1 && /^# / { next }
        /^```/ && command != "" && !synopsis_seen { skipping = !skipping; if (!skipping) synopsis_seen = 1; next }
        skipping { next }
        command != "" && /^\| option \|/ { in_options = 1; next }
        in_options && /^\|/ { next }
        { in_options = 0; print }' command="$command" "$page" | sed -E 's/^## /# /; s/^### /## /'
}

escape_usage() { sed -E 's/([][|_*<>])/\\\1/g'; }

summary() { # of a command from the table of commands, of another page its first sentence
    if [ -n "$command" ]; then
        "$corewise" --help | sed -nE "s/^  $command +//p"
    elif [ "$name" = corewise ]; then
        echo "which concurrency model fits a C program, put to the test by eBPF"
    else
        sed -nE '1s/^# //p' "$page"
    fi
}

markdown() {
    echo "# NAME"
    echo
    echo "$name - $(summary)"
    echo
    if [ -n "$command" ]; then
        echo "# SYNOPSIS"
        echo
        "$corewise" "$command" --help | sed -n '/^Usage:/{n;s/^ *//;p;q}' | escape_usage |
            sed -E "s/^corewise $command/**corewise $command**/"
        echo
    fi
    echo "# DESCRIPTION"
    body | without_links
    if [ "$name" = corewise ]; then
        printf '\n# COMMANDS\n\n'
        "$corewise" --help | sed -nE 's/^  ([a-z]+) {2,}(.*)/**corewise-\1**(1)\n\n: \2\n/p'
    fi
    if [ -n "$command" ]; then
        printf '\n# OPTIONS\n\n'
        options | without_links
    fi
    printf '\n# SEE ALSO\n\n'
    others
}

others() { # the pages of all commands, but this one
    { echo corewise; "$corewise" --help | sed -nE 's/^  ([a-z]+) {2,}.*/corewise-\1/p'; } | grep -vx "$name" |
        sed -E 's/.*/**&**(1)/' | paste -sd , | sed 's/,/, /g'
}

echo "'\\\" t"
markdown | lowdown -s -t man --out-no-smarty -M "title=$name" -M "section=$section" -M "source=corewise $version" -M "volume=corewise" -M "date=$date" -o - |
    sed -E 's/^tab\(\|\) expand allbox;$/tab(|) expand;/; /^\.SH$/{N;s/\n/ /}; /^\.SS$/{N;s/\n/ /}; s/^(\.SH .*)$/\U\1/; s/\\fC/\\fB/g' |
    awk '/^\.(LP|PP)$/ && heading { next } { heading = /^\.S[HS] /; print }'
