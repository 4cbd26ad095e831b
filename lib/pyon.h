/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * libpyon: reading and writing PYON, the text format of ARTIQ and sipyco.
 *
 * Two dialects exist. Version 1 has the syntax of Python literals. Version 2 is JSON; an object
 * {"__jsonclass__": ["NAME", [ARGUMENTS]]} stands for a value that JSON lacks. Both describe the
 * same values. So both are read into the same events, and written through the same calls:
 *
 *     text --> pyon_parse() --> struct pyon_builder (one call per event)
 *     your data --> pyon_write_*() --> struct pyon_out (a buffer that grows)
 *
 * An example: is a text valid?
 *
 *     struct pyon_error error;
 *
 *     if (pyon_parse(&pyon_v2, text, length, &pyon_null_builder, NULL, NULL, &error) < 0)
 *         fprintf(stderr, "%s at byte %zu\n", error.message, error.offset);
 *
 * Conventions, for every function unless its comment says otherwise:
 *   - It returns 0 or, on failure, -1. The reason is in struct pyon_error, or in pyon_out.code for
 *     the writer.
 *   - Pointers must not be NULL. Sizes, lengths and offsets of text are in bytes. Text is UTF-8,
 *     without a NUL at its end unless one is asked for.
 *   - Ownership is told in one word:
 *       new       yours; free it as the comment says
 *       borrowed  valid until the moment that is named
 *       fills     writes to the place that you pass
 *
 * You may rely on the following. The library keeps no state that changes, does not read the locale,
 * and never calls back after it has returned. Different threads may use different parsers, streams
 * and writers at the same time.
 *
 * A program runs with later versions of the library without being compiled again:
 *   - Error codes, flags, operators and kinds keep their numbers; new ones are appended. So treat
 *     an error code that you do not know as an error, and ignore a flag that you do not know.
 *   - Structs keep their size and their members. New members take the place of those that are
 *     called `reserved`. So these must be zero in structs that you fill: use `= {.member = ...}`,
 *     which makes all others zero.
 */
#ifndef PYON_H
#define PYON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Defined as empty if the library is built into a program that exports other names. On Windows, a
   program that uses the DLL may define PYON_DLL; with MSVC it must. */
#if defined(PYON_API)
#elif defined(_WIN32) && defined(PYON_DLL)
#define PYON_API __declspec(dllimport)
#elif defined(__GNUC__) && !defined(_WIN32)
#define PYON_API __attribute__((visibility("default")))
#else
#define PYON_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Version ----------------------------------------------------------------------------- */

/* The version of this header, as text and in numbers. */
#define PYON_VERSION "0.1.0"
#define PYON_VERSION_MAJOR 0
#define PYON_VERSION_MINOR 1
#define PYON_VERSION_PATCH 0

/* Returns the version of the library that the program runs with, "0.1.0" for instance: borrowed,
   static, with a NUL at its end. */
PYON_API const char *pyon_version(void);

/* ---- Dialects ---------------------------------------------------------------------------- */

/* A dialect, for the functions below. Its members are private. */
struct pyon_dialect;

extern PYON_API const struct pyon_dialect pyon_v1;
extern PYON_API const struct pyon_dialect pyon_v2;

/* The kinds of containers. */
enum pyon_container {
    PYON_CONTAINER_LIST,
    PYON_CONTAINER_TUPLE,
    PYON_CONTAINER_SET,
    PYON_CONTAINER_DICT,    /* all keys are strings */
    PYON_CONTAINER_PAIRS,   /* a dict with other keys */
    PYON_CONTAINER_ORDERED, /* an OrderedDict */
    PYON_CONTAINER_COUNT    /* the number of kinds of this version of the library */
};

/* ---- Errors ------------------------------------------------------------------------------ */

/*
 * The reasons of failures. PYON_ERROR_VALUE to PYON_ERROR_BOM have the messages and positions of
 * Python's json module, because programs rely on them. The codes after PYON_ERROR_BOM belong to
 * version 1, and some of them to streams.
 */
enum pyon_error_code {
    PYON_OK = 0,
    PYON_ERROR_HOST,            /* a function of the caller has failed; it knows why */
    PYON_ERROR_MEMORY,          /* no memory */
    PYON_ERROR_DEPTH,           /* more open containers than pyon_options.max_depth */
    PYON_ERROR_UTF8,            /* a string is not UTF-8 (version 2 allows surrogates) */
    PYON_ERROR_VALUE,           /* no value where one must stand */
    PYON_ERROR_PROPERTY,        /* no key where one must stand */
    PYON_ERROR_COLON,           /* no colon after a key */
    PYON_ERROR_COMMA,           /* neither comma nor end after a value */
    PYON_ERROR_TRAILING_ARRAY,  /* a comma before "]" */
    PYON_ERROR_TRAILING_OBJECT, /* a comma before "}" */
    PYON_ERROR_EXTRA,           /* text after the value */
    PYON_ERROR_STRING,          /* a string does not end; the offset is where it starts */
    PYON_ERROR_CONTROL,         /* a character below U+0020 in a string */
    PYON_ERROR_ESCAPE,          /* an unknown escape */
    PYON_ERROR_UNICODE_ESCAPE,  /* a \u without four hexadecimal digits */
    PYON_ERROR_BOM,             /* the text begins with U+FEFF */
    PYON_ERROR_EMPTY,           /* nothing but blanks and comments */
    PYON_ERROR_CHARACTER,       /* a character that no token begins with */
    PYON_ERROR_NUL,             /* a NUL in the text */
    PYON_ERROR_NUMBER,          /* a malformed number */
    PYON_ERROR_BRACKET,         /* a closing bracket that does not match */
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
    PYON_ERROR_ARGUMENT,        /* a positional argument after a keyword argument */
    PYON_ERROR_TRUNCATED,       /* a stream ends inside a value; the offset is that of its end */
    PYON_ERROR_LINE,            /* with pyon_options.lines: a line ends inside a value */
    PYON_ERROR_SIZE,            /* a value in a stream has more bytes than pyon_options.max_bytes;
                                   the offset is that of the first byte too many */
    PYON_ERROR_LARGE,           /* arithmetic with more digits than the builder computes */
    PYON_ERROR_REPEATED,        /* a keyword argument that the call already has */
    PYON_ERROR_UNDEFINED,       /* arithmetic that has no result: 1 / 0, 1 << -1, 1.5 & 1 */
    PYON_ERROR_INEXPRESSIBLE,   /* of writing: the dialect has no way to write the value */
    PYON_ERROR_PATH,            /* not a path, see pyon_path.h; the message says why */
    PYON_ERROR_COUNT            /* the number of codes of this version of the library */
};

/* Where and why reading failed. Functions fill it on failure only. */
struct pyon_error {
    enum pyon_error_code code;
    size_t offset;       /* of the first wrong byte, from the start of the text or stream */
    size_t length;       /* of the token there, in bytes; 0 if there is none to name */
    const char *message; /* borrowed, static: one line of English without a full stop */
    const void *reserved[2];
};

/* For version 1: true if Python would compile the text, and fail to evaluate it. An example is
   "null()". */
PYON_API bool pyon_error_is_evaluation(enum pyon_error_code code);

/* For version 1: true if Python would evaluate the text, but the format does not allow it. An
   example is "[1][0]". */
PYON_API bool pyon_error_is_refusal(enum pyon_error_code code);

/* Returns the message of a code: borrowed, static, with a NUL at its end. It is never NULL,
   whatever the number. */
PYON_API const char *pyon_error_message(enum pyon_error_code code);

/*
 * Fills `line` and `column` of the byte at `offset`, which is at most the length of the text. Both
 * count from 1. Columns count code points; lines end with "\n". Takes time in proportion to
 * `offset`.
 */
PYON_API void pyon_locate(const char *text, size_t offset, size_t *line, size_t *column);

/* ---- Reading ----------------------------------------------------------------------------- */

/* Flags of events: bits, or-ed together. */
enum {
    PYON_FLAG_ASCII = 1,    /* string: all bytes are below 0x80 */
    PYON_FLAG_ARGUMENT = 2, /* string, bytes, list, tuple: directly an argument of the innermost
                          open call */
    PYON_FLAG_KEY = 4 /* string, bytes, list, tuple: a key of a dict. The first member of a set
                          has it too, because the parser cannot know yet that it is no key */
};

/*
 * Arithmetic with numbers, which version 1 allows: `2*50.0`, `1 << 4`, `-(3)`. The precedence is
 * Python's. `-1` and `1+2j` are single numbers and not arithmetic: a sign before a number, and the
 * sum of a real and an imaginary number, belong to the number.
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
    PYON_OPERATOR_COUNT /* the number of operators of this version of the library */
};

/*
 * The functions that the parser calls, in postfix order. A builder has a stack of values: scalars
 * push one, containers pop their members and push the whole.
 *
 *     [1, (2, "a")]    integer(1) integer(2) string("a") tuple(2) list(2)
 *     {"a": null}      string("a") null() dict(1)
 *     Fraction(1, 2)   call_begin("Fraction") integer(1) integer(2) call_end(2, 0)
 *
 * `self` is the pointer that was passed to pyon_parse or pyon_stream_new. Every slice and pointer
 * that a function gets is borrowed until it returns. A slice has `length` bytes; no NUL follows
 * it, except in bigint(). Each function returns 0, or -1 to stop reading with PYON_ERROR_HOST.
 * Members up to call_undo must not be NULL.
 */
struct pyon_builder {
    int (*null)(void *self);
    int (*boolean)(void *self, bool value);
    int (*integer)(void *self, int64_t value);
    /* An integer beyond int64_t, for instance "-12345678901234567890" in base 10: an optional "-"
       and `length` characters in all, without prefix or underscores. `base` is 2, 8, 10 or 16. A
       NUL follows. */
    int (*bigint)(void *self, const char *text, size_t length, unsigned base);
    int (*real)(void *self, double value);
    int (*complex_number)(void *self, double real, double imaginary);
    /* UTF-8, in which an unpaired surrogate may stand as three bytes of its own. */
    int (*string)(void *self, const char *utf8, size_t length, unsigned flags);
    int (*bytes)(void *self, const char *data, size_t length, unsigned flags);
    /* Pop `length` values, the last member on top. */
    int (*list)(void *self, size_t length, unsigned flags);
    int (*tuple)(void *self, size_t length, unsigned flags);
    int (*set)(void *self, size_t length);
    /* Pops 2 * length values: key, value, key, value, ... Keys may repeat: the last one counts. */
    int (*dict)(void *self, size_t length);
    /* Is called in place of dict() for a version 2 object such as {"__jsonclass__": 1}: it has the
       key "__jsonclass__", but not the shape of a call. The builder decides whether that is an
       error. */
    int (*tagged)(void *self, size_t length);
    /* A call begins; its arguments follow as events. */
    int (*call_begin)(void *self, const char *name, size_t length);
    /* The next value is the keyword argument of that name. If a call has a name twice, reading
       fails before call_end. Version 1. */
    int (*keyword)(void *self, const char *name, size_t length);
    /* The innermost call ends: pops its values, `keywords` named ones on top of `arguments`
       positional ones, and pushes the result. */
    int (*call_end)(void *self, size_t arguments, size_t keywords);
    /* The innermost call turns out to be no call, for instance {"__jsonclass__":["a",[1],2]} after
       the 1. Pops its `arguments` values. In place of the call pushes the string "__jsonclass__",
       the name as a string, and the list of these values. Version 2. */
    int (*call_undo)(void *self, size_t arguments);

    /* The rest may be NULL. */

    /* These four are asked for names that version 1 does not know itself. */

    /* Returns true if this is the name of a constructor. Then name(...) is a call. */
    bool (*callable)(void *self, const char *name, size_t length);
    /* Returns true if the value on top of the stack has an attribute of this name. The answer
       decides which error the attribute is. If NULL, the answer is true. */
    bool (*attribute)(void *self, const char *name, size_t length);
    /* Pushes the constant of that name: returns 0, -1 as above, or 1 if there is none. */
    int (*name)(void *self, const char *name, size_t length);
    /* Fills the code point of a Unicode name, as in "\N{EM DASH}": returns 0, -1 as above, or 1 if
       there is none. */
    int (*character)(void *self, const char *name, size_t length, uint32_t *code_point);

    /* Is called in place of string() for a string that is not ASCII, if it has escapes or was
       joined from several literals. `data` has `length` code points of `width` bytes each: 1, 2 or
       4, the least that holds all of them. PYON_FLAG_ASCII is not set. If NULL, string() gets it in
       UTF-8. */
    int (*code_points)(void *self, const void *data, size_t length, unsigned width, unsigned flags);

    /* The next three are a fast path for base64 in the arguments of calls: see pyon_host.h. */

    int (*payload)(void *self, const char *text, size_t available, const char *ending,
                   size_t ending_length, bool bytes, size_t *length);
    int (*payload_begin)(void *self, bool bytes, size_t most, void **data, size_t *size);
    int (*payload_end)(void *self, bool complete);

    /* Computes: pops the operands, the right one on top, and pushes the result. Returns 0, -1 as
       above, 1 if an operand is not a number, or 2 if the result has more digits than the builder
       wants to compute. With 1 and 2 the operands stay on the stack, and reading will fail. If
       NULL, arithmetic is PYON_ERROR_ARITHMETIC. */
    int (*arithmetic)(void *self, enum pyon_operator op);

    /* Pushes several doubles, as so many calls of real() do. Returns their number; or fewer to stop
       reading with PYON_ERROR_HOST, at the first one that is not pushed. If NULL, real() is called. */
    size_t (*reals)(void *self, const double *values, size_t count);
    void (*reserved[7])(void);
};

/*
 * A selector is for a caller that wants only parts of a value. The parser asks it about each list
 * and dict, from the outside to the inside. The builder gets the values that are kept, and nothing
 * else. All other values are checked, but neither converted nor kept. Only the selector is told
 * about lists and dicts that are entered.
 *
 *     {"a": [1, 2], "b": 3}    value(0): ENTER, enter(true), key("a"): ENTER, enter(false),
 *                              value(0): SKIP, value(1): KEEP, builder->integer(2),
 *                              leave(PYON_CONTAINER_LIST), key("b"): SKIP,
 *                              leave(PYON_CONTAINER_DICT)
 *
 * Only a list or dict of the text itself can be entered. If the selector wants to enter anything
 * else (a number, a tuple, a call), the parser keeps it.
 */
enum pyon_wanted {
    PYON_WANTED_SKIP,
    PYON_WANTED_KEEP,
    PYON_WANTED_ENTER,
    /* From value() alone: skips this item and all later items of the list. leave() is not called
       for this list. */
    PYON_WANTED_SKIP_REST
};

/* A part of a text: see pyon_selector.same. */
struct pyon_leaf {
    const char *text; /* 16 bytes may be read from here on, whatever the length */
    size_t length;    /* bytes */
    bool exact;       /* it is known to be what the writer of version 2 writes for its value */
};

/* value(), key() and other_key() return one of enum pyon_wanted; enter() and leave() return 0. All
   of them may return -1 to stop with PYON_ERROR_HOST. */
struct pyon_selector {
    /* A value begins: item `index` of the list that was entered last, or the whole value. */
    int (*value)(void *self, size_t index);
    /* A key of the dict that was entered last. The result is for the value of the key. The builder
       does not get the key. */
    int (*key)(void *self, const char *utf8, size_t length);
    /* Of version 1: a key that is not a string, or that may be a string but is not written in the
       plain way. Also the first member of a set, which looks like a key. `string` says that it may
       be a string. If it is kept, the builder gets it and its value. It cannot be entered:
       PYON_WANTED_ENTER keeps it. */
    int (*other_key)(void *self, bool string);
    /* A list begins, or a dict if `dict` is true. Its members follow. */
    int (*enter)(void *self, bool dict);
    /* The list or dict that was entered last ends. If `kind` is a set, the builder has only its
       first member, if that was kept. `tagged` is as for pyon_builder.tagged. In version 1 a comma
       may show that the whole value is a tuple without parentheses. Then this is called with
       PYON_CONTAINER_TUPLE at each of its commas, so before each item except the first. */
    int (*leave)(void *self, enum pyon_container kind, bool tagged);
    void *self; /* passed to these functions */
    /*
     * For streams of version 2; both may be NULL. The values of a stream are often dicts that have the
     * same keys in the same order, written in the same way. They differ in their leaves: in scalars,
     * in lists of scalars and lists, and in empty dicts.
     */
    /* `text` was such a value, with a NUL at its end. It has `count` leaves. Sets those in `kept`, in
       their order, that the selector wants of any value that differs from this one in its leaves
       alone. Returns 1; or 0 if the functions above must be asked; or -1 as above. */
    int (*leaves)(void *self, const char *text, size_t length, bool *kept, size_t count);
    /* A value is complete that differs from the last one of leaves() in its leaves alone: gets the
       texts of those that are kept. No other function of the selector or the builder was called for
       it. Returns 0, or -1 as above. */
    int (*same)(void *self, const struct pyon_leaf *leaves, size_t count);
    void (*reserved[2])(void);
};

/* Zero in any member means its default. */
struct pyon_options {
    size_t max_depth; /* open containers; default 200 in version 1, as in Python, 10000 in 2 */
    /* The next two are for streams alone. */
    size_t max_bytes; /* of the text of a value; default no limit */
    bool lines;       /* a line end inside a value is PYON_ERROR_LINE: so an incomplete value
                         costs no more than its own line */
    /* Borrowed. NULL: all values are wanted. In skipped values, the builder is not asked for names.
       If it has `callable`, any name may be called there, and no constants are known. */
    const struct pyon_selector *selector;
    const void *reserved[4];
};

/*
 * Reads a text of one value. `text` has `length` bytes, and a NUL at text[length]. `options` may be
 * NULL. Returns 0; then the builder has one value on its stack. Or returns -1 and fills `error`;
 * then drop the values on the stack.
 */
PYON_API int pyon_parse(const struct pyon_dialect *dialect, const char *text, size_t length,
                        const struct pyon_builder *builder, void *self,
                        const struct pyon_options *options, struct pyon_error *error);

/*
 * Reading a stream of values from pieces of text. Pieces may have any size and end anywhere. The
 * builder gets the same events as from pyon_parse, while the text comes. A value is complete as
 * soon as its last byte is there. A number or name outside brackets is complete as soon as the next
 * byte is there.
 *
 *     while ((space = pyon_stream_space(stream, SIZE)) && (count = read(fd, space, SIZE)) > 0) {
 *         pyon_stream_add(stream, count);
 *         while ((status = pyon_stream_next(stream, &error)) == PYON_STREAM_VALUE)
 *             ... take it from the builder
 *         if (status == PYON_STREAM_FAILED)
 *             ... drop the values of the builder; break, or pyon_stream_skip_line() and next again
 *     }
 *     pyon_stream_end(stream);
 *     ... pyon_stream_next() once more
 *
 * Values need no separator, except where their texts would join: "[1][2]" needs none, "1 2" needs
 * the blank. So in version 1, unlike in pyon_parse, "1, 2" is not a tuple, and adjacent strings do
 * not join. The stream keeps the last piece and the longest token in memory, except base64.
 */
struct pyon_stream;

enum pyon_stream_status {
    PYON_STREAM_FAILED = -1, /* drop the values of the builder */
    PYON_STREAM_MORE = 0,    /* the value is not complete; after pyon_stream_end: there is none */
    PYON_STREAM_VALUE = 1    /* the builder has one value on its stack */
};

/* New: pyon_stream_free() it. Borrows the builder and `self` until then; copies `options`, which
   may be NULL. Returns NULL without memory. */
PYON_API struct pyon_stream *pyon_stream_new(const struct pyon_dialect *dialect,
                                             const struct pyon_builder *builder, void *self,
                                             const struct pyon_options *options);

/* `stream` may be NULL. Calls no function of the builder. */
PYON_API void pyon_stream_free(struct pyon_stream *stream);

/* Returns the place for the next `size` bytes of text: borrowed until the next call for this
   stream. NULL without memory; the stream is as it was. */
PYON_API char *pyon_stream_space(struct pyon_stream *stream, size_t size);

/* Says that `size` bytes have been put into that space: at most as many as were asked for. */
PYON_API void pyon_stream_add(struct pyon_stream *stream, size_t size);

/* Says that `size` bytes of the text are lost, because there was no space for them. Drops the text
   that has been added and not read. The stream has then failed with PYON_ERROR_MEMORY. */
PYON_API void pyon_stream_lose(struct pyon_stream *stream, size_t size);

/* Says that there will be no more text. Then a number at the end is complete; any other beginning
   of a value is PYON_ERROR_TRUNCATED. */
PYON_API void pyon_stream_end(struct pyon_stream *stream);

/*
 * Reads up to the end of the next value, as far as there is text. Returns one of enum
 * pyon_stream_status. Skips a byte order mark at the start of the stream, in both dialects. On
 * failure fills `error`, with offsets from the start of the stream. Each later call fails in the
 * same way until pyon_stream_skip_line.
 */
PYON_API int pyon_stream_next(struct pyon_stream *stream, struct pyon_error *error);

/* After a failure: reading continues after the next line end. The search for it begins at the wrong
   token, or at the first byte beyond max_bytes. Without a failure, does nothing. */
PYON_API void pyon_stream_skip_line(struct pyon_stream *stream);

/* Returns the number of bytes that have been added so far. */
PYON_API size_t pyon_stream_offset(const struct pyon_stream *stream);

/* Returns the number of these bytes from the start of the value that is being read, or that has
   failed. */
PYON_API size_t pyon_stream_value_size(const struct pyon_stream *stream);

/* Returns the number of bytes before a place in the text. After a value this is its end. While a
   function of the selector runs, it is the start of the key, item or bracket that the function is
   called for; while a function of the builder runs, the start of the token that completed the
   event. The number never decreases. So the difference between two calls is the size of the text
   between them, however it was cut into pieces. */
PYON_API size_t pyon_stream_position(const struct pyon_stream *stream);

/* Returns the name of the container of the innermost open bracket, "a list" for instance: borrowed,
   static, with a NUL at its end. Fills `depth` with the number of open brackets. */
PYON_API const char *pyon_stream_container(const struct pyon_stream *stream, size_t *depth);

/* A builder that accepts every event and keeps nothing, for checking syntax. Ignores `self`. */
extern PYON_API const struct pyon_builder pyon_null_builder;

/* ---- Output ------------------------------------------------------------------------------ */

/*
 * A buffer of text that grows. With memory from malloc:
 *   1. pyon_out_init() makes it empty.
 *   2. The writer appends text; cur - start is its length. To empty the output, set cur to start.
 *   3. pyon_out_detach() takes the text out; the output is empty again.
 *   4. pyon_out_free() frees the text that has not been detached.
 * A host with a buffer of its own fills the members instead: see pyon_host.h.
 */
struct pyon_out {
    char *start; /* of the block; NULL while there is none */
    char *cur;   /* the end of the text */
    char *end;   /* of the block */
    /* Makes room for at least `need` more bytes after `cur`. It may move the block. Returns 0, or
       -1 with `code` set and the text as it was. */
    int (*grow)(struct pyon_out *out, size_t need);
    enum pyon_error_code code; /* why the last call failed */
    void *reserved[2];
};

/* Fills `out` with an empty output, which takes its memory from malloc. */
PYON_API void pyon_out_init(struct pyon_out *out);

/* New: the text, with a NUL at its end; free() it. Fills `length`, which does not count the NUL.
   The output is empty after that. Returns NULL without memory; then the output is as it was. */
PYON_API char *pyon_out_detach(struct pyon_out *out, size_t *length);

/* Frees the text that was not detached. The output is empty after that. */
PYON_API void pyon_out_free(struct pyon_out *out);

/* ---- Writing ----------------------------------------------------------------------------- */

/*
 * Writes values one after another. An example, [1, 2]:
 *
 *     pyon_writer_init(&writer, &out, &pyon_v2, false);
 *     pyon_write_begin(&writer, PYON_CONTAINER_LIST, 2);
 *     pyon_write_integer(&writer, 1);
 *     pyon_write_next(&writer, PYON_CONTAINER_LIST, 2);
 *     pyon_write_integer(&writer, 2);
 *     pyon_write_end(&writer, PYON_CONTAINER_LIST, 2);
 *
 * A writer owns nothing and need not be freed. It borrows `out`, which must outlive it. The writer
 * does not check that the calls make a value: that is the caller's part. When a function returns
 * -1, the reason is in out->code, and the text so far is incomplete: drop it.
 */
struct pyon_writer {
    struct pyon_out *out;
    const struct pyon_spelling *spelling; /* private: how the dialect writes */
    size_t level;                         /* of indentation: open brackets that are on lines */
    bool pretty;                          /* laid out in lines */
    const void *reserved[2];
};

/* Fills `writer`. With `pretty`, the text is that of encode(x, pretty=True) in Python. */
PYON_API void pyon_writer_init(struct pyon_writer *writer, struct pyon_out *out,
                               const struct pyon_dialect *dialect, bool pretty);

/* Each of these writes one value. Numbers may be infinite or NaN. */
PYON_API int pyon_write_null(struct pyon_writer *writer);
PYON_API int pyon_write_boolean(struct pyon_writer *writer, bool value);
PYON_API int pyon_write_integer(struct pyon_writer *writer, int64_t value);
PYON_API int pyon_write_real(struct pyon_writer *writer, double value);
PYON_API int pyon_write_complex(struct pyon_writer *writer, double real, double imaginary);

/* Writes bytes. `data` may be NULL if `length` is 0. */
PYON_API int pyon_write_bytes(struct pyon_writer *writer, const void *data, size_t length);

/* A string in UTF-8. A surrogate may stand in it as three bytes. If the string is not UTF-8, the
   code is PYON_ERROR_UTF8. */
PYON_API int pyon_write_string(struct pyon_writer *writer, const char *utf8, size_t length);

/* A string of `length` code points of `width` bytes each: 1, 2 or 4. */
PYON_API int pyon_write_code_points(struct pyon_writer *writer, const void *data, size_t length,
                                    unsigned width);

/* `length` bytes of text unchanged: the digits of a large integer, for instance. */
PYON_API int pyon_write_raw(struct pyon_writer *writer, const char *text, size_t length);

/*
 * A container of `length` members; the members of the three kinds of dict are pairs:
 *     begin, member, next, member, ..., end
 * A pair:
 *     pair_begin, key, pair_middle, value, pair_end
 * `length` must be the same in all calls for one container.
 */
PYON_API int pyon_write_begin(struct pyon_writer *writer, enum pyon_container kind, size_t length);
PYON_API int pyon_write_next(struct pyon_writer *writer, enum pyon_container kind, size_t length);
PYON_API int pyon_write_end(struct pyon_writer *writer, enum pyon_container kind, size_t length);
PYON_API int pyon_write_pair_begin(struct pyon_writer *writer, enum pyon_container kind);
PYON_API int pyon_write_pair_middle(struct pyon_writer *writer, enum pyon_container kind);
PYON_API int pyon_write_pair_end(struct pyon_writer *writer, enum pyon_container kind);

/* pair_begin, a key of `length` code points of `width` bytes each, and pair_middle in one call. */
PYON_API int pyon_write_key(struct pyon_writer *writer, enum pyon_container kind, const void *data,
                            size_t length, unsigned width);

/*
 * Writes `count` numbers, with pyon_write_next after each of them. They are members of a container
 * of `length` members; its last member must not be among them. Infinite numbers and NaN may be
 * among them. Faster than one call for each number.
 */
PYON_API int pyon_write_reals(struct pyon_writer *writer, const double *values, size_t count,
                              enum pyon_container kind, size_t length);
PYON_API int pyon_write_integers(struct pyon_writer *writer, const int64_t *values, size_t count,
                                 enum pyon_container kind, size_t length);

/* A key of `length` characters up to U+00FF, one byte each (Latin-1, not UTF-8). */
struct pyon_key {
    const char *text;
    size_t length;
};

/* Writes `count` pairs of a string and a number in the same way, with pyon_write_next after each of
   them. */
PYON_API int pyon_write_real_pairs(struct pyon_writer *writer, const struct pyon_key *keys,
                                   const double *values, size_t count, enum pyon_container kind,
                                   size_t length);

/*
 * A call with `length` arguments:
 *     call_begin, argument, call_next, argument, ..., call_end
 * `name` has `name_length` bytes, none of which needs an escape.
 */
PYON_API int pyon_write_call_begin(struct pyon_writer *writer, const char *name, size_t name_length,
                                   size_t length);
PYON_API int pyon_write_call_next(struct pyon_writer *writer, size_t length);
PYON_API int pyon_write_call_end(struct pyon_writer *writer, size_t length);

/*
 * A NumPy array and a NumPy scalar. `shape` has `ndim` entries. `dtype` is NumPy's text, "<f8" for
 * instance, with a NUL at its end. `data` has `size` bytes: the elements in C order.
 */
PYON_API int pyon_write_array(struct pyon_writer *writer, const int64_t *shape, size_t ndim,
                              const char *dtype, const void *data, size_t size);
PYON_API int pyon_write_scalar(struct pyon_writer *writer, const char *dtype, const void *data,
                               size_t size);

#include "pyon_base64.h"

#ifdef __cplusplus
}
#endif

#endif
