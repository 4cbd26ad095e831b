/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Numbers and strings between token and event.
 *
 * A plain number or string needs nothing from here: the lexer has read the number, and the string
 * is a slice of the text. The rest is rare: escapes, joined strings, large integers, and the
 * numbers that only version 1 has (underscores, other bases, imaginary parts). They are put
 * together in parser->scratch, which only grows. A string there is an array of code points of the
 * least width that holds them: ASCII is plain bytes, and a builder of objects wants the others in
 * this form.
 */
#include "lex/unescape.h"
#include "read/parser.h"
#include "utf8.h"
#include "vector.h"

#include <math.h>
#include <stdlib.h>

#define TWO_63 ((uint64_t)1 << 63)

/* ---- Scratch ---- */

static int reserve_scratch(struct parser *parser, size_t size)
{
    char *block;

    if (size <= parser->scratch_capacity)
        return CONTINUE;
    if (size < 2 * parser->scratch_capacity) /* cannot overflow: it is allocated */
        size = 2 * parser->scratch_capacity;
    block = realloc(parser->scratch, size);
    if (!block)
        return pyon_fail(parser, PYON_ERROR_MEMORY);
    parser->scratch = block;
    parser->scratch_capacity = size;
    return CONTINUE;
}

#define FIRST_ITEMS 16

void *pyon_grow(struct parser *parser, void *array, size_t size, size_t *capacity)
{
    size_t more = *capacity ? 2 * *capacity : FIRST_ITEMS; /* cannot overflow: it is allocated */
    void *block = more <= SIZE_MAX / size ? realloc(array, more * size) : NULL;

    if (block)
        *capacity = more;
    else
        pyon_fail(parser, PYON_ERROR_MEMORY);
    return block;
}

/* ---- Strings ---- */

static inline bool is_width(unsigned width)
{
    return width == 1 || width == 2 || width == 4;
}

/*
 * Widens code points: from "ab" of 1 byte each to a, 0, b, 0. `count` of them at `from`, of `old`
 * bytes each, go to `to` with `width` bytes each. The places may overlap, but `to` is never before
 * `from`: so the last one goes first.
 */
static void widen(char *to, const char *from, size_t count, unsigned old, unsigned width)
{
    PYON_ASSERT(is_width(old) && is_width(width) && old <= width);
    if (old == width) {
        if (to != from) /* joined strings stay in place: many of them take linear time */
            memmove(to, from, count * width);
        return;
    }
    for (; old == 1 && count >= VECTOR_SIZE; count -= VECTOR_SIZE) {
        struct vector x = vector_load(from + count - VECTOR_SIZE);

        if (width == 2)
            vector_widen2(to + 2 * (count - VECTOR_SIZE), x);
        else
            vector_widen4(to + 4 * (count - VECTOR_SIZE), x);
    }
    while (count-- > 0) {
        uint16_t unit = (unsigned char)from[count];
        uint32_t c = unit;

        if (old == 2) {
            memcpy(&unit, from + 2 * count, sizeof unit);
            c = unit;
        }
        if (width == 2)
            memcpy(to + 2 * count, &unit, sizeof unit);
        else
            memcpy(to + 4 * count, &c, sizeof c);
    }
}

/* Makes room for code points after `prefix` bytes of scratch, and for the slack of unescaping. */
static int reserve_code_points(struct parser *parser, size_t prefix, size_t count, unsigned width)
{
    if (count > (SIZE_MAX - prefix) / width - PYON_UNESCAPE_SLACK)
        return pyon_fail(parser, PYON_ERROR_MEMORY);
    return reserve_scratch(parser, prefix + (count + PYON_UNESCAPE_SLACK) * width);
}

/* 2 if the body begins with an escape that needs it, as \u20ac; else 1. */
static inline int first_width(const struct pyon_unescaper *unescaper)
{
    const char *p = unescaper->p;

    if (unescaper->string & (PYON_STRING_RAW | PYON_STRING_BYTES) || unescaper->end - p < 6)
        return 1;
    return p[0] == '\\' && p[1] == 'u' && (p[2] != '0' || p[3] != '0') ? 2 : 1;
}

/*
 * The body of a string, of which `literal` has the slice, goes to scratch after `prefix` bytes that
 * are there already. `string` has the flags that it is read by. With "a\u20ac" in version 2:
 *
 *     width 1   stores a; the euro sign needs 2, so pyon_unescape returns 2
 *     width 2   a is widened in place; stores the euro sign; the end, so it returns 0
 */
static int unescape(struct parser *parser, struct literal *literal, size_t prefix, unsigned string)
{
    struct pyon_unescaper unescaper = {.builder = parser->host,
                                       .self = parser->self,
                                       .limit = parser->lexer.limit,
                                       .string = string,
                                       .p = literal->data,
                                       .end = literal->data + literal->length,
                                       .width = 1};
    size_t count = 0;
    char *start;
    int width = first_width(&unescaper); /* then the result of pyon_unescape */

    do {
        size_t left = (size_t)(unescaper.end - unescaper.p);

        if (reserve_code_points(parser, prefix, count + left, (unsigned)width) < 0)
            return FAILED;
        start = parser->scratch + prefix;
        widen(start, start, count, unescaper.width, (unsigned)width);
        unescaper.width = (unsigned)width;
        unescaper.out = start + count * unescaper.width;
        width = pyon_unescape(&unescaper);
        count = (size_t)(unescaper.out - start) >> unescaper.width / 2; /* divided by the width */
    } while (width > 0);
    if (width < 0)
        return pyon_fail_at(parser, unescaper.code, offset_of(parser, unescaper.where), 0);
    literal->data = start;
    literal->length = count * unescaper.width;
    literal->width = unescaper.width;
    literal->wide = unescaper.wide;
    return CONTINUE;
}

/* The number of bytes of valid UTF-8 before its first surrogate. */
static size_t before_surrogate(const char *text, size_t length)
{
    const char *p = text, *end = text + length;

    while ((p = memchr(p, 0xed, (size_t)(end - p))) && (unsigned char)p[1] < 0xa0)
        p += 3;
    return p ? (size_t)(p - text) : length;
}

static int check_utf8(struct parser *parser)
{
    const struct pyon_token *token = &parser->token;
    size_t valid = pyon_utf8_valid(token->text, token->length);

    if (parser->dialect->refuses_surrogates)
        valid = before_surrogate(token->text, valid);
    if (valid == token->length)
        return CONTINUE;
    return pyon_fail_at(parser, PYON_ERROR_UTF8, offset_of(parser, token->text) + valid, 1);
}

int pyon_read_special(struct parser *parser, struct literal *literal, size_t prefix)
{
    if (literal->wide && literal->bytes)
        return pyon_fail(parser, PYON_ERROR_BYTES);
    if (literal->wide && check_utf8(parser) < 0)
        return FAILED;
    if (parser->token.string & PYON_STRING_ESCAPED)
        return unescape(parser, literal, prefix, parser->token.string);
    return CONTINUE;
}

/* A string does not end well. In version 2 a wrong escape in it comes first. */
int pyon_fail_string(struct parser *parser)
{
    const struct pyon_token *token = &parser->token;
    struct literal literal = {.data = token->text, .length = token->length};

    /* json reads escapes on its way; Python finds the end of a string first. */
    if (token->string & PYON_STRING_JSON && token->string & PYON_STRING_ESCAPED &&
        unescape(parser, &literal, 0, token->string) < 0)
        return FAILED;
    if (token->error == PYON_ERROR_CONTROL)
        return pyon_fail_at(parser, PYON_ERROR_CONTROL, offset_of(parser, parser->lexer.cursor), 1);
    return pyon_fail(parser, token->error);
}

/* A slice of the text goes to scratch, as code points, after `prefix` bytes there. */
static int copy_slice(struct parser *parser, struct literal *literal, size_t prefix)
{
    if (literal->width > 0)
        return CONTINUE;
    return unescape(parser, literal, prefix, PYON_STRING_JSON | PYON_STRING_RAW);
}

/* Version 1: a string after another one joins it. */
int pyon_join_string(struct parser *parser)
{
    struct literal *first = &parser->literal, second;
    size_t first_count, second_count;
    unsigned width;
    char *to;

    if (copy_slice(parser, first, 0) < 0 || read_string(parser, &second, first->length) < 0)
        return FAILED;
    if (second.bytes != first->bytes)
        return pyon_fail(parser, PYON_ERROR_MIXED);
    if (copy_slice(parser, &second, first->length) < 0)
        return FAILED;
    PYON_ASSERT(second.data == parser->scratch + first->length);
    first_count = first->length / first->width;
    second_count = second.length / second.width;
    width = first->width > second.width ? first->width : second.width;
    if (reserve_code_points(parser, 0, first_count + second_count, width) < 0)
        return FAILED;
    to = parser->scratch;
    widen(to + first_count * width, to + first->length, second_count, second.width, width);
    widen(to, to, first_count, first->width, width);
    first->data = to;
    first->length = (first_count + second_count) * width;
    first->width = width;
    first->wide |= second.wide;
    return CONTINUE;
}

int pyon_keep_pending(struct parser *parser)
{
    struct pyon_text *name = &parser->name;

    if (parser->state == STATE_LITERAL)
        return copy_slice(parser, &parser->literal, 0);
    if (parser->state != STATE_NAME || name->text == parser->scratch)
        return CONTINUE;
    if (reserve_scratch(parser, name->length) < 0)
        return FAILED;
    memcpy(parser->scratch, name->text, name->length);
    name->text = parser->scratch;
    return CONTINUE;
}

int pyon_make_utf8(struct parser *parser, struct literal *literal)
{
    size_t count = literal->length / literal->width;
    const char *from;
    char *start, *to;

    PYON_ASSERT(literal->data == parser->scratch);
    if (reserve_code_points(parser, literal->length, count, PYON_UTF8_MAX) < 0)
        return FAILED;
    from = parser->scratch;
    start = to = parser->scratch + literal->length;
    for (size_t i = 0; i < count; i++) {
        uint32_t c;

        widen((char *)&c, from + i * literal->width, 1, literal->width, sizeof c);
        to = pyon_utf8_put(to, c);
    }
    literal->data = start;
    literal->length = (size_t)(to - start);
    literal->width = 0;
    return CONTINUE;
}

/* A builder without code_points() gets them in UTF-8. */
int pyon_emit_code_points(struct parser *parser, const struct literal *literal, unsigned flags)
{
    const struct pyon_builder *builder = parser->builder;
    struct literal utf8 = *literal;

    if (builder->code_points)
        return built(parser,
                     builder->code_points(parser->self, literal->data,
                                          literal->length / literal->width, literal->width, flags));
    if (pyon_make_utf8(parser, &utf8) < 0)
        return FAILED;
    return built(parser, builder->string(parser->self, utf8.data, utf8.length, flags));
}

/* ---- Numbers ---- */

/* Copies digits without underscores to scratch + 1 (which leaves room for a sign). Fills their
   number. */
static int copy_digits(struct parser *parser, size_t *count)
{
    const struct pyon_token *token = &parser->token;
    char *to;

    if (reserve_scratch(parser, token->length + 2) < 0)
        return FAILED;
    to = parser->scratch + 1;
    for (size_t i = 0; i < token->length; i++)
        if (token->text[i] != '_')
            *to++ = token->text[i];
    *to = '\0';
    *count = (size_t)(to - parser->scratch) - 1;
    return CONTINUE;
}

/* The value of digits. If it is more than 2**63, some number above 2**63. */
static uint64_t small_value(const char *digits, size_t count, unsigned base)
{
    uint64_t total = 0;

    for (size_t i = 0; i < count && total <= TWO_63; i++) {
        unsigned digit = digit_value(digits[i]);

        total = total > (UINT64_MAX - digit) / base ? UINT64_MAX : total * base + digit;
    }
    return total;
}

/* Reads a number token of version 1 into parser->operand, without its sign. */
static PYON_COLD int read_numeral(struct parser *parser, enum pyon_token_kind kind)
{
    const struct pyon_token *token = &parser->token;
    struct operand *operand = &parser->operand;
    size_t count;

    if (copy_digits(parser, &count) < 0)
        return FAILED;
    if (kind == PYON_TOKEN_NUMERAL && (token->imaginary || token->base == 0)) {
        double value = pyon_read_decimal(parser->scratch + 1, count);

        operand->kind = token->imaginary ? OPERAND_COMPLEX : OPERAND_REAL;
        operand->real = token->imaginary ? 0.0 : value;
        operand->imaginary = value;
    } else {
        uint64_t value = small_value(parser->scratch + 1, count, token->base);

        operand->kind = value < TWO_63 ? OPERAND_INTEGER : OPERAND_BIGINT;
        operand->integer = value <= TWO_63 ? (int64_t)value : 0;
        operand->base = token->base;
        operand->negative = false;
    }
    return CONTINUE;
}

int pyon_read_operand(struct parser *parser, enum pyon_token_kind kind)
{
    const struct pyon_number *number = &parser->token.number;
    struct operand *operand = &parser->operand;

    if (kind == PYON_TOKEN_IMAGINARY) {
        operand->kind = OPERAND_COMPLEX;
        operand->real = 0.0;
        operand->imaginary = number->real;
    } else if (kind == PYON_TOKEN_OPERAND && number->kind == PYON_NUMBER_REAL) {
        operand->kind = OPERAND_REAL;
        operand->real = number->real;
    } else if (kind == PYON_TOKEN_OPERAND && number->kind == PYON_NUMBER_BOOLEAN) {
        operand->kind = OPERAND_BOOLEAN;
        operand->integer = number->integer;
    } else if (kind == PYON_TOKEN_OPERAND && number->kind == PYON_NUMBER_INTEGER) {
        operand->kind = OPERAND_INTEGER;
        operand->integer = number->integer;
    } else {
        return read_numeral(parser, kind);
    }
    return CONTINUE;
}

/* Python's unary minus: of a complex number it negates both parts. */
void pyon_negate_operand(struct operand *operand)
{
    operand->integer = (int64_t)(0 - (uint64_t)operand->integer); /* INT64_MIN stays as it is */
    operand->real = -operand->real;
    operand->imaginary = -operand->imaginary;
    operand->negative = !operand->negative;
}

/* Hands the builder a bigint with its sign. */
static int emit_bigint(struct parser *parser)
{
    const struct operand *operand = &parser->operand;
    char *digits = parser->scratch + 1;
    const struct pyon_builder *builder = parser->builder;

    if (operand->negative) {
        if (operand->integer == INT64_MIN)
            return built(parser, builder->integer(parser->self, INT64_MIN));
        PYON_ASSERT(digits > parser->scratch);
        *--digits = '-';
    }
    return built(parser, builder->bigint(parser->self, digits, strlen(digits), operand->base));
}

int pyon_emit_operand(struct parser *parser)
{
    const struct operand *operand = &parser->operand;
    const struct pyon_builder *builder = parser->builder;

    switch (operand->kind) {
    case OPERAND_INTEGER:
        return built(parser, builder->integer(parser->self, operand->integer));
    case OPERAND_REAL:
        return built(parser, builder->real(parser->self, operand->real));
    case OPERAND_COMPLEX:
        return built(parser,
                     builder->complex_number(parser->self, operand->real, operand->imaginary));
    case OPERAND_BOOLEAN:
        return built(parser, builder->boolean(parser->self, operand->integer != 0));
    case OPERAND_BIGINT:
        break;
    }
    return emit_bigint(parser);
}

int pyon_emit_large(struct parser *parser)
{
    size_t count;

    if (copy_digits(parser, &count) < 0)
        return FAILED;
    return built(parser, parser->builder->bigint(parser->self, parser->scratch + 1, count, 10));
}

/* The operand becomes a float, the real part of a complex number. */
void pyon_make_real(struct parser *parser)
{
    struct operand *operand = &parser->operand;

    if (operand->kind == OPERAND_INTEGER || operand->kind == OPERAND_BOOLEAN) {
        operand->real = nearest_real(operand->integer);
    } else if (operand->kind == OPERAND_BIGINT) {
        const char *digits = parser->scratch + 1;

        operand->real = pyon_integer_to_double(digits, strlen(digits), operand->base);
        if (isinf(operand->real))
            pyon_defer(parser, PYON_ERROR_OVERFLOW);
        if (operand->negative)
            operand->real = -operand->real;
    }
    operand->kind = OPERAND_REAL;
}
