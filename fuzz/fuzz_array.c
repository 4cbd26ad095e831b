/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Arrays from a program (fuzz_program.h), written at once and in parts. The texts are the same, and
 * read as a call that contains the base64 of the data.
 */
#include "pyon_host.h"
#include "support/fuzz_program.h"
#include "support/fuzz_roundtrip.h"

enum { DIMENSIONS = 6, DATA = 3 * FUZZ_TEXT };

struct array {
    int64_t shape[DIMENSIONS];
    size_t ndim;
    const char *dtype;
    char data[DATA];
    size_t size;
};

static void make_array(struct fuzz_program *program, struct array *array)
{
    static const char *const dtypes[] = {"<f8", "|u1", "[('a', '<i4')]", "", "\"\xc3\xa9\\"};

    array->ndim = fuzz_byte(program) % (DIMENSIONS + 1);
    for (size_t i = 0; i < array->ndim; i++)
        array->shape[i] = fuzz_integer(program);
    array->dtype = dtypes[fuzz_byte(program) % (sizeof dtypes / sizeof *dtypes)];
    array->size = fuzz_bytes(program, array->data);
    array->size += fuzz_bytes(program, array->data + array->size);
}

/* ---- The expected events ------------------------------------------------------------------ */

static struct tree *text_of(struct tree_maker *maker, enum tree_kind kind, const char *text,
                            size_t length)
{
    struct tree *tree = tree_new(maker, kind);

    tree_set_text(tree, text, length);
    return tree;
}

static struct tree *shape_of(struct tree_maker *maker, const struct array *array,
                             enum pyon_container kind)
{
    struct tree *shape = tree_new(maker, TREE_CONTAINER), *members[DIMENSIONS];

    for (size_t i = 0; i < array->ndim; i++) {
        members[i] = tree_new(maker, TREE_INTEGER);
        members[i]->integer = array->shape[i];
    }
    shape->container = kind;
    tree_set_members(shape, members, array->ndim);
    return shape;
}

/* Three bytes at a time, then the rest. */
static struct tree *payload_of(struct tree_maker *maker, const struct array *array,
                               enum tree_kind kind)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[DATA / 3 * 4 + 4], *p = text;

    for (size_t i = 0; i < array->size; i += 3) {
        uint32_t group = 0;

        for (size_t j = i; j < i + 3; j++)
            group = group << 8 | (j < array->size ? (uint8_t)array->data[j] : 0);
        for (int shift = 18; shift >= 0; shift -= 6)
            *p++ = alphabet[group >> shift & 63];
    }
    if (array->size % 3 > 0)
        p[-1] = '=';
    if (array->size % 3 == 1)
        p[-2] = '=';
    return text_of(maker, kind, text, (size_t)(p - text));
}

static struct tree *array_of(struct tree_maker *maker, const struct array *array,
                             enum pyon_container shape, enum tree_kind payload)
{
    struct tree *call = text_of(maker, TREE_CALL, "nparray", 7);
    struct tree *members[] = {
        shape_of(maker, array, shape),
        text_of(maker, TREE_STRING, array->dtype, strlen(array->dtype)),
        payload_of(maker, array, payload),
    };

    tree_set_members(call, members, 3);
    return call;
}

static struct tree *scalar_of(struct tree_maker *maker, const struct array *array,
                              enum tree_kind payload)
{
    struct tree *call = text_of(maker, TREE_CALL, "npscalar", 8);
    struct tree *members[] = {
        text_of(maker, TREE_STRING, array->dtype, strlen(array->dtype)),
        payload_of(maker, array, payload),
    };

    tree_set_members(call, members, 2);
    return call;
}

/* ---- Writing ------------------------------------------------------------------------------ */

static int write_parts(struct pyon_writer *writer, const struct array *array)
{
    struct pyon_part part = {0};

    if (!pyon_write_array_begin(writer, array->shape, array->ndim, array->dtype, 0))
        return -1;
    while (part.done < array->size)
        if (pyon_write_base64_part(writer, array->data, array->size, &part) < 0)
            return -1;
    return pyon_write_array_end(writer, 0);
}

/* The text, new: free() it. */
static char *text_of_array(const struct pyon_dialect *dialect, const struct array *array,
                           bool pretty, bool parts, size_t *length)
{
    struct pyon_out out;
    struct pyon_writer writer;
    char *text = NULL;
    int status;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, dialect, pretty);
    status = parts ? write_parts(&writer, array)
                   : pyon_write_array(&writer, array->shape, array->ndim, array->dtype, array->data,
                                      array->size);
    if (status < 0 || !(text = pyon_out_detach(&out, length)))
        abort();
    return text;
}

static void check_scalar(const struct pyon_dialect *dialect, const struct array *array, bool pretty,
                         enum tree_kind payload)
{
    struct tree_maker maker = {.height = 0};
    struct pyon_out out;
    struct pyon_writer writer;
    size_t length;
    char *text;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, dialect, pretty);
    if (pyon_write_scalar(&writer, array->dtype, array->data, array->size) < 0 ||
        !(text = pyon_out_detach(&out, &length)))
        abort();
    if (!tree_equal(fuzz_read_again(&maker, dialect, text, length),
                    scalar_of(&maker, array, payload)))
        fuzz_fail("another scalar", text);
    tree_free(&maker);
    free(text);
}

static void check_array(const struct pyon_dialect *dialect, const struct array *array, bool pretty,
                        enum pyon_container shape, enum tree_kind payload)
{
    struct tree_maker maker = {.height = 0};
    size_t length, in_parts;
    char *text = text_of_array(dialect, array, pretty, false, &length);
    char *parts = text_of_array(dialect, array, pretty, true, &in_parts);

    if (in_parts != length || memcmp(text, parts, length) != 0)
        fuzz_fail("another text in parts", text);
    if (!tree_equal(fuzz_read_again(&maker, dialect, text, length),
                    array_of(&maker, array, shape, payload)))
        fuzz_fail("another array", text);
    tree_free(&maker);
    free(text);
    free(parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_program program = {.at = data, .end = data + size};
    struct array array;

    make_array(&program, &array);
    for (int pretty = 0; pretty < 2; pretty++) {
        check_array(&pyon_v1, &array, pretty, PYON_CONTAINER_TUPLE, TREE_BYTES);
        check_array(&pyon_v2, &array, pretty, PYON_CONTAINER_LIST, TREE_STRING);
        check_scalar(&pyon_v1, &array, pretty, TREE_BYTES);
        check_scalar(&pyon_v2, &array, pretty, TREE_STRING);
    }
    return 0;
}
