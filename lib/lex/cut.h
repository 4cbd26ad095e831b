/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Whether the end of a piece of text has cut a token: cut.c says why that is asked. */
#ifndef PYON_LEX_CUT_H
#define PYON_LEX_CUT_H

#include "lex/lexer.h"

/*
 * Could the token have been another one if there were more text? Always of END; of strings, those
 * that the end of the text has cut. A name of version 1 becomes NAME= behind blanks, of which
 * no more than PYON_LOOKAHEAD are waited for.
 */
#define PYON_LOOKAHEAD 256
PYON_INTERNAL bool pyon_is_cut(const struct pyon_lexer *lexer, enum pyon_condition condition,
                               enum pyon_token_kind kind, const struct pyon_token *token);

/* Is this NAME= of which the "=" is further away than that? Of a text in pieces it is a name. */
PYON_INTERNAL bool pyon_keyword_is_far(const struct pyon_lexer *lexer, enum pyon_token_kind kind,
                                       const struct pyon_token *token);

/* Of a string that is cut: how much of its body can have no end in it, whatever follows. */
PYON_INTERNAL size_t pyon_scanned(const struct pyon_lexer *lexer, const struct pyon_token *token);

#endif
