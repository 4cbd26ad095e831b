/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Keys: see key.h.
 *
 * A text may come from a stranger. If the stranger could find keys with equal hashes, a dict could
 * take quadratic time. So every step of the hash uses a seed that the writer of a text does not
 * know.
 */
#include "tree/key.h"

#include "number/bits.h"
#include "number/number.h"
#include "tree/numeric.h"

#define SCRAMBLE UINT64_C(0x9e3779b97f4a7c15)

/* ---- Numbers ---- */

enum number_kind { NUMBER_NONE, NUMBER_INTEGER, NUMBER_BIGINT, NUMBER_REAL, NUMBER_COMPLEX };

/* The value of a number, without its type: a real number may be an integer, and a complex number
   without an imaginary part is real. */
struct number {
    enum number_kind kind;
    int64_t integer;
    struct text digits; /* of a bigint */
    double real;        /* of a bigint, the nearest one */
    double imaginary;
};

static void set_real(struct number *number, double real)
{
    number->kind = NUMBER_REAL;
    number->real = real;
    if (real >= -TWO_TO_63 && real < TWO_TO_63 && (double)(int64_t)real == real) {
        number->kind = NUMBER_INTEGER;
        number->integer = (int64_t)real;
    }
}

static void set_complex(struct number *number, double real, double imaginary)
{
    if (imaginary == 0) {
        set_real(number, real);
        return;
    }
    number->kind = NUMBER_COMPLEX;
    number->real = real;
    number->imaginary = imaginary;
}

static void set_scalar(struct number *number, const struct pyon_array *array)
{
    double real, imaginary;

    switch (array->kind) {
    case 'b':
    case 'i':
    case 'u':
        if (pyon_array_integer(array, 0, &number->integer) == PYON_EXACT)
            number->kind = NUMBER_INTEGER;
        else if (pyon_array_real(array, 0, &real) == PYON_EXACT) /* an unsigned one of 64 bits */
            set_real(number, real);
        break;
    case 'f':
        if (pyon_array_real(array, 0, &real) == PYON_EXACT)
            set_real(number, real);
        break;
    case 'c':
        if (pyon_array_complex(array, 0, &real, &imaginary) == PYON_EXACT)
            set_complex(number, real, imaginary);
        break;
    default:
        break;
    }
}

static struct number number_of(const struct pyon_node *node)
{
    struct number number = {.kind = NUMBER_NONE};
    double real;

    switch (node->kind) {
    case PYON_KIND_BOOLEAN:
        number.kind = NUMBER_INTEGER;
        number.integer = node->flag;
        break;
    case PYON_KIND_INTEGER:
        number.kind = NUMBER_INTEGER;
        number.integer = node->integer;
        break;
    case PYON_KIND_BIGINT:
        number.kind = NUMBER_BIGINT;
        number.digits = (struct text){node->text, node->size};
        pyon_node_real(node, &number.real);
        break;
    case PYON_KIND_REAL:
        set_real(&number, node->real);
        break;
    case PYON_KIND_COMPLEX:
        set_complex(&number, node->real, node->imaginary);
        break;
    case PYON_KIND_FRACTION:
        if (pyon_node_real(node, &real) == PYON_EXACT)
            set_real(&number, real);
        else if (pyon_is_one(&node->members->nodes[1]))
            return number_of(&node->members->nodes[0]); /* an integer: no further than this */
        break;
    case PYON_KIND_SCALAR:
        set_scalar(&number, node->array);
        break;
    default:
        break;
    }
    return number;
}

static bool equal_numbers(const struct number *a, const struct number *b)
{
    if (a->kind == NUMBER_BIGINT && b->kind == NUMBER_BIGINT)
        return a->digits.length == b->digits.length &&
               memcmp(a->digits.text, b->digits.text, a->digits.length) == 0;
    if (a->kind == NUMBER_BIGINT && b->kind == NUMBER_REAL)
        return pyon_is_exact(a->digits.text, a->digits.length, b->real);
    if (a->kind == NUMBER_REAL && b->kind == NUMBER_BIGINT)
        return equal_numbers(b, a);
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case NUMBER_INTEGER:
        return a->integer == b->integer;
    case NUMBER_REAL:
        return a->real == b->real || (a->real != a->real && b->real != b->real);
    default:
        return a->real == b->real && a->imaginary == b->imaginary;
    }
}

/* ---- Hashes ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t low, high = multiply_high(a, b, &low);

    return low ^ high;
}

static uint64_t hash_word(uint64_t hash, uint64_t word, uint64_t seed)
{
    return mix(word ^ seed, hash ^ SCRAMBLE);
}

static uint64_t hash_real(uint64_t hash, double real, uint64_t seed)
{
    return hash_word(hash, real == real && real != 0 ? to_bits(real) : 0, seed);
}

/* The seed is in both factors: otherwise a word could make one of them zero, and hide the words
   before it. */
static uint64_t hash_text(const char *text, size_t length, uint64_t seed)
{
    uint64_t hash = mix(seed, length ^ SCRAMBLE);
    unsigned char rest[16] = {0};

    for (; length > 16; text += 16, length -= 16)
        hash = mix(load64(text) ^ seed, load64(text + 8) ^ hash);
    if (length > 0)
        memcpy(rest, text, length);
    return mix(load64(rest) ^ seed, load64(rest + 8) ^ hash);
}

static uint64_t hash_number(const struct number *number, uint64_t seed)
{
    switch (number->kind) {
    case NUMBER_INTEGER:
        return hash_word(seed, (uint64_t)number->integer, seed);
    case NUMBER_COMPLEX:
        return hash_real(hash_real(seed, number->real, seed), number->imaginary, seed);
    default:
        return hash_real(seed, number->real, seed);
    }
}

/* The hash of a scalar that is no number: of its dtype and data. */
static uint64_t hash_scalar(const struct pyon_array *array, uint64_t seed)
{
    return hash_text(array->data, array->item_size, seed);
}

/* The hash of one node, without the nodes below it. */
static bool hash_node(const struct pyon_node *node, uint64_t seed, uint64_t *hash)
{
    struct number number;

    switch (node->kind) {
    case PYON_KIND_NULL:
        *hash = seed;
        return true;
    case PYON_KIND_STRING:
    case PYON_KIND_BYTES:
        *hash = hash_text(node->text, node->size, seed);
        return true;
    case PYON_KIND_TUPLE:
    case PYON_KIND_SLICE:
        *hash = hash_word(seed, node->size, seed);
        return true;
    case PYON_KIND_LIST:
    case PYON_KIND_SET:
    case PYON_KIND_DICT:
    case PYON_KIND_ORDERED:
    case PYON_KIND_ARRAY:
    case PYON_KIND_CALL:
        return false;
    default:
        break;
    }
    number = number_of(node);
    if (number.kind != NUMBER_NONE)
        *hash = hash_number(&number, seed);
    else if (node->kind == PYON_KIND_SCALAR)
        *hash = hash_scalar(node->array, seed);
    else
        *hash = hash_word(seed, node->kind, seed); /* a fraction: its items follow */
    return true;
}

/* Is the hash of a node followed by those of the nodes below it? That of a number is not, even if
   it is a fraction. */
static bool is_entered(const struct pyon_node *node)
{
    if (node->kind == PYON_KIND_FRACTION)
        return number_of(node).kind == NUMBER_NONE;
    return has_members(node);
}

bool pyon_key_hash(const struct pyon_node *key, uint64_t seed, uint64_t *hash)
{
    struct walk walk;
    uint64_t part;

    if (!hash_node(key, seed, hash))
        return false;
    if (!is_entered(key))
        return true;
    walk = walk_from(key);
    for (;;) {
        while (walk.at == walk.inner->size) {
            if (walk.inner == key)
                return true;
            walk_up(&walk);
            walk.at++;
        }
        if (!hash_node(walk_node(&walk), seed, &part))
            return false;
        *hash = hash_word(*hash, part, seed);
        if (is_entered(walk_node(&walk)))
            walk_down(&walk);
        else
            walk.at++;
    }
}

/* ---- Equality ---- */

static bool equal_scalars(const struct pyon_array *a, const struct pyon_array *b)
{
    return strcmp(a->dtype, b->dtype) == 0 && a->item_size == b->item_size &&
           memcmp(a->data, b->data, a->item_size) == 0;
}

/* Compares two nodes, without the nodes below them. */
static bool equal_nodes(const struct pyon_node *a, const struct pyon_node *b)
{
    struct number x, y;

    if (a->kind == PYON_KIND_STRING || a->kind == PYON_KIND_BYTES)
        return a->kind == b->kind && a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
    if (a->kind == PYON_KIND_NULL)
        return b->kind == PYON_KIND_NULL;
    if (a->kind == PYON_KIND_TUPLE || a->kind == PYON_KIND_SLICE)
        return a->kind == b->kind && a->size == b->size;
    x = number_of(a);
    y = number_of(b);
    if (x.kind != NUMBER_NONE)
        return y.kind != NUMBER_NONE && equal_numbers(&x, &y);
    if (y.kind != NUMBER_NONE || a->kind != b->kind)
        return false;
    return a->kind == PYON_KIND_FRACTION ||
           (a->kind == PYON_KIND_SCALAR && equal_scalars(a->array, b->array));
}

bool pyon_key_equal(const struct pyon_node *a, const struct pyon_node *b)
{
    struct walk x, y;

    if (!equal_nodes(a, b))
        return false;
    if (!is_entered(a))
        return true;
    x = walk_from(a);
    y = walk_from(b);
    for (;;) {
        while (x.at == x.inner->size) {
            if (x.inner == a)
                return true;
            walk_up(&x);
            walk_up(&y);
            x.at++;
            y.at++;
        }
        if (!equal_nodes(walk_node(&x), walk_node(&y)))
            return false;
        if (is_entered(walk_node(&x))) {
            walk_down(&x);
            walk_down(&y);
        } else {
            x.at++;
            y.at++;
        }
    }
}
