/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values in one call (lib/write/items.c): the text is that of a call for each item. Random values, in
 * both dialects; the output ends at a page that cannot be touched.
 */
#include "../support/check.h"
#include "../support/edge.h"
#include "../support/random.h"
#include "pyon_host.h"

#include <math.h>

#define MOST 400       /* items of a value */
#define ROOM (1 << 16) /* of a text */

static struct pyon_item items[MOST];
static size_t count;
static enum pyon_container dict_kind;

/* ---- Random values ---- */

static unsigned below(unsigned n)
{
    return (unsigned)(next_random() % n);
}

static struct pyon_item *add(enum pyon_item_kind kind, bool separated)
{
    struct pyon_item *item = &items[count++];

    *item = (struct pyon_item){.kind = (unsigned char)kind, .separated = separated};
    return item;
}

/* A text, most of them plain. Texts lie one after the other; nothing can be read after the first. */
static void set_text(struct pyon_item *item)
{
    static const uint32_t special[] = {'"', '\\', '\n', 0x7f, 0xe9, 1, '~', ' ', 0x20ac, 0x1f600};
    static char *end;
    static size_t used;
    unsigned length = below(8) ? below(20) : below(400), width = below(8) ? 1 : below(2) ? 2 : 4;
    bool letters = width == 2 && below(2); /* are all bytes of the text plain? */

    if (!end)
        end = edge_of(4 * ROOM);
    if (item == items + 1 || item == items)
        used = 0;
    used += (length * width + 3) / 4 * 4;
    for (unsigned k = 0; k < length; k++) {
        uint32_t c = letters     ? 0x6162
                     : below(40) ? 'a' + below(26)
                                 : special[below(width == 4   ? 10
                                                 : width == 2 ? 9
                                                              : 8)];
        char *p = end - used + k * width;

        if (width == 1)
            *p = (char)c;
        else if (width == 2)
            memcpy(p, &(uint16_t){(uint16_t)c}, 2);
        else
            memcpy(p, &c, 4);
    }
    item->value.text = end - used;
    item->width = (unsigned char)width;
    item->length = length;
}

static void add_value(bool separated, unsigned level);

static void add_container(bool separated, unsigned level)
{
    static const enum pyon_container kinds[] = {PYON_CONTAINER_LIST, PYON_CONTAINER_TUPLE,
                                                PYON_CONTAINER_SET};
    bool pairs = below(2);
    enum pyon_container kind = pairs ? dict_kind : kinds[below(3)];
    unsigned length = below(5), i;

    add(PYON_ITEM_BEGIN, separated)->container = (unsigned char)kind;
    for (i = 0; i < length && count < 80; i++) {
        if (pairs) {
            struct pyon_item *key = add(PYON_ITEM_KEY, i > 0);

            key->container = (unsigned char)kind;
            set_text(key);
        }
        add_value(!pairs && i > 0, level + 1);
    }
    *add(PYON_ITEM_END, false) =
        (struct pyon_item){.kind = PYON_ITEM_END, .container = (unsigned char)kind, .length = i};
}

static void add_value(bool separated, unsigned level)
{
    static const double reals[] = {0.1,      1.0,    -2.5e-300, NAN, 1e16,
                                   INFINITY, 5e-324, -INFINITY, 0.0};
    unsigned choice = below(level < 8 ? 9 : 6);

    if (choice <= PYON_ITEM_TRUE)
        add((enum pyon_item_kind)choice, separated);
    else if (choice == PYON_ITEM_INTEGER)
        add(PYON_ITEM_INTEGER, separated)->value.integer = (int64_t)(next_random() >> below(64));
    else if (choice == PYON_ITEM_REAL)
        add(PYON_ITEM_REAL, separated)->value.real =
            below(8) ? below(1000000) / 7.0 : reals[below(9)];
    else if (choice == PYON_ITEM_STRING)
        set_text(add(PYON_ITEM_STRING, separated));
    else
        add_container(separated, level);
}

/* ---- A call for each item ---- */

/* The numbers of members of the containers that are open, which is known at their ends. */
static size_t members_of(const struct pyon_item *begin)
{
    const struct pyon_item *item = begin + 1;

    for (int depth = 1;; item++) {
        depth += item->kind == PYON_ITEM_BEGIN;
        depth -= item->kind == PYON_ITEM_END;
        if (depth == 0)
            return item->length;
    }
}

static void write_one(struct pyon_writer *writer, const struct pyon_item *item)
{
    enum pyon_container kind = (enum pyon_container)item->container;

    if (item->separated)
        CHECK(pyon_write_next(writer, PYON_CONTAINER_LIST, 2) ==
              0); /* the same in all containers */
    switch ((enum pyon_item_kind)item->kind) {
    case PYON_ITEM_NULL:
        CHECK(pyon_write_null(writer) == 0);
        break;
    case PYON_ITEM_FALSE:
    case PYON_ITEM_TRUE:
        CHECK(pyon_write_boolean(writer, item->kind == PYON_ITEM_TRUE) == 0);
        break;
    case PYON_ITEM_INTEGER:
        CHECK(pyon_write_integer(writer, item->value.integer) == 0);
        break;
    case PYON_ITEM_REAL:
        CHECK(pyon_write_real(writer, item->value.real) == 0);
        break;
    case PYON_ITEM_STRING:
        CHECK(pyon_write_code_points(writer, item->value.text, item->length, item->width) == 0);
        break;
    case PYON_ITEM_KEY:
        CHECK(pyon_write_key(writer, kind, item->value.text, item->length, item->width) == 0);
        break;
    case PYON_ITEM_BEGIN:
        CHECK(pyon_write_begin(writer, kind, members_of(item)) == 0);
        break;
    case PYON_ITEM_END:
        CHECK(pyon_write_end(writer, kind, item->length) == 0);
        break;
    }
}

static void check_value(const struct pyon_dialect *dialect)
{
    static char *end;
    struct pyon_writer writer, singly;
    struct pyon_out out, memory;
    size_t length;
    char *text;

    if (!end)
        end = edge_of(ROOM);
    edge_out(&out, end);
    pyon_writer_init(&writer, &out, dialect, false);
    CHECK(pyon_write_items(&writer, items, count) == 0);
    pyon_out_init(&memory);
    pyon_writer_init(&singly, &memory, dialect, false);
    for (size_t i = 0; i < count; i++)
        write_one(&singly, &items[i]);
    text = pyon_out_detach(&memory, &length);
    if (!text)
        abort();
    CHECK_WITH(text,
               length == (size_t)(out.cur - out.start) && memcmp(text, out.start, length) == 0);
    free(text);
}

static void check_dialect(const struct pyon_dialect *dialect, enum pyon_container kind)
{
    dict_kind = kind;
    for (int round = 0; round < check_rounds(20000); round++) {
        count = 0;
        add_value(false, 0);
        check_value(dialect);
    }
    count = 0;
    check_value(dialect); /* nothing at all */
}

/* A list of many numbers, which are made in batches; here and there one that is none. */
static void check_numbers(const struct pyon_dialect *dialect)
{
    for (unsigned length = 0; length < 40; length++)
        for (unsigned special = 0; special <= length; special++) {
            count = 0;
            add(PYON_ITEM_BEGIN, false)->container = PYON_CONTAINER_LIST;
            for (unsigned i = 0; i < length; i++)
                add(PYON_ITEM_REAL, i > 0)->value.real = i + 1 == special ? NAN : i / 7.0;
            *add(PYON_ITEM_END, false) = (struct pyon_item){
                .kind = PYON_ITEM_END, .container = PYON_CONTAINER_LIST, .length = length};
            check_value(dialect);
        }
}

/* ---- Memory ---- */

static int refuse(struct pyon_out *out, size_t need)
{
    (void)need;
    out->code = PYON_ERROR_MEMORY;
    return -1;
}

/* An output that cannot grow ends each call, wherever that is. */
static void check_memory(void)
{
    char block[4096];
    bool ended = false;

    for (size_t room = 0; room < sizeof block && !ended; room += 7) {
        struct pyon_out out = {.start = block, .cur = block, .end = block + room, .grow = refuse};
        struct pyon_writer writer;

        pyon_writer_init(&writer, &out, &pyon_v2, false);
        ended = pyon_write_items(&writer, items, count) == 0;
        CHECK(ended || out.code == PYON_ERROR_MEMORY);
    }
    CHECK(ended);
}

int main(void)
{
    check_dialect(&pyon_v1, PYON_CONTAINER_PAIRS);
    check_dialect(&pyon_v2, PYON_CONTAINER_DICT);
    check_numbers(&pyon_v1);
    check_numbers(&pyon_v2);
    count = 0;
    while (count < 20) /* long enough for several reservations */
        add_value(count > 0, 7);
    set_text(add(PYON_ITEM_STRING, true));
    check_memory();
    return check_report();
}
