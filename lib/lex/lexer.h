/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Text to tokens, for both dialects: a token is a kind and a slice of the text.
 *
 * The lexer validates the form of tokens and converts plain numbers. It allocates nothing. It does
 * not decode strings, but tells whether there are escapes in them. A malformed token is a token too
 * (PYON_TOKEN_BAD). The parser knows its place, and decides by the place whether it matters and
 * which error it is.
 *
 * Some kinds come from one dialect only, and so do the productions that use them. The text must
 * have a NUL at `limit`.
 */
#ifndef PYON_LEXER_H
#define PYON_LEXER_H

#include "dialect.h"
#include "number/wide.h"

enum pyon_token_kind {
    PYON_TOKEN_END,
    PYON_TOKEN_BAD, /* `error` says why */
    PYON_TOKEN_NULL,
    PYON_TOKEN_LIST_OPEN,   /* [ */
    PYON_TOKEN_LIST_CLOSE,  /* ] */
    PYON_TOKEN_BRACE_CLOSE, /* } */
    PYON_TOKEN_COMMA,
    PYON_TOKEN_COLON,

    /* Version 2. */
    PYON_TOKEN_TRUE,
    PYON_TOKEN_FALSE,
    PYON_TOKEN_NUMBER,      /* complete with its sign, in `number` */
    PYON_TOKEN_STRING,      /* complete; `text` is between the quotes */
    PYON_TOKEN_OBJECT_OPEN, /* { before keys that are strings */
    PYON_TOKEN_TAG_OPEN,    /* {"__jsonclass__":["NAME",[ with `text` the name */

    /* Version 1. */
    PYON_TOKEN_OPERAND,    /* a number without sign, or true or false, in `number` */
    PYON_TOKEN_IMAGINARY,  /* an imaginary number, in number.real */
    PYON_TOKEN_NUMERAL,    /* a number yet to be read: `text`, `base`, `imaginary` */
    PYON_TOKEN_LITERAL,    /* str or bytes; adjacent ones join */
    PYON_TOKEN_PLUS,       /* + */
    PYON_TOKEN_MINUS,      /* - */
    PYON_TOKEN_STAR,       /* * or ** */
    PYON_TOKEN_OPERATOR,   /* any other between two operands */
    PYON_TOKEN_TILDE,      /* ~ */
    PYON_TOKEN_DOT,        /* . of an attribute */
    PYON_TOKEN_PAREN_OPEN, /* ( */
    PYON_TOKEN_PAREN_CLOSE,
    PYON_TOKEN_BRACE_OPEN,  /* { of a dict or a set */
    PYON_TOKEN_CONSTRUCTOR, /* slice, Fraction, ...: `text` is the name */
    PYON_TOKEN_NAME,        /* another name, in `text` */
    PYON_TOKEN_KEYWORD,     /* NAME= of a keyword argument, `text` is the name */
    PYON_TOKEN_NEWLINE,     /* a line end outside brackets */
};

/* Properties of a string. */
enum {
    PYON_STRING_ESCAPED = 1, /* its value is not the text itself: see unescape.h */
    PYON_STRING_WIDE = 2,    /* there are bytes above 0x7f */
    PYON_STRING_RAW = 4,     /* backslashes are plain */
    PYON_STRING_BYTES = 8,
    PYON_STRING_JSON = 16,  /* a string of version 2 */
    PYON_STRING_KNOWN = 32, /* an escape that Python warns of is an error */
};

/* Only the members that the kind has are filled. */
struct pyon_token {
    const char *start;          /* its first byte; it ends at lexer.cursor */
    const char *text;           /* the inside of a string, name or numeral */
    size_t length;              /* of `text`, in bytes */
    unsigned string;            /* PYON_STRING_... */
    unsigned base;              /* of a numeral: 2, 8, 10, 16; 0 with a point or exponent */
    bool imaginary;             /* a numeral with "j" */
    bool cut;                   /* of OBJECT_OPEN: the text ends, and this may be a TAG_OPEN */
    enum pyon_error_code error; /* of BAD */
    struct pyon_number number;
};

struct pyon_lexer {
    const char *cursor; /* first byte after the last token */
    const char *limit;  /* the NUL */
    const char *wide;   /* from here on, numbers may be read by wide loads, */
    size_t wide_size;   /* at this number of places */
    size_t scanned;     /* the next token is a string: this much of its body has no end in it, */
    unsigned string;    /* and has these properties. 0 for any other token */
    bool comment;       /* the text ends in a comment */
    bool literal;       /* as of the dialect */
};

/* `readable` bytes may be loaded at `text`: the text, and what is after its NUL. */
static inline struct pyon_lexer lexer_of(const char *text, size_t length, size_t readable)
{
    size_t margin = NUMBER_BEFORE + NUMBER_BEHIND;

    PYON_ASSERT(readable >= length && text[length] == '\0');
    return (struct pyon_lexer){.cursor = text,
                               .limit = text + length,
                               .wide = text + NUMBER_BEFORE,
                               .wide_size = readable > margin ? readable - margin : 0};
}

/* May read_number_wide be called at `p`? */
static inline bool reads_wide(const struct pyon_lexer *lexer, const char *p)
{
    return (size_t)(p - lexer->wide) < lexer->wide_size;
}

/*
 * Skips spaces and line ends at `p`, all or some of them. They are the layout of pretty text, so
 * the loop takes eight spaces at a time.
 */
static inline const char *skip_lines(const struct pyon_lexer *lexer, const char *p)
{
    const uint64_t spaces = UINT64_C(0x2020202020202020);

    if (*p == '\n') {
        p++;
        while (reads_wide(lexer, p) && load64(p) == spaces)
            p += 8;
    }
    while (*p == ' ' || *p == '\n')
        p++;
    return p;
}

/* The next token. Reads at most up to the limit. */
PYON_INTERNAL enum pyon_token_kind pyon_lex(struct pyon_lexer *lexer, enum pyon_condition condition,
                                            struct pyon_token *token);

#endif
