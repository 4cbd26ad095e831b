/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The parts of a node: its kind, its members, its text. */
#include "tree/node.h"

static const char *const names[PYON_KIND_COUNT] = {
    [PYON_KIND_NULL] = "null",         [PYON_KIND_BOOLEAN] = "boolean",
    [PYON_KIND_INTEGER] = "integer",   [PYON_KIND_BIGINT] = "bigint",
    [PYON_KIND_REAL] = "real",         [PYON_KIND_COMPLEX] = "complex",
    [PYON_KIND_STRING] = "string",     [PYON_KIND_BYTES] = "bytes",
    [PYON_KIND_LIST] = "list",         [PYON_KIND_TUPLE] = "tuple",
    [PYON_KIND_SET] = "set",           [PYON_KIND_DICT] = "dict",
    [PYON_KIND_ORDERED] = "ordered",   [PYON_KIND_SLICE] = "slice",
    [PYON_KIND_FRACTION] = "fraction", [PYON_KIND_ARRAY] = "array",
    [PYON_KIND_SCALAR] = "scalar",     [PYON_KIND_CALL] = "call",
};

const char *pyon_kind_name(enum pyon_kind kind)
{
    return (unsigned)kind < PYON_KIND_COUNT ? names[kind] : "unknown";
}

enum pyon_kind pyon_node_kind(const struct pyon_node *node)
{
    return (enum pyon_kind)node->kind;
}

size_t pyon_node_size(const struct pyon_node *node)
{
    if (is_one_of(node, KINDS_OF_ARRAY))
        return node->array->count;
    return is_one_of(node, KINDS_OF_TEXT | KINDS_OF_MEMBERS) ? node->size : 0;
}

const struct pyon_node *pyon_node_item(const struct pyon_node *node, size_t n)
{
    return is_one_of(node, KINDS_OF_ITEMS) && n < node->size ? &node->members->nodes[n] : NULL;
}

const struct pyon_node *pyon_node_key(const struct pyon_node *node, size_t n)
{
    return has_pairs(node) && n < node->size ? &node->members->nodes[2 * n] : NULL;
}

const struct pyon_node *pyon_node_value(const struct pyon_node *node, size_t n)
{
    return has_pairs(node) && n < node->size ? &node->members->nodes[2 * n + 1] : NULL;
}

const char *pyon_node_keyword(const struct pyon_node *node, size_t n, size_t *length)
{
    const struct signature *signature;

    if (node->kind != PYON_KIND_CALL || n >= node->size)
        return NULL;
    signature = signature_of(node);
    if (n < signature->positional)
        return NULL;
    if (length)
        *length = signature->keywords[n - signature->positional].length;
    return signature->keywords[n - signature->positional].text;
}

const char *pyon_node_text(const struct pyon_node *node, size_t *length)
{
    struct text text = {NULL, 0};

    if (is_one_of(node, KINDS_OF_TEXT))
        text = (struct text){node->text, node->size};
    else if (node->kind == PYON_KIND_CALL)
        text = signature_of(node)->name;
    if (length && text.text)
        *length = text.length;
    return text.text;
}

bool pyon_node_is_true(const struct pyon_node *node)
{
    return node->kind == PYON_KIND_BOOLEAN && node->flag;
}

const struct pyon_array *pyon_node_array(const struct pyon_node *node)
{
    return is_one_of(node, KINDS_OF_ARRAY) ? node->array : NULL;
}
