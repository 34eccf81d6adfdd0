#!/usr/bin/env bash
# The files of csv-spectrum, a set of awkward CSV files with what they mean as JSON:
# each is read as RFC 4180 says, or the row that breaks it is refused by name.
#
#   spectrum_test.sh CSV_ROWS DIRECTORY    the program csv_rows, the unpacked package
set -euo pipefail
csv_rows=$1
directory=$2
scratch=$(mktemp -d "${TMPDIR:-/tmp}/credit-spectrum.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
# A quote inside a cell that does not start with one: RFC 4180, section 2, rule 5.
broken=' location_coordinates '
read_count=0 refused_count=0 failed=0

for file in "$directory"/csvs/*.csv; do
    name=$(basename "$file" .csv)
    "$csv_rows" "$file" >"$scratch/rows"
    if [[ $broken == *" $name "* ]]; then
        jq -es 'map(select(.line > 1)) | length > 0 and all(.rule == "CSV")' "$scratch/rows" >"$scratch/said" ||
            { echo "$name: a broken row was read: $(cat "$scratch/rows")"; failed=1; }
        refused_count=$((refused_count + 1))
        continue
    fi
    jq -s '.[0].cells as $names | [.[1:][] | [$names, .cells] | transpose | map({(.[0]): .[1]}) | add]' \
        "$scratch/rows" >"$scratch/read"
    jq -e -n --slurpfile read "$scratch/read" --slurpfile meant "$directory/json/$name.json" '$read == $meant' \
        >"$scratch/said" || { echo "$name is not read as it is meant:"; jq -c . "$scratch/read"; failed=1; }
    read_count=$((read_count + 1))
done
echo "$read_count files read as they are meant, $refused_count refused by name"
[ "$failed" -eq 0 ] && [ "$read_count" -ge 11 ]
