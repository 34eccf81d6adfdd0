#!/usr/bin/env bash
# Several programs at one store: imports queue and all of them end; who only reads
# waits for none of them, and sees a batch whole or not at all.
#
#   concurrent_test.sh BINARY BENCH    build directory, directory of the workload
set -euo pipefail
scratch=$(mktemp -d "${TMPDIR:-/tmp}/credit-concurrent.XXXXXX")
store=$scratch/store
rows=40000
running=()
leave() {
    local pid
    for pid in "${running[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
    wait
    rm -rf "$scratch"
}
trap leave EXIT
PATH=$1/bin:$PATH
workload=$2/workload
unset CREDIT_STORE CREDIT_TRUST CREDIT_PACK
export LANG=C.UTF-8

die() { echo "$*"; exit 1; }
is_running() { kill -0 "$1" 2>/dev/null; }
# begin NAME FILE: an import in the background, its number in $begun.
begin() {
    credit --store "$store" import --json "$2" >"$scratch/$1.json" 2>"$scratch/$1.err" &
    begun=$!
    running+=("$begun")
}
ended_well() { wait "$2" || die "the import of $1 ended with $?: $(cat "$scratch/$1.err")"; }
said() { jq -r "$2" "$scratch/$1.json"; }
# A reader has ten seconds; an import that is stopped would take for ever.
read_store() { timeout 10 credit --store "$store" "$@"; }

"$workload" $((2 * rows)) 1 0 1 "$rows" >"$scratch/one.csv"
"$workload" $((2 * rows)) 1 0 $((rows + 1)) 2000 >"$scratch/two.csv"
head -n 100 "$scratch/one.csv" >"$scratch/before.csv"
cp "$scratch/one.csv" "$scratch/same.csv"
code=$(sed -n 2p "$scratch/one.csv" | cut -d, -f3)

# Stopped in the middle: it has the store's lock, and has begun to write.
for try in 1 2 3 4 5; do
    rm -rf "$store" "$store.keys"
    credit init --store "$store" >/dev/null
    credit --store "$store" import --rejects "$scratch/rejects.csv" "$scratch/before.csv" >"$scratch/said" || [ $? -eq 1 ]
    written=$(du -sb "$store/segments" | cut -f1)
    begin one "$scratch/one.csv"
    one=$begun
    while is_running "$one" && [ "$(du -sb "$store/segments" | cut -f1)" -eq "$written" ]; do sleep 0.005; done
    kill -STOP "$one" 2>/dev/null || true
    sleep 0.1
    [ ! -s "$scratch/one.json" ] && is_running "$one" && break
    kill -CONT "$one" 2>/dev/null || true
    ended_well one "$one"
    [ "$try" -lt 5 ] || die 'the import is too quick to be stopped'
done

batches() { read_store batch list --json | wc -l; }
held=$(batches) || die 'batch list waits for an import'
[ "$held" -eq 1 ] || die "$held batches while the second is on its way"
read_store show "$code" --json --as-of 2026-11-30 >"$scratch/show" || die 'show waits for an import'
read_store check "$code" --for 建筑业企业资质延续 --as-of 2026-11-30 >"$scratch/said" || [ $? -eq 1 ] ||
    die 'check waits for an import'
begin two "$scratch/two.csv"
two=$begun
begin same "$scratch/same.csv"
same=$begun
sleep 0.5
{ is_running "$two" && is_running "$same"; } || die 'an import did not wait for the one before it'
read_store show "$code" --json --as-of 2026-11-30 | cmp -s - "$scratch/show" || die 'a part of a batch can be seen'

kill -CONT "$one"
answers=0
while is_running "$one" || is_running "$two" || is_running "$same"; do
    read_store show "$code" --json >"$scratch/said" || die 'show waits for an import'
    answers=$((answers + 1))
done
ended_well one "$one"
ended_well two "$two"
ended_well same "$same"
[ "$(said one '.added + .unchanged')" -eq "$rows" ] || die "not every row is in: $(cat "$scratch/one.json")"
[ "$(said two .added)" -eq 2000 ] || die "not every row is in: $(cat "$scratch/two.json")"
[ "$(said same '[.known, .batch, .unchanged] | @csv')" = "true,,$rows" ] ||
    die "the same file under another name: $(cat "$scratch/same.json")"
[ "$(said one .batch) $(said two .batch)" = '2 3' ] || die 'two imports share a batch'
[ "$(batches)" -eq 3 ] || die "$(batches) batches"
credit --store "$store" fsck >"$scratch/said" || die "$(cat "$scratch/said")"
echo "three imports queued and ended; $answers answers while they ran, and all while one was stopped"
