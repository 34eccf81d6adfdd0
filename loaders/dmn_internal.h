/* Reading the parts of a DMN file: shared by dmn.c (the graph) and dmn_box.c
 * (boxed expressions). */
#ifndef CR_LOADERS_DMN_INTERNAL_H
#define CR_LOADERS_DMN_INTERNAL_H

#include "loaders/dmn.h"
#include "loaders/xml.h"

typedef struct cr_dmn_reader {
    cr_arena *arena;
    credit_error *err;
    credit_span space; /* namespace of the file's DMN version */
} cr_dmn_reader;

/* Sets the error, with line and element; gives false. */
bool cr_dmn_refuse(cr_dmn_reader *r, const cr_xml *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool cr_dmn_no_memory(cr_dmn_reader *r);
/* Is it an element of DMN, and not of an extension? */
bool cr_dmn_is_own(const cr_dmn_reader *r, const cr_xml *node);
/* Elements that document, and say nothing about the result. */
bool cr_dmn_is_prose(const cr_xml *node);
/* The <text> inside the element; empty if there is none. */
cr_source_text cr_dmn_text(const cr_xml *node);

bool cr_dmn_is_expression(const cr_xml *node);
/* The expression that the node is. */
bool cr_dmn_box(cr_dmn_reader *r, const cr_xml *node, cr_box **out);
/* The one expression among the node's children; NULL if it has none. Children
 * named in `others` (NULL-ended) belong to the caller; any else is refused. */
bool cr_dmn_box_within(
    cr_dmn_reader *r, const cr_xml *node, const char *const *others, cr_box **out);
/* formalParameter* and a body, as a FUNCTION box. */
bool cr_dmn_function(cr_dmn_reader *r, const cr_xml *node, cr_box **out);

#endif
