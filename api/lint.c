/* What is wrong with a pack: one JSON line a finding, or their number and the first. */
#include <string.h>

#include "api/internal.h"
#include "api/policy.h"
#include "engine/lint.h"
#include "engine/text.h"

typedef struct telling {
    const cr_pack_file *files;
    size_t file_count;
    credit_span rules; /* the file that the findings are about */
    credit_write write;
    void *ctx;
    cr_canon json;
    credit_lint_count *count;
} telling;

static void add_text(cr_canon *json, const char *key, credit_span text)
{
    if (text.size == 0) { return; }
    cr_canon_key(json, key);
    cr_canon_string(json, text);
}

static void add_number(cr_canon *json, const char *key, uint64_t number)
{
    if (number == 0) { return; }
    cr_canon_key(json, key);
    cr_canon_integer(json, (int64_t)number);
}

static void write_finding(cr_canon *json, const cr_lint_finding *finding, credit_span file)
{
    cr_canon_reset(json);
    cr_canon_object(json);
    add_text(json, "kind", cr_span_of(cr_lint_kind_word(finding->kind)));
    add_text(json, "severity", cr_span_of(cr_lint_severity_word(finding->severity)));
    add_text(json, "file", file);
    add_number(json, "line", finding->line);
    add_text(json, "decision", finding->decision);
    add_number(json, "row", finding->row);
    add_text(json, "text", cr_span_of(finding->text));
    add_text(json, "text_zh", cr_span_of(finding->chinese));
    if (finding->example.size > 0) {
        cr_canon_key(json, "example");
        cr_canon_raw(json, finding->example);
    }
    cr_canon_end_object(json);
}

static credit_result tell(void *ctx, const cr_lint_finding *finding, credit_error *err)
{
    telling *t = ctx;
    uint64_t *counts[] = {&t->count->notes, &t->count->warnings, &t->count->errors};
    (*counts[finding->severity])++;
    if (t->write == NULL) { return CREDIT_OK; }
    write_finding(&t->json, finding, t->rules);
    return api_send(&t->json, t->write, t->ctx, err);
}

/* The file that a message begins with: "rules/x.dmn:12: …". */
static credit_span file_of(const telling *t, const char *message)
{
    for (size_t i = 0; i < t->file_count; i++) {
        credit_span path = t->files[i].path;
        if (cr_span_starts(cr_span_of(message), path) && message[path.size] == ':') { return path; }
    }
    return CR_SPAN("pack.json");
}

/* A pack that is refused when it is opened: that is what is wrong with it. */
static credit_result tell_refusal(telling *t, credit_error *refusal, credit_error *err)
{
    size_t bad;
    if (!cr_utf8_valid(cr_span_of(refusal->message), &bad)) { refusal->message[bad] = '\0'; }
    const cr_lint_finding finding = {
        .kind = CR_LINT_UNREADABLE,
        .severity = CR_LINT_ERROR,
        .decision = CR_SPAN(""),
        .line = refusal->line,
        .text = refusal->message,
        .chinese = refusal->message,
        .example = CR_SPAN(""),
    };
    t->rules = file_of(t, refusal->message);
    return tell(t, &finding, err);
}

static credit_result lint(telling *t, credit_error *err)
{
    cr_pack *pack = NULL;
    credit_error refusal = CREDIT_ERROR_INIT;
    credit_result rc = api_pack_compile(t->files, t->file_count, &pack, &refusal);
    if (rc == CREDIT_E_PACK) { return tell_refusal(t, &refusal, err); }
    if (rc != CREDIT_OK) {
        if (err != NULL) { *err = refusal; }
        return rc;
    }
    if (pack->model != NULL) {
        t->rules = pack->rules->path;
        rc = cr_lint_model(pack->model, pack, tell, t, err);
    }
    api_pack_free(pack);
    return rc;
}

credit_result credit_rules_lint(const char *directory, credit_write write, void *ctx,
    credit_lint_count *count, credit_error *err)
{
    if (count == NULL) { return cr_fail(err, CREDIT_E_USAGE, "a place for the count is needed"); }
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    telling t = {.write = write, .ctx = ctx, .count = count};
    memset(count, 0, sizeof *count);
    cr_canon_init(&t.json);
    t.json.sorted = false;
    credit_result rc = api_pack_read(directory, &arena, &files, &t.file_count, err);
    t.files = files;
    if (rc == CREDIT_OK) { rc = lint(&t, err); }
    cr_canon_free(&t.json);
    cr_arena_release(&arena);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* ---- before a pack comes into force -------------------------------------------------- */

typedef struct counting {
    credit_span rules;
    uint64_t *findings;
    credit_error *first;
} counting;

static credit_result count(void *ctx, const cr_lint_finding *finding, credit_error *err)
{
    counting *c = ctx;
    (void)err;
    if (finding->severity == CR_LINT_NOTE || (*c->findings)++ > 0) { return CREDIT_OK; }
    (void)cr_fail(c->first, CREDIT_E_PACK, "%.*s:%llu: %s%.*s%s%s", (int)c->rules.size,
        c->rules.data, (unsigned long long)finding->line,
        finding->decision.size > 0 ? "decision \"" : "", (int)finding->decision.size,
        finding->decision.data, finding->decision.size > 0 ? "\": " : "", finding->text);
    return CREDIT_OK;
}

credit_result api_pack_lint(
    const cr_pack *pack, uint64_t *findings, credit_error *first, credit_error *err)
{
    *findings = 0;
    if (pack->model == NULL) { return cr_fail(err, CREDIT_E_PACK, "the pack has no rules"); }
    counting c = {pack->rules->path, findings, first};
    return cr_lint_model(pack->model, pack, count, &c, err);
}
