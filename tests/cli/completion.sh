#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# completion.sh SHELL: the shell itself accepts what `corewise completion SHELL` prints, and completes with it.
set -eu
. "$(dirname "$0")/../skip.sh"
shell=$1
needs_tools "$shell"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
touch one.cw two.cw other.txt
mkdir folder
script=$work/corewise.$shell
"$COREWISE" completion "$shell" >"$script"
"$shell" -n "$script"

bash_completes() { # the words of a line, the last one is completed
    bash --norc -c '
        source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE=$*; COMP_POINT=${#COMP_LINE}
        _corewise; printf "%s\n" "${COMPREPLY[@]}"' "$script" "$@"
}

fish_completes() {
    local line=$*
    fish --no-config -c "source $script; complete -C '$line'" | cut -f 1 | sed 's/^--[a-z]*=//'
}

# A real prompt on a pseudo terminal, a tab, and what it showed.
zsh_completes() {
    cat >capture.zsh <<'ZSH'
zmodload zsh/zpty
zpty prompt zsh -f -i
print_line() { zpty -w prompt "$1" }
print_line "PS1=; stty columns 200; autoload -U compinit; compinit -u -d ./dump; zstyle ':completion:*' list-prompt ''; source $1; setopt auto_list list_rows_first"
print_line 'echo rea''dy'
zpty -r -m prompt shown '*ready*'
zpty -n -w prompt "$2"$'\t\t'
sleep 0.5
zpty -n -w prompt $'\C-u'
print_line 'echo do''ne'
zpty -r -m prompt shown '*done*'
print -r -- "$shown"
ZSH
    local line=$*
    timeout 30 zsh -f capture.zsh "$script" "$line" | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g' | tr -s '[:space:]=' '\n'
}

expect() { # expect WORD… from LINE…: all of these come up, in any order
    local words=() got
    while [ "$1" != from ]; do
        words+=("$1")
        shift
    done
    shift
    got=$("${shell}_completes" "$@")
    for word in "${words[@]}"; do
        grep -qxF -- "$word" <<<"$got" && continue
        echo "$shell does not complete '$*' with $word but with:" >&2
        echo "$got" >&2
        exit 1
    done
    checked=$((${checked:-0} + ${#words[@]}))
}

expect report from corewise rep
expect trace check report from corewise ''
expect --format from corewise report --form
expect speedscope from corewise report -f spee
expect folded folded-off-cpu from corewise report --format fold
expect one.cw two.cw from corewise report ''
expect contention from corewise graph --kind cont
expect waits from corewise report --table wai
expect data-race from corewise explain data-r
expect latency from corewise trace --syscalls$([ "$shell" = bash ] && echo ' ')=$([ "$shell" = bash ] && echo ' ')lat
if [ "$shell" = bash ]; then
    expect trace-events from corewise report --format = trace
    expect folder from corewise analyze --build-dir fol
    expect sha256sum from corewise trace -- sha256
    ! bash_completes corewise report '' | grep -qx other.txt
fi
echo "$checked completions"
