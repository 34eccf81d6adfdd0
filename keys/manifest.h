/* The ASiCManifest: which files a signature covers, by their digests.
 *
 * 1. The text is a function of suite and files, in their order; what is read must
 *    be what would be written.
 * 2. Names and media types hold only characters that XML leaves as they are.
 *
 * basis: ETSI EN 319 162-1, annex A.4; W3C XML Signature, 4.4.3.5-6. */
#ifndef CR_KEYS_MANIFEST_H
#define CR_KEYS_MANIFEST_H

#include "engine/arena.h"
#include "keys/suite.h"

enum { CR_MEDIA_TYPE_MAX = 64 };

typedef struct cr_manifest_file {
    credit_span name;
    credit_span media_type;
    unsigned char digest[CR_DIGEST_SIZE];
} cr_manifest_file;

/* The entries that a suite has in META-INF: manifest, signatures, certificates. */
typedef enum cr_meta { CR_META_MANIFEST, CR_META_SIGNATURE, CR_META_CHAIN, CR_META_CADES } cr_meta;
enum { CR_META_NAME = 64 };
credit_span cr_meta_name(const cr_suite *suite, cr_meta meta, char out[CR_META_NAME]);

bool cr_manifest_media_type_fits(credit_span media_type);

credit_result cr_manifest_write(const cr_suite *suite, const cr_manifest_file *files, size_t count,
    cr_arena *arena, credit_span *text, credit_error *err);

/* Fills media types and digests of `count` files whose names are given, in order.
 * CREDIT_E_UNTRUSTED if the text is not the manifest of such files. */
credit_result cr_manifest_read(const cr_suite *suite, credit_span text, cr_manifest_file *files,
    size_t count, credit_error *err);

#endif
