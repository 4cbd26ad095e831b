/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * How fast the library alone reads and writes, without Python: for everybody who changes it, or wants
 * to use it from another language.
 *
 *     throughput [MILLISECONDS]    for each sample; 10 if not given
 *
 * Values are made beforehand, written into memory that is there already, and read with the null
 * builder: what is measured is lexer, parser and conversions on one side, the writer on the other.
 * Arrays are decoded, too. Beside them stands memcpy of the same text. The three take turns, and the
 * best of the rounds counts: other programs can only take time away. The kernels are those of the
 * instruction set that PYON_CPU in the environment allows; most work the same with all of them.
 *
 * Prints a header and a line for each measurement, with tabs between the columns. A token is a
 * scalar, a key, or a container with its brackets.
 */
#include "pyon.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    COUNT = 100000,    /* numbers, or short strings */
    LONG = COUNT / 10, /* long strings, or nested values */
    LENGTH = 140,      /* of a long string */
    SHORT = 8,         /* of a short one */
    ROUNDS = 7
};

/* ---- Values ------------------------------------------------------------------------------ */

static double reals[COUNT];
static int64_t small[COUNT], large[COUNT];
static char plain[COUNT * (size_t)LENGTH / 10], escaped[COUNT * (size_t)LENGTH / 10];

/* The generator of Knuth's MMIX; its high bits are random enough. */
static uint64_t next_bits(unsigned bits)
{
    static uint64_t state = 1;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> (64 - bits);
}

static void make_values(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        reals[i] = (double)next_bits(53) / 9007199254740992.0; /* 2^53 */
        small[i] = (int64_t)(next_bits(32) % 10000);
        large[i] = (int64_t)next_bits(60);
    }
    for (size_t i = 0; i < sizeof(plain); i++) {
        plain[i] = (char)('A' + next_bits(4));
        escaped[i] = i % 8 == 7 ? "\"\\\n\t"[next_bits(2)] : plain[i];
    }
}

/* ---- What is written --------------------------------------------------------------------- */

static int write_real(struct pyon_writer *writer, size_t i)
{
    return pyon_write_real(writer, reals[i]);
}

static int write_small(struct pyon_writer *writer, size_t i)
{
    return pyon_write_integer(writer, small[i]);
}

static int write_large(struct pyon_writer *writer, size_t i)
{
    return pyon_write_integer(writer, large[i]);
}

static int write_reals(struct pyon_writer *writer, size_t count, size_t length)
{
    return pyon_write_reals(writer, reals, count, PYON_CONTAINER_LIST, length);
}

static int write_smalls(struct pyon_writer *writer, size_t count, size_t length)
{
    return pyon_write_integers(writer, small, count, PYON_CONTAINER_LIST, length);
}

static int write_larges(struct pyon_writer *writer, size_t count, size_t length)
{
    return pyon_write_integers(writer, large, count, PYON_CONTAINER_LIST, length);
}

static int write_short(struct pyon_writer *writer, size_t i)
{
    return pyon_write_string(writer, plain + i * SHORT, SHORT);
}

static int write_plain(struct pyon_writer *writer, size_t i)
{
    return pyon_write_string(writer, plain + i * LENGTH, LENGTH);
}

static int write_escaped(struct pyon_writer *writer, size_t i)
{
    return pyon_write_string(writer, escaped + i * LENGTH, LENGTH);
}

/* {"a": [i, (null, true)], "b": {}} */
static int write_nested(struct pyon_writer *writer, size_t i)
{
    return pyon_write_begin(writer, PYON_CONTAINER_DICT, 2) ||
           pyon_write_pair_begin(writer, PYON_CONTAINER_DICT) ||
           pyon_write_string(writer, "a", 1) ||
           pyon_write_pair_middle(writer, PYON_CONTAINER_DICT) ||
           pyon_write_begin(writer, PYON_CONTAINER_LIST, 2) ||
           pyon_write_integer(writer, small[i]) ||
           pyon_write_next(writer, PYON_CONTAINER_LIST, 2) ||
           pyon_write_begin(writer, PYON_CONTAINER_TUPLE, 2) || pyon_write_null(writer) ||
           pyon_write_next(writer, PYON_CONTAINER_TUPLE, 2) || pyon_write_boolean(writer, true) ||
           pyon_write_end(writer, PYON_CONTAINER_TUPLE, 2) ||
           pyon_write_end(writer, PYON_CONTAINER_LIST, 2) ||
           pyon_write_pair_end(writer, PYON_CONTAINER_DICT) ||
           pyon_write_next(writer, PYON_CONTAINER_DICT, 2) ||
           pyon_write_pair_begin(writer, PYON_CONTAINER_DICT) ||
           pyon_write_string(writer, "b", 1) ||
           pyon_write_pair_middle(writer, PYON_CONTAINER_DICT) ||
           pyon_write_begin(writer, PYON_CONTAINER_DICT, 0) ||
           pyon_write_end(writer, PYON_CONTAINER_DICT, 0) ||
           pyon_write_pair_end(writer, PYON_CONTAINER_DICT) ||
           pyon_write_end(writer, PYON_CONTAINER_DICT, 2);
}

static int write_array(struct pyon_writer *writer, size_t i)
{
    int64_t shape = COUNT;

    (void)i;
    return pyon_write_array(writer, &shape, 1, "<f8", reals, sizeof(reals));
}

/* A list. */
static const struct workload {
    const char *name;
    int (*write)(struct pyon_writer *writer, size_t i); /* member i */
    /* NULL, or the first `count` members at once */
    int (*write_run)(struct pyon_writer *writer, size_t count, size_t length);
    size_t members;
    size_t tokens; /* in each member */
} workloads[] = {
    {"floats", write_real, write_reals, COUNT, 1},
    {"ints below 10^4", write_small, write_smalls, COUNT, 1},
    {"ints of 60 bits", write_large, write_larges, COUNT, 1},
    {"strings of 8", write_short, NULL, COUNT, 1},
    {"strings of 140", write_plain, NULL, LONG, 1},
    {"escaped strings", write_escaped, NULL, LONG, 1},
    {"nested containers", write_nested, NULL, LONG, 9},
    {"array", write_array, NULL, 1, 4},
};

static int write_list(const struct workload *workload, struct pyon_writer *writer)
{
    size_t length = workload->members, i = 0;

    if (pyon_write_begin(writer, PYON_CONTAINER_LIST, length) < 0)
        return -1;
    if (workload->write_run) {
        i = length - 1;
        if (workload->write_run(writer, i, length) < 0)
            return -1;
    }
    for (; i < length; i++)
        if ((i > 0 && !workload->write_run &&
             pyon_write_next(writer, PYON_CONTAINER_LIST, length) < 0) ||
            workload->write(writer, i) != 0)
            return -1;
    return pyon_write_end(writer, PYON_CONTAINER_LIST, length);
}

/* ---- Time -------------------------------------------------------------------------------- */

/* One thing to be done again and again; all that it needs and changes. */
struct job {
    int (*run)(struct job *job); /* 0, or -1 on failure */
    const struct pyon_dialect *dialect;
    const struct workload *workload;
    struct pyon_out out;
    const char *text; /* `length` bytes, to be read or copied */
    size_t length;
    size_t size;  /* of the data in a base64 text */
    char *target; /* room for `length` bytes */
    double best;  /* seconds of one run */
};

static double sample_seconds = 0.01;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Seconds of one run, from as many as fill a sample; the clock is read after each doubling. The
   first run, which warms up, does not count. A failure ends the program: it is a bug. */
static double sample(struct job *job)
{
    size_t runs = 0;
    int status = job->run(job);
    double start = now(), seconds;

    do {
        for (size_t more = runs > 0 ? runs : 1; more > 0; more--, runs++)
            status |= job->run(job);
        seconds = now() - start;
    } while (seconds < sample_seconds);
    if (status != 0) {
        fprintf(stderr, "throughput: reading or writing failed\n");
        exit(1);
    }
    return seconds / (double)runs;
}

/* Measures all of them in turns. */
static void measure(struct job *jobs, size_t count)
{
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < count; i++) {
            double seconds = sample(&jobs[i]);

            if (round == 0 || seconds < jobs[i].best)
                jobs[i].best = seconds;
        }
}

static void print_row(const char *step, const char *name, size_t tokens, const struct job *job,
                      const struct job *copy)
{
    double bytes = (double)job->length;

    printf("%s\t%s\t%zu\t%.2f\t%.0f\t%.0f\n", step, name, job->length,
           job->best * 1e9 / (double)tokens, bytes / job->best * 1e-6, bytes / copy->best * 1e-6);
    fflush(stdout);
}

/* ---- Values written and parsed ----------------------------------------------------------- */

/* New. */
static char *allocate(size_t size)
{
    char *memory = calloc(size, 1);

    if (!memory)
        abort();
    return memory;
}

static int run_write(struct job *job)
{
    struct pyon_writer writer;

    job->out.cur = job->out.start;
    pyon_writer_init(&writer, &job->out, job->dialect, false);
    return write_list(job->workload, &writer);
}

/* Version 1 asks which names are those of constructors. */
static bool is_callable(void *self, const char *name, size_t length)
{
    (void)self, (void)name, (void)length;
    return true;
}

/* Takes the payload of the array, as a builder does that knows its shape. */
static int take_payload(void *self, const char *text, size_t available, const char *ending,
                        size_t ending_length, bool bytes, size_t *length)
{
    const struct job *job = self;

    (void)bytes;
    *length = pyon_base64_encoded_size(sizeof(reals));
    if (available < *length + ending_length || memcmp(text + *length, ending, ending_length) != 0)
        return 1;
    return pyon_base64_decode(job->target, text, *length, NULL) == 0 ? 0 : 1;
}

static int run_parse(struct job *job)
{
    struct pyon_builder builder = pyon_null_builder;
    struct pyon_error error;

    builder.callable = is_callable;
    builder.payload = take_payload;
    return pyon_parse(job->dialect, job->text, job->length, &builder, job, NULL, &error);
}

/* The compiler must not see that nobody reads the copy. */
static int run_copy(struct job *job)
{
    memcpy(job->target, job->text, job->length);
    __asm__ volatile("" : : "r"(job->target) : "memory");
    return 0;
}

static void measure_values(const struct pyon_dialect *dialect, const char *write, const char *parse,
                           const struct workload *workload)
{
    struct job job = {.dialect = dialect, .workload = workload};
    struct job jobs[3];
    char *text;
    size_t tokens = workload->members * workload->tokens + 1;

    pyon_out_init(&job.out);
    if (run_write(&job) != 0 || !(text = pyon_out_detach(&job.out, &job.length)))
        abort();
    job.text = text;
    job.target = allocate(job.length);
    jobs[0] = jobs[1] = jobs[2] = job;
    jobs[0].run = run_write;
    jobs[1].run = run_parse;
    jobs[2].run = run_copy;
    measure(jobs, 3);
    print_row(write, workload->name, tokens, &jobs[0], &jobs[2]);
    print_row(parse, workload->name, tokens, &jobs[1], &jobs[2]);
    pyon_out_free(&jobs[0].out);
    free(job.target);
    free(text);
}

/* ---- Base64 ------------------------------------------------------------------------------ */

static int run_encode(struct job *job)
{
    pyon_base64_encode(job->target, reals, job->size);
    return 0;
}

static int run_decode(struct job *job)
{
    return pyon_base64_decode(job->target, job->text, job->length, NULL);
}

/* Of the first `size` bytes of the floats; a token is the whole. */
static void measure_base64(const char *name, size_t size)
{
    size_t length = pyon_base64_encoded_size(size);
    char *text = allocate(length);
    struct job job = {.text = text, .length = length, .size = size, .target = allocate(length)};
    struct job jobs[3] = {job, job, job};

    pyon_base64_encode(text, reals, size);
    jobs[0].run = run_encode;
    jobs[1].run = run_decode;
    jobs[2].run = run_copy;
    measure(jobs, 3);
    print_row("encode", name, 1, &jobs[0], &jobs[2]);
    print_row("decode", name, 1, &jobs[1], &jobs[2]);
    free(job.target);
    free(text);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        sample_seconds = atof(argv[1]) * 1e-3;
    make_values();
    printf("step\tvalues\tbytes\tns/token\tMB/s\tmemcpy MB/s\n");
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++) {
        measure_values(&pyon_v2, "write v2", "parse v2", &workloads[i]);
        measure_values(&pyon_v1, "write v1", "parse v1", &workloads[i]);
    }
    measure_base64("base64 of 48 bytes", 48);
    measure_base64("base64 of 4 KiB", 4096);
    measure_base64("base64 of 800 kB", sizeof(reals));
    return 0;
}
