/* Look-ups in what the pack says about columns and words. Pure.
 *
 * 1. An exact match always wins over a folded one, so that a pack can tell
 *    apart what folding would make one.
 * 2. A word longer than NAME_MAX_BYTES is only ever matched exactly. */
#include "engine/catalog.h"

#include <string.h>

#include "engine/text.h"

credit_span cr_category_word(uint8_t category)
{
    static const char *const words[] = {"unknown", "organisation", "person", "sole_proprietor"};
    return cr_span_of(words[category < sizeof words / sizeof *words ? category : 0]);
}

enum { NAME_MAX_BYTES = 256 };

/* Full-width ASCII and the ideographic space start with these bytes. */
static bool may_hold_wide_characters(credit_span text)
{
    return memchr(text.data, 0xEF, text.size) != NULL || memchr(text.data, 0xE3, text.size) != NULL;
}

static bool code_is(const cr_code *code, credit_span text)
{
    if (cr_span_equal(code->word, text) ||
        (code->code.size > 0 && cr_span_equal(code->code, text))) {
        return true;
    }
    for (size_t i = 0; i < code->alias_count; i++) {
        if (cr_span_equal(code->aliases[i], text)) { return true; }
    }
    return false;
}

static const cr_code *find_by_number(const cr_codeset *set, uint32_t number)
{
    for (size_t i = 0; i < set->code_count; i++) {
        if (set->codes[i].number == number) { return &set->codes[i]; }
    }
    return NULL;
}

bool cr_is_punctuation(int32_t c)
{
    bool ascii = c >= 0 && c < 0x80 && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
                 !(c >= 'a' && c <= 'z');
    bool dash_or_quote = c >= 0x2010 && c <= 0x2027;
    bool ideographic = c >= 0x3000 && c <= 0x303F;
    bool wide = (c >= 0xFF01 && c <= 0xFF0F) || (c >= 0xFF1A && c <= 0xFF20) ||
                (c >= 0xFF3B && c <= 0xFF40) || (c >= 0xFF5B && c <= 0xFF65);
    return ascii || dash_or_quote || ideographic || wide;
}

/* "其他" and "其他-" say nothing; "其他-备案" does. */
static bool goes_on_after(credit_span text, credit_span prefix)
{
    if (prefix.size == 0 || !cr_span_starts(text, prefix)) { return false; }
    for (size_t offset = prefix.size; offset < text.size;) {
        if (!cr_is_punctuation(cr_utf8_next(text, &offset))) { return true; }
    }
    return false;
}

static bool is_bare_other(const cr_codeset *set, credit_span text)
{
    return set->other_prefix.size > 0 && cr_span_equal(text, set->other_prefix);
}

static const cr_code *find_exact(const cr_codeset *set, credit_span text)
{
    if (is_bare_other(set, text)) { return NULL; }
    for (size_t i = 0; i < set->code_count; i++) {
        if (code_is(&set->codes[i], text)) { return &set->codes[i]; }
    }
    return goes_on_after(text, set->other_prefix) ? find_by_number(set, set->other_number) : NULL;
}

/* The width-folded form in `out`, or `text` itself where nothing folds. */
static credit_span fold_width(credit_span text, char out[NAME_MAX_BYTES])
{
    if (text.size == 0 || text.size > NAME_MAX_BYTES || !may_hold_wide_characters(text)) {
        return text;
    }
    return cr_span_trim((credit_span){out, cr_fold_width(text, out)});
}

static bool word_folds_to(credit_span word, credit_span folded)
{
    char buffer[NAME_MAX_BYTES];
    return cr_span_equal(fold_width(word, buffer), folded);
}

/* The pack itself may write a word with full-width brackets. */
static const cr_code *find_folded(const cr_codeset *set, credit_span folded)
{
    for (size_t i = 0; i < set->code_count; i++) {
        const cr_code *code = &set->codes[i];
        if (word_folds_to(code->word, folded)) { return code; }
        for (size_t j = 0; j < code->alias_count; j++) {
            if (word_folds_to(code->aliases[j], folded)) { return code; }
        }
    }
    return NULL;
}

const cr_code *cr_codeset_find(const cr_codeset *set, credit_span text)
{
    char buffer[NAME_MAX_BYTES];
    text = cr_span_trim(text);
    if (text.size == 0) { return NULL; }
    const cr_code *code = find_exact(set, text);
    if (code != NULL || text.size > NAME_MAX_BYTES) { return code; }
    credit_span folded = fold_width(text, buffer);
    if (is_bare_other(set, folded)) { return NULL; }
    code = find_folded(set, folded);
    return code != NULL ? code : find_exact(set, folded);
}

static bool ascii_equal(credit_span a, credit_span b)
{
    if (a.size != b.size) { return false; }
    for (size_t i = 0; i < a.size; i++) {
        unsigned char x = (unsigned char)a.data[i];
        unsigned char y = (unsigned char)b.data[i];
        x = x >= 'a' && x <= 'z' ? (unsigned char)(x - 32) : x;
        y = y >= 'a' && y <= 'z' ? (unsigned char)(y - 32) : y;
        if (x != y) { return false; }
    }
    return true;
}

/* Titles differ from file to file in the width of their brackets. */
static bool fold_equal(credit_span a, credit_span b)
{
    char a_key[NAME_MAX_BYTES], b_key[NAME_MAX_BYTES];
    if (a.size > NAME_MAX_BYTES || b.size > NAME_MAX_BYTES) { return false; }
    credit_span a_folded = {a_key, cr_fold_name(a, a_key)};
    credit_span b_folded = {b_key, cr_fold_name(b, b_key)};
    return a_folded.size > 0 && cr_span_equal(a_folded, b_folded);
}

typedef bool (*name_match)(credit_span a, credit_span b);

static bool field_has_name(const cr_field *field, credit_span name, name_match equal)
{
    if (equal(field->code, name) || equal(field->title, name)) { return true; }
    for (size_t i = 0; i < field->alias_count; i++) {
        if (equal(field->aliases[i], name)) { return true; }
    }
    return false;
}

int16_t cr_catalog_field(const cr_catalog *catalog, credit_span name)
{
    static const name_match matches[] = {cr_span_equal, ascii_equal, fold_equal};
    if (name.size == 0) { return -1; }
    for (size_t m = 0; m < sizeof matches / sizeof *matches; m++) {
        for (size_t i = 0; i < catalog->field_count; i++) {
            if (field_has_name(&catalog->fields[i], name, matches[m])) { return (int16_t)i; }
        }
    }
    return -1;
}

const cr_message_word *cr_message_word_of(const cr_message *message, uint32_t number)
{
    for (size_t i = 0; i < message->word_count; i++) {
        if (message->words[i].number == number) { return &message->words[i]; }
    }
    return NULL;
}

const cr_catalog *cr_message_target_of(const cr_message *message, uint32_t number)
{
    for (size_t i = 0; i < message->target_count; i++) {
        if (message->targets[i].number == number) { return message->targets[i].catalog; }
    }
    return NULL;
}
