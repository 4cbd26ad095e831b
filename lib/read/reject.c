/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The errors of the parser: which text is wrong, and which code it gets.
 *
 * Programs evaluated version 1 as Python, and tell errors apart by the class of the exception. So
 * the parser keeps three kinds apart:
 *
 *     [1 2]              not Python: a syntax error
 *     null(), 1 + null   Python compiles it and fails to evaluate it
 *     [1][0]             Python evaluates it, but this format does not
 *
 * Python compiles the whole text before it evaluates any of it. So the last two kinds are only
 * noted, by pyon_defer, and the text is read to its end.
 */
#include "read/parser.h"

/* ---- Errors ---- */

PYON_COLD int pyon_fail_at(struct parser *parser, enum pyon_error_code code, size_t offset,
                           size_t length)
{
    parser->error->code = code;
    parser->error->offset = offset;
    parser->error->length = length;
    parser->error->message = pyon_error_message(code);
    return FAILED;
}

PYON_COLD int pyon_fail(struct parser *parser, enum pyon_error_code code)
{
    size_t length = (size_t)(parser->lexer.cursor - parser->token.start);

    return pyon_fail_at(parser, code, offset_of(parser, parser->token.start), length);
}

/* The error of a token of version 1 that must not stand where it stands. */
static enum pyon_error_code misplaced(const struct parser *parser, enum pyon_token_kind kind)
{
    switch (kind) {
    case PYON_TOKEN_BAD:
        return parser->token.error;
    case PYON_TOKEN_LIST_CLOSE:
    case PYON_TOKEN_PAREN_CLOSE:
    case PYON_TOKEN_BRACE_CLOSE:
        return PYON_ERROR_BRACKET;
    default:
        return PYON_ERROR_EXPRESSION;
    }
}

PYON_COLD int pyon_fail_token(struct parser *parser, enum pyon_token_kind kind,
                              enum pyon_error_code code)
{
    if (code)
        return pyon_fail(parser, code);
    if (kind == PYON_TOKEN_END && parser->depth > 0)
        return pyon_fail_at(parser, PYON_ERROR_UNCLOSED, innermost(parser)->start, 1);
    return pyon_fail(parser, misplaced(parser, kind));
}

void pyon_defer_at(struct parser *parser, enum pyon_error_code code, size_t offset, size_t length)
{
    /* A refusal is replaced: Python would evaluate the refused part and reach this error. An
       error of evaluation stays. So does the name of a constructor that is no value, since later
       errors only follow from it. */
    if (pyon_error_is_evaluation(parser->deferred) || parser->deferred == PYON_ERROR_NOT_VALUE)
        return;
    parser->deferred = code;
    parser->deferred_at = offset;
    parser->deferred_length = length;
    parser->operator_count = 0; /* nothing is computed any more */
    parser->builder = &pyon_null_builder;
}

void pyon_defer(struct parser *parser, enum pyon_error_code code)
{
    pyon_defer_at(parser, code, offset_of(parser, parser->token.start), 0);
}

bool pyon_is_indented(const struct parser *parser)
{
    const char *limit = parser->lexer.limit;

    /* A literal is a whole text, so the value is before the limit. */
    return parser->dialect->literal && limit[-1] != '\n' && limit[-1] != '\r';
}

/* ---- Errors of evaluation, and refusals ---- */

/* Can the token begin a number? Brackets show at their end whether they are one, names after them.
   In a literal, a sign belongs to the number that follows. */
static bool may_be_number(const struct parser *parser, enum pyon_token_kind kind)
{
    switch (kind) {
    case PYON_TOKEN_OPERAND:
    case PYON_TOKEN_IMAGINARY:
    case PYON_TOKEN_NUMERAL:
        return true;
    case PYON_TOKEN_NULL:
    case PYON_TOKEN_LITERAL:
    case PYON_TOKEN_CONSTRUCTOR:
        return false;
    default:
        return !parser->dialect->literal;
    }
}

/* An operator stands before this token. */
void pyon_refuse_operand(struct parser *parser, enum pyon_token_kind kind)
{
    if (may_be_number(parser, kind))
        return;
    pyon_defer(parser, kind == PYON_TOKEN_CONSTRUCTOR ? PYON_ERROR_ARITHMETIC : PYON_ERROR_OPERAND);
    parser->waits = false;
    parser->sign = 0;
}

/* * or ** before a value: Python would unpack it. */
int pyon_refuse_star(struct parser *parser)
{
    enum frame_kind frame = innermost(parser)->kind;
    bool twofold = parser->lexer.cursor - parser->token.start == 2;

    if (frame == FRAME_DOCUMENT || frame == FRAME_PAREN || (twofold && frame == FRAME_LIST) ||
        parser->waits)
        return pyon_fail(parser, PYON_ERROR_EXPRESSION);
    /* No constructor takes keyword arguments from a dict. */
    pyon_defer(parser, twofold && frame == FRAME_CALL ? PYON_ERROR_OPERAND : PYON_ERROR_UNPACKING);
    parser->state = STATE_VALUE;
    return CONTINUE;
}

/* An operator between two values that no builder computes. `number`: the left one is a number. */
int pyon_refuse_operator(struct parser *parser, bool number)
{
    bool matrix = *parser->token.start == '@'; /* no type of the format has this operator */

    pyon_defer(parser, number && !matrix ? PYON_ERROR_ARITHMETIC : PYON_ERROR_OPERAND);
    parser->waits = true;
    parser->state = STATE_VALUE;
    return CONTINUE;
}

/* Has the complete value that attribute? If it is unknown, or the value has not been built: yes. */
static bool has_attribute(struct parser *parser, const char *name, size_t length)
{
    const struct pyon_builder *builder = parser->builder;

    return !builder->attribute || builder->attribute(parser->self, name, length);
}

/* The token after a value makes it a call, a subscript, an attribute or arithmetic. */
int pyon_refuse_beyond(struct parser *parser, enum pyon_token_kind kind)
{
    static const char getitem[] = "__getitem__";

    switch (kind) {
    case PYON_TOKEN_PAREN_OPEN:
        pyon_defer(parser, PYON_ERROR_CALL);
        return pyon_push_frame(parser, FRAME_CALL);
    case PYON_TOKEN_LIST_OPEN:
        pyon_defer(parser, has_attribute(parser, getitem, sizeof getitem - 1) ? PYON_ERROR_ACCESS
                                                                              : PYON_ERROR_OPERAND);
        return pyon_push_frame(parser, FRAME_SUBSCRIPT);
    case PYON_TOKEN_DOT:
        parser->state = STATE_ATTRIBUTE;
        return CONTINUE;
    case PYON_TOKEN_PLUS:
    case PYON_TOKEN_MINUS:
    case PYON_TOKEN_STAR:
    case PYON_TOKEN_OPERATOR:
        return pyon_refuse_operator(parser, false);
    default:
        return pyon_fail_token(parser, kind, PYON_OK);
    }
}

/* Takes the name after a dot. */
int pyon_refuse_attribute(struct parser *parser, enum pyon_token_kind kind)
{
    const struct pyon_token *token = &parser->token;

    if (kind != PYON_TOKEN_NAME && kind != PYON_TOKEN_CONSTRUCTOR)
        return pyon_fail(parser, PYON_ERROR_EXPRESSION);
    pyon_defer(parser, has_attribute(parser, token->text, token->length) ? PYON_ERROR_ACCESS
                                                                         : PYON_ERROR_ATTRIBUTE);
    parser->state = STATE_AFTER;
    return CONTINUE;
}
