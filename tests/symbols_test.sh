#!/bin/sh
# Exported symbols = functions declared in the public header, both ways.
#
#   symbols_test.sh LIBRARY HEADER…
set -eu
library=$1
shift
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

nm -D --defined-only "$library" | awk '$2 != "A" {sub(/@.*/, "", $3); print $3}' | sort -u \
    >"$scratch/exported"
# Comments go first: a name followed by a bracket in prose is no declaration.
cat "$@" | gcc -fpreprocessed -dD -E -P -x c - | tr '\n' ' ' |
    grep -oE 'CREDIT_API [^;]*;' | grep -oE 'credit_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u \
    >"$scratch/declared"

[ -s "$scratch/declared" ] || { echo "no declarations were found in $*"; exit 1; }
comm -23 "$scratch/declared" "$scratch/exported" | sed 's/$/ is declared but not exported/' \
    >"$scratch/faults"
comm -13 "$scratch/declared" "$scratch/exported" | sed 's/$/ is exported but not declared/' \
    >>"$scratch/faults"
cat "$scratch/faults"
[ ! -s "$scratch/faults" ]
echo "$(wc -l <"$scratch/declared") functions, each declared and exported"
