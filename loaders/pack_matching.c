/* Whose record a row is: the matching table of a pack. */
#include "engine/error.h"
#include "engine/text.h"
#include "loaders/pack_build.h"

/* The values of one fact that the row allows; all, where it does not name the fact. */
static uint8_t read_values(cr_json_node when, cr_match_fact fact)
{
    cr_json_node node = {when.doc, NULL, NULL};
    uint8_t allowed = 0;
    if (when.json != NULL) { node = cr_json_get(when, cr_match_fact_words[fact]); }
    if (node.json == NULL) { return UINT8_MAX; }
    size_t count = cr_json_count(node);
    if (count == 0) { cr_json_fail(node, "names no value: the row would never fit"); }
    for (size_t i = 0; i < count; i++) {
        int value = cr_json_choice(cr_json_item(node, i), cr_match_value_words[fact]);
        allowed |= (uint8_t)(1U << value);
    }
    return allowed;
}

static void read_row(cr_json_node node, cr_match_row *row)
{
    static const char *const names[] = {"rule", "when", "outcome", "text", "basis", "note", NULL};
    static const char *const outcomes[] = {"park", "join", "join_note", "introduce", NULL};
    cr_json_only(node, names);
    cr_json_node rule = cr_json_need(node, "rule"), when = cr_json_get(node, "when");
    row->rule = cr_json_text(rule);
    row->text = cr_json_text(cr_json_need(node, "text"));
    row->basis = cr_json_text(cr_json_need(node, "basis"));
    row->outcome = (cr_match_outcome)cr_json_choice(cr_json_need(node, "outcome"), outcomes);
    if (when.json != NULL) { cr_json_only(when, cr_match_fact_words); }
    for (size_t i = 0; i < CR_MATCH_FACTS; i++) {
        row->allowed[i] = read_values(when, (cr_match_fact)i);
    }
    if (node.doc->rc == CREDIT_OK && (row->rule.size == 0 || row->rule.size >= CR_MATCH_RULE)) {
        cr_json_fail(rule, "a rule is named by 1 to %d letters", CR_MATCH_RULE - 1);
    }
}

/* A row that waits is known by its rule: two reasons need two names. */
static void refuse_double_rules(cr_json_node list, const cr_match_row *rows, size_t count)
{
    for (size_t i = 0; i < count && list.doc->rc == CREDIT_OK; i++) {
        for (size_t j = 0; j < i && rows[i].outcome == CR_OUTCOME_PARK; j++) {
            if (rows[j].outcome == CR_OUTCOME_PARK && cr_span_equal(rows[i].rule, rows[j].rule)) {
                cr_json_fail(cr_json_item(list, i), "\"%s\" parks rows for another reason already",
                    rows[i].rule.data);
            }
        }
    }
}

static void read_table(cr_json_node list, cr_matching *matching)
{
    size_t count = cr_json_count(list), at = 0;
    if (count > CR_MATCH_ROWS) {
        cr_json_fail(list, "has more than %d rows", CR_MATCH_ROWS);
        return;
    }
    cr_match_row *rows = cr_doc_array(list.doc, count, sizeof *rows);
    if (rows == NULL) { return; }
    for (size_t i = 0; i < count; i++) { read_row(cr_json_item(list, i), &rows[i]); }
    refuse_double_rules(list, rows, count);
    matching->rows = rows;
    matching->row_count = count;
    if (list.doc->rc != CREDIT_OK) { return; }
    if (!cr_matching_compile(matching, list.doc->arena)) {
        cr_doc_no_memory(list.doc);
        return;
    }
    const char *fault = cr_matching_fault(matching, &at);
    if (fault != NULL) {
        cr_json_fail(cr_json_item(list, at), "rule %s %s", rows[at].rule.data, fault);
    }
}

credit_result cr_pack_read_matching(cr_pack_builder *b, const char *path)
{
    const cr_pack_file *file = cr_pack_builder_file(b, "pack.json", path);
    if (file == NULL) { return CREDIT_E_PACK; }
    cr_doc doc;
    cr_json_node list = cr_doc_open(&doc, path, file->bytes, b->arena, b->err);
    if (list.json != NULL) { read_table(list, &b->pack->matching); }
    return cr_doc_close(&doc);
}
