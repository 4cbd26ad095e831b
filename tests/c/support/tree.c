/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Trees from events, and text from trees: see tree.h. A call or keyword that has begun stands on
 * the stack of values below its own values. Without memory it aborts.
 */
#include "tree.h"

#include "utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Trees ------------------------------------------------------------------------------- */

static void *allocate(size_t size)
{
    void *block = calloc(1, size > 0 ? size : 1);

    if (!block)
        abort();
    return block;
}

struct tree *tree_new(struct tree_maker *maker, enum tree_kind kind)
{
    struct tree *tree = allocate(sizeof *tree);

    tree->kind = kind;
    tree->next = maker->made;
    maker->made = tree;
    return tree;
}

/* Code points above U+FFFF become two surrogates. There is room for that: six bytes for four. */
static size_t put_units(char *to, const char *text, size_t length)
{
    const char *end = text + length;
    char *p = to;

    while (text < end) {
        uint32_t c;

        text = pyon_utf8_next(text, end, &c);
        if (!text)
            abort();
        if (c > 0xffff) {
            p = pyon_utf8_put(p, 0xd7c0 + (c >> 10));
            c = 0xdc00 | (c & 0x3ff);
        }
        p = pyon_utf8_put(p, c);
    }
    return (size_t)(p - to);
}

void tree_set_text(struct tree *tree, const char *text, size_t length)
{
    tree->text = allocate(length / 2 * 3 + 4);
    tree->length = length;
    if (tree->kind == TREE_STRING)
        tree->length = put_units(tree->text, text, length);
    else if (length > 0)
        memcpy(tree->text, text, length);
}

void tree_set_members(struct tree *tree, struct tree *const *members, size_t count)
{
    tree->members = allocate(count * sizeof *members);
    tree->count = count;
    if (count > 0)
        memcpy(tree->members, members, count * sizeof *members);
}

void tree_free(struct tree_maker *maker)
{
    for (struct tree *tree = maker->made, *next; tree; tree = next) {
        next = tree->next;
        free(tree->text);
        free(tree->members);
        free(tree);
    }
    free(maker->stack);
    *maker = (struct tree_maker){.height = 0};
}

static bool equal_reals(double a, double b)
{
    return isnan(a) ? isnan(b) : a == b && signbit(a) == signbit(b);
}

bool tree_equal(const struct tree *a, const struct tree *b)
{
    if (a->kind != b->kind || a->container != b->container || a->integer != b->integer ||
        !equal_reals(a->real, b->real) || !equal_reals(a->imaginary, b->imaginary) ||
        a->length != b->length || a->count != b->count ||
        (a->length > 0 && memcmp(a->text, b->text, a->length) != 0))
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!tree_equal(a->members[i], b->members[i]))
            return false;
    return true;
}

bool tree_has(const struct tree *tree, enum tree_kind kind)
{
    if (tree->kind == kind)
        return true;
    for (size_t i = 0; i < tree->count; i++)
        if (tree_has(tree->members[i], kind))
            return true;
    return false;
}

/* ---- Events ------------------------------------------------------------------------------ */

static struct tree *push_tree(struct tree_maker *maker, struct tree *tree)
{
    if (maker->height == maker->capacity) {
        maker->capacity = 2 * maker->capacity + 64;
        maker->stack = realloc(maker->stack, maker->capacity * sizeof *maker->stack);
        if (!maker->stack)
            abort();
    }
    return maker->stack[maker->height++] = tree;
}

static struct tree *push(struct tree_maker *maker, enum tree_kind kind)
{
    return push_tree(maker, tree_new(maker, kind));
}

/* Takes the members of one value off the stack; NULL if there are none. */
static struct tree *const *pop(struct tree_maker *maker, size_t count)
{
    if (count > maker->height)
        abort();
    maker->height -= count;
    return count > 0 ? maker->stack + maker->height : NULL;
}

static int push_text(struct tree_maker *maker, enum tree_kind kind, const char *text, size_t length)
{
    tree_set_text(push(maker, kind), text, length);
    return 0;
}

static int push_container(struct tree_maker *maker, enum pyon_container kind, size_t count)
{
    struct tree *tree = tree_new(maker, TREE_CONTAINER);

    tree->container = kind;
    tree_set_members(tree, pop(maker, count), count);
    push_tree(maker, tree);
    return 0;
}

static int null(void *self)
{
    push(self, TREE_NULL);
    return 0;
}

static int boolean(void *self, bool value)
{
    push(self, TREE_BOOLEAN)->integer = value;
    return 0;
}

static int integer(void *self, int64_t value)
{
    push(self, TREE_INTEGER)->integer = value;
    return 0;
}

static int bigint(void *self, const char *text, size_t length, unsigned base)
{
    struct tree *tree = push(self, TREE_BIGINT);

    tree->integer = base;
    tree_set_text(tree, text, length);
    return 0;
}

static int real(void *self, double value)
{
    push(self, TREE_REAL)->real = value;
    return 0;
}

static int complex_(void *self, double real, double imaginary)
{
    struct tree *tree = push(self, TREE_COMPLEX);

    tree->real = isfinite(real) && real != 0 ? real : 0;
    tree->imaginary = isfinite(imaginary) && imaginary != 0 ? imaginary : 0;
    return 0;
}

static int string(void *self, const char *utf8, size_t length, unsigned flags)
{
    (void)flags;
    return push_text(self, TREE_STRING, utf8, length);
}

static int bytes(void *self, const char *data, size_t length, unsigned flags)
{
    (void)flags;
    return push_text(self, TREE_BYTES, data, length);
}

static int list(void *self, size_t length, unsigned flags)
{
    (void)flags;
    return push_container(self, PYON_CONTAINER_LIST, length);
}

static int tuple(void *self, size_t length, unsigned flags)
{
    (void)flags;
    return push_container(self, PYON_CONTAINER_TUPLE, length);
}

static int set(void *self, size_t length)
{
    return push_container(self, PYON_CONTAINER_SET, length);
}

static int dict(void *self, size_t length)
{
    return push_container(self, PYON_CONTAINER_DICT, 2 * length);
}

/* The characters that may stand in the name of a call. */
static bool is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\')
            return false;
    return true;
}

/* Is it [name, [arguments]]? */
static bool is_call(const struct tree *tree)
{
    return tree->kind == TREE_CONTAINER && tree->container == PYON_CONTAINER_LIST &&
           tree->count == 2 && tree->members[0]->kind == TREE_STRING &&
           is_plain(tree->members[0]->text, tree->members[0]->length) &&
           tree->members[1]->kind == TREE_CONTAINER &&
           tree->members[1]->container == PYON_CONTAINER_LIST;
}

/* A call whose text is not the usual one; with escapes in the key, for instance. */
static int tagged(void *self, size_t length)
{
    struct tree_maker *maker = self;
    struct tree *value = maker->stack[maker->height - 1], *call;

    if (length != 1 || !is_call(value))
        return push_container(maker, PYON_CONTAINER_DICT, 2 * length);
    pop(maker, 2);
    push_text(maker, TREE_CALL, value->members[0]->text, value->members[0]->length);
    call = maker->stack[maker->height - 1];
    tree_set_members(call, value->members[1]->members, value->members[1]->count);
    return 0;
}

static int call_begin(void *self, const char *name, size_t length)
{
    return push_text(self, TREE_CALL, name, length);
}

static int keyword(void *self, const char *name, size_t length)
{
    return push_text(self, TREE_KEYWORD, name, length);
}

static int call_end(void *self, size_t arguments, size_t keywords)
{
    struct tree_maker *maker = self;
    struct tree *const *members = pop(maker, arguments + 2 * keywords);
    struct tree *call = maker->stack[maker->height - 1];

    if (call->kind != TREE_CALL)
        abort();
    tree_set_members(call, members, arguments + keywords);
    for (size_t i = 0; i < keywords; i++) {
        struct tree *const *pair = members + arguments + 2 * i;

        if (pair[0]->kind != TREE_KEYWORD)
            abort();
        tree_set_members(pair[0], pair + 1, 1);
        call->members[arguments + i] = pair[0];
    }
    return 0;
}

static int call_undo(void *self, size_t arguments)
{
    struct tree_maker *maker = self;
    struct tree *list, *call;

    push_container(maker, PYON_CONTAINER_LIST, arguments);
    list = *pop(maker, 1);
    call = *pop(maker, 1);
    push_text(maker, TREE_STRING, "__jsonclass__", strlen("__jsonclass__"));
    push_text(maker, TREE_STRING, call->text, call->length);
    push_tree(maker, list);
    return 0;
}

static const struct pyon_builder tree_builder = {
    .null = null,
    .boolean = boolean,
    .integer = integer,
    .bigint = bigint,
    .real = real,
    .complex_number = complex_,
    .string = string,
    .bytes = bytes,
    .list = list,
    .tuple = tuple,
    .set = set,
    .dict = dict,
    .tagged = tagged,
    .call_begin = call_begin,
    .keyword = keyword,
    .call_end = call_end,
    .call_undo = call_undo,
};

struct tree *tree_parse(struct tree_maker *maker, const struct pyon_dialect *dialect,
                        const char *text, size_t length, const struct pyon_options *options,
                        struct pyon_error *error)
{
    maker->height = 0;
    if (pyon_parse(dialect, text, length, &tree_builder, maker, options, error) < 0)
        return NULL;
    if (maker->height != 1)
        abort();
    return maker->stack[0];
}

/* ---- Text -------------------------------------------------------------------------------- */

static bool has_pairs(enum pyon_container kind)
{
    return kind == PYON_CONTAINER_DICT || kind == PYON_CONTAINER_PAIRS ||
           kind == PYON_CONTAINER_ORDERED;
}

bool tree_has_keys(const struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i += 2)
        if (tree->members[i]->kind != TREE_STRING)
            return false;
    return true;
}

/* For the writer, a dict whose keys are not all strings is a kind of its own. */
static enum pyon_container kind_of(const struct tree *tree)
{
    return tree->container == PYON_CONTAINER_DICT && !tree_has_keys(tree) ? PYON_CONTAINER_PAIRS
                                                                          : tree->container;
}

static int write_pair(struct pyon_writer *writer, enum pyon_container kind,
                      struct tree *const *pair)
{
    if (pyon_write_pair_begin(writer, kind) < 0 || tree_write(writer, pair[0]) < 0 ||
        pyon_write_pair_middle(writer, kind) < 0 || tree_write(writer, pair[1]) < 0)
        return -1;
    return pyon_write_pair_end(writer, kind);
}

static int write_container(struct pyon_writer *writer, const struct tree *tree)
{
    enum pyon_container kind = kind_of(tree);
    size_t step = has_pairs(kind) ? 2 : 1, length = tree->count / step;

    if (pyon_write_begin(writer, kind, length) < 0)
        return -1;
    for (size_t i = 0; i < length; i++)
        if ((i > 0 && pyon_write_next(writer, kind, length) < 0) ||
            (step == 2 ? write_pair(writer, kind, tree->members + 2 * i)
                       : tree_write(writer, tree->members[i])) < 0)
            return -1;
    return pyon_write_end(writer, kind, length);
}

static int write_call(struct pyon_writer *writer, const struct tree *tree)
{
    if (pyon_write_call_begin(writer, tree->text, tree->length, tree->count) < 0)
        return -1;
    for (size_t i = 0; i < tree->count; i++)
        if ((i > 0 && pyon_write_call_next(writer, tree->count) < 0) ||
            tree_write(writer, tree->members[i]) < 0)
            return -1;
    return pyon_write_call_end(writer, tree->count);
}

static int write_keyword(struct pyon_writer *writer, const struct tree *tree)
{
    if (pyon_write_raw(writer, tree->text, tree->length) < 0 || pyon_write_raw(writer, "=", 1) < 0)
        return -1;
    return tree_write(writer, tree->members[0]);
}

static int write_bigint(struct pyon_writer *writer, const struct tree *tree)
{
    static const char *const prefixes[] = {[2] = "0b", [8] = "0o", [10] = "", [16] = "0x"};
    const char *prefix = prefixes[tree->integer];
    size_t sign = tree->text[0] == '-';

    if (pyon_write_raw(writer, tree->text, sign) < 0 ||
        pyon_write_raw(writer, prefix, strlen(prefix)) < 0)
        return -1;
    return pyon_write_raw(writer, tree->text + sign, tree->length - sign);
}

int tree_write(struct pyon_writer *writer, const struct tree *tree)
{
    switch (tree->kind) {
    case TREE_NULL:
        return pyon_write_null(writer);
    case TREE_BOOLEAN:
        return pyon_write_boolean(writer, tree->integer);
    case TREE_INTEGER:
        return pyon_write_integer(writer, tree->integer);
    case TREE_BIGINT:
        return write_bigint(writer, tree);
    case TREE_REAL:
        return pyon_write_real(writer, tree->real);
    case TREE_COMPLEX:
        return pyon_write_complex(writer, tree->real, tree->imaginary);
    case TREE_STRING:
        return pyon_write_string(writer, tree->text, tree->length);
    case TREE_BYTES:
        return pyon_write_bytes(writer, tree->text, tree->length);
    case TREE_CONTAINER:
        return write_container(writer, tree);
    case TREE_CALL:
        return write_call(writer, tree);
    case TREE_KEYWORD:
        return write_keyword(writer, tree);
    }
    return -1;
}

char *tree_text(const struct tree *tree, const struct pyon_dialect *dialect, bool pretty,
                size_t *length)
{
    struct pyon_out out;
    struct pyon_writer writer;
    char *text;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, dialect, pretty);
    if (tree_write(&writer, tree) < 0 || !(text = pyon_out_detach(&out, length)))
        abort();
    return text;
}
