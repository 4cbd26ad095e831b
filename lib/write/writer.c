/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values to text in either dialect, compact or pretty. struct pyon_spelling has the differences.
 *
 * The pretty layout is the compact text with line ends in it. With [1,2] in version 2:
 *
 *     [              a line end and the indentation after each bracket of the opening text,
 *         1,         and after each comma,
 *         2
 *     ]              and before each bracket of the closing text
 *
 * A container is expanded like this if it has enough members. In version 1 a dict of two members is
 * expanded, and other containers never are. In version 2 one member is enough. There the wrapper
 * {"__jsonclass__":["NAME",[ is expanded even around nothing; only the innermost brackets of an
 * empty container stay together.
 */
#include "dialect.h"
#include "number/ftoa.h"
#include "number/itoa.h"
#include "pyon_host.h"
#include "write/escape.h"
#include "write/spelling.h"

#include <math.h>

#define INDENT 4    /* spaces a level */
#define ENDING 1024 /* room for the text after a large payload */
#define SPACES 64   /* most lines have less indentation */
#define PART 6144   /* bytes that become base64 at a time: a multiple of 3 */

void pyon_writer_init(struct pyon_writer *writer, struct pyon_out *out,
                      const struct pyon_dialect *dialect, bool pretty)
{
    *writer = (struct pyon_writer){.out = out, .spelling = dialect->spelling, .pretty = pretty};
}

/* Appends a text of the spelling. */
static inline int append_text(struct pyon_writer *writer, const struct pyon_spelled *text)
{
    struct pyon_out *out = writer->out;

    if (reserve(out, PYON_SPELLED) < 0)
        return -1;
    set_end(out, put_spelled(out->cur, text));
    return 0;
}

/* ---- Layout ---- */

/* Writes "\n" and the indentation; needs room for line_size(). */
static inline char *put_line(char *p, size_t spaces)
{
    *p++ = '\n';
    if (PYON_LIKELY(spaces <= SPACES))
        memset(p, ' ', SPACES); /* two instructions, since the size is constant */
    else
        memset(p, ' ', spaces);
    return p + spaces;
}

static inline size_t line_size(size_t spaces)
{
    return 1 + (spaces < SPACES ? SPACES : spaces);
}

static int new_line(struct pyon_writer *writer)
{
    size_t spaces = INDENT * writer->level;

    if (reserve(writer->out, line_size(spaces)) < 0)
        return -1;
    set_end(writer->out, put_line(writer->out->cur, spaces));
    return 0;
}

static inline bool is_expanded(const struct pyon_writer *writer, size_t from, size_t length)
{
    return writer->pretty && length >= from;
}

/* Do the brackets of a text take lines, even if there is no member between the innermost ones? */
static inline bool takes_lines(const struct pyon_writer *writer, size_t from, size_t length)
{
    return writer->pretty && (writer->spelling->expand_wrappers || length >= from);
}

/* Writes a part of the opening text in the pretty layout; it ends with a bracket, or before one. */
static int open_lines(struct pyon_writer *writer, const struct pyon_spelled *open)
{
    size_t level = writer->level;
    char *p;

    if (reserve(writer->out, open->length * (2 + line_size(INDENT * (level + open->length)))) < 0)
        return -1;
    p = writer->out->cur;
    for (size_t i = 0; i < open->length; i++) {
        char c = open->text[i];
        bool bracket = c == '{' || c == '[';

        *p++ = c;
        if (c == ':')
            *p++ = ' ';
        level += bracket;
        if (c == ',' || (bracket && i + 1 < open->length))
            p = put_line(p, INDENT * level);
    }
    set_end(writer->out, p);
    writer->level = level;
    return 0;
}

static int close_lines(struct pyon_writer *writer, const struct pyon_spelled *close, bool empty)
{
    for (size_t i = 0; i < close->length; i++) {
        PYON_ASSERT(writer->level > 0);
        writer->level--;
        if (!(i == 0 && empty) && new_line(writer) < 0)
            return -1;
        if (append(writer->out, &close->text[i], 1) < 0)
            return -1;
    }
    return 0;
}

static int write_open(struct pyon_writer *writer, const struct pyon_spelled *open, size_t from,
                      size_t length)
{
    if (!takes_lines(writer, from, length))
        return append_text(writer, open);
    if (open_lines(writer, open) < 0)
        return -1;
    return length > 0 ? new_line(writer) : 0;
}

static int write_close(struct pyon_writer *writer, const struct pyon_spelled *close, size_t from,
                       size_t length)
{
    if (!takes_lines(writer, from, length))
        return append_text(writer, close);
    return close_lines(writer, close, length == 0);
}

static int write_separator(struct pyon_writer *writer, size_t from, size_t length)
{
    if (!is_expanded(writer, from, length))
        return append_text(writer, &writer->spelling->separator);
    if (append(writer->out, ",", 1) < 0)
        return -1;
    return new_line(writer);
}

/* ---- Containers ---- */

int pyon_write_begin(struct pyon_writer *writer, enum pyon_container kind, size_t length)
{
    const struct pyon_brackets *brackets = &writer->spelling->brackets[kind];

    return write_open(writer, &brackets->open, brackets->expand_from, length);
}

int pyon_write_next(struct pyon_writer *writer, enum pyon_container kind, size_t length)
{
    if (!writer->pretty)
        return append_text(writer, &writer->spelling->separator);
    return write_separator(writer, writer->spelling->brackets[kind].expand_from, length);
}

int pyon_write_end(struct pyon_writer *writer, enum pyon_container kind, size_t length)
{
    const struct pyon_brackets *brackets = &writer->spelling->brackets[kind];
    const struct pyon_spelled *close = length == 1 ? &brackets->close_one : &brackets->close;

    return write_close(writer, close, brackets->expand_from, length);
}

/* The brackets of a pair are expanded together with the wrapper that they belong to. */
static inline bool pair_takes_lines(const struct pyon_writer *writer,
                                    const struct pyon_brackets *brackets)
{
    return writer->pretty && writer->spelling->expand_wrappers && brackets->pair_open.length > 0;
}

int pyon_write_pair_begin(struct pyon_writer *writer, enum pyon_container kind)
{
    const struct pyon_brackets *brackets = &writer->spelling->brackets[kind];

    if (!pair_takes_lines(writer, brackets))
        return append_text(writer, &brackets->pair_open);
    if (open_lines(writer, &brackets->pair_open) < 0)
        return -1;
    return new_line(writer);
}

int pyon_write_pair_middle(struct pyon_writer *writer, enum pyon_container kind)
{
    const struct pyon_brackets *brackets = &writer->spelling->brackets[kind];

    if (append_text(writer,
                    writer->pretty ? &brackets->pair_middle_pretty : &brackets->pair_middle) < 0)
        return -1;
    return pair_takes_lines(writer, brackets) ? new_line(writer) : 0;
}

/* In compact text, the same characters stand before every key, and the same after it. */
static int write_compact_key(struct pyon_writer *writer, const struct pyon_brackets *brackets,
                             const void *data, size_t length, unsigned width)
{
    if (brackets->pair_open.length > 0 && append_text(writer, &brackets->pair_open) < 0)
        return -1;
    if (pyon_escape(writer->out, data, length, width) < 0)
        return -1;
    return append_text(writer, &brackets->pair_middle);
}

int pyon_write_key(struct pyon_writer *writer, enum pyon_container kind, const void *data,
                   size_t length, unsigned width)
{
    if (!writer->pretty)
        return write_compact_key(writer, &writer->spelling->brackets[kind], data, length, width);
    if (pyon_write_pair_begin(writer, kind) < 0 ||
        pyon_escape(writer->out, data, length, width) < 0)
        return -1;
    return pyon_write_pair_middle(writer, kind);
}

int pyon_write_pair_end(struct pyon_writer *writer, enum pyon_container kind)
{
    const struct pyon_brackets *brackets = &writer->spelling->brackets[kind];

    if (brackets->pair_close.length == 0)
        return 0;
    if (!pair_takes_lines(writer, brackets))
        return append_text(writer, &brackets->pair_close);
    return close_lines(writer, &brackets->pair_close, false);
}

int pyon_write_call_begin(struct pyon_writer *writer, const char *name, size_t name_length,
                          size_t length)
{
    const struct pyon_spelling *spelling = writer->spelling;
    bool lines = takes_lines(writer, spelling->call_expand_from, length);

    if ((lines ? open_lines(writer, &spelling->call_open)
               : append_text(writer, &spelling->call_open)) < 0 ||
        append(writer->out, name, name_length) < 0)
        return -1;
    return write_open(writer, &spelling->call_name_close, spelling->call_expand_from, length);
}

int pyon_write_call_next(struct pyon_writer *writer, size_t length)
{
    return write_separator(writer, writer->spelling->call_expand_from, length);
}

int pyon_write_call_end(struct pyon_writer *writer, size_t length)
{
    const struct pyon_spelling *spelling = writer->spelling;

    return write_close(writer, &spelling->call_close, spelling->call_expand_from, length);
}

/* ---- Scalars ---- */

int pyon_write_null(struct pyon_writer *writer)
{
    return append_text(writer, &writer->spelling->null);
}

int pyon_write_boolean(struct pyon_writer *writer, bool value)
{
    return append_text(writer, value ? &writer->spelling->true_ : &writer->spelling->false_);
}

int pyon_write_integer(struct pyon_writer *writer, int64_t value)
{
    if (reserve(writer->out, PYON_ITOA_SIZE) < 0)
        return -1;
    set_end(writer->out, write_integer(writer->out->cur, value));
    return 0;
}

int pyon_write_real(struct pyon_writer *writer, double value)
{
    const struct pyon_spelling *spelling = writer->spelling;

    if (PYON_LIKELY(isfinite(value))) {
        if (reserve(writer->out, PYON_FTOA_SIZE) < 0)
            return -1;
        set_end(writer->out, writer->out->cur + pyon_ftoa(writer->out->cur, value));
        return 0;
    }
    if (isnan(value))
        return append_text(writer, &spelling->nan);
    return append_text(writer, value > 0 ? &spelling->infinity : &spelling->minus_infinity);
}

int pyon_write_raw(struct pyon_writer *writer, const char *text, size_t length)
{
    return append(writer->out, text, length);
}

/* Writes a part of a complex number: without a trailing ".0", as Python's repr() does. */
static int write_part(struct pyon_writer *writer, double value)
{
    struct pyon_out *out = writer->out;

    if (pyon_write_real(writer, value) < 0)
        return -1;
    if (isfinite(value) && out->cur[-1] == '0' && out->cur[-2] == '.')
        out->cur -= 2;
    return 0;
}

/* "2j" if the real part is +0.0, else "(1+2j)". */
int pyon_write_complex_literal(struct pyon_writer *writer, double real, double imaginary)
{
    bool sign = !signbit(imaginary) || isnan(imaginary);

    /* Compares bits: a processor may be told to take subnormal numbers for zero. */
    if (memcmp(&real, &(double){0.0}, sizeof real) == 0) {
        if (write_part(writer, imaginary) < 0)
            return -1;
        return append(writer->out, "j", 1);
    }
    if (append(writer->out, "(", 1) < 0 || write_part(writer, real) < 0 ||
        (sign && append(writer->out, "+", 1) < 0) || write_part(writer, imaginary) < 0)
        return -1;
    return append(writer->out, "j)", 2);
}

int pyon_write_complex_call(struct pyon_writer *writer, double real, double imaginary)
{
    if (pyon_write_call_begin(writer, "complex", 7, 2) < 0 || pyon_write_real(writer, real) < 0 ||
        pyon_write_call_next(writer, 2) < 0 || pyon_write_real(writer, imaginary) < 0)
        return -1;
    return pyon_write_call_end(writer, 2);
}

int pyon_write_complex(struct pyon_writer *writer, double real, double imaginary)
{
    return writer->spelling->complex_number(writer, real, imaginary);
}

/* ---- Strings and bytes ---- */

int pyon_write_string(struct pyon_writer *writer, const char *utf8, size_t length)
{
    return pyon_escape_utf8(writer->out, utf8, length);
}

int pyon_write_code_points(struct pyon_writer *writer, const void *data, size_t length,
                           unsigned width)
{
    return pyon_escape(writer->out, data, length, width);
}

int pyon_write_code_points_part(struct pyon_writer *writer, const void *data, size_t length,
                                unsigned width, struct pyon_part *part)
{
    return pyon_escape_part(writer->out, data, length, width, &part->done);
}

/* As repr(): double quotes only if there is a single quote in the data and no double one. */
static char choose_quote(const void *data, size_t length)
{
    bool single = length > 0 && memchr(data, '\'', length);
    bool twofold = single && memchr(data, '"', length);

    return single && !twofold ? '"' : '\'';
}

int pyon_write_bytes_literal(struct pyon_writer *writer, const void *data, size_t length)
{
    return pyon_escape_bytes(writer->out, data, length, choose_quote(data, length), NULL);
}

int pyon_write_bytes_literal_part(struct pyon_writer *writer, const void *data, size_t length,
                                  struct pyon_part *part)
{
    if (part->done == 0)
        part->quote = choose_quote(data, length);
    return pyon_escape_bytes(writer->out, data, length, part->quote, &part->done);
}

/* Includes room for the text after the payload: to grow a large block for a bracket would cost more
   than everything else. */
static int reserve_payload(struct pyon_writer *writer, size_t size)
{
    size_t length = pyon_base64_encoded_size(size);

    return reserve(writer->out, length < SIZE_MAX - ENDING ? length + ENDING : length);
}

static int write_base64(struct pyon_writer *writer, const void *data, size_t size)
{
    if (reserve_payload(writer, size) < 0)
        return -1;
    pyon_base64_encode(writer->out->cur, data, size);
    set_end(writer->out, writer->out->cur + pyon_base64_encoded_size(size));
    return 0;
}

int pyon_write_base64_part(struct pyon_writer *writer, const void *data, size_t size,
                           struct pyon_part *part)
{
    size_t left = size - part->done, step = left < PART ? left : PART;

    PYON_ASSERT(part->done <= size && part->done % 3 == 0);
    if (write_base64(writer, (const char *)data + part->done, step) < 0)
        return -1;
    part->done += step;
    return 0;
}

static int write_payload(struct pyon_writer *writer, const void *data, size_t size)
{
    const struct pyon_spelling *spelling = writer->spelling;

    if (append_text(writer, &spelling->payload_open) < 0 || write_base64(writer, data, size) < 0)
        return -1;
    return append_text(writer, &spelling->payload_close);
}

int pyon_write_bytes_call(struct pyon_writer *writer, const void *data, size_t length)
{
    if (pyon_write_call_begin(writer, "bytes", 5, 1) < 0 || write_payload(writer, data, length) < 0)
        return -1;
    return pyon_write_call_end(writer, 1);
}

int pyon_write_bytes_call_part(struct pyon_writer *writer, const void *data, size_t length,
                               struct pyon_part *part)
{
    const struct pyon_spelling *spelling = writer->spelling;

    if (part->done == 0 && (pyon_write_call_begin(writer, "bytes", 5, 1) < 0 ||
                            append_text(writer, &spelling->payload_open) < 0))
        return -1;
    if (pyon_write_base64_part(writer, data, length, part) < 0)
        return -1;
    if (part->done < length)
        return 0;
    if (append_text(writer, &spelling->payload_close) < 0)
        return -1;
    return pyon_write_call_end(writer, 1);
}

int pyon_write_bytes(struct pyon_writer *writer, const void *data, size_t length)
{
    return writer->spelling->bytes(writer, data, length);
}

int pyon_write_bytes_part(struct pyon_writer *writer, const void *data, size_t length,
                          struct pyon_part *part)
{
    return writer->spelling->bytes_part(writer, data, length, part);
}

/* ---- Arrays ---- */

static int write_shape(struct pyon_writer *writer, const int64_t *shape, size_t ndim)
{
    enum pyon_container kind = writer->spelling->shape;

    if (pyon_write_begin(writer, kind, ndim) < 0)
        return -1;
    for (size_t i = 0; i < ndim; i++)
        if ((i > 0 && pyon_write_next(writer, kind, ndim) < 0) ||
            pyon_write_integer(writer, shape[i]) < 0)
            return -1;
    return pyon_write_end(writer, kind, ndim);
}

char *pyon_write_array_begin(struct pyon_writer *writer, const int64_t *shape, size_t ndim,
                             const char *dtype, size_t size)
{
    if (pyon_write_call_begin(writer, "nparray", 7, 3) < 0 ||
        write_shape(writer, shape, ndim) < 0 || pyon_write_call_next(writer, 3) < 0 ||
        pyon_write_string(writer, dtype, strlen(dtype)) < 0 ||
        pyon_write_call_next(writer, 3) < 0 ||
        append_text(writer, &writer->spelling->payload_open) < 0 ||
        reserve_payload(writer, size) < 0)
        return NULL;
    return writer->out->cur;
}

int pyon_write_array_end(struct pyon_writer *writer, size_t size)
{
    set_end(writer->out, writer->out->cur + pyon_base64_encoded_size(size));
    if (append_text(writer, &writer->spelling->payload_close) < 0)
        return -1;
    return pyon_write_call_end(writer, 3);
}

int pyon_write_array(struct pyon_writer *writer, const int64_t *shape, size_t ndim,
                     const char *dtype, const void *data, size_t size)
{
    char *text = pyon_write_array_begin(writer, shape, ndim, dtype, size);

    if (!text)
        return -1;
    pyon_base64_encode(text, data, size);
    return pyon_write_array_end(writer, size);
}

int pyon_write_scalar(struct pyon_writer *writer, const char *dtype, const void *data, size_t size)
{
    if (pyon_write_call_begin(writer, "npscalar", 8, 2) < 0 ||
        pyon_write_string(writer, dtype, strlen(dtype)) < 0 ||
        pyon_write_call_next(writer, 2) < 0 || write_payload(writer, data, size) < 0)
        return -1;
    return pyon_write_call_end(writer, 2);
}
