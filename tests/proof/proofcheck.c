/* Checks completeness and absence proofs from the tables of engine/FORMAT.md.
 *
 *   proofcheck KEY.pem FILE...     one line a file: complete, absent or refused
 *
 * It shares nothing with the engine, on purpose: whoever reads the tables can
 * write it again. Promises:
 *  1. A file is accepted only if it is the canonical text of its own value.
 *  2. What the proof says is hashed or compared; no other member is allowed.
 *  3. The steps are those of FORMAT.md, in that order; the first one that
 *     refuses names itself and ends the check.
 * Exit: 0 every proof holds, 1 some do not, 2 usage, 3 could not be done. */
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGEST = 32,
    SALT = 16,
    NUMBER = 18, /* bytes of a subject's number or token in its key */
    SCOPES = 3,
    MAP_BITS = 256,  /* longest path in a map */
    LOG_LEVELS = 64, /* longest path in the log */
    DECODED_MAX = MAP_BITS * DIGEST,
    SIGNATURE_MAX = 160, /* key id and DER signature */
    FILE_MAX = 64 << 20
};

/* First byte of everything that is hashed, apart from the log's own tree. */
typedef enum tag {
    TAG_BLOCK = 0x11,
    TAG_LIST,
    TAG_PLACE,
    TAG_LEAF,
    TAG_BRANCH,
    TAG_EMPTY,
    TAG_COMMIT
} tag;

static const char *const hashes[] = {"sha256", "sm3", NULL};
static const char *const scopes[] = {"public", "government", "authorized", NULL};
static const char *const states[] = {
    "current", "superseded", "withdrawn", "repaired", "expired", NULL};
static const char *const kinds[] = {"uscc", "org_code", "reg_no",
    /* from here on persons: */ "cn_id", "cn_permanent", "hkmo_permit", "tw_permit", "passport",
    NULL};
enum { FIRST_PERSONAL_KIND = 3 };

typedef struct digest {
    unsigned char bytes[DIGEST];
} digest;

typedef struct part {
    const void *data;
    size_t size;
} part;

/* One file on its way through the steps. Texts are borrowed from its JSON. */
typedef struct check {
    EVP_PKEY *key;
    const EVP_MD *hash;
    json_t *subject, *entries;
    const char *as_of, *checkpoint, *day;
    const char *from, *due; /* of the list; NULL in a proof of absence */
    int scope;
    json_int_t history; /* a bit for each scope that keeps it */
    json_int_t number, time, index;
    digest maps[SCOPES], batch, pack;
    digest path[MAP_BITS], levels[LOG_LEVELS];
    int bits[MAP_BITS];
    size_t path_size, level_count;
    bool has_neighbour;
    digest place, neighbour; /* of the subject; of the leaf found in its stead */
    digest listed;           /* list digest of the leaf shown */
    digest log_root;
    uint64_t log_size;
    const char *step, *reason; /* of the refusal */
} check;

/* Returns false, so that a step ends with it. */
static bool refuse(check *c, const char *step, const char *reason)
{
    c->step = step;
    c->reason = reason;
    return false;
}

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "proofcheck: %s\n", what);
    exit(3);
}

/* ---- Readers ---- */

/* Text, whole numbers, ASCII names: what our canonical form consists of. */
static bool is_plain(json_t *value)
{
    const char *name;
    json_t *member;
    size_t i;

    json_object_foreach(value, name, member)
    {
        for (const char *p = name; *p != '\0'; p++) { /* the macro still needs `name` */
            if ((unsigned char)*p >= 0x80) { return false; }
        }
        if (!is_plain(member)) { return false; }
    }
    json_array_foreach(value, i, member)
    {
        if (!is_plain(member)) { return false; }
    }
    return !json_is_real(value) && llabs(json_integer_value(value)) <= 1LL << 53;
}

/* The RFC 8785 text of a plain value; jansson differs in \u00XX alone. */
static char *canonical(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    if (text == NULL) { give_up("out of memory"); }
    for (char *p = text; (p = strchr(p, '\\')) != NULL; p += 2) {
        for (int i = 4; p[1] == 'u' && i < 6; i++) {
            if (p[i] >= 'A') { p[i] = (char)(p[i] | 0x20); }
        }
    }
    return text;
}

/* Base64 of exactly `size` bytes, in the one way to write them. */
static bool decode(const char *from, size_t size, unsigned char *out)
{
    unsigned char raw[DECODED_MAX + 3], again[2 * DECODED_MAX];
    size_t length = from == NULL ? 0 : strlen(from);

    if (from == NULL || size > DECODED_MAX || length != (size + 2) / 3 * 4) { return false; }
    if (EVP_DecodeBlock(raw, (const unsigned char *)from, (int)length) < 0) { return false; }
    EVP_EncodeBlock(again, raw, (int)size);
    memcpy(out, raw, size);
    return memcmp(again, from, length) == 0;
}

/* At most `most` digests, one after the other in one text. */
static bool decode_all(const char *from, size_t most, digest *out, size_t *count)
{
    *count = strlen(from) / 4 * 3 / DIGEST;
    return *count <= most && decode(from, *count * DIGEST, (unsigned char *)out);
}

/* Where a word stands in a list that ends with NULL; -1 if nowhere. */
static int find(const char *word, const char *const *words)
{
    for (int i = 0; word != NULL && words[i] != NULL; i++) {
        if (strcmp(word, words[i]) == 0) { return i; }
    }
    return -1;
}

static bool is_date(const char *s)
{
    for (size_t i = 0; i < 10; i++) {
        if (i == 4 || i == 7 ? s[i] != '-' : s[i] < '0' || s[i] > '9') { return false; }
    }
    return s[10] == '\0';
}

static void put_be(unsigned char *out, uint64_t value, size_t size)
{
    for (size_t i = size; i-- > 0; value >>= 8) { out[i] = (unsigned char)value; }
}

/* ---- Hashing ---- */

static digest hash_parts(const EVP_MD *hash, const part *parts, size_t count)
{
    digest out;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx != NULL && EVP_DigestInit_ex(ctx, hash, NULL) == 1;

    for (size_t i = 0; good && i < count; i++) {
        good = EVP_DigestUpdate(ctx, parts[i].data, parts[i].size) == 1;
    }
    if (!good || EVP_DigestFinal_ex(ctx, out.bytes, NULL) != 1) { give_up("cannot hash"); }
    EVP_MD_CTX_free(ctx);
    return out;
}

/* The tag, then three parts; an unused part is empty. */
static digest hash_tagged(const check *c, tag number, part one, part two, part three)
{
    unsigned char head[8] = {(unsigned char)number, 'c', 'r', 'e', 'd', 'i', 't', '1'};
    return hash_parts(c->hash, (part[]){{head, sizeof head}, one, two, three}, 4);
}

static bool same(const digest *one, const digest *two)
{
    return memcmp(one->bytes, two->bytes, DIGEST) == 0;
}

static part bytes_of(const digest *value)
{
    return (part){value->bytes, DIGEST};
}

static int bit_of(const digest *place, int index)
{
    return place->bytes[index / 8] >> (7 - index % 8) & 1;
}

/* ---- Steps 1 and 2: the text and the members ---- */

static bool check_canonical(check *c, const char *data, size_t size, json_t **document)
{
    *document = json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL);
    if (*document == NULL) { return refuse(c, "canonical", "not JSON"); }
    char *again = canonical(*document);
    bool good = is_plain(*document) && strlen(again) == size && memcmp(again, data, size) == 0;
    free(again);
    return good || refuse(c, "canonical", "not the canonical text of its value");
}

static bool check_paths(check *c, const json_t *bits, const char *path, const char *levels)
{
    bool good = decode_all(path, MAP_BITS, c->path, &c->path_size) &&
                decode_all(levels, LOG_LEVELS, c->levels, &c->level_count) &&
                json_array_size(bits) == c->path_size;
    for (size_t i = 0; good && i < c->path_size; i++) {
        json_int_t bit = json_integer_value(json_array_get(bits, i));
        good = json_is_integer(json_array_get(bits, i)) && bit < MAP_BITS &&
               bit >= (i == 0 ? 0 : c->bits[i - 1] + 1);
        c->bits[i] = (int)bit;
    }
    return good;
}

static bool check_shape(check *c, json_t *document)
{
    static const char shape[] = /* `!`: no other member */
        "{s:s, s:s, s:o, s:o, s:{s:s, s:s, s?{s:s, s:s!}, s:{s:s, s:s, s:s, s:I, s:[s,s,s!],"
        " s:I, s:I!}, s:{s:o, s:s, s?{s:s, s:s!}!}, s:{s:I, s:s!}!}}";
    const char *scope, *hash, *maps[SCOPES], *batch, *pack, *place = NULL, *list = NULL;
    const char *path, *levels;
    json_t *bits;

    if (json_unpack(document, shape, "as_of", &c->as_of, "scope", &scope, "subject", &c->subject,
            "entries", &c->entries, "completeness", "hash", &hash, "checkpoint", &c->checkpoint,
            "list", "due", &c->due, "from", &c->from, "commit", "batch", &batch, "pack", &pack,
            "day", &c->day, "history", &c->history, "maps", &maps[0], &maps[1], &maps[2], "number",
            &c->number, "time", &c->time, "map", "bits", &bits, "path", &path, "neighbour", "list",
            &list, "place", &place, "log", "index", &c->index, "path", &levels) != 0) {
        return refuse(c, "shape", "a member is missing, unknown or of another type");
    }
    int known = find(hash, hashes);
    c->hash = known == 0 ? EVP_sha256() : EVP_sm3();
    c->scope = find(scope, scopes);
    c->has_neighbour = place != NULL;
    bool good = known >= 0 && c->scope >= 0 && is_date(c->as_of) && is_date(c->day) &&
                c->history >= 0 && c->history < 1 << SCOPES && c->number >= 1 &&
                c->number <= UINT32_MAX && c->time >= 0 && c->index >= 0 &&
                (c->due == NULL || (is_date(c->due) && is_date(c->from))) &&
                decode(batch, DIGEST, c->batch.bytes) && decode(pack, DIGEST, c->pack.bytes) &&
                check_paths(c, bits, path, levels) && json_is_array(c->entries);
    for (int i = 0; i < SCOPES; i++) { good = good && decode(maps[i], DIGEST, c->maps[i].bytes); }
    good = good && (!c->has_neighbour || (decode(place, DIGEST, c->neighbour.bytes) &&
                                             decode(list, DIGEST, c->listed.bytes)));
    if (!good) { return refuse(c, "shape", "a value is malformed"); }
    /* Entries and their list, or a neighbour, or an empty map. */
    good = (json_array_size(c->entries) > 0) == (c->due != NULL) &&
           (c->due != NULL ? !c->has_neighbour : c->has_neighbour || c->path_size == 0);
    return good || refuse(c, "shape", "neither presence nor absence");
}

/* ---- Steps 3 and 4: the checkpoint and its signature ---- */

/* The key id of a C2SP note: cut from SHA-256, whatever the log's hash is. */
static bool key_id_is(EVP_PKEY *key, bool sm2, const char *origin, const unsigned char id[4])
{
    static const char type[] = "\n\377credit-sm2-sm3";
    unsigned char *der = NULL;
    int size = i2d_PUBKEY(key, &der);

    if (size <= 0) { give_up("cannot encode the key"); }
    digest found = hash_parts(EVP_sha256(),
        (part[]){{origin, sm2 ? strlen(origin) : 0}, {type, sm2 ? sizeof type - 1 : 0},
            {der, (size_t)size}},
        3);
    OPENSSL_free(der);
    return memcmp(found.bytes, id, 4) == 0;
}

static bool verify(EVP_PKEY *key, bool sm2, part body, part signature)
{
    static const char sm2_id[] = "1234567812345678";
    EVP_PKEY_CTX *options = NULL; /* lives in ctx */
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    bool good =
        ctx != NULL &&
        EVP_DigestVerifyInit(ctx, &options, sm2 ? EVP_sm3() : EVP_sha256(), NULL, key) == 1 &&
        (!sm2 || EVP_PKEY_CTX_set1_id(options, sm2_id, sizeof sm2_id - 1) > 0) &&
        EVP_DigestVerify(ctx, signature.data, signature.size, body.data, body.size) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

/* Origin, size, root, a blank line, one signature under the origin's name. */
static bool check_checkpoint(check *c)
{
    char origin[129], name[129], root[65], signature[257], again[1024];
    unsigned char raw[SIGNATURE_MAX];
    unsigned long long size;

    if (sscanf(c->checkpoint, "%128s %20llu %64s \u2014 %128s %256s", origin, &size, root, name,
            signature) != 5) {
        return refuse(c, "checkpoint", "not a signed checkpoint");
    }
    int body = snprintf(again, sizeof again, "%s\n%llu\n%s\n", origin, size, root);
    snprintf(again + body, sizeof again - (size_t)body, "\n\u2014 %s %s\n", name, signature);
    size_t length = strcspn(signature, "=") * 3 / 4;
    if (strcmp(again, c->checkpoint) != 0 || strcmp(origin, name) != 0 || length < 5 ||
        length > SIGNATURE_MAX || !decode(root, DIGEST, c->log_root.bytes) ||
        !decode(signature, length, raw)) {
        return refuse(c, "checkpoint", "not a checkpoint signed by its own log");
    }
    c->log_size = size;
    bool sm2 = EVP_PKEY_is_a(c->key, "SM2") == 1;
    bool good = key_id_is(c->key, sm2, origin, raw) &&
                verify(c->key, sm2, (part){again, (size_t)body}, (part){raw + 4, length - 4});
    return good || refuse(c, "signature", "the key given has not signed this checkpoint");
}

/* ---- Step 5: who ---- */

static bool check_subject(check *c)
{
    const char *number = json_string_value(json_object_get(c->subject, "id"));
    const char *token = json_string_value(json_object_get(c->subject, "token"));
    int kind = find(json_string_value(json_object_get(c->subject, "id_type")), kinds);
    unsigned char key[1 + NUMBER] = {(unsigned char)(kind + 1)};

    if (kind < 0) { return refuse(c, "subject", "unknown kind of number"); }
    if (kind >= FIRST_PERSONAL_KIND) {
        if (c->scope == 0) { return refuse(c, "subject", "no person is in the public map"); }
        if (!decode(token, NUMBER, key + 1)) { return refuse(c, "subject", "not a token"); }
    } else {
        size_t size = number == NULL ? 0 : strlen(number);
        if (token != NULL || size == 0 || size > NUMBER) {
            return refuse(c, "subject", "not the number of an organisation");
        }
        memcpy(key + 1, number, size);
    }
    c->place = hash_tagged(c, TAG_PLACE, (part){key, sizeof key}, (part){0}, (part){0});
    return true;
}

/* ---- Steps 6 to 8: what is listed, in which order, for which days ---- */

static bool fields_hold(const json_t *fields, const json_t *extras, const json_t *masked)
{
    const char *name, *before = "", *value;
    json_t *member;
    size_t i;

    bool good = json_is_object(fields) && json_is_array(extras) && json_is_array(masked);
    json_object_foreach((json_t *)fields, name, member)
    {
        good = good && json_string_length(member) > 0; /* 0 for what is no text, too */
    }
    json_array_foreach(masked, i, member)
    {
        name = json_string_value(member);
        good = good && name != NULL && strcmp(before, name) < 0 && json_object_get(fields, name);
        before = good ? name : "";
    }
    json_array_foreach(extras, i, member)
    {
        good = good && json_unpack(member, "[s,s!]", &name, &value) == 0;
    }
    return good;
}

/* Which version it is: the first block says so for all of them. */
static bool head_holds(const check *c, json_t *block)
{
    const char *catalog, *key;
    json_int_t commit, row;

    int failed = json_unpack(block, "{s:s, s:s, s:I, s:I}", "catalog", &catalog, "key", &key,
        "commit", &commit, "row", &row);
    return failed == 0 && catalog[0] != '\0' && strlen(key) == 32 &&
           strspn(key, "0123456789abcdef") == 32 && commit >= 1 && commit <= c->number &&
           row >= 0 && row <= UINT32_MAX;
}

static bool block_holds(const check *c, json_t *block, int scope)
{
    const char *name = json_string_value(json_object_get(block, "block"));
    bool judgement = json_object_get(block, "judgement") != NULL;
    size_t members = (judgement ? 2U : 4U) + (scope == 0 ? 4U : 0U);

    return json_object_size(block) == members && find(name, scopes) == scope &&
           (scope > 0 || head_holds(c, block)) &&
           (judgement || fields_hold(json_object_get(block, "fields"),
                             json_object_get(block, "extras"), json_object_get(block, "masked")));
}

/* An entry's 33 bytes in the list: its state, the digest that ends its chain. */
static bool check_entry(check *c, json_t *entry, unsigned char *item)
{
    const char *word;
    json_t *blocks, *salts;
    digest chain = {{0}};
    unsigned char salt[SALT];
    size_t opened = (size_t)c->scope + 1;

    int failed =
        json_unpack(entry, "{s:s, s:o, s:o!}", "state", &word, "blocks", &blocks, "salts", &salts);
    int state = failed == 0 ? find(word, states) : -1;
    if (state < 0 || json_array_size(blocks) != opened || json_array_size(salts) != opened) {
        return refuse(c, "block", "an entry is malformed");
    }
    for (size_t i = 0; i < opened; i++) {
        json_t *block = json_array_get(blocks, i);
        if (!decode(json_string_value(json_array_get(salts, i)), SALT, salt) ||
            !block_holds(c, block, (int)i)) {
            return refuse(c, "block", "a block or its salt is malformed");
        }
        char *text = canonical(block);
        chain = hash_tagged(
            c, TAG_BLOCK, (part){salt, SALT}, bytes_of(&chain), (part){text, strlen(text)});
        free(text);
    }
    item[0] = (unsigned char)(state + 1);
    memcpy(item + 1, chain.bytes, DIGEST);
    return true;
}

/* Keys, commits and rows ascend within a catalog, and no catalog comes twice. */
static bool check_order(check *c)
{
    json_t *seen = json_object(), *entry, *block;
    const char *catalog, *key;
    char now[64], before[64] = "";
    json_int_t commit, row;
    size_t i;
    bool good = true;
    const char *last = "";

    json_array_foreach(c->entries, i, entry)
    {
        block = json_array_get(json_object_get(entry, "blocks"), 0);
        json_unpack(block, "{s:s, s:s, s:I, s:I}", "catalog", &catalog, "key", &key, "commit",
            &commit, "row", &row);
        snprintf(now, sizeof now, "%s %010lld %010lld", key, (long long)commit, (long long)row);
        good = good && (strcmp(last, catalog) == 0 ? strcmp(before, now) < 0
                                                   : json_object_get(seen, catalog) == NULL);
        json_object_set_new(seen, catalog, json_true());
        memcpy(before, now, sizeof now);
        last = catalog;
    }
    json_decref(seen);
    return good || refuse(c, "order", "entries are not in the order of their keys, or come twice");
}

static bool check_list(check *c)
{
    const size_t item = 1 + DIGEST, count = json_array_size(c->entries);
    unsigned char head[25] = {(unsigned char)c->scope};
    bool good = true;

    if (count == 0) { return true; }
    unsigned char *items = calloc(count, item);
    if (items == NULL) { give_up("out of memory"); }
    for (size_t i = 0; good && i < count; i++) {
        good = check_entry(c, json_array_get(c->entries, i), items + i * item);
    }
    good = good && check_order(c);
    memcpy(head + 1, c->from, 10);
    memcpy(head + 11, c->due, 10);
    put_be(head + 21, count, 4);
    c->listed =
        hash_tagged(c, TAG_LIST, (part){head, sizeof head}, (part){items, count * item}, (part){0});
    free(items);
    return good;
}

/* A list speaks from its own day on, its absence from the commit's. */
static bool check_dates(check *c)
{
    bool history = (c->history >> c->scope & 1) != 0;
    const char *from = c->due != NULL ? c->from : c->day;

    bool good = strcmp(from, c->day) <= 0 && (history || strcmp(c->as_of, from) >= 0) &&
                (c->due == NULL || strcmp(c->as_of, c->due) < 0);
    return good || refuse(c, "dates", "the proof does not speak for the day that was asked");
}

/* ---- Steps 9 and 10: the leaf that the subject's bits lead to, and its map ---- */

static bool check_map(check *c)
{
    const digest *place = c->has_neighbour ? &c->neighbour : &c->place;
    digest node = hash_tagged(c, TAG_EMPTY, (part){0}, (part){0}, (part){0});

    if (c->has_neighbour && same(place, &c->place)) {
        return refuse(c, "absence", "the subject has a leaf");
    }
    if (c->has_neighbour || c->due != NULL) {
        node = hash_tagged(c, TAG_LEAF, bytes_of(place), bytes_of(&c->listed), (part){0});
    }
    for (size_t i = c->path_size; i-- > 0;) {
        int right = bit_of(&c->place, c->bits[i]);
        unsigned char index = (unsigned char)c->bits[i];
        if (bit_of(place, c->bits[i]) != right) {
            return refuse(c, "absence", "the neighbour is not where the subject would be");
        }
        node = hash_tagged(c, TAG_BRANCH, (part){&index, 1}, bytes_of(right ? &c->path[i] : &node),
            bytes_of(right ? &node : &c->path[i]));
    }
    return same(&node, &c->maps[c->scope]) ||
           refuse(c, "map", "does not lead to the root of the scope's map");
}

/* ---- Step 11: the commit in the log (RFC 9162, 2.1.3.2) ---- */

static digest commit_digest(const check *c)
{
    unsigned char leaf[191] = {TAG_COMMIT, 'c', 'r', 'e', 'd', 'i', 't', '1'};
    put_be(leaf + 8, (uint64_t)c->number, 4);
    put_be(leaf + 12, (uint64_t)c->time, 8);
    memcpy(leaf + 20, c->day, 10);
    leaf[30] = (unsigned char)c->history;
    for (size_t i = 0; i < SCOPES; i++) {
        memcpy(leaf + 31 + i * DIGEST, c->maps[i].bytes, DIGEST);
    }
    memcpy(leaf + 127, c->batch.bytes, DIGEST);
    memcpy(leaf + 159, c->pack.bytes, DIGEST);
    return hash_parts(c->hash, (part[]){{"\0", 1}, {leaf, sizeof leaf}}, 2);
}

static bool check_log(check *c)
{
    uint64_t index = (uint64_t)c->index, last = c->log_size - 1;
    digest node = commit_digest(c);

    if (index >= c->log_size) { return refuse(c, "log", "the commit lies past the checkpoint"); }
    for (size_t i = 0; i < c->level_count; i++, index /= 2, last /= 2) {
        const digest *other = &c->levels[i];
        bool left = index % 2 == 1 || index == last;
        if (last == 0) { return refuse(c, "log", "the path is too long"); }
        node = hash_parts(c->hash,
            (part[]){{"\1", 1}, bytes_of(left ? other : &node), bytes_of(left ? &node : other)}, 3);
        while (left && index % 2 == 0 && index != 0) { /* a level without a sibling */
            index /= 2;
            last /= 2;
        }
    }
    return (last == 0 && same(&node, &c->log_root)) ||
           refuse(c, "log", "does not lead to the root of the checkpoint");
}

/* ---- The program ---- */

static bool check_text(check *c, const char *data, size_t size)
{
    json_t *document = NULL;
    bool good = check_canonical(c, data, size, &document) && check_shape(c, document) &&
                check_checkpoint(c) && check_subject(c) && check_list(c) && check_dates(c) &&
                check_map(c) && check_log(c);
    if (!good) {
        printf("refused %s: %s\n", c->step, c->reason);
    } else if (c->due == NULL) {
        puts("absent");
    } else {
        printf("complete %zu entries\n", json_array_size(c->entries));
    }
    json_decref(document);
    return good;
}

static bool check_file(EVP_PKEY *key, const char *name)
{
    FILE *file = fopen(name, "rb");
    char *data = malloc(FILE_MAX);
    if (file == NULL || data == NULL) { give_up("a file cannot be read"); }
    size_t size = fread(data, 1, FILE_MAX, file);
    if (size == FILE_MAX || ferror(file)) { give_up("a file is too large, or cannot be read"); }
    fclose(file);
    check c = {.key = key};
    bool good = check_text(&c, data, size);
    free(data);
    return good;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: proofcheck KEY.pem FILE...\n", stderr);
        return 2;
    }
    FILE *file = fopen(argv[1], "r");
    EVP_PKEY *key = file == NULL ? NULL : PEM_read_PUBKEY(file, NULL, NULL, NULL);
    if (key == NULL) { give_up("the first argument is not a public key"); }
    fclose(file);
    bool good = true;
    for (int i = 2; i < argc; i++) { good = check_file(key, argv[i]) && good; }
    EVP_PKEY_free(key);
    return good ? 0 : 1;
}
