/* OMG DMN XML, versions 1.2 to 1.5, becomes a model.
 *
 * Elements of other namespaces (diagrams, extensions of modellers) are passed
 * over. Elements of DMN that say nothing about the result (descriptions,
 * knowledge sources, decision services, …) too; every other one that is not
 * understood is refused with file, line, element and reason, as are imports,
 * other expression languages than FEEL, and functions that are not in FEEL. */
#ifndef CR_LOADERS_DMN_H
#define CR_LOADERS_DMN_H

#include "engine/decision.h"

/* The file as tables, in the arena; nothing is compiled. CREDIT_E_PACK. */
CREDIT_MUST_CHECK credit_result cr_dmn_parse(
    credit_span bytes, cr_arena *arena, cr_model_source *out, credit_error *err);

/* Parses and compiles. `file` stands in front of messages: "rules/x.dmn:12: …".
 * `options` may be NULL. The bytes are not needed afterwards. */
CREDIT_MUST_CHECK credit_result cr_dmn_load(credit_span bytes, const char *file,
    const cr_model_options *options, cr_model **out, credit_error *err);

#endif
