/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Values for people, on one line. */
#include "print/brief.h"

#include "print/element.h"

#include <inttypes.h>
#include <string.h>

/* ---- Values ---- */

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
        return line_put_ascii(line, text, length);
    case PYON_KIND_REAL:
        return pyon_node_real(node, &real) >= 0 && line_put_exact_real(line, real);
    case PYON_KIND_COMPLEX:
        return pyon_node_complex(node, &real, &imaginary) >= 0 &&
               line_put_complex(line, real, imaginary);
    case PYON_KIND_STRING:
        text = pyon_node_text(node, &length);
        return line_put_quoted(line, text, length);
    case PYON_KIND_BYTES:
        text = pyon_node_text(node, &length);
        return line_put_byte_string(line, text, length);
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

bool line_put_value_cut(struct line_text *line, const struct pyon_node *node)
{
    size_t length;
    const char *text = pyon_node_text(node, &length);

    switch (pyon_node_kind(node)) {
    case PYON_KIND_STRING:
        line_put_cut(line, line_put_quoted, text, length, line_count(text, length), "characters");
        return true;
    case PYON_KIND_BYTES:
        line_put_cut(line, line_put_byte_string, text, length, length, "bytes");
        return true;
    case PYON_KIND_BIGINT:
        line_put_cut(line, line_put_ascii, text, length, length, "digits");
        return true;
    default:
        return line_put_value(line, node);
    }
}

/* ---- Types ---- */

/* NumPy's name of a type, "float64", "datetime64[ns]", "U5": without the order of its bytes. */
static bool put_dtype(struct line_text *line, const struct pyon_array *array)
{
    const char *unit = strchr(array->dtype, '[');

    switch (array->kind) {
    case 'b':
        return line_put(line, "bool");
    case 'i':
        return line_putf(line, "int%zu", 8 * array->item_size);
    case 'u':
        return line_putf(line, "uint%zu", 8 * array->item_size);
    case 'f':
        return line_putf(line, "float%zu", 8 * array->item_size);
    case 'c':
        return line_putf(line, "complex%zu", 8 * array->item_size);
    case 'M':
        return line_putf(line, "datetime64%s", unit ? unit : "");
    case 'm':
        return line_putf(line, "timedelta64%s", unit ? unit : "");
    default:
        return line_put(line, array->dtype + strspn(array->dtype, "<>|="));
    }
}

#define MANY_DIMENSIONS 6 /* their number is shown, not each of them */

static bool put_array_type(struct line_text *line, const struct pyon_node *node)
{
    const struct pyon_array *array = pyon_node_array(node);

    if (!put_dtype(line, array) || pyon_node_kind(node) == PYON_KIND_SCALAR)
        return !line->full;
    if (array->ndim > MANY_DIMENSIONS)
        return line_putf(line, "[%zu dimensions]", array->ndim);
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
