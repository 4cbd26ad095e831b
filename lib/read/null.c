/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The builder that keeps nothing: parsing with it checks the syntax. */
#include "base.h"

static int null(void *self)
{
    (void)self;
    return 0;
}

static int boolean(void *self, bool value)
{
    (void)self, (void)value;
    return 0;
}

static int integer(void *self, int64_t value)
{
    (void)self, (void)value;
    return 0;
}

static int bigint(void *self, const char *text, size_t length, unsigned base)
{
    (void)self, (void)text, (void)length, (void)base;
    return 0;
}

static int real(void *self, double value)
{
    (void)self, (void)value;
    return 0;
}

static int complex_(void *self, double real, double imaginary)
{
    (void)self, (void)real, (void)imaginary;
    return 0;
}

static int string(void *self, const char *data, size_t length, unsigned flags)
{
    (void)self, (void)data, (void)length, (void)flags;
    return 0;
}

static int code_points(void *self, const void *data, size_t length, unsigned width, unsigned flags)
{
    (void)self, (void)data, (void)length, (void)width, (void)flags;
    return 0;
}

static int sequence(void *self, size_t length, unsigned flags)
{
    (void)self, (void)length, (void)flags;
    return 0;
}

static int collection(void *self, size_t length)
{
    (void)self, (void)length;
    return 0;
}

static int name(void *self, const char *name, size_t length)
{
    (void)self, (void)name, (void)length;
    return 0;
}

static int call_end(void *self, size_t arguments, size_t keywords)
{
    (void)self, (void)arguments, (void)keywords;
    return 0;
}

static int arithmetic(void *self, enum pyon_operator op)
{
    (void)self, (void)op;
    return 0;
}

const struct pyon_builder pyon_null_builder = {
    .null = null,
    .boolean = boolean,
    .integer = integer,
    .bigint = bigint,
    .real = real,
    .complex_number = complex_,
    .string = string,
    .bytes = string,
    .list = sequence,
    .tuple = sequence,
    .set = collection,
    .dict = collection,
    .tagged = collection,
    .call_begin = name,
    .keyword = name,
    .call_end = call_end,
    .call_undo = collection,
    .code_points = code_points,
    .arithmetic = arithmetic,
};
