/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * For hosts: programs whose text or data live in memory of their own, such as the Python extension.
 * They can save copies with these functions. A plain program needs none of them.
 *
 * Reading: base64 straight into an array. In nparray((2,), "<f8", b"...") the first arguments tell
 * how long the base64 of the last one must be. So the builder can decode it before the lexer has
 * read it:
 *
 *   payload         The parser stands at the first character of a string. The string is an argument
 *                   of the innermost call, but not its first argument, and has no name. `available`
 *                   bytes of text follow at `text`. If the earlier arguments tell the length of the
 *                   base64, check that the base64 is canonical, and that the `ending_length` bytes
 *                   of `ending` follow it. If so, push the decoded value, set `length` to the number
 *                   of characters of the base64 without the ending, and return 0. Return 1 to
 *                   decline: then the string is an event. `bytes` says that it is a bytes literal.
 *   payload_begin   The same in a stream, if the end of a piece cuts the string. If the earlier
 *                   arguments tell the size of the data, and the base64 of this data is not longer
 *                   than `most` characters, set `size` to the size, set `data` to a block of that
 *                   size (NULL if it is 0), and return 0. The stream borrows the block until
 *                   payload_end. Return 1 to decline.
 *   payload_end     If `complete`, the block is filled: push its value. If not, drop the block: the
 *                   string was not canonical base64 of that size, and arrives as an event; or
 *                   reading has failed.
 *
 * All three return -1 as the other functions do. Between payload_begin and payload_end no other
 * function is called. pyon_stream_free() does not call payload_end. The builder must be able to
 * make the base64 again from the value, since call_undo may follow. That is why only canonical
 * base64 is taken.
 */
#ifndef PYON_HOST_H
#define PYON_HOST_H

#include "pyon.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reading: the part of version 1 that is a literal of Python, with the same value in every version
 * of Python. For all else, pyon_parse() fails with some error: for all names of the format except
 * None; for a sign before anything but the digits of a number; for escapes that Python warns of;
 * and for line ends and form feeds before the value. The builder decides about the rest: infinite
 * numbers, names, calls and arithmetic. There are no streams of this dialect.
 */
extern PYON_API const struct pyon_dialect pyon_literal;

/*
 * Writing into a buffer of your own: fill the members of struct pyon_out, except `reserved`. `grow`
 * then resizes the buffer. This function tells `grow` the new size: it returns a capacity in bytes
 * for a buffer of `capacity` bytes, of which `used` are in use and which needs `need` bytes more.
 * Small buffers double, large ones grow by a fifth. Returns 0 on overflow.
 */
PYON_API size_t pyon_out_capacity(size_t used, size_t capacity, size_t need);

/*
 * Advises the system to use huge pages for a new block of `size` bytes that is going to be filled.
 * The block may come from any allocator. The advice is given only if the block looks like a mapping
 * of its own. It saves time, because touching memory for the first time costs more than filling it.
 * Neither reads nor writes the block.
 */
PYON_API void pyon_advise_large(void *block, size_t size);

/*
 * Long strings and bytes in parts, so that the host can empty the output between two of them:
 *
 *     struct pyon_part part = {0};
 *     do {
 *         pyon_write_bytes_part(&writer, data, length, &part);
 *         ... empty the output
 *     } while (part.done < length);
 */
struct pyon_part {
    size_t done; /* how much of the whole is written: in code points for strings, else in bytes */
    char quote;  /* private: of version 1, chosen with the first part */
    const void *reserved;
};

/* Write the next part: a few KiB of text. They ask the output for no more room than that. A code
   point has `width` bytes: 1, 2 or 4. */
PYON_API int pyon_write_code_points_part(struct pyon_writer *writer, const void *data,
                                         size_t length, unsigned width, struct pyon_part *part);
PYON_API int pyon_write_bytes_part(struct pyon_writer *writer, const void *data, size_t length,
                                   struct pyon_part *part);

/*
 * pyon_write_array() in two steps. pyon_write_array_begin() returns a place for the base64:
 * borrowed until the next call, NULL on failure. Fill it with pyon_base64_encoded_size(size)
 * characters. Then call pyon_write_array_end(), before any other function of the writer.
 */
PYON_API char *pyon_write_array_begin(struct pyon_writer *writer, const int64_t *shape, size_t ndim,
                                      const char *dtype, size_t size);
PYON_API int pyon_write_array_end(struct pyon_writer *writer, size_t size);

/* Writes the next part of the base64 of `size` bytes, as the functions for strings do. So an array
   can be written in parts: call pyon_write_array_begin() and pyon_write_array_end() with a size of
   0, and this function between them. */
PYON_API int pyon_write_base64_part(struct pyon_writer *writer, const void *data, size_t size,
                                    struct pyon_part *part);

/*
 * Small values in one call: the host notes what is to be written as a list of items, and the writer
 * writes all of it without a call for each. For {"a": [1, 2.5]}:
 *
 *     begin dict    key "a"    begin list    integer 1    real 2.5    end list    end dict
 *
 * A member of a container that is not the first one is `separated`; of a pair, the key is.
 */
enum pyon_item_kind {
    PYON_ITEM_NULL,
    PYON_ITEM_FALSE,
    PYON_ITEM_TRUE,
    PYON_ITEM_INTEGER,
    PYON_ITEM_REAL,
    PYON_ITEM_STRING,
    PYON_ITEM_KEY, /* of a PYON_CONTAINER_DICT or PYON_CONTAINER_PAIRS */
    PYON_ITEM_BEGIN,
    PYON_ITEM_END
};

struct pyon_item {
    unsigned char kind;      /* of enum pyon_item_kind */
    unsigned char container; /* of a key, begin and end: of enum pyon_container */
    bool separated;          /* pyon_write_next comes before it */
    unsigned char width;     /* of a string or key: bytes of a code point, 1, 2 or 4 */
    uint32_t length;         /* of a string or key: its code points; of an end: the members */
    union {
        int64_t integer;
        double real;
        const void *text; /* of a string or key */
    } value;
};

/* Writes `count` items. The layout must be the compact one, and pairs must have no brackets of their
   own. */
PYON_API int pyon_write_items(struct pyon_writer *writer, const struct pyon_item *items,
                              size_t count);

#ifdef __cplusplus
}
#endif

#endif
