/* Frames as a damaged segment might hold them. What is read column by column is what is
 * read of the whole; a frame that is shortened says the same and has the same digest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/codec.h"
#include "engine/text.h"
#include "keys/crypto.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { COLUMNS_MAX = 8, FRAME_MOST = 1 << 16 };

/* A store with a few phrases, and its writer, which never commits more. */
static char directory[] = "/tmp/credit-fuzz-XXXXXX";
static cr_store *store;
static cr_txn *writer;
static cr_phrases *phrases;
static cr_hasher *hasher;
static const unsigned char persons_key[CR_SECRET_SIZE] = {7};

static void must(bool holds)
{
    if (!holds) { abort(); }
}

static void remove_store(void)
{
    char command[64];
    cr_phrases_free(phrases);
    cr_txn_end(writer);
    cr_store_close(store);
    cr_keys_crypto()->hasher_free(hasher);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    must(system(command) == 0);
}

static void open_store(void)
{
    static const char *const words[] = {"无证经营", "荆州市市场监督管理局", "2026-05-06"};
    uint32_t number;
    must(mkdtemp(directory) != NULL);
    must(cr_store_create(directory, NULL) == CREDIT_OK);
    must(cr_store_open(directory, false, &store, NULL) == CREDIT_OK);
    must(cr_writer_begin(store, &writer, NULL) == CREDIT_OK);
    must(cr_phrases_new(writer, &phrases, NULL) == CREDIT_OK);
    hasher = cr_keys_crypto()->hasher_new(CR_HASH_SHA256);
    for (size_t i = 0; i < 6; i++) {
        credit_span word = {words[i / 2], strlen(words[i / 2])};
        credit_result rc = cr_phrases_find(phrases, word, &number, NULL);
        must(i % 2 == 0 ? rc == CREDIT_DONE : rc == CREDIT_OK && number == i / 2);
    }
    atexit(remove_store);
}

static credit_result decode(credit_span frame, size_t columns, cr_arena *arena, cr_frame_view *view)
{
    cr_frame_reader reader = {writer, cr_keys_crypto(), hasher, persons_key};
    credit_result rc = cr_frame_decode(&reader, frame, columns, arena, view, NULL);
    must(rc == CREDIT_OK || rc == CREDIT_E_CORRUPT);
    return rc;
}

static void read_columns(credit_span frame, size_t columns, const cr_frame_view *whole)
{
    credit_span values[COLUMNS_MAX];
    bool plain = cr_frame_values(frame, values, columns);
    for (size_t i = 0; i < columns; i++) {
        credit_span value;
        credit_result rc = cr_frame_value(writer, frame, i, &value, NULL);
        must(rc == CREDIT_OK || rc == CREDIT_E_CORRUPT);
        if (whole == NULL || whole->has_private) { continue; }
        must(rc == CREDIT_OK && cr_span_equal(value, whole->values[i]));
        must(!plain || cr_span_equal(value, values[i]));
    }
}

static void shorten(credit_span frame, size_t columns, const cr_frame_view *whole, cr_arena *arena)
{
    cr_field fields[COLUMNS_MAX] = {0};
    cr_catalog catalog = {.fields = fields, .field_count = columns};
    cr_frame_view again;
    credit_span values[COLUMNS_MAX];
    char *out = malloc(frame.size + CR_FRAME_LONGER);
    size_t size = 0;
    must(out != NULL);
    for (size_t i = 0; i < columns; i++) { fields[i].repeats = i % 2 == 0; }
    if (cr_frame_values(frame, values, columns)) {
        must(cr_frame_shorten(phrases, &catalog, frame, out, &size, NULL) == CREDIT_OK);
        must(size <= frame.size + columns);
        must(decode((credit_span){out, size}, columns, arena, &again) == CREDIT_OK);
        must(memcmp(again.digest, whole->digest, CR_CONTENT_DIGEST) == 0);
        read_columns((credit_span){out, size}, columns, &again);
        for (size_t i = 0; i < columns; i++) {
            must(cr_span_equal(again.values[i], whole->values[i]));
        }
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_frame_view view;
    if (store == NULL) { open_store(); }
    if (size < 5 || size > FRAME_MOST) { return 0; }
    size_t columns = data[0] % (COLUMNS_MAX + 1);
    char *bytes = malloc(size - 1);
    must(bytes != NULL);
    memcpy(bytes, data + 1, size - 1);
    cr_set_u32le(bytes, (uint32_t)(size - 1));
    credit_span frame = {bytes, size - 1};
    bool whole = decode(frame, columns, &arena, &view) == CREDIT_OK;
    read_columns(frame, columns, whole ? &view : NULL);
    if (whole && !view.has_private) { shorten(frame, columns, &view, &arena); }
    free(bytes);
    cr_arena_release(&arena);
    return 0;
}
