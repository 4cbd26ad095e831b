/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Trees: what is read into one, written in its version and read again is the same value, unless the version
 * has no text for it; each key is found; what is written in the other version can be read there.
 */
#include "pyon_tree.h"
#include "support/fuzz.h"

/* Has it what becomes a pair of surrogates in version 1, or stops being one in version 2? */
static bool has_pairs(const struct pyon_dialect *dialect, const struct pyon_node *node)
{
    size_t length = 0;
    const char *text = pyon_node_text(node, &length);
    unsigned char least = dialect == &pyon_v1 ? 0xf0 : 0xed;

    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] >= least)
            return true;
    return false;
}

/* Has it what is another value when it is read again? Python's modules lose the same. */
static bool is_lost(const struct pyon_dialect *dialect, const struct pyon_node *node)
{
    enum pyon_kind kind = pyon_node_kind(node);

    if (kind == PYON_KIND_STRING || kind == PYON_KIND_CALL)
        return has_pairs(dialect, node);
    /* Signs of zeros; infj is no number; the empty set is written as a dict. */
    if (dialect == &pyon_v1)
        return kind == PYON_KIND_COMPLEX || (kind == PYON_KIND_SET && pyon_node_size(node) == 0);
    return kind == PYON_KIND_ORDERED || kind == PYON_KIND_SCALAR;
}

/* Looks at all that a node has. */
static void look(const struct pyon_node *node)
{
    const struct pyon_array *array = pyon_node_array(node);
    double real, imaginary;
    int64_t integer;

    pyon_node_integer(node, &integer);
    pyon_node_real(node, &real);
    pyon_node_complex(node, &real, &imaginary);
    for (size_t i = 0; array && i <= array->count && i < 100; i++)
        if (pyon_array_real(array, i, &real) == PYON_EXACT &&
            pyon_array_complex(array, i, &real, &imaginary) != PYON_EXACT)
            fuzz_fail("a real element is no complex one", array->dtype);
}

/* Is anything lost of what is in it? All keys that are strings are found. */
static bool loses(const struct pyon_dialect *dialect, const struct pyon_node *node)
{
    bool lost = is_lost(dialect, node);
    const struct pyon_node *member;

    look(node);
    for (size_t i = 0; (member = pyon_node_item(node, i)); i++)
        lost |= loses(dialect, member);
    for (size_t i = 0; (member = pyon_node_key(node, i)); i++) {
        size_t length;
        const char *text = pyon_node_text(member, &length);

        lost |= loses(dialect, member) | loses(dialect, pyon_node_value(node, i));
        if (pyon_node_kind(member) == PYON_KIND_STRING &&
            pyon_node_find(node, text, length) != pyon_node_value(node, i))
            fuzz_fail("a key is not found", text);
    }
    return lost;
}

/* The text of a node: new. NULL if the dialect has none. */
static char *write_text(const struct pyon_dialect *dialect, const struct pyon_node *node,
                        bool pretty, size_t *length)
{
    struct pyon_out out;
    struct pyon_writer writer;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, dialect, pretty);
    if (pyon_write_node(&writer, node, pretty, NULL, NULL) < 0) {
        if (out.code != PYON_ERROR_INEXPRESSIBLE)
            fuzz_fail("writing fails", pyon_error_message(out.code));
        pyon_out_free(&out);
        return NULL;
    }
    return pyon_out_detach(&out, length);
}

static void write_and_read(const struct pyon_dialect *dialect, const struct pyon_node *node,
                           bool lost, bool pretty)
{
    struct pyon_error error;
    size_t length;
    char *text = write_text(dialect, node, pretty, &length);
    struct pyon_tree *tree;

    if (!text)
        return;
    tree = pyon_tree_parse(dialect, text, length, NULL, &error);
    if (!tree && !lost)
        fuzz_fail(error.message, text);
    if (tree && !lost && !pyon_node_equal(node, pyon_tree_root(tree)))
        fuzz_fail("another value", text);
    pyon_tree_free(tree);
    free(text);
}

static void check(const struct pyon_dialect *dialect, const char *text, size_t size)
{
    const struct pyon_dialect *other = dialect == &pyon_v1 ? &pyon_v2 : &pyon_v1;
    struct pyon_options options = {.max_depth = 150};
    struct pyon_error error;
    struct pyon_tree *tree = pyon_tree_parse(dialect, text, size, &options, &error);
    const struct pyon_node *root;

    if (!tree)
        return;
    root = pyon_tree_root(tree);
    if (!pyon_node_equal(root, root))
        fuzz_fail("a value is not itself", text);
    for (int pretty = 0; pretty < 2; pretty++) {
        write_and_read(dialect, root, loses(dialect, root), pretty);
        write_and_read(other, root, true, pretty);
    }
    pyon_tree_free(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);

    check(&pyon_v1, text, size);
    check(&pyon_v2, text, size);
    free(text);
    return 0;
}
