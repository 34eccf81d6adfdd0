/* Reading JSON files of a pack: values by name, with the place of a mistake.
 *
 * 1. The first mistake sticks to the document; every later call does nothing
 *    and leaves its output alone, so that a reader is a straight line.
 * 2. A mistake names file, line and member path:
 *    "catalogs/xzcf.json:12: fields[3].credit.role: no such role \"x\"".
 * 3. Texts are copied into the document's arena.
 * 4. "$NAME" is the value of the pack's parameter NAME, where `pack` is set. */
#ifndef CR_LOADERS_PACK_JSON_H
#define CR_LOADERS_PACK_JSON_H

#include <jansson.h>

#include "engine/arena.h"
#include "engine/date.h"
#include "engine/pack.h"

typedef struct cr_doc {
    cr_arena *arena;
    credit_error *err;
    credit_result rc; /* sticky */
    const char *file;
    credit_span text;
    json_t *root;        /* owned */
    const cr_pack *pack; /* whose parameters may be named; NULL: nobody's */
} cr_doc;

/* A value and where it stands. `json` is NULL for a member that is not there. */
typedef struct cr_json_node {
    cr_doc *doc;
    const json_t *json;
    const char *path;
} cr_json_node;

cr_json_node cr_doc_open(
    cr_doc *doc, const char *file, credit_span text, cr_arena *arena, credit_error *err);
credit_result cr_doc_close(cr_doc *doc); /* what reading came to */
void cr_doc_no_memory(cr_doc *doc);

void cr_json_fail(cr_json_node node, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The value must be an object with none but these members; names that start
 * with "x-" are always fine. `names` ends with NULL. */
void cr_json_only(cr_json_node node, const char *const *names);
cr_json_node cr_json_get(cr_json_node node, const char *name);  /* .json NULL if absent */
cr_json_node cr_json_need(cr_json_node node, const char *name); /* a mistake if absent */
size_t cr_json_count(cr_json_node array);                  /* a mistake if not an array */
cr_json_node cr_json_item(cr_json_node array, size_t index);

/* The value itself, which must be there and of that type. */
credit_span cr_json_text(cr_json_node node);
uint32_t cr_json_number(cr_json_node node, uint32_t most);
bool cr_json_bool(cr_json_node node);
credit_date cr_json_date(cr_json_node node);
/* An array of texts; an absent one is empty. */
const credit_span *cr_json_texts(cr_json_node node, size_t *count);
const credit_date *cr_json_dates(cr_json_node node, size_t *count);
/* Position of the text among `words`, which end with NULL; 0 after a mistake. */
int cr_json_choice(cr_json_node node, const char *const *words);

/* 1-based line of the value at `path` ("a[2].b"); 0 if it is not found. */
uint64_t cr_json_line(credit_span text, const char *path);

#endif
