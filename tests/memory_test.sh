#!/usr/bin/env bash
# How much memory an import takes: a stated bound, whatever the size of the file and
# however many of its rows are refused, and less address space than the index would
# like to reserve.
#
#   memory_test.sh BINARY BENCH    build directory, directory of workload and measure
set -euo pipefail
binary=$1
bench=$2
bound_kib=$((512 * 1024))
rows=200000
scratch=$(mktemp -d "${TMPDIR:-/tmp}/credit-memory.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
PATH=$binary/bin:$PATH
unset CREDIT_STORE CREDIT_TRUST CREDIT_PACK

credit init --store "$scratch/empty" >/dev/null

# take WHAT ROWS BAD: imports so many rows, BAD per million of them wrong; at most so
# much memory is left in $anonymous_kib.
take() {
    local status=0 seconds
    rm -rf "$scratch/store" "$scratch/store.keys" "$scratch/taken"
    cp -r "$scratch/empty" "$scratch/store"; cp -r "$scratch/empty.keys" "$scratch/store.keys"
    "$bench/workload" "$2" 1 "$3" >"$scratch/rows.csv"
    WARM_GIB=0 "$bench/measure" "$scratch/taken" credit --store "$scratch/store" import --json "$scratch/rows.csv" >"$scratch/said" ||
        status=$?
    if [ "$status" -ne $(($3 > 0)) ]; then
        echo "the import ended with $status: $(cat "$scratch/said")"
        exit 1
    fi
    read -r _ seconds _ anonymous_kib _ <"$scratch/taken"
    echo "$2 rows, $1, in $seconds s: at most $((anonymous_kib / 1024)) MiB of anonymous memory; the bound is $((bound_kib / 1024))"
    if [ "$anonymous_kib" -eq 0 ] || [ "$anonymous_kib" -gt "$bound_kib" ]; then
        echo 'that is not within the bound'
        exit 1
    fi
}
take 'all good' "$rows" 0
good_kib=$anonymous_kib
take 'half of them refused' "$rows" 500000
if [ "$anonymous_kib" -gt $((good_kib + 32 * 1024)) ]; then
    echo 'refused rows take more memory than good ones'
    exit 1
fi

# 8 GiB of address space: the index reserves less, and everything else works.
head -n 20000 "$scratch/rows.csv" >"$scratch/some.csv"
(
    ulimit -v $((8 * 1024 * 1024))
    credit init --store "$scratch/narrow" >/dev/null
    credit --store "$scratch/narrow" import "$scratch/some.csv" --rejects "$scratch/rejects.csv" ||
        [ $? -eq 1 ] # the cut may have left half a record
    credit --store "$scratch/narrow" fsck
)
