#include "loaders/xml.h"

#include <expat.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"

/* Between namespace and local part in the names that expat gives; no URI may
 * hold it unescaped. */
enum { SEPARATOR = '\n' };

/* A run of an element's character data. */
typedef struct piece {
    struct piece *next;
    credit_span text;
} piece;

typedef struct open_element {
    cr_xml *node;
    cr_xml *last; /* child */
    piece *first_piece, *last_piece;
    size_t text_size;
} open_element;

typedef struct reader {
    XML_Parser parser;
    cr_arena *arena;
    open_element open[CR_XML_DEPTH_MAX];
    size_t depth, elements;
    cr_xml *root;
    credit_result code; /* of our own refusals */
    const char *why;
} reader;

static void stop(reader *r, credit_result code, const char *why)
{
    if (r->code == CREDIT_OK) {
        r->code = code;
        r->why = why;
    }
    XML_StopParser(r->parser, XML_FALSE);
}

static bool split_name(reader *r, const char *text, credit_span *space, credit_span *name)
{
    const char *separator = strchr(text, SEPARATOR);
    *space = (credit_span){"", 0};
    if (separator != NULL) {
        *space = cr_arena_span(r->arena, (credit_span){text, (size_t)(separator - text)});
        text = separator + 1;
    }
    *name = cr_arena_span(r->arena, cr_span_of(text));
    return space->data != NULL && name->data != NULL;
}

static bool copy_attributes(reader *r, cr_xml *node, const char **given)
{
    size_t count = 0;
    while (given[count * 2] != NULL) { count++; }
    cr_xml_attribute *attributes = cr_arena_array(r->arena, count, sizeof *attributes);
    if (attributes == NULL) { return false; }
    for (size_t i = 0; i < count; i++) {
        credit_span space;
        if (!split_name(r, given[i * 2], &space, &attributes[i].name)) { return false; }
        attributes[i].foreign = space.size > 0;
        attributes[i].value = cr_arena_span(r->arena, cr_span_of(given[i * 2 + 1]));
        if (attributes[i].value.data == NULL) { return false; }
    }
    node->attributes = attributes;
    node->attribute_count = count;
    return true;
}

static void XMLCALL start_element(void *data, const char *name, const char **attributes)
{
    reader *r = data;
    if (r->depth >= CR_XML_DEPTH_MAX || ++r->elements > CR_XML_ELEMENTS_MAX) {
        stop(r, CREDIT_E_LIMIT, "elements are too many or nested too deep");
        return;
    }
    cr_xml *node = cr_arena_alloc(r->arena, sizeof *node);
    if (node == NULL || !split_name(r, name, &node->space, &node->name) ||
        !copy_attributes(r, node, attributes)) {
        stop(r, CREDIT_E_NOMEM, "out of memory");
        return;
    }
    node->line = XML_GetCurrentLineNumber(r->parser);
    node->text_line = node->line;
    node->text = (credit_span){"", 0};
    if (r->depth == 0) {
        r->root = node;
    } else {
        open_element *parent = &r->open[r->depth - 1];
        *(parent->last == NULL ? &parent->node->first : &parent->last->next) = node;
        parent->last = node;
    }
    r->open[r->depth++] = (open_element){.node = node};
}

static void XMLCALL end_element(void *data, const char *name)
{
    reader *r = data;
    (void)name;
    open_element *closing = &r->open[--r->depth];
    if (closing->text_size == 0) { return; }
    char *text = cr_arena_alloc(r->arena, closing->text_size + 1);
    if (text == NULL) {
        stop(r, CREDIT_E_NOMEM, "out of memory");
        return;
    }
    size_t size = 0;
    for (const piece *p = closing->first_piece; p != NULL; p = p->next) {
        memcpy(text + size, p->text.data, p->text.size);
        size += p->text.size;
    }
    closing->node->text = (credit_span){text, size};
}

static void XMLCALL character_data(void *data, const char *text, int size)
{
    reader *r = data;
    if (r->depth == 0 || size <= 0) { return; }
    open_element *element = &r->open[r->depth - 1];
    piece *p = cr_arena_alloc(r->arena, sizeof *p);
    if (p == NULL) {
        stop(r, CREDIT_E_NOMEM, "out of memory");
        return;
    }
    p->text = cr_arena_span(r->arena, (credit_span){text, (size_t)size});
    if (p->text.data == NULL) {
        stop(r, CREDIT_E_NOMEM, "out of memory");
        return;
    }
    if (element->first_piece == NULL) {
        element->node->text_line = XML_GetCurrentLineNumber(r->parser);
    }
    *(element->last_piece == NULL ? &element->first_piece : &element->last_piece->next) = p;
    element->last_piece = p;
    element->text_size += (size_t)size;
}

static void XMLCALL start_doctype(
    void *data, const char *name, const char *system, const char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    stop(data, CREDIT_E_DATA, "a DOCTYPE is not allowed");
}

static credit_result from_expat(reader *r, credit_error *err)
{
    credit_result code = r->code;
    if (code != CREDIT_OK) {
        cr_fail(err, code, "%s", r->why);
    } else if (XML_GetErrorCode(r->parser) == XML_ERROR_NO_MEMORY) {
        code = cr_fail(err, CREDIT_E_NOMEM, "out of memory while reading XML");
    } else {
        code = cr_fail(
            err, CREDIT_E_DATA, "malformed XML: %s", XML_ErrorString(XML_GetErrorCode(r->parser)));
    }
    cr_fail_at(
        err, XML_GetCurrentLineNumber(r->parser), XML_GetCurrentColumnNumber(r->parser) + 1, NULL);
    return code;
}

static credit_result run(reader *r, credit_span bytes, credit_error *err)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, start_element, end_element);
    XML_SetCharacterDataHandler(r->parser, character_data);
    XML_SetStartDoctypeDeclHandler(r->parser, start_doctype);
    if (XML_Parse(r->parser, bytes.data, (int)bytes.size, 1) != XML_STATUS_OK) {
        return from_expat(r, err);
    }
    return CREDIT_OK;
}

credit_result cr_xml_parse(credit_span bytes, cr_arena *arena, cr_xml **out, credit_error *err)
{
    *out = NULL;
    if (bytes.size > CR_XML_SIZE_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "larger than %d bytes", CR_XML_SIZE_MAX);
    }
    /* expat goes through our allocator, so that its failures can be rehearsed. */
    static const XML_Memory_Handling_Suite memory = {cr_alloc, cr_realloc, cr_free};
    static const char separator[] = {SEPARATOR, '\0'};
    reader *r = cr_alloc(sizeof *r);
    if (r == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory while reading XML"); }
    memset(r, 0, sizeof *r);
    r->arena = arena;
    r->parser = XML_ParserCreate_MM(NULL, &memory, separator);
    credit_result rc = r->parser == NULL
                           ? cr_fail(err, CREDIT_E_NOMEM, "out of memory while reading XML")
                           : run(r, bytes, err);
    if (rc == CREDIT_OK) { *out = r->root; }
    if (r->parser != NULL) { XML_ParserFree(r->parser); }
    cr_free(r);
    return rc;
}

bool cr_xml_is(const cr_xml *node, const char *name)
{
    return cr_span_is(node->name, name);
}

static cr_xml *named(cr_xml *node, const char *name)
{
    while (node != NULL && !cr_xml_is(node, name)) { node = node->next; }
    return node;
}

cr_xml *cr_xml_child(const cr_xml *node, const char *name)
{
    return named(node->first, name);
}

cr_xml *cr_xml_next(const cr_xml *node, const char *name)
{
    return named(node->next, name);
}

size_t cr_xml_count(const cr_xml *node, const char *name)
{
    size_t count = 0;
    for (const cr_xml *child = cr_xml_child(node, name); child != NULL;
         child = cr_xml_next(child, name)) {
        count++;
    }
    return count;
}

static credit_span attribute(const cr_xml *node, const char *name, bool foreign)
{
    for (size_t i = 0; i < node->attribute_count; i++) {
        if (node->attributes[i].foreign == foreign && cr_span_is(node->attributes[i].name, name)) {
            return node->attributes[i].value;
        }
    }
    return (credit_span){"", 0};
}

credit_span cr_xml_attribute_of(const cr_xml *node, const char *name)
{
    return attribute(node, name, false);
}

credit_span cr_xml_foreign_attribute_of(const cr_xml *node, const char *name)
{
    return attribute(node, name, true);
}
