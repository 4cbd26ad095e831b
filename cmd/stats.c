/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* pyon stats: why is a file large? Values are counted while they are read, and none is kept. */
#include "print/places.h"
#include "source/diagnose.h"
#include "source/reader.h"
#include "source/report.h"

#include <inttypes.h>
#include <pyon_path.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 3  /* levels of paths that are told apart, if the option does not say */
#define SHOWN 25 /* paths */

enum counted {
    COUNT_NULL,
    COUNT_BOOL,
    COUNT_INT,
    COUNT_FLOAT,
    COUNT_COMPLEX,
    COUNT_STR,
    COUNT_BYTES,
    COUNT_LIST,
    COUNT_TUPLE,
    COUNT_SET,
    COUNT_DICT,
    COUNT_ARRAY,
    COUNT_SCALAR,
    COUNT_OTHER,
    COUNTED
};

static const char *const names[COUNTED] = {"null", "bool",  "int",          "float",     "complex",
                                           "str",  "bytes", "list",         "tuple",     "set",
                                           "dict", "array", "NumPy scalar", "other call"};

/* A list or dict that is being read: the member in it, and where that begins. */
struct level {
    struct place *place;  /* of the list or dict */
    struct place *member; /* NULL before the first */
    size_t start;
};

struct stats {
    struct reader reader;
    struct places places;
    struct level *levels;
    size_t depth, capacity;
    size_t deepest;
    struct pyon_out step; /* to a key that is not a name */
    uint64_t counts[COUNTED];
    bool failed; /* there is no memory */
};

/* ---- Types: the functions of the builder ---- */

static int count(struct stats *stats, enum counted what)
{
    size_t depth;

    pyon_stream_container(stats->reader.stream, &depth);
    if (depth > stats->deepest)
        stats->deepest = depth;
    stats->counts[what]++;
    return 0;
}

static int on_null(void *self)
{
    return count(self, COUNT_NULL);
}

static int on_boolean(void *self, bool value)
{
    (void)value;
    return count(self, COUNT_BOOL);
}

static int on_integer(void *self, int64_t value)
{
    (void)value;
    return count(self, COUNT_INT);
}

static int on_bigint(void *self, const char *text, size_t length, unsigned base)
{
    (void)text, (void)length, (void)base;
    return count(self, COUNT_INT);
}

static int on_real(void *self, double value)
{
    (void)value;
    return count(self, COUNT_FLOAT);
}

static int on_complex(void *self, double real, double imaginary)
{
    (void)real, (void)imaginary;
    return count(self, COUNT_COMPLEX);
}

/* Arguments of calls (the base64 of an array, say) and keys are no values of their own. */
static int on_string(void *self, const char *utf8, size_t length, unsigned flags)
{
    (void)utf8, (void)length;
    return (flags & (PYON_FLAG_ARGUMENT | PYON_FLAG_KEY)) ? 0 : count(self, COUNT_STR);
}

static int on_bytes(void *self, const char *data, size_t length, unsigned flags)
{
    (void)data, (void)length;
    return flags & PYON_FLAG_ARGUMENT ? 0 : count(self, COUNT_BYTES);
}

static int on_list(void *self, size_t length, unsigned flags)
{
    (void)length;
    return flags & PYON_FLAG_ARGUMENT ? 0 : count(self, COUNT_LIST);
}

static int on_tuple(void *self, size_t length, unsigned flags)
{
    (void)length;
    return flags & PYON_FLAG_ARGUMENT ? 0 : count(self, COUNT_TUPLE);
}

static int on_set(void *self, size_t length)
{
    (void)length;
    return count(self, COUNT_SET);
}

static int on_dict(void *self, size_t length)
{
    (void)length;
    return count(self, COUNT_DICT);
}

/* The constructors of the format, and which value each makes. */
static int on_call_begin(void *self, const char *name, size_t length)
{
    static const struct {
        const char *name;
        enum counted what;
    } known[] = {{"nparray", COUNT_ARRAY}, {"npscalar", COUNT_SCALAR}, {"tuple", COUNT_TUPLE},
                 {"set", COUNT_SET},       {"dict", COUNT_DICT},       {"OrderedDict", COUNT_DICT},
                 {"bytes", COUNT_BYTES},   {"complex", COUNT_COMPLEX}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == length && memcmp(known[i].name, name, length) == 0)
            return count(self, known[i].what);
    return count(self, COUNT_OTHER);
}

static bool is_callable(void *self, const char *name, size_t length)
{
    (void)self, (void)name, (void)length;
    return true;
}

/* The builder that keeps nothing, but counts values. */
static struct pyon_builder counting_builder(void)
{
    struct pyon_builder builder = pyon_null_builder;

    builder.null = on_null;
    builder.boolean = on_boolean;
    builder.integer = on_integer;
    builder.bigint = on_bigint;
    builder.real = on_real;
    builder.complex_number = on_complex;
    builder.string = on_string;
    builder.code_points = NULL; /* all strings come to on_string */
    builder.bytes = on_bytes;
    builder.list = on_list;
    builder.tuple = on_tuple;
    builder.set = on_set;
    builder.dict = builder.tagged = on_dict;
    builder.call_begin = on_call_begin;
    builder.callable = is_callable;
    return builder;
}

/* ---- Sizes: the functions of the selector, which enters every list and dict ---- */

static struct level *innermost(struct stats *stats)
{
    return &stats->levels[stats->depth - 1];
}

/* Ends the member of the innermost level. */
static void end_member(struct stats *stats)
{
    struct level *level = innermost(stats);
    size_t position = pyon_stream_position(stats->reader.stream);

    if (level->member)
        level->member->bytes += position - level->start;
    level->start = position;
}

/* Are the paths of the members told apart? Deeper, the bytes are those of the container. */
static bool has_paths(const struct stats *stats)
{
    return stats->depth - 1 <= stats->places.depth;
}

/* The place of a member by its step, NULL for an item of a list. NULL if there is none, and without memory. */
static struct place *find_member(struct stats *stats, const char *step, size_t length)
{
    struct place *place = innermost(stats)->place, *member;

    if (stats->depth == 1) /* the whole value */
        return place;
    if (!has_paths(stats))
        return NULL;
    member = places_child(&stats->places, place, step, length);
    stats->failed = !member;
    return member == place ? NULL : member;
}

static int begin_member(struct stats *stats, const char *step, size_t length)
{
    end_member(stats);
    innermost(stats)->member = find_member(stats, step, length);
    if (stats->failed)
        return -1;
    if (innermost(stats)->member)
        innermost(stats)->member->count++;
    return PYON_WANTED_ENTER;
}

static int on_value(void *self, size_t index)
{
    (void)index;
    return begin_member(self, NULL, 0);
}

/* Letters and digits, and dots between them: true of most keys. */
static bool is_plain(const char *key, size_t length)
{
    bool dot = true; /* before a name */

    for (size_t i = 0; i < length; i++) {
        char c = key[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || (c == '.' && !dot)))
            return false;
        dot = c == '.';
    }
    return !dot;
}

/* Can the key stand in a path without brackets? */
static bool is_names(const char *key, size_t length)
{
    struct pyon_error error;
    struct pyon_path *path;

    if (is_plain(key, length))
        return true;
    if (length == 0 || *key == '.' || memchr(key, '[', length) || memchr(key, '*', length))
        return false;
    path = pyon_path_parse(key, length, &error);
    pyon_path_free(path);
    return path != NULL;
}

static int on_key(void *self, const char *utf8, size_t length)
{
    struct stats *stats = self;
    struct pyon_out *step = &stats->step;
    struct pyon_writer writer;

    if (!has_paths(stats) || is_names(utf8, length))
        return begin_member(stats, utf8, length);
    pyon_writer_init(&writer, step, &pyon_v1, false);
    step->cur = step->start;
    if (pyon_write_raw(&writer, "[", 1) < 0 || pyon_write_string(&writer, utf8, length) < 0 ||
        pyon_write_raw(&writer, "]", 1) < 0) {
        stats->failed = true;
        return -1;
    }
    return begin_member(stats, step->start, (size_t)(step->cur - step->start));
}

static int on_other_key(void *self, bool string)
{
    static const char other[] = "[key]";

    (void)string;
    return begin_member(self, other, sizeof other - 1) < 0 ? -1 : PYON_WANTED_KEEP;
}

static int on_enter(void *self, bool dict)
{
    struct stats *stats = self;
    struct level *outer = innermost(stats);
    struct level inner = {.place = outer->member ? outer->member : outer->place,
                          .start = pyon_stream_position(stats->reader.stream)};

    if (stats->depth == stats->capacity) {
        size_t capacity = 2 * stats->capacity;
        struct level *levels = realloc(stats->levels, capacity * sizeof *levels);

        if (!levels) {
            stats->failed = true;
            return -1;
        }
        stats->levels = levels;
        stats->capacity = capacity;
    }
    stats->levels[stats->depth++] = inner;
    return count(stats, dict ? COUNT_DICT : COUNT_LIST);
}

static int on_leave(void *self, enum pyon_container kind, bool tagged)
{
    struct stats *stats = self;

    (void)tagged;
    if (kind == PYON_CONTAINER_TUPLE) { /* of version 1, without parentheses: no level is left */
        stats->counts[COUNT_TUPLE]++;
        return 0;
    }
    if (kind == PYON_CONTAINER_SET) {
        stats->counts[COUNT_DICT]--;
        stats->counts[COUNT_SET]++;
    }
    end_member(stats);
    stats->depth--;
    return 0;
}

/* ---- The report ---- */

/* The largest first; of two that are as large, by their paths: the same in every run. */
static int by_bytes(const void *a, const void *b)
{
    const struct place *x = *(struct place *const *)a, *y = *(struct place *const *)b;

    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return strcmp(x->path, y->path);
}

static void print_types(const struct stats *stats)
{
    const char *before = "\ntypes: ";

    for (size_t i = 0; i < COUNTED; i++)
        if (stats->counts[i] > 0) {
            printf("%s%" PRIu64 " %s", before, stats->counts[i], names[i]);
            before = ", ";
        }
    putchar('\n');
}

static bool print_places(struct stats *stats, size_t shown, uint64_t total)
{
    size_t number;
    struct place **all = places_all(&stats->places, &number);

    if (!all)
        return false;
    qsort(all, number, sizeof *all, by_bytes);
    printf("\n%14s %7s %10s  %s\n", "bytes", "share", "count", "path");
    for (size_t i = 0; i < number && i < shown; i++)
        printf("%14" PRIu64 " %5.1f %% %10" PRIu64 "  %s\n", all[i]->bytes,
               100.0 * (double)all[i]->bytes / (double)(total ? total : 1), all[i]->count,
               all[i]->path);
    if (number > shown)
        printf("%14s %7s %10s  ... %zu more paths\n", "", "", "", number - shown);
    free(all);
    return true;
}

static int report(struct stats *stats, size_t shown)
{
    const struct input *input = stats->reader.input;

    if (stats->reader.count == 0) {
        complain("%s: there is no value in it", input->name);
        return EXIT_NO;
    }
    input_put_name(input, stdout);
    printf(": %s, %" PRIu64 " value%s, %" PRIu64 " bytes, %zu brackets deep\n",
           reader_version(&stats->reader), stats->reader.count, stats->reader.count == 1 ? "" : "s",
           input->offset, stats->deepest);
    if (!print_places(stats, shown, input->offset)) {
        complain("no memory");
        return EXIT_TROUBLE;
    }
    print_types(stats);
    return EXIT_FINE;
}

/* ---- The command ---- */

/* Before the other version is tried, all counts of the first value go. */
static void reset(void *self)
{
    struct stats *stats = self;

    if (stats->reader.count == 0) {
        places_clear(&stats->places);
        memset(stats->counts, 0, sizeof stats->counts);
        stats->deepest = 0;
    }
    stats->depth = 1;
    stats->levels[0] = (struct level){.place = &stats->places.root};
}

static int read_all(struct stats *stats, size_t shown)
{
    int status;

    while ((status = reader_next(&stats->reader)) == READER_VALUE) {
        end_member(stats);
        stats->levels[0] = (struct level){.place = &stats->places.root};
    }
    if (stats->failed)
        complain("no memory");
    if (status == READER_FAILED && !stats->failed) {
        report_error(&stats->reader);
        return EXIT_NO;
    }
    return status == READER_END ? report(stats, shown) : EXIT_TROUBLE;
}

static int stats_of(struct input *input, const struct arguments *arguments, long depth, long shown)
{
    struct stats stats = {.capacity = 16};
    const struct pyon_selector selector = {.value = on_value,
                                           .key = on_key,
                                           .other_key = on_other_key,
                                           .enter = on_enter,
                                           .leave = on_leave,
                                           .self = &stats};
    const struct pyon_options options = {.selector = &selector};
    const struct pyon_builder builder = counting_builder();
    int status = EXIT_TROUBLE;

    stats.levels = malloc(stats.capacity * sizeof *stats.levels);
    pyon_out_init(&stats.step);
    if (!places_init(&stats.places, (size_t)depth) || !stats.levels) {
        complain("no memory");
    } else {
        reset(&stats);
        if (reader_open(&stats.reader, input, chosen_dialect(arguments), &options, &builder, &stats,
                        reset))
            status = read_all(&stats, (size_t)shown);
        reader_close(&stats.reader);
    }
    places_free(&stats.places);
    pyon_out_free(&stats.step);
    free(stats.levels);
    return status;
}

static int run(const struct arguments *arguments)
{
    long depth = DEPTH, shown = SHOWN;
    struct input input;
    int status;

    if (!option_number(arguments, "depth", 1, &depth) ||
        !option_number(arguments, "top", 1, &shown) || !input_open(&input, arguments->operands[0]))
        return EXIT_TROUBLE;
    status = diagnose_kind(&input);
    if (status == EXIT_FINE)
        status = stats_of(&input, arguments, depth, shown);
    input_close(&input);
    return status;
}

static const struct option options[] = {
    COMMON_OPTIONS,
    {'d', "depth", "N", "tell N levels of paths apart (default: 3)"},
    {'t', "top", "N", "show the N largest (default: 25)"},
    {0, NULL, NULL, NULL},
};

const struct command command_stats = {
    .name = "stats",
    .operands = "FILE",
    .summary = "what makes a file large?",
    .text = "Shows how many bytes of the text each path takes, how many values of each type there "
            "are,\n"
            "and how deep they are nested. The items of lists count together, as [*]. Nothing is "
            "kept,\n"
            "so memory does not depend on the size of the file.",
    .options = options,
    .examples = "  pyon stats dataset_db.pyon\n"
                "  pyon stats --depth 1 --top 5 results.pyonl\n",
    .least = 1,
    .most = 1,
    .run = run,
};
