#include "engine/extract.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/message.h"
#include "engine/text.h"

static const char *const scope_words[CR_SCOPES] = {"public", "government", "authorized"};

bool cr_extract_shows(const cr_fact *fact, cr_scope scope, credit_date as_of)
{
    const cr_ruling *ruling = &fact->version.ruling;
    if (cr_fact_is_taken_back(fact) || fact->version.state != CR_VERSION_CURRENT ||
        fact->version.facts.scope > scope) {
        return false;
    }
    if (!fact->ruled || (ruling->flags & CR_RULED_NEGATIVE) == 0) { return true; }
    if (ruling->published_until != CREDIT_DATE_NONE && as_of > ruling->published_until) {
        return false;
    }
    return scope > CR_SCOPE_PUBLIC || (ruling->flags & CR_RULED_PUBLISHED) != 0;
}

/* Does the record stand in the file, if only as what it was? */
static bool is_in_file(const cr_extract *extract, const cr_fact *fact)
{
    return (extract->scope == CR_SCOPE_AUTHORIZED && cr_fact_is_taken_back(fact)) ||
           cr_extract_shows(fact, extract->scope, extract->as_of);
}

/* ---- blocks --------------------------------------------------------------------- */

static void put(cr_canon *json, const char *key, credit_span text)
{
    cr_canon_key(json, key);
    cr_canon_string(json, text);
}

static void put_hex(cr_canon *json, const char *key, const char *bytes, size_t size)
{
    char text[2 * CR_DIGEST_SIZE + 1];
    for (size_t i = 0; i < size && i < CR_DIGEST_SIZE; i++) {
        snprintf(text + 2 * i, 3, "%02x", (unsigned char)bytes[i]);
    }
    put(json, key, (credit_span){text, 2 * size});
}

/* One field as a block shows it. */
typedef struct shown {
    credit_span code, text;
    bool masked;
} shown;

static int compare_shown(const void *a, const void *b)
{
    return cr_span_compare(((const shown *)a)->code, ((const shown *)b)->code);
}

/* Who may see a field in clear, and who masked (CR_SCOPE_NEVER: nobody). */
static void scopes_of(const cr_field *field, bool about_person, cr_scope *clear, cr_scope *masked)
{
    *clear = field->scope;
    *masked = field->masked && field->mask_scope < field->scope ? field->mask_scope
                                                                : (cr_scope)CR_SCOPE_NEVER;
    if (!field->personal && cr_field_is_private(field, about_person)) {
        *clear = CR_SCOPE_AUTHORIZED;
        *masked = field->masked ? field->mask_scope : CR_SCOPE_PUBLIC;
    }
}

/* What block `scope` adds of a field: its text, its masked text, or nothing. */
static bool shows_field(const cr_field *field, bool about_person, cr_scope scope, credit_span value,
    cr_arena *arena, shown *out)
{
    cr_scope clear, masked;
    scopes_of(field, about_person, &clear, &masked);
    out->code = field->code;
    out->masked = false;
    if (value.size == 0) { return false; }
    if (masked == scope) {
        out->text = cr_mask(value, field->mask_left, field->mask_right, arena);
        out->masked = true;
        return out->text.data != NULL;
    }
    credit_span scanned = field->long_text ? cr_mask_free_text(value, arena) : value;
    bool scrubbed = scanned.data != value.data;
    if (scrubbed && scope == CR_SCOPE_AUTHORIZED && clear < CR_SCOPE_AUTHORIZED) {
        out->text = value; /* numbers inside free text: in clear here only */
        return true;
    }
    if (clear != scope) { return false; }
    out->text = scope == CR_SCOPE_AUTHORIZED ? value : scanned;
    out->masked = scrubbed && scope != CR_SCOPE_AUTHORIZED;
    return out->text.data != NULL;
}

static void write_extras(cr_canon *json, const cr_frame_view *view, bool show)
{
    cr_canon_key(json, "extras");
    cr_canon_array(json);
    for (size_t i = 0; show && i < view->extra_count; i++) {
        cr_canon_array(json);
        cr_canon_string(json, view->extras[i].name);
        cr_canon_string(json, view->extras[i].value);
        cr_canon_end_array(json);
    }
    cr_canon_end_array(json);
}

static credit_result write_block(const cr_fact *fact, const cr_schema *schema,
    const cr_frame_view *view, cr_scope scope, cr_canon *json, cr_arena *arena, credit_error *err)
{
    shown *list = cr_arena_array(arena, schema->column_count + 1, sizeof *list);
    bool about_person = cr_id_is_personal(cr_subject_key_kind(&fact->key.subject));
    size_t count = 0;
    if (list == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 0; i < schema->column_count; i++) {
        if (schema->field[i] < 0) { continue; }
        const cr_field *field = &fact->catalog->fields[schema->field[i]];
        if (shows_field(field, about_person, scope, view->values[i], arena, &list[count])) {
            count++;
        }
    }
    qsort(list, count, sizeof *list, compare_shown);
    cr_canon_object(json);
    put(json, "block", cr_span_of(scope_words[scope]));
    if (scope == CR_SCOPE_PUBLIC) {
        put(json, "catalog", fact->catalog->name);
        cr_canon_key(json, "commit");
        cr_canon_integer(json, fact->key.commit);
    }
    write_extras(json, view, scope == CR_SCOPE_AUTHORIZED);
    cr_canon_key(json, "fields");
    cr_canon_object(json);
    for (size_t i = 0; i < count; i++) {
        cr_canon_key_span(json, list[i].code);
        cr_canon_string(json, list[i].text);
    }
    cr_canon_end_object(json);
    if (scope == CR_SCOPE_PUBLIC) { put_hex(json, "key", fact->key.record, CR_RECORD_KEY); }
    cr_canon_key(json, "masked");
    cr_canon_array(json);
    for (size_t i = 0; i < count; i++) {
        if (list[i].masked) { cr_canon_string(json, list[i].code); }
    }
    cr_canon_end_array(json);
    if (scope == CR_SCOPE_PUBLIC) {
        cr_canon_key(json, "row");
        cr_canon_integer(json, fact->key.row);
    }
    cr_canon_end_object(json);
    return CREDIT_OK;
}

credit_result cr_extract_write_blocks(const cr_extract *extract, const cr_fact *fact,
    cr_canon *json, cr_arena *arena, credit_error *err)
{
    credit_span frame;
    cr_frame_view view;
    const cr_schema *schema = cr_registry_schema(extract->registry, fact->version.schema);
    if (schema == NULL) { return cr_fail(err, CREDIT_E_CORRUPT, "a record of no known layout"); }
    credit_result rc =
        cr_frame_get(extract->txn, fact->version.frame, fact->version.frame_size, &frame, err);
    if (rc == CREDIT_OK) {
        rc = cr_frame_decode(extract->frames, frame, schema->column_count, arena, &view, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    cr_canon_array(json);
    for (cr_scope scope = CR_SCOPE_PUBLIC; rc == CREDIT_OK && scope <= extract->scope; scope++) {
        rc = write_block(fact, schema, &view, scope, json, arena, err);
    }
    cr_canon_end_array(json);
    return rc;
}

/* ---- sections -------------------------------------------------------------------- */

/* Newest first, by decision date, then by commit. */
static int compare_facts(const void *a, const void *b)
{
    const cr_fact *x = *(const cr_fact *const *)a, *y = *(const cr_fact *const *)b;
    if (x->version.facts.decided_on != y->version.facts.decided_on) {
        return x->version.facts.decided_on > y->version.facts.decided_on ? -1 : 1;
    }
    if (x->key.commit != y->key.commit) { return x->key.commit > y->key.commit ? -1 : 1; }
    return x->key.row < y->key.row ? -1 : x->key.row > y->key.row;
}

static size_t gather(const cr_extract *extract, credit_span section, const cr_fact **list)
{
    size_t count = 0;
    const cr_judgement *judgement = extract->judgement;
    for (size_t i = 0; i < judgement->fact_count; i++) {
        const cr_fact *fact = &judgement->facts[i];
        if (cr_span_equal(fact->catalog->section, section) && is_in_file(extract, fact)) {
            list[count++] = fact;
        }
    }
    qsort(list, count, sizeof *list, compare_facts);
    return count;
}

static credit_result write_record(const cr_extract *extract, const cr_fact *fact, cr_canon *json,
    cr_arena *arena, credit_error *err)
{
    char id[CR_VERSION_ID];
    cr_canon_object(json);
    cr_canon_key(json, "blocks");
    credit_result rc = cr_extract_write_blocks(extract, fact, json, arena, err);
    cr_version_id(&fact->key, id);
    cr_canon_key(json, "record");
    cr_canon_text(json, id);
    put(json, "state", cr_fact_state_word(cr_fact_state_of(fact)));
    cr_canon_end_object(json);
    return rc;
}

static credit_result write_sections(
    const cr_extract *extract, cr_canon *json, cr_arena *arena, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    const cr_fact **list = cr_arena_array(arena, extract->judgement->fact_count + 1, sizeof *list);
    if (list == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    cr_canon_key(json, "sections");
    cr_canon_array(json);
    for (size_t i = 0; rc == CREDIT_OK && i < extract->pack->section_count; i++) {
        const cr_report_section *section = &extract->pack->sections[i];
        size_t count = gather(extract, section->title, list);
        cr_canon_object(json);
        put(json, "no", section->no);
        cr_canon_key(json, "records");
        cr_canon_array(json);
        for (size_t k = 0; rc == CREDIT_OK && k < count; k++) {
            rc = write_record(extract, list[k], json, arena, err);
        }
        cr_canon_end_array(json);
        put(json, "title", section->title);
        cr_canon_end_object(json);
    }
    cr_canon_end_array(json);
    return rc;
}

static void write_summary(const cr_extract *extract, cr_canon *json, const cr_fact **room)
{
    cr_canon_key(json, "summary");
    cr_canon_array(json);
    for (size_t i = 0; i < extract->pack->section_count; i++) {
        cr_canon_object(json);
        cr_canon_key(json, "count");
        cr_canon_integer(json, (int64_t)gather(extract, extract->pack->sections[i].title, room));
        put(json, "title", extract->pack->sections[i].title);
        cr_canon_end_object(json);
    }
    cr_canon_end_array(json);
}

/* Titles of the catalogs and columns that occur, so that codes can be read. */
static void write_catalogs(const cr_extract *extract, cr_canon *json, cr_arena *arena)
{
    typedef struct named {
        credit_span key, value;
    } named;
    const cr_pack *pack = extract->pack;
    named *list = cr_arena_array(arena, pack->catalog_count + CR_FIELDS_MAX + 1, sizeof *list);
    if (list == NULL) {
        json->failed = true;
        return;
    }
    size_t count = 0;
    for (size_t i = 0; i < pack->catalog_count; i++) {
        for (size_t k = 0; k < extract->judgement->fact_count; k++) {
            const cr_fact *fact = &extract->judgement->facts[k];
            if (fact->catalog == &pack->catalogs[i] && is_in_file(extract, fact)) {
                list[count++] = (named){pack->catalogs[i].name, pack->catalogs[i].title};
                break;
            }
        }
    }
    /* Both lists are short: insertion keeps them in order of their keys. */
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && cr_span_compare(list[k].key, list[k - 1].key) < 0; k--) {
            named swap = list[k];
            list[k] = list[k - 1];
            list[k - 1] = swap;
        }
    }
    cr_canon_key(json, "catalogs");
    cr_canon_object(json);
    for (size_t i = 0; i < count; i++) {
        int index = cr_pack_catalog(pack, list[i].key);
        const cr_catalog *catalog = &pack->catalogs[index];
        shown *fields = cr_arena_array(arena, catalog->field_count + 1, sizeof *fields);
        if (fields == NULL) {
            json->failed = true;
            return;
        }
        for (size_t k = 0; k < catalog->field_count; k++) {
            fields[k] = (shown){catalog->fields[k].code, catalog->fields[k].title, false};
        }
        qsort(fields, catalog->field_count, sizeof *fields, compare_shown);
        cr_canon_key_span(json, list[i].key);
        cr_canon_object(json);
        cr_canon_key(json, "fields");
        cr_canon_object(json);
        for (size_t k = 0; k < catalog->field_count; k++) {
            cr_canon_key_span(json, fields[k].code);
            cr_canon_string(json, fields[k].text);
        }
        cr_canon_end_object(json);
        cr_canon_key(json, "order");
        cr_canon_array(json);
        for (size_t k = 0; k < catalog->field_count; k++) {
            cr_canon_string(json, catalog->fields[k].code);
        }
        cr_canon_end_array(json);
        put(json, "title", catalog->title);
        cr_canon_end_object(json);
    }
    cr_canon_end_object(json);
}

/* ---- decisions -------------------------------------------------------------------- */

static void write_until(cr_canon *json, const char *key, credit_date date)
{
    cr_canon_key(json, key);
    if (date == CREDIT_DATE_FOREVER) {
        cr_canon_null(json);
    } else {
        cr_canon_date(json, date);
    }
}

/* A reason names only records that the scope may see. */
static void write_reason(const cr_extract *extract, const cr_reason *reason, cr_canon *json)
{
    char id[CR_VERSION_ID];
    cr_canon_object(json);
    put(json, "basis", reason->basis);
    write_until(json, "clears_on", reason->clears_on);
    cr_canon_key(json, "evidence");
    cr_canon_array(json);
    for (size_t i = 0; i < reason->evidence_count; i++) {
        const cr_fact *fact = reason->evidence[i];
        if (!cr_extract_shows(fact, extract->scope, extract->as_of)) { continue; }
        cr_version_id(&fact->key, id);
        cr_canon_text(json, id);
    }
    cr_canon_end_array(json);
    put(json, "outcome", reason->outcome);
    put(json, "rule", reason->rule);
    put(json, "text", reason->text);
    cr_canon_end_object(json);
}

static bool shows_listing(const cr_extract *extract, const cr_listing *listing)
{
    return listing->roster->scope <= extract->scope &&
           (listing->fact == NULL ||
               cr_extract_shows(listing->fact, extract->scope, extract->as_of));
}

static credit_result write_listings(const cr_extract *extract, cr_canon *json, credit_error *err)
{
    char id[CR_VERSION_ID];
    credit_result rc = CREDIT_OK;
    cr_canon_key(json, "listings");
    cr_canon_array(json);
    for (size_t i = 0; rc == CREDIT_OK && i < extract->judgement->listing_count; i++) {
        const cr_listing *listing = &extract->judgement->listings[i];
        if (!shows_listing(extract, listing)) { continue; }
        credit_span authority = {"", 0}, document_no = {"", 0};
        if (listing->fact != NULL) {
            const cr_fact *fact = listing->fact;
            rc = cr_registry_value(extract->registry, extract->txn, &fact->version,
                CR_ROLE_AUTHORITY, &authority, err);
            if (rc == CREDIT_OK) {
                rc = cr_registry_value(extract->registry, extract->txn, &fact->version,
                    CR_ROLE_DOCUMENT_NO, &document_no, err);
            }
        }
        cr_canon_object(json);
        put(json, "authority", authority);
        put(json, "code", listing->code);
        put(json, "document_no", document_no);
        put(json, "domain", listing->domain);
        put(json, "list", listing->roster->name);
        cr_canon_key(json, "listed_on");
        cr_canon_date(json, listing->since);
        cr_canon_key(json, "record");
        if (listing->fact == NULL) {
            cr_canon_null(json);
        } else {
            cr_version_id(&listing->fact->key, id);
            cr_canon_text(json, id);
        }
        put(json, "title", listing->roster->title);
        write_until(json, "until", listing->until);
        cr_canon_end_object(json);
    }
    cr_canon_end_array(json);
    return rc;
}

static const char *decision_word(cr_effect effect)
{
    static const char *const words[] = {"ineligible", "eligible", "review"};
    return words[effect];
}

static const char *effect_word(cr_effect effect)
{
    static const char *const words[] = {"refuse", "grant", "review"};
    return words[effect];
}

/* The green channel is a decision of the government side: shown where the tier is. */
static void write_green_channel(const cr_extract *extract, cr_canon *json)
{
    const cr_judgement *judgement = extract->judgement;
    cr_canon_key(json, "green_channel");
    if (judgement->grant_count == 0 || extract->pack->tier_scope > extract->scope) {
        cr_canon_null(json);
        return;
    }
    cr_canon_object(json);
    cr_canon_key(json, "decision");
    cr_canon_text(json, decision_word(judgement->green));
    cr_canon_key(json, "grants");
    cr_canon_array(json);
    for (size_t i = 0; i < judgement->grant_count; i++) {
        cr_canon_object(json);
        cr_canon_key(json, "given");
        cr_canon_bool(json, judgement->grants[i].given == CR_EFFECT_GRANT);
        put(json, "grant", judgement->grants[i].grant->name);
        cr_canon_key(json, "outcome");
        cr_canon_text(json, effect_word(judgement->grants[i].given));
        cr_canon_key(json, "reasons");
        cr_canon_array(json);
        for (size_t k = 0; k < judgement->grants[i].reason_count; k++) {
            write_reason(extract, judgement->grants[i].reasons[k], json);
        }
        cr_canon_end_array(json);
        put(json, "title", judgement->grants[i].grant->title);
        cr_canon_end_object(json);
    }
    cr_canon_end_array(json);
    cr_canon_key(json, "matter");
    if (extract->matter.size == 0) {
        cr_canon_null(json);
    } else {
        cr_canon_string(json, extract->matter);
    }
    cr_canon_end_object(json);
}

static void write_tier(const cr_extract *extract, cr_canon *json)
{
    const cr_judgement *judgement = extract->judgement;
    cr_canon_key(json, "tier");
    if (judgement->tier.size == 0 || extract->pack->tier_scope > extract->scope) {
        cr_canon_null(json);
        return;
    }
    cr_canon_object(json);
    put(json, "inspection", judgement->inspection);
    cr_canon_key(json, "reasons");
    cr_canon_array(json);
    for (size_t i = 0; i < judgement->reason_count; i++) {
        if (cr_span_equal(judgement->reasons[i]->outcome, judgement->tier)) {
            write_reason(extract, judgement->reasons[i], json);
        }
    }
    cr_canon_end_array(json);
    put(json, "tier", judgement->tier);
    cr_canon_end_object(json);
}

/* ---- the document -------------------------------------------------------------------- */

static void put_instant(cr_canon *json, const char *key, credit_instant instant)
{
    char text[CR_INSTANT_TEXT];
    cr_canon_key(json, key);
    cr_canon_text(json, cr_instant_print(instant, text));
}

static void write_pack(const cr_pack *pack, cr_canon *json)
{
    cr_canon_key(json, "pack");
    cr_canon_object(json);
    put(json, "name", pack->name);
    put_hex(json, "sha256", (const char *)pack->digest, CR_DIGEST_SIZE);
    put(json, "version", pack->version);
    cr_canon_end_object(json);
}

static void write_subject(const cr_extract *extract, cr_canon *json)
{
    const cr_fact_subject *subject = extract->judgement->subject;
    cr_canon_key(json, "subject");
    cr_canon_object(json);
    put(json, "id", extract->subject_id);
    cr_canon_key(json, "id_type");
    cr_canon_text(json, cr_id_kind_name(cr_subject_key_kind(extract->subject)));
    cr_canon_key(json, "kind");
    cr_canon_string(json, cr_category_word(subject->category));
    cr_canon_key(json, "known");
    cr_canon_bool(json, extract->judgement->exists);
    put(json, "name", subject->name);
    cr_canon_end_object(json);
}

credit_result cr_extract_write(
    const cr_extract *extract, cr_canon *json, cr_arena *arena, credit_error *err)
{
    const cr_fact **room = cr_arena_array(arena, extract->judgement->fact_count + 1, sizeof *room);
    if (room == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    cr_canon_object(json);
    cr_canon_key(json, "as_of");
    cr_canon_date(json, extract->as_of);
    write_catalogs(extract, json, arena);
    cr_canon_key(json, "checkpoint");
    cr_canon_null(json);
    cr_canon_key(json, "completeness");
    cr_canon_null(json); /* absent until the ledger comes; FORMAT.md has its shape */
    cr_canon_key(json, "decisions");
    cr_canon_object(json);
    write_green_channel(extract, json);
    credit_result rc = write_listings(extract, json, err);
    write_tier(extract, json);
    cr_canon_end_object(json);
    put(json, "format", CR_SPAN("credit-extract/1"));
    put_instant(json, "issued_at", extract->issued_at);
    cr_canon_key(json, "issuer");
    cr_canon_object(json);
    put(json, "name", extract->pack->issuer);
    cr_canon_end_object(json);
    put_instant(json, "known_at", extract->known_at);
    put(json, "number", extract->number);
    write_pack(extract->pack, json);
    put(json, "purpose", extract->purpose);
    put(json, "scope", cr_span_of(scope_words[extract->scope]));
    if (rc == CREDIT_OK) { rc = write_sections(extract, json, arena, err); }
    write_subject(extract, json);
    put(json, "suite", extract->suite);
    write_summary(extract, json, room);
    put(json, "title", extract->pack->report_title);
    cr_canon_end_object(json);
    if (rc == CREDIT_OK && json->failed) { rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    return rc;
}
