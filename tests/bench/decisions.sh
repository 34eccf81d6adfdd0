#!/usr/bin/env bash
# What is measured of decisions: the parts rules, sql, threads and equal of `run`, which
# reads this file and has the variables and the functions that are not here.
# shellcheck disable=SC2154 # they come from there

# ---- Rules alone ---------------------------------------------------------------------------------

# answered ROUND NAME FILE: every contestant gives the answers of the first.
answered() {
    [ -e "$work/answers.first" ] || cp "$3" "$work/answers.first"
    cmp -s "$work/answers.first" "$3" || die "$2 answers otherwise"
}

# ask ROUND NAME COMMAND…: it prints ways, decisions, seconds; NAME is put before the way.
ask() {
    local round=$1 name=$2 way made seconds _
    shift 2
    "$@" >"$work/said" || die "${1##*/} failed"
    while read -r way made seconds _; do
        note "$round" "$name$way" decisions_per_second "$(rate "$made" "$seconds")"
        say "round $round  $name$way  $(rate "$made" "$seconds") decisions/s"
    done <"$work/said"
}

# One table of so many rows, asked for its first row and its last.
ask_large() { # ROUND ROWS
    local which answers=$work/answers
    "$tools/rules_bench" table "$2" >"$work/large.tsv"
    "$tools/rules_bench" probes "$2" >"$work/probes.tsv"
    for which in first last; do
        sed -n "1p;$([ "$which" = first ] && echo 2 || echo 3)p" "$work/probes.tsv" >"$work/probe.tsv"
        rm -f "$work/answers.first"
        ask "$1" "$2-$which-" "$tools/rules_bench" run "$work/large.tsv" "$work/probe.tsv" "$answers" "$rule_seconds"
        answered "$1" credit "$answers"
        ask "$1" "$2-$which-" node "$here/rules.mjs" zen "$engines" "$work/large.tsv" "$work/probe.tsv" "$answers" "$rule_seconds"
        answered "$1" zen-engine "$answers"
    done
}

measure_rules() {
    local round answers=$work/answers facts=$work/facts.tsv table=$here/rules.tsv
    "$tools/rules_bench" facts 16384 >"$facts"
    for ((round = 1; round <= rounds; round++)); do
        rm -f "$work/answers.first"
        ask "$round" '' "$tools/rules_bench" run "$table" "$facts" "$answers" "$rule_seconds"
        answered "$round" credit "$answers"
        ask "$round" '' "$tools/clips_bench" "$table" "$facts" "$answers" "$rule_seconds"
        answered "$round" CLIPS "$answers"
        ask "$round" '' node "$here/rules.mjs" zen "$engines" "$table" "$facts" "$answers" "$rule_seconds"
        answered "$round" zen-engine "$answers"
        ask "$round" '' node "$here/rules.mjs" json-rules-engine "$engines" "$table" "$facts" "$answers" "$rule_seconds"
        answered "$round" json-rules-engine "$answers"
        ask_large "$round" 30
        ask_large "$round" 3000
    done
    rm -f "$work"/answers* "$work"/prob*.tsv "$work/large.tsv" "$facts"
}

# ---- One decision: the library and SQL -------------------------------------------------------------

# A store with the workload, and the subjects in it.
fill_store() {
    workload "$rows"
    clear_stores
    credit init --store "$work/store" >/dev/null
    credit --store "$work/store" import "$csv" >/dev/null
    tail -n +2 "$csv" | grep -oE '91[0-9]{6}MA[0-9A-Z]{8}' | sort -u >"$work/subjects.txt"
}

without_comments() { sed '/^--/d' "$1"; }
sql_columns='code text, document text, decided integer, until integer, kind text, fine double precision, sector text, domain boolean, violation text'
# The records as the decision looks at them, in the order in which it reads them.
load_sqlite() {
    rm -f "$work/peer.sqlite"
    {
        echo 'pragma page_size=8192; pragma journal_mode=off; pragma synchronous=off;'
        echo ".import --csv '$csv' raw"
        echo "create table pen($sql_columns, primary key (code, decided, document)) without rowid;"
        echo 'insert into pen'
        without_comments "$here/records.sql"
        echo 'order by code, decided, document;'
        echo 'drop table raw; vacuum; analyze;'
    } >"$work/load.sqlite"
    sqlite3 "$work/peer.sqlite" <"$work/load.sqlite" >/dev/null
}
load_postgresql() {
    {
        echo "create table raw($(head -n 1 "$csv" | tr '[:upper:]' '[:lower:]' | sed 's/,/ text,/g') text);"
        echo "copy raw from '$csv' with (format csv, header true);"
        echo "create table pen($sql_columns);"
        echo 'insert into pen'
        without_comments "$here/records.sql"
        echo 'order by code, decided, document;'
        echo 'create index on pen(code, decided) include (until, violation, sector, domain, kind, fine);'
        echo 'drop table raw; vacuum (analyze, freeze) pen;'
    } >"$work/load.pgsql"
    chmod 644 "$work/load.pgsql"
    psql_quiet -f "$work/load.pgsql" || die 'PostgreSQL could not load the records'
}

measure_sql() {
    local round way p50 p99 mean user=postgres
    [ "$(id -u)" -eq 0 ] || user=$(id -un)
    fill_store
    load_sqlite
    start_postgresql
    load_postgresql
    without_comments "$here/decide.sql" >"$work/decide.sql"
    "$tools/sql_bench" "$work/store" "$matter" "$as_of" "$work/subjects.txt" "$work/decide.sql" \
        "$work/peer.sqlite" "host=$pg dbname=postgres user=$user" "$rounds" $((samples / 20)) >"$work/said" ||
        die 'the decisions differ, or one failed'
    while read -r round way p50 p99 mean; do
        note "$round" "$way" p50_ns "$p50"
        note "$round" "$way" p99_ns "$p99"
        note "$round" "$way" mean_ns "$mean"
        say "round $round  $way  p50 $p50 ns  p99 $p99 ns  mean $mean ns"
    done <"$work/said"
    stop_postgresql
    clear_stores
}

measure_threads() {
    local round one two
    fill_store
    "$tools/threads_bench" "$work/store" "$matter" "$as_of" "$work/subjects.txt" "$rounds" "$thread_seconds" >"$work/said"
    while read -r round one two; do
        note "$round" one-thread checks_per_second "$one"
        note "$round" two-threads checks_per_second "$two"
        say "round $round  $one checks/s by one thread, $two by two"
    done <"$work/said"
    clear_stores
}

# ---- Answers of others -----------------------------------------------------------------------------

measure_equal() {
    local peer status=0
    for peer in feelin zen; do
        say "comparing $compared answers with $peer"
        node "$source/tests/peers/equal.mjs" "$peer" "$engines" "$build/tests/peers/feel_answers" "$compared" \
            >"$work/equal-$peer.txt" || status=1
        tail -n 1 "$work/equal-$peer.txt" >&2
    done
    [ "$status" -eq 0 ] || die "answers differ that no class explains: see $work/equal-*.txt"
}

# ---- The tables ----------------------------------------------------------------------------------

rule_line() { # NAME WAY
    printf '| %s | %s | %s |\n' "$1" "$(spread "$2" decisions_per_second thousands)" \
        "$([ "$2" = value ] || times "$(ratio_of value decisions_per_second "$2" decisions_per_second)")"
}
# The time of a decision, in µs, and by how much the first way is faster.
large_line() { # ROWS ROW
    printf '| %s rows, the %s one | %s | %s | %s |\n' "$1" "$2" "$(decision_time "$1-$2-value")" \
        "$(decision_time "$1-$2-zen")" "$(ratio_of "$1-$2-value" decisions_per_second "$1-$2-zen" decisions_per_second | awk '{printf "1/%.0f", $1}')"
}
decision_time() { microseconds "$(awk -v n="$(median_of "$1" decisions_per_second)" 'BEGIN {print 1e9 / n}')"; }

print_rules() {
    cat <<TABLE

| rules alone: 13 rows, first hit, 11 facts; the same answers | decisions/s | credit is |
|---|---|---|
TABLE
    rule_line 'credit, the value' value
    rule_line 'credit, with the row that gave it' reasons
    rule_line "CLIPS $(dpkg-query -W -f='${Version}' libclips-dev), in C" clips
    rule_line "zen-engine $zen_version" zen
    rule_line "json-rules-engine $json_rules_version" json-rules-engine
    cat <<TABLE

| one table of 6 columns, first hit | credit | zen-engine | credit takes |
|---|---|---|---|
TABLE
    large_line 30 first
    large_line 30 last
    large_line 3000 first
    large_line 3000 last
    printf '\n3,000 rows take %s as long as 30 (the last row of each), the last of 3,000 %s as long as the first. credit: the facts are set all at once. CLIPS: facts are asserted and taken back, one rule a row, no duplicate check. zen-engine: the better of one decision at a time and 256 on their way.\n' \
        "$(times "$(ratio_of 30-last-value decisions_per_second 3000-last-value decisions_per_second)")" \
        "$(times "$(ratio_of 3000-first-value decisions_per_second 3000-last-value decisions_per_second)")"
}

print_sql() {
    local way name
    cat <<TABLE

| the same decision with the rules that spoke, one subject of $(thousands "$rows") records, warm | p50 | p99 | mean | credit is (p50) | (mean) |
|---|---|---|---|---|---|
TABLE
    for way in credit sqlite postgresql; do
        case $way in
        credit) name='credit_check: reasons, evidence, the days on which they clear' ;;
        sqlite) name="SQLite $(sqlite3 --version | cut -d' ' -f1), prepared" ;;
        postgresql) name="PostgreSQL $("$pg_bin/postgres" --version | awk '{print $3}'), prepared, Unix socket" ;;
        esac
        printf '| %s | %s | %s | %s |' "$name" "$(microseconds "$(median_of $way p50_ns)")" \
            "$(microseconds "$(median_of $way p99_ns)")" "$(microseconds "$(median_of $way mean_ns)")"
        [ "$way" = credit ] || printf ' %s | %s |' "$(times "$(ratio_of $way p50_ns credit p50_ns)")" "$(times "$(ratio_of $way mean_ns credit mean_ns)")"
        [ "$way" != credit ] || printf ' | |'
        echo
    done
    # shellcheck disable=SC2016 # those are no expansions
    printf '\nAll %s subjects were decided alike by the three before anything was timed. SQLite: one table clustered by (unified code, day), mmap_size=30000000000 cache_size=-1000000 temp_store=memory locking_mode=exclusive. PostgreSQL: a covering index by (unified code, day), frozen, plan_cache_mode=force_generic_plan %s. The query is `tests/bench/decide.sql`.\n' $((samples / 20)) "$pg_settings"
}

print_threads() {
    cat <<TABLE

| credit_check, a view for each thread | checks/s | |
|---|---|---|
| one thread | $(spread one-thread checks_per_second thousands) | |
| two threads together | $(spread two-threads checks_per_second thousands) | $(times "$(ratio_of two-threads checks_per_second one-thread checks_per_second)") |
TABLE
}

print_equal() {
    local peer name
    cat <<TABLE

| the same answers | compared | differ | of known classes |
|---|---|---|---|
TABLE
    for peer in feelin zen; do
        case $peer in
        feelin) name="feelin $feelin_version: random unary tests" ;;
        zen) name="zen-engine $zen_version: random first-hit tables" ;;
        esac
        tail -n 1 "$work/equal-$peer.txt" | sed -E "s/^[a-z]+ ([0-9]+) compared.* ([0-9]+) differ, ([0-9]+) of known.*/| $name | \1 | \2 | \3 |/"
    done
    # shellcheck disable=SC2016
    printf '\nThe classes, each with the clause of DMN 1.5 that decides, are `tests/peers/differences.tsv`.\n'
}
