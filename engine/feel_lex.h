/* FEEL source text, character by character: blanks, comments, names, literals.
 *
 * There is no token stream: whether "a-b" is one name or a difference depends
 * on the names in scope, so the parser asks for what it expects where it is. */
#ifndef CR_ENGINE_FEEL_LEX_H
#define CR_ENGINE_FEEL_LEX_H

#include "engine/feel_internal.h"

typedef struct cr_lex {
    credit_span text;
    size_t at;
} cr_lex;

bool cr_lex_is_blank(int32_t c);
bool cr_lex_is_name_start(int32_t c);
bool cr_lex_is_name_part(int32_t c);

/* Past blanks and comments. */
void cr_lex_skip(cr_lex *lex);
bool cr_lex_at_end(cr_lex *lex);
/* The byte at the cursor after blanks, 0 at the end. */
char cr_lex_peek(cr_lex *lex);
/* Takes an operator or a word, if it stands here (a word as a whole). */
bool cr_lex_take(cr_lex *lex, const char *symbol);
bool cr_lex_see(cr_lex *lex, const char *symbol);
bool cr_lex_take_word(cr_lex *lex, const char *word);
bool cr_lex_see_word(cr_lex *lex, const char *word);
/* Bytes of the text that spell `name` (normal form) here, 0 if they do not. */
size_t cr_lex_match_name(const cr_lex *lex, credit_span name);
/* A single word of name characters; empty if there is none. */
credit_span cr_lex_word(cr_lex *lex);
/* Is it a word that ends an expression or joins two? */
bool cr_lex_is_keyword(credit_span word);
/* A number literal; empty if there is none. */
credit_span cr_lex_number(cr_lex *lex);
/* A string literal with its escapes resolved, in the arena. False: `why` says. */
bool cr_lex_string(cr_lex *lex, cr_arena *arena, credit_span *out, const char **why);
/* The raw text up to one of the bytes in `stops` (not taken), as it could be
 * a name: empty if a byte that no name holds comes first. */
credit_span cr_lex_raw_name(cr_lex *lex, const char *stops);

#endif
