/* Built-ins that relate points and ranges (DMN 1.5, 10.3.4.9 and 10.3.4.10).
 *
 * A point is a range whose ends are itself. Each relation is a conjunction of
 * comparisons of ends; they go through cr_compare, so that the clock is seen. */
#include <string.h>

#include "engine/feel_builtin.h"
#include "engine/feel_parse.h"

/* Both arguments, each as a range, and whether they were ones. */
typedef struct pair {
    cr_eval *eval;
    cr_feel_range a, b;
    bool a_range, b_range;
} pair;

static bool as_range(cr_feel_value value, cr_feel_range *out, bool *is_range)
{
    value = cr_single(value);
    *is_range = value.kind == CR_FEEL_RANGE;
    *out = *is_range ? *value.as.range : (cr_feel_range){value, value, true, true};
    return value.kind != CR_FEEL_NULL && !cr_feel_is_list(value);
}

static bool want_pair(cr_eval *eval, const cr_feel_value *args, pair *p)
{
    p->eval = eval;
    if (as_range(args[0], &p->a, &p->a_range) && as_range(args[1], &p->b, &p->b_range)) {
        return true;
    }
    cr_complain(eval, "a relation of ranges takes two values");
    return false;
}

static bool holds(const pair *p, cr_op op, cr_feel_value a, cr_feel_value b)
{
    return cr_feel_is_true(cr_compare(p->eval, op, a, b));
}

/* a's end lies before b's start. */
static bool ends_before(const pair *p, const cr_feel_range *a, const cr_feel_range *b)
{
    bool touching = a->high_included && b->low_included;
    return holds(p, touching ? CR_OP_LT : CR_OP_LE, a->high, b->low);
}

static bool same_start(const pair *p)
{
    return p->a.low_included == p->b.low_included && holds(p, CR_OP_EQ, p->a.low, p->b.low);
}

static bool same_end(const pair *p)
{
    return p->a.high_included == p->b.high_included && holds(p, CR_OP_EQ, p->a.high, p->b.high);
}

/* `outer` reaches as far down, or up, as `inner`. */
static bool covers_start(const pair *p, const cr_feel_range *outer, const cr_feel_range *inner)
{
    bool open = !outer->low_included && inner->low_included;
    return holds(p, open ? CR_OP_LT : CR_OP_LE, outer->low, inner->low);
}

static bool covers_end(const pair *p, const cr_feel_range *outer, const cr_feel_range *inner)
{
    bool open = !outer->high_included && inner->high_included;
    return holds(p, open ? CR_OP_GT : CR_OP_GE, outer->high, inner->high);
}

static bool rel_before(const pair *p)
{
    return ends_before(p, &p->a, &p->b);
}

static bool rel_after(const pair *p)
{
    return ends_before(p, &p->b, &p->a);
}

static bool rel_meets(const pair *p)
{
    return p->a_range && p->b_range && p->a.high_included && p->b.low_included &&
           holds(p, CR_OP_EQ, p->a.high, p->b.low);
}

static bool rel_met_by(const pair *p)
{
    return p->a_range && p->b_range && p->a.low_included && p->b.high_included &&
           holds(p, CR_OP_EQ, p->a.low, p->b.high);
}

static bool rel_overlaps(const pair *p)
{
    return p->a_range && p->b_range && !ends_before(p, &p->a, &p->b) &&
           !ends_before(p, &p->b, &p->a);
}

/* a starts before b, reaches into it and does not go further. */
static bool rel_overlaps_before(const pair *p)
{
    bool earlier =
        holds(p, CR_OP_LT, p->a.low, p->b.low) ||
        (p->a.low_included && !p->b.low_included && holds(p, CR_OP_EQ, p->a.low, p->b.low));
    return p->a_range && p->b_range && earlier && !ends_before(p, &p->a, &p->b) &&
           covers_end(p, &p->b, &p->a);
}

/* a starts within b, later than b, and goes at least as far. */
static bool rel_overlaps_after(const pair *p)
{
    bool later =
        holds(p, CR_OP_GT, p->a.low, p->b.low) ||
        (!p->a.low_included && p->b.low_included && holds(p, CR_OP_EQ, p->a.low, p->b.low));
    return p->a_range && p->b_range && later && !ends_before(p, &p->b, &p->a) &&
           covers_end(p, &p->a, &p->b);
}

static bool rel_includes(const pair *p)
{
    return p->a_range && covers_start(p, &p->a, &p->b) && covers_end(p, &p->a, &p->b);
}

static bool rel_during(const pair *p)
{
    return p->b_range && covers_start(p, &p->b, &p->a) && covers_end(p, &p->b, &p->a);
}

static bool rel_starts(const pair *p)
{
    return p->b_range && same_start(p) && covers_end(p, &p->b, &p->a);
}

static bool rel_started_by(const pair *p)
{
    return p->a_range && same_start(p) && covers_end(p, &p->a, &p->b);
}

static bool rel_finishes(const pair *p)
{
    return p->b_range && same_end(p) && covers_start(p, &p->b, &p->a);
}

static bool rel_finished_by(const pair *p)
{
    return p->a_range && same_end(p) && covers_start(p, &p->a, &p->b);
}

static bool rel_coincides(const pair *p)
{
    return p->a_range == p->b_range && same_start(p) && same_end(p);
}

static cr_feel_value relate(
    cr_eval *eval, const cr_feel_value *args, bool (*relation)(const pair *))
{
    pair p;
    return want_pair(eval, args, &p) ? cr_feel_boolean(relation(&p)) : cr_feel_null();
}

#define RELATION_BUILTIN(name)                                                                     \
    static cr_feel_value name(cr_eval *eval, const cr_feel_value *args, size_t count)              \
    {                                                                                              \
        (void)count;                                                                               \
        return relate(eval, args, rel_##name);                                                     \
    }

RELATION_BUILTIN(before)
RELATION_BUILTIN(after)
RELATION_BUILTIN(meets)
RELATION_BUILTIN(met_by)
RELATION_BUILTIN(overlaps)
RELATION_BUILTIN(overlaps_before)
RELATION_BUILTIN(overlaps_after)
RELATION_BUILTIN(includes)
RELATION_BUILTIN(during)
RELATION_BUILTIN(starts)
RELATION_BUILTIN(started_by)
RELATION_BUILTIN(finishes)
RELATION_BUILTIN(finished_by)
RELATION_BUILTIN(coincides)

/* range("[1..3]"): literals only, both ends there, in order. */
static cr_feel_value range_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text;
    (void)count;
    if (!cr_want_text(eval, args[0], &text)) { return cr_feel_null(); }
    credit_error ignored = CREDIT_ERROR_INIT;
    cr_frame frame = {0};
    cr_compiler compiler = {
        .arena = &eval->arena, .err = &ignored, .frame = &frame, .element = "range"};
    cr_parser parser = {.c = &compiler, .lex = {text, 0}, .literals_only = true};
    cr_expr *node = text.size > CR_FEEL_SOURCE_MAX ? NULL : cr_parse_expression(&parser);
    cr_free(compiler.warnings);
    bool whole = node != NULL && node->op == CR_OP_CONSTANT && cr_lex_at_end(&parser.lex) &&
                 node->as.value.kind == CR_FEEL_RANGE;
    if (!whole) { return cr_complain(eval, "range() does not understand its text"); }
    const cr_feel_range *range = node->as.value.as.range;
    int order = cr_order(eval, range->low, range->high);
    return order == 0 || order == -1 ? node->as.value
                                     : cr_complain(eval, "the ends of a range are out of order");
}

/* clang-format off */
const cr_builtin cr_builtins_range[] = {
    {"before",          "point1,point2|range,point|point,range|range1,range2", before,          CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"after",           "point1,point2|range,point|point,range|range1,range2", after,           CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"meets",           "range1,range2",                                       meets,           CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"met by",          "range1,range2",                                       met_by,          CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"overlaps",        "range1,range2",                                       overlaps,        CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"overlaps before", "range1,range2",                                       overlaps_before, CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"overlaps after",  "range1,range2",                                       overlaps_after,  CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"includes",        "range,point|range1,range2",                           includes,        CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"during",          "point,range|range1,range2",                           during,          CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"starts",          "point,range|range1,range2",                           starts,          CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"started by",      "range,point|range1,range2",                           started_by,      CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"finishes",        "point,range|range1,range2",                           finishes,        CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"finished by",     "range,point|range1,range2",                           finished_by,     CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"coincides",       "point1,point2|range1,range2",                         coincides,       CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {"range",           "from",                                                range_of,        CR_FEEL_RANGE,   0},
    {0}
};
/* clang-format on */
