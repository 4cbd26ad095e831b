/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Inputs that are not a text but a program that makes values: each byte says which comes next. So
 * an input that is changed in any way still makes values. After its end come zeros.
 */
#ifndef FUZZ_PROGRAM_H
#define FUZZ_PROGRAM_H

#include "../../tests/c/support/tree.h"
#include "fuzz.h"
#include "utf8.h"

struct fuzz_program {
    const uint8_t *at, *end;
    struct tree_maker maker;
    size_t repeated; /* bytes so far */
};

enum { FUZZ_DEPTH = 30, FUZZ_TEXT = 8192, FUZZ_MEMBERS = 24 };

static inline unsigned fuzz_byte(struct fuzz_program *program)
{
    return program->at < program->end ? *program->at++ : 0;
}

static inline uint64_t fuzz_word(struct fuzz_program *program)
{
    uint64_t word = 0;

    for (int i = 0; i < 8; i++)
        word = word << 8 | fuzz_byte(program);
    return word;
}

/* Any double, or, more often, one that people write. */
static inline double fuzz_real(struct fuzz_program *program)
{
    unsigned kind = fuzz_byte(program);
    uint64_t word;
    double value;

    if (kind % 4 == 0) {
        word = fuzz_word(program);
        memcpy(&value, &word, sizeof value);
        return value;
    }
    value = (double)(int)(kind - 128) * fuzz_byte(program);
    return kind % 4 == 1 ? value : value / (kind % 4 == 2 ? 100 : 3e7);
}

static inline int64_t fuzz_integer(struct fuzz_program *program)
{
    unsigned bits = fuzz_byte(program) % 64;

    return (int64_t)(fuzz_word(program) << bits) >> bits;
}

/* Up to FUZZ_TEXT bytes. A program has not many, so a long text repeats some of its bytes. */
static inline size_t fuzz_bytes(struct fuzz_program *program, char data[FUZZ_TEXT])
{
    size_t length = fuzz_byte(program), times = 1, filled = 0;

    if (length == 254 && program->repeated < FUZZ_TEXT)
        times = fuzz_byte(program) * 4;
    length %= 64;
    for (size_t i = 0; i < length; i++)
        data[filled++] = (char)fuzz_byte(program);
    for (size_t i = 1; i < times && filled + length <= FUZZ_TEXT; i++, filled += length)
        memcpy(data + filled, data, length);
    program->repeated += filled - length;
    return filled;
}

/* A text. Its bytes from 0x80 on become code points, which are shifted to higher ones. */
static inline void fuzz_string(struct fuzz_program *program, struct tree *tree)
{
    char data[FUZZ_TEXT], text[4 * FUZZ_TEXT], *p = text;
    unsigned shift = fuzz_byte(program) % 3 * 5;
    size_t length = fuzz_bytes(program, data);

    for (size_t i = 0; i < length; i++) {
        uint32_t c = (unsigned char)data[i];

        if (c >= 0x80)
            c = (c << shift) % 0x110000;
        p = pyon_utf8_put(p, c);
    }
    tree_set_text(tree, text, (size_t)(p - text));
}

static inline struct tree *fuzz_value(struct fuzz_program *program, unsigned depth);

/* Members of one kind, in lists long enough for the ways in which runs are written. */
static inline size_t fuzz_run(struct fuzz_program *program, struct tree **members)
{
    size_t count = fuzz_byte(program) % FUZZ_MEMBERS;
    enum tree_kind kind = fuzz_byte(program) % 2 ? TREE_REAL : TREE_INTEGER;

    for (size_t i = 0; i < count; i++) {
        members[i] = tree_new(&program->maker, kind);
        if (kind == TREE_REAL)
            members[i]->real = fuzz_real(program);
        else
            members[i]->integer = fuzz_integer(program);
    }
    return count;
}

static inline size_t fuzz_mixture(struct fuzz_program *program, struct tree **members,
                                  unsigned depth)
{
    size_t count = fuzz_byte(program) % 6;

    for (size_t i = 0; i < count; i++)
        members[i] = fuzz_value(program, depth);
    return count;
}

/* Puts keys before the values. */
static inline size_t fuzz_pairs(struct fuzz_program *program, struct tree **members, size_t count,
                                unsigned depth)
{
    bool strings = fuzz_byte(program) % 4;

    for (size_t i = count; i-- > 0;) {
        members[2 * i + 1] = members[i];
        if (strings) {
            members[2 * i] = tree_new(&program->maker, TREE_STRING);
            fuzz_string(program, members[2 * i]);
        } else {
            members[2 * i] = fuzz_value(program, depth);
        }
    }
    return 2 * count;
}

/* Not an empty set: version 1 has no text for it. */
static inline void fuzz_container(struct fuzz_program *program, struct tree *tree, unsigned depth)
{
    static const enum pyon_container kinds[] = {PYON_CONTAINER_LIST, PYON_CONTAINER_TUPLE,
                                                PYON_CONTAINER_SET, PYON_CONTAINER_DICT};
    struct tree *members[2 * FUZZ_MEMBERS];
    unsigned choice = fuzz_byte(program);
    size_t count = choice & 8 ? fuzz_run(program, members) : fuzz_mixture(program, members, depth);

    tree->container = kinds[choice % 4];
    if (tree->container == PYON_CONTAINER_DICT)
        count = fuzz_pairs(program, members, count, depth);
    else if (tree->container == PYON_CONTAINER_SET && count == 0)
        tree->container = PYON_CONTAINER_LIST;
    tree_set_members(tree, members, count);
}

/* A name that version 1 knows. */
static inline void fuzz_call(struct fuzz_program *program, struct tree *tree, unsigned depth)
{
    static const char *const names[] = {"slice", "Fraction", "OrderedDict", "nparray", "npscalar"};
    const char *name = names[fuzz_byte(program) % (sizeof names / sizeof *names)];
    struct tree *members[FUZZ_MEMBERS];
    size_t count = fuzz_mixture(program, members, depth);

    tree_set_text(tree, name, strlen(name));
    tree_set_members(tree, members, count);
}

static inline void fuzz_bigint(struct fuzz_program *program, struct tree *tree)
{
    char digits[64];
    size_t length = 0, count = 20 + fuzz_byte(program) % 40;

    if (fuzz_byte(program) % 2)
        digits[length++] = '-';
    digits[length++] = '9';
    while (count-- > 0)
        digits[length++] = (char)('0' + fuzz_byte(program) % 10);
    tree->integer = 10;
    tree_set_text(tree, digits, length);
}

/* A part of a complex number. Infinity, NaN and -0.0 have no text of their own there in version
   1. */
static inline double fuzz_part(struct fuzz_program *program)
{
    double value = fuzz_real(program);

    return value - value == 0 && value != 0 ? value : 0;
}

/* The next value; below some depth it is a scalar. */
static inline struct tree *fuzz_value(struct fuzz_program *program, unsigned depth)
{
    static const enum tree_kind kinds[] = {
        TREE_NULL,   TREE_BOOLEAN, TREE_INTEGER,   TREE_BIGINT,    TREE_REAL,      TREE_COMPLEX,
        TREE_STRING, TREE_BYTES,   TREE_CONTAINER, TREE_CONTAINER, TREE_CONTAINER, TREE_CALL,
    };
    size_t choices = depth < FUZZ_DEPTH ? sizeof kinds / sizeof *kinds : 8;
    struct tree *tree = tree_new(&program->maker, kinds[fuzz_byte(program) % choices]);
    char data[FUZZ_TEXT];

    if (tree->kind == TREE_BOOLEAN) {
        tree->integer = fuzz_byte(program) % 2;
    } else if (tree->kind == TREE_INTEGER) {
        tree->integer = fuzz_integer(program);
    } else if (tree->kind == TREE_BIGINT) {
        fuzz_bigint(program, tree);
    } else if (tree->kind == TREE_REAL) {
        tree->real = fuzz_real(program);
    } else if (tree->kind == TREE_COMPLEX) {
        tree->real = fuzz_part(program);
        tree->imaginary = fuzz_part(program);
    } else if (tree->kind == TREE_STRING) {
        fuzz_string(program, tree);
    } else if (tree->kind == TREE_BYTES) {
        tree_set_text(tree, data, fuzz_bytes(program, data));
    } else if (tree->kind == TREE_CONTAINER) {
        fuzz_container(program, tree, depth + 1);
    } else if (tree->kind == TREE_CALL) {
        fuzz_call(program, tree, depth + 1);
    }
    return tree;
}

#endif
