/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Values for people, on one line. Each function stops where the room ends, so the time does not depend on the value. */
#include "print/brief.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The line ---- */

void line_init(struct line_text *line, size_t room, bool utf8)
{
    size_t capacity = 4 * room + 64; /* a column is at most four bytes */

    *line = (struct line_text){.room = room, .utf8 = utf8};
    line->data = malloc(capacity);
    if (line->data)
        line->data[0] = '\0';
    line->capacity = line->data ? capacity : 0;
}

void line_free(struct line_text *line)
{
    free(line->data);
    line->data = NULL;
}

static bool put_bytes(struct line_text *line, const char *text, size_t size, size_t width)
{
    if (line->full || width > line->room - line->width || line->length + size >= line->capacity) {
        line->full = true;
        return false;
    }
    memcpy(line->data + line->length, text, size);
    line->length += size;
    line->width += width;
    line->data[line->length] = '\0';
    return true;
}

bool line_put(struct line_text *line, const char *text)
{
    size_t length = strlen(text);

    return put_bytes(line, text, length, length);
}

bool line_putf(struct line_text *line, const char *format, ...)
{
    char text[400];
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof text) {
        line->full = true;
        return false;
    }
    return put_bytes(line, text, (size_t)size, (size_t)size);
}

/* ---- Characters ---- */

/* The bytes of the character at `text`, which is UTF-8 that the library has checked. */
static size_t size_of(const char *text)
{
    unsigned char c = (unsigned char)*text;

    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static unsigned long code_point(const char *text, size_t size)
{
    static const unsigned char firsts[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned long c = (unsigned char)text[0] & firsts[size];

    for (size_t i = 1; i < size; i++)
        c = c << 6 | ((unsigned char)text[i] & 0x3f);
    return c;
}

/* Can a terminal show it as it is? Not C1 controls, surrogates, marks that change the direction of text, and what
   has no width. */
static bool is_shown(unsigned long c)
{
    return c >= 0xa0 && c != 0xad && (c < 0x300 || c > 0x36f) && (c < 0x200b || c > 0x200f) &&
           (c < 0x2028 || c > 0x202e) && (c < 0x2060 || c > 0x206f) && (c < 0xd800 || c > 0xdfff) &&
           c != 0xfeff && c < 0xe0000;
}

/* Characters of East Asia, and pictures, take two columns. */
static bool is_wide(unsigned long c)
{
    return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
           (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
           (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
           (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
}

static bool put_escape(struct line_text *line, unsigned long c)
{
    static const char letters[] = "\aa\bb\tt\nn\vv\ff\rr";
    const char *letter = c > 0 && c < 0x20 ? strchr(letters, (int)c) : NULL;

    if (c == '\t' || c == '\n' || c == '\r' || c == '\b' || c == '\f')
        return letter && line_putf(line, "\\%c", letter[1]);
    return line_putf(line, c > 0xffff ? "\\U%08lx" : "\\u%04lx", c);
}

static bool put_character(struct line_text *line, const char *text, size_t size, char quote)
{
    unsigned long c = code_point(text, size);

    if (c == '\\' || (quote && c == (unsigned char)quote))
        return line_putf(line, "\\%c", (int)c);
    if (c >= 0x20 && c < 0x7f)
        return put_bytes(line, text, 1, 1);
    if (line->utf8 && is_shown(c))
        return put_bytes(line, text, size, is_wide(c) ? 2 : 1);
    return put_escape(line, c);
}

static bool put_characters(struct line_text *line, const char *text, size_t length, char quote)
{
    for (size_t i = 0, size; i < length; i += size) {
        size = size_of(text + i);
        if (!put_character(line, text + i, size, quote))
            return false;
    }
    return true;
}

bool line_put_utf8(struct line_text *line, const char *text, size_t length)
{
    return put_characters(line, text, length, '\0');
}

static bool put_quoted(struct line_text *line, const char *text, size_t length)
{
    return line_put(line, "\"") && put_characters(line, text, length, '"') && line_put(line, "\"");
}

#define CUT_SIZE 32 /* columns of what follows a string that is cut */

void line_put_string(struct line_text *line, const struct pyon_node *string)
{
    size_t length, characters = 0, start = line->length, width = line->width, room = line->room;
    const char *text = pyon_node_text(string, &length);

    if (put_quoted(line, text, length))
        return;
    line->length = start;
    line->width = width;
    line->full = false;
    if (!line->data || room < CUT_SIZE + width)
        return;
    line->room -= CUT_SIZE;
    if (line_put(line, "\""))
        put_characters(line, text, length, '"');
    line->room = room;
    line->full = false;
    for (size_t i = 0; i < length; i += size_of(text + i))
        characters++;
    line_putf(line, "... (%zu characters)", characters);
}

/* ---- Numbers ---- */

bool line_put_real(struct line_text *line, double value, int digits)
{
    if (isnan(value))
        return line_put(line, "nan");
    if (isinf(value))
        return line_put(line, value < 0 ? "-inf" : "inf");
    return line_putf(line, "%.*g", digits, value);
}

/* As Python shows it. */
static bool put_exact_real(struct line_text *line, double value)
{
    char text[64];
    struct pyon_out out = {.start = text, .cur = text, .end = text + sizeof text};
    struct pyon_writer writer;

    pyon_writer_init(&writer, &out, &pyon_v1, false);
    if (pyon_write_real(&writer, value) < 0)
        return false;
    *out.cur = '\0';
    return line_put(line, text);
}

static bool put_complex(struct line_text *line, double real, double imaginary)
{
    return put_exact_real(line, real) && (signbit(imaginary) || line_put(line, "+")) &&
           put_exact_real(line, imaginary) && line_put(line, "j");
}

/* ---- Values ---- */

static bool put_bytes_value(struct line_text *line, const char *data, size_t size)
{
    if (!line_put(line, "b\""))
        return false;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        bool done = c < 0x20 || c >= 0x7f   ? line_putf(line, "\\x%02x", c)
                    : c == '"' || c == '\\' ? line_putf(line, "\\%c", c)
                                            : line_putf(line, "%c", c);

        if (!done)
            return false;
    }
    return line_put(line, "\"");
}

bool line_put_element(struct line_text *line, const struct pyon_array *array, size_t index)
{
    double real, imaginary;
    int64_t integer;

    switch (array->kind) {
    case 'b':
        return pyon_array_integer(array, index, &integer) >= 0 &&
               line_put(line, integer ? "true" : "false");
    case 'i':
    case 'M':
    case 'm':
        return pyon_array_integer(array, index, &integer) >= 0 &&
               line_putf(line, "%" PRId64, integer);
    case 'u':
        if (pyon_array_integer(array, index, &integer) == PYON_EXACT)
            return line_putf(line, "%" PRId64, integer);
        return pyon_array_real(array, index, &real) >= 0 && put_exact_real(line, real);
    case 'f':
        return pyon_array_real(array, index, &real) >= 0 && put_exact_real(line, real);
    case 'c':
        return pyon_array_complex(array, index, &real, &imaginary) >= 0 &&
               put_complex(line, real, imaginary);
    default:
        return line_putf(line, "<%s>", array->dtype);
    }
}

/* A small array, as nested lists. */
static bool put_dimension(struct line_text *line, const struct pyon_array *array, size_t dimension,
                          size_t *index)
{
    if (dimension == array->ndim)
        return line_put_element(line, array, (*index)++);
    if (!line_put(line, "["))
        return false;
    for (int64_t i = 0; i < array->shape[dimension]; i++)
        if ((i > 0 && !line_put(line, " ")) || !put_dimension(line, array, dimension + 1, index))
            return false;
    return line_put(line, "]");
}

static bool put_items(struct line_text *line, const struct pyon_node *node, const char *open,
                      const char *close)
{
    size_t count = pyon_node_size(node), length;

    if (!line_put(line, open))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *keyword = pyon_node_keyword(node, i, &length);

        if ((i > 0 && !line_put(line, ", ")) ||
            (keyword && (!line_put_utf8(line, keyword, length) || !line_put(line, "="))) ||
            !line_put_value(line, pyon_node_item(node, i)))
            return false;
    }
    return line_put(line, close);
}

static bool put_pairs(struct line_text *line, const struct pyon_node *node)
{
    size_t count = pyon_node_size(node);

    if (!line_put(line, "{"))
        return false;
    for (size_t i = 0; i < count; i++)
        if ((i > 0 && !line_put(line, ", ")) || !line_put_value(line, pyon_node_key(node, i)) ||
            !line_put(line, ": ") || !line_put_value(line, pyon_node_value(node, i)))
            return false;
    return line_put(line, "}");
}

static bool put_call(struct line_text *line, const struct pyon_node *node)
{
    size_t length;
    const char *name = pyon_node_text(node, &length);

    return line_put_utf8(line, name, length) && put_items(line, node, "(", ")");
}

static bool put_array(struct line_text *line, const struct pyon_node *node)
{
    size_t index = 0;

    return put_dimension(line, pyon_node_array(node), 0, &index);
}

bool line_put_value(struct line_text *line, const struct pyon_node *node)
{
    double real, imaginary;
    const char *text;
    int64_t integer;
    size_t length;

    switch (pyon_node_kind(node)) {
    case PYON_KIND_NULL:
        return line_put(line, "null");
    case PYON_KIND_BOOLEAN:
        return line_put(line, pyon_node_is_true(node) ? "true" : "false");
    case PYON_KIND_INTEGER:
        return pyon_node_integer(node, &integer) >= 0 && line_putf(line, "%" PRId64, integer);
    case PYON_KIND_BIGINT:
        text = pyon_node_text(node, &length);
        return put_bytes(line, text, length, length);
    case PYON_KIND_REAL:
        return pyon_node_real(node, &real) >= 0 && put_exact_real(line, real);
    case PYON_KIND_COMPLEX:
        return pyon_node_complex(node, &real, &imaginary) >= 0 &&
               put_complex(line, real, imaginary);
    case PYON_KIND_STRING:
        text = pyon_node_text(node, &length);
        return put_quoted(line, text, length);
    case PYON_KIND_BYTES:
        text = pyon_node_text(node, &length);
        return put_bytes_value(line, text, length);
    case PYON_KIND_LIST:
        return put_items(line, node, "[", "]");
    case PYON_KIND_TUPLE:
        return put_items(line, node, "(", pyon_node_size(node) == 1 ? ",)" : ")");
    case PYON_KIND_SET:
        return put_items(line, node, "{", "}");
    case PYON_KIND_DICT:
    case PYON_KIND_ORDERED:
        return put_pairs(line, node);
    case PYON_KIND_SLICE:
        return put_items(line, node, "slice(", ")");
    case PYON_KIND_FRACTION:
        return line_put_value(line, pyon_node_item(node, 0)) && line_put(line, "/") &&
               line_put_value(line, pyon_node_item(node, 1));
    case PYON_KIND_ARRAY:
    case PYON_KIND_SCALAR:
        return put_array(line, node);
    default:
        return put_call(line, node);
    }
}

/* ---- Types ---- */

/* NumPy's name of a type, "float64": of those that have one in bits. */
static bool put_dtype(struct line_text *line, const struct pyon_array *array)
{
    static const char *const names[][2] = {
        {"b", "bool"}, {"i", "int"}, {"u", "uint"}, {"f", "float"}, {"c", "complex"}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (array->kind == names[i][0][0])
            return array->kind == 'b' ? line_put(line, "bool")
                                      : line_putf(line, "%s%zu", names[i][1], 8 * array->item_size);
    return line_put(line, array->dtype);
}

static bool put_array_type(struct line_text *line, const struct pyon_node *node)
{
    const struct pyon_array *array = pyon_node_array(node);

    if (!put_dtype(line, array) || pyon_node_kind(node) == PYON_KIND_SCALAR)
        return !line->full;
    if (!line_put(line, "["))
        return false;
    for (size_t i = 0; i < array->ndim; i++)
        if (!line_putf(line, i > 0 ? ", %" PRId64 : "%" PRId64, array->shape[i]))
            return false;
    return line_put(line, "]");
}

bool line_put_type(struct line_text *line, const struct pyon_node *node)
{
    static const char *const names[PYON_KIND_COUNT] = {
        [PYON_KIND_NULL] = "null",         [PYON_KIND_BOOLEAN] = "bool",
        [PYON_KIND_INTEGER] = "int",       [PYON_KIND_BIGINT] = "int",
        [PYON_KIND_REAL] = "float",        [PYON_KIND_COMPLEX] = "complex",
        [PYON_KIND_STRING] = "str",        [PYON_KIND_BYTES] = "bytes",
        [PYON_KIND_LIST] = "list",         [PYON_KIND_TUPLE] = "tuple",
        [PYON_KIND_SET] = "set",           [PYON_KIND_DICT] = "dict",
        [PYON_KIND_ORDERED] = "ordered",   [PYON_KIND_SLICE] = "slice",
        [PYON_KIND_FRACTION] = "fraction",
    };
    enum pyon_kind kind = pyon_node_kind(node);
    size_t length;
    const char *text;

    switch (kind) {
    case PYON_KIND_ARRAY:
    case PYON_KIND_SCALAR:
        return put_array_type(line, node);
    case PYON_KIND_CALL:
        text = pyon_node_text(node, &length);
        return line_put_utf8(line, text, length);
    case PYON_KIND_LIST:
    case PYON_KIND_TUPLE:
    case PYON_KIND_SET:
    case PYON_KIND_DICT:
    case PYON_KIND_ORDERED:
        return line_putf(line, "%s of %zu", names[kind], pyon_node_size(node));
    default:
        return line_put(line, kind < PYON_KIND_COUNT && names[kind] ? names[kind] : "?");
    }
}
