/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Values as JSON, by the writer of version 2. Only those of its forms are used that JSON has. */
#include "export/json.h"

#include "print/element.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_node(struct pyon_writer *writer, const struct pyon_node *node);

static int put(struct pyon_writer *writer, const char *text)
{
    return pyon_write_raw(writer, text, strlen(text));
}

static int write_real(struct pyon_writer *writer, double value)
{
    return isfinite(value) ? pyon_write_real(writer, value) : pyon_write_null(writer);
}

static int write_complex(struct pyon_writer *writer, double real, double imaginary)
{
    return put(writer, "[") < 0 || write_real(writer, real) < 0 || put(writer, ",") < 0 ||
                   write_real(writer, imaginary) < 0 || put(writer, "]") < 0
               ? -1
               : 0;
}

/* ---- Arrays ---- */

/* A string of fixed length, without the NULs after it. */
static int write_fixed_string(struct pyon_writer *writer, const struct pyon_array *array,
                              size_t index)
{
    const char *data = array_element(array, index);
    size_t width = array->kind == 'U' ? 4 : 1, length = array->item_size / width;
    uint32_t *points = malloc((length + 1) * sizeof *points);
    int status;

    if (!points) {
        writer->out->code = PYON_ERROR_MEMORY;
        return -1;
    }
    for (size_t i = 0; i < length; i++) {
        uint32_t c = (unsigned char)data[i * width];

        if (width == 4) {
            memcpy(&c, data + 4 * i, 4);
            c = array->swapped ? __builtin_bswap32(c) : c;
        }
        points[i] = c;
    }
    while (length > 0 && points[length - 1] == 0)
        length--;
    status = pyon_write_code_points(writer, points, length, 4);
    free(points);
    return status;
}

static int write_base64(struct pyon_writer *writer, const void *data, size_t size)
{
    size_t length = pyon_base64_encoded_size(size);
    char *text = length != SIZE_MAX ? malloc(length + 1) : NULL;
    int status;

    if (!text) {
        writer->out->code = PYON_ERROR_MEMORY;
        return -1;
    }
    pyon_base64_encode(text, data, size);
    status = pyon_write_string(writer, text, length);
    free(text);
    return status;
}

/* One beyond 2**63. */
static int write_unsigned(struct pyon_writer *writer, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, value);
    return put(writer, text);
}

int json_write_element(struct pyon_writer *writer, const struct pyon_array *array, size_t index)
{
    double real = NAN, imaginary = NAN;
    int64_t integer = 0;

    switch (array->kind) {
    case 'b':
        pyon_array_integer(array, index, &integer);
        return pyon_write_boolean(writer, integer != 0);
    case 'i':
    case 'u':
    case 'M':
    case 'm':
        if (pyon_array_integer(array, index, &integer) == PYON_EXACT)
            return pyon_write_integer(writer, integer);
        return write_unsigned(writer, unsigned_element(array, index));
    case 'f':
        pyon_array_real(array, index, &real);
        return write_real(writer, real);
    case 'c':
        pyon_array_complex(array, index, &real, &imaginary);
        return write_complex(writer, real, imaginary);
    case 'S':
    case 'U':
        return write_fixed_string(writer, array, index);
    default:
        return write_base64(writer, array_element(array, index), array->item_size);
    }
}

/* A dimension of an array, whose next element is `index`. */
static int write_dimension(struct pyon_writer *writer, const struct pyon_array *array,
                           size_t dimension, size_t *index)
{
    if (dimension == array->ndim)
        return json_write_element(writer, array, (*index)++);
    if (put(writer, "[") < 0)
        return -1;
    for (int64_t i = 0; i < array->shape[dimension]; i++)
        if ((i > 0 && put(writer, ",") < 0) ||
            write_dimension(writer, array, dimension + 1, index) < 0)
            return -1;
    return put(writer, "]");
}

/* ---- Containers ---- */

static int write_items(struct pyon_writer *writer, const struct pyon_node *node)
{
    if (put(writer, "[") < 0)
        return -1;
    for (size_t i = 0; i < pyon_node_size(node); i++)
        if ((i > 0 && put(writer, ",") < 0) || write_node(writer, pyon_node_item(node, i)) < 0)
            return -1;
    return put(writer, "]");
}

/* The text of a value in version 1, as a string. */
static int write_text_of(struct pyon_writer *writer, const struct pyon_node *node)
{
    struct pyon_out out;
    struct pyon_writer inner;
    int status;

    pyon_out_init(&out);
    pyon_writer_init(&inner, &out, &pyon_v1, false);
    status = pyon_write_node(&inner, node, false, NULL, NULL);
    if (status < 0)
        writer->out->code = out.code;
    else
        status = pyon_write_string(writer, out.start, (size_t)(out.cur - out.start));
    pyon_out_free(&out);
    return status;
}

static int write_key(struct pyon_writer *writer, const struct pyon_node *key)
{
    return pyon_node_kind(key) == PYON_KIND_STRING ? write_node(writer, key)
                                                   : write_text_of(writer, key);
}

static int write_pairs(struct pyon_writer *writer, const struct pyon_node *node)
{
    if (put(writer, "{") < 0)
        return -1;
    for (size_t i = 0; i < pyon_node_size(node); i++)
        if ((i > 0 && put(writer, ",") < 0) || write_key(writer, pyon_node_key(node, i)) < 0 ||
            put(writer, ":") < 0 || write_node(writer, pyon_node_value(node, i)) < 0)
            return -1;
    return put(writer, "}");
}

static int write_call(struct pyon_writer *writer, const struct pyon_node *node)
{
    size_t length;
    const char *name = pyon_node_text(node, &length);

    return put(writer, "{") < 0 || pyon_write_string(writer, name, length) < 0 ||
                   put(writer, ":") < 0 || write_items(writer, node) < 0 || put(writer, "}") < 0
               ? -1
               : 0;
}

static int write_fraction(struct pyon_writer *writer, const struct pyon_node *node)
{
    return put(writer, "\"") < 0 || write_node(writer, pyon_node_item(node, 0)) < 0 ||
                   put(writer, "/") < 0 || write_node(writer, pyon_node_item(node, 1)) < 0 ||
                   put(writer, "\"") < 0
               ? -1
               : 0;
}

static int write_node(struct pyon_writer *writer, const struct pyon_node *node)
{
    double real = NAN, imaginary = NAN;
    size_t length, index = 0;
    const char *text;

    switch (pyon_node_kind(node)) {
    case PYON_KIND_REAL:
        pyon_node_real(node, &real);
        return write_real(writer, real);
    case PYON_KIND_COMPLEX:
        pyon_node_complex(node, &real, &imaginary);
        return write_complex(writer, real, imaginary);
    case PYON_KIND_BYTES:
        text = pyon_node_text(node, &length);
        return write_base64(writer, text, length);
    case PYON_KIND_LIST:
    case PYON_KIND_TUPLE:
    case PYON_KIND_SET:
    case PYON_KIND_SLICE:
        return write_items(writer, node);
    case PYON_KIND_DICT:
    case PYON_KIND_ORDERED:
        return write_pairs(writer, node);
    case PYON_KIND_FRACTION:
        return write_fraction(writer, node);
    case PYON_KIND_ARRAY:
    case PYON_KIND_SCALAR:
        return write_dimension(writer, pyon_node_array(node), 0, &index);
    case PYON_KIND_CALL:
        return write_call(writer, node);
    default: /* null, booleans, integers, strings are JSON */
        return pyon_write_node(writer, node, false, NULL, NULL);
    }
}

int json_write(struct pyon_writer *writer, const struct pyon_match *match)
{
    size_t index = 0;

    return match->is_part ? write_dimension(writer, &match->part, 0, &index)
                          : write_node(writer, match->node);
}
