#!/usr/bin/env bash
# Program, manual page and completion name the same verbs and options.
#
#   manual_test.sh INSTALLED SOURCE
set -euo pipefail
installed=$1
source=$2
credit=$installed/bin/credit
page=$source/api/cli/credit.1.scd
faults=0
fault() {
    printf '%s\n' "$*"
    faults=$((faults + 1))
}

verbs=$("$credit" help | awk '/^  / && on {print substr($0, 3, 24)} /^usage:/ {on=1} /^with every/ {exit}' |
    sed -E 's/ +$//')
[ -n "$verbs" ] || fault 'the program lists no verbs'

# What completion offers after the given words.
offered() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _credit
    printf '%s\n' "${COMPREPLY[@]}"
}
# shellcheck disable=SC1091 # ours, found through an argument
. "$source/api/cli/credit.bash"
declare -a COMPREPLY=()

# The paragraph of the manual that describes a verb: from its line to the next blank one.
paragraph() { awk -v start="*credit $1*" 'index($0, start) == 1 {on=1} on && NF==0 {exit} on' "$page"; }

while read -r verb; do
    text=$(paragraph "$verb")
    [ -n "$text" ] || fault "the manual has no paragraph for: $verb"
    read -r -a words <<<"$verb"
    grep -qxF -- "${words[-1]}" <<<"$(offered credit "${words[@]}")" ||
        fault "completion does not offer: $verb"
    while read -r option; do
        [[ $text == *"*$option*"* ]] || fault "the manual does not name $option of: $verb"
        grep -qxF -- "$option" <<<"$(offered credit "${words[@]}" --)" ||
            fault "completion does not offer $option of: $verb"
    done < <("$credit" "${words[@]}" --help | grep -oE '^  --[a-z-]+' | tr -d ' ')
done <<<"$verbs"

# And nothing is described that the program does not have.
while read -r verb; do
    grep -qxF -- "$verb" <<<"$verbs" || fault "the manual describes a verb the program lacks: $verb"
done < <(awk '/^# VERBS/ {on=1; next} /^# / {on=0} on' "$page" | grep -oE '^\*credit [a-z ]+\*' |
    sed -E 's/^\*credit ([a-z ]+)\*/\1/')

# The commands for verifying by hand are those that a test runs. (In the page's
# source a backslash is written twice.)
plain=$(sed 's/\\\\/\\/g' "$page")
for script in "$source"/tests/cases/by_hand/*.sh; do
    while IFS= read -r line; do
        [ -z "$line" ] || grep -qxF -- "$line" <<<"$plain" ||
            fault "the manual does not have this line of ${script##*/}: $line"
    done < <(awk 'on; NF==0 {on=1}' "$script")
done

gzip -t "$installed"/share/man/man1/credit.1* 2>/dev/null || [ -s "$installed/share/man/man1/credit.1" ] ||
    fault 'the manual page is not installed'
[ -s "$installed/share/bash-completion/completions/credit" ] || fault 'the completion is not installed'
[ "$faults" -eq 0 ] || exit 1
echo "$(wc -l <<<"$verbs") verbs, each in the manual and in the completion"
