/* credit_extract: judge, lay out, show, sign, seal; credit_verify is verify.c. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "api/answer.h"
#include "api/report_html.h"
#include "api/seal.h"
#include "engine/date.h"
#include "engine/extract.h"
#include "engine/text.h"

enum { NUMBER_SIZE = 22, NUMBER_RANDOM = 8 };

static credit_result find_scope(const char *name, cr_scope *scope, credit_error *err)
{
    static const char *const names[CR_SCOPES] = {"public", "government", "authorized"};
    for (size_t i = 0; i < CR_SCOPES; i++) {
        if (strcmp(name == NULL ? names[0] : name, names[i]) == 0) {
            *scope = (cr_scope)i;
            return CREDIT_OK;
        }
    }
    return cr_fail(err, CREDIT_E_USAGE, "%.30s: no such scope", name);
}

/* A report number: the time of issue in Shanghai, then eight of 0-9A-Z.
 * basis: domain 9.2. */
static credit_result make_number(
    const credit_store *store, credit_instant now, char number[NUMBER_SIZE + 1], credit_error *err)
{
    static const char symbols[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    enum { SYMBOLS = 36, SHANGHAI_SECONDS = 8 * 3600, FAIR = 252 };
    unsigned char random;
    struct tm parts;
    time_t seconds = (time_t)(now / 1000000) + SHANGHAI_SECONDS;
    if (gmtime_r(&seconds, &parts) == NULL || strftime(number, 15, "%Y%m%d%H%M%S", &parts) != 14) {
        return cr_fail(err, CREDIT_E_USAGE, "the moment of issue is out of range");
    }
    for (size_t i = 0; i < NUMBER_RANDOM;) {
        credit_result rc = store->crypto->random(&random, 1);
        if (rc != CREDIT_OK) { return cr_fail(err, rc, "no random bytes"); }
        if (random < FAIR) { number[14 + i++] = symbols[random % SYMBOLS]; }
    }
    number[NUMBER_SIZE] = '\0';
    return CREDIT_OK;
}

/* The moment the answer rests on: what was asked, or the newest commit. */
static credit_result known_at(
    credit_view *view, const credit_question *question, credit_instant *instant, credit_error *err)
{
    api_head head;
    credit_result rc = api_head_get(view->txn, &head, err);
    *instant = question->known_at == CREDIT_INSTANT_NONE ? head.at : question->known_at;
    return rc;
}

typedef struct issuing {
    credit_store *store;
    const credit_extract_options *options;
    credit_view *view;
    cr_subject_key subject;
    cr_scope scope;
    char number[NUMBER_SIZE + 1], id[48];
    cr_arena arena;
    cr_canon json;
    credit_span html;
} issuing;

static credit_result write_content(issuing *i, credit_error *err)
{
    cr_judge_question asked;
    const cr_judgement *judgement = NULL;
    const credit_question *question = &i->options->question;
    cr_frame_reader frames = {i->view->txn, i->store->crypto, NULL,
        i->store->has_persons_key ? i->store->persons_key : NULL};
    cr_extract extract = {.txn = i->view->txn,
        .frames = &frames,
        .subject = &i->subject,
        .scope = i->scope,
        .number = cr_span_of(i->number),
        .purpose = cr_span_of(i->options->purpose),
        .suite = cr_span_of(i->store->suite),
        .matter = cr_span_of(question->matter),
        .as_of = question->as_of,
        .issued_at = i->options->now};
    credit_result rc = api_judge_question(i->view, question, &asked, err);
    asked.green_channel = true;
    if (rc == CREDIT_OK) { rc = known_at(i->view, question, &extract.known_at, err); }
    if (rc == CREDIT_OK) { rc = api_judge(i->view, &i->subject, &asked, &judgement, err); }
    if (rc != CREDIT_OK) { return rc; }
    extract.pack = i->view->policy->pack.pack;
    extract.registry = &i->view->policy->registry;
    extract.judgement = judgement;
    extract.subject_id = cr_subject_key_print(&i->subject, i->id);
    rc = cr_extract_write(&extract, &i->json, &i->arena, err);
    if (rc == CREDIT_E_NOMEM && i->json.misused) {
        rc = cr_fail(err, CREDIT_E_BUG, "the extract is not canonical");
    }
    return rc;
}

static credit_result write_report(issuing *i, credit_error *err)
{
    unsigned char digest[CR_DIGEST_SIZE];
    char hex[2 * CR_DIGEST_SIZE + 1];
    cr_hasher *hasher = i->store->crypto->hasher_new(CR_HASH_SHA256);
    if (hasher == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    credit_span content = cr_canon_span(&i->json);
    credit_result rc = i->store->crypto->digest(hasher, &content, 1, digest);
    i->store->crypto->hasher_free(hasher);
    if (rc != CREDIT_OK) { return cr_fail(err, rc, "the extract could not be digested"); }
    api_hex(digest, sizeof digest, hex);
    return cr_report_html(content, hex, &i->arena, &i->html, err);
}

credit_result credit_extract(credit_store *store, const credit_subject *subject,
    const credit_extract_options *options, const char *path, char number[23], credit_error *err)
{
    if (number != NULL) { number[0] = '\0'; }
    if (store == NULL || subject == NULL || options == NULL || path == NULL ||
        options->now == CREDIT_INSTANT_NONE) {
        return cr_fail(
            err, CREDIT_E_USAGE, "a store, a subject, options with `now` and a path are needed");
    }
    issuing i = {.store = store, .options = options};
    cr_canon_init(&i.json);
    credit_result rc = find_scope(options->scope, &i.scope, err);
    if (rc == CREDIT_OK && i.scope == CR_SCOPE_PUBLIC &&
        cr_id_is_personal((cr_id_kind)subject->kind)) {
        rc = cr_fail(err, CREDIT_E_USAGE, "there is no public extract for a natural person");
    }
    if (rc == CREDIT_OK) { rc = api_subject_key(store, subject, &i.subject, err); }
    if (rc == CREDIT_OK) { rc = make_number(store, options->now, i.number, err); }
    if (rc == CREDIT_OK) { rc = credit_view_open(store, &i.view, err); }
    if (rc == CREDIT_OK) { rc = write_content(&i, err); }
    if (rc == CREDIT_OK) { rc = write_report(&i, err); }
    if (rc == CREDIT_OK) {
        rc = api_seal(store, cr_canon_span(&i.json), i.html, options->now, path, err);
    }
    if (rc == CREDIT_OK && number != NULL) { memcpy(number, i.number, sizeof i.number); }
    credit_view_close(i.view);
    cr_canon_free(&i.json);
    cr_arena_release(&i.arena);
    return rc;
}
