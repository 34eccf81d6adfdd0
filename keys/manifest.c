#include "keys/manifest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"

enum { BASE64_SIZE = 44 }; /* of 32 bytes */

/* The text in the order in which it is written and read. */
static const char HEAD[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\""
                           " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n"
                           "<asic:SigReference URI=\"";
static const char SIGNATURE_TYPE[] = "\" MimeType=\"";
static const char AFTER_SIGNATURE[] = "\"/>\n";
static const char FILE_NAME[] = "<asic:DataObjectReference URI=\"";
static const char FILE_TYPE[] = "\" MimeType=\"";
static const char FILE_METHOD[] = "\">\n<ds:DigestMethod Algorithm=\"";
static const char FILE_DIGEST[] = "\"/>\n<ds:DigestValue>";
static const char AFTER_FILE[] = "</ds:DigestValue>\n</asic:DataObjectReference>\n";
static const char TAIL[] = "</asic:ASiCManifest>\n";

credit_span cr_meta_name(const cr_suite *suite, cr_meta meta, char out[CR_META_NAME])
{
    static const char *const forms[] = {
        [CR_META_MANIFEST] = "META-INF/ASiCManifest-%s.xml",
        [CR_META_SIGNATURE] = "META-INF/%s.sig",
        [CR_META_CHAIN] = "META-INF/%s.pem",
        [CR_META_CADES] = "META-INF/signature-%s.p7s",
    };
    const char *form = forms[meta];
    const char *hole = strstr(form, "%s");
    snprintf(out, CR_META_NAME, "%.*s%s%s", (int)(hole - form), form, suite->name, hole + 2);
    return cr_span_of(out);
}

/* The signature that the norm looks for: the CAdES one where there is one. */
static credit_span main_signature(
    const cr_suite *suite, char out[CR_META_NAME], const char **media_type)
{
    *media_type = suite->cades ? "application/pkcs7-signature" : "application/octet-stream";
    return cr_meta_name(suite, suite->cades ? CR_META_CADES : CR_META_SIGNATURE, out);
}

static bool is_media_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '-';
}

bool cr_manifest_media_type_fits(credit_span media_type)
{
    size_t slashes = 0;
    if (media_type.size < 3 || media_type.size > CR_MEDIA_TYPE_MAX) { return false; }
    for (size_t i = 0; i < media_type.size; i++) {
        bool slash = media_type.data[i] == '/';
        slashes += slash ? 1 : 0;
        if (!slash && !is_media_character(media_type.data[i])) { return false; }
    }
    return slashes == 1 && media_type.data[0] != '/' && media_type.data[media_type.size - 1] != '/';
}

/* Counts while `out` is NULL, else writes. */
typedef struct writer {
    char *out;
    size_t size;
} writer;

static void put(writer *to, credit_span text)
{
    if (to->out != NULL && text.size > 0) { memcpy(to->out + to->size, text.data, text.size); }
    to->size += text.size;
}

static void put_text(writer *to, const char *text)
{
    put(to, cr_span_of(text));
}

static void put_digest(writer *to, const unsigned char digest[CR_DIGEST_SIZE])
{
    unsigned char text[BASE64_SIZE + 1];
    EVP_EncodeBlock(text, digest, CR_DIGEST_SIZE);
    put(to, (credit_span){(const char *)text, BASE64_SIZE});
}

static void put_all(writer *to, const cr_suite *suite, const cr_manifest_file *files, size_t count)
{
    char name[CR_META_NAME];
    const char *media_type = NULL;
    put_text(to, HEAD);
    put(to, main_signature(suite, name, &media_type));
    put_text(to, SIGNATURE_TYPE);
    put_text(to, media_type);
    put_text(to, AFTER_SIGNATURE);
    for (size_t i = 0; i < count; i++) {
        put_text(to, FILE_NAME);
        put(to, files[i].name);
        put_text(to, FILE_TYPE);
        put(to, files[i].media_type);
        put_text(to, FILE_METHOD);
        put_text(to, suite->digest_id);
        put_text(to, FILE_DIGEST);
        put_digest(to, files[i].digest);
        put_text(to, AFTER_FILE);
    }
    put_text(to, TAIL);
}

credit_result cr_manifest_write(const cr_suite *suite, const cr_manifest_file *files, size_t count,
    cr_arena *arena, credit_span *text, credit_error *err)
{
    writer to = {0};
    *text = (credit_span){0};
    put_all(&to, suite, files, count);
    to = (writer){.out = cr_arena_alloc(arena, to.size)};
    if (to.out == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    put_all(&to, suite, files, count);
    *text = (credit_span){to.out, to.size};
    return CREDIT_OK;
}

/* Reads what put_all writes, literal by literal; `holds` is sticky. */
typedef struct reader {
    credit_span rest;
    bool holds;
} reader;

static void expect(reader *from, credit_span literal)
{
    from->holds = from->holds && cr_span_starts(from->rest, literal);
    if (from->holds) {
        from->rest.data += literal.size;
        from->rest.size -= literal.size;
    }
}

static void expect_text(reader *from, const char *text)
{
    expect(from, cr_span_of(text));
}

static credit_span take_until(reader *from, char end)
{
    size_t size = 0;
    while (from->holds && size < from->rest.size && from->rest.data[size] != end) { size++; }
    credit_span taken = {from->rest.data, size};
    if (from->holds) {
        from->rest.data += size;
        from->rest.size -= size;
    }
    return taken;
}

static void take_digest(reader *from, unsigned char digest[CR_DIGEST_SIZE])
{
    unsigned char bytes[BASE64_SIZE];
    char again[BASE64_SIZE + 1];
    if (!from->holds || from->rest.size < BASE64_SIZE ||
        EVP_DecodeBlock(bytes, (const unsigned char *)from->rest.data, BASE64_SIZE) < 0) {
        from->holds = false;
        return;
    }
    memcpy(digest, bytes, CR_DIGEST_SIZE);
    /* The last characters hold bits that say nothing; there is one way to set them. */
    EVP_EncodeBlock((unsigned char *)again, digest, CR_DIGEST_SIZE);
    expect(from, (credit_span){again, BASE64_SIZE});
}

static void take_file(reader *from, const cr_suite *suite, cr_manifest_file *file)
{
    expect_text(from, FILE_NAME);
    expect(from, file->name);
    expect_text(from, FILE_TYPE);
    file->media_type = take_until(from, '"');
    from->holds = from->holds && cr_manifest_media_type_fits(file->media_type);
    expect_text(from, FILE_METHOD);
    expect_text(from, suite->digest_id);
    expect_text(from, FILE_DIGEST);
    take_digest(from, file->digest);
    expect_text(from, AFTER_FILE);
}

credit_result cr_manifest_read(const cr_suite *suite, credit_span text, cr_manifest_file *files,
    size_t count, credit_error *err)
{
    char name[CR_META_NAME];
    const char *media_type = NULL;
    reader from = {.rest = text, .holds = true};
    expect_text(&from, HEAD);
    expect(&from, main_signature(suite, name, &media_type));
    expect_text(&from, SIGNATURE_TYPE);
    expect_text(&from, media_type);
    expect_text(&from, AFTER_SIGNATURE);
    for (size_t i = 0; i < count; i++) { take_file(&from, suite, &files[i]); }
    expect_text(&from, TAIL);
    if (!from.holds || from.rest.size > 0) {
        return cr_fail(err, CREDIT_E_UNTRUSTED,
            "the manifest does not list the files of the container as they are written");
    }
    return CREDIT_OK;
}
