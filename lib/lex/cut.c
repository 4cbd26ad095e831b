/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Text that comes in pieces: is the last token of a piece the token that it looks like?
 *
 * The lexer takes the end of a piece for the end of the text. "12" may be the beginning of
 * "123", "nul" is no value and "null" is one, "1e" is a number and an error or the beginning of
 * "1e5". The lexer looks no more than a few bytes behind a token, so it is enough to look at
 * what stands between the token and the end of the piece. A token that is cut is lexed again when
 * there is more; but the body of a string, which may be long, is not scanned again.
 */
#include "lex/cut.h"

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Is what stands between `p` and the limit, if anything, the rest of a word that begins before? */
static bool is_cut_word(const char *p, const char *limit)
{
    while (p < limit && is_word(*p))
        p++;
    return p == limit;
}

/* The same for a number of which the part before `p` is one: "." or "e+" may be the last of it. */
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

/* Does the text end before it is seen whether "=" follows the name? */
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
        /* Zeros before other digits are right with a point, an exponent or "j" behind them. */
        while (cursor < limit && (is_digit(*cursor) || *cursor == '_'))
            cursor++;
        return limit - cursor <= 3 && (is_cut_word(cursor, limit) || is_cut_number(cursor, limit));
    case PYON_ERROR_VALUE:
        /* The longest word of version 2 is -Infinity. */
        return limit - token->start < 9 && is_cut_word(cursor, limit);
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
            return false; /* no word begins with another one */
        if (condition == PYON_LEX_V1 && !is_digit(*token->start))
            return is_cut_name(cursor, limit);
        return cursor == limit;
    case PYON_TOKEN_LITERAL: /* an empty one may be the beginning of three quotes */
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

/* How many of the bytes before `end`, but not before `start`, are `c`. */
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
    /* A backslash may shield what follows, unless it is shielded itself. Of triple quotes one or
       two may be the beginning of the end; a quote of another string must be shielded. */
    size_t quotes = count_before(start, end, quote);
    size_t backslashes = count_before(start, end - quotes, '\\');

    PYON_ASSERT(start <= end);
    if (quotes == 0)
        return (size_t)(end - token->text) - backslashes % 2;
    return (size_t)(end - token->text) - quotes + backslashes % 2;
}
