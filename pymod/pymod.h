/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The extension fastpyon._core: libpyon's events to Python objects, and Python objects to
 * libpyon's writer. One file for each of
 *
 *     module.c    the module, its state, and the functions encode and decode of both dialects
 *     build.c     events --> objects; call.c, names.c, arithmetic.c and budget.c are parts of it
 *                 (build.h)
 *     decoder.c   the type Decoder: objects from a stream
 *     walk.c      objects --> text: what both dialects share; walk_v1.c, walk_v2.c the rest
 *     frame.c     the containers among them, which may pause
 *     pieces.c    text that is handed out in pieces
 *     array.c     all that is NumPy
 *     file.c      text between a str and a file
 *     transfer.c  bytes to and from files, pipes and sockets
 *     line.c      lines received: bytes that are a str already
 *     strout.c    an output that is a growing str, or bytes
 *     raise.c     errors of the library --> exceptions
 *     room.c      what of the C stack may be used
 *
 * Functions return 0, or -1 with an exception set; those that return an object, a new reference
 * or NULL with an exception set.
 */
#ifndef PYMOD_H
#define PYMOD_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string.h>

#include <pyon.h>

/*
 * What the Python module of a dialect has given (see bind_v1, bind_v2): all are references, or
 * NULL before. The maps are alive: programs change them at any time. An entry that is the same
 * in the map and in `own` is the format's own, and its work is done here.
 */
struct v1 {
    PyObject *kinds, *own_kinds; /* type -> name of an encoder's method */
    PyObject *names, *own_names; /* names that decode knows -> value */
    PyObject *know_numpy;        /* (): enters NumPy's types into the maps */
    PyObject *encode;            /* encode(x, pretty) in Python */
    PyObject *source_text;       /* (bytes-like) -> str */
    PyObject *null_error;        /* class of the exception for a NUL */
    PyObject *fraction, *ordered_dict;
    PyObject *namespace, *encoder; /* the module's globals, and its class _Encoder */
    bool patched;                  /* the class has been changed: it must do the work */
};

struct v2 {
    PyObject *encoders, *own_encoders; /* type -> (name, function) */
    PyObject *decoders, *own_decoders; /* name -> function */
    PyObject *know_numpy;
    PyObject *wrap;
    PyObject *wrapped_tuple, *wrapped_dict;   /* the types under which tuples and dicts stand */
    PyObject *encode;                         /* encode(x, pretty, **kw) by way of json */
    PyObject *decode;                         /* decode(s, **kw), likewise */
    PyObject *object_hook;                    /* what json calls for a decoded object */
    PyObject *detect_encoding, *decode_error; /* json's */
    PyObject *fraction, *ordered_dict;
    PyObject *assertions; /* False under python -O */
};

/* Constructors whose plain cases are done here, and any other. */
enum constructor {
    CONSTRUCTOR_TUPLE,
    CONSTRUCTOR_DICT,
    CONSTRUCTOR_SET,
    CONSTRUCTOR_BYTES,
    CONSTRUCTOR_COMPLEX,
    CONSTRUCTOR_NPARRAY,
    CONSTRUCTOR_NPSCALAR,
    CONSTRUCTOR_FRACTION,
    CONSTRUCTOR_OTHER
};

#define KEYS 2048
#define WIDE_KEYS 1024
#define DTYPES 64

struct state {
    struct v1 v1;
    struct v2 v2;
    PyObject *constructors[CONSTRUCTOR_OTHER]; /* their names */
    PyObject *keys[KEYS];                      /* short keys that have been read, or NULL */
    PyObject *wide_keys[WIDE_KEYS];            /* those that are not ASCII */
    struct {
        uint64_t text;
        PyObject *dtype;
    } dtypes[DTYPES]; /* that have been read, see find_dtype() in array.c */
    bool has_numpy;   /* its C interface has been looked up */
    PyObject *tag;    /* "__jsonclass__" */
    PyObject *nan;    /* one object, as in the reference: {nan, nan} has one member */
    PyObject *numerator, *denominator;     /* the slots of a Fraction */
    PyObject *encoder_name;                /* "_Encoder" */
    PyObject *class_name;                  /* "__class__" */
    PyObject *lookup;                      /* unicodedata.lookup, when it has been needed */
    PyObject *fraction;                    /* the class; and of _fractions.py: */
    PyObject *budget_limit, *budget_spend; /* see budget.c */
    PyObject *stream_error;                /* see raise_error() in decoder.c */
    PyObject *pieces_type;                 /* see pieces.c */
    PyObject *file_type;                   /* see file.c */
};

/* ---- module.c ---- */

/* A type of the module. */
PyObject *new_type(PyObject *module, PyType_Spec *spec);
/* The same, as an attribute of the module. */
int add_type(PyObject *module, PyType_Spec *spec);

/* ---- strout.c: an output whose block is the inside of an ASCII str, or of bytes ---- */

struct strout {
    struct pyon_out out; /* first, so that it can be told from a pointer to it */
    PyObject *object;    /* NULL as long as the text is in `first` */
    bool is_bytes;
    char first[1024];
};

void strout_init(struct strout *strout, bool is_bytes);

/* The str or bytes; the output is empty then. */
PyObject *strout_finish(struct strout *strout);
void strout_drop(struct strout *strout);

/* pyon_advise_large for an ASCII str, or bytes: its header, its text and a NUL are one block. */
static inline void advise_object(PyObject *object, const char *text, size_t length)
{
    pyon_advise_large(object, (size_t)(text - (const char *)object) + length + 1);
}

/* ---- path.c ---- */

/* Fills a name as errors show it, and as the system takes it: bytes. Both are new. */
int path_take(PyObject *path, PyObject **name, PyObject **encoded);

/* open(2), which may take long: signal handlers and other threads run meanwhile. */
int path_open(const char *path, PyObject *name, const char *mode, int flags);

/* Sets the OSError of a system call. */
void path_raise(int code, PyObject *name);

/* ---- file_read.c ---- */

PyObject *file_read(PyObject *module, PyObject *path);

/* ---- file.c ---- */

/* Makes the type File. */
int file_init(PyObject *module, struct state *state);
PyObject *file_open(PyObject *module, PyObject *path);
PyObject *file_replace(PyObject *module, PyObject *args);
PyObject *file_append(PyObject *module, PyObject *args);

static inline bool is_ascii(const char *text, size_t length)
{
    uint64_t words[4], tops = 0;
    size_t i = 0;

    for (; i + sizeof words <= length && !(tops & 0x8080808080808080u); i += sizeof words) {
        memcpy(words, text + i, sizeof words);
        tops = words[0] | words[1] | words[2] | words[3];
    }
    for (; i < length && !(tops & 0x8080808080808080u); i++)
        tops |= (unsigned char)text[i];
    return !(tops & 0x8080808080808080u);
}

/* ---- transfer.c ---- */

/*
 * method(view of the data), which reads into it or writes from it: the number of bytes that it says,
 * or -1. Methods of Python's own files and sockets, which are C, return without a look at signals:
 * nothing comes between what they have done and what the caller of this notes.
 */
Py_ssize_t transfer_by_method(PyObject *method, char *data, Py_ssize_t size, int access);

/* The same by read(2) or write(2), while other threads run: an interrupted call is made again. Errors
   name the file, unless `name` is NULL. */
Py_ssize_t transfer_by_descriptor(int fd, char *data, size_t size, bool out, PyObject *name);

/* ---- line.c ---- */

/* Takes `size` bytes from the start of a bytearray: a str if they are ASCII, else bytes. What is
   behind them stays. */
PyObject *line_take(PyObject *buffer, Py_ssize_t size);

/* Puts the types Gather and Line into the module. */
int line_add_types(PyObject *module);

/* ---- room.c ---- */

/* The lowest address of the C stack to which recursion may come. */
uintptr_t room_floor(void);

/* How many nested brackets may be decoded, up to `most`, but at least one. */
size_t room_for_brackets(size_t most);

/* The same without that limit, for Python. */
PyObject *room_levels(PyObject *module, PyObject *unused);

/* ---- build.c ---- */

/* Makes the names of the constructors. */
int build_names(struct state *state);

/* Decodes text, NUL-terminated UTF-8: a new reference, or NULL with `error` filled. If its code
   is PYON_ERROR_HOST, the exception is set. */
PyObject *build_v1(struct state *state, const char *text, size_t length, struct pyon_error *error);
PyObject *build_v2(struct state *state, const char *text, size_t length, struct pyon_error *error);

/* ---- decoder.c ---- */

/* Makes the type Decoder of the module. */
int decoder_init(PyObject *module);

/* ---- walk.c ---- */

#define LANDMARKS 12 /* open containers that are remembered, see walk_enter */

struct walker {
    struct pyon_writer writer;
    struct state *state;
    int (*walk)(struct walker *walker, PyObject *x); /* writes a member of a container */
    PyObject *map, *own; /* type -> what the dialect has for it; references, as in build.h */
    unsigned own_types;  /* of which it is known that the entry is the format's own */
    PyObject *parents;   /* v2: ids of what json's rules are writing, a set or NULL */
    int depth;           /* of open containers, */
    int max_depth;       /* and the most of them */
    PyObject *landmarks[LANDMARKS]; /* that was entered last at the depth 8, 16, 32, ... */
    uintptr_t floor;                /* of the C stack, see room_floor */
    bool is_too_deep;               /* walk_enter has refused a container */
    bool fallback;                  /* v1: stopped without an exception, Python must do it */
    /* For text in pieces, see frame.c: */
    struct stack *stack; /* on which a walk puts what is open when it pauses, or NULL */
    size_t due;          /* so many bytes of text, and it pauses; SIZE_MAX where it may not */
    bool is_lost;        /* a value has been tried in all ways: those around it are not */
};

/* Bits of own_types. */
enum own_type {
    OWN_NULL,
    OWN_BOOL,
    OWN_INT,
    OWN_FLOAT,
    OWN_COMPLEX,
    OWN_STR,
    OWN_BYTES,
    OWN_TUPLE,
    OWN_LIST,
    OWN_SET,
    OWN_DICT,
    OWN_SLICE,
    OWN_FRACTION,
    OWN_ORDERED,
};

/* The text of x, a str or bytes: NULL without an exception if v1 wants Python to do it. */
PyObject *walk_v1(struct state *state, PyObject *x, bool pretty, bool is_bytes);
PyObject *walk_v2(struct state *state, PyObject *x, bool pretty, bool is_bytes);

/* Makes a walker ready to write pieces, until walk_done. Done anew for each of them, since in between
   the maps may have been changed, or exchanged. */
void walk_resume_v1(struct walker *walker, struct state *state);
void walk_resume_v2(struct walker *walker, struct state *state);

/* Fills all but the writer and the landmarks; walk_done() it. */
void walk_init(struct walker *walker, struct state *state, int (*walk)(struct walker *, PyObject *),
               PyObject *map, PyObject *own);
void walk_done(struct walker *walker);

/* Writes x, a value or container, with walker->walk into a new str or bytes. */
PyObject *walk_whole(struct walker *walker, const struct pyon_dialect *dialect, PyObject *x,
                     bool pretty, bool is_bytes);

/* Around an x that contains others: 0, or -1 with a RecursionError. */
int walk_enter(struct walker *walker, PyObject *x);
void walk_leave(struct walker *walker);
/* Lets go of the landmarks. */
void walk_forget(struct walker *walker);
/* The same around members of what is no container: walks do not pause there. Returns `due` as it
   was, which walk_leave_call gets; or 0 with the error. */
size_t walk_enter_call(struct walker *walker, PyObject *x);
void walk_leave_call(struct walker *walker, size_t due);

static inline size_t walk_written(const struct walker *walker)
{
    return (size_t)(walker->writer.out->cur - walker->writer.out->start);
}

/* A place in the text to which a walker can be put back, to write a value in another way. */
struct place {
    size_t written, level;
};

struct place walk_place(const struct walker *walker);
void walk_back(struct walker *walker, const struct place *place);

/* Is the entry of a type the format's own? 1, 0, or -1. */
int walk_is_own(struct walker *walker, PyObject *type, enum own_type bit);

/* What both dialects write in the same way but for the spelling. */
int walk_str(struct walker *walker, PyObject *x);
int walk_int(struct walker *walker, PyObject *x);
int walk_float(struct walker *walker, PyObject *x);
int walk_complex(struct walker *walker, PyObject *x);
int walk_bytes(struct walker *walker, PyObject *x);
/* -1 without an exception if it has no parts, or if they must be ints and are not: anybody may have
   put others there, or taken them away. */
int walk_fraction(struct walker *walker, PyObject *x, bool must_be_ints);
/* Does the type of x let it say that it is of another one? Nobody is asked for it. */
bool walk_may_pretend(const struct walker *walker, PyObject *x);
/* May a dict have keys of which the hash or equality is code in Python? It is run where a key is
   looked up, and where the items of an OrderedDict are. Those of the type `known` are not meant. */
bool walk_has_foreign_keys(PyObject *dict, PyObject *known);
/* Is the method items of x, a dict of some type, the one of `base`? Instances may hide it. Nobody
   is asked. Without memory it is not, and the exception is set. */
bool walk_has_items_of(PyObject *x, PyTypeObject *base);

/* The value of an int, if it fits: false if not. */
static inline bool walk_small_int(PyObject *x, int64_t *value)
{
    int overflow;
#if PY_VERSION_HEX >= 0x030C0000
    if (PyUnstable_Long_IsCompact((PyLongObject *)x)) {
        *value = PyUnstable_Long_CompactValue((PyLongObject *)x);
        return true;
    }
#else
    Py_ssize_t size = Py_SIZE(x); /* the number of digits, with the sign of the int */

    if (size >= -1 && size <= 1) { /* 0 may have no digit at all */
        *value = size == 0 ? 0 : size * (int64_t)((PyLongObject *)x)->ob_digit[0];
        return true;
    }
#endif
    *value = PyLong_AsLongLongAndOverflow(x, &overflow);
    return !overflow;
}

/* ---- frame.c ---- */

int walk_set(struct walker *walker, PyObject *x);
/* A list or tuple, as that or as another kind. */
int walk_sequence(struct walker *walker, PyObject *x, enum pyon_container kind);
/* The items of a dict x: the pairs of a list of tuples of two, or what is in x. */
int walk_items(struct walker *walker, PyObject *x, PyObject *items, enum pyon_container kind);
int walk_dict(struct walker *walker, PyObject *dict, enum pyon_container kind);
/* The same, of a list of keys and a list of their values, which nobody else has. */
int walk_keyed(struct walker *walker, PyObject *x, PyObject *keys, PyObject *values,
               enum pyon_container kind);

/*
 * A value that has been begun: an open container, or a string, bytes or an array of which a part
 * is written. `go_on` writes on to the end, or until it is time to pause: 0, PAUSED, or -1.
 */
struct frame {
    int (*go_on)(struct walker *walker, struct frame *frame);
    PyObject *object; /* what is written; references on a stack, else borrowed */
    PyObject *values; /* of keyed pairs, else NULL */
    enum pyon_container kind;
    bool separated; /* nothing is missing before the next member, */
    bool in_pair;   /* but the end of a pair whose value has been written */
    size_t length;  /* of it all, as it was at the beginning */
    size_t next;    /* member */
    union {
        Py_ssize_t position;   /* of the next pair in a dict */
        struct pyon_part part; /* of what is no container */
    };
};

/* What functions that write values return besides 0 and -1 (and 1, of those where it means that
   the value is not theirs): more is to come, what is open is on the stack. */
enum { PAUSED = 2 };

#define FIRST_FRAMES 4

struct stack {
    struct frame *frames;
    size_t count, capacity;
    struct frame first[FIRST_FRAMES]; /* until there are more */
};

void stack_init(struct stack *stack);
/* Puts a copy of the frame there. */
int stack_push(struct stack *stack, const struct frame *frame);
/* Takes the top away, and its references over. */
struct frame stack_pop(struct stack *stack);
/* Of the frames from the first-th on, the last comes first. */
void stack_reverse(struct stack *stack, size_t first);
void stack_clear(struct stack *stack);
int stack_traverse(struct stack *stack, visitproc visit, void *arg);
void frame_release(struct frame *frame);

/* Lets a frame go on; if it pauses, puts it on the walker's stack. */
int walk_on(struct walker *walker, struct frame *frame);

static inline bool walk_is_due(const struct walker *walker)
{
    return walk_written(walker) >= walker->due;
}

/* From so many characters or bytes on, a value is written in parts, where a walk may pause. */
#define LONG_VALUE 4096

static inline bool walk_in_parts(const struct walker *walker, size_t size)
{
    return size >= LONG_VALUE && walker->due != SIZE_MAX;
}

/* ---- pieces.c ---- */

/* Makes the type of the iterators. */
int pieces_init(PyObject *module, struct state *state);
PyObject *pieces_v1(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *keywords);
PyObject *pieces_v2(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *keywords);
extern const char pieces_v1_doc[], pieces_v2_doc[];

/* ---- array.c ---- */

/* Looks NumPy's C interface up. Without it, Python does the work: -1 only without memory, or
   if it is interrupted. */
int array_load(struct state *state);

/* Writes an array or scalar of a plain dtype; 1 if x is not that. */
int array_walk(struct walker *walker, PyObject *x);

/* Base64 text of which an array or scalar is made. */
struct payload {
    const char *text;
    size_t length;      /* 0 as long as it is not known */
    size_t available;   /* then: how many bytes are there, */
    const char *ending; /* and what must follow it; else NULL */
    size_t ending_length;
    bool resting; /* the collector, see build.h: it must not while other threads run */
};

/*
 * An array or scalar from base64 text, decoded into its place. NULL without an exception if the
 * arguments are anything but plain; then the decoder in Python must have them. Fills the length
 * of the payload if it is not known.
 */
PyObject *array_build(struct state *state, PyObject *shape, PyObject *dtype,
                      struct payload *payload);
PyObject *array_build_scalar(struct state *state, PyObject *dtype, struct payload *payload);

/*
 * An array whose data is to come as base64, of at most `most` characters: fills `data` and `size`.
 * NULL without an exception if the arguments are anything but plain, or if there is no memory for it.
 */
PyObject *array_begin(struct state *state, PyObject *shape, PyObject *dtype, size_t most,
                      void **data, size_t *size);

/* The data that array_build or array_build_scalar has decoded: bytes. */
PyObject *array_data(PyObject *x);

/* ---- raise.c ---- */

/* Sets the exception of an error of the library. `text` is what was parsed. */
void raise_v1(struct state *state, const char *text, size_t length, const struct pyon_error *error);
/* `doc` is the str that was parsed, or bytes. */
void raise_v2(struct state *state, PyObject *doc, const char *text, const struct pyon_error *error);
/* A StopIteration that is set becomes a RuntimeError, as where a generator raises it. */
void raise_as_generator(void);

/*
 * Clears the exception that is set, so that another way may be tried: true. But only if functions
 * in C have raised it for what they were given. Code in Python, which may be a signal handler or a
 * hook of the program, leaves a traceback. Its exceptions stay, and so do warnings that are
 * errors, MemoryError, and whatever is no Exception: false.
 */
bool raise_forget(void);

/* The exception that is set, which is cleared: a new reference. And back again: steals it. */
PyObject *raise_take(void);
/* The same without the exception that is being handled as its context: it is raised later. */
PyObject *raise_take_alone(void);
void raise_again(PyObject *exception);

#endif
