/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The last token of a piece of text: is it the token that it looks like?
 *
 *     12     may be the beginning of 123
 *     1e     is a number and an error, or the beginning of 1e5
 *     nul    is no value, and null is one
 *
 * The lexer takes the end of a piece for the end of the text. It looks at a few bytes after a token
 * and no further. So it is enough to look at the bytes between the token and the end of the piece.
 * A token that is cut is lexed again when there is more text. But the body of a string may be long,
 * so it is not scanned again.
 */
#include "lex/cut.h"

#define LONGEST_TAIL 3 /* of a number, without its last digit: ".e+" */

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Are the bytes from `p` to the limit, if there are any, the rest of a word? */
static bool is_cut_word(const char *p, const char *limit)
{
    while (p < limit && is_word(*p))
        p++;
    return p == limit;
}

/* Does a word of version 2 begin with this text? Nothing else that is no value yet can become one. */
static bool begins_word(const char *text, size_t length)
{
    static const char *const words[] = {"true", "false", "null", "NaN", "Infinity", "-Infinity"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (length < strlen(words[i]) && memcmp(text, words[i], length) == 0)
            return true;
    return false;
}

/* Are they the beginning of the rest of a number, as "." and "e+" are? */
static bool is_cut_number(const char *p, const char *limit)
{
    if (p < limit && *p == '.')
        p++;
    if (p < limit && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < limit && (*p == '+' || *p == '-'))
            p++;
    }
    return p == limit;
}

/* Does the text end before it shows whether "=" follows the name? */
static bool is_cut_name(const char *p, const char *limit)
{
    const char *stop = limit - p > PYON_LOOKAHEAD ? p + PYON_LOOKAHEAD : limit;
    bool comment = false;

    for (; p < stop; p++) {
        if (*p == '\n' || *p == '\r')
            comment = false;
        else if (*p == '#')
            comment = true;
        else if (!comment && *p != ' ' && *p != '\t' && *p != '\f' && *p != '\\')
            break;
    }
    return p == limit || (p < stop && *p == '=' && p + 1 == limit);
}

static bool is_cut_bad(const char *cursor, const char *limit, enum pyon_condition condition,
                       const struct pyon_token *token)
{
    switch (token->error) {
    case PYON_ERROR_STRING:
        return cursor == limit || (*cursor == '\\' && cursor + 1 == limit);
    case PYON_ERROR_NUMBER:
        /* Zeros before other digits are right if a point, an exponent or "j" follows: 007.5. */
        while (cursor < limit && (is_digit(*cursor) || *cursor == '_'))
            cursor++;
        return limit - cursor <= LONGEST_TAIL &&
               (is_cut_word(cursor, limit) || is_cut_number(cursor, limit));
    case PYON_ERROR_VALUE:
        return begins_word(token->start, (size_t)(limit - token->start));
    case PYON_ERROR_KEYWORD:
        return condition == PYON_LEX_V1 ? is_cut_name(cursor, limit) : cursor == limit;
    case PYON_ERROR_CHARACTER:
    case PYON_ERROR_EXPRESSION:
        return cursor == limit;
    default:
        return false;
    }
}

bool pyon_is_cut(const struct pyon_lexer *lexer, enum pyon_condition condition,
                 enum pyon_token_kind kind, const struct pyon_token *token)
{
    const char *cursor = lexer->cursor, *limit = lexer->limit;

    PYON_ASSERT(token->start <= cursor && cursor <= limit);
    switch (kind) {
    case PYON_TOKEN_END:
        return true;
    case PYON_TOKEN_BAD:
        return is_cut_bad(cursor, limit, condition, token);
    case PYON_TOKEN_OBJECT_OPEN:
        return token->cut;
    case PYON_TOKEN_NUMBER:
        return is_digit(cursor[-1]) && is_cut_number(cursor, limit);
    case PYON_TOKEN_NULL:
    case PYON_TOKEN_CONSTRUCTOR:
    case PYON_TOKEN_NAME:
    case PYON_TOKEN_OPERAND:
        if (condition == PYON_LEX_V2)
            return false; /* no word of version 2 begins with another one */
        if (condition == PYON_LEX_V1 && !is_digit(*token->start))
            return is_cut_name(cursor, limit);
        return cursor == limit;
    case PYON_TOKEN_LITERAL: /* an empty one may be the beginning of a triple quote */
        return token->length == 0 && cursor == limit;
    case PYON_TOKEN_COLON: /* ":=" is a token of its own */
        return condition != PYON_LEX_V2 && cursor == limit;
    case PYON_TOKEN_IMAGINARY:
    case PYON_TOKEN_NUMERAL:
    case PYON_TOKEN_STAR:
    case PYON_TOKEN_OPERATOR:
    case PYON_TOKEN_KEYWORD:
    case PYON_TOKEN_DOT:
        return cursor == limit;
    default:
        return false;
    }
}

bool pyon_keyword_is_far(const struct pyon_lexer *lexer, enum pyon_token_kind kind,
                         const struct pyon_token *token)
{
    const char *p = token->start;

    if (kind != PYON_TOKEN_KEYWORD &&
        !(kind == PYON_TOKEN_BAD && token->error == PYON_ERROR_KEYWORD))
        return false;
    while (is_word(*p))
        p++;
    return lexer->cursor - p > PYON_LOOKAHEAD;
}

/* The number of bytes equal to `c` just before `end`, not looking before `start`. */
static size_t count_before(const char *start, const char *end, char c)
{
    const char *p = end;

    while (p > start && p[-1] == c)
        p--;
    return (size_t)(end - p);
}

size_t pyon_scanned(const struct pyon_lexer *lexer, const struct pyon_token *token)
{
    const char *start = token->text + lexer->scanned, *end = lexer->limit;
    char quote = token->text[-1];
    /* A backslash shields the next byte, unless it is shielded itself. One or two quotes may be the
       beginning of a triple quote; a quote of a simple string must be shielded. */
    size_t quotes = count_before(start, end, quote);
    size_t backslashes = count_before(start, end - quotes, '\\');

    PYON_ASSERT(start <= end);
    if (quotes == 0)
        return (size_t)(end - token->text) - backslashes % 2;
    return (size_t)(end - token->text) - quotes + backslashes % 2;
}
