/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Events to a tree: scalars, containers, and the tree itself. Calls are in call.c. */
#include "compose/builder.h"

#include "compose/call.h"
#include "tree/index.h"
#include "tree/numeric.h"

#include <stdlib.h>

struct pyon_tree {
    struct arena arena;
    struct pyon_node root;
};

/* ---- The stack and the arena ---- */

PYON_COLD int pyon_tree_fail(struct pyon_tree_builder *builder, enum pyon_error_code code)
{
    builder->code = code;
    return -1;
}

static PYON_COLD int grow_stack(struct pyon_tree_builder *builder)
{
    size_t capacity = builder->capacity > 0 ? 2 * builder->capacity : 64;
    struct pyon_node *stack = NULL;

    if (capacity <= SIZE_MAX / sizeof *stack)
        stack = realloc(builder->stack, capacity * sizeof *stack);
    if (!stack)
        return pyon_tree_fail(builder, PYON_ERROR_MEMORY);
    builder->stack = stack;
    builder->capacity = capacity;
    return 0;
}

static inline int push(struct pyon_tree_builder *builder, struct pyon_node node)
{
    if (PYON_UNLIKELY(builder->count == builder->capacity) && grow_stack(builder) < 0)
        return -1;
    builder->stack[builder->count++] = node;
    return 0;
}

int pyon_tree_push(struct pyon_tree_builder *builder, const struct pyon_node *node)
{
    return push(builder, *node);
}

void *pyon_tree_take(struct pyon_tree_builder *builder, size_t size, size_t alignment)
{
    void *place = arena_take(&builder->arena, size, alignment);

    if (PYON_UNLIKELY(!place))
        pyon_tree_fail(builder, PYON_ERROR_MEMORY);
    return place;
}

char *pyon_tree_text(struct pyon_tree_builder *builder, const char *text, size_t length)
{
    char *copy = length < SIZE_MAX ? pyon_tree_take(builder, length + 1, 1) : NULL;

    if (!copy)
        return NULL;
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

/* ---- Containers ---- */

void pyon_tree_adopt(struct pyon_node *node)
{
    struct members *members = node->members;
    size_t count = member_count(node);

    for (size_t i = 0; i < count; i++)
        if (is_one_of(&members->nodes[i], KINDS_OF_MEMBERS) && members->nodes[i].members) {
            members->nodes[i].members->parent = members;
            members->nodes[i].members->place = i;
        }
}

/* Members with room for an index; NULL without memory. */
static struct members *new_members(struct pyon_tree_builder *builder, size_t count, size_t index)
{
    struct members *members = NULL;

    if (index < SIZE_MAX / 2 && count <= (SIZE_MAX / 2 - sizeof *members) / sizeof *members->nodes)
        members = pyon_tree_take(builder, sizeof *members + count * sizeof *members->nodes + index,
                                 _Alignof(struct members));
    else
        pyon_tree_fail(builder, PYON_ERROR_MEMORY);
    if (members)
        members->parent = NULL;
    return members;
}

int pyon_tree_contain(struct pyon_tree_builder *builder, struct pyon_node *node,
                      enum pyon_kind kind, const struct pyon_node *nodes, size_t count)
{
    bool pairs = (KINDS_OF_PAIRS >> kind & 1) != 0, folds = pairs || kind == PYON_KIND_SET;
    size_t step = pairs ? 2 : 1, size = count / step;

    *node = (struct pyon_node){.kind = (unsigned char)kind, .size = size};
    if (count == 0)
        return 0;
    node->members = new_members(builder, count, folds ? pyon_index_size(size) : 0);
    if (!node->members)
        return -1;
    if (folds)
        node->size = pyon_index_fold(node->members, nodes, size, step);
    else
        memcpy(node->members->nodes, nodes, count * sizeof *nodes);
    pyon_tree_adopt(node);
    return 0;
}

/* Takes nodes off the stack: they become members of a container. */
static int contain(struct pyon_tree_builder *builder, enum pyon_kind kind, size_t count)
{
    struct pyon_node node;

    if (pyon_tree_contain(builder, &node, kind, stack_from(builder, builder->count - count),
                          count) < 0)
        return -1;
    builder->count -= count;
    return push(builder, node);
}

/* ---- Events ---- */

static int null(void *self)
{
    return push(self, (struct pyon_node){.kind = PYON_KIND_NULL});
}

static int boolean(void *self, bool value)
{
    return push(self, (struct pyon_node){.kind = PYON_KIND_BOOLEAN, .flag = value});
}

static int integer(void *self, int64_t value)
{
    return push(self, (struct pyon_node){.kind = PYON_KIND_INTEGER, .integer = value});
}

static int bigint(void *self, const char *text, size_t length, unsigned base)
{
    struct pyon_tree_builder *builder = self;
    struct pyon_node node;
    struct big big;
    enum pyon_error_code code;

    if (base == 10 && length - (*text == '-') > PYON_BIG_DIGITS)
        return pyon_tree_fail(builder, PYON_ERROR_LARGE);
    if (!pyon_big_from_text(&big, text, length, base))
        return pyon_tree_fail(builder, PYON_ERROR_LARGE);
    code = pyon_set_big(&node, &builder->arena, &big);
    return code != PYON_OK ? pyon_tree_fail(builder, code) : push(builder, node);
}

static int real(void *self, double value)
{
    return push(self, (struct pyon_node){.kind = PYON_KIND_REAL, .real = value});
}

static int complex_number(void *self, double real, double imaginary)
{
    return push(
        self, (struct pyon_node){.kind = PYON_KIND_COMPLEX, .real = real, .imaginary = imaginary});
}

static int text(struct pyon_tree_builder *builder, enum pyon_kind kind, const char *text,
                size_t length, bool ascii)
{
    const char *copy = pyon_tree_text(builder, text, length);

    if (!copy)
        return -1;
    return push(builder,
                (struct pyon_node){
                    .kind = (unsigned char)kind, .flag = ascii, .size = length, .text = copy});
}

static int string(void *self, const char *utf8, size_t length, unsigned flags)
{
    return text(self, PYON_KIND_STRING, utf8, length, flags & PYON_FLAG_ASCII);
}

static int bytes(void *self, const char *data, size_t length, unsigned flags)
{
    (void)flags;
    return text(self, PYON_KIND_BYTES, data, length, false);
}

static int list(void *self, size_t length, unsigned flags)
{
    (void)flags;
    return contain(self, PYON_KIND_LIST, length);
}

static int tuple(void *self, size_t length, unsigned flags)
{
    (void)flags;
    return contain(self, PYON_KIND_TUPLE, length);
}

static int set(void *self, size_t length)
{
    return contain(self, PYON_KIND_SET, length);
}

static int dict(void *self, size_t length)
{
    return contain(self, PYON_KIND_DICT, 2 * length);
}

const struct pyon_builder pyon_tree_events = {
    .null = null,
    .boolean = boolean,
    .integer = integer,
    .bigint = bigint,
    .real = real,
    .complex_number = complex_number,
    .string = string,
    .bytes = bytes,
    .list = list,
    .tuple = tuple,
    .set = set,
    .dict = dict,
    .tagged = pyon_tree_tagged,
    .call_begin = pyon_tree_call_begin,
    .keyword = pyon_tree_keyword,
    .call_end = pyon_tree_call_end,
    .call_undo = pyon_tree_call_undo,
    .callable = pyon_tree_callable,
    .payload = pyon_tree_payload,
    .payload_begin = pyon_tree_payload_begin,
    .payload_end = pyon_tree_payload_end,
    .arithmetic = pyon_tree_arithmetic,
};

/* ---- Builders ---- */

struct pyon_tree_builder *pyon_tree_builder_new(void)
{
    return calloc(1, sizeof(struct pyon_tree_builder));
}

/* Forgets all but its memory. */
static void forget(struct pyon_tree_builder *builder)
{
    pyon_block_free(builder->payload);
    builder->payload = NULL;
    builder->count = 0;
    builder->call_count = 0;
    builder->foreign = false;
    builder->spent = 0;
    builder->code = PYON_OK;
}

void pyon_tree_builder_reset(struct pyon_tree_builder *builder)
{
    pyon_arena_free(&builder->arena);
    forget(builder);
}

void pyon_tree_builder_free(struct pyon_tree_builder *builder)
{
    if (!builder)
        return;
    pyon_tree_builder_reset(builder);
    free(builder->stack);
    free(builder->calls);
    free(builder);
}

static bool is_whole(const struct pyon_tree_builder *builder)
{
    return builder->count == 1 && builder->call_count == 0;
}

int pyon_tree_builder_replace(struct pyon_tree_builder *builder, struct pyon_tree *tree)
{
    struct arena old = tree->arena;

    if (!is_whole(builder)) {
        pyon_tree_builder_reset(builder);
        return -1;
    }
    tree->arena = builder->arena;
    tree->root = builder->stack[0];
    pyon_arena_reset(&old);
    builder->arena = old;
    forget(builder);
    return 0;
}

struct pyon_tree *pyon_tree_builder_take(struct pyon_tree_builder *builder)
{
    struct pyon_tree *tree = is_whole(builder) ? malloc(sizeof *tree) : NULL;

    if (tree) {
        tree->arena = builder->arena;
        tree->root = builder->stack[0];
        builder->arena = (struct arena){.cur = NULL};
    }
    pyon_tree_builder_reset(builder);
    return tree;
}

enum pyon_error_code pyon_tree_builder_code(const struct pyon_tree_builder *builder)
{
    return builder->code;
}

/* ---- Trees ---- */

static struct pyon_tree *fail(struct pyon_error *error, enum pyon_error_code code)
{
    error->code = code;
    error->message = pyon_error_message(code);
    return NULL;
}

struct pyon_tree *pyon_tree_parse(const struct pyon_dialect *dialect, const char *text,
                                  size_t length, const struct pyon_options *options,
                                  struct pyon_error *error)
{
    struct pyon_tree_builder builder = {.count = 0};
    struct pyon_tree *tree = NULL;

    *error = (struct pyon_error){.code = PYON_OK};
    if (pyon_parse(dialect, text, length, &pyon_tree_events, &builder, options, error) < 0) {
        if (error->code == PYON_ERROR_HOST)
            fail(error, builder.code);
    } else {
        tree = pyon_tree_builder_take(&builder);
        if (!tree)
            fail(error, PYON_ERROR_MEMORY);
    }
    pyon_tree_builder_reset(&builder);
    free(builder.stack);
    free(builder.calls);
    return tree;
}

void pyon_tree_free(struct pyon_tree *tree)
{
    if (!tree)
        return;
    pyon_arena_free(&tree->arena);
    free(tree);
}

const struct pyon_node *pyon_tree_root(const struct pyon_tree *tree)
{
    return &tree->root;
}
