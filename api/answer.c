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
    cr_canon_key(&json, "next_change");
    api_json_until(&json, answer->next_change);
    cr_canon_key(&json, "pack");
    api_write_pack(&json, view->store->pack.pack);
    cr_canon_key(&json, "checkpoint");
    cr_canon_null(&json); /* signed tree heads come with the ledger */
    cr_canon_end_object(&json);
    credit_result rc = api_send(&json, write, ctx, err);
    cr_canon_free(&json);
    return rc;
}
