#!/bin/sh
# proof_test.sh PROOFCHECK VECTORS: every vector gets the verdict that
# expected.tsv gives it, in the exit status and in the line printed.
set -u
proofcheck=$1 vectors=$2
wrong=0 count=0
tab=$(printf '\t')
while IFS=$tab read -r file key expected; do
    printed=$("$proofcheck" "$vectors/$key" "$vectors/$file" 2>/dev/null)
    status=$?
    count=$((count + 1))
    case $expected in refused*) wanted=1 printed=${printed%%:*} ;; *) wanted=0 ;; esac
    if [ "$printed" != "$expected" ] || [ "$status" -ne "$wanted" ]; then
        echo "$file: expected '$expected', got '$printed' (exit $status)"
        wrong=$((wrong + 1))
    fi
done <"$vectors/expected.tsv"
echo "$count proofs, $wrong wrong"
[ "$wrong" -eq 0 ] && [ "$count" -gt 0 ]
