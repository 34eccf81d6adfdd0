#!/bin/sh
# The example of the README is compiled against the installed library and run.
#
#   example_test.sh README INSTALLED WORK REGISTER COMPILER [FLAG…]
#
# The example is the first block of the README that opens with ```c.
set -eu
readme=$1
installed=$2
work=$3
file=$4
shift 4
rm -rf "$work"
mkdir -p "$work"
awk '/^```c$/ {on=1; next} /^```/ && on {exit} on' "$readme" >"$work/example.c"
[ -s "$work/example.c" ] || { echo "$readme has no C example"; exit 1; }
lines=$(wc -l <"$work/example.c")
[ "$lines" -le 40 ] || { echo "the example has $lines lines, more than 40"; exit 1; }

library=$(dirname "$(find "$installed" -name 'libcredit.so' | head -n 1)")
PKG_CONFIG_PATH=$library/pkgconfig
LD_LIBRARY_PATH=$library
export PKG_CONFIG_PATH LD_LIBRARY_PATH
# shellcheck disable=SC2046 # the flags are words
"$@" -std=c11 -Wall -Wextra -Wpedantic -Werror -o "$work/example" "$work/example.c" \
    $(pkg-config --cflags --libs credit)
cd "$work"
"$installed/bin/credit" --store "$work/store" init >/dev/null
subject=$(grep -oE '9142[0-9A-Z]{14}' "$file" | "$installed/bin/credit" id - |
    awk -F '\t' '$3 == "valid" {print $1; exit}')
./example "$work/store" "$file" "$subject" >"$work/output"
cat "$work/output"
grep -q ' rows, ' "$work/output"
[ "$(wc -l <"$work/output")" -gt 1 ] || { echo "the example gave no reason"; exit 1; }
