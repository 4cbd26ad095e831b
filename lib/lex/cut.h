/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Has the end of a piece of text cut a token? cut.c says why that is a question. */
#ifndef PYON_LEX_CUT_H
#define PYON_LEX_CUT_H

#include "lex/lexer.h"

/*
 * Could the token have been another one if there were more text? END always could. A string could
 * only if the end of the text has cut it. A name of version 1 becomes NAME= if "=" follows, maybe
 * after blanks; a stream waits for at most PYON_LOOKAHEAD bytes of blanks.
 */
#define PYON_LOOKAHEAD 256
PYON_INTERNAL bool pyon_is_cut(const struct pyon_lexer *lexer, enum pyon_condition condition,
                               enum pyon_token_kind kind, const struct pyon_token *token);

/* Is this NAME= with its "=" further away than that? In a stream it is a name then. */
PYON_INTERNAL bool pyon_keyword_is_far(const struct pyon_lexer *lexer, enum pyon_token_kind kind,
                                       const struct pyon_token *token);

/* The number of bytes of a cut string's body that contain no end of it, whatever follows. */
PYON_INTERNAL size_t pyon_scanned(const struct pyon_lexer *lexer, const struct pyon_token *token);

#endif
