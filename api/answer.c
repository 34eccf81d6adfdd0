#include "api/answer.h"

#include <string.h>

#include "engine/text.h"

static void put(cr_canon *json, const char *key, credit_span text)
{
    cr_canon_key(json, key);
    cr_canon_string(json, text);
}

static void write_evidence(cr_canon *json, const credit_evidence *evidence)
{
    cr_canon_object(json);
    cr_canon_key(json, "record");
    cr_canon_text(json, evidence->record);
    put(json, "catalog", evidence->catalog);
    put(json, "document_no", evidence->document_no);
    cr_canon_key(json, "decided_on");
    cr_canon_date(json, evidence->decided_on);
    cr_canon_end_object(json);
}

static bool is_whole_number(credit_span text)
{
    enum { DIGITS_MAX = 15 }; /* below 2^53 */
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') { return false; }
    }
    return text.size > 0 && text.size <= DIGITS_MAX;
}

/* Strings, dates and numbers with a fraction as strings; the rest as what it is. */
static void write_value(cr_canon *json, const credit_input *input)
{
    if (!input->text && cr_span_is(input->value, "null")) {
        cr_canon_null(json);
    } else if (!input->text && cr_span_is(input->value, "true")) {
        cr_canon_bool(json, true);
    } else if (!input->text && cr_span_is(input->value, "false")) {
        cr_canon_bool(json, false);
    } else if (!input->text && is_whole_number(input->value)) {
        int64_t number = 0;
        for (size_t i = 0; i < input->value.size; i++) {
            number = number * 10 + (input->value.data[i] - '0');
        }
        cr_canon_integer(json, number);
    } else {
        cr_canon_string(json, input->value);
    }
}

static void write_inputs(cr_canon *json, const credit_input *inputs, size_t count)
{
    cr_canon_key(json, "inputs");
    cr_canon_array(json);
    for (size_t i = 0; i < count; i++) {
        cr_canon_object(json);
        put(json, "expression", inputs[i].expression);
        cr_canon_key(json, "value");
        write_value(json, &inputs[i]);
        if (inputs[i].wanted.size > 0) { put(json, "wanted", inputs[i].wanted); }
        cr_canon_end_object(json);
    }
    cr_canon_end_array(json);
}

void api_write_reason(cr_canon *json, const credit_reason *reason)
{
    cr_canon_object(json);
    put(json, "rule", reason->rule);
    put(json, "outcome", reason->outcome);
    put(json, "text", reason->text);
    put(json, "basis", reason->basis);
    cr_canon_key(json, "evidence");
    cr_canon_array(json);
    for (size_t i = 0; i < reason->evidence_count; i++) {
        write_evidence(json, &reason->evidence[i]);
    }
    cr_canon_end_array(json);
    cr_canon_key(json, "clears_on");
    api_json_until(json, reason->clears_on);
    if (reason->inputs != NULL) { write_inputs(json, reason->inputs, reason->input_count); }
    cr_canon_end_object(json);
}

void api_write_listing(cr_canon *json, const credit_listing *listing)
{
    cr_canon_object(json);
    put(json, "list", listing->list);
    put(json, "code", listing->code);
    put(json, "domain", listing->domain);
    cr_canon_key(json, "listed_on");
    cr_canon_date(json, listing->listed_on);
    cr_canon_key(json, "until");
    api_json_until(json, listing->until);
    put(json, "document_no", listing->document_no);
    put(json, "authority", listing->authority);
    put(json, "rule", listing->rule);
    cr_canon_end_object(json);
}

void api_write_pack(cr_canon *json, const cr_pack *pack)
{
    cr_canon_object(json);
    put(json, "name", pack->name);
    put(json, "version", pack->version);
    cr_canon_key(json, "sha256");
    api_json_hex(json, pack->digest, CR_DIGEST_SIZE);
    cr_canon_end_object(json);
}

static const char *decision_word(credit_decision decision)
{
    static const char *const words[] = {"ineligible", "eligible", "review"};
    return words[decision];
}

static void write_grants(cr_canon *json, const credit_answer *answer)
{
    cr_canon_key(json, "decision");
    cr_canon_text(json, decision_word(answer->decision));
    cr_canon_key(json, "grants");
    cr_canon_array(json);
    for (size_t i = 0; i < answer->grant_count; i++) {
        const credit_grant *grant = &answer->grants[i];
        cr_canon_object(json);
        put(json, "grant", grant->grant);
        put(json, "title", grant->title);
        cr_canon_key(json, "given");
        cr_canon_bool(json, grant->given == CREDIT_ELIGIBLE);
        cr_canon_key(json, "outcome");
        cr_canon_text(json, grant->given == CREDIT_ELIGIBLE ? "grant"
                            : grant->given == CREDIT_REVIEW ? "review"
                                                            : "refuse");
        cr_canon_key(json, "reasons");
        cr_canon_array(json);
        for (size_t k = 0; k < grant->reason_count; k++) {
            cr_canon_string(json, grant->reasons[k]->rule);
        }
        cr_canon_end_array(json);
        cr_canon_end_object(json);
    }
    cr_canon_end_array(json);
}

/* ---- what would turn it ----------------------------------------------------------------- */

static void write_change(cr_canon *json, const credit_change *change)
{
    cr_canon_object(json);
    cr_canon_key(json, "change");
    cr_canon_text(json, change->change);
    if (change->record != NULL) {
        cr_canon_key(json, "record");
        write_evidence(json, change->record);
    } else if (change->catalog.size > 0) {
        put(json, "catalog", change->catalog);
    }
    cr_canon_key(json, "from");
    cr_canon_date(json, change->from);
    cr_canon_end_object(json);
}

static void write_sets(cr_canon *json, const credit_why_not *why)
{
    cr_canon_key(json, "sets");
    cr_canon_array(json);
    for (size_t i = 0; i < why->set_count; i++) {
        cr_canon_array(json);
        for (size_t k = 0; k < why->sets[i].change_count; k++) {
            write_change(json, &why->sets[i].changes[k]);
        }
        cr_canon_end_array(json);
    }
    cr_canon_end_array(json);
    cr_canon_key(json, "sets_total");
    cr_canon_integer(json, (int64_t)why->set_total);
    cr_canon_key(json, "settled");
    cr_canon_bool(json, why->settled);
}

static void write_unspoken(cr_canon *json, const credit_unspoken *row)
{
    cr_canon_object(json);
    put(json, "rule", row->rule);
    cr_canon_key(json, "outcome");
    cr_canon_text(json, "grant");
    put(json, "text", row->text);
    put(json, "basis", row->basis);
    write_inputs(json, row->inputs, row->input_count);
    cr_canon_end_object(json);
}

static void write_why_not(cr_canon *json, const credit_why_not *why)
{
    cr_canon_object(json);
    cr_canon_key(json, "goal");
    cr_canon_text(json, why->goal);
    if (why->grant != NULL) { put(json, "grant", why->grant->grant); }
    cr_canon_key(json, "now");
    if (why->now.size == 0) {
        cr_canon_null(json);
    } else {
        cr_canon_string(json, why->now);
    }
    cr_canon_key(json, "against");
    cr_canon_array(json);
    for (size_t i = 0; i < why->reason_count; i++) { api_write_reason(json, why->reasons[i]); }
    cr_canon_end_array(json);
    cr_canon_key(json, "unspoken");
    cr_canon_array(json);
    for (size_t i = 0; i < why->unspoken_count; i++) { write_unspoken(json, &why->unspoken[i]); }
    cr_canon_end_array(json);
    write_sets(json, why);
    cr_canon_key(json, "turns_on");
    api_json_until(json, why->turns_on);
    cr_canon_end_object(json);
}

static void write_all_why_not(cr_canon *json, const credit_answer *answer)
{
    if (!answer->explained) { return; }
    cr_canon_key(json, "why_not");
    cr_canon_array(json);
    for (size_t i = 0; i < answer->why_not_count; i++) { write_why_not(json, &answer->why_not[i]); }
    cr_canon_end_array(json);
}

credit_result credit_answer_write(credit_view *view, const credit_question *question,
    const credit_answer *answer, credit_write write, void *ctx, credit_error *err)
{
    if (view == NULL || question == NULL || answer == NULL || write == NULL) {
        return cr_fail(
            err, CREDIT_E_USAGE, "a view, a question, an answer and a writer are needed");
    }
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    cr_canon_object(&json);
    cr_canon_key(&json, "subject");
    cr_canon_object(&json);
    put(&json, "id", answer->id);
    put(&json, "id_type", answer->id_type);
    put(&json, "name", answer->name);
    put(&json, "kind", answer->kind);
    cr_canon_end_object(&json);
    cr_canon_key(&json, "matter");
    cr_canon_text(&json, question->matter);
    cr_canon_key(&json, "as_of");
    cr_canon_date(&json, question->as_of);
    if (answer->grant_count > 0) { write_grants(&json, answer); }
    cr_canon_key(&json, "tier");
    if (answer->tier.size == 0) {
        cr_canon_null(&json);
    } else {
        cr_canon_string(&json, answer->tier);
    }
    put(&json, "inspection", answer->inspection);
    cr_canon_key(&json, "listings");
    cr_canon_array(&json);
    for (size_t i = 0; i < answer->listing_count; i++) {
        api_write_listing(&json, &answer->listings[i]);
    }
    cr_canon_end_array(&json);
    cr_canon_key(&json, "reasons");
    cr_canon_array(&json);
    for (size_t i = 0; i < answer->reason_count; i++) {
        api_write_reason(&json, &answer->reasons[i]);
    }
    cr_canon_end_array(&json);
    write_all_why_not(&json, answer);
    cr_canon_key(&json, "next_change");
    api_json_until(&json, answer->next_change);
    cr_canon_key(&json, "pack");
    api_write_pack(&json, view->policy->pack.pack);
    cr_canon_key(&json, "checkpoint");
    cr_canon_null(&json); /* signed tree heads come with the ledger */
    cr_canon_end_object(&json);
    credit_result rc = api_send(&json, write, ctx, err);
    cr_canon_free(&json);
    return rc;
}
