/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Runs of numbers: room is reserved once for many numbers, and several are written at once if the
 * processor can (see ftoa.h). The layout puts the same text between any two numbers. So the
 * functions of writer.c write that text once, and the loop copies it.
 */
#include "number/ftoa.h"
#include "number/itoa.h"
#include "write/out.h"

#include <math.h>

#define LONGEST_PIECE 128 /* longer pieces, of text many levels deep, are not copied */
#define CHUNK 64          /* numbers per reservation */

/* The text of the layout between two values, as it was written once. */
struct piece {
    char text[LONGEST_PIECE];
    size_t length;
};

static inline size_t written(const struct pyon_out *out)
{
    return (size_t)(out->cur - out->start);
}

/* Keeps the text that has been written since then. Returns false if it is too long. */
static bool keep_piece(struct piece *piece, const struct pyon_out *out, size_t since)
{
    piece->length = written(out) - since;
    if (piece->length > LONGEST_PIECE)
        return false;
    memcpy(piece->text, out->start + since, piece->length);
    return true;
}

/* Copies a piece; needs room for LONGEST_PIECE. */
static inline char *put_piece(char *p, const struct piece *piece)
{
    PYON_ASSERT(piece->length <= LONGEST_PIECE);
    if (PYON_LIKELY(piece->length <= 16))
        memcpy(p, piece->text, 16); /* one instruction, since the size is constant */
    else
        memcpy(p, piece->text, piece->length);
    return p + piece->length;
}

static size_t count_finite(const double *values, size_t count)
{
    size_t finite = 0;

    while (finite < count && isfinite(values[finite]))
        finite++;
    return finite;
}

/* ---- Members ---- */

/* Writes the text between two members, and keeps it: 1 if it is kept, 0 if not, -1 on failure. */
static int write_separator(struct pyon_writer *writer, enum pyon_container kind, size_t length,
                           struct piece *separator)
{
    size_t before = written(writer->out);

    if (pyon_write_next(writer, kind, length) < 0)
        return -1;
    return keep_piece(separator, writer->out, before);
}

int pyon_write_reals(struct pyon_writer *writer, const double *values, size_t count,
                     enum pyon_container kind, size_t length)
{
    struct pyon_out *out = writer->out;
    struct piece separator;
    int kept = 0;

    for (size_t run; count > 0; values += run, count -= run) {
        run = kept ? count_finite(values, count < CHUNK ? count : CHUNK) : 0;
        if (run > 0) {
            if (reserve(out, PYON_FTOA_RUN_SIZE(run, separator.length)) < 0)
                return -1;
            set_end(out, pyon_ftoa_run(out->cur, values, run, separator.text, separator.length));
        } else {
            run = 1;
            if (pyon_write_real(writer, *values) < 0)
                return -1;
            kept = write_separator(writer, kind, length, &separator);
            if (kept < 0)
                return -1;
        }
    }
    return 0;
}

static char *put_integers(char *p, const int64_t *values, size_t count,
                          const struct piece *separator)
{
    for (size_t i = 0; i < count; i++)
        p = put_piece(write_integer(p, values[i]), separator);
    return p;
}

int pyon_write_integers(struct pyon_writer *writer, const int64_t *values, size_t count,
                        enum pyon_container kind, size_t length)
{
    struct pyon_out *out = writer->out;
    struct piece separator;
    int kept = 0;

    for (size_t run; count > 0; values += run, count -= run) {
        if (kept) {
            run = count < CHUNK ? count : CHUNK;
            if (reserve(out, run * (PYON_ITOA_SIZE + separator.length) + LONGEST_PIECE) < 0)
                return -1;
            set_end(out, put_integers(out->cur, values, run, &separator));
        } else {
            run = 1;
            if (pyon_write_integer(writer, *values) < 0)
                return -1;
            kept = write_separator(writer, kind, length, &separator);
            if (kept < 0)
                return -1;
        }
    }
    return 0;
}

/* ---- Pairs ---- */

/* The texts before a key, after it, and after the value. */
struct pieces {
    struct piece open, middle, close;
};

/* Writes a pair by the rules, and keeps the pieces: 1 if they are kept, 0 if not, -1 on failure. */
static int write_pair(struct pyon_writer *writer, const struct pyon_key *key, double value,
                      enum pyon_container kind, size_t length, struct pieces *pieces)
{
    struct pyon_out *out = writer->out;
    size_t before = written(out);
    bool kept;

    if (pyon_write_pair_begin(writer, kind) < 0)
        return -1;
    kept = keep_piece(&pieces->open, out, before);
    if (pyon_write_code_points(writer, key->text, key->length, 1) < 0)
        return -1;
    before = written(out);
    if (pyon_write_pair_middle(writer, kind) < 0)
        return -1;
    kept &= keep_piece(&pieces->middle, out, before);
    if (pyon_write_real(writer, value) < 0)
        return -1;
    before = written(out);
    if (pyon_write_pair_end(writer, kind) < 0 || pyon_write_next(writer, kind, length) < 0)
        return -1;
    return kept && keep_piece(&pieces->close, out, before);
}

static int put_pairs(struct pyon_writer *writer, const struct pyon_key *keys,
                     const double values[PYON_FTOA_BATCH], const struct pieces *pieces)
{
    struct pyon_out *out = writer->out;
    struct pyon_ftoa_batch batch;

    pyon_ftoa_batch(&batch, values);
    for (size_t i = 0; i < PYON_FTOA_BATCH; i++) {
        if (reserve(out, LONGEST_PIECE) < 0)
            return -1;
        set_end(out, put_piece(out->cur, &pieces->open));
        if (pyon_write_code_points(writer, keys[i].text, keys[i].length, 1) < 0 ||
            reserve(out, 2 * LONGEST_PIECE + PYON_FTOA_SIZE) < 0)
            return -1;
        set_end(out, put_piece(out->cur, &pieces->middle));
        memcpy(out->cur, batch.text[i], PYON_FTOA_SIZE);
        set_end(out, put_piece(out->cur + batch.length[i], &pieces->close));
    }
    return 0;
}

int pyon_write_real_pairs(struct pyon_writer *writer, const struct pyon_key *keys,
                          const double *values, size_t count, enum pyon_container kind,
                          size_t length)
{
    struct pieces pieces;
    int kept = 0;

    for (size_t run; count > 0; keys += run, values += run, count -= run) {
        if (kept && count >= PYON_FTOA_BATCH &&
            count_finite(values, PYON_FTOA_BATCH) == PYON_FTOA_BATCH) {
            run = PYON_FTOA_BATCH;
            if (put_pairs(writer, keys, values, &pieces) < 0)
                return -1;
        } else {
            run = 1;
            kept = write_pair(writer, keys, *values, kind, length, &pieces);
            if (kept < 0)
                return -1;
        }
    }
    return 0;
}
