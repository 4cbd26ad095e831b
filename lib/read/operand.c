/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Productions that only version 1 has: operands and names. They are not complete before the token
 * after them is known.
 *
 * `1` may become `1+2j`; `-(1)` and `(1)+2j` are numbers too. So a number stays in parser->operand,
 * through parentheses, until something follows that cannot be a part of it. A string stays in
 * parser->literal, in case another one joins it; a name stays in parser->name.
 */
#include "read/parser.h"

/* Nothing can become a part of a value that stands before this character. */
static inline bool ends_operand(char c)
{
    return c == ',' || c == ']' || c == '}';
}

/* The same for a number. A parenthesis that closes only around the number does not end it. */
static inline bool number_ends(struct parser *parser)
{
    char next = *parser->lexer.cursor;

    return ends_operand(next) || (next == ')' && parser->depth > 0 && !closes_number(parser));
}

/* Applies the pending sign to the operand. */
static inline void take_sign(struct parser *parser)
{
    struct operand *operand = &parser->operand;

    if (parser->sign != 0 && operand->kind == OPERAND_BOOLEAN)
        operand->kind = OPERAND_INTEGER; /* +true is 1 */
    if (parser->sign < 0)
        pyon_negate_operand(operand);
    parser->sign = 0;
}

/* The number of the token, as it is. */
static inline int emit_number(struct parser *parser)
{
    const struct pyon_number *number = &parser->token.number;
    const struct pyon_builder *builder = parser->builder;

    switch (number->kind) {
    case PYON_NUMBER_INTEGER:
        return built(parser, builder->integer(parser->self, number->integer));
    case PYON_NUMBER_REAL:
        return built(parser, builder->real(parser->self, number->real));
    case PYON_NUMBER_BOOLEAN:
        return built(parser, builder->boolean(parser->self, number->integer != 0));
    case PYON_NUMBER_BIGINT:
        break;
    }
    return pyon_emit_large(parser);
}

/* A number of version 1. */
int pyon_value_operand(struct parser *parser, enum pyon_token_kind kind)
{
    bool ends = number_ends(parser) && !waits_in_bracket(parser);

    parser->waits = false;
    if (PYON_LIKELY(ends && parser->sign == 0 && kind == PYON_TOKEN_OPERAND)) {
        parser->state = STATE_AFTER;
        return emit_number(parser);
    }
    parser->operand = (struct operand){0};
    if (pyon_read_operand(parser, kind) < 0)
        return FAILED;
    parser->state = STATE_OPERAND;
    if (ends) {
        take_sign(parser);
        parser->state = STATE_AFTER;
        return pyon_emit_operand(parser);
    }
    return CONTINUE;
}

int pyon_value_sign(struct parser *parser, int sign)
{
    parser->sign = parser->sign < 0 ? -sign : sign;
    parser->waits = true;
    parser->state = STATE_VALUE;
    return CONTINUE;
}

int pyon_value_literal(struct parser *parser)
{
    parser->state = STATE_LITERAL;
    if (read_string(parser, &parser->literal, 0) < 0)
        return FAILED;
    /* A colon ends a string that is a key. (A number before a colon is rare.) */
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

void pyon_close_number(struct parser *parser)
{
    struct frame *frame = innermost(parser);
    int sign = frame->sign;

    if (frame->waits)
        pyon_end_operand(parser);
    frame->waits = false;
    pop_frame(parser);
    parser->sign = sign;
}

/* Hands the builder the operand. operator.c has the operators that wait for it. */
static int end_operand(struct parser *parser, enum pyon_token_kind kind)
{
    parser->state = STATE_NUMBER;
    return pyon_emit_operand(parser) < 0 ? FAILED : pyon_after_number(parser, kind);
}

/* After a number: a sign, the end of parentheses around it, an operator, or the token after any
   value. */
int pyon_after_operand(struct parser *parser, enum pyon_token_kind kind)
{
    /* -2**2 is -(2**2). */
    if (kind == PYON_TOKEN_STAR && parser->sign != 0 &&
        parser->lexer.cursor - parser->token.start == 2)
        return pyon_push_sign(parser) < 0 ? FAILED : end_operand(parser, kind);
    take_sign(parser);
    if (!waits_in_bracket(parser)) {
        if ((kind == PYON_TOKEN_PLUS || kind == PYON_TOKEN_MINUS) &&
            parser->operand.kind != OPERAND_COMPLEX) {
            parser->sign = kind == PYON_TOKEN_PLUS ? +1 : -1;
            parser->state = STATE_IMAGINARY;
            return CONTINUE;
        }
        if (kind == PYON_TOKEN_PAREN_CLOSE && closes_number(parser)) {
            pyon_close_number(parser);
            parser->state = STATE_OPERAND;
            return CONTINUE;
        }
    }
    return end_operand(parser, kind);
}

/* Is it zero, of this sign? Compares bits, because a processor may be told to take subnormal
   numbers for zero. */
static inline bool is_zero(double x, bool negative)
{
    return to_bits(x) == (uint64_t)negative << 63;
}

/* Makes one complex number of the operand and the imaginary number, whose real part is 0. */
static inline void join_parts(struct parser *parser)
{
    struct operand *operand = &parser->operand;

    operand->kind = OPERAND_COMPLEX;
    if (parser->sign > 0 && is_zero(operand->real, true))
        operand->real = 0.0; /* -0.0 + 0.0 */
    operand->imaginary = parser->sign < 0 ? -parser->imaginary : parser->imaginary;
    parser->sign = 0;
    parser->state = STATE_OPERAND;
}

/* In 1-0j the builder decides the sign of the zero: Python keeps it from 3.14 on. */
static inline bool is_up_to_builder(const struct parser *parser)
{
    return parser->sign < 0 && is_zero(parser->imaginary, false) && parser->builder->arithmetic;
}

/* After a real number and a sign: an imaginary number, or else this is a sum. */
int pyon_after_imaginary(struct parser *parser, enum pyon_token_kind kind)
{
    char next = *parser->lexer.cursor;
    int sign = parser->sign;
    double real;

    if (kind != PYON_TOKEN_IMAGINARY && !(kind == PYON_TOKEN_NUMERAL && parser->token.imaginary)) {
        parser->sign = 0;
        if (pyon_emit_operand(parser) < 0 || pyon_begin_sum(parser, sign) < 0)
            return FAILED;
        return pyon_value(parser, kind);
    }
    pyon_make_real(parser);
    real = parser->operand.real;
    if (pyon_read_operand(parser, kind) < 0)
        return FAILED;
    parser->imaginary = parser->operand.imaginary;
    parser->operand = (struct operand){.kind = OPERAND_REAL, .real = real};
    parser->state = STATE_COMPLEX;
    if ((ends_operand(next) || next == ')') && !is_up_to_builder(parser))
        join_parts(parser);
    return CONTINUE;
}

/* The real and the imaginary number are the operands of a sum: either the right operand continues,
   or the builder decides the result. */
static int begin_sum(struct parser *parser)
{
    int sign = parser->sign;

    parser->sign = 0;
    if (pyon_emit_operand(parser) < 0 || pyon_begin_sum(parser, sign) < 0)
        return FAILED;
    parser->waits = false;
    parser->operand = (struct operand){.kind = OPERAND_COMPLEX, .imaginary = parser->imaginary};
    parser->state = STATE_OPERAND;
    return CONTINUE;
}

/* After a real number, a sign and an imaginary number. */
int pyon_after_complex(struct parser *parser, enum pyon_token_kind kind)
{
    if (!pyon_is_product(parser, kind) && !is_up_to_builder(parser))
        join_parts(parser);
    else if (begin_sum(parser) < 0)
        return FAILED;
    return pyon_after_operand(parser, kind);
}

int pyon_end_literal(struct parser *parser)
{
    parser->state = STATE_AFTER;
    return emit_literal(parser, &parser->literal, place_flags(parser));
}

int pyon_after_literal(struct parser *parser, enum pyon_token_kind kind)
{
    if (kind == PYON_TOKEN_LITERAL)
        return pyon_join_string(parser);
    if (pyon_end_literal(parser) < 0)
        return FAILED;
    return pyon_after(parser, kind);
}

/* May the host call this name? In values that are skipped it is not asked. */
static bool is_callable(const struct parser *parser, const struct pyon_text *name)
{
    const struct pyon_builder *host = parser->host;

    return host->callable &&
           (parser->skips || host->callable(parser->self, name->text, name->length));
}

/* After a name: its arguments. Else it is a constant, which the host may know. */
int pyon_after_name(struct parser *parser, enum pyon_token_kind kind)
{
    const struct pyon_builder *host = parser->host;
    const struct pyon_text name = parser->name;
    int missing = 1;

    if (kind == PYON_TOKEN_PAREN_OPEN && (parser->constructor || is_callable(parser, &name)))
        return pyon_begin_call(parser, FRAME_CALL, name.text, name.length);
    if (host->name && !parser->constructor && !parser->skips)
        missing = host->name(parser->self, name.text, name.length);
    if (missing < 0)
        return pyon_fail_at(parser, PYON_ERROR_HOST, parser->name_at, name.length);
    if (parser->constructor)
        pyon_defer_at(parser, PYON_ERROR_NOT_VALUE, parser->name_at, name.length);
    else if (missing > 0)
        pyon_defer_at(parser, PYON_ERROR_NAME, parser->name_at, name.length);
    parser->waits = false;
    return pyon_push_sign(parser) < 0 ? FAILED : pyon_after_number(parser, kind);
}
