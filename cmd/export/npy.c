/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* An array as a NumPy file, version 1.0 of that format: a header of text, then the elements in C order. */
#include "command.h"
#include "export/table.h"
#include "print/element.h"
#include "print/numbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64 /* of the elements */
#define MAGIC "\x93NUMPY\1\0"
#define BEFORE (sizeof MAGIC - 1 + 2) /* bytes before the text of the header */

/* The header: 0, or -1 with the code in the output. */
static int write_header(struct pyon_writer *writer, const char *dtype, size_t ndim,
                        const int64_t *shape)
{
    char text[2048];
    size_t used, padded;
    unsigned char length[2];

    used = (size_t)snprintf(text, 256, "{'descr': '%.200s', 'fortran_order': False, 'shape': (",
                            dtype);
    for (size_t i = 0; i < ndim; i++)
        used += (size_t)snprintf(text + used, 24, "%" PRId64 ",", shape[i]);
    used += (size_t)snprintf(text + used, 8, "), }");
    padded = (BEFORE + used + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - BEFORE;
    memset(text + used, ' ', padded - used - 1);
    text[padded - 1] = '\n';
    length[0] = (unsigned char)(padded & 0xff);
    length[1] = (unsigned char)(padded >> 8);
    return pyon_write_raw(writer, MAGIC, sizeof MAGIC - 1) < 0 ||
                   pyon_write_raw(writer, (const char *)length, 2) < 0 ||
                   pyon_write_raw(writer, text, padded) < 0
               ? -1
               : 0;
}

/* The elements of a view, one by one. */
static int write_view(struct pyon_writer *writer, const struct pyon_array *array)
{
    for (size_t i = 0; i < array->count; i++)
        if (pyon_write_raw(writer, array_element(array, i), array->item_size) < 0)
            return -1;
    return 0;
}

static int write_array(struct pyon_writer *writer, const struct pyon_array *array, bool is_part)
{
    if (write_header(writer, array->dtype, array->ndim, array->shape) < 0)
        return -1;
    return is_part ? write_view(writer, array)
                   : pyon_write_raw(writer, array->data, array->count * array->item_size);
}

/* A list of numbers: of integers if all of them are, else of doubles. */
static int write_list(struct pyon_writer *writer, const struct pyon_node *node)
{
    const int64_t shape = (int64_t)pyon_node_size(node);
    bool integers = true;

    for (int64_t i = 0, value; i < shape && integers; i++)
        integers = pyon_node_kind(pyon_node_item(node, (size_t)i)) == PYON_KIND_INTEGER &&
                   pyon_node_integer(pyon_node_item(node, (size_t)i), &value) == PYON_EXACT;
    if (write_header(writer, integers ? "=i8" : "=f8", 1, &shape) < 0)
        return -1;
    for (int64_t i = 0; i < shape; i++) {
        union {
            int64_t integer;
            double real;
        } value = {.integer = 0};

        if (integers)
            pyon_node_integer(pyon_node_item(node, (size_t)i), &value.integer);
        else
            pyon_node_real(pyon_node_item(node, (size_t)i), &value.real);
        if (pyon_write_raw(writer, (const char *)&value, sizeof value) < 0)
            return -1;
    }
    return 0;
}

int npy_write(struct pyon_writer *writer, const struct pyon_match *match)
{
    const struct pyon_array *array = pyon_node_array(match->node);
    struct numbers numbers;

    if (match->is_part)
        return write_array(writer, &match->part, true);
    if (array)
        return write_array(writer, array, false);
    if (numbers_of(&numbers, match->node, 0))
        return write_list(writer, match->node);
    complain("%.*s is neither an array nor a list of numbers", (int)match->path_length,
             match->path);
    return 1;
}
