#!/usr/bin/env bash
# The installed program as a user meets it: exit statuses, messages, bad input.
#
#   cli_test.sh INSTALLED SOURCE
#
# Each case runs in its own directory with a copy of one small store. A case is
# a function test_SENTENCE; all of them run, and each failure is printed.
set -uo pipefail
installed=$(cd "$1" && pwd)
source=$2
scratch=$(mktemp -d)
trap 'chmod -R u+rwX "$scratch"; rm -rf "$scratch"' EXIT
PATH=$installed/bin:$PATH
unset CREDIT_STORE CREDIT_TRUST CREDIT_PACK LC_ALL LC_MESSAGES
export LANG=C.UTF-8 NO_COLOR=1

good=91421000MA4870XXXX
export good

# ---- What a case says -------------------------------------------------------

complaints=0
complain() {
    printf '  %s\n' "$*"
    complaints=$((complaints + 1))
}

# status WANTED COMMAND…: runs the command into ./out and ./err.
status() {
    local wanted=$1 got=0
    shift
    "$@" >out 2>err </dev/null || got=$?
    [ "$got" -eq "$wanted" ] || complain "$*: exit $got, not $wanted: $(head -n 3 err | tr '\n' '|')"
}
# says PATTERN: the message of the last command; errors are one line, a hint a second.
says() {
    grep -qE -- "$1" err || complain "stderr does not say /$1/ but: $(head -n 3 err | tr '\n' '|')"
    [ "$(wc -l <err)" -le 2 ] || complain "more than one line and a hint: $(tr '\n' '|' <err)"
}
prints() { grep -qE -- "$1" out || complain "stdout does not have /$1/ but: $(head -n 5 out | tr '\n' '|')"; }
quiet() { [ ! -s err ] || complain "stderr is not empty: $(head -n 3 err)"; }
# value KEY: a number or text of the first JSON document of ./out.
value() { head -n 1 out | jq -r ".$1"; }
is() { [ "$2" = "$3" ] || complain "$1 is '$2', not '$3'"; }

# What the store holds, without what changes by being asked.
content() { credit batch list --json 2>&1; credit stats --json 2>&1 | jq -S 'del(.bytes, .last_commit)'; }
# unharmed: the store is as it was when the case began, and sound.
unharmed() {
    is 'the content of the store' "$(content)" "$(cat before)"
    status 0 credit fsck
}

# ---- Fixtures ------------------------------------------------------------------

# A file of the demo other than the register.
other_file() {
    local file
    for file in *.csv; do
        case $file in register.csv | *.rejects.csv) ;; *)
            echo "$file"
            return
            ;;
        esac
    done
}

given_template() {
    mkdir "$scratch/template"
    cd "$scratch/template" || exit 1
    cp "$source"/tests/demo/*.csv . || exit 1
    credit init >/dev/null || exit 1
    credit import register.csv >/dev/null 2>&1
    content >before
    good=$(grep -oE '9142[0-9A-HJ-NPQRTUWXY]{14}' register.csv | while read -r code; do
        if credit show "$code" >/dev/null 2>&1; then
            echo "$code"
            break
        fi
    done)
    [ -n "$good" ] || { echo 'no subject of the register could be shown'; exit 1; }
}

# ---- Usage -------------------------------------------------------------------------

test_without_a_verb_help_goes_to_stderr_and_the_status_is_2() {
    status 2 credit
    grep -q '^usage: credit' err || complain 'no usage on stderr'
    [ ! -s out ] || complain 'something on stdout'
}
test_help_is_an_answer() {
    status 0 credit help; prints '^usage: credit'; quiet
    status 0 credit --help; prints '^usage: credit'; quiet
    status 0 credit help check; prints '--for MATTER'; quiet
    status 0 credit check --help; prints '--for MATTER'; quiet
    status 0 credit --version; prints '^credit [0-9]+\.[0-9]+\.[0-9]+$'
}
test_a_mistyped_verb_gets_a_hint() {
    status 2 credit chekc; says 'no such verb: chekc'; says 'did you mean .credit check'
    status 2 credit zzzzzz; says 'no such verb: zzzzzz'
    status 2 credit key; says 'key needs one of: list, new'
    status 2 credit key lsit; says 'no such verb: key lsit'
}
test_wrong_options_and_operands_are_usage() {
    status 2 credit show --bogus x; says 'no such option: --bogus'
    status 2 credit show; says 'show takes SUBJECT'
    status 2 credit show a b; says 'show takes SUBJECT'
    status 2 credit stats extra; says 'stats takes no operands'
    status 2 credit show "$good" --as-of; says '--as-of needs DATE'
    status 2 credit show "$good" --as-of 2024-02-30; says '2024-02-30 is no date'
    status 2 credit show "$good" --known-at yesterday; says 'yesterday is no instant'
    status 2 credit import --dry-run=yes register.csv; says '--dry-run takes no value'
    status 2 credit extract "$good"; says 'extract needs -o FILE'
    status 2 credit init --suite rot13 --store other; says 'rot13'
    [ ! -e other ] || complain 'a refused init left a directory'
}
test_a_number_that_is_none_is_usage() {
    status 2 credit check 914210001234567890; says '.'
    status 2 credit tier xyz; says '.'
}
test_options_may_stand_before_behind_and_after_the_verb() {
    status 0 credit --json stats; jq -e . out >/dev/null || complain 'no JSON'
    status 0 credit stats --json --store=credit-store; jq -e . out >/dev/null || complain 'no JSON'
    status 2 credit show -- --json; says '.'
}

# ---- Answers ---------------------------------------------------------------------------

test_the_store_is_found_by_option_environment_and_place() {
    status 0 credit stats
    mv credit-store elsewhere; mv credit-store.keys elsewhere.keys
    status 3 credit stats; says 'credit-store'; says 'credit init'
    status 0 credit --store elsewhere stats
    CREDIT_STORE=elsewhere status 0 credit stats
    mv elsewhere credit-store; mv elsewhere.keys credit-store.keys
}
test_labels_are_chinese_in_a_chinese_locale() {
    status 0 env LC_ALL=zh_CN.UTF-8 credit check "$good" --json
    status 0 env LC_ALL=zh_CN.UTF-8 credit tier "$good"; prints '^等级'
    status 0 env LC_ALL=C credit tier "$good"; prints '^tier'
}
test_nothing_is_coloured_or_drawn_without_a_terminal() {
    status 0 env -u NO_COLOR TERM=xterm credit tier "$good"
    ! grep -q $'\033' out err || complain 'an escape sequence'
}
test_identifiers_are_judged_line_by_line() {
    printf '%s\r\n%s\n\nnonsense' "$good" "${good%?}*" >numbers
    credit id - <numbers >out 2>err; is status $? 1
    is lines "$(wc -l <out)" 4
    is 'the first line' "$(sed -n 1p out | cut -f1-3)" "$good	uscc	valid"
    is 'the last kind' "$(sed -n 4p out | cut -f2,3)" 'unknown	invalid'
    status 0 credit id "$good" --json; is valid "$(value valid)" true
    status 1 credit id $'\xff\xfe' --json; jq -e . out >/dev/null || complain 'no JSON for bytes that are no text'
}
test_dates_are_added_as_the_rules_do() {
    status 0 credit date add 2026-01-31 P1M; prints '^2026-02-28$'
    status 0 credit date add 2025-09-30 1wd --json; is date "$(value date)" 2025-10-09
    status 2 credit date add 2026-13-01 P1M; says 'no date'
    status 3 credit date add 2026-01-01 soon; says 'soon'
}
test_catalogs_are_explained() {
    status 0 credit catalog list --json; jq -es 'map(.name) | index("xzcf")' out >/dev/null || complain 'no xzcf'
    status 0 credit catalog show xzcf; prints 'CF_WSH'
    status 3 credit catalog show nonsense; says 'nonsense'
}
test_an_unknown_subject_is_for_review_and_never_a_yes() {
    local unknown
    unknown=$(unknown_code)
    status 1 credit check "$unknown" --json
    is decision "$(value decision)" review
    status 1 credit show "$unknown"; says '.'
}
# A valid code that the register does not have: a check character is right for one of 31.
unknown_code() {
    local c
    for c in 0 1 2 3 4 5 6 7 8 9 A B C D E F G H J K L M N P Q R T U W X Y; do
        if credit id "91421099MA4AAAAA1$c" >/dev/null; then
            echo "91421099MA4AAAAA1$c"
            return
        fi
    done
}
test_a_refusal_says_what_would_turn_it() {
    local unknown
    unknown=$(unknown_code)
    status 1 credit check "$unknown" --json
    jq -e '.why_not[0] | .goal == "decision" and .now == "review" and .settled
        and (.against | length > 0) and (.against[0].inputs | length > 0)
        and (.sets[0] | length > 0) and has("turns_on")' out >/dev/null || complain 'no why_not'
    status 1 env LC_ALL=zh_CN.UTF-8 credit check "$unknown" --explain; prints '怎样可以改变'; prints '补登记信息'
    status 1 env LC_ALL=C credit check "$unknown"; ! grep -q 'what would turn' out || complain 'unasked for'
    status 0 credit tier "$unknown" --explain; prints 'a better tier'
    echo "$unknown" >subjects
    status 1 credit check --batch subjects --json; is 'why_not of a batch' "$(value why_not)" null
    status 1 credit check --batch subjects --json --explain; jq -e '.why_not | length > 0' out >/dev/null || complain 'no why_not'
}
test_a_batch_of_subjects_goes_on_after_a_bad_line() {
    printf '%s\nnonsense\n%s\n' "$good" "$good" >subjects
    status 1 credit check --batch subjects --json
    is 'answers' "$(wc -l <out)" 2
    grep -q 'line 2' err || complain 'the bad line is not named'
    status 3 credit check --batch nowhere; says 'nowhere'
}
test_the_same_question_has_the_same_answer() {
    credit check "$good" --as-of 2026-06-01 --json >first; credit check "$good" --as-of 2026-06-01 --json >second
    cmp -s first second || complain 'two answers differ'
}
test_evaluate_twice_changes_nothing() {
    status 0 credit evaluate --as-of 2030-01-01 --json
    status 0 credit evaluate --as-of 2030-01-01 --json
    [ ! -s out ] || complain "changes in the second run: $(head -n 2 out)"
}
test_rules_are_evaluated_from_a_file() {
    status 2 credit rules eval x.dmn; says '--decision'
    status 3 credit rules eval nowhere.dmn --decision d; says 'nowhere.dmn'
    printf '<not xml' >bad.dmn
    status 3 credit rules eval bad.dmn --decision d; says '^bad.dmn:1: '
}
test_a_pack_is_looked_at_for_faults() {
    local pack=$installed/share/credit/packs/jingzhou
    status 3 credit rules lint nowhere; says 'nowhere'
    status 0 credit rules lint "$pack" --json; [ ! -s out ] || complain "found: $(head -n 1 out)"
    cp -r "$pack" faulty && chmod -R u+w faulty
    sed -i '0,/<text>\"market\"<\/text>/s//<text>"markt"<\/text>/' faulty/rules/jingzhou.dmn
    status 1 credit rules lint faulty --json
    is kind "$(jq -r .kind out | sort -u | grep -x word)" word
    status 1 credit rules lint faulty; prints '^rules/jingzhou.dmn:[0-9]+: error word'
    printf '<definitions' >faulty/rules/jingzhou.dmn
    status 1 credit rules lint faulty --json; is kind "$(value kind)" unreadable
}
test_keys_are_listed_exported_and_made_new() {
    status 0 credit key list --json; local keys; keys=$(wc -l <out)
    status 0 credit key export; openssl x509 -in out -noout -subject >/dev/null 2>&1 || complain 'no certificate'
    ! grep -q PRIVATE out || complain 'a private key was exported'
    status 0 credit key rotate --json
    [ "$(wc -l <out)" -gt "$keys" ] || complain 'no new key'
    status 3 credit key revoke 0000 --reason superseded; says '0000'
}
test_keys_under_a_passphrase_are_used_renewed_and_revoked_with_it_alone() {
    local id
    printf 'secret words\n' >right; printf 'other words\n' >wrong
    status 0 credit init --store sealed --keys sealed.keys --passphrase-file right
    grep -q ENCRYPTED sealed.keys/signing-key.pem || complain 'the signing key is in clear'
    set -- --store sealed --keys sealed.keys
    id=$(credit key list "$@" --json | jq -r 'select(.role == "signing") | .id')
    for verb in rotate revoke; do
        local rest=()
        [ $verb = rotate ] || rest=("$id" --reason superseded)
        status 3 credit key $verb "${rest[@]}" "$@"; says '.'
        status 3 credit key $verb "${rest[@]}" "$@" --passphrase-file wrong; says '.'
        status 3 credit key $verb "${rest[@]}" "$@" --passphrase-file nowhere; says 'nowhere'
        ! grep -q 'words' out err || complain 'a passphrase was printed'
        status 0 credit key $verb "${rest[@]}" "$@" --passphrase-file right --json
    done
    is 'the status of the old key' "$(jq -r "select(.id == \"$id\") | .status" out)" revoked
    grep -q ENCRYPTED sealed.keys/signing-key.pem || complain 'the new key is in clear'
}

# ---- Import ------------------------------------------------------------------------------

test_the_same_file_again_changes_nothing() {
    local known
    known=$(other_file)
    credit import "$known" --json >first 2>/dev/null
    status 0 credit import "$known" --json
    is added "$(value added)" 0
    is updated "$(value updated)" 0
}
test_the_counts_add_up() {
    local file
    for file in *.csv; do
        case $file in *.rejects.csv) continue ;; esac
        credit import "$file" --json 2>/dev/null | head -n 1 >out
        [ -s out ] || continue
        is "rows of $file" "$(value rows)" \
            "$(jq -r '.added + .updated + .unchanged + .withdrawn + .parked + .rejected' out)"
    done
}
test_a_dry_run_changes_nothing() {
    local file
    file=$(other_file)
    credit import --dry-run "$file" >out 2>err
    unharmed
}
# One row of a made file, with one column set: made_row FILE NUMBER COLUMN TEXT
made_row() { awk -F, -v OFS=, -v n="$2" -v c="$3" -v t="$4" 'NR==1 || NR==n+1 {if (NR>1) $c=t; print}' "$1"; }
test_rows_that_wait_are_decided() {
    local who
    who=$(awk -F, 'NR==2 {print $3}' redlist.csv)
    cp -r "$source/packs/jingzhou" pack && chmod -R u+w pack
    jq '.catalogs += ["training"]' pack/pack.json >new && mv new pack/pack.json
    cat >pack/catalogs/training.json <<'EOF'
{"name": "training", "title": "信用培训记录", "fields": [
  {"name": "PX_MC", "title": "单位名称", "type": "string", "constraints": {"required": true, "maxLength": 200}, "credit": {"role": "subject_name"}},
  {"name": "PX_DM", "title": "统一社会信用代码", "type": "string", "constraints": {"maxLength": 18}, "credit": {"role": "subject_uscc"}},
  {"name": "PX_ZZ", "title": "组织机构代码", "type": "string", "constraints": {"maxLength": 9}, "credit": {"role": "subject_org_code"}},
  {"name": "PX_BH", "title": "培训证书编号", "type": "string", "constraints": {"required": true, "maxLength": 64}, "credit": {"role": "document_no"}}],
 "credit": {"kind": "record", "section": "其他信息", "scope": "public", "key": ["PX_BH"], "creates_subject": true}}
EOF
    printf '单位名称,统一社会信用代码,组织机构代码,培训证书编号\n甲公司,,730885306,培字1号\n丙公司,,730885306,培字2号\n' >training.csv
    status 0 credit init --store other --pack pack
    set -- --store other
    status 1 credit import "$@" training.csv --json; is parked "$(value parked)" 2
    status 0 credit parked list "$@" --json; is rule "$(value rule)" M6
    status 1 credit show "$@" "$who"
    status 0 credit batch show "$@" 1 --json; is waiting "$(value waiting)" 2; is file "$(value file)" training.csv
    status 3 credit batch show "$@" 9; says 'no batch 9'
    status 2 credit batch show "$@" x
    status 3 credit parked settle "$@" 1 9 --as "$who"; says 'no row 9'
    status 2 credit parked settle "$@" 1 1; says 'either'
    status 2 credit parked settle "$@" 1 x --drop
    status 3 credit parked settle "$@" 1 1 --as org_code:730885306; says 'nothing less'
    status 0 credit parked settle "$@" 1 1 --as "$who" --json
    is added "$(value added)" 1; is batch "$(value batch)" 2; is subjects "$(value subjects)" 1
    status 0 credit show "$@" "$who"; prints '培字1号'; prints '甲公司'
    status 0 credit parked settle "$@" 1 2 --drop; prints 'parked 1/2'
    status 0 credit parked list "$@" --json; [ ! -s out ] || complain 'a row still waits'
    status 0 credit batch show "$@" 1; prints 'waiting +0'
    status 3 credit parked settle "$@" 1 1 --drop; says 'no row 1'
    # What was given to a subject does not wait again when it is sent again; what was dropped does.
    echo >>training.csv
    status 1 credit import "$@" training.csv --json
    is unchanged "$(value unchanged)" 1; is parked "$(value parked)" 1
    status 0 credit batch list "$@"; prints "parked 1/1: $who"; prints 'parked 1/2: dropped'
    status 0 credit fsck "$@"
}
test_changes_are_told_by_number_without_gaps() {
    local from number follower tries=0
    status 0 credit import redlist.csv
    status 0 credit feed changes --since 0 --json; cp out all
    [ -s all ] || complain 'nothing has changed'
    is numbers "$(jq -r .number all)" "$(seq 1 "$(wc -l <all)")"
    is 'entries of the list' "$(jq -r 'select(.list == "red").subject.id' all | sort)" "$(credit list red --json | jq -r .subject.id | sort)"
    is scopes "$(jq -r 'if .list == "red" then .scope == "public" else .scope == "government" end' all | sort -u)" true
    # Any number is a place to go on from; the last one is not the end of time.
    number=$(wc -l <all); from=$((number / 2))
    status 0 credit feed changes --since "$from" --json; is 'the rest' "$(cat out)" "$(tail -n +$((from + 1)) all)"
    status 0 credit feed changes --since "$number"; [ ! -s out ] || complain 'a change after the last'
    status 3 credit feed changes --since $((number + 1)); says "last change has the number $number"
    status 2 credit feed changes --since x
    status 2 credit feed changes
    credit feed changes --since 0 --follow --json >followed 2>follow.err &
    follower=$!
    status 0 credit batch undo 2
    status 0 credit import redlist.csv
    status 0 credit feed changes --since 0 --json; cp out all
    while [ "$(wc -l <followed)" -lt "$(wc -l <all)" ] && [ $((tries += 1)) -lt 100 ]; do sleep 0.1; done
    kill -TERM "$follower"; wait "$follower" || complain "the follower ended with $?: $(cat follow.err)"
    is 'what was followed' "$(cat followed)" "$(cat all)"
    # Nobody reads any more: that is an end too, also when nothing comes.
    { timeout 20 credit feed changes --since 0 --follow --json; echo $? >ended; } | head -n 1 >first
    is first "$(cat first)" "$(head -n 1 all)"; is 'the end of the follower' "$(cat ended)" 0
    { timeout 20 credit feed changes --since "$(wc -l <all)" --follow; echo $? >ended; } | true
    is 'the end of the follower' "$(cat ended)" 0
    status 0 credit fsck
}
test_a_batch_is_undone_and_its_undoing_too() {
    local who
    who=$(awk -F, 'NR==2 {print $3}' redlist.csv)
    status 0 credit import redlist.csv --json; is batch "$(value batch)" 2
    status 0 credit list red --json; cp out listed
    status 0 credit batch undo 2 --json
    is batch "$(value batch)" 3; is withdrawn "$(value withdrawn)" "$(value rows)"; is left "$(value changes.left)" "$(wc -l <listed)"
    status 0 credit list red --json; [ ! -s out ] || complain 'the list is not empty'
    status 0 credit list red --changes-since 2026-01-01 --json; prints '"left"'
    status 3 credit batch undo 2; says 'undone already, by batch 3'
    status 3 credit batch undo 99; says 'no batch 99'
    status 2 credit batch undo x
    status 0 credit batch list; prints 'undo of batch 2'
    status 0 credit batch show 2 --json; is undone_by "$(value undone_by)" 3
    # The same file is news again, and so is the batch when its undoing is undone.
    status 0 credit import redlist.csv --json; is batch "$(value batch)" 4; is known "$(value known)" false
    status 0 credit list red --json; is 'the list' "$(cat out)" "$(cat listed)"
    status 0 credit batch undo 4 --json
    status 0 credit batch undo 3 --json; is added "$(value added)" "$(value rows)"
    status 0 credit list red --json; is 'the list' "$(cat out)" "$(cat listed)"
    status 0 credit show "$who"
    status 0 credit fsck
}
test_a_name_that_only_an_undone_batch_gave_leads_nowhere() {
    local who
    who=$(awk -F, 'NR==2 {print $2}' register.csv)
    made_row register.csv 1 1 '更名后的公司' >renamed.csv
    status 0 credit import renamed.csv; status 0 credit show "$who"; prints '更名后的公司'
    made_row redlist.csv 1 1 '更名后的公司' | awk -F, -v OFS=, -v who="$who" 'NR>1 {$3=who} {print}' >named.csv
    status 0 credit batch undo 2
    status 0 credit show "$who"; if grep -q '更名后的公司' out; then complain 'the name is still there'; fi
    status 1 credit import named.csv --json; is parked "$(value parked)" 1
    # With the name back, the same row goes in.
    status 0 credit batch undo 3
    status 0 credit batch undo 4
    status 0 credit import named.csv --json; is added "$(value added)" 1
    status 0 credit fsck
}
test_a_decision_is_undone_and_the_row_waits_again() {
    local who
    who=$(awk -F, 'NR==2 {print $3}' redlist.csv)
    made_row redlist.csv 1 1 '另一名称的公司' >misnamed.csv
    status 1 credit import misnamed.csv --json; is batch "$(value batch)" 2
    status 0 credit parked settle 2 1 --as "$who"
    status 0 credit list red --json; is listed "$(wc -l <out)" 1
    status 0 credit batch undo 3
    status 0 credit list red --json; is listed "$(wc -l <out)" 0
    status 0 credit parked list --json; is waiting "$(wc -l <out)" 1
    # What it said again waits too: the decision does not count.
    echo >>misnamed.csv
    status 1 credit import misnamed.csv --json; is parked "$(value parked)" 1; is batch "$(value batch)" 5
    status 0 credit batch undo 5
    status 0 credit parked settle 2 1 --drop
    status 0 credit batch undo 7
    status 0 credit parked settle 2 1 --as "$who"
    # Without the batch there are neither its rows nor decisions about them.
    status 0 credit batch undo 2; is 'waiting rows' "$(credit parked list --json | wc -l)" 0
    status 0 credit list red --json; is listed "$(wc -l <out)" 0
    status 3 credit batch undo 9; says 'undone already, by batch 10'
    status 3 credit parked settle 2 1 --drop; says 'no row 1 of batch 2 waits'
    status 0 credit batch undo 10
    status 0 credit list red --json; is listed "$(wc -l <out)" 1
    is waiting "$(credit batch show 2 --json | jq .waiting)" 0
    status 0 credit fsck
}
test_a_waiting_row_is_never_given_to_another_number_nor_to_a_serious_list() {
    local who other
    who=$(awk -F, 'NR==2 {print $3}' redlist.csv); other=$(awk -F, 'NR==3 {print $3}' redlist.csv)
    made_row redlist.csv 1 1 '另一名称的公司' >misnamed.csv
    status 1 credit import misnamed.csv --json; is parked "$(value parked)" 1
    status 3 credit parked settle 2 1 --as "$other"; says 'never joined'
    status 0 credit parked settle 2 1 --as "$who"
    # The name is one of the subject's now.
    made_row redlist.csv 1 1 '另一名称的公司' | awk -F, -v OFS=, 'NR>1 {$9="另一号"} {print}' >more.csv
    status 0 credit import more.csv --json; is added "$(value added)" 1
    made_row blacklist.csv 1 10 '' >undecided.csv
    credit import undecided.csv --json >out 2>err
    if [ "$(value parked)" = 1 ]; then
        status 3 credit parked settle "$(value batch)" 1 --as "$(awk -F, 'NR==2 {print $3}' blacklist.csv)"
        says 'without its decision'
    else
        is rejected "$(value rejected)" 1
    fi
    status 0 credit list black --json; [ ! -s out ] || complain 'an entry without a decision'
    status 0 credit fsck
}
test_a_file_is_checked_without_a_store() {
    head -n 3 register.csv >fine.csv
    { cat fine.csv; sed -n 2p register.csv | sed -E 's/9142[0-9A-Z]{14}/914210001234567890/'; } >faulty.csv
    rm -rf credit-store credit-store.keys
    status 0 credit catalog check fine.csv --json
    is rows "$(value rows)" 2; is catalog "$(value catalog)" register
    status 1 credit catalog check fine.csv faulty.csv; prints '^4 .*V0[0-9] .*error'
    status 1 credit catalog check faulty.csv --json
    is line "$(value line)" 4; is severity "$(value severity)" error
    is rejected "$(tail -n 1 out | jq .rejected)" 1
    status 3 credit catalog check fine.csv nowhere.csv; says 'nowhere.csv'
    printf 'no,such,columns\n1,2,3\n' >other.csv
    status 3 credit catalog check other.csv; says 'other.csv.*line 1'
    ls credit-store faulty.csv.rejects.csv >/dev/null 2>&1 && complain 'something was made'
    true
}
test_packed_and_utf16_files_come_to_what_is_in_them() {
    local file
    head -n 30 register.csv >plain.csv
    gzip -c plain.csv >packed.csv.gz
    iconv -f UTF-8 -t UTF-16 plain.csv >wide.csv
    gzip -c wide.csv >wide.csv.gz
    credit import --dry-run --json plain.csv 2>/dev/null | jq -c '[.rows, .added, .unchanged, .rejected]' >wanted
    for file in packed.csv.gz wide.csv wide.csv.gz; do
        credit import --dry-run --json $file >out 2>/dev/null
        is "counts of $file" "$(jq -c '[.rows, .added, .unchanged, .rejected]' out)" "$(cat wanted)"
        is "digest of $file" "$(value sha256)" "$(sha256sum <$file | cut -d ' ' -f 1)"
    done
    is encoding "$(value encoding)" utf-16le
    head -c 900 packed.csv.gz >short.csv.gz
    status 3 credit import short.csv.gz; says 'short.csv.gz.*cut short'
    unharmed
}
test_rows_refused_of_a_utf16_file_come_back_in_utf16() {
    head -n 1 register.csv >one.csv
    sed -n 2p register.csv | sed -E 's/9142[0-9A-Z]{14}/914210001234567890/' >>one.csv
    sed -n 3p register.csv >>one.csv
    iconv -f UTF-8 -t UTF-16 one.csv >wide.csv
    status 1 credit import wide.csv --json
    is rejected "$(value rejected)" 1
    iconv -f UTF-16 -t UTF-8 wide.csv.rejects.csv |
        sed -E 's/^(line,field,rule,message|[0-9]+,[^,]*,[^,]*,"([^"]|"")*"),//' |
        cmp -s - <(head -n 2 one.csv) || complain 'the refused row is not as it was'
    status 3 credit import wide.csv.rejects.csv
}
test_refused_rows_come_back_with_their_reason_and_can_be_imported_again() {
    head -n 1 register.csv >one.csv
    sed -n 2p register.csv | sed -E 's/9142[0-9A-Z]{14}/914210001234567890/' >>one.csv
    sed -n 3p register.csv >>one.csv
    status 1 credit import one.csv --json
    is rejected "$(value rejected)" 1
    head -n 1 one.csv.rejects.csv | grep -q '^line,field,rule,message,' || complain 'no four leading columns'
    sed -n 2p one.csv.rejects.csv | grep -qE '^2,.*V0[0-9]' || complain "no line, field and rule: $(sed -n 2p one.csv.rejects.csv)"
    cp one.csv.rejects.csv again.csv
    status 3 credit import again.csv --json
    is rejected "$(value rejected)" 1
}

# ---- Reports --------------------------------------------------------------------------------

test_a_report_is_verified_by_the_named_store_and_by_nobody_else() {
    status 0 credit extract "$good" -o report.asice --json
    status 1 credit verify report.asice --json
    is chain "$(value chain)" absent
    status 0 credit --store credit-store verify report.asice --json
    is chain "$(value chain)" ok
    status 0 credit verify report.asice --trust credit-store/authority.pem
    CREDIT_TRUST=credit-store/authority.pem status 0 credit verify report.asice
}
test_a_changed_or_cut_report_is_not_believed() {
    credit extract "$good" -o report.asice >/dev/null
    local size at byte
    size=$(stat -c %s report.asice)
    for at in 0 $((size / 4)) $((size / 2)) $((size * 3 / 4)) $((size - 1)); do
        cp report.asice forged.asice
        byte=$(od -An -tu1 -j "$at" -N 1 forged.asice | tr -d ' ')
        printf '%b' "\\x$(printf %x $((byte ^ 4)))" | dd of=forged.asice bs=1 seek="$at" conv=notrunc status=none
        status 1 credit --store credit-store verify forged.asice
    done
    for at in 0 1 100 $((size / 2)) $((size - 1)); do
        head -c "$at" report.asice >cut.asice
        status 1 credit --store credit-store verify cut.asice
        prints '.'
    done
    cat report.asice report.asice >double.asice
    status 1 credit --store credit-store verify double.asice
    status 3 credit --store credit-store verify nowhere.asice; says 'nowhere.asice'
}
test_an_extract_that_cannot_be_written_leaves_nothing() {
    status 3 credit extract "$good" -o nowhere/report.asice; says 'nowhere'
    status 2 credit extract "$good" --scope secret -o r.asice; says 'secret'
    [ ! -e r.asice ] || complain 'a file was left'
}

# ---- Bad input: one clear line, the right status, an unharmed store ------------------------------

test_a_directory_that_is_no_store() {
    mkdir plain; echo hello >plain/file
    status 3 credit --store plain stats; says 'plain'
    status 3 credit --store plain import register.csv; says 'plain'
    is 'what lies in it' "$(ls plain)" file
    echo x >flat
    status 3 credit --store flat stats; says 'flat'
}
test_an_empty_variable_names_nothing() {
    status 0 env CREDIT_PACK= credit --store named init
    status 0 env CREDIT_TRUST= credit --store named fsck
    status 3 env CREDIT_PACK=nowhere credit --store other init; says 'nowhere'
}
test_a_debtor_stands_on_a_list_by_hundreds_of_decisions() {
    local rows=300 sample=$source/tests/samples/enforcement.csv
    { head -n 1 "$sample"; for i in $(seq $rows); do sed -n "2s/执1号/执${i}号/p" "$sample"; done; } >many.csv
    status 0 credit --store many init
    status 0 credit --store many import --json many.csv
    is entered "$(value changes.entered)" 1
    status 0 credit --store many list --json black; is entries "$(wc -l <out)" $rows
    status 0 credit --store many rules try "$installed/share/credit/packs/jingzhou" --json
    is changed "$(value changed)" 0
    status 0 credit --store many fsck
}
test_sixty_penalties_clear_when_the_last_of_them_does() {
    local sample=$source/tests/samples/xzcf.csv
    { head -n 1 "$sample"; for i in $(seq 60); do
        sed -n "2s/〕1号/〕${i}号/;2s/警告,警告,/罚款,罚款30000元,3/;2s/2026-05-06/$(date -d "2026-05-01 +$((2 * i)) days" +%F)/p" "$sample"
    done; } >sixty.csv
    status 0 credit --store sixty init
    status 0 credit --store sixty import sixty.csv
    status 1 credit --store sixty check --json --as-of 2026-11-28 --for 建筑业企业资质延续 91421000MA4TE5T05M
    is evidence "$(value 'reasons | map(select(.rule == "G3")) | .[0].evidence | length')" 60
    is clears "$(value 'reasons | map(select(.rule == "G3")) | .[0].clears_on')" 2027-08-30
}
test_init_into_a_directory_that_is_not_empty() {
    mkdir full; echo x >full/file
    status 3 credit --store full init; says 'full'
    is 'what lies in it' "$(ls full)" file
    status 3 credit init; says 'credit-store'
    unharmed
}
test_a_missing_or_malformed_pack() {
    local pack=$installed/share/credit/packs/jingzhou
    status 3 credit init --store new --pack nowhere; says 'nowhere'
    cp -r "$pack" pack; rm pack/pack.json
    status 3 credit init --store new --pack pack; says 'pack.json'
    cp "$pack/pack.json" pack/; sed -i '5s/$/ }}/' pack/pack.json
    status 3 credit init --store new --pack pack; says 'pack\.json.*(line )?[56]'
    cp "$pack/pack.json" pack/; sed -i '0,/"type": *"date"/s//"type": "dtae"/' pack/catalogs/xzcf.json
    status 3 credit init --store new --pack pack; says 'xzcf\.json.*dtae'
    cp "$pack/catalogs/xzcf.json" pack/catalogs/; printf '<definitions' >pack/rules/jingzhou.dmn
    status 3 credit init --store new --pack pack; says 'jingzhou\.dmn'
    if [ -e new ] || [ -e new.keys ]; then complain 'a refused init left something'; fi
}
test_a_new_catalog_and_a_new_column_are_a_change_of_data_alone() {
    cp -r "$source/packs/jingzhou" pack && chmod -R u+w pack
    jq '.catalogs += ["training"]' pack/pack.json >new && mv new pack/pack.json
    cat >pack/catalogs/training.json <<'EOF'
{"name": "training", "title": "信用培训记录", "fields": [
  {"name": "PX_MC", "title": "单位名称", "type": "string", "constraints": {"required": true, "maxLength": 200}, "credit": {"role": "subject_name"}},
  {"name": "PX_DM", "title": "统一社会信用代码", "type": "string", "constraints": {"required": true, "maxLength": 18}, "credit": {"role": "subject_uscc"}},
  {"name": "PX_BH", "title": "培训证书编号", "type": "string", "constraints": {"required": true, "maxLength": 64}, "credit": {"role": "document_no"}},
  {"name": "PX_RQ", "title": "培训日期", "type": "date", "constraints": {"required": true}, "credit": {"role": "decided_on"}}],
 "credit": {"kind": "record", "section": "其他信息", "scope": "public", "key": ["PX_BH"], "creates_subject": true}}
EOF
    jq '.fields += [{"name": "CF_ZDZS", "title": "指导教师", "type": "string", "constraints": {"maxLength": 20}}]' \
        pack/catalogs/xzcf.json >new && mv new pack/catalogs/xzcf.json
    printf '单位名称,统一社会信用代码,培训证书编号,培训日期\n甲公司,91421000MA4TE5T05M,培字1号,2026-05-01\n乙公司,91421000MA4TE5T05M,培字2号,2026-05-01\n丙,x,培字3号,2026-05-01\n' >training.csv
    status 0 credit init --store other --pack pack
    status 1 credit import --store other --json training.csv
    is catalog "$(value catalog)" training; is added "$(value added)" 1
    is parked "$(value parked)" 1; is rejected "$(value rejected)" 1
    status 0 credit show --store other 91421000MA4TE5T05M; prints '培字1号'; prints '其他信息'
    iconv -f gb18030 -t utf-8 penalties_gb18030.csv | awk 'NR==1{print $0",指导教师"} NR>1{print $0",某某"}' >with.csv
    status 0 credit import --store other with.csv
    who=$(awk -F, 'NR==2{print $3}' with.csv)
    status 0 credit show --store other "$who"; prints '指导教师'
    status 0 credit fsck --store other
}
test_a_persons_number_is_hidden_also_in_a_column_for_any_number() {
    local id=421023198507150025
    awk 'NR==1' commitments.csv >person.csv
    awk 'NR==2' commitments.csv | sed -E "s/,[^,]*,法人及非法人组织,[0-9A-Z]{18},/,张三,自然人,$id,/" >>person.csv
    grep -q "$id" person.csv || complain 'the row was not made'
    status 0 credit import person.csv
    ! grep -rqaF "$id" credit-store || complain 'the number stands in the store in clear'
    echo "$id" | credit show cn_id:- >out 2>err || complain "show: $(head -n 1 err)"
    prints '张三'; ! grep -qF "$id" out err || complain 'the number is shown'
    echo "$id" | credit extract cn_id:- --scope government -o p.asice >out 2>err || complain "extract: $(head -n 1 err)"
    ! unzip -p p.asice extract.json report.html | grep -qF "$id" || complain 'the number left in the government scope'
    echo "$id" | credit extract cn_id:- --scope authorized -o p.asice >out 2>err
    unzip -p p.asice extract.json | grep -qF "$id" || complain 'the number is not in the authorized scope'
    status 1 credit check "cn_id:$id"; ! grep -qF "$id" out err || complain 'the number is echoed'
}
test_a_file_with_an_unknown_header() {
    printf '单位,编号,时间\n甲,1,2020-01-01\n' >list.csv
    status 3 credit import list.csv; says 'list.csv: .*单位'; says 'catalog'
    [ ! -e list.csv.rejects.csv ] || complain 'a rejects file for a file that was not read'
    unharmed
}
test_binary_rubbish_and_an_empty_file() {
    head -c 65536 /dev/urandom >rubbish.csv
    status 3 credit import rubbish.csv; says 'rubbish.csv'
    : >empty.csv
    status 3 credit import empty.csv; says 'empty.csv: .*empty'
    head -n 1 register.csv >header.csv
    credit import header.csv >out 2>err; [ $? -ne 1 ] || complain 'a file without rows is partly refused'
    status 3 credit import nowhere.csv; says 'nowhere.csv'
    mkdir directory.csv
    status 3 credit import directory.csv; says 'directory.csv'
    unharmed
}
test_a_line_of_a_gigabyte_does_not_take_a_gigabyte() {
    mkfifo long.csv
    { head -n 1 register.csv; head -c 1073741824 /dev/zero | tr '\0' 'x'; } >long.csv 2>/dev/null &
    # A sanitizer reserves more address space than any limit worth setting.
    local limit=4194304 got=0
    (ulimit -v $limit; credit stats) >/dev/null 2>&1 || limit=unlimited
    (ulimit -v $limit; credit import long.csv >out 2>err) || got=$?
    kill %1 2>/dev/null; wait 2>/dev/null
    is status "$got" 3
    says 'long.csv'
    unharmed
}
test_a_read_only_store_and_no_permission() {
    if [ "$(id -u)" -eq 0 ]; then
        # Root may write anything, so the same is asked as nobody.
        command -v setpriv >/dev/null || { complain 'no setpriv to become nobody with'; return; }
        chmod -R a+rX . "$scratch"; chmod -R a+rwX credit-store
        as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    else
        as=()
    fi
    chmod -R a-w credit-store
    status 3 "${as[@]}" credit import register.csv --rejects /dev/null; says 'credit-store|permission|read-only'
    chmod -R u+w credit-store; chmod -R go-rwx credit-store
    if [ ${#as[@]} -gt 0 ]; then status 3 "${as[@]}" credit stats; says 'credit-store'; fi
    chmod 000 register.csv
    if [ ${#as[@]} -gt 0 ]; then chmod -R a+rwX credit-store credit-store.keys; fi
    status 3 "${as[@]}" credit import register.csv; says 'register.csv'
    chmod 644 register.csv
}
test_a_store_of_a_newer_format() {
    # The index says "credit-store" and then the format number in four bytes.
    local at file found=0
    while IFS=: read -r file at _; do
        printf '\0\0\0\7' | dd of="$file" bs=1 seek=$((at + 12)) conv=notrunc status=none
        found=1
    done < <(grep -raboF credit-store credit-store)
    is 'places of the format number' "$found" 1
    status 3 credit stats; says 'format 7'
    status 3 credit import register.csv; says 'format 7'
    status 3 credit init; says 'credit-store'
}
test_a_key_that_does_not_match_its_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout a.key -out a.pem -subj /CN=a -days 9 2>/dev/null
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout b.key -out b.pem -subj /CN=b -days 9 2>/dev/null
    credit key list --json >keys-before
    status 3 credit key import --key a.key --certificate b.pem; says '.'
    credit key list --json >keys-after
    cmp -s keys-before keys-after || complain 'the keys have changed'
    status 3 credit key import --key nowhere --certificate b.pem; says 'nowhere'
}
test_a_full_disk_leaves_the_store_as_it_was() {
    # A file-size limit fails writes as a full disk does, without a disk to fill.
    local file got=0
    file=$(other_file)
    (ulimit -f 8; trap '' XFSZ; credit import "$file" --rejects /dev/null >out 2>err) || got=$?
    is status "$got" 3
    says '.'
    unharmed
}
test_a_closed_standard_output_is_noticed() {
    credit list red >/dev/full 2>err && credit stats >/dev/full 2>err
    is status $? 3
    says 'standard output'
}

# ---- Running ---------------------------------------------------------------------------------

given_template
failed=0
ran=0
for case in $(declare -F | awk '$3 ~ /^test_/ {print $3}'); do
    case $case in *"${ONLY:-}"*) ;; *) continue ;; esac
    complaints=0
    cp -r "$scratch/template" "$scratch/case"
    cd "$scratch/case" || exit 1
    "$case"
    ran=$((ran + 1))
    if [ "$complaints" -gt 0 ]; then
        printf 'FAILED %s\n' "${case#test_}" | tr _ ' '
        failed=$((failed + 1))
    fi
    cd "$scratch" || exit 1
    chmod -R u+rwX case
    rm -rf case
done
printf '%d cases, %d failed\n' "$ran" "$failed"
[ "$ran" -gt 0 ] && [ "$failed" -eq 0 ]
