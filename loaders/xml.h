/* A small XML document as a tree, read with expat. DTDs are refused, so there
 * are no entities but the five; size, depth and number of elements are
 * limited. Names are split into namespace and local part. */
#ifndef CR_LOADERS_XML_H
#define CR_LOADERS_XML_H

#include <stdbool.h>

#include "engine/arena.h"

enum {
    CR_XML_SIZE_MAX = 32 << 20, /* bytes of a document */
    CR_XML_DEPTH_MAX = 128,     /* nested elements */
    CR_XML_ELEMENTS_MAX = 500000
};

typedef struct cr_xml_attribute {
    credit_span name; /* local part */
    credit_span value;
    bool foreign; /* has a namespace of its own */
} cr_xml_attribute;

typedef struct cr_xml {
    credit_span space, name;
    const cr_xml_attribute *attributes;
    size_t attribute_count;
    credit_span text;            /* its own character data, joined */
    uint64_t line;               /* of the start tag */
    uint64_t text_line;          /* where the text starts */
    struct cr_xml *first, *next; /* first child, next sibling */
} cr_xml;

/* The document's root, in the arena. CREDIT_E_DATA with line and reason,
 * CREDIT_E_LIMIT, CREDIT_E_NOMEM. */
CREDIT_MUST_CHECK credit_result cr_xml_parse(
    credit_span bytes, cr_arena *arena, cr_xml **out, credit_error *err);

/* First child (or, from a node, next sibling) of that local name; NULL if none. */
cr_xml *cr_xml_child(const cr_xml *node, const char *name);
cr_xml *cr_xml_next(const cr_xml *node, const char *name);
size_t cr_xml_count(const cr_xml *node, const char *name);
bool cr_xml_is(const cr_xml *node, const char *name);
/* Value of an attribute without a namespace; empty if there is none. */
credit_span cr_xml_attribute_of(const cr_xml *node, const char *name);
/* The same for one with a namespace (xsi:type). */
credit_span cr_xml_foreign_attribute_of(const cr_xml *node, const char *name);

#endif
