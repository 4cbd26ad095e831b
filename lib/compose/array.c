/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Arrays, NumPy scalars and bytes: base64 to data.
 *
 * Most base64 comes as an event of its own (payload): shape and dtype tell its length, so it is
 * decoded from the text to its place. Base64 that comes as a string is decoded from that string. It
 * may contain other characters, which Python ignores.
 */
#include "compose/builder.h"

#include "base64/base64.h"
#include "compose/dtype.h"

#include <stdlib.h>

#define ALIGNMENT 64
#define NDIM_MAX 64
#define KINDS_OF_STRING (KIND_BIT(PYON_KIND_STRING) | KIND_BIT(PYON_KIND_BYTES))

/* The array as the arguments before the data describe it. */
struct header {
    struct dtype dtype;
    size_t ndim;
    int64_t shape[NDIM_MAX];
    bool flat;      /* no shape: the array has one dimension, as long as the data */
    size_t unknown; /* the dimension that is as long as the data; NDIM_MAX if none is */
    size_t count;   /* elements, without that dimension */
    size_t span;    /* the same with 1 for each 0: strides are made of it */
};

/* ---- Shape and dtype ---- */

static bool add_dimension(struct header *header, const struct pyon_node *node)
{
    int64_t length;

    if (node->kind != PYON_KIND_INTEGER)
        return false;
    length = node->integer;
    if (length < 0) {
        if (header->unknown < NDIM_MAX)
            return false;
        header->unknown = header->ndim;
    } else {
        if (length > 0 && header->span > (size_t)PTRDIFF_MAX / (uint64_t)length)
            return false;
        header->count *= (size_t)length;
        header->span *= length > 0 ? (size_t)length : 1;
    }
    header->shape[header->ndim++] = length;
    return true;
}

static bool read_shape(struct header *header, const struct pyon_node *shape)
{
    header->ndim = 0;
    header->unknown = NDIM_MAX;
    header->count = header->span = 1;
    header->flat = shape->kind == PYON_KIND_NULL;
    if (header->flat)
        return true;
    if (shape->kind == PYON_KIND_INTEGER)
        return add_dimension(header, shape);
    if (!is_one_of(shape, KIND_BIT(PYON_KIND_LIST) | KIND_BIT(PYON_KIND_TUPLE)) ||
        shape->size > NDIM_MAX)
        return false;
    for (size_t i = 0; i < shape->size; i++)
        if (!add_dimension(header, &shape->members->nodes[i]))
            return false;
    return true;
}

static bool read_dtype(struct dtype *dtype, const struct pyon_node *node)
{
    static const char standard[] = "float64";

    if (node->kind == PYON_KIND_NULL)
        return pyon_read_dtype(standard, sizeof standard - 1, dtype);
    return is_one_of(node, KINDS_OF_STRING) && pyon_read_dtype(node->text, node->size, dtype);
}

static bool read_header(struct header *header, const struct pyon_node *shape,
                        const struct pyon_node *dtype)
{
    return read_shape(header, shape) && read_dtype(&header->dtype, dtype);
}

/* Fills the size of the data, if shape and dtype tell it. */
static bool get_size(const struct header *header, size_t *size)
{
    if (header->flat || header->unknown < NDIM_MAX ||
        header->span > (size_t)PTRDIFF_MAX / header->dtype.item_size)
        return false;
    *size = header->count * header->dtype.item_size;
    return true;
}

/* Completes the shape for data of that size. Returns false if there is none. */
static bool complete_shape(struct header *header, size_t size)
{
    size_t count = size / header->dtype.item_size;

    if (size % header->dtype.item_size != 0)
        return false;
    if (header->flat) {
        header->ndim = 1;
        header->shape[0] = (int64_t)count;
        header->count = count;
        return true;
    }
    if (header->unknown < NDIM_MAX) {
        if (header->count == 0 || count % header->count != 0)
            return false;
        header->shape[header->unknown] = (int64_t)(count / header->count);
        header->count = count;
        header->span = count > 0 ? count : header->span;
    }
    return header->count == count && header->span <= (size_t)PTRDIFF_MAX / header->dtype.item_size;
}

/* ---- Nodes ---- */

/* The struct and its texts in one piece. */
struct made_array {
    struct pyon_array array;
    struct dtype dtype;
    int64_t numbers[]; /* shape, strides */
};

static int set_array(struct pyon_tree_builder *builder, enum pyon_kind kind,
                     const struct header *header, const void *data, struct pyon_node *value)
{
    size_t ndim = header->ndim;
    struct made_array *made = pyon_tree_take(builder, sizeof *made + 2 * ndim * sizeof(int64_t),
                                             _Alignof(struct made_array));
    int64_t stride;

    if (!made)
        return -1;
    made->dtype = header->dtype;
    stride = (int64_t)made->dtype.item_size;
    for (size_t i = ndim; i-- > 0;) {
        made->numbers[i] = header->shape[i];
        made->numbers[ndim + i] = stride;
        stride *= header->shape[i] > 0 ? header->shape[i] : 1;
    }
    made->array = (struct pyon_array){
        .dtype = made->dtype.text,
        .kind = made->dtype.kind,
        .swapped = made->dtype.swapped,
        .item_size = made->dtype.item_size,
        .count = header->count,
        .ndim = ndim,
        .shape = made->numbers,
        .strides = made->numbers + ndim,
        .data = data,
    };
    *value = (struct pyon_node){.kind = (unsigned char)kind, .array = &made->array};
    return 0;
}

/* A scalar has this machine's byte order; a boolean is 0 or 1; texts have no NULs at their end. */
static bool normalise(struct header *header, char *data)
{
    struct dtype *dtype = &header->dtype;
    size_t size = dtype->item_size, unit = 1;

    if (dtype->kind == 'b')
        *data = *data != 0;
    if (dtype->kind == 'U')
        unit = 4;
    else if (dtype->kind == 'c')
        unit = size / 2;
    else if (!strchr("SV", dtype->kind))
        unit = size;
    if (dtype->swapped)
        for (size_t i = 0; i < size; i += unit)
            for (size_t j = 0; j < unit / 2; j++) {
                char byte = data[i + j];

                data[i + j] = data[i + unit - 1 - j];
                data[i + unit - 1 - j] = byte;
            }
    if (dtype->kind == 'S' || dtype->kind == 'U') {
        static const char nul[4];

        while (size > 0 && memcmp(data + size - unit, nul, unit) == 0)
            size -= unit;
    }
    pyon_make_dtype(dtype, size);
    return size > 0;
}

/* Are all characters of a text of NumPy Unicode characters? */
static bool are_code_points(const char *data, size_t size)
{
    for (size_t i = 0; i < size; i += sizeof(uint32_t)) {
        uint32_t c;

        memcpy(&c, data + i, sizeof c);
        if (c > 0x10ffff)
            return false;
    }
    return true;
}

static int set_scalar(struct pyon_tree_builder *builder, struct header *header, char *data,
                      struct pyon_node *value)
{
    header->ndim = 0;
    header->count = 1;
    if (!normalise(header, data) ||
        (header->dtype.kind == 'U' && !are_code_points(data, header->dtype.item_size)))
        return 1;
    return set_array(builder, PYON_KIND_SCALAR, header, data, value);
}

/* ---- Base64 as a string ---- */

/*
 * Decodes as Python does if it is not told to be strict: other characters are ignored, and so is
 * the text after complete padding. `data` needs room for 3 bytes for each group of 4 characters
 * that begins. Returns false if the text ends inside a group.
 */
static bool decode_leniently(const char *text, size_t length, unsigned char *data, size_t *size)
{
    unsigned char *p = data;
    unsigned group = 0, places = 0, pads = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned value = pyon_base64_values[(unsigned char)text[i]];

        if (text[i] == '=') {
            if (places >= 2 && places + ++pads >= 4) {
                places = 0;
                break;
            }
            continue;
        }
        if (value == PYON_BASE64_FOREIGN)
            continue;
        pads = 0;
        group = (group << 6 | value) & 0xffffff;
        if (places++ > 0)
            *p++ = (unsigned char)(group >> (6 - 2 * (places - 1)));
        places &= 3;
    }
    *size = (size_t)(p - data);
    return places == 0;
}

/* Fills data from a text in base64, and adds a NUL. Returns 0, -1, or 1 if it is no base64. */
static int decode(struct pyon_tree_builder *builder, const struct pyon_node *text, char **data,
                  size_t *size)
{
    bool strict;

    if (!is_one_of(text, KINDS_OF_STRING))
        return 1;
    strict = pyon_base64_decoded_size(text->text, text->size, size) == 0;
    if (!strict)
        *size = text->size / 4 * 3 + 3;
    *data = pyon_tree_take(builder, *size + 1, ALIGNMENT);
    if (!*data)
        return -1;
    if (strict && pyon_base64_decode(*data, text->text, text->size, NULL) == 0) {
        (*data)[*size] = '\0';
        return 0;
    }
    if (!decode_leniently(text->text, text->size, (unsigned char *)*data, size))
        return 1;
    (*data)[*size] = '\0';
    return 0;
}

/* In Python, a str must not have other characters. */
static bool is_ascii(const struct pyon_node *text)
{
    for (size_t i = 0; i < text->size; i++)
        if ((unsigned char)text->text[i] >= 0x80)
            return text->kind == PYON_KIND_BYTES;
    return true;
}

int pyon_make_bytes(struct pyon_tree_builder *builder, const struct pyon_node *text,
                    struct pyon_node *value)
{
    char *data;
    size_t size;
    int status = decode(builder, text, &data, &size);

    if (status != 0)
        return status;
    if (!is_ascii(text))
        return 1;
    *value = (struct pyon_node){.kind = PYON_KIND_BYTES, .size = size, .text = data};
    return 0;
}

int pyon_make_array(struct pyon_tree_builder *builder, const struct pyon_node *shape,
                    const struct pyon_node *dtype, const struct pyon_node *data,
                    struct pyon_node *value)
{
    struct header header;
    char *decoded;
    size_t size;
    int status;

    if (!read_header(&header, shape, dtype))
        return 1;
    status = decode(builder, data, &decoded, &size);
    if (status != 0)
        return status;
    if (!is_ascii(data) || !complete_shape(&header, size))
        return 1;
    return set_array(builder, PYON_KIND_ARRAY, &header, decoded, value);
}

/* Data after the first element is ignored. */
int pyon_make_scalar(struct pyon_tree_builder *builder, const struct pyon_node *dtype,
                     const struct pyon_node *data, struct pyon_node *value)
{
    struct header header = {.ndim = 0};
    char *decoded;
    size_t size;
    int status;

    if (!read_dtype(&header.dtype, dtype))
        return 1;
    status = decode(builder, data, &decoded, &size);
    if (status != 0)
        return status;
    if (!is_ascii(data) || size == 0 || size % header.dtype.item_size != 0)
        return 1;
    return set_scalar(builder, &header, decoded, value);
}

/* ---- Base64 as an event ---- */

/* Fills the header if the next argument of the innermost call is the data of an array. */
static bool expects_array(const struct pyon_tree_builder *builder, struct header *header,
                          size_t *size)
{
    const struct open_call *call = &builder->calls[builder->call_count - 1];
    const struct pyon_node *nodes = stack_from(builder, call->base);

    return call->constructor == CONSTRUCTOR_ARRAY && builder->count - call->base == 2 &&
           read_header(header, &nodes[0], &nodes[1]) && get_size(header, size);
}

/* The array that the argument completes. */
static int push_made(struct pyon_tree_builder *builder, const struct pyon_node *node, bool bytes)
{
    struct open_call *call = &builder->calls[builder->call_count - 1];

    call->made = 1 + builder->count - call->base;
    call->made_bytes = bytes;
    return pyon_tree_push(builder, node);
}

int pyon_tree_payload(void *self, const char *text, size_t available, const char *ending,
                      size_t ending_length, bool bytes, size_t *length)
{
    struct pyon_tree_builder *builder = self;
    struct header header;
    struct pyon_node node;
    size_t size, decoded;
    void *data;

    if (!expects_array(builder, &header, &size))
        return 1;
    *length = pyon_base64_encoded_size(size);
    if (available < ending_length || available - ending_length < *length ||
        memcmp(text + *length, ending, ending_length) != 0 ||
        pyon_base64_decoded_size(text, *length, &decoded) < 0 || decoded != size)
        return 1;
    data = pyon_tree_take(builder, size > 0 ? size : 1, ALIGNMENT);
    if (!data)
        return -1;
    if (pyon_base64_decode(data, text, *length, NULL) < 0)
        return 1;
    if (set_array(builder, PYON_KIND_ARRAY, &header, data, &node) < 0)
        return -1;
    return push_made(builder, &node, bytes);
}

int pyon_tree_payload_begin(void *self, bool bytes, size_t most, void **data, size_t *size)
{
    struct pyon_tree_builder *builder = self;
    struct header header;
    int status;

    if (!expects_array(builder, &header, size) || pyon_base64_encoded_size(*size) > most)
        return 1;
    builder->payload = pyon_block_new(*size > 0 ? *size : 1, data);
    if (!builder->payload)
        return 1; /* the text has only announced this size */
    status = set_array(builder, PYON_KIND_ARRAY, &header, *data, &builder->payload_node);
    builder->payload_bytes = bytes;
    return status;
}

int pyon_tree_payload_end(void *self, bool complete)
{
    struct pyon_tree_builder *builder = self;

    if (complete)
        pyon_arena_add(&builder->arena, builder->payload);
    else
        pyon_block_free(builder->payload);
    builder->payload = NULL;
    return complete ? push_made(builder, &builder->payload_node, builder->payload_bytes) : 0;
}

int pyon_unmake(struct pyon_tree_builder *builder, const struct open_call *call)
{
    struct pyon_node *node;
    const struct pyon_array *array;
    size_t size, length;
    char *text;

    if (call->made == 0)
        return 0;
    node = &builder->stack[call->base + call->made - 1];
    array = node->array;
    size = array->count * array->item_size;
    length = pyon_base64_encoded_size(size);
    text = length < SIZE_MAX ? pyon_tree_take(builder, length + 1, 1) : NULL;
    if (!text)
        return pyon_tree_fail(builder, PYON_ERROR_MEMORY);
    pyon_base64_encode(text, array->data, size);
    text[length] = '\0';
    *node = (struct pyon_node){.kind = call->made_bytes ? PYON_KIND_BYTES : PYON_KIND_STRING,
                               .size = length,
                               .text = text};
    return 0;
}
