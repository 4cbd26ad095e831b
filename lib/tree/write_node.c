/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Trees to text. Open containers are frames on a stack of their own: so depth is bounded by memory,
 * and not by the stack of a thread.
 *
 * The writer knows how each value is laid out; this file decides which calls of the writer a node
 * becomes. There are three manners: version 1, version 2, and the members of a slice of version 1,
 * which Python writes by repr().
 */
#include "dialect.h"
#include "tree/node.h"
#include "tree/repr.h"

#include <stdlib.h>

/* ---- Differences of the dialects ----------------------------------------------------------- */

struct manner {
    const struct pyon_spelling *spelling;
    const struct pyon_spelling *slice; /* for the members of a slice */
    int (*string)(struct pyon_writer *writer, const char *utf8, size_t length);
    bool names;   /* names of calls are identifiers, and arguments may have names */
    bool tags;    /* a dict may not have the key "__jsonclass__" */
    bool ordered; /* there are OrderedDicts */
    bool numbers; /* some scalars of NumPy are numbers and strings */
    const char
        *refused; /* why arrays, scalars, calls and the empty set cannot be written; or NULL */
};

static const char in_slice[] = "there is no such value in a slice of version 1";

static const struct manner manners[] = {
    {&pyon_spelling_v1, &pyon_spelling_repr, pyon_write_string, true, false, true, false, NULL},
    {&pyon_spelling_v2, &pyon_spelling_v2, pyon_write_string, false, true, false, true, NULL},
    {&pyon_spelling_repr, &pyon_spelling_repr, pyon_write_repr, true, false, true, false, in_slice},
};

static const struct manner *find_manner(const struct pyon_spelling *spelling)
{
    const struct manner *manner = manners;

    while (manner->spelling != spelling)
        manner++;
    return manner;
}

/* ---- Frames -------------------------------------------------------------------------------- */

#define FIRST_FRAMES 32
#define RUN 256 /* real numbers that are written at once */

struct frame {
    const struct pyon_node *node;
    size_t at;     /* the next member */
    size_t *order; /* new: the numbers of the pairs, sorted; or NULL */
    enum pyon_container container;
    bool call;                            /* it is written as a call, not as a container */
    const struct pyon_spelling *spelling; /* of the container around it */
};

struct node_writer {
    struct pyon_writer *writer;
    const struct manner *manner;
    bool sorted;
    struct frame first_frames[FIRST_FRAMES], *frames;
    size_t depth, capacity;
    const struct pyon_node *where; /* the node that cannot be written, */
    const char *why;
};

static int fail_memory(struct node_writer *self)
{
    self->writer->out->code = PYON_ERROR_MEMORY;
    return -1;
}

static int refuse(struct node_writer *self, const struct pyon_node *node, const char *why)
{
    self->writer->out->code = PYON_ERROR_INEXPRESSIBLE;
    self->where = node;
    self->why = why;
    return -1;
}

static PYON_COLD int grow_frames(struct node_writer *self)
{
    struct frame *old = self->frames == self->first_frames ? NULL : self->frames, *frames = NULL;
    size_t capacity = 2 * self->capacity;

    if (capacity <= SIZE_MAX / sizeof *frames)
        frames = realloc(old, capacity * sizeof *frames);
    if (!frames)
        return fail_memory(self);
    if (!old)
        memcpy(frames, self->first_frames, sizeof self->first_frames);
    self->frames = frames;
    self->capacity = capacity;
    return 0;
}

/* ---- Sorting ------------------------------------------------------------------------------- */

static bool has_string_keys(const struct pyon_node *node)
{
    for (size_t i = 0; i < node->size; i++)
        if (node->members->nodes[2 * i].kind != PYON_KIND_STRING)
            return false;
    return true;
}

/* The order of UTF-8 is that of the code points. No two keys are equal. */
static bool precedes(const struct pyon_node *a, const struct pyon_node *b)
{
    size_t length = a->size < b->size ? a->size : b->size;
    int order = memcmp(a->text, b->text, length);

    return order != 0 ? order < 0 : a->size < b->size;
}

/* Merges two sorted halves of `order`, by way of `spare`. */
static void merge(const struct pyon_node *nodes, size_t *order, size_t *spare, size_t middle,
                  size_t count)
{
    size_t i = 0, j = middle;

    for (size_t k = 0; k < count; k++) {
        bool left =
            i < middle && (j == count || !precedes(&nodes[2 * order[j]], &nodes[2 * order[i]]));

        spare[k] = left ? order[i++] : order[j++];
    }
    memcpy(order, spare, count * sizeof *order);
}

/* Sorts by merging: runs of one, then of two, four, .... */
static size_t *sort_pairs(const struct pyon_node *node)
{
    size_t count = node->size;
    size_t *order = malloc(2 * count * sizeof *order); /* no overflow: a node is larger */

    if (!order)
        return NULL;
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t width = 1; width < count; width *= 2)
        for (size_t i = 0; i + width < count; i += 2 * width)
            merge(node->members->nodes, order + i, order + count, width,
                  count - i < 2 * width ? count - i : 2 * width);
    return order;
}

/* ---- Names --------------------------------------------------------------------------------- */

/* Names that Python does not take as names, and names that this format takes for constants. */
static bool is_reserved(const char *text, size_t length)
{
    static const char *const words[] = {
        "False",   "None",     "True",     "and",    "as",   "assert", "async",  "await",
        "break",   "class",    "continue", "def",    "del",  "elif",   "else",   "except",
        "finally", "for",      "from",     "global", "if",   "import", "in",     "is",
        "lambda",  "nonlocal", "not",      "or",     "pass", "raise",  "return", "try",
        "while",   "with",     "yield",    "null",   "true", "false",  "nan",    "inf",
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
            return true;
    return false;
}

static bool is_identifier(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return length > 0 && !is_reserved(text, length);
}

/* ---- Calls --------------------------------------------------------------------------------- */

/* The name of a call as a string of version 2, with its escapes and without its quotes. */
static int begin_escaped(struct node_writer *self, const struct text *name, size_t count)
{
    struct pyon_out out;
    struct pyon_writer writer = *self->writer;
    int status;

    pyon_out_init(&out);
    writer.out = &out;
    status = pyon_write_string(&writer, name->text, name->length);
    if (status < 0)
        self->writer->out->code = out.code;
    else
        status = pyon_write_call_begin(self->writer, out.start + 1,
                                       (size_t)(out.cur - out.start) - 2, count);
    pyon_out_free(&out);
    return status;
}

static int begin_call(struct node_writer *self, const struct pyon_node *node)
{
    const struct signature *signature = signature_of(node);

    if (self->manner->refused)
        return refuse(self, node, self->manner->refused);
    if (!self->manner->names) {
        if (signature->positional < node->size)
            return refuse(self, node, "version 2 has no keyword arguments");
        return begin_escaped(self, &signature->name, node->size);
    }
    if (!is_identifier(signature->name.text, signature->name.length))
        return refuse(self, node, "in version 1 the name of a call is an identifier");
    return pyon_write_call_begin(self->writer, signature->name.text, signature->name.length,
                                 node->size);
}

/* Writes "name=" before an argument that has a name; such arguments come from version 1 only. */
static int write_keyword(struct node_writer *self, const struct frame *frame)
{
    size_t length;
    const char *name = pyon_node_keyword(frame->node, frame->at, &length);

    if (!name)
        return 0;
    if (pyon_write_raw(self->writer, name, length) < 0)
        return -1;
    return pyon_write_raw(self->writer, "=", 1);
}

/* ---- Containers ---------------------------------------------------------------------------- */

static bool has_tag(const struct pyon_node *node)
{
    static const char tag[] = "__jsonclass__";

    return pyon_node_find(node, tag, sizeof tag - 1) != NULL;
}

/* The kind that a dict is written as. A dict with the key that marks classes must not look like a
   class, unless it stood like that in a text. */
static enum pyon_container container_of_pairs(const struct node_writer *self,
                                              const struct pyon_node *node)
{
    if (node->kind == PYON_KIND_ORDERED && self->manner->ordered)
        return PYON_CONTAINER_ORDERED;
    if (!has_string_keys(node) || (self->manner->tags && !node->flag && has_tag(node)))
        return PYON_CONTAINER_PAIRS;
    return PYON_CONTAINER_DICT;
}

static int begin_pairs(struct node_writer *self, struct frame *frame)
{
    const struct pyon_node *node = frame->node;

    frame->container = container_of_pairs(self, node);
    if (self->sorted && frame->container != PYON_CONTAINER_ORDERED && node->size > 1 &&
        has_string_keys(node)) {
        frame->order = sort_pairs(node);
        if (!frame->order)
            return fail_memory(self);
    }
    return pyon_write_begin(self->writer, frame->container, node->size);
}

static int begin_container(struct node_writer *self, struct frame *frame)
{
    const struct pyon_node *node = frame->node;

    switch (node->kind) {
    case PYON_KIND_LIST:
        frame->container = PYON_CONTAINER_LIST;
        break;
    case PYON_KIND_TUPLE:
        frame->container = PYON_CONTAINER_TUPLE;
        break;
    case PYON_KIND_SET:
        if (self->manner->refused && node->size == 0)
            return refuse(self, node, self->manner->refused);
        frame->container = PYON_CONTAINER_SET;
        break;
    case PYON_KIND_SLICE:
        frame->call = true;
        return pyon_write_call_begin(self->writer, "slice", 5, node->size);
    case PYON_KIND_FRACTION:
        frame->call = true;
        return pyon_write_call_begin(self->writer, "Fraction", 8, node->size);
    case PYON_KIND_CALL:
        frame->call = true;
        return begin_call(self, node);
    default:
        return begin_pairs(self, frame);
    }
    return pyon_write_begin(self->writer, frame->container, node->size);
}

static void use_spelling(struct node_writer *self, const struct pyon_spelling *spelling)
{
    if (self->writer->spelling == spelling)
        return;
    self->writer->spelling = spelling;
    self->manner = find_manner(spelling);
}

static int open_frame(struct node_writer *self, const struct pyon_node *node)
{
    struct frame *frame;

    if (self->depth == self->capacity && grow_frames(self) < 0)
        return -1;
    frame = &self->frames[self->depth++];
    *frame = (struct frame){.node = node, .spelling = self->writer->spelling};
    if (begin_container(self, frame) < 0)
        return -1;
    if (node->kind == PYON_KIND_SLICE)
        use_spelling(self, self->manner->slice);
    return 0;
}

static int close_frame(struct node_writer *self)
{
    struct frame *frame = &self->frames[--self->depth];
    size_t size = frame->node->size;

    use_spelling(self, frame->spelling);
    free(frame->order);
    frame->order = NULL;
    return frame->call ? pyon_write_call_end(self->writer, size)
                       : pyon_write_end(self->writer, frame->container, size);
}

/* ---- Scalars ------------------------------------------------------------------------------- */

/* A string of NumPy: code points, without the NULs at its end. */
static int write_code_points(struct node_writer *self, const struct pyon_array *array)
{
    return pyon_write_code_points(self->writer, array->data, array->item_size / 4, 4);
}

static int write_scalar(struct node_writer *self, const struct pyon_node *node)
{
    const struct pyon_array *array = node->array;
    double real;

    if (self->manner->refused)
        return refuse(self, node, self->manner->refused);
    if (self->manner->numbers && array->kind == 'f' && array->item_size == sizeof real) {
        pyon_array_real(array, 0, &real);
        return pyon_write_real(self->writer, real);
    }
    if (self->manner->numbers && array->kind == 'U')
        return write_code_points(self, array);
    return pyon_write_scalar(self->writer, array->dtype, array->data, array->item_size);
}

static int write_array(struct node_writer *self, const struct pyon_node *node)
{
    const struct pyon_array *array = node->array;

    if (self->manner->refused)
        return refuse(self, node, self->manner->refused);
    return pyon_write_array(self->writer, array->shape, array->ndim, array->dtype, array->data,
                            array->count * array->item_size);
}

/* Is it a string of ASCII? Then each byte is a code point. */
static bool is_plain_string(const struct node_writer *self, const struct pyon_node *node)
{
    return node->kind == PYON_KIND_STRING && node->flag &&
           self->manner->string == pyon_write_string;
}

static int write_string(struct node_writer *self, const struct pyon_node *node)
{
    if (is_plain_string(self, node))
        return pyon_write_code_points(self->writer, node->text, node->size, 1);
    return self->manner->string(self->writer, node->text, node->size);
}

/* Writes a node. If it has members, opens its frame. */
static int write_node(struct node_writer *self, const struct pyon_node *node)
{
    switch (node->kind) {
    case PYON_KIND_NULL:
        return pyon_write_null(self->writer);
    case PYON_KIND_BOOLEAN:
        return pyon_write_boolean(self->writer, node->flag);
    case PYON_KIND_INTEGER:
        return pyon_write_integer(self->writer, node->integer);
    case PYON_KIND_BIGINT:
        return pyon_write_raw(self->writer, node->text, node->size);
    case PYON_KIND_REAL:
        return pyon_write_real(self->writer, node->real);
    case PYON_KIND_COMPLEX:
        return pyon_write_complex(self->writer, node->real, node->imaginary);
    case PYON_KIND_STRING:
        return write_string(self, node);
    case PYON_KIND_BYTES:
        return pyon_write_bytes(self->writer, node->text, node->size);
    case PYON_KIND_ARRAY:
        return write_array(self, node);
    case PYON_KIND_SCALAR:
        return write_scalar(self, node);
    default:
        return open_frame(self, node);
    }
}

/* ---- Members ------------------------------------------------------------------------------- */

static int write_next(struct node_writer *self, const struct frame *frame)
{
    size_t size = frame->node->size;

    return frame->call ? pyon_write_call_next(self->writer, size)
                       : pyon_write_next(self->writer, frame->container, size);
}

/* Writes a key, and its value too if the key is plain. Else the value is the next member. */
static int write_pair_member(struct node_writer *self, struct frame *frame)
{
    struct pyon_writer *writer = self->writer;
    enum pyon_container container = frame->container;
    size_t at = frame->at++, pair = frame->order ? frame->order[at / 2] : at / 2;
    const struct pyon_node *key = &frame->node->members->nodes[2 * pair];

    if (at % 2 == 1)
        return pyon_write_pair_middle(writer, container) < 0 ? -1 : write_node(self, key + 1);
    if (at > 0 && (pyon_write_pair_end(writer, container) < 0 || write_next(self, frame) < 0))
        return -1;
    if (is_plain_string(self, key)) {
        frame->at++;
        if (pyon_write_key(writer, container, key->text, key->size, 1) < 0)
            return -1;
        return write_node(self, key + 1);
    }
    if (pyon_write_pair_begin(writer, container) < 0)
        return -1;
    return write_node(self, key);
}

/* Writes the real numbers that stand side by side, except the last member of the container. */
static int write_run(struct node_writer *self, struct frame *frame)
{
    const struct pyon_node *nodes = frame->node->members->nodes;
    size_t size = frame->node->size, count = 0;
    double values[RUN];

    while (count < RUN && frame->at + count + 1 < size &&
           nodes[frame->at + count].kind == PYON_KIND_REAL) {
        values[count] = nodes[frame->at + count].real;
        count++;
    }
    frame->at += count;
    return pyon_write_reals(self->writer, values, count, frame->container, size);
}

/* Writes the next item. A separator is written after each item, because runs write them so. */
static int write_item(struct node_writer *self, struct frame *frame)
{
    const struct pyon_node *nodes = frame->node->members->nodes;

    if (frame->at > 0 && frame->at < frame->node->size && write_next(self, frame) < 0)
        return -1;
    while (!frame->call && frame->at + 1 < frame->node->size &&
           nodes[frame->at].kind == PYON_KIND_REAL)
        if (write_run(self, frame) < 0)
            return -1;
    if (frame->node->kind == PYON_KIND_CALL && write_keyword(self, frame) < 0)
        return -1;
    return write_node(self, &nodes[frame->at++]);
}

static int write_member(struct node_writer *self, struct frame *frame)
{
    return has_pairs(frame->node) ? write_pair_member(self, frame) : write_item(self, frame);
}

static int write_tree(struct node_writer *self, const struct pyon_node *node)
{
    if (write_node(self, node) < 0)
        return -1;
    while (self->depth > 0) {
        struct frame *frame = &self->frames[self->depth - 1];

        if (frame->at < member_count(frame->node)) {
            if (write_member(self, frame) < 0)
                return -1;
            continue;
        }
        if (has_pairs(frame->node) && frame->node->size > 0 &&
            pyon_write_pair_end(self->writer, frame->container) < 0)
            return -1;
        if (close_frame(self) < 0)
            return -1;
    }
    return 0;
}

int pyon_write_node(struct pyon_writer *writer, const struct pyon_node *node, bool sorted,
                    const struct pyon_node **where, const char **why)
{
    const struct pyon_spelling *spelling = writer->spelling;
    struct node_writer self; /* its first frames are not cleared: many nodes are one scalar */
    int status;

    self.writer = writer;
    self.manner = find_manner(spelling);
    self.sorted = sorted;
    self.frames = self.first_frames;
    self.depth = 0;
    self.capacity = FIRST_FRAMES;
    self.where = NULL;
    self.why = NULL;
    status = write_tree(&self, node);
    for (size_t i = 0; i < self.depth; i++)
        free(self.frames[i].order);
    if (self.frames != self.first_frames)
        free(self.frames);
    writer->spelling = spelling;
    if (status < 0 && where)
        *where = self.where;
    if (status < 0 && why)
        *why = self.why;
    return status;
}
