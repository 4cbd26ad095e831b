/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Writes a file of datasets: a number, a text, a list of reals, and a NumPy array.
 *
 *     $ write scan.pyon && mean scan.pyon times
 *     0.08750025
 *
 * The text goes into a new file beside the old one, which is replaced only when all of the new one
 * is on the disk. So there is a whole file under the name at any time, the old or the new one.
 *
 * Build it with: cc -o write write.c $(pkg-config --cflags --libs pyon)
 */
#define _POSIX_C_SOURCE 200809L /* fileno, fsync */

#include <pyon.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAIRS 4

static const double times[] = {0, 0.1, 0.25, 1e-6};
static const int64_t counts[2][3] = {{12, 7, 0}, {3, 31, 8}};

#define TIMES (sizeof(times) / sizeof(times[0]))

/* NumPy's name of an int64_t of this machine. */
static const char *dtype(void)
{
    const int one = 1;

    return *(const char *)&one ? "<i8" : ">i8";
}

/* The beginning of a pair of the dict: its key. The value follows, then pyon_write_pair_end(). */
static int write_key(struct pyon_writer *writer, const char *key)
{
    if (pyon_write_pair_begin(writer, PYON_CONTAINER_DICT) < 0)
        return -1;
    if (pyon_write_string(writer, key, strlen(key)) < 0)
        return -1;
    return pyon_write_pair_middle(writer, PYON_CONTAINER_DICT);
}

/* The end of a pair, after which another one follows. */
static int next_pair(struct pyon_writer *writer)
{
    if (pyon_write_pair_end(writer, PYON_CONTAINER_DICT) < 0)
        return -1;
    return pyon_write_next(writer, PYON_CONTAINER_DICT, PAIRS);
}

/* A list: all numbers but the last in one call, as this is the fastest. */
static int write_times(struct pyon_writer *writer)
{
    if (pyon_write_begin(writer, PYON_CONTAINER_LIST, TIMES) < 0)
        return -1;
    if (pyon_write_reals(writer, times, TIMES - 1, PYON_CONTAINER_LIST, TIMES) < 0)
        return -1;
    if (pyon_write_real(writer, times[TIMES - 1]) < 0)
        return -1;
    return pyon_write_end(writer, PYON_CONTAINER_LIST, TIMES);
}

static int write_counts(struct pyon_writer *writer)
{
    const int64_t shape[] = {2, 3};

    return pyon_write_array(writer, shape, 2, dtype(), counts, sizeof(counts));
}

/* {"title": "Rabi scan", "shots": 100, "times": [...], "counts": nparray(...)} */
static int write_datasets(struct pyon_writer *writer)
{
    if (pyon_write_begin(writer, PYON_CONTAINER_DICT, PAIRS) < 0)
        return -1;
    if (write_key(writer, "title") < 0 || pyon_write_string(writer, "Rabi scan", 9) < 0)
        return -1;
    if (next_pair(writer) < 0 || write_key(writer, "shots") < 0)
        return -1;
    if (pyon_write_integer(writer, 100) < 0)
        return -1;
    if (next_pair(writer) < 0 || write_key(writer, "times") < 0 || write_times(writer) < 0)
        return -1;
    if (next_pair(writer) < 0 || write_key(writer, "counts") < 0 || write_counts(writer) < 0)
        return -1;
    if (pyon_write_pair_end(writer, PYON_CONTAINER_DICT) < 0)
        return -1;
    return pyon_write_end(writer, PYON_CONTAINER_DICT, PAIRS);
}

/* Fills a new file: false if not all of the text is on the disk. */
static bool fill(FILE *file, const char *text, size_t length)
{
    bool filled = fwrite(text, 1, length, file) == length && putc('\n', file) != EOF &&
                  fflush(file) == 0 && fsync(fileno(file)) == 0;

    return fclose(file) == 0 && filled;
}

/* Replaces the file by the text, or leaves it alone: false after a message. */
static bool replace(const char *name, const char *text, size_t length)
{
    char new_name[4096];
    FILE *file;
    bool done;

    snprintf(new_name, sizeof(new_name), "%s.%ld.new", name, (long)getpid());
    file = fopen(new_name, "wbx"); /* x: fails if there is such a file */
    if (!file) {
        perror(new_name);
        return false;
    }
    done = fill(file, text, length) && rename(new_name, name) == 0;
    if (!done) {
        perror(name);
        remove(new_name);
    }
    return done;
}

int main(int argc, char **argv)
{
    struct pyon_writer writer;
    struct pyon_out out;
    bool done = false;

    if (argc != 2) {
        fprintf(stderr, "usage: write FILE\n");
        return 2;
    }
    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, &pyon_v2, true);
    if (write_datasets(&writer) < 0)
        fprintf(stderr, "%s\n", pyon_error_message(out.code));
    else
        done = replace(argv[1], out.start, (size_t)(out.cur - out.start));
    pyon_out_free(&out);
    return done ? 0 : 1;
}
