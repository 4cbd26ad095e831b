/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * libpyon: reading and writing PYON, the text format of ARTIQ and sipyco.
 *
 * Two dialects exist. Version 1 has the syntax of Python literals, version 2 is JSON in which
 * {"__jsonclass__": ["NAME", [ARGUMENTS]]} stands for the values that JSON lacks. Both describe
 * the same values, so both are read into the same events and written through the same calls:
 *
 *     text --> pyon_parse() --> struct pyon_builder (one call an event)
 *     your data --> pyon_write_*() --> struct pyon_out (a buffer that grows)
 *
 * Functions that can fail return 0 or -1; the reason is in struct pyon_error, or in
 * pyon_out.code for the writer. Ownership is told in one word a function or field:
 *   new       yours; free it as said
 *   borrowed  valid until the moment that is named
 *   fills     writes into what you pass
 * Nothing here keeps state that changes, reads the locale, or calls back after it has returned;
 * different threads may use different parsers and writers at the same time.
 */
#ifndef PYON_H
#define PYON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Empty where the library is a part of something that exports other names. */
#if defined(PYON_API)
#elif defined(__GNUC__)
#define PYON_API __attribute__((visibility("default")))
#else
#define PYON_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Dialects ---------------------------------------------------------------------------- */

struct pyon_dialect;

extern PYON_API const struct pyon_dialect pyon_v1;
extern PYON_API const struct pyon_dialect pyon_v2;

/* What can be between brackets. */
enum pyon_container {
    PYON_LIST,
    PYON_TUPLE,
    PYON_SET,
    PYON_DICT,    /* all keys are strings */
    PYON_PAIRS,   /* a dict with other keys */
    PYON_ORDERED, /* an OrderedDict */
    PYON_CONTAINERS
};

/* ---- Errors ------------------------------------------------------------------------------ */

/*
 * What went wrong. The codes up to PYON_ERROR_BOM have the texts of Python's json module, whose
 * messages and positions programs rely on; the rest belong to version 1.
 */
enum pyon_error_code {
    PYON_OK = 0,
    PYON_ERROR_HOST,            /* a function of the caller failed; it knows why */
    PYON_ERROR_MEMORY,          /* no memory */
    PYON_ERROR_DEPTH,           /* more open containers than pyon_options.max_depth */
    PYON_ERROR_UTF8,            /* a string is not UTF-8 (2: surrogates are allowed) */
    PYON_ERROR_VALUE,           /* no value where one must stand */
    PYON_ERROR_PROPERTY,        /* no key where one must stand */
    PYON_ERROR_COLON,           /* no colon behind a key */
    PYON_ERROR_COMMA,           /* neither comma nor end behind a value */
    PYON_ERROR_TRAILING_ARRAY,  /* a comma before "]" */
    PYON_ERROR_TRAILING_OBJECT, /* a comma before "}" */
    PYON_ERROR_EXTRA,           /* text behind the value */
    PYON_ERROR_STRING,          /* a string does not end; the offset is where it starts */
    PYON_ERROR_CONTROL,         /* a character below U+0020 in a string */
    PYON_ERROR_ESCAPE,          /* an unknown escape */
    PYON_ERROR_UNICODE_ESCAPE,  /* a \u without four hexadecimal digits */
    PYON_ERROR_BOM,             /* the text begins with U+FEFF */
    PYON_ERROR_EMPTY,           /* nothing but blanks and comments */
    PYON_ERROR_CHARACTER,       /* a character that begins nothing */
    PYON_ERROR_NUL,             /* a NUL in the text */
    PYON_ERROR_NUMBER,          /* a malformed number */
    PYON_ERROR_BRACKET,         /* a closing bracket that does not fit */
    PYON_ERROR_UNCLOSED,        /* a bracket, at the offset, that is never closed */
    PYON_ERROR_EXPRESSION,      /* a value, comma or bracket expected */
    PYON_ERROR_NAME,            /* an unknown name */
    PYON_ERROR_NOT_VALUE,       /* the name of a constructor without its arguments */
    PYON_ERROR_ACCESS,          /* attribute access or subscript */
    PYON_ERROR_ATTRIBUTE,       /* access to an attribute that the value does not have */
    PYON_ERROR_ARITHMETIC,      /* arithmetic that the builder does not compute */
    PYON_ERROR_OPERAND,         /* an operator or subscript that the value does not have */
    PYON_ERROR_CALL,            /* a call of a value that is no constructor */
    PYON_ERROR_OVERFLOW,        /* an integer too large for the real part of a complex number */
    PYON_ERROR_KEYWORD,         /* a Python keyword: lambda, if, for, ... */
    PYON_ERROR_UNPACKING,       /* *x or **x */
    PYON_ERROR_FORMATTED,       /* an f-string */
    PYON_ERROR_MIXED,           /* adjacent str and bytes literals */
    PYON_ERROR_BYTES,           /* a character above U+007F in a bytes literal */
    PYON_ERROR_HEX_ESCAPE,      /* an incomplete \x, \u or \U, or one above U+10FFFF */
    PYON_ERROR_NAME_ESCAPE,     /* a \N{...} that names no character */
    PYON_ERROR_ARGUMENT,        /* a positional argument behind a keyword argument */
    PYON_ERROR_TRUNCATED,       /* a stream ends inside a value; the offset is that of its end */
    PYON_ERROR_LINE,            /* with pyon_options.lines: a line ends inside a value */
    PYON_ERROR_SIZE,            /* a value in a stream has more bytes than pyon_options.max_bytes;
                                   the offset is that of the first byte too many */
    PYON_ERROR_LARGE,           /* arithmetic with more digits than the builder computes */
    PYON_ERROR_REPEATED,        /* a keyword argument that the call has already */
    PYON_ERROR_UNDEFINED,       /* arithmetic that has no result: 1 / 0, 1 << -1, 1.5 & 1 */
    PYON_ERROR_INEXPRESSIBLE,   /* of writing: the dialect has no way to write the value */
    PYON_ERROR_PATH,            /* not a path, see pyon_path.h; the message says what is expected */
    PYON_ERROR_COUNT
};

/* Where reading failed. Offsets are in bytes from the start of the text. */
struct pyon_error {
    enum pyon_error_code code;
    size_t offset;       /* of the first byte that is wrong */
    size_t length;       /* of the token there; 0 where that says nothing */
    const char *message; /* borrowed, static: one line of English without a final stop */
};

/* Of version 1: does the text compile as Python, and only its evaluation fail? */
PYON_API bool pyon_error_is_evaluation(enum pyon_error_code code);

/* Of version 1: does the text compile as Python, and is only not what the format allows? */
PYON_API bool pyon_error_is_refusal(enum pyon_error_code code);

/* The message of a code: borrowed, static. */
PYON_API const char *pyon_error_message(enum pyon_error_code code);

/*
 * Fills line and column, both from 1, of an offset into a UTF-8 text; columns count code points.
 * Lines end with "\n".
 */
PYON_API void pyon_locate(const char *text, size_t offset, size_t *line, size_t *column);

/* ---- Reading ----------------------------------------------------------------------------- */

/* Flags of events. */
enum {
    PYON_ASCII = 1,    /* string: all bytes are below 0x80 */
    PYON_ARGUMENT = 2, /* string, bytes, list, tuple: directly an argument of the innermost
                          open call */
    PYON_KEY = 4       /* string: a key of a dict, or a member of a set that may be one */
};

/*
 * Arithmetic with numbers, which version 1 allows: `2*50.0`, `1 << 4`, `-(3)`. The precedence is
 * Python's. A sign before a number, and a real number with an imaginary one, need none of it.
 */
enum pyon_operator {
    PYON_OPERATOR_POSITIVE, /* +x: the first three have one operand, */
    PYON_OPERATOR_NEGATIVE, /* -x */
    PYON_OPERATOR_INVERT,   /* ~x */
    PYON_OPERATOR_ADD,      /* the others have two */
    PYON_OPERATOR_SUBTRACT,
    PYON_OPERATOR_MULTIPLY,
    PYON_OPERATOR_DIVIDE,       /* / */
    PYON_OPERATOR_FLOOR_DIVIDE, /* // */
    PYON_OPERATOR_MODULO,
    PYON_OPERATOR_POWER,
    PYON_OPERATOR_SHIFT_LEFT,
    PYON_OPERATOR_SHIFT_RIGHT,
    PYON_OPERATOR_AND,
    PYON_OPERATOR_OR,
    PYON_OPERATOR_XOR,
    PYON_OPERATOR_COUNT
};

/*
 * What the parser calls, in postfix order: scalars push a value, containers pop their members
 * and push the whole. `self` is the pointer given to pyon_parse. All slices are borrowed until
 * the function returns. Each function returns 0, or -1 to stop with PYON_ERROR_HOST.
 *
 *     [1, (2, "a")]    integer(1) integer(2) string("a") tuple(2) list(2)
 *     Fraction(1, 2)   call_begin("Fraction") integer(1) integer(2) call_end(2, 0)
 */
struct pyon_builder {
    int (*null)(void *self);
    int (*boolean)(void *self, bool value);
    int (*integer)(void *self, int64_t value);
    /* An integer beyond int64_t: `text` is [-]digits in base 2, 8, 10 or 16, NUL-terminated. */
    int (*bigint)(void *self, const char *text, size_t length, unsigned base);
    int (*real)(void *self, double value);
    int (*complex_number)(void *self, double real, double imaginary);
    /* UTF-8, in which unpaired surrogates may stand as three bytes of their own. */
    int (*string)(void *self, const char *utf8, size_t length, unsigned flags);
    int (*bytes)(void *self, const char *data, size_t length, unsigned flags);
    int (*list)(void *self, size_t length, unsigned flags);
    int (*tuple)(void *self, size_t length, unsigned flags);
    int (*set)(void *self, size_t length);
    /* Pops 2 * length values: key, value, key, value, ... Keys may repeat: the last counts. */
    int (*dict)(void *self, size_t length);
    /* As dict, for a version 2 object that has the key "__jsonclass__" but not the plain shape
       of a call: there may be other keys, or no list of two. What it means is up to you. */
    int (*tagged)(void *self, size_t length);
    int (*call_begin)(void *self, const char *name, size_t length);
    /* The value that follows is the argument of that name. A call has no name twice. */
    int (*keyword)(void *self, const char *name, size_t length);
    int (*call_end)(void *self, size_t arguments, size_t keywords);
    /* The innermost call was none: replace it by three values, the string "__jsonclass__",
       the name as a string, and the list of the arguments so far. */
    int (*call_undo)(void *self, size_t arguments);

    /* The rest may be NULL; without the next four version 1 knows no names but its own. */

    /* Is this the name of a constructor? */
    bool (*callable)(void *self, const char *name, size_t length);
    /* Does the value on top have an attribute of this name? */
    bool (*attribute)(void *self, const char *name, size_t length);
    /* Pushes the constant of that name: returns 0, -1 as above, or 1 if there is none. */
    int (*name)(void *self, const char *name, size_t length);
    /* Fills the code point of a Unicode name (\N{...}): 0, -1 as above, or 1 if there is none. */
    int (*character)(void *self, const char *name, size_t length, uint32_t *code_point);
    /* In the place of string(), for one that is not ASCII and not just a slice of the text, that
       is, one with escapes or joined of several: `length` code points of the least width, 1, 2 or
       4 bytes, that holds all of them. PYON_ASCII is not set. If NULL, string() has it in UTF-8. */
    int (*code_points)(void *self, const void *data, size_t length, unsigned width, unsigned flags);
    /* A string begins at `text`, `available` bytes before the end, as an argument of the innermost
       call, behind others: a builder that can tell how long it must be if it is
       base64 may decode it before it is read. If `ending` stands right behind so many characters,
       and they are canonical base64 (so that call_undo can have the text back), pushes the value,
       fills `length` and returns 0; else 1, and the string comes as an event of its own; -1 as
       above. `bytes`: it is a bytes literal. */
    int (*payload)(void *self, const char *text, size_t available, const char *ending,
                   size_t ending_length, bool bytes, size_t *length);
    /* The same where the text comes in pieces (pyon_stream), and the string is longer than the
       piece. A builder that can tell the size of the data, and that its text is not longer than
       `most`, fills `data` with a block of `size` bytes and returns 0; else 1, or -1 as above. The
       block, borrowed, may be NULL if it is empty. It is filled as the text comes; then
       `payload_end` pushes the value that it has become, or, unless `complete`, drops it, since it
       is no base64 of that size, and the string comes as an event. It may also be dropped because
       reading has failed. No other function is called in between. Both may be NULL. */
    int (*payload_begin)(void *self, bool bytes, size_t most, void **data, size_t *size);
    int (*payload_end)(void *self, bool complete);
    /* Computes: pops the operands, of which the right one is on top, and pushes the result. Returns
       0; -1 as above; 1 if an operand is not a number; or 2 if the result has more digits than you
       want to compute. Of 1 and 2 the parser makes an error; it drops nothing. If NULL, arithmetic
       is an error, PYON_ERROR_ARITHMETIC. */
    int (*arithmetic)(void *self, enum pyon_operator op);
};

/*
 * For a caller that wants only parts of a value: it is asked about each list and dict from the
 * outside to the inside. The builder gets the values that are kept, and nothing else. All others are
 * checked, but neither converted nor kept. Of lists and dicts that are entered, only the selector is
 * told.
 *
 *     {"a": [1, 2], "b": 3}    value(0): ENTER, enter(true), key("a"): ENTER, enter(false),
 *                              value(0): SKIP, value(1): KEEP, builder->integer(2),
 *                              leave(PYON_LIST), key("b"): SKIP, leave(PYON_DICT)
 *
 * Only a list or dict of the text itself can be entered. Anything else that is to be entered (a number,
 * a tuple, a call) is kept.
 */
enum pyon_wanted {
    PYON_SKIP,
    PYON_KEEP,
    PYON_ENTER,
    PYON_SKIP_REST /* of value(): this item and all others of the list; its leave() is not called */
};

/* Functions return one of these; enter() and leave() 0; all of them -1 to stop with PYON_ERROR_HOST. */
struct pyon_selector {
    /* A value begins: item `index` of the list that was entered last, or the whole value. */
    int (*value)(void *self, size_t index);
    /* A key of the dict that was entered last: what about its value? The builder does not get the key. */
    int (*key)(void *self, const char *utf8, size_t length);
    /* Of version 1: a key that is no string, or perhaps a string that is not written in the plain way;
       or the first member of a set, which looks like a key. If it is kept, the builder gets it and its
       value. It is not entered. `string`: it may be a string. */
    int (*other_key)(void *self, bool string);
    int (*enter)(void *self, bool dict);
    /* A set has no members but the first, if that was kept. `tagged` is as for pyon_builder.tagged. In
       version 1 a comma may show that the whole is a tuple without parentheses: then, and before any of
       its items but the first, this is called with PYON_TUPLE. */
    int (*leave)(void *self, enum pyon_container kind, bool tagged);
    void *self;
};

struct pyon_options {
    size_t max_depth; /* open containers; 0 is 200 in version 1, as in Python, 10000 in version 2 */
    /* The next two are for streams alone. */
    size_t max_bytes; /* of a value, in bytes of text; 0 is no limit */
    bool lines;       /* no value goes on behind a line end, which is PYON_ERROR_LINE:
                         so that after one that is not complete, nothing else is lost */
    /* Borrowed; NULL if all is wanted. In values that are skipped, the builder is not asked for names:
       if it has `callable`, any name may be called there, and no constants are known. */
    const struct pyon_selector *selector;
};

/*
 * Reads one value. `text` is UTF-8 with a NUL at text[length]. `options` may be NULL.
 * On failure fills `error`; what the builder then holds is the caller's to drop.
 */
PYON_API int pyon_parse(const struct pyon_dialect *dialect, const char *text, size_t length,
                        const struct pyon_builder *builder, void *self,
                        const struct pyon_options *options, struct pyon_error *error);

/*
 * Reading a stream of values from pieces of text, of any size: they may end anywhere. The builder
 * gets the same events as from pyon_parse, while the text comes; a value is complete as soon as its
 * last byte is there. Memory is that of the longest token, base64 excepted, and the last piece.
 *
 * Nothing has to stand between two values but what keeps them apart: "1 2", "[1][2]". So in
 * version 1 there are no tuples without parentheses here, and strings side by side do not join.
 *
 *     while ((space = pyon_stream_space(stream, SIZE)) && (count = read(fd, space, SIZE)) > 0) {
 *         pyon_stream_add(stream, count);
 *         while ((status = pyon_stream_next(stream, &error)) == PYON_STREAM_VALUE)
 *             ... take it from the builder
 *         if (status == PYON_STREAM_FAILED)
 *             ... drop what the builder holds; break, or pyon_stream_skip_line() and next again
 *     }
 *     pyon_stream_end(stream);
 *     ... pyon_stream_next() once more
 */
struct pyon_stream;

enum pyon_stream_status {
    PYON_STREAM_FAILED = -1, /* what the builder holds is the caller's to drop */
    PYON_STREAM_MORE = 0,    /* the rest is missing; behind pyon_stream_end, there is none */
    PYON_STREAM_VALUE = 1    /* the builder has a value, and only that */
};

/* New: pyon_stream_free() it. Borrows the builder and `self`. NULL without memory. */
PYON_API struct pyon_stream *pyon_stream_new(const struct pyon_dialect *dialect,
                                             const struct pyon_builder *builder, void *self,
                                             const struct pyon_options *options);

/* NULL is nothing to free. */
PYON_API void pyon_stream_free(struct pyon_stream *stream);

/* Where to put the next `size` bytes of text: borrowed until the next call. NULL without memory. */
PYON_API char *pyon_stream_space(struct pyon_stream *stream, size_t size);

/* So many bytes have been put there: as many as were asked for, or fewer. */
PYON_API void pyon_stream_add(struct pyon_stream *stream, size_t size);

/* So many bytes are lost, since there was no space for them; what has been added and not been read is
   dropped, too. The stream has failed, with PYON_ERROR_MEMORY. */
PYON_API void pyon_stream_lose(struct pyon_stream *stream, size_t size);

/* There will be no more text: a number at the end is complete, and anything else that is not, is
   PYON_ERROR_TRUNCATED. */
PYON_API void pyon_stream_end(struct pyon_stream *stream);

/*
 * Reads on: one of enum pyon_stream_status. On failure fills `error`, with offsets from the start
 * of the stream; so it does again until pyon_stream_skip_line.
 */
PYON_API int pyon_stream_next(struct pyon_stream *stream, struct pyon_error *error);

/* After a failure: goes on behind the next line end, looked for from the token that was wrong on,
   or from the first byte too many. */
PYON_API void pyon_stream_skip_line(struct pyon_stream *stream);

/* The number of bytes so far; and of the value that is being read, or has failed. */
PYON_API size_t pyon_stream_offset(const struct pyon_stream *stream);
PYON_API size_t pyon_stream_value_size(const struct pyon_stream *stream);

/* What the innermost open bracket makes, "a list" for instance: borrowed, static. Fills the number
   of open brackets. */
PYON_API const char *pyon_stream_container(const struct pyon_stream *stream, size_t *depth);

/* A builder that accepts everything and keeps nothing: for checking syntax. */
extern PYON_API const struct pyon_builder pyon_null_builder;

/* ---- Output ------------------------------------------------------------------------------ */

/*
 * Text is written at `cur`; [start, end) is the block. `grow` makes room for `need` more bytes
 * behind `cur`, moving the block if it must, and returns 0, or -1 with `code` set.
 */
struct pyon_out {
    char *start;
    char *cur;
    char *end;
    int (*grow)(struct pyon_out *out, size_t need);
    enum pyon_error_code code; /* why the last call failed */
};

/* An output into memory from malloc. */
PYON_API void pyon_out_init(struct pyon_out *out);

/* Ends the text with a NUL. New: free() it; the output is empty then. NULL without memory; the
   output is as it was. */
PYON_API char *pyon_out_detach(struct pyon_out *out, size_t *length);

/* Frees what was not detached. */
PYON_API void pyon_out_free(struct pyon_out *out);

/* The capacity to ask for when `used` bytes must grow by `need`; 0 on overflow. */
PYON_API size_t pyon_out_capacity(size_t used, size_t capacity, size_t need);

/*
 * A new block of `size` bytes, of any allocator, will be filled. If it looks like a mapping of its
 * own, asks the system for huge pages in it: to touch memory for the first time costs more than to
 * fill it. Nothing is read or written.
 */
PYON_API void pyon_advise_large(void *block, size_t size);

/* ---- Writing ----------------------------------------------------------------------------- */

/*
 * Writes values one behind the other; the caller calls pyon_write_next between the members of
 * a container. `writer` borrows `out`.
 */
struct pyon_writer {
    struct pyon_out *out;
    const struct pyon_spelling *spelling;
    size_t level; /* of indentation */
    bool pretty;  /* laid out in lines */
};

/* Fills `writer`. The text of `pretty` is that of encode(x, pretty=True). */
PYON_API void pyon_writer_init(struct pyon_writer *writer, struct pyon_out *out,
                               const struct pyon_dialect *dialect, bool pretty);

PYON_API int pyon_write_null(struct pyon_writer *writer);
PYON_API int pyon_write_boolean(struct pyon_writer *writer, bool value);
PYON_API int pyon_write_integer(struct pyon_writer *writer, int64_t value);
PYON_API int pyon_write_real(struct pyon_writer *writer, double value);
PYON_API int pyon_write_complex(struct pyon_writer *writer, double real, double imaginary);
PYON_API int pyon_write_bytes(struct pyon_writer *writer, const void *data, size_t length);

/* A string in UTF-8; surrogates may stand as three bytes. PYON_ERROR_UTF8 if it is not that. */
PYON_API int pyon_write_string(struct pyon_writer *writer, const char *utf8, size_t length);

/* A string of `length` code points of `width` 1, 2 or 4 bytes each. */
PYON_API int pyon_write_code_points(struct pyon_writer *writer, const void *data, size_t length,
                                    unsigned width);

/* `length` bytes as they are: the digits of a large integer, say. */
PYON_API int pyon_write_raw(struct pyon_writer *writer, const char *text, size_t length);

/*
 * Long strings and bytes in parts, so that the output can be emptied between two of them. How far
 * the whole is written: zero at first; when `done` is its length, that was the last part.
 */
struct pyon_part {
    size_t done;
    char quote; /* of version 1, chosen with the first part */
};

/* The next part: some KiB, for which they ask for no more room than that. */
PYON_API int pyon_write_code_points_part(struct pyon_writer *writer, const void *data,
                                         size_t length, unsigned width, struct pyon_part *part);
PYON_API int pyon_write_bytes_part(struct pyon_writer *writer, const void *data, size_t length,
                                   struct pyon_part *part);

/*
 * A container of `length` members (pairs, for the three kinds of dict):
 *     begin, member, next, member, ..., end
 * and for a pair: pair_begin, key, pair_middle, value, pair_end.
 * `length` must be the same in all calls for one container.
 */
PYON_API int pyon_write_begin(struct pyon_writer *writer, enum pyon_container kind, size_t length);
PYON_API int pyon_write_next(struct pyon_writer *writer, enum pyon_container kind, size_t length);
PYON_API int pyon_write_end(struct pyon_writer *writer, enum pyon_container kind, size_t length);
PYON_API int pyon_write_pair_begin(struct pyon_writer *writer, enum pyon_container kind);
PYON_API int pyon_write_pair_middle(struct pyon_writer *writer, enum pyon_container kind);
/* pair_begin, a key that is a string of code points, pair_middle. */
PYON_API int pyon_write_key(struct pyon_writer *writer, enum pyon_container kind, const void *data,
                            size_t length, unsigned width);

PYON_API int pyon_write_pair_end(struct pyon_writer *writer, enum pyon_container kind);

/*
 * `count` numbers with pyon_write_next behind each of them: members of a container of `length`
 * members, but not its last one. Infinite ones and NaN may be among them. Faster than one by one.
 */
PYON_API int pyon_write_reals(struct pyon_writer *writer, const double *values, size_t count,
                              enum pyon_container kind, size_t length);
PYON_API int pyon_write_integers(struct pyon_writer *writer, const int64_t *values, size_t count,
                                 enum pyon_container kind, size_t length);

/* A key of characters up to U+00FF, a byte each. */
struct pyon_key {
    const char *text;
    size_t length;
};

/* Likewise `count` pairs, their keys strings, their values numbers, with pyon_write_next. */
PYON_API int pyon_write_real_pairs(struct pyon_writer *writer, const struct pyon_key *keys,
                                   const double *values, size_t count, enum pyon_container kind,
                                   size_t length);

/*
 * A call with `length` arguments. `name` is plain: its bytes need no escape.
 * In between as for a container, with pyon_write_call_next.
 */
PYON_API int pyon_write_call_begin(struct pyon_writer *writer, const char *name, size_t name_length,
                                   size_t length);
PYON_API int pyon_write_call_next(struct pyon_writer *writer, size_t length);
PYON_API int pyon_write_call_end(struct pyon_writer *writer, size_t length);

/*
 * The arguments of nparray and npscalar. `dtype` is NumPy's text, "<f8" for instance; `data` the
 * elements in C order, `size` bytes.
 */
PYON_API int pyon_write_array(struct pyon_writer *writer, const int64_t *shape, size_t ndim,
                              const char *dtype, const void *data, size_t size);
/*
 * The same in steps: _begin returns where to put pyon_base64_encoded_size(size) characters, NULL
 * if it fails; _end, the next call of the writer, goes on behind them.
 */
PYON_API char *pyon_write_array_begin(struct pyon_writer *writer, const int64_t *shape, size_t ndim,
                                      const char *dtype, size_t size);
PYON_API int pyon_write_array_end(struct pyon_writer *writer, size_t size);

/* The next part of the base64 of `size` bytes, as for strings. Arrays are written in parts by these
   between _begin and _end, both of which are told a size of 0. */
PYON_API int pyon_write_base64_part(struct pyon_writer *writer, const void *data, size_t size,
                                    struct pyon_part *part);

PYON_API int pyon_write_scalar(struct pyon_writer *writer, const char *dtype, const void *data,
                               size_t size);

/* ---- Base64 ------------------------------------------------------------------------------ */

/* The length of the text of `size` bytes with padding; SIZE_MAX on overflow. */
PYON_API size_t pyon_base64_encoded_size(size_t size);

/*
 * The size of the data of a canonical text (length a multiple of 4, "=" only as padding): fills
 * `size` and returns 0, or -1 when the length already says that it is not.
 */
PYON_API int pyon_base64_decoded_size(const char *text, size_t length, size_t *size);

/* Fills `text` with pyon_base64_encoded_size(size) characters; no NUL. */
PYON_API void pyon_base64_encode(char *text, const void *data, size_t size);

/*
 * Fills `data` with as many bytes as pyon_base64_decoded_size has told. Strict: returns -1 if
 * any character is foreign or unused bits are set, so that what is accepted encodes to the same
 * text again. What is in `data` then is undefined; it is not touched if there is no such size.
 *
 * Where it fails, `where`, which may be NULL, becomes the offset of the first character that does
 * not belong: a foreign one; "=" where there is no padding, and what stands in its place or behind
 * it; before padding, a character that sets unused bits. `length` if the text ends too early.
 */
PYON_API int pyon_base64_decode(void *data, const char *text, size_t length, size_t *where);

#ifdef __cplusplus
}
#endif

#endif
