/* Makes keys and a small sealed container for tests of other programs:
 *
 *   make_sealed DIRECTORY SUITE [revoked | forged ENTRY]
 *
 * leaves DIRECTORY/keys, DIRECTORY/authority.pem and DIRECTORY/report.asice, and
 * prints the time of signing. `revoked`: the key is revoked a month later, for a
 * change of duty, and DIRECTORY/crl.pem says so. `forged`: the entry has a blank
 * line more than what was signed, in a container that is otherwise proper. */
#include <string.h>

#include "tests/support/sealed.h"

static char *path_in(const char *directory, const char *name, cr_arena *arena)
{
    char *path = cr_arena_printf(arena, "%s/%s", directory, name);
    must(path != NULL, "memory");
    return path;
}

static void save(const char *path, credit_span bytes)
{
    must(cr_file_replace(path, bytes, CR_FILE_PUBLIC, NULL) == CREDIT_OK, path);
}

static void publish(const char *keys, const char *directory, const char *name, cr_arena *arena)
{
    credit_span bytes;
    const char *path = path_in(keys, name, arena);
    must(cr_file_read(path, arena, &bytes, NULL) == CREDIT_OK, path);
    save(path_in(directory, name, arena), bytes);
}

static void revoke(const char *keys, const char *key_id)
{
    credit_instant day = instant_of("2026-08-01T00:00:00Z");
    must(cr_keyring_revoke(keys, NULL, key_id, day, CR_REVOKED_AFFILIATION, day, NULL) == CREDIT_OK,
        "revocation");
}

static credit_span forge(credit_span bytes, const char *name, cr_arena *arena)
{
    cr_entry *entries = NULL;
    credit_span forged = {0};
    size_t count = 0;
    bool found = false;
    must(cr_container_read(bytes, arena, &entries, &count, NULL) == CREDIT_OK, "container");
    for (size_t i = 0; i < count; i++) {
        if (cr_span_is(entries[i].name, name)) {
            const char *longer =
                cr_arena_printf(arena, "%.*s\n", (int)entries[i].bytes.size, entries[i].bytes.data);
            entries[i].bytes = cr_span_of(longer);
            found = true;
        }
    }
    must(found, "no such entry");
    must(cr_container_write(entries, count, arena, &forged, NULL) == CREDIT_OK, "container");
    return forged;
}

int main(int argc, char **argv)
{
    cr_arena arena = CR_ARENA_INIT;
    if (argc < 3) {
        fprintf(stderr, "usage: make_sealed DIRECTORY SUITE [revoked | forged ENTRY]\n");
        return 2;
    }
    const char *keys = path_in(argv[1], "keys", &arena);
    cr_signer *signer = make_keys(keys, argv[2]);
    credit_span bytes = seal_sample(signer, &arena);
    if (argc == 4 && strcmp(argv[3], "revoked") == 0) {
        revoke(keys, cr_signer_info(signer)->key_id);
        publish(keys, argv[1], "crl.pem", &arena);
    } else if (argc == 5 && strcmp(argv[3], "forged") == 0) {
        bytes = forge(bytes, argv[4], &arena);
    }
    save(path_in(argv[1], "report.asice", &arena), bytes);
    publish(keys, argv[1], "authority.pem", &arena);
    puts(SEALED_AT);
    cr_signer_free(signer);
    cr_arena_release(&arena);
    return 0;
}
