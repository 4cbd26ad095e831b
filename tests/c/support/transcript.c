/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Events to lines: see transcript.h. It is written to be plain, not fast. */
#include "transcript.h"

#include "number/ftoa.h"
#include "utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- Text -------------------------------------------------------------------------------- */

static void write_text(struct transcript *transcript, const char *text, size_t length)
{
    struct pyon_out *out = &transcript->out;

    if ((size_t)(out->end - out->cur) < length && out->grow(out, length) < 0)
        abort();
    if (length > 0)
        memcpy(out->cur, text, length);
    out->cur += length;
}

static void write_format(struct transcript *transcript, const char *format, ...)
{
    char text[100];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    write_text(transcript, text, strlen(text));
}

static void write_code_point(struct transcript *transcript, uint32_t c)
{
    if (c == '"' || c == '\\')
        write_format(transcript, "\\%c", (int)c);
    else if (c >= ' ' && c < 0x7f)
        write_text(transcript, &(char){(char)c},
                   1); /* most of all text: not by printf, for tests in emulators */
    else
        write_format(transcript, c > 0xffff ? "\\U%08" PRIx32 : "\\u%04" PRIx32, c);
}

static void write_quoted(struct transcript *transcript, const char *text, size_t length)
{
    const char *end = text + length;

    write_text(transcript, "\"", 1);
    while (text < end) {
        uint32_t c;
        const char *next = pyon_utf8_next(text, end, &c);

        if (next)
            write_code_point(transcript, c);
        else
            write_format(transcript, "\\x%02x", (unsigned char)*text);
        text = next ? next : text + 1;
    }
    write_text(transcript, "\"", 1);
}

static void write_real(struct transcript *transcript, double value)
{
    char text[PYON_FTOA_SIZE];

    if (isfinite(value))
        write_text(transcript, text, pyon_ftoa(text, value));
    else
        write_format(transcript, "%s", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
}

/* ---- Events ------------------------------------------------------------------------------ */

/* An event begins; it pops some values. Returns 0, or -1 if it is the event that must fail. */
static int begin(struct transcript *transcript, size_t pops, const char *name)
{
    if (transcript->events++ >= transcript->fail_at) {
        write_format(transcript, "failure\n");
        return -1;
    }
    if (pops > transcript->height) {
        write_format(transcript, "underflow ");
        pops = transcript->height;
    }
    transcript->height -= pops;
    write_format(transcript, "%s", name);
    return 0;
}

/* An event ends; it pushes some values. */
static int end(struct transcript *transcript, size_t pushes, bool subscriptable)
{
    write_format(transcript, "\n");
    transcript->height += pushes;
    transcript->subscriptable = subscriptable;
    return 0;
}

static int null(void *self)
{
    if (begin(self, 0, "null") < 0)
        return -1;
    return end(self, 1, false);
}

static int boolean(void *self, bool value)
{
    if (begin(self, 0, value ? "boolean true" : "boolean false") < 0)
        return -1;
    return end(self, 1, false);
}

static int integer(void *self, int64_t value)
{
    if (begin(self, 0, "integer") < 0)
        return -1;
    write_format(self, " %" PRId64, value);
    return end(self, 1, false);
}

static int bigint(void *self, const char *text, size_t length, unsigned base)
{
    if (begin(self, 0, "bigint") < 0)
        return -1;
    write_format(self, " %u ", base);
    write_text(self, text, length);
    if (text[length] != '\0')
        write_format(self, " without NUL");
    return end(self, 1, false);
}

static int real(void *self, double value)
{
    if (begin(self, 0, "real ") < 0)
        return -1;
    write_real(self, value);
    return end(self, 1, false);
}

static int complex_(void *self, double real, double imaginary)
{
    if (begin(self, 0, "complex ") < 0)
        return -1;
    write_real(self, real);
    write_format(self, " ");
    write_real(self, imaginary);
    return end(self, 1, false);
}

static int string(void *self, const char *utf8, size_t length, unsigned flags)
{
    if (begin(self, 0, "string ") < 0)
        return -1;
    write_quoted(self, utf8, length);
    write_format(self, "%s%s", flags & PYON_FLAG_ASCII ? "" : " wide",
                 flags & PYON_FLAG_ARGUMENT ? " argument" : "");
    return end(self, 1, true);
}

static uint32_t code_point(const char *data, size_t i, unsigned width)
{
    uint16_t unit;
    uint32_t c;

    if (width == 1)
        return (unsigned char)data[i];
    memcpy(&unit, data + i * 2, width == 2 ? sizeof unit : 0);
    if (width == 2)
        return unit;
    memcpy(&c, data + i * 4, sizeof c);
    return c;
}

static int code_points(void *self, const void *data, size_t length, unsigned width, unsigned flags)
{
    struct transcript *transcript = self;
    uint32_t most = 0;

    if (begin(self, 0, "string \"") < 0)
        return -1;
    for (size_t i = 0; i < length; i++) {
        uint32_t c = code_point(data, i, width);

        write_code_point(self, c);
        most = c > most ? c : most;
    }
    write_format(self, "\" wide%s", flags & PYON_FLAG_ARGUMENT ? " argument" : "");
    if (most < 0x80 ||
        width != (most > 0xffff ? 4
                  : most > 0xff ? 2
                                : 1) ||
        flags & PYON_FLAG_ASCII)
        write_format(self, " not narrow");
    transcript->wide++;
    return end(self, 1, true);
}

static int bytes(void *self, const char *data, size_t length, unsigned flags)
{
    if (begin(self, 0, "bytes ") < 0)
        return -1;
    for (size_t i = 0; i < length; i++)
        write_format(self, "%02x", (unsigned char)data[i]);
    write_format(self, "%s", flags & PYON_FLAG_ARGUMENT ? " argument" : "");
    return end(self, 1, true);
}

static int container(void *self, const char *name, size_t pops, size_t length, unsigned flags)
{
    if (begin(self, pops, name) < 0)
        return -1;
    write_format(self, " %zu%s", length, flags & PYON_FLAG_ARGUMENT ? " argument" : "");
    return end(self, 1, true);
}

static int list(void *self, size_t length, unsigned flags)
{
    return container(self, "list", length, length, flags);
}

static int tuple(void *self, size_t length, unsigned flags)
{
    return container(self, "tuple", length, length, flags);
}

static int set(void *self, size_t length)
{
    return container(self, "set", length, length, 0);
}

static int dict(void *self, size_t length)
{
    return container(self, "dict", 2 * length, length, 0);
}

static int tagged(void *self, size_t length)
{
    return container(self, "tagged", 2 * length, length, 0);
}

/* ---- Calls and names --------------------------------------------------------------------- */

static int call_begin(void *self, const char *name, size_t length)
{
    struct transcript *transcript = self;

    if (begin(self, 0, "call_begin ") < 0)
        return -1;
    write_quoted(self, name, length);
    transcript->open++;
    return end(self, 0, false);
}

static int keyword(void *self, const char *name, size_t length)
{
    if (begin(self, 0, "keyword ") < 0)
        return -1;
    write_quoted(self, name, length);
    return end(self, 0, false);
}

static int call_end(void *self, size_t arguments, size_t keywords)
{
    struct transcript *transcript = self;

    if (begin(self, arguments + keywords, transcript->open ? "call_end" : "underflow call_end") < 0)
        return -1;
    write_format(self, " %zu %zu", arguments, keywords);
    transcript->open--;
    return end(self, 1, true);
}

static int call_undo(void *self, size_t arguments)
{
    struct transcript *transcript = self;

    if (begin(self, arguments, transcript->open ? "call_undo" : "underflow call_undo") < 0)
        return -1;
    write_format(self, " %zu", arguments);
    transcript->open--;
    return end(self, 3, true);
}

static bool is_word(const char *name, size_t length, const char *word)
{
    return length == strlen(word) && memcmp(name, word, length) == 0;
}

static bool callable(void *self, const char *name, size_t length)
{
    (void)self;
    return is_word(name, length, "Custom");
}

static bool attribute(void *self, const char *name, size_t length)
{
    struct transcript *transcript = self;

    if (is_word(name, length, "__getitem__"))
        return transcript->subscriptable;
    return is_word(name, length, "known");
}

static int name(void *self, const char *name, size_t length)
{
    if (is_word(name, length, "unlucky"))
        return -1;
    if (!is_word(name, length, "answer") && !is_word(name, length, "word") &&
        !is_word(name, length, "huge"))
        return 1;
    if (begin(self, 0, "name ") < 0)
        return -1;
    write_quoted(self, name, length);
    ((struct transcript *)self)->huge = is_word(name, length, "huge");
    return end(self, 1, is_word(name, length, "word"));
}

/* "word" is no number, and any result of "huge" would be too large. */
static int arithmetic(void *self, enum pyon_operator op)
{
    static const char *const names[PYON_OPERATOR_COUNT] = {
        [PYON_OPERATOR_POSITIVE] = "positive",
        [PYON_OPERATOR_NEGATIVE] = "negative",
        [PYON_OPERATOR_INVERT] = "invert",
        [PYON_OPERATOR_ADD] = "add",
        [PYON_OPERATOR_SUBTRACT] = "subtract",
        [PYON_OPERATOR_MULTIPLY] = "multiply",
        [PYON_OPERATOR_DIVIDE] = "divide",
        [PYON_OPERATOR_FLOOR_DIVIDE] = "floor_divide",
        [PYON_OPERATOR_MODULO] = "modulo",
        [PYON_OPERATOR_POWER] = "power",
        [PYON_OPERATOR_SHIFT_LEFT] = "shift_left",
        [PYON_OPERATOR_SHIFT_RIGHT] = "shift_right",
        [PYON_OPERATOR_AND] = "and",
        [PYON_OPERATOR_OR] = "or",
        [PYON_OPERATOR_XOR] = "xor",
    };
    struct transcript *transcript = self;

    if (transcript->subscriptable)
        return 1;
    if (transcript->huge)
        return 2;
    if (begin(self, op <= PYON_OPERATOR_INVERT ? 1 : 2, "arithmetic ") < 0)
        return -1;
    write_format(self, "%s", names[op]);
    return end(self, 1, false);
}

static int character(void *self, const char *name, size_t length, uint32_t *code_point)
{
    (void)self;
    if (is_word(name, length, "UNLUCKY"))
        return -1;
    if (is_word(name, length, "DIGIT ONE"))
        *code_point = '1';
    else if (is_word(name, length, "GRINNING FACE"))
        *code_point = 0x1f600;
    else
        return 1;
    return 0;
}

/* The members that both builders have. */
#define COMMON                                                                                     \
    .null = null, .boolean = boolean, .integer = integer, .bigint = bigint, .real = real,          \
    .complex_number = complex_, .string = string, .bytes = bytes, .list = list, .tuple = tuple,    \
    .set = set, .dict = dict, .tagged = tagged, .call_begin = call_begin, .keyword = keyword,      \
    .call_end = call_end, .call_undo = call_undo, .callable = callable, .attribute = attribute,    \
    .name = name, .character = character, .arithmetic = arithmetic

const struct pyon_builder transcript_builder = {COMMON};
const struct pyon_builder transcript_wide_builder = {COMMON, .code_points = code_points};
#undef COMMON

/* ---- Use --------------------------------------------------------------------------------- */

void transcript_init(struct transcript *transcript)
{
    *transcript = (struct transcript){.builder = &transcript_builder, .fail_at = SIZE_MAX};
    pyon_out_init(&transcript->out);
}

void transcript_free(struct transcript *transcript)
{
    pyon_out_free(&transcript->out);
}

char *transcript_text(struct transcript *transcript)
{
    size_t length;
    char *text = pyon_out_detach(&transcript->out, &length);

    if (!text)
        abort();
    return text;
}

int transcript_parse(struct transcript *transcript, const struct pyon_dialect *dialect,
                     const char *text, size_t length, struct pyon_error *error)
{
    char *copy = malloc(length + 1);
    int status;

    if (!copy)
        abort();
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    status = pyon_parse(dialect, copy, length, transcript->builder, transcript, NULL, error);
    free(copy);
    return status;
}
