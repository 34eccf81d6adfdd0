#!/usr/bin/env bash
# The walls between the folders: api → {loaders, keys} → engine, and no other way.
#
#   layers_test.sh SOURCE BINARY
#
# Looks at the includes of the source and at the symbols of the objects, then
# plants one breach of each rule in a copy and demands that it is found: a check
# that cannot fail is no check.
#
# Inside engine/ a file includes only modules that stand before its own in the
# ranked list of engine/README.md (after the line "ranks:"). Names joined by a
# comma are one module. NAME owns NAME.c, NAME.h, NAME_*.[ch] and the folder NAME/.
set -euo pipefail
source=$1
binary=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What a folder may include from ours, as an extended regular expression.
declare -A reach=(
    [engine]='^engine/'
    [loaders]='^(engine|loaders)/'
    [keys]='^(keys/|engine/(types|error|arena|crypto|text|canon|date)\.h$)'
    [api]='^(engine|loaders|keys|api)/'
    [api/cli]='^api/cli/'
)
# loaders/ knows the model, never where it is kept or how it is judged.
loaders_not='^engine/(store|judge|ledger|extract)'

# A third-party header and the files that may include it.
homes=(
    '^lmdb\.h$            ^engine/store'
    '^openssl/            ^keys/'
    '^csv\.h$             ^loaders/'
    '^expat\.h$           ^loaders/'
    '^iconv\.h$           ^loaders/'
    '^zlib\.h$            ^loaders/'
    '^jansson\.h$         ^(loaders|api)/'
    '^qrencode\.h$        ^api/[^/]*$'
    '^bid_(functions|conf)\.h$   ^engine/feel'
)

fault() { printf '%s\n' "$*"; }

# Lines "FILE INCLUDED" of every source file of ours under $1.
includes() {
    (cd "$1" && find engine loaders keys api -name '*.[ch]' -print0 2>/dev/null |
        xargs -0 grep -HoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"][^>"]+[>"]') |
        sed -E 's/^([^:]+):[^<"]*[<"]([^>"]+)[>"]$/\1 \2/'
}

check_folders() {
    local file included folder
    while read -r file included; do
        folder=${file%%/*}
        [[ $file != api/cli/* ]] || folder=api/cli
        case $included in
        credit/*)
            case "$folder $included" in
            "api "* | "api/cli credit/credit.h" | "api/cli credit/types.h") ;;
            *) fault "$file: includes <$included>, the public face, from below" ;;
            esac
            ;;
        engine/* | loaders/* | keys/* | api/* | tests/*)
            [[ $included =~ ${reach[$folder]} ]] ||
                fault "$file: includes $included, which $folder/ may not know"
            [[ $folder != loaders ]] || [[ ! $included =~ $loaders_not ]] ||
                fault "$file: includes $included, which loaders/ may not know"
            ;;
        esac
    done < <(includes "$1")
}

check_third_party() {
    local file included rule header home
    while read -r file included; do
        for rule in "${homes[@]}"; do
            read -r header home <<<"$rule"
            if [[ $included =~ $header ]] && [[ ! $file =~ $home ]]; then
                fault "$file: includes <$included> away from its home"
            fi
        done
    done < <(includes "$1")
}

# The modules of engine/, lowest first: the first word of each indented line.
ranks() {
    awk '/^ranks:/ {on=1; next} on && /^    / {print $1; seen=1; next} seen {exit}' \
        "$1/engine/README.md"
}

# rank_of FILE-BELOW-ENGINE: sets `rank` to the place of its module, the longest
# name that fits; 0 if there is none.
rank_of() {
    local stem=${1%.[ch]} names name best=0 best_length=0 i=0
    stem=${stem%%/*}
    for names in $ranked; do
        i=$((i + 1))
        for name in ${names//,/ }; do
            [[ $stem == "$name" || $stem == "$name"_* ]] || continue
            [ ${#name} -gt "$best_length" ] || continue
            best=$i
            best_length=${#name}
        done
    done
    rank=$best
}

check_ranks() {
    local file included own other ranked rank
    ranked=$(ranks "$1")
    [ -n "$ranked" ] || fault "engine/README.md: no ranked list"
    while read -r file included; do
        [[ $file == engine/* && $included == engine/* ]] || continue
        rank_of "${file#engine/}"
        own=$rank
        rank_of "${included#engine/}"
        other=$rank
        if [ "$own" -eq 0 ]; then
            fault "$file: has no rank in engine/README.md"
        elif [ "$other" -eq 0 ]; then
            fault "$file: includes $included, which has no rank in engine/README.md"
        elif [ "$other" -gt "$own" ]; then
            fault "$file: includes $included, which ranks above it"
        fi
    done < <(includes "$1")
}

check_includes() {
    check_folders "$1"
    check_third_party "$1"
    check_ranks "$1"
}

# Symbols defined or wanted by the objects of one folder.
objects() { [ ! -d "$1/$2" ] || find "$1/$2" -path '*/CMakeFiles/*' -name '*.o' ! -path '*/cli/*' -print; }
defined() { objects "$1" "$2" | xargs -r nm --defined-only -g 2>/dev/null | awk 'NF==3 {print $3}' | sort -u; }
wanted() { objects "$1" "$2" | xargs -r nm --undefined-only -g 2>/dev/null | awk '$1=="U" {print $2}' | sort -u; }

# check_objects BINARY: nothing wants a symbol of a folder above or beside it.
check_objects() {
    local folder above symbol
    for folder in engine loaders keys api; do
        wanted "$1" "$folder" >"$scratch/wanted.$folder"
        defined "$1" "$folder" >"$scratch/defined.$folder"
        [ -s "$scratch/defined.$folder" ] || [ "$folder" != engine ] ||
            fault "$1: no objects of engine/ to look at"
    done
    for folder in engine loaders keys; do
        for above in api loaders keys; do
            [ "$folder" != "$above" ] || continue
            while read -r symbol; do
                fault "$folder/: wants $symbol, which is in $above/"
            done < <(comm -12 "$scratch/wanted.$folder" "$scratch/defined.$above")
        done
    done
}

# The command line sees the public header alone: credit_* and system symbols.
check_command_line() {
    local cli=$1/api/cli symbol
    [ -d "$cli" ] || return 0
    while read -r symbol; do
        fault "api/cli/: wants $symbol, which is not public"
    done < <(find "$cli" -path '*/CMakeFiles/*' -name '*.o' -print0 |
        xargs -0 -r nm --undefined-only -g | awk '$1=="U" {print $2}' | sort -u |
        grep '^cr_' | comm -23 - <(find "$cli" -path '*/CMakeFiles/*' -name '*.o' -print0 |
            xargs -0 -r nm --defined-only -g | awk 'NF==3 {print $3}' | sort -u))
}

# planted WHAT FILE LINE PATTERN: puts LINE at the head of FILE in a fresh copy
# of the source and demands a fault that matches PATTERN.
planted() {
    local what=$1 file=$2 line=$3 pattern=$4 tree=$scratch/tree
    rm -rf "$tree"
    mkdir "$tree"
    cp -r "$source/engine" "$source/loaders" "$source/keys" "$source/api" "$tree/"
    mkdir -p "$(dirname "$tree/$file")"
    [ -f "$tree/$file" ] || : >"$tree/$file"
    sed -i "1i $line" "$tree/$file" 2>/dev/null
    [ -s "$tree/$file" ] || printf '%s\n' "$line" >"$tree/$file"
    check_includes "$tree" >"$scratch/found"
    grep -qE "$pattern" "$scratch/found" || fault "a planted breach was not found: $what"
}

# planted_symbol FOLDER ABOVE: an object in FOLDER that calls one in ABOVE.
planted_symbol() {
    local folder=$1 above=$2 objects=$scratch/objects
    rm -rf "$objects"
    mkdir -p "$objects/$folder/CMakeFiles/x" "$objects/$above/CMakeFiles/x" \
        "$objects/engine/CMakeFiles/x"
    printf 'int cr_low(void); int cr_low(void) { return 1; }\n' |
        "${CC:-cc}" -x c -c -o "$objects/engine/CMakeFiles/x/low.o" -
    printf 'int cr_planted(void); int cr_planted(void) { return 1; }\n' |
        "${CC:-cc}" -x c -c -o "$objects/$above/CMakeFiles/x/above.o" -
    printf 'int cr_planted(void); int cr_user(void); int cr_user(void) { return cr_planted(); }\n' |
        "${CC:-cc}" -x c -c -o "$objects/$folder/CMakeFiles/x/user.o" -
    check_objects "$objects" >"$scratch/found"
    grep -q "^$folder/: wants cr_planted" "$scratch/found" ||
        fault "a planted breach was not found: $folder/ calls $above/"
}

plant_all() {
    planted 'engine includes loaders' engine/error.c '#include "loaders/loader.h"' 'engine/error.c: .*may not know'
    planted 'engine includes api' engine/arena.c '#include "api/installed.h"' 'engine/arena.c: .*may not know'
    planted 'engine includes the public header' engine/arena.c '#include <credit/credit.h>' 'engine/arena.c: .*public face'
    planted 'loaders include keys' loaders/planted.c '#include "keys/planted.h"' 'loaders/planted.c: .*may not know'
    planted 'loaders include the store' loaders/planted.c '#include "engine/store.h"' 'loaders/planted.c: .*may not know'
    planted 'keys include loaders' keys/planted.c '#include "loaders/loader.h"' 'keys/planted.c: .*may not know'
    planted 'keys include a record' keys/planted.c '#include "engine/record.h"' 'keys/planted.c: .*may not know'
    planted 'the command line includes engine' api/cli/planted.c '#include "engine/arena.h"' 'api/cli/planted.c: .*may not know'
    planted 'a lower file includes a higher one' engine/error.c '  #  include "engine/catalog.h"' 'engine/error.c: .*ranks above'
    planted 'a file without a rank' engine/zzz.c '#include "engine/types.h"' 'engine/zzz.c: has no rank'
    planted 'lmdb away from home' engine/arena.c '#include <lmdb.h>' 'engine/arena.c: .*its home'
    planted 'openssl away from home' api/planted.c '#include <openssl/evp.h>' 'api/planted.c: .*its home'
    planted 'jansson away from home' engine/arena.c '#include <jansson.h>' 'engine/arena.c: .*its home'
    planted 'expat away from home' api/planted.c '#include <expat.h>' 'api/planted.c: .*its home'
    planted 'qrencode away from home' api/cli/planted.c '#include <qrencode.h>' 'api/cli/planted.c: .*its home'
    planted 'decimals away from home' loaders/planted.c '#include <bid_functions.h>' 'loaders/planted.c: .*its home'
    planted_symbol engine keys
    planted_symbol engine api
    planted_symbol keys loaders
    planted_symbol loaders keys
}

faults=$({
    check_includes "$source"
    check_objects "$binary"
    check_command_line "$binary"
    plant_all
} | sort -u)
if [ -n "$faults" ]; then
    printf '%s\n' "$faults"
    exit 1
fi
echo "the walls stand, and every planted breach was found"
