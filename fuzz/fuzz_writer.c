/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The writer, driven by a program (fuzz_program.h). A value has one text in a dialect and a layout,
 * in whichever way the writer is asked: whole or in parts, one by one or in runs, into an output
 * that grows by no more than the need. If there is not enough memory, the writer says so, and the
 * output has the beginning of the text. Read again, the text is the same value.
 */
#include "pyon_host.h"
#include "support/fuzz_program.h"
#include "support/fuzz_roundtrip.h"

/* ---- An output without slack -------------------------------------------------------------- */

/* The most that may be written; then there is no memory. */
static size_t memory;

/* Makes exactly the room that was asked for: a sanitizer sees each byte beyond it. Only long texts
   get more, or copying them would take all the time. */
static int grow_exactly(struct pyon_out *out, size_t need)
{
    size_t used = (size_t)(out->cur - out->start);
    size_t room = used < 2000 || need > used ? need : used;
    char *block = used < memory ? realloc(out->start, used + room) : NULL;

    if (!block) {
        out->code = PYON_ERROR_MEMORY;
        return -1;
    }
    out->start = block;
    out->cur = block + used;
    out->end = out->cur + room;
    return 0;
}

/* ---- The other ways ----------------------------------------------------------------------- */

static int write_otherwise(struct pyon_writer *writer, const struct tree *tree);

/* Code points, in the least width that holds them or a greater one. */
static int write_points(struct pyon_writer *writer, const struct tree *tree, bool parts)
{
    const char *p = tree->text, *end = p + tree->length;
    uint32_t points[2 * FUZZ_TEXT], most = 0;
    uint8_t narrow[2 * FUZZ_TEXT];
    uint16_t medium[2 * FUZZ_TEXT];
    size_t count = 0;
    struct pyon_part part = {0};
    const void *data = points;
    unsigned width = 4;

    for (; p < end; count++) {
        p = pyon_utf8_next(p, end, &points[count]);
        narrow[count] = (uint8_t)points[count];
        medium[count] = (uint16_t)points[count];
        most |= points[count];
    }
    if (most < 0x100 && tree->length % 3 > 0) {
        data = narrow;
        width = 1;
    } else if (tree->length % 3 > 1) { /* the text is in UTF-16 units */
        data = medium;
        width = 2;
    }
    if (!parts)
        return pyon_write_code_points(writer, data, count, width);
    do {
        if (pyon_write_code_points_part(writer, data, count, width, &part) < 0)
            return -1;
    } while (part.done < count);
    return 0;
}

static int write_bytes(struct pyon_writer *writer, const struct tree *tree)
{
    struct pyon_part part = {0};

    do {
        if (pyon_write_bytes_part(writer, tree->text, tree->length, &part) < 0)
            return -1;
    } while (part.done < tree->length);
    return 0;
}

/* The number of members from here on, every `step`-th, that are numbers of that kind. */
static size_t count_numbers(const struct tree *tree, size_t from, size_t step, enum tree_kind kind)
{
    size_t count = 0;

    for (size_t i = from; i < tree->count && tree->members[i]->kind == kind; i += step)
        count++;
    return count;
}

/* Writes a run of members without the last one. Returns their number; 0 if none begins here; -1 on
   failure. */
static int write_members(struct pyon_writer *writer, const struct tree *tree, size_t from)
{
    size_t reals = count_numbers(tree, from, 1, TREE_REAL);
    size_t integers = count_numbers(tree, from, 1, TREE_INTEGER);
    size_t count = reals + integers;
    double values[FUZZ_MEMBERS];
    int64_t whole[FUZZ_MEMBERS];
    int status;

    count -= count > 0 && from + count == tree->count;
    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        values[i] = tree->members[from + i]->real;
        whole[i] = tree->members[from + i]->integer;
    }
    status = reals > 0 ? pyon_write_reals(writer, values, count, tree->container, tree->count)
                       : pyon_write_integers(writer, whole, count, tree->container, tree->count);
    return status < 0 ? -1 : (int)count;
}

static int write_plain(struct pyon_writer *writer, const struct tree *tree)
{
    if (pyon_write_begin(writer, tree->container, tree->count) < 0)
        return -1;
    for (size_t i = 0; i < tree->count;) {
        int run = write_members(writer, tree, i);

        if (run < 0)
            return -1;
        i += (size_t)run;
        if (write_otherwise(writer, tree->members[i++]) < 0 ||
            (i < tree->count && pyon_write_next(writer, tree->container, tree->count) < 0))
            return -1;
    }
    return pyon_write_end(writer, tree->container, tree->count);
}

/* Fills the characters of a key if each has one byte. Returns their number, or else SIZE_MAX. */
static size_t key_bytes(const struct tree *key, char *data)
{
    const char *p = key->text, *end = p + key->length;
    size_t count = 0;
    uint32_t c;

    while (p < end) {
        p = pyon_utf8_next(p, end, &c);
        if (c > 0xff)
            return SIZE_MAX;
        data[count++] = (char)c;
    }
    return count;
}

/* Writes pairs of a string and a float, without the last one. Returns their number. */
static int write_real_pairs(struct pyon_writer *writer, const struct tree *tree, size_t from)
{
    static char data[FUZZ_MEMBERS][FUZZ_TEXT];
    struct pyon_key keys[FUZZ_MEMBERS];
    double values[FUZZ_MEMBERS];
    size_t most = count_numbers(tree, 2 * from + 1, 2, TREE_REAL), count = 0;

    most -= most > 0 && from + most == tree->count / 2;
    for (; count < most; count++) {
        struct tree *const *pair = tree->members + 2 * (from + count);

        keys[count] = (struct pyon_key){data[count], key_bytes(pair[0], data[count])};
        values[count] = pair[1]->real;
        if (keys[count].length == SIZE_MAX)
            break;
    }
    if (pyon_write_real_pairs(writer, keys, values, count, PYON_CONTAINER_DICT, tree->count / 2) <
        0)
        return -1;
    return (int)count;
}

static int write_pair(struct pyon_writer *writer, struct tree *const *pair)
{
    static char data[FUZZ_TEXT];
    size_t length = key_bytes(pair[0], data);

    if (length < SIZE_MAX) {
        if (pyon_write_key(writer, PYON_CONTAINER_DICT, data, length, 1) < 0)
            return -1;
    } else if (pyon_write_pair_begin(writer, PYON_CONTAINER_DICT) < 0 ||
               write_otherwise(writer, pair[0]) < 0 ||
               pyon_write_pair_middle(writer, PYON_CONTAINER_DICT) < 0) {
        return -1;
    }
    if (write_otherwise(writer, pair[1]) < 0)
        return -1;
    return pyon_write_pair_end(writer, PYON_CONTAINER_DICT);
}

static int write_dict(struct pyon_writer *writer, const struct tree *tree)
{
    size_t count = tree->count / 2;

    if (pyon_write_begin(writer, PYON_CONTAINER_DICT, count) < 0)
        return -1;
    for (size_t i = 0; i < count;) {
        int run = write_real_pairs(writer, tree, i);

        if (run < 0)
            return -1;
        i += (size_t)run;
        if (write_pair(writer, tree->members + 2 * i++) < 0 ||
            (i < count && pyon_write_next(writer, PYON_CONTAINER_DICT, count) < 0))
            return -1;
    }
    return pyon_write_end(writer, PYON_CONTAINER_DICT, count);
}

static int write_otherwise(struct pyon_writer *writer, const struct tree *tree)
{
    if (tree->kind == TREE_STRING)
        return write_points(writer, tree, tree->length % 2);
    if (tree->kind == TREE_BYTES)
        return write_bytes(writer, tree);
    if (tree->kind == TREE_CONTAINER && tree->container == PYON_CONTAINER_DICT)
        return tree_has_keys(tree) ? write_dict(writer, tree) : tree_write(writer, tree);
    return tree->kind == TREE_CONTAINER ? write_plain(writer, tree) : tree_write(writer, tree);
}

/* ---- The target --------------------------------------------------------------------------- */

/* Writes the value, as far as there is memory. Is the output that text, or its beginning? */
static void check(const struct pyon_dialect *dialect, const struct tree *tree, bool pretty,
                  const char *text, size_t length)
{
    struct pyon_out out;
    struct pyon_writer writer;
    size_t written;
    int status;

    pyon_out_init(&out);
    out.grow = grow_exactly;
    pyon_writer_init(&writer, &out, dialect, pretty);
    status = write_otherwise(&writer, tree);
    written = (size_t)(out.cur - out.start);
    if (status == 0 ? written != length : memory > length || out.code != PYON_ERROR_MEMORY)
        fuzz_fail("another end", text);
    if (written > length || (written > 0 && memcmp(out.start, text, written) != 0))
        fuzz_fail("another text", text);
    pyon_out_free(&out);
}

static void compare(const struct pyon_dialect *dialect, const struct tree *tree, bool pretty,
                    size_t anything)
{
    size_t length;
    char *text = tree_text(tree, dialect, pretty, &length);

    memory = SIZE_MAX;
    check(dialect, tree, pretty, text, length);
    memory = anything % length;
    check(dialect, tree, pretty, text, length);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_program program = {.at = data, .end = data + size};
    const struct tree *tree = fuzz_value(&program, 0);

    for (int pretty = 0; pretty < 2; pretty++) {
        compare(&pyon_v1, tree, pretty, size);
        compare(&pyon_v2, tree, pretty, size);
        fuzz_same(&pyon_v1, tree, pretty);
        fuzz_same_text(tree, pretty);
    }
    tree_free(&program.maker);
    return 0;
}
