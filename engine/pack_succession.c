/* May a pack come after another one in the same store?
 *
 * A record keeps what its columns came to under the pack it came in with: numbers of
 * words, dates and amounts by their roles, tags by their places, and a key made of some
 * columns. A later pack reads the same numbers. So it may add catalogs, columns, words
 * and whatever the rules say of them, but what a record keeps must mean the same: else
 * a rule would be given another word than was sent, without anybody noticing. */
#include "engine/error.h"
#include "engine/pack.h"
#include "engine/text.h"

static credit_result refuse(
    const cr_catalog *catalog, credit_error *err, const char *what, credit_span detail)
{
    return cr_fail(err, CREDIT_E_PACK,
        "catalog %.*s: %s%s%.*s is not as in a pack of the store, whose records would be misread",
        (int)catalog->name.size, catalog->name.data, what, detail.size == 0 ? "" : " ",
        (int)(detail.size < 60 ? detail.size : 60), detail.data);
}

static const cr_field *field_at(const cr_catalog *catalog, int index)
{
    return index < 0 ? NULL : &catalog->fields[index];
}

static const cr_field *field_of(const cr_catalog *catalog, credit_span code)
{
    for (size_t i = 0; i < catalog->field_count; i++) {
        if (cr_span_equal(catalog->fields[i].code, code)) { return &catalog->fields[i]; }
    }
    return NULL;
}

/* The same column; or one that records of before do not have. */
static bool same_column(const cr_catalog *before, const cr_field *was, const cr_field *is)
{
    if (was == NULL) { return is == NULL || field_of(before, is->code) == NULL; }
    return is != NULL && cr_span_equal(was->code, is->code);
}

/* The code of a word; also of one that does not stand alone in a file. */
static const cr_code *code_of(const cr_codeset *set, credit_span word)
{
    for (size_t i = 0; i < set->code_count; i++) {
        if (cr_span_equal(set->codes[i].word, word)) { return &set->codes[i]; }
    }
    return cr_codeset_find(set, word);
}

/* Every word keeps its number: it may be written otherwise, if the old word is an alias. */
static const cr_code *lost_code(const cr_codeset *before, const cr_codeset *next)
{
    for (size_t i = 0; before != NULL && i < before->code_count; i++) {
        const cr_code *code = &before->codes[i];
        const cr_code *found = next == NULL ? NULL : code_of(next, code->word);
        if (found == NULL || found->number != code->number) { return code; }
    }
    return NULL;
}

static bool same_other(const cr_codeset *before, const cr_codeset *next)
{
    return before == NULL || before->other_prefix.size == 0 ||
           (next != NULL && next->other_prefix.size > 0 &&
               next->other_number == before->other_number);
}

static credit_result compare_codes(
    const cr_catalog *catalog, const cr_codeset *before, const cr_codeset *next, credit_error *err)
{
    const cr_code *lost = lost_code(before, next);
    if (lost != NULL) { return refuse(catalog, err, "the number of the word", lost->word); }
    return same_other(before, next)
               ? CREDIT_OK
               : refuse(catalog, err, "the number of other words in", before->name);
}

static credit_result compare_roles(
    const cr_catalog *before, const cr_catalog *next, credit_error *err)
{
    static const cr_role coded[] = {CR_ROLE_KINDS, CR_ROLE_STATUS, CR_ROLE_LIST};
    for (int role = CR_ROLE_NONE + 1; role < CR_ROLES; role++) {
        const cr_field *was = field_at(before, before->role_field[role]);
        const cr_field *is = field_at(next, next->role_field[role]);
        if (!same_column(before, was, is)) {
            return refuse(next, err, "the role of the column", (was != NULL ? was : is)->code);
        }
    }
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < sizeof coded / sizeof *coded; i++) {
        const cr_field *was = field_at(before, before->role_field[coded[i]]);
        const cr_field *is = field_at(next, next->role_field[coded[i]]);
        if (was != NULL) { rc = compare_codes(next, was->codes, is->codes, err); }
    }
    return rc;
}

static credit_result compare_tags(
    const cr_catalog *before, const cr_catalog *next, credit_error *err)
{
    for (size_t i = 0; i < before->tag_count || i < next->tag_count; i++) {
        const cr_tag *was = i < before->tag_count ? &before->tags[i] : NULL;
        const cr_tag *is = i < next->tag_count ? &next->tags[i] : NULL;
        if (is == NULL) { return refuse(next, err, "the tag", was->name); }
        const cr_field *column = &next->fields[is->field];
        if (was == NULL && field_of(before, column->code) == NULL) { continue; }
        if (was == NULL || is->kind != was->kind || !cr_span_equal(is->name, was->name) ||
            !cr_span_equal(before->fields[was->field].code, column->code)) {
            return refuse(next, err, "the tag", is->name);
        }
        credit_result rc = compare_codes(next, was->codes, is->codes, err);
        if (rc != CREDIT_OK) { return rc; }
    }
    return CREDIT_OK;
}

static credit_result compare_key(
    const cr_catalog *before, const cr_catalog *next, credit_error *err)
{
    bool same = before->key_count == next->key_count;
    for (size_t i = 0; same && i < before->key_count; i++) {
        const cr_field *was = field_at(before, before->key_fallback[i]);
        const cr_field *is = field_at(next, next->key_fallback[i]);
        same = cr_span_equal(before->fields[before->key_fields[i]].code,
                   next->fields[next->key_fields[i]].code) &&
               (was == NULL) == (is == NULL) && (was == NULL || cr_span_equal(was->code, is->code));
    }
    return same ? CREDIT_OK : refuse(next, err, "the record key", (credit_span){"", 0});
}

/* What a message does is seen in the record that it is about. */
static credit_result compare_messages(
    const cr_catalog *before, const cr_catalog *next, credit_error *err)
{
    for (size_t i = 0; before->message != NULL && i < before->message->word_count; i++) {
        const cr_message_word *was = &before->message->words[i];
        const cr_message_word *is = cr_message_word_of(next->message, was->number);
        if (is == NULL || is->effect != was->effect || is->undone != was->undone) {
            return refuse(next, err, "what its rows do to records", (credit_span){"", 0});
        }
    }
    return CREDIT_OK;
}

static credit_result compare_columns(
    const cr_catalog *before, const cr_catalog *next, credit_error *err)
{
    for (size_t i = 0; i < before->field_count; i++) {
        const cr_field *was = &before->fields[i], *is = field_of(next, was->code);
        if (is != NULL && (is->type != was->type || is->personal != was->personal)) {
            return refuse(next, err, "the type or secrecy of the column", was->code);
        }
    }
    return CREDIT_OK;
}

static credit_result compare_catalogs(
    const cr_catalog *before, const cr_catalog *next, credit_error *err)
{
    const struct {
        bool same;
        const char *what;
    } whole[] = {{before->kind == next->kind, "the kind"},
        {before->roster == next->roster, "the roster"}, {before->scope == next->scope, "the scope"},
        {(before->message == NULL) == (next->message == NULL), "what its rows are about"},
        {before->status_valid == next->status_valid, "the status that is in force"}};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (!whole[i].same) { return refuse(next, err, whole[i].what, (credit_span){"", 0}); }
    }
    credit_result rc = compare_key(before, next, err);
    if (rc == CREDIT_OK) { rc = compare_columns(before, next, err); }
    if (rc == CREDIT_OK) { rc = compare_roles(before, next, err); }
    if (rc == CREDIT_OK) { rc = compare_tags(before, next, err); }
    if (rc == CREDIT_OK) { rc = compare_messages(before, next, err); }
    if (rc == CREDIT_OK) { rc = compare_codes(next, before->categories, next->categories, err); }
    return rc;
}

static credit_result compare_rosters(
    const cr_roster_def *before, const cr_pack *pack, credit_error *err)
{
    for (size_t i = 0; i < pack->roster_count; i++) {
        const cr_roster_def *next = &pack->rosters[i];
        if (!cr_span_equal(next->name, before->name)) { continue; }
        const cr_code *lost = lost_code(before->lists, next->lists);
        if (next->kind == before->kind && lost == NULL) { return CREDIT_OK; }
        return cr_fail(err, CREDIT_E_PACK,
            "list %.*s: %s%.*s is not as in a pack of the store, whose entries would be misread",
            (int)next->name.size, next->name.data,
            lost == NULL ? "the kind" : "the number of the word ",
            lost == NULL ? 0 : (int)lost->word.size, lost == NULL ? "" : lost->word.data);
    }
    return CREDIT_OK;
}

credit_result cr_pack_may_follow(const cr_pack *next, const cr_pack *before, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < before->catalog_count; i++) {
        const cr_catalog *catalog = &before->catalogs[i];
        int index = cr_pack_catalog(next, catalog->name);
        rc = index < 0 ? cr_fail(err, CREDIT_E_PACK,
                             "catalog %.*s is missing: the store knows it, and its records would "
                             "be passed over",
                             (int)catalog->name.size, catalog->name.data)
                       : compare_catalogs(catalog, &next->catalogs[index], err);
    }
    for (size_t i = 0; rc == CREDIT_OK && i < before->roster_count; i++) {
        rc = compare_rosters(&before->rosters[i], next, err);
    }
    return rc;
}
