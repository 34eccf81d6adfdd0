#include "keys/container.h"

#include <pthread.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"

enum {
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    LOCAL_MAGIC = 0x04034b50,
    CENTRAL_MAGIC = 0x02014b50,
    END_MAGIC = 0x06054b50,
    VERSION = 10,      /* 1.0: plain stored files */
    DOS_DATE = 0x0021, /* 1980-01-01, the first that the format can say */
    /* Where the reader finds what it needs in a local header. */
    AT_CRC = 14,
    AT_SIZE = 22,
    AT_NAME_SIZE = 26
};

static uint32_t crc_table[256];
static pthread_once_t crc_once = PTHREAD_ONCE_INIT;

static void make_crc_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1) != 0 ? 0xEDB88320u ^ (crc >> 1) : crc >> 1;
        }
        crc_table[i] = crc;
    }
}

static uint32_t crc32_of(credit_span bytes)
{
    uint32_t crc = 0xFFFFFFFFu;
    pthread_once(&crc_once, make_crc_table);
    for (size_t i = 0; i < bytes.size; i++) {
        crc = crc_table[(crc ^ (unsigned char)bytes.data[i]) & 0xFF] ^ (crc >> 8);
    }
    return crc ^ 0xFFFFFFFFu;
}

/* One writer serves both purposes: `target` NULL compares with `bytes`, else
 * the file is written there. `holds` is sticky. */
typedef struct sink {
    char *target;
    credit_span bytes; /* expected, when comparing; the room, when writing */
    size_t at;
    bool holds;
} sink;

static void put(sink *out, const void *data, size_t size)
{
    if (!out->holds || size > out->bytes.size - out->at) {
        out->holds = false;
        return;
    }
    if (size == 0) { return; }
    if (out->target != NULL) {
        memcpy(out->target + out->at, data, size);
    } else {
        out->holds = memcmp(out->bytes.data + out->at, data, size) == 0;
    }
    out->at += size;
}

static void put16(sink *out, size_t value)
{
    const unsigned char bytes[] = {(unsigned char)value, (unsigned char)(value >> 8)};
    put(out, bytes, sizeof bytes);
}

static void put32(sink *out, uint64_t value)
{
    put16(out, (size_t)(value & 0xFFFF));
    put16(out, (size_t)(value >> 16 & 0xFFFF));
}

/* The fields that local and central header share. */
static void put_common(sink *out, const cr_entry *entry)
{
    put16(out, VERSION);
    put16(out, 0); /* flags */
    put16(out, 0); /* method: stored */
    put16(out, 0); /* time */
    put16(out, DOS_DATE);
    put32(out, crc32_of(entry->bytes));
    put32(out, entry->bytes.size); /* compressed */
    put32(out, entry->bytes.size);
    put16(out, entry->name.size);
    put16(out, 0); /* extra fields */
}

static void put_local(sink *out, const cr_entry *entry)
{
    put32(out, LOCAL_MAGIC);
    put_common(out, entry);
    put(out, entry->name.data, entry->name.size);
    put(out, entry->bytes.data, entry->bytes.size);
}

static void put_central(sink *out, const cr_entry *entry, size_t offset)
{
    put32(out, CENTRAL_MAGIC);
    put16(out, VERSION); /* made by */
    put_common(out, entry);
    put16(out, 0); /* comment */
    put16(out, 0); /* disk */
    put16(out, 0); /* attributes */
    put32(out, 0);
    put32(out, offset);
    put(out, entry->name.data, entry->name.size);
}

static size_t local_size(const cr_entry *entry)
{
    return LOCAL_SIZE + entry->name.size + entry->bytes.size;
}

static void put_all(sink *out, const cr_entry *entries, size_t count)
{
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) { put_local(out, &entries[i]); }
    size_t directory = out->at;
    for (size_t i = 0; i < count; i++) {
        put_central(out, &entries[i], offset);
        offset += local_size(&entries[i]);
    }
    size_t directory_size = out->at - directory;
    put32(out, END_MAGIC);
    put32(out, 0); /* disks */
    put16(out, count);
    put16(out, count);
    put32(out, directory_size);
    put32(out, directory);
    put16(out, 0); /* comment */
    out->holds = out->holds && out->at == out->bytes.size;
}

bool cr_container_matches(const cr_entry *entries, size_t count, credit_span bytes)
{
    sink compare = {.bytes = bytes, .holds = true};
    put_all(&compare, entries, count);
    return compare.holds;
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

/* No empty part, and none that begins with a dot: nothing climbs out of the
 * directory that somebody unpacks into. */
static bool is_name(credit_span name)
{
    if (name.size == 0 || name.size > CR_CONTAINER_NAME_MAX) { return false; }
    bool part_begins = true;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        if (c == '/' && !part_begins) {
            part_begins = true;
            continue;
        }
        if (!is_name_character(c) || (part_begins && c == '.')) { return false; }
        part_begins = false;
    }
    return !part_begins;
}

static bool stands_before(const cr_entry *entries, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (cr_span_equal(entries[i].name, entries[index].name)) { return true; }
    }
    return false;
}

/* Adds the sizes of all entries; false when a limit is exceeded. */
static bool total_size(const cr_entry *entries, size_t count, size_t *out)
{
    size_t total = END_SIZE;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].bytes.size > CR_CONTAINER_BYTES_MAX) { return false; }
        total += local_size(&entries[i]) + CENTRAL_SIZE + entries[i].name.size;
        if (total > CR_CONTAINER_BYTES_MAX) { return false; }
    }
    *out = total;
    return true;
}

credit_result cr_container_write(
    const cr_entry *entries, size_t count, cr_arena *arena, credit_span *out, credit_error *err)
{
    size_t size = 0;
    *out = (credit_span){0};
    if (count > CR_CONTAINER_ENTRIES_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "container: %zu entries, at most %d are allowed", count,
            CR_CONTAINER_ENTRIES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_name(entries[i].name) || stands_before(entries, i)) {
            return cr_fail(
                err, CREDIT_E_USAGE, "container: entry %zu has no name of its own", i + 1);
        }
    }
    if (!total_size(entries, count, &size)) {
        return cr_fail(
            err, CREDIT_E_LIMIT, "container: larger than %d bytes", CR_CONTAINER_BYTES_MAX);
    }
    char *bytes = cr_arena_alloc(arena, size);
    if (bytes == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    sink write = {.target = bytes, .bytes = {bytes, size}, .holds = true};
    put_all(&write, entries, count);
    if (!write.holds) {
        return cr_fail(err, CREDIT_E_BUG, "container: the size was counted wrongly");
    }
    *out = (credit_span){bytes, size};
    return CREDIT_OK;
}

static uint32_t get32(const char *at)
{
    uint32_t value = 0;
    for (size_t i = 4; i-- > 0;) { value = value << 8 | (unsigned char)at[i]; }
    return value;
}

static credit_result refuse(credit_error *err, const char *why)
{
    return cr_fail(err, CREDIT_E_UNTRUSTED, "container: %s", why);
}

/* One local header and what follows it, at *at; moves behind it. The fields
 * that are the same in every header are judged by the comparison at the end. */
static credit_result read_entry(credit_span bytes, size_t *at, cr_entry *entry, credit_error *err)
{
    if (bytes.size - *at < LOCAL_SIZE) { return refuse(err, "ends within a header"); }
    const char *header = bytes.data + *at;
    size_t name_size = get32(header + AT_NAME_SIZE) & 0xFFFF;
    size_t size = get32(header + AT_SIZE);
    size_t rest = bytes.size - *at - LOCAL_SIZE;
    if (name_size > rest || size > rest - name_size) { return refuse(err, "ends within an entry"); }
    entry->name = (credit_span){header + LOCAL_SIZE, name_size};
    entry->bytes = (credit_span){header + LOCAL_SIZE + name_size, size};
    if (!is_name(entry->name)) { return refuse(err, "has an entry whose name is not allowed"); }
    if (get32(header + AT_CRC) != crc32_of(entry->bytes)) {
        return cr_fail(err, CREDIT_E_UNTRUSTED, "container: %.*s: content was changed (CRC)",
            (int)entry->name.size, entry->name.data);
    }
    *at += local_size(entry);
    return CREDIT_OK;
}

static bool local_header_at(credit_span bytes, size_t at)
{
    return bytes.size - at >= 4 && get32(bytes.data + at) == LOCAL_MAGIC;
}

credit_result cr_container_read(
    credit_span bytes, cr_arena *arena, cr_entry **entries, size_t *count, credit_error *err)
{
    cr_entry found[CR_CONTAINER_ENTRIES_MAX] = {{{0}, {0}}};
    size_t at = 0, n = 0;
    *entries = NULL;
    *count = 0;
    if (bytes.size > CR_CONTAINER_BYTES_MAX) { return refuse(err, "is larger than allowed"); }
    while (local_header_at(bytes, at)) {
        if (n == CR_CONTAINER_ENTRIES_MAX) { return refuse(err, "has more entries than allowed"); }
        credit_result rc = read_entry(bytes, &at, &found[n], err);
        if (rc != CREDIT_OK) { return rc; }
        if (stands_before(found, n)) { return refuse(err, "names an entry twice"); }
        n++;
    }
    if (!cr_container_matches(found, n, bytes)) {
        return refuse(err,
            n == 0 ? "is not a container of ours" : "is not byte for byte what its entries give");
    }
    *entries = cr_arena_array(arena, n, sizeof found[0]);
    if (*entries == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    if (n > 0) { memcpy(*entries, found, n * sizeof found[0]); }
    *count = n;
    return CREDIT_OK;
}
