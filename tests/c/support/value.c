/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Writes values as a program that uses the writer would: see value.h. */
#include "value.h"

#include <string.h>

static int write_pair(struct pyon_writer *writer, enum pyon_container kind,
                      const struct value *const *pair)
{
    if (pyon_write_pair_begin(writer, kind) < 0 || write_value(writer, pair[0]) < 0 ||
        pyon_write_pair_middle(writer, kind) < 0 || write_value(writer, pair[1]) < 0)
        return -1;
    return pyon_write_pair_end(writer, kind);
}

static int write_container(struct pyon_writer *writer, const struct value *value)
{
    enum pyon_container kind = value->container;
    bool pairs = kind == PYON_CONTAINER_DICT || kind == PYON_CONTAINER_PAIRS ||
                 kind == PYON_CONTAINER_ORDERED;
    size_t count = pairs ? value->count / 2 : value->count;

    if (pyon_write_begin(writer, kind, count) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if ((i > 0 && pyon_write_next(writer, kind, count) < 0) ||
            (pairs ? write_pair(writer, kind, &value->members[2 * i])
                   : write_value(writer, value->members[i])) < 0)
            return -1;
    return pyon_write_end(writer, kind, count);
}

static int write_call(struct pyon_writer *writer, const struct value *value)
{
    size_t count = value->count;

    if (pyon_write_call_begin(writer, value->text, strlen(value->text), count) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if ((i > 0 && pyon_write_call_next(writer, count) < 0) ||
            write_value(writer, value->members[i]) < 0)
            return -1;
    return pyon_write_call_end(writer, count);
}

int write_value(struct pyon_writer *writer, const struct value *value)
{
    const char *text = value->text;

    switch (value->kind) {
    case VALUE_NULL:
        return pyon_write_null(writer);
    case VALUE_BOOLEAN:
        return pyon_write_boolean(writer, value->integer);
    case VALUE_INTEGER:
        return pyon_write_integer(writer, value->integer);
    case VALUE_RAW:
        return pyon_write_raw(writer, text, strlen(text));
    case VALUE_REAL:
        return pyon_write_real(writer, value->real);
    case VALUE_COMPLEX:
        return pyon_write_complex(writer, value->real, value->imaginary);
    case VALUE_STRING:
        return pyon_write_string(writer, text, strlen(text));
    case VALUE_CODE_POINTS:
        return pyon_write_code_points(writer, text, value->count, (unsigned)value->integer);
    case VALUE_BYTES:
        return pyon_write_bytes(writer, text, strlen(text));
    case VALUE_CONTAINER:
        return write_container(writer, value);
    case VALUE_CALL:
        return write_call(writer, value);
    case VALUE_ARRAY:
        return pyon_write_array(writer, value->shape, value->count, text, "abcdef", 6);
    case VALUE_SCALAR:
        return pyon_write_scalar(writer, text, "abcdef", 6);
    }
    return -1;
}

char *value_text(const struct value *value, const struct pyon_dialect *dialect, bool pretty)
{
    struct pyon_out out;
    struct pyon_writer writer;
    char *text = NULL;
    size_t length;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, dialect, pretty);
    if (write_value(&writer, value) == 0)
        text = pyon_out_detach(&out, &length);
    pyon_out_free(&out);
    return text;
}
