/* The pack's rules as pages for people: one per decision and per business knowledge
 * model, and an index. They are written from the tables that the model of the pack is
 * compiled from, so what is read is what runs. */
#ifndef CR_API_RULEBOOK_H
#define CR_API_RULEBOOK_H

#include "api/html.h"
#include "engine/decision.h"
#include "engine/pack.h"

/* The pages: the decisions, then the knowledge models. */
typedef struct cr_rulebook {
    const cr_pack *pack;
    cr_model_source source;
    const cr_source_decision **pages;
    credit_span *files; /* names of the pages' files */
    size_t count;
} cr_rulebook;

/* ---- rulebook.c: what refers to what ---- */

/* The page with the id that a requirement names ("#id"); SIZE_MAX: it has none. */
size_t cr_rulebook_required(const cr_rulebook *book, credit_span reference);
/* The page of the decision that pack.json names; SIZE_MAX: there is none. */
size_t cr_rulebook_named(const cr_rulebook *book, credit_span name);
/* A link to a page, by its name. */
void cr_rulebook_link(cr_html *h, const cr_rulebook *book, size_t page);
/* The names of the inputs, and links to the decisions, that a page requires. */
void cr_rulebook_requires(cr_html *h, const cr_rulebook *book, size_t page);
/* Does the logic of the page mention the parameter? */
bool cr_rulebook_mentions(const cr_rulebook *book, size_t page, credit_span parameter);

typedef void (*cr_rulebook_table)(void *ctx, const cr_source_table *table);
/* Every decision table of a page, in the order in which the page shows them. */
void cr_rulebook_tables(const cr_box *box, cr_rulebook_table visit, void *ctx);
/* Where the annotation column stands; SIZE_MAX: the table has none. */
size_t cr_rulebook_annotation(const cr_source_table *table, const char *name);

/* ---- rulebook_words.c: FEEL in words ---- */

/* Does the text use the parameter, outside of strings? */
bool cr_words_mention(credit_span feel, credit_span parameter);
/* The text itself; before it what it says in words, where words can say the same;
 * behind it what the parameters that it names are now. */
void cr_words_test(cr_html *h, const cr_pack *pack, credit_span feel);
void cr_words_value(cr_html *h, const cr_pack *pack, credit_span feel);
void cr_words_expression(cr_html *h, const cr_pack *pack, credit_span feel);
/* The hit policy: its name, and what it means. */
const char *cr_words_policy(const cr_source_table *table);
const char *cr_words_policy_name(const cr_source_table *table);

/* ---- the pages ---- */

void cr_rulebook_page(cr_html *h, const cr_rulebook *book, size_t page);
void cr_rulebook_index(cr_html *h, const cr_rulebook *book, cr_arena *arena);

#endif
