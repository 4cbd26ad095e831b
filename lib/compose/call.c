/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Calls: {"__jsonclass__": [NAME, ARGUMENTS]} of version 2, NAME(ARGUMENTS) of version 1.
 *
 * A call notes the place of its arguments on the stack. At its end they become the value that the
 * call stands for (construct.c). If they do not fit, they become the members of a node for the
 * call.
 */
#include "compose/call.h"

#include "compose/builder.h"

#include <stdlib.h>

_Static_assert(sizeof(struct signature) % _Alignof(struct members) == 0,
               "a signature stands right before members");

/* The parser of version 1 asks this about a name that it does not know itself. */
bool pyon_tree_callable(void *self, const char *name, size_t length)
{
    struct pyon_tree_builder *builder = self;

    (void)name;
    (void)length;
    builder->foreign = true;
    return true;
}

static PYON_COLD int grow_calls(struct pyon_tree_builder *builder)
{
    size_t capacity = builder->call_capacity > 0 ? 2 * builder->call_capacity : 16;
    struct open_call *calls = NULL;

    if (capacity <= SIZE_MAX / sizeof *calls)
        calls = realloc(builder->calls, capacity * sizeof *calls);
    if (!calls)
        return pyon_tree_fail(builder, PYON_ERROR_MEMORY);
    builder->calls = calls;
    builder->call_capacity = capacity;
    return 0;
}

int pyon_tree_call_begin(void *self, const char *name, size_t length)
{
    struct pyon_tree_builder *builder = self;
    struct open_call *call;
    char *copy;

    if (builder->call_count == builder->call_capacity && grow_calls(builder) < 0)
        return -1;
    copy = pyon_tree_text(builder, name, length);
    if (!copy)
        return -1;
    call = &builder->calls[builder->call_count++];
    *call = (struct open_call){.base = builder->count, .name = {copy, length}};
    call->constructor = builder->foreign ? CONSTRUCTOR_OTHER : pyon_find_constructor(name, length);
    builder->foreign = false;
    return 0;
}

/* A name is a string on the stack, before its value. */
int pyon_tree_keyword(void *self, const char *name, size_t length)
{
    struct pyon_tree_builder *builder = self;
    const char *copy = pyon_tree_text(builder, name, length);
    struct pyon_node node = {.kind = PYON_KIND_STRING, .size = length, .text = copy};

    return copy ? pyon_tree_push(builder, &node) : -1;
}

/* Members with a signature before them. */
static struct members *new_members(struct pyon_tree_builder *builder, size_t count)
{
    struct signature *signature = NULL;
    struct members *members;

    if (count <= (SIZE_MAX / 2 - sizeof *signature - sizeof *members) / sizeof *members->nodes)
        signature = pyon_tree_take(
            builder, sizeof *signature + sizeof *members + count * sizeof *members->nodes,
            _Alignof(struct members));
    else
        pyon_tree_fail(builder, PYON_ERROR_MEMORY);
    if (!signature)
        return NULL;
    members = (struct members *)(void *)(signature + 1);
    members->parent = NULL;
    return members;
}

/* Makes the names of `count` keyword arguments. */
static struct text *copy_keywords(struct pyon_tree_builder *builder, const struct pyon_node *pairs,
                                  size_t count)
{
    struct text *keywords =
        pyon_tree_take(builder, count * sizeof *keywords, /* are nodes already */
                       _Alignof(struct text));

    for (size_t i = 0; keywords && i < count; i++)
        keywords[i] = (struct text){pairs[2 * i].text, pairs[2 * i].size};
    return keywords;
}

/* A node for a call that stands for no other kind. */
static int make_call(struct pyon_tree_builder *builder, const struct text *name,
                     const struct arguments *arguments, struct pyon_node *value)
{
    size_t count = arguments->count, keywords = arguments->keywords;
    struct members *members = new_members(builder, count + keywords);
    struct signature *signature;

    if (!members)
        return -1;
    signature = (struct signature *)(void *)members - 1;
    *signature = (struct signature){.name = *name, .positional = count};
    if (keywords > 0) {
        signature->keywords = copy_keywords(builder, arguments->nodes + count, keywords);
        if (!signature->keywords)
            return -1;
    }
    if (count > 0)
        memcpy(members->nodes, arguments->nodes, count * sizeof *members->nodes);
    for (size_t i = 0; i < keywords; i++)
        members->nodes[count + i] = arguments->nodes[count + 2 * i + 1];
    *value =
        (struct pyon_node){.kind = PYON_KIND_CALL, .size = count + keywords, .members = members};
    pyon_tree_adopt(value);
    return 0;
}

/* Puts the value of a call in the place of its arguments. */
static int end_call(struct pyon_tree_builder *builder, const struct open_call *call,
                    const struct arguments *arguments, struct pyon_node *value)
{
    int status = 1;

    if (call->constructor != CONSTRUCTOR_OTHER)
        status = pyon_construct(builder, call->constructor, arguments, value);
    return status > 0 ? make_call(builder, &call->name, arguments, value) : status;
}

int pyon_tree_call_end(void *self, size_t count, size_t keywords)
{
    struct pyon_tree_builder *builder = self;
    struct open_call call = builder->calls[--builder->call_count];
    struct pyon_node *nodes = stack_from(builder, call.base), value;

    if (call.made == count && count > 0 && keywords == 0) {
        value = nodes[count - 1];
    } else {
        if (pyon_unmake(builder, &call) < 0)
            return -1;
        if (end_call(builder, &call, &(struct arguments){nodes, count, keywords}, &value) < 0)
            return -1;
    }
    builder->count = call.base;
    return pyon_tree_push(builder, &value);
}

int pyon_tree_call_undo(void *self, size_t arguments)
{
    static const char tag[] = "__jsonclass__";
    struct pyon_tree_builder *builder = self;
    struct open_call call = builder->calls[--builder->call_count];
    struct pyon_node list,
        name = {.kind = PYON_KIND_STRING, .size = call.name.length, .text = call.name.text};
    struct pyon_node key = {.kind = PYON_KIND_STRING, .size = sizeof tag - 1, .text = tag};

    if (pyon_unmake(builder, &call) < 0 ||
        pyon_tree_contain(builder, &list, PYON_KIND_LIST, stack_from(builder, call.base),
                          arguments) < 0)
        return -1;
    builder->count = call.base;
    if (pyon_tree_push(builder, &key) < 0 || pyon_tree_push(builder, &name) < 0)
        return -1;
    return pyon_tree_push(builder, &list);
}

/* Is it [NAME, [ARGUMENTS]]? In Python, tuples do as well as lists there. */
static bool is_class(const struct pyon_node *node)
{
    const struct pyon_node *items;

    if (!is_one_of(node, KIND_BIT(PYON_KIND_LIST) | KIND_BIT(PYON_KIND_TUPLE)) || node->size != 2)
        return false;
    items = node->members->nodes;
    return items[0].kind == PYON_KIND_STRING &&
           is_one_of(&items[1], KIND_BIT(PYON_KIND_LIST) | KIND_BIT(PYON_KIND_TUPLE));
}

/* Other keys are ignored. If it is no class, the dict stays, so that the caller can look at it. */
int pyon_tree_tagged(void *self, size_t length)
{
    static const char tag[] = "__jsonclass__";
    struct pyon_tree_builder *builder = self;
    struct pyon_node *nodes = stack_from(builder, builder->count - 2 * length), dict, value;
    const struct pyon_node *items;

    if (pyon_tree_contain(builder, &dict, PYON_KIND_DICT, nodes, 2 * length) < 0)
        return -1;
    items = pyon_node_find(&dict, tag, sizeof tag - 1);
    if (is_class(items)) {
        struct arguments arguments = {.count = items->members->nodes[1].size};
        struct open_call call = {
            .name = {items->members->nodes[0].text, items->members->nodes[0].size}};

        if (arguments.count > 0)
            arguments.nodes = items->members->nodes[1].members->nodes;
        call.constructor = pyon_find_constructor(call.name.text, call.name.length);
        if (end_call(builder, &call, &arguments, &value) < 0)
            return -1;
    } else {
        value = dict;
        value.flag = true;
    }
    builder->count -= 2 * length;
    return pyon_tree_push(builder, &value);
}
