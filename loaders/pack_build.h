/* A pack under construction: what the files of loaders/pack*.c share. */
#ifndef CR_LOADERS_PACK_BUILD_H
#define CR_LOADERS_PACK_BUILD_H

#include "engine/crypto.h"
#include "engine/rowcheck.h"
#include "loaders/pack_json.h"

typedef struct cr_pack_builder {
    cr_pack *pack;
    cr_arena *arena; /* the pack's own */
    const cr_crypto *crypto;
    cr_hasher *hasher;
    credit_error *err;
} cr_pack_builder;

/* NULL after a mistake: the pack has no such file. */
const cr_pack_file *cr_pack_builder_file(
    cr_pack_builder *b, const char *named_in, const char *path);

/* One item of memory, or a sticky mistake in the document. */
void *cr_doc_array(cr_doc *doc, size_t count, size_t size);

credit_result cr_pack_read_codeset(cr_pack_builder *b, credit_span name, cr_codeset *out);
credit_result cr_pack_read_catalog(cr_pack_builder *b, credit_span name, cr_catalog *out);
/* The members of "credit" that name checks; `patterns` come first. */
void cr_pack_read_checks(
    cr_json_node list, cr_catalog *catalog, const cr_check *patterns, size_t pattern_count);
void cr_pack_read_profiles(cr_json_node list, cr_catalog *catalog);
void cr_pack_read_defaults(cr_json_node node, cr_catalog *catalog);
/* What the rows say about records of other catalogs; these are found when all have
 * been read. */
void cr_pack_read_message(cr_json_node node, cr_catalog *catalog);
void cr_pack_link_messages(cr_json_node list, cr_pack *pack);
/* The role by its word; CR_ROLE_NONE if there is none. */
cr_role cr_pack_role(credit_span word);
const char *cr_pack_role_word(cr_role role);

credit_result cr_pack_read_regions(cr_pack_builder *b, const char *path);
credit_result cr_pack_read_departments(cr_pack_builder *b, const char *path);
credit_result cr_pack_read_calendar(cr_pack_builder *b, const char *path);
credit_result cr_pack_read_matching(cr_pack_builder *b, const char *path);

/* coverage, parameters and judgement of pack.json. */
void cr_pack_read_policy(cr_pack_builder *b, cr_json_node root);
credit_result cr_pack_read_parameters(cr_pack_builder *b, const char *path);

/* Column named by the node's text; 0 after a mistake. */
uint16_t cr_pack_column(cr_json_node node, const cr_catalog *catalog);
/* A scope by its word; `never` only where `may_be_never`. */
cr_scope cr_pack_scope(cr_json_node node, bool may_be_never);

#endif
