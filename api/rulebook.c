/* credit_rules_pages: the rules of a pack as pages for people. */
#include "api/rulebook.h"

#include <stdio.h>
#include <string.h>

#include "api/internal.h"
#include "engine/text.h"
#include "loaders/dmn.h"

/* ---- names of files ------------------------------------------------------------------------ */

/* The name with a dash for every ASCII character that is no letter and no digit, so
 * that nothing in it can be a path or part of an address. */
static bool name_file(cr_arena *arena, credit_span name, size_t again, credit_span *out)
{
    size_t room = name.size + 32, used = 0;
    char *file = cr_arena_alloc(arena, room);
    if (file == NULL) { return false; }
    for (; used < name.size; used++) {
        char c = name.data[used];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (unsigned char)c >= 0x80;
        file[used] = plain ? c : '-';
    }
    int more = again == 0 ? snprintf(file + used, room - used, ".html")
                          : snprintf(file + used, room - used, "-%zu.html", again + 1);
    *out = (credit_span){file, used + (size_t)more};
    return true;
}

static bool is_taken(const cr_rulebook *book, size_t page, credit_span file)
{
    bool taken = cr_span_is(file, "index.html");
    for (size_t i = 0; i < page && !taken; i++) { taken = cr_span_equal(book->files[i], file); }
    return taken;
}

static credit_result name_files(cr_rulebook *book, cr_arena *arena, credit_error *err)
{
    for (size_t i = 0; i < book->count; i++) {
        size_t again = 0;
        do {
            if (!name_file(arena, book->pages[i]->name, again++, &book->files[i])) {
                return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
            }
        } while (is_taken(book, i, book->files[i]));
    }
    return CREDIT_OK;
}

static credit_result open_book(
    cr_rulebook *book, const cr_pack *pack, cr_arena *arena, credit_error *err)
{
    *book = (cr_rulebook){.pack = pack};
    if (pack->rules == NULL) { return cr_fail(err, CREDIT_E_NOT_FOUND, "the pack has no rules"); }
    credit_result rc = cr_dmn_parse(pack->rules->bytes, arena, &book->source, err);
    if (rc != CREDIT_OK) { return rc; }
    const cr_model_source *source = &book->source;
    size_t count = source->decision_count + source->knowledge_count;
    book->pages = cr_arena_array(arena, count, sizeof *book->pages);
    book->files = cr_arena_array(arena, count, sizeof *book->files);
    if (book->pages == NULL || book->files == NULL) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < source->decision_count; i++) {
        book->pages[book->count++] = &source->decisions[i];
    }
    for (size_t i = 0; i < source->knowledge_count; i++) {
        book->pages[book->count++] = &source->knowledge[i];
    }
    return name_files(book, arena, err);
}

/* ---- what refers to what ------------------------------------------------------------------- */

static bool refers_to(credit_span reference, credit_span id)
{
    return reference.size == id.size + 1 && reference.data[0] == '#' &&
           memcmp(reference.data + 1, id.data, id.size) == 0;
}

size_t cr_rulebook_required(const cr_rulebook *book, credit_span reference)
{
    for (size_t i = 0; i < book->count; i++) {
        if (refers_to(reference, book->pages[i]->id)) { return i; }
    }
    return SIZE_MAX;
}

size_t cr_rulebook_named(const cr_rulebook *book, credit_span name)
{
    for (size_t i = 0; i < book->source.decision_count; i++) {
        if (cr_span_equal(book->pages[i]->name, name)) { return i; }
    }
    return SIZE_MAX;
}

void cr_rulebook_link(cr_html *h, const cr_rulebook *book, size_t page)
{
    cr_html_markup(h, "<a href=\"");
    cr_html_text(h, book->files[page]);
    cr_html_markup(h, "\">");
    cr_html_text(h, book->pages[page]->name);
    cr_html_markup(h, "</a>");
}

static void put_input(cr_html *h, const cr_rulebook *book, credit_span reference)
{
    for (size_t i = 0; i < book->source.input_count; i++) {
        const cr_source_input *input = &book->source.inputs[i];
        if (refers_to(reference, input->id)) { cr_html_element(h, "code", NULL, input->name); }
    }
}

void cr_rulebook_requires(cr_html *h, const cr_rulebook *book, size_t page)
{
    const cr_source_decision *decision = book->pages[page];
    for (size_t i = 0; i < decision->require_count; i++) {
        size_t other = cr_rulebook_required(book, decision->requires[i]);
        if (i > 0) { cr_html_markup(h, "、"); }
        if (other == SIZE_MAX) {
            put_input(h, book, decision->requires[i]);
        } else {
            cr_rulebook_link(h, book, other);
        }
    }
}

/* ---- walking through the logic --------------------------------------------------------------- */

void cr_rulebook_tables(const cr_box *box, cr_rulebook_table visit, void *ctx)
{
    if (box->table != NULL) { visit(ctx, box->table); }
    for (size_t i = 0; i < box->kid_count; i++) { cr_rulebook_tables(box->kids[i], visit, ctx); }
}

size_t cr_rulebook_annotation(const cr_source_table *table, const char *name)
{
    for (size_t i = 0; i < table->annotation_count; i++) {
        if (cr_span_is(table->annotations[i], name)) { return i; }
    }
    return SIZE_MAX;
}

static bool column_mentions(const cr_source_column *column, credit_span parameter)
{
    return cr_words_mention(column->expression.text, parameter) ||
           cr_words_mention(column->allowed.text, parameter) ||
           cr_words_mention(column->standard.text, parameter);
}

static bool cells_mention(const cr_source_text *cells, size_t count, credit_span parameter)
{
    for (size_t i = 0; i < count; i++) {
        if (cr_words_mention(cells[i].text, parameter)) { return true; }
    }
    return false;
}

static bool table_mentions(const cr_source_table *table, credit_span parameter)
{
    bool found = false;
    for (size_t i = 0; i < table->input_count && !found; i++) {
        found = column_mentions(&table->inputs[i], parameter);
    }
    for (size_t i = 0; i < table->output_count && !found; i++) {
        found = column_mentions(&table->outputs[i], parameter);
    }
    for (size_t i = 0; i < table->rule_count && !found; i++) {
        found = cells_mention(table->rules[i].tests, table->input_count, parameter) ||
                cells_mention(table->rules[i].outputs, table->output_count, parameter);
    }
    return found;
}

static bool box_mentions(const cr_box *box, credit_span parameter)
{
    bool found = cr_words_mention(box->text, parameter) ||
                 (box->table != NULL && table_mentions(box->table, parameter));
    for (size_t i = 0; i < box->kid_count && !found; i++) {
        found = box_mentions(box->kids[i], parameter);
    }
    return found;
}

bool cr_rulebook_mentions(const cr_rulebook *book, size_t page, credit_span parameter)
{
    return box_mentions(book->pages[page]->box, parameter);
}

/* ---- handing out ---------------------------------------------------------------------- */

/* CREDIT_DONE when the writer wants no more. */
static credit_result hand_out(
    cr_html *h, const char *file, credit_write_page write, void *ctx, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    if (h->failed) {
        rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    } else if (write(ctx, file, h->data, h->size) != 0) {
        rc = CREDIT_DONE;
    }
    cr_html_free(h);
    return rc;
}

static credit_result send_page(
    const cr_rulebook *book, size_t page, credit_write_page write, void *ctx, credit_error *err)
{
    cr_html h = CR_HTML_INIT;
    cr_rulebook_page(&h, book, page);
    return hand_out(&h, book->files[page].data, write, ctx, err);
}

static credit_result send_all(
    const cr_rulebook *book, cr_arena *arena, credit_write_page write, void *ctx, credit_error *err)
{
    cr_html h = CR_HTML_INIT;
    cr_rulebook_index(&h, book, arena);
    credit_result rc = hand_out(&h, "index.html", write, ctx, err);
    for (size_t i = 0; rc == CREDIT_OK && i < book->count; i++) {
        rc = send_page(book, i, write, ctx, err);
    }
    return rc;
}

static credit_result send_named(const cr_rulebook *book, const char *name, credit_write_page write,
    void *ctx, credit_error *err)
{
    for (size_t i = 0; i < book->count; i++) {
        if (cr_span_is(book->pages[i]->name, name)) { return send_page(book, i, write, ctx, err); }
    }
    return cr_fail(err, CREDIT_E_NOT_FOUND, "%.60s: no such decision", name);
}

credit_result credit_rules_pages(const credit_pack *pack, const char *decision,
    credit_write_page write, void *ctx, credit_error *err)
{
    if (pack == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a pack and a writer are needed");
    }
    cr_arena arena = CR_ARENA_INIT;
    cr_rulebook book;
    credit_result rc = open_book(&book, pack->pack, &arena, err);
    if (rc == CREDIT_OK) {
        rc = decision == NULL ? send_all(&book, &arena, write, ctx, err)
                              : send_named(&book, decision, write, ctx, err);
    }
    cr_arena_release(&arena);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
