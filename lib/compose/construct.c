/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The values that calls stand for. Arguments fit if Python's own constructor takes them and their
 * value is one of our kinds. A few forms that no program writes, such as tuple("ab"), fit in Python
 * but not here.
 */
#include "compose/builder.h"

#include "compose/fraction.h"

#include <stdlib.h>

#define KINDS_OF_SEQUENCE (KIND_BIT(PYON_KIND_LIST) | KIND_BIT(PYON_KIND_TUPLE))

static const char *const names[CONSTRUCTOR_OTHER] = {
    [CONSTRUCTOR_TUPLE] = "tuple",   [CONSTRUCTOR_SET] = "set",
    [CONSTRUCTOR_DICT] = "dict",     [CONSTRUCTOR_ORDERED] = "OrderedDict",
    [CONSTRUCTOR_BYTES] = "bytes",   [CONSTRUCTOR_COMPLEX] = "complex",
    [CONSTRUCTOR_SLICE] = "slice",   [CONSTRUCTOR_FRACTION] = "Fraction",
    [CONSTRUCTOR_ARRAY] = "nparray", [CONSTRUCTOR_SCALAR] = "npscalar",
};

enum constructor pyon_find_constructor(const char *name, size_t length)
{
    for (int i = 0; i < CONSTRUCTOR_OTHER; i++)
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
            return (enum constructor)i;
    return CONSTRUCTOR_OTHER;
}

/* ---- Arguments by place or name ---- */

static bool is_name(const struct pyon_node *node, const char *name)
{
    return node->size == strlen(name) && memcmp(node->text, name, node->size) == 0;
}

/* Fills `bound` with the argument of each of `count` parameters, NULL if there is none. Returns
   false if an argument has no parameter, or a parameter two arguments. */
static bool bind(const struct arguments *arguments, const char *const *parameters, size_t count,
                 const struct pyon_node **bound)
{
    if (arguments->count > count)
        return false;
    for (size_t i = 0; i < count; i++)
        bound[i] = i < arguments->count ? &arguments->nodes[i] : NULL;
    for (size_t i = 0; i < arguments->keywords; i++) {
        const struct pyon_node *pair = arguments->nodes + arguments->count + 2 * i;
        size_t place = 0;

        while (place < count && !is_name(pair, parameters[place]))
            place++;
        if (place == count || bound[place])
            return false;
        bound[place] = pair + 1;
    }
    return true;
}

/* ---- Containers ---- */

/* Makes another kind of the members of a list or tuple, or of no argument. */
static int make_items(struct pyon_tree_builder *builder, enum pyon_kind kind,
                      const struct arguments *arguments, struct pyon_node *value)
{
    const struct pyon_node *items = arguments->nodes;

    if (arguments->keywords > 0 || arguments->count > 1)
        return 1;
    if (arguments->count == 0)
        return pyon_tree_contain(builder, value, kind, NULL, 0);
    if (!is_one_of(items, KINDS_OF_SEQUENCE))
        return 1;
    if (kind == PYON_KIND_SET)
        return pyon_tree_contain(builder, value, kind,
                                 items->size > 0 ? items->members->nodes : NULL, items->size);
    *value = *items;
    value->kind = (unsigned char)kind;
    return 0;
}

/* Is it a list of pairs? */
static bool are_pairs(const struct pyon_node *node)
{
    if (!is_one_of(node, KINDS_OF_SEQUENCE))
        return false;
    for (size_t i = 0; i < node->size; i++) {
        const struct pyon_node *pair = &node->members->nodes[i];

        if (!is_one_of(pair, KINDS_OF_SEQUENCE) || pair->size != 2)
            return false;
    }
    return true;
}

/* Copies the pairs of a list of them, or of a dict. */
static struct pyon_node *copy_pairs(struct pyon_node *to, const struct pyon_node *from)
{
    for (size_t i = 0; i < from->size; i++, to += 2)
        memcpy(to,
               has_pairs(from) ? &from->members->nodes[2 * i]
                               : from->members->nodes[i].members->nodes,
               2 * sizeof *to);
    return to;
}

/* The pairs of the one argument, if there is one, and of the keyword arguments. */
static int make_pairs(struct pyon_tree_builder *builder, enum pyon_kind kind,
                      const struct arguments *arguments, struct pyon_node *value)
{
    const struct pyon_node *first = arguments->count > 0 ? arguments->nodes : NULL;
    size_t count = arguments->keywords + (first ? first->size : 0);
    struct pyon_node *pairs, *end;
    int status;

    if (arguments->count > 1 || (first && !has_pairs(first) && !are_pairs(first)))
        return 1;
    if (count == 0)
        return pyon_tree_contain(builder, value, kind, NULL, 0);
    pairs = malloc(2 * count * sizeof *pairs); /* cannot overflow: there are more nodes */
    if (!pairs)
        return pyon_tree_fail(builder, PYON_ERROR_MEMORY);
    end = first ? copy_pairs(pairs, first) : pairs;
    if (arguments->keywords > 0)
        memcpy(end, arguments->nodes + arguments->count, 2 * arguments->keywords * sizeof *pairs);
    status = pyon_tree_contain(builder, value, kind, pairs, 2 * count);
    free(pairs);
    return status;
}

static int make_slice(struct pyon_tree_builder *builder, const struct arguments *arguments,
                      struct pyon_node *value)
{
    struct pyon_node nodes[3] = {
        {.kind = PYON_KIND_NULL}, {.kind = PYON_KIND_NULL}, {.kind = PYON_KIND_NULL}};

    if (arguments->keywords > 0 || arguments->count < 1 || arguments->count > 3)
        return 1;
    memcpy(nodes + (arguments->count == 1), arguments->nodes, arguments->count * sizeof *nodes);
    return pyon_tree_contain(builder, value, PYON_KIND_SLICE, nodes, 3);
}

/* ---- Scalars ---- */

/* Fills the double of a real or integral number, as float() makes it. Returns false for others, and
   if it is too large. */
static bool get_real(const struct pyon_node *node, double *value)
{
    if (!is_one_of(node, KIND_BIT(PYON_KIND_BOOLEAN) | KIND_BIT(PYON_KIND_INTEGER) |
                             KIND_BIT(PYON_KIND_BIGINT) | KIND_BIT(PYON_KIND_REAL) |
                             KIND_BIT(PYON_KIND_FRACTION)))
        return false;
    pyon_node_real(node, value);
    return node->kind == PYON_KIND_REAL || *value - *value == 0;
}

static int make_complex(const struct arguments *arguments, struct pyon_node *value)
{
    static const char *const parameters[] = {"real", "imag"};
    const struct pyon_node *bound[2];
    double real = 0, imaginary = 0;

    if (!bind(arguments, parameters, 2, bound))
        return 1;
    if ((bound[0] && !get_real(bound[0], &real)) || (bound[1] && !get_real(bound[1], &imaginary)))
        return 1;
    *value = (struct pyon_node){.kind = PYON_KIND_COMPLEX, .real = real, .imaginary = imaginary};
    return 0;
}

static int make_bytes(struct pyon_tree_builder *builder, const struct arguments *arguments,
                      struct pyon_node *value)
{
    if (arguments->keywords > 0 || arguments->count != 1)
        return 1;
    return pyon_make_bytes(builder, arguments->nodes, value);
}

static int make_fraction(struct pyon_tree_builder *builder, const struct arguments *arguments,
                         struct pyon_node *value)
{
    static const char *const parameters[] = {"numerator", "denominator"};
    const struct pyon_node *bound[2];

    if (!bind(arguments, parameters, 2, bound))
        return 1;
    return pyon_make_fraction(builder, bound[0], bound[1], value);
}

static int make_array(struct pyon_tree_builder *builder, const struct arguments *arguments,
                      struct pyon_node *value)
{
    static const char *const parameters[] = {"shape", "dtype", "data"};
    const struct pyon_node *bound[3];

    if (!bind(arguments, parameters, 3, bound) || !bound[0] || !bound[1] || !bound[2])
        return 1;
    return pyon_make_array(builder, bound[0], bound[1], bound[2], value);
}

static int make_scalar(struct pyon_tree_builder *builder, const struct arguments *arguments,
                       struct pyon_node *value)
{
    static const char *const parameters[] = {"ty", "data"};
    const struct pyon_node *bound[2];

    if (!bind(arguments, parameters, 2, bound) || !bound[0] || !bound[1])
        return 1;
    return pyon_make_scalar(builder, bound[0], bound[1], value);
}

int pyon_construct(struct pyon_tree_builder *builder, enum constructor constructor,
                   const struct arguments *arguments, struct pyon_node *value)
{
    switch (constructor) {
    case CONSTRUCTOR_TUPLE:
        return make_items(builder, PYON_KIND_TUPLE, arguments, value);
    case CONSTRUCTOR_SET:
        return make_items(builder, PYON_KIND_SET, arguments, value);
    case CONSTRUCTOR_DICT:
        return make_pairs(builder, PYON_KIND_DICT, arguments, value);
    case CONSTRUCTOR_ORDERED:
        return make_pairs(builder, PYON_KIND_ORDERED, arguments, value);
    case CONSTRUCTOR_BYTES:
        return make_bytes(builder, arguments, value);
    case CONSTRUCTOR_COMPLEX:
        return make_complex(arguments, value);
    case CONSTRUCTOR_SLICE:
        return make_slice(builder, arguments, value);
    case CONSTRUCTOR_FRACTION:
        return make_fraction(builder, arguments, value);
    case CONSTRUCTOR_ARRAY:
        return make_array(builder, arguments, value);
    case CONSTRUCTOR_SCALAR:
        return make_scalar(builder, arguments, value);
    case CONSTRUCTOR_OTHER:
        break;
    }
    return 1;
}
