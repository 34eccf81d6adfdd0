/* Any bytes through everything that reads or writes text: folds, masks, dates,
 * decimals, canonical strings. */
#include <stdlib.h>
#include <string.h>

#include "engine/canon.h"
#include "engine/date.h"
#include "engine/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) { abort(); }
}

static void fold_all(credit_span text, cr_arena *arena)
{
    char *out = cr_arena_alloc(arena, text.size + 1), *twice = cr_arena_alloc(arena, text.size + 1);
    require(out != NULL && twice != NULL);
    require(cr_fold_width(text, out) <= text.size);
    size_t size = cr_fold_document_no(text, out);
    require(size <= text.size);
    if (cr_utf8_valid(text, NULL)) {
        require(cr_utf8_valid((credit_span){out, size}, NULL));
        require(cr_fold_name((credit_span){out, size}, twice) == size);
        require(memcmp(out, twice, size) == 0);
    }
}

static void mask_all(credit_span text, cr_arena *arena)
{
    size_t length = cr_utf8_length(text);
    credit_span masked = cr_mask(text, 2, 3, arena);
    require(cr_utf8_length(masked) == length);
    credit_span hidden = cr_mask_free_text(text, arena);
    require(hidden.size <= text.size && cr_utf8_length(hidden) == length);
    /* What was hidden leaves nothing more to hide. */
    require(cr_mask_free_text(hidden, arena).data == hidden.data);
}

static void parse_all(credit_span text)
{
    credit_date date, again;
    credit_instant instant, instant_again;
    cr_period period;
    int64_t value;
    char out[CR_INSTANT_TEXT];
    if (cr_date_parse(text, &date)) {
        require(cr_date_parse_iso(cr_span_of(cr_date_print(date, out)), &again) && again == date);
        require(cr_date_add(date, (cr_period){0, 0}) == date);
    }
    if (cr_instant_parse(text, &instant) && instant > INT64_C(-62135510400000000) &&
        instant < INT64_C(253402214400000000)) {
        require(cr_instant_parse(cr_span_of(cr_instant_print(instant, out)), &instant_again));
        require(instant == instant_again);
    }
    if (cr_period_parse(text, &period)) { cr_date_add(0, period); }
    (void)cr_parse_scaled(text, 6, &value);
}

static void write_string(credit_span text)
{
    cr_canon w;
    cr_canon_init(&w);
    if (cr_utf8_valid(text, NULL)) {
        cr_canon_string(&w, text);
        require(!w.failed && w.size >= text.size + 2);
        require(cr_utf8_valid(cr_canon_span(&w), NULL));
    }
    cr_canon_free(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cr_arena arena = CR_ARENA_INIT;
    credit_span text = {(const char *)data, size};
    credit_span trimmed = cr_span_trim(text);
    require(trimmed.size <= size);
    fold_all(text, &arena);
    mask_all(text, &arena);
    parse_all(text);
    write_string(text);
    cr_arena_release(&arena);
    return 0;
}
