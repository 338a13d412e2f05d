#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Stands in for the compiler (make CC=record_only.sh) where only a compilation database is wanted: each compilation becomes an
# entry of $COMMAND_LOG, as in record_command.sh, and an empty object; objects are "linked" to an empty program. Sources
# that become a program in one step are really compiled: they are generators that the build runs.
set -eu
output= file= compiles=no depends=
previous=
for argument in "$@"; do
    case $previous in
    -o) output=$argument ;;
    -MF) depends=$argument ;;
    esac
    case $argument in
    -c) compiles=yes ;;
    *.c) file=$argument ;;
    -E | -M | -MM | -v | -V | --version | -dump* | -print*) exec cc "$@" ;;
    esac
    previous=$argument
done
if [ $compiles = yes ] && [ -n "$file" ]; then
    jq -cn --arg directory "$PWD" --arg file "$file" \
        '{directory: $directory, file: $file, arguments: (["cc"] + $ARGS.positional)}' --args -- "$@" >>"$COMMAND_LOG"
    base=${file##*/}
    : >"${output:-${base%.c}.o}"
    [ -z "$depends" ] || : >"$depends"
elif [ -n "$file" ]; then
    exec cc "$@"
else
    : >"${output:-a.out}"
    chmod +x "${output:-a.out}"
fi
