/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Arithmetic of version 1: `2*50.0`, `1 << 4`, `-(3)`, `0+-1j`.
 *
 * Operators wait on a stack until their operands are complete. The builder computes. For `1 + 2 *
 * 3` the stack of operators is on the left, the events are on the right:
 *
 *     1   integer 1
 *     +   +                          waits for its right operand
 *     2   +        integer 2
 *     *   + *                        binds more tightly than +, so + waits on
 *     3   + *      integer 3
 *     end          arithmetic *, arithmetic +
 *
 * A bracket that is an operand puts a WALL on the stack: the operators before the wall wait until
 * the bracket closes. The most common forms never come here: operand.c applies a sign to the number
 * after it, and makes one complex number of `1+2j` while no operator waits.
 */
#include "read/parser.h"

#define WALL PYON_OPERATOR_COUNT

/* How tightly operators bind, with Python's precedence. */
enum {
    BINDS_OR = 1,
    BINDS_XOR,
    BINDS_AND,
    BINDS_SHIFT,
    BINDS_SUM,
    BINDS_PRODUCT,
    BINDS_SIGN,
    BINDS_POWER
};

static const unsigned char binding[PYON_OPERATOR_COUNT] = {
    [PYON_OPERATOR_POSITIVE] = BINDS_SIGN,    [PYON_OPERATOR_NEGATIVE] = BINDS_SIGN,
    [PYON_OPERATOR_INVERT] = BINDS_SIGN,      [PYON_OPERATOR_ADD] = BINDS_SUM,
    [PYON_OPERATOR_SUBTRACT] = BINDS_SUM,     [PYON_OPERATOR_MULTIPLY] = BINDS_PRODUCT,
    [PYON_OPERATOR_DIVIDE] = BINDS_PRODUCT,   [PYON_OPERATOR_FLOOR_DIVIDE] = BINDS_PRODUCT,
    [PYON_OPERATOR_MODULO] = BINDS_PRODUCT,   [PYON_OPERATOR_POWER] = BINDS_POWER,
    [PYON_OPERATOR_SHIFT_LEFT] = BINDS_SHIFT, [PYON_OPERATOR_SHIFT_RIGHT] = BINDS_SHIFT,
    [PYON_OPERATOR_AND] = BINDS_AND,          [PYON_OPERATOR_OR] = BINDS_OR,
    [PYON_OPERATOR_XOR] = BINDS_XOR,
};

static inline bool may_be_operator(enum pyon_token_kind kind)
{
    return kind == PYON_TOKEN_PLUS || kind == PYON_TOKEN_MINUS || kind == PYON_TOKEN_STAR ||
           kind == PYON_TOKEN_OPERATOR;
}

/* The operator between two operands that the token is; PYON_OPERATOR_COUNT if it is none. */
static enum pyon_operator find_operator(const struct parser *parser, enum pyon_token_kind kind)
{
    const char *text = parser->token.start;
    bool twofold = parser->lexer.cursor - text == 2 && text[0] == text[1];

    switch (kind) {
    case PYON_TOKEN_PLUS:
        return PYON_OPERATOR_ADD;
    case PYON_TOKEN_MINUS:
        return PYON_OPERATOR_SUBTRACT;
    case PYON_TOKEN_STAR:
        return twofold ? PYON_OPERATOR_POWER : PYON_OPERATOR_MULTIPLY;
    case PYON_TOKEN_OPERATOR:
        break;
    default:
        return PYON_OPERATOR_COUNT;
    }
    switch (*text) {
    case '/':
        return twofold ? PYON_OPERATOR_FLOOR_DIVIDE : PYON_OPERATOR_DIVIDE;
    case '%':
        return PYON_OPERATOR_MODULO;
    case '&':
        return PYON_OPERATOR_AND;
    case '|':
        return PYON_OPERATOR_OR;
    case '^':
        return PYON_OPERATOR_XOR;
    case '<':
        return twofold ? PYON_OPERATOR_SHIFT_LEFT : PYON_OPERATOR_COUNT;
    case '>':
        return twofold ? PYON_OPERATOR_SHIFT_RIGHT : PYON_OPERATOR_COUNT;
    default:
        return PYON_OPERATOR_COUNT; /* a comparison, or @ */
    }
}

bool pyon_is_arithmetic(const struct parser *parser, enum pyon_token_kind kind)
{
    return find_operator(parser, kind) != PYON_OPERATOR_COUNT;
}

bool pyon_is_product(const struct parser *parser, enum pyon_token_kind kind)
{
    enum pyon_operator op = find_operator(parser, kind);

    return op != PYON_OPERATOR_COUNT && binding[op] >= BINDS_PRODUCT;
}

/* ---- The stack ---- */

static int grow_operators(struct parser *parser)
{
    struct waiting_operator *operators =
        pyon_grow(parser, parser->operators, sizeof *operators, &parser->operator_capacity);

    if (!operators)
        return FAILED;
    parser->operators = operators;
    return CONTINUE;
}

/* Puts an operator, or a wall, on the stack. After an error nothing is computed, so not then. */
static int push_operator(struct parser *parser, enum pyon_operator op)
{
    if (parser->deferred)
        return CONTINUE;
    if (parser->operator_count == parser->operator_capacity && grow_operators(parser) < 0)
        return FAILED;
    parser->operators[parser->operator_count++] =
        (struct waiting_operator){op, offset_of(parser, parser->token.start)};
    return CONTINUE;
}

static int compute(struct parser *parser, struct waiting_operator waiting)
{
    const struct pyon_builder *builder = parser->builder;
    int status = builder->arithmetic ? builder->arithmetic(parser->self, waiting.op) : 1;

    if (status < 0)
        return pyon_fail_at(parser, PYON_ERROR_HOST, waiting.offset, 0);
    if (status > 0)
        pyon_defer_at(parser, status == 1 ? PYON_ERROR_ARITHMETIC : PYON_ERROR_LARGE,
                      waiting.offset, 0);
    return CONTINUE;
}

/* Computes the operators above the wall that bind at least as tightly as `least`. */
static int compute_down_to(struct parser *parser, unsigned least)
{
    while (waits_in_bracket(parser)) {
        struct waiting_operator waiting = parser->operators[parser->operator_count - 1];

        if (binding[waiting.op] < least)
            break;
        parser->operator_count--;
        if (compute(parser, waiting) < 0)
            return FAILED;
    }
    return CONTINUE;
}

/* ---- Before an operand ---- */

int pyon_push_sign(struct parser *parser)
{
    int sign = parser->sign;

    parser->sign = 0;
    if (sign == 0)
        return CONTINUE;
    return push_operator(parser, sign < 0 ? PYON_OPERATOR_NEGATIVE : PYON_OPERATOR_POSITIVE);
}

/* ~ before a value. */
int pyon_value_invert(struct parser *parser)
{
    if (pyon_push_sign(parser) < 0 || push_operator(parser, PYON_OPERATOR_INVERT) < 0)
        return FAILED;
    parser->waits = true;
    parser->state = STATE_VALUE;
    return CONTINUE;
}

/* Takes the operator between the complete number and the next value. */
static int between(struct parser *parser, enum pyon_operator op)
{
    /* Of two powers the right one is computed first: 2**3**2 is 2**9. */
    unsigned least = binding[op] + (op == PYON_OPERATOR_POWER);

    PYON_ASSERT(op < PYON_OPERATOR_COUNT);
    if (compute_down_to(parser, least) < 0 || push_operator(parser, op) < 0)
        return FAILED;
    parser->waits = true;
    parser->state = STATE_VALUE;
    return CONTINUE;
}

int pyon_begin_sum(struct parser *parser, int sign)
{
    return between(parser, sign < 0 ? PYON_OPERATOR_SUBTRACT : PYON_OPERATOR_ADD);
}

int pyon_begin_operand(struct parser *parser)
{
    struct frame *frame = innermost(parser);

    frame->waits = true;
    frame->sign = parser->sign;
    parser->waits = false;
    parser->sign = 0;
    return push_operator(parser, WALL);
}

void pyon_end_operand(struct parser *parser)
{
    if (parser->operator_count > 0) /* an error empties the stack */
        parser->operator_count--;
}

/* ---- After an operand ---- */

/* Takes the token after a number that the builder has, or after a value that may be a number. */
int pyon_after_number(struct parser *parser, enum pyon_token_kind kind)
{
    if (PYON_UNLIKELY(may_be_operator(kind))) {
        enum pyon_operator op = find_operator(parser, kind);

        if (op != PYON_OPERATOR_COUNT)
            return between(parser, op);
    }
    if (PYON_UNLIKELY(waits_in_bracket(parser)) && compute_down_to(parser, 0) < 0)
        return FAILED;
    if (kind == PYON_TOKEN_PAREN_CLOSE && closes_number(parser)) {
        pyon_close_number(parser);
        parser->state = STATE_NUMBER;
        return pyon_push_sign(parser);
    }
    parser->state = STATE_AFTER;
    if (kind == PYON_TOKEN_OPERATOR)
        return pyon_refuse_operator(parser, true);
    return pyon_after(parser, kind);
}
