/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Productions that only version 1 has: operands and names, which are not complete until the token
 * behind them is known.
 *
 * `1` may become `1+2j`; `-(1)` and `(1)+2j` are numbers too. So a number stays in
 * parser->operand, through parentheses, until something follows that cannot be a part of it; a
 * string stays in parser->literal in case another one joins it, a name in parser->name.
 */
#include "parser.h"

/* Behind this character, nothing can become a part of what stands before it. */
static inline bool ends_operand(char c)
{
    return c == ',' || c == ']' || c == '}';
}

/* A number of version 1, with the signs before it. */
int pyon_value_operand(struct parser *parser, enum pyon_token_kind kind)
{
    parser->operand = (struct operand){0};
    if (pyon_read_operand(parser, kind) < 0)
        return FAILED;
    if (parser->sign < 0)
        pyon_negate_operand(&parser->operand);
    parser->sign = 0;
    parser->state = STATE_OPERAND;
    if (ends_operand(*parser->lexer.cursor)) {
        parser->state = STATE_AFTER;
        return pyon_emit_operand(parser);
    }
    return CONTINUE;
}

int pyon_value_sign(struct parser *parser, int sign)
{
    parser->sign = parser->sign < 0 ? -sign : sign;
    parser->state = STATE_VALUE;
    return CONTINUE;
}

int pyon_value_literal(struct parser *parser)
{
    parser->state = STATE_LITERAL;
    if (read_string(parser, &parser->literal, 0) < 0)
        return FAILED;
    /* A key ends at its colon; numbers are seldom keys. */
    if (ends_operand(*parser->lexer.cursor) || *parser->lexer.cursor == ':') {
        parser->state = STATE_AFTER;
        return emit_literal(parser, &parser->literal, place_flags(parser));
    }
    return CONTINUE;
}

int pyon_value_name(struct parser *parser, bool constructor)
{
    parser->name = (struct pyon_text){parser->token.text, parser->token.length};
    parser->name_at = offset_of(parser, parser->token.start);
    parser->constructor = constructor;
    parser->state = STATE_NAME;
    return CONTINUE;
}

/* NAME= in the arguments of a call. */
int pyon_value_keyword(struct parser *parser)
{
    struct pyon_token *token = &parser->token;
    struct frame *frame = innermost(parser);

    if (frame->kind != FRAME_CALL || parser->state != STATE_VALUE_OR_CLOSE)
        return pyon_fail(parser, PYON_ERROR_EXPRESSION);
    frame->keywords++;
    frame->named = true;
    parser->state = STATE_VALUE;
    return built(parser, parser->builder->keyword(parser->self, token->text, token->length));
}

/* Behind a number: a sign, the end of parentheses around it, or what follows any value. */
int pyon_behind_operand(struct parser *parser, enum pyon_token_kind kind)
{
    struct frame *frame = innermost(parser);
    int sign = frame->sign;

    if ((kind == PYON_TOKEN_PLUS || kind == PYON_TOKEN_MINUS) &&
        parser->operand.kind != OPERAND_COMPLEX) {
        parser->sign = kind == PYON_TOKEN_PLUS ? +1 : -1;
        parser->state = STATE_IMAGINARY;
        return CONTINUE;
    }
    if (kind == PYON_TOKEN_PAREN_CLOSE && frame->kind == FRAME_PAREN && !frame->comma) {
        frame->sign = 0;
        pop_frame(parser);
        if (sign < 0)
            pyon_negate_operand(&parser->operand);
        parser->state = STATE_OPERAND;
        return CONTINUE;
    }
    parser->state = STATE_AFTER;
    if (pyon_emit_operand(parser) < 0)
        return FAILED;
    if (kind == PYON_TOKEN_PLUS || kind == PYON_TOKEN_MINUS || kind == PYON_TOKEN_STAR ||
        kind == PYON_TOKEN_OPERATOR)
        return pyon_refuse_operator(parser, true);
    return pyon_after(parser, kind);
}

/* Behind a real number and a sign: the imaginary part, or else this is arithmetic. */
int pyon_behind_imaginary(struct parser *parser, enum pyon_token_kind kind)
{
    double real;

    if (kind != PYON_TOKEN_IMAGINARY && !(kind == PYON_TOKEN_NUMERAL && parser->token.imaginary)) {
        parser->state = STATE_AFTER;
        if (pyon_emit_operand(parser) < 0)
            return FAILED;
        pyon_refuse_operator(parser, true);
        return pyon_value(parser, kind);
    }
    pyon_make_real(parser);
    real = parser->operand.real;
    if (pyon_read_operand(parser, kind) < 0)
        return FAILED;
    /* Python adds or subtracts complex(0.0, x): that decides about the signs of zeros. */
    if (parser->sign > 0) {
        parser->operand.real = real + 0.0;
        parser->operand.imaginary = 0.0 + parser->operand.imaginary;
    } else {
        parser->operand.real = real - 0.0;
        parser->operand.imaginary = 0.0 - parser->operand.imaginary;
    }
    parser->sign = 0;
    parser->state = STATE_OPERAND;
    return CONTINUE;
}

int pyon_behind_literal(struct parser *parser, enum pyon_token_kind kind)
{
    if (kind == PYON_TOKEN_LITERAL)
        return pyon_join_string(parser);
    parser->state = STATE_AFTER;
    if (emit_literal(parser, &parser->literal, place_flags(parser)) < 0)
        return FAILED;
    return pyon_after(parser, kind);
}

/* Behind a name: the arguments, or it is a constant that the host may know. */
int pyon_behind_name(struct parser *parser, enum pyon_token_kind kind)
{
    const struct pyon_builder *host = parser->host;
    const struct pyon_text name = parser->name;
    int missing = 1;

    if (kind == PYON_TOKEN_PAREN_OPEN &&
        (parser->constructor ||
         (host->callable && host->callable(parser->self, name.text, name.length))))
        return pyon_begin_call(parser, FRAME_CALL, name.text, name.length);
    if (host->name && !parser->constructor)
        missing = host->name(parser->self, name.text, name.length);
    if (missing < 0)
        return pyon_fail_at(parser, PYON_ERROR_HOST, parser->name_at, name.length);
    if (parser->constructor)
        pyon_defer_at(parser, PYON_ERROR_NOT_VALUE, parser->name_at, name.length);
    else if (missing > 0)
        pyon_defer_at(parser, PYON_ERROR_NAME, parser->name_at, name.length);
    parser->state = STATE_AFTER;
    return pyon_after(parser, kind);
}
