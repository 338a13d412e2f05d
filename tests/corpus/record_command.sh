#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Stands in for the compiler (make CC=record_command.sh): runs cc with the same arguments and, for each compilation, appends
# one entry of a compilation database as a line of JSON to $COMMAND_LOG.
set -eu
file=
compiles=no
for argument in "$@"; do
    case $argument in
    -c) compiles=yes ;;
    *.c) file=$argument ;;
    esac
done
if [ $compiles = yes ] && [ -n "$file" ]; then
    jq -cn --arg directory "$PWD" --arg file "$file" \
        '{directory: $directory, file: $file, arguments: (["cc"] + $ARGS.positional)}' --args -- "$@" >>"$COMMAND_LOG"
fi
exec cc "$@"
