#include "engine/lint.h"

#include <string.h>

#include "engine/lint_model.h"

const char *cr_lint_kind_word(cr_lint_kind kind)
{
    static const char *const words[CR_LINT_KINDS] = {
        [CR_LINT_GAP] = "gap",
        [CR_LINT_OVERLAP] = "overlap",
        [CR_LINT_UNREACHABLE] = "unreachable",
        [CR_LINT_TYPE] = "type",
        [CR_LINT_NAME] = "name",
        [CR_LINT_WORD] = "word",
        [CR_LINT_NULL_ROW] = "null_row",
        [CR_LINT_ANNOTATION] = "annotation",
        [CR_LINT_ROW_ID] = "row_id",
        [CR_LINT_PARAMETER] = "parameter",
        [CR_LINT_UNUSED] = "unused",
        [CR_LINT_MONOTONE] = "monotone",
        [CR_LINT_SERIOUS] = "serious",
        [CR_LINT_UNREADABLE] = "unreadable",
    };
    return kind < CR_LINT_KINDS ? words[kind] : "";
}

const char *cr_lint_severity_word(cr_lint_severity severity)
{
    static const char *const words[] = {"note", "warning", "error"};
    return words[severity];
}

void cr_lint_no_memory(cr_lint *l)
{
    if (l->rc == CREDIT_OK) { l->rc = cr_fail(l->err, CREDIT_E_NOMEM, "out of memory"); }
}

void cr_lint_say(cr_lint *l, cr_lint_kind kind, cr_lint_severity severity, cr_lint_place place,
    const cr_canon *example, const char *text, const char *chinese)
{
    if (text == NULL || chinese == NULL || (example != NULL && example->failed)) {
        cr_lint_no_memory(l);
    }
    if (l->rc != CREDIT_OK) { return; }
    const cr_lint_finding finding = {
        .kind = kind,
        .severity = severity,
        .decision = place.decision.data == NULL ? CR_SPAN("") : place.decision,
        .row = place.row,
        .line = place.line,
        .text = text,
        .chinese = chinese,
        .example = example == NULL ? CR_SPAN("") : cr_canon_span(example),
    };
    l->wrong = l->wrong || severity == CR_LINT_ERROR;
    l->rc = l->sink(l->ctx, &finding, l->err);
}

/* --- opening ------------------------------------------------------------------------ */

void cr_lint_fresh(cr_lint *l)
{
    if (!cr_eval_is_sound(l->eval)) { cr_lint_no_memory(l); }
    cr_eval_reset(l->eval, l->host_ctx);
    cr_eval_set(l->eval, l->policy_input, l->policy);
}

static credit_result open_lint(cr_lint *l)
{
    size_t count = l->model->decision_count;
    l->decisions = cr_arena_array(&l->arena, count, sizeof *l->decisions);
    l->under_way = cr_arena_array(&l->arena, count, sizeof *l->under_way);
    if (l->decisions == NULL || l->under_way == NULL) {
        return cr_fail(l->err, CREDIT_E_NOMEM, "out of memory");
    }
    credit_result rc = cr_eval_new(l->model, &l->eval, l->err);
    if (rc != CREDIT_OK) { return rc; }
    if (l->pack != NULL && !cr_lint_policy(l)) { return l->rc; }
    l->policy_input = l->pack == NULL ? -1 : cr_model_input(l->model, CR_SPAN("policy"));
    cr_lint_fresh(l);
    return l->rc;
}

static void close_lint(cr_lint *l)
{
    cr_eval_free(l->eval);
    cr_arena_release(&l->arena);
}

credit_result cr_lint_model(const cr_model *model, const struct cr_pack *pack, cr_lint_sink *sink,
    void *ctx, credit_error *err)
{
    cr_lint l = {.model = model, .pack = pack, .sink = sink, .ctx = ctx, .err = err};
    l.rc = open_lint(&l);
    if (l.rc == CREDIT_OK) { cr_lint_names(&l); }
    if (l.rc == CREDIT_OK) { cr_lint_fresh(&l); }
    /* How subjects fare under rules that are wrong anyway tells nothing. */
    if (l.rc == CREDIT_OK && pack != NULL && !l.wrong) { cr_lint_subjects(&l); }
    close_lint(&l);
    return l.rc;
}
