/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values written down as C expressions, for tests of the writer:
 *
 *     write_value(&writer, LIST(INT(1), TUPLE(NONE, STR("a")), EMPTY(DICT)));
 *
 * The macros make pointers to compound literals: they live as long as the block around them.
 */
#ifndef PYON_VALUE_H
#define PYON_VALUE_H

#include "pyon.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOLEAN,
    VALUE_INTEGER,
    VALUE_RAW, /* unchanged text: a large integer, for instance */
    VALUE_REAL,
    VALUE_COMPLEX,
    VALUE_STRING,
    VALUE_CODE_POINTS, /* `count`, of `integer` bytes each */
    VALUE_BYTES,
    VALUE_CONTAINER,
    VALUE_CALL,
    VALUE_ARRAY,  /* of the six bytes "abcdef" */
    VALUE_SCALAR, /* of the same bytes */
};

struct value {
    enum value_kind kind;
    enum pyon_container container;
    const char *text; /* the text itself, a name, or a dtype */
    int64_t integer;
    double real, imaginary;
    const struct value *const *members; /* of pairs: key, value, key, value, ... */
    const int64_t *shape;
    size_t count; /* of members, dimensions, code points */
};

#define NONE (&(const struct value){.kind = VALUE_NULL})
#define BOOL(b) (&(const struct value){.kind = VALUE_BOOLEAN, .integer = (b)})
#define INT(n) (&(const struct value){.kind = VALUE_INTEGER, .integer = (n)})
#define RAW(s) (&(const struct value){.kind = VALUE_RAW, .text = (s)})
#define REAL(x) (&(const struct value){.kind = VALUE_REAL, .real = (x)})
#define CPLX(x, y) (&(const struct value){.kind = VALUE_COMPLEX, .real = (x), .imaginary = (y)})
#define STR(s) (&(const struct value){.kind = VALUE_STRING, .text = (s)})
#define POINTS(array, length)                                                                      \
    (&(const struct value){.kind = VALUE_CODE_POINTS,                                              \
                           .text = (const void *)(array),                                          \
                           .integer = sizeof *(array),                                             \
                           .count = (length)})
#define BYT(s) (&(const struct value){.kind = VALUE_BYTES, .text = (s)})

#define MEMBERS(...) ((const struct value *const[]){__VA_ARGS__})
#define OF(kind_, container_, text_, ...)                                                          \
    (&(const struct value){.kind = (kind_),                                                        \
                           .container = (container_),                                              \
                           .text = (text_),                                                        \
                           .members = MEMBERS(__VA_ARGS__),                                        \
                           .count = sizeof MEMBERS(__VA_ARGS__) / sizeof(struct value *)})
#define LIST(...) OF(VALUE_CONTAINER, PYON_CONTAINER_LIST, NULL, __VA_ARGS__)
#define TUPLE(...) OF(VALUE_CONTAINER, PYON_CONTAINER_TUPLE, NULL, __VA_ARGS__)
#define SET(...) OF(VALUE_CONTAINER, PYON_CONTAINER_SET, NULL, __VA_ARGS__)
#define DICT(...) OF(VALUE_CONTAINER, PYON_CONTAINER_DICT, NULL, __VA_ARGS__)
#define PAIRS(...) OF(VALUE_CONTAINER, PYON_CONTAINER_PAIRS, NULL, __VA_ARGS__)
#define ORDERED(...) OF(VALUE_CONTAINER, PYON_CONTAINER_ORDERED, NULL, __VA_ARGS__)
#define CALLED(name, ...) OF(VALUE_CALL, PYON_CONTAINER_LIST, name, __VA_ARGS__)
#define EMPTY(name)                                                                                \
    (&(const struct value){.kind = VALUE_CONTAINER, .container = PYON_CONTAINER_##name})
#define CALLED_EMPTY(name) (&(const struct value){.kind = VALUE_CALL, .text = (name)})

#define DIMENSIONS(...) ((const int64_t[]){__VA_ARGS__})
#define ARRAY(dtype, ...)                                                                          \
    (&(const struct value){.kind = VALUE_ARRAY,                                                    \
                           .text = (dtype),                                                        \
                           .shape = DIMENSIONS(__VA_ARGS__),                                       \
                           .count = sizeof DIMENSIONS(__VA_ARGS__) / sizeof(int64_t)})
#define ARRAY_0D(dtype) (&(const struct value){.kind = VALUE_ARRAY, .text = (dtype)})
#define SCALAR(dtype) (&(const struct value){.kind = VALUE_SCALAR, .text = (dtype)})

/* Writes a value: 0, or -1 as soon as one call fails. */
int write_value(struct pyon_writer *writer, const struct value *value);

/* The text of a value: new, free() it. NULL if writing fails. */
char *value_text(const struct value *value, const struct pyon_dialect *dialect, bool pretty);

#endif
