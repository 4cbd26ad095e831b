/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Events to Python objects.
 *
 * Values wait on a stack. A container takes its members off the stack, and puts itself there. So
 * lists and tuples get their exact size at once. An error sets an exception and stops the parser;
 * then the values on the stack are dropped. Calls are in call.c, the names of version 1 in names.c.
 */
#include "build/build.h"
#include "pyon_host.h"
#include "raise.h"
#include "room.h"
#include "state.h"
#include "system/arenas.h"

#include <math.h>
#include <string.h>

/* ---- The stack ---- */

void *build_grow(void *array, const void *first, size_t size, size_t *capacity)
{
    void *old = array == first ? NULL : array;
    void *block = NULL;

    if (*capacity <= (size_t)PY_SSIZE_T_MAX / 2 / size)
        block = PyMem_Realloc(old, 2 * *capacity * size);
    if (!block) {
        PyErr_NoMemory();
        return NULL;
    }
    if (!old)
        memcpy(block, first, *capacity * size);
    *capacity *= 2;
    return block;
}

int build_grow_values(struct builder *builder)
{
    PyObject **values =
        build_grow(builder->values, builder->first_values, sizeof *values, &builder->capacity);

    if (!values)
        return -1;
    pyon_advise_large(values, builder->capacity * sizeof *values);
    builder->values = values;
    return 0;
}

/* A finalizer is foreign code: its value is off the stack before it runs. */
static void drop(struct builder *builder, size_t count)
{
    assert(count <= builder->count);
    while (count-- > 0)
        Py_DECREF(builder->values[--builder->count]);
}

int build_replace(struct builder *builder, size_t count, PyObject *value)
{
    build_hash_begins(builder);
    drop(builder, count);
    build_hash_ends(builder);
    return push(builder, value);
}

static inline PyObject **top(struct builder *builder, size_t count)
{
    assert(count <= builder->count);
    return builder->values + builder->count - count;
}

/* ---- Scalars ---- */

static int build_null(void *self)
{
    return push(self, Py_NewRef(Py_None));
}

static int build_boolean(void *self, bool value)
{
    return push(self, Py_NewRef(value ? Py_True : Py_False));
}

static int build_integer(void *self, int64_t value)
{
    return push(self, PyLong_FromLongLong(value));
}

static int build_bigint(void *self, const char *text, size_t length, unsigned base)
{
    (void)length;
    return push(self, PyLong_FromString(text, NULL, (int)base));
}

/* Python's compiler reports an integer of too many digits as an error of syntax. Large integers
   are made by code in Python, where a signal handler may raise a ValueError of its own: that has
   a traceback. */
int build_bigint_v1(void *self, const char *text, size_t length, unsigned base)
{
    PyObject *exception, *traceback;

    if (build_bigint(self, text, length, base) == 0)
        return 0;
    if (PyErr_ExceptionMatches(PyExc_ValueError)) {
        exception = raise_take();
        traceback = PyException_GetTraceback(exception);
        if (traceback) {
            Py_DECREF(traceback);
            raise_again(exception);
            return -1;
        }
        PyErr_Format(PyExc_SyntaxError,
                     "%S - Consider hexadecimal for huge integer literals to avoid decimal "
                     "conversion limits.",
                     exception);
        Py_DECREF(exception);
    }
    return -1;
}

static int build_real(void *self, double value)
{
    struct builder *builder = self;

    /* One object, as in the reference; -nan is a new object there, too. */
    if (value != value && !signbit(value))
        return push(builder, Py_NewRef(builder->state->nan));
    return push(builder, PyFloat_FromDouble(value));
}

/* None is a nan: the text of these has digits. */
static size_t build_reals(void *self, const double *values, size_t count)
{
    struct builder *builder = self;

    for (size_t i = 0; i < count; i++)
        if (push(builder, PyFloat_FromDouble(values[i])) < 0)
            return i;
    return count;
}

static int build_complex(void *self, double real, double imaginary)
{
    return push(self, PyComplex_FromDoubles(real, imaginary));
}

/* ---- Containers ---- */

#define LARGE_LIST 10000 /* members of a list that is large enough to keep the block */
_Static_assert(LARGE_LIST > FIRST_VALUES, "the block is none of the first values");

/* The members move from the stack into the new object. */
static int build_tuple(void *self, size_t length, unsigned flags)
{
    struct builder *builder = self;
    PyObject *tuple = PyTuple_New((Py_ssize_t)length);
    bool atoms = true;

    (void)flags;
    assert(length <= builder->count);
    if (!tuple)
        return -1;
    builder->count -= length;
    for (size_t i = 0; i < length; i++) {
        PyObject *member = builder->values[builder->count + i];

        atoms &= !PyType_IS_GC(Py_TYPE(member));
        PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, member);
    }
    if (atoms && length > 0)
        PyObject_GC_UnTrack(tuple); /* as the collector would do */
    return push(builder, tuple);
}

/*
 * Makes the list of all values on the stack: the block of the stack becomes that of the list. To
 * copy millions of values into fresh memory takes as long as to make them.
 */
static int build_list_of_all(struct builder *builder)
{
    PyObject **values = builder->values;
    PyObject *list = PyList_New(0);

    assert(values != builder->first_values);
    if (!list)
        return -1;
    values = PyMem_Realloc(values, builder->count * sizeof *values);
    compat_list_adopt(list, values ? values : builder->values, builder->count);
    builder->values = builder->first_values;
    builder->capacity = FIRST_VALUES;
    builder->count = 0;
    return push(builder, list);
}

int build_list(void *self, size_t length, unsigned flags)
{
    struct builder *builder = self;
    PyObject *list;

    assert(length <= builder->count);
    if (flags & PYON_FLAG_ARGUMENT && build_make_tuple(builder, length))
        return build_tuple(self, length, 0);
    if (COMPAT_LIST_ADOPTS && length >= LARGE_LIST && length == builder->count)
        return build_list_of_all(builder);
    list = PyList_New((Py_ssize_t)length);
    if (!list)
        return -1;
    builder->count -= length;
    for (size_t i = 0; i < length; i++)
        PyList_SET_ITEM(list, (Py_ssize_t)i, builder->values[builder->count + i]);
    return push(builder, list);
}

static int build_set(void *self, size_t length)
{
    struct builder *builder = self;
    PyObject **members = top(builder, length);
    PyObject *set = PySet_New(NULL);

    build_hash_begins(builder);
    for (size_t i = 0; set && i < length; i++)
        if (PySet_Add(set, members[i]) < 0)
            Py_CLEAR(set);
    build_hash_ends(builder);
    return build_replace(builder, length, set);
}

static int build_dict(void *self, size_t length)
{
    struct builder *builder = self;
    PyObject **pairs = top(builder, 2 * length), *dict;
    int status = build_shaped(builder, pairs, length, &dict);

    if (status <= 0) {
        builder->count -= status == 0 ? 2 * length : 0;
        return status < 0 ? -1 : push(builder, dict);
    }
    if (build_may_presize(pairs, length))
        return build_presized(builder, length);
    dict = PyDict_New();
    build_hash_begins(builder);
    for (size_t i = 0; dict && i < length; i++)
        if (PyDict_SetItem(dict, pairs[2 * i], pairs[2 * i + 1]) < 0)
            Py_CLEAR(dict);
    build_hash_ends(builder);
    if (dict && build_note_shape(builder, pairs, length, dict) < 0)
        Py_CLEAR(dict);
    return build_replace(builder, 2 * length, dict);
}

/* An object with the key "__jsonclass__" that is no plain call: json's hook decides. */
static int build_tagged(void *self, size_t length)
{
    struct builder *builder = self;
    PyObject *hook, *value;

    if (build_dict(self, length) < 0)
        return -1;
    hook = Py_NewRef(builder->state->v2.object_hook);
    build_foreign_begins(builder);
    value = PyObject_CallOneArg(hook, *top(builder, 1));
    build_foreign_ends(builder);
    Py_DECREF(hook);
    return build_replace(builder, 1, value);
}

/* ---- The two builders ---- */

#define COMMON                                                                                     \
    .null = build_null, .boolean = build_boolean, .integer = build_integer, .real = build_real,    \
    .complex_number = build_complex, .string = build_string, .bytes = build_bytes,                 \
    .list = build_list, .tuple = build_tuple, .set = build_set, .dict = build_dict,                \
    .tagged = build_tagged, .call_begin = build_call_begin, .keyword = build_keyword,              \
    .call_end = build_call_end, .call_undo = build_call_undo, .payload = build_payload,            \
    .code_points = build_code_points, .reals = build_reals, .payload_begin = build_payload_begin,  \
    .payload_end = build_payload_end

static const struct pyon_builder builder_v1 = {
    COMMON,
    .bigint = build_bigint_v1,
    .callable = build_callable,
    .attribute = build_attribute,
    .name = build_name,
    .arithmetic = build_arithmetic,
    .character = build_character,
};

static const struct pyon_builder builder_v2 = {COMMON, .bigint = build_bigint};
#undef COMMON

const struct pyon_builder *build_functions(const struct pyon_dialect *dialect)
{
    return dialect == &pyon_v1 ? &builder_v1 : &builder_v2;
}

size_t build_max_depth(const struct pyon_dialect *dialect, size_t most)
{
    return room_for_brackets(most ? most : dialect == &pyon_v1 ? 200 : 10000);
}

void build_init(struct builder *builder, struct state *state, const struct pyon_dialect *dialect)
{
    builder->state = state;
    builder->dialect = dialect;
    builder->map = builder->own = NULL;
    builder->last_key = 0;
    builder->values = builder->first_values;
    builder->count = 0;
    builder->capacity = FIRST_VALUES;
    builder->calls = builder->first_calls;
    builder->call_count = 0;
    builder->call_capacity = FIRST_CALLS;
    builder->turn = 0;
    builder->spent = 0;
    builder->foreign = false;
    builder->huge = false;
    builder->unanswered = NULL;
    builder->payload = NULL;
    builder->frames = NULL;
}

void build_reset(struct builder *builder)
{
    drop(builder, builder->count);
    while (builder->call_count > 0)
        build_drop_name(&builder->calls[--builder->call_count]);
    Py_CLEAR(builder->unanswered);
    builder->spent = 0;
    Py_CLEAR(builder->payload);
}

bool build_raise_unanswered(struct builder *builder)
{
    PyObject *exception = builder->unanswered;

    if (!exception)
        return false;
    builder->unanswered = NULL;
    raise_again(exception);
    return true;
}

void build_free(struct builder *builder)
{
    build_reset(builder);
    if (builder->values != builder->first_values)
        PyMem_Free(builder->values);
    if (builder->calls != builder->first_calls)
        PyMem_Free(builder->calls);
    Py_CLEAR(builder->map);
    Py_CLEAR(builder->own);
}

#define MANY 4096 /* bytes of a text that may have enough containers to start the collector */
#define LARGE_TEXT ((size_t)1 << 20) /* bytes of one whose objects are likely to need huge pages */

int build_begin(struct builder *builder, size_t length)
{
    const struct maps *maps = state_maps(builder->state, builder->dialect);
    PyObject *map = builder->map, *own = builder->own;

    builder->cache = cache_find(&builder->state->cache);
    if (!builder->cache)
        return -1;
    builder->map = Py_NewRef(maps->names);
    builder->own = Py_NewRef(maps->own_names);
    builder->turn++;
    builder->own_constructors = 0;
    builder->foreign = builder->foreign && builder->count > 0;
    Py_XDECREF(map); /* if it is the last reference, anything may run */
    Py_XDECREF(own);
    builder->resting = COMPAT_COLLECTOR_RESTS && length >= MANY && PyGC_Disable();
    builder->huge = length >= LARGE_TEXT && arenas_begin();
    return 0;
}

void build_end(struct builder *builder)
{
    if (builder->huge)
        arenas_end();
    builder->huge = false;
    if (builder->resting)
        PyGC_Enable();
    builder->resting = false;
}

PyObject *build_finish(struct builder *builder, int status)
{
    PyObject *value = status == 0 ? builder->values[--builder->count] : NULL;

    assert(status < 0 || (builder->count == 0 && builder->call_count == 0));
    build_free(builder);
    return value;
}

static int parse(struct builder *builder, const char *text, size_t length, struct pyon_error *error)
{
    const struct pyon_dialect *dialect = builder->dialect;
    struct pyon_options options = {.max_depth = build_max_depth(dialect, 0)};
    int status;

    if (build_begin(builder, length) < 0) {
        *error = (struct pyon_error){.code = PYON_ERROR_HOST};
        return -1;
    }
    status = pyon_parse(dialect, text, length, build_functions(dialect), builder, &options, error);
    build_end(builder);
    if (status < 0 && build_raise_unanswered(builder))
        error->code = PYON_ERROR_HOST;
    return status;
}

PyObject *build_v1(struct state *state, const char *text, size_t length, struct pyon_error *error)
{
    struct builder builder;
    int status;

    build_init(&builder, state, &pyon_v1);
    status = parse(&builder, text, length, error);
    if (status < 0 && error->code == PYON_ERROR_HOST && PyErr_ExceptionMatches(PyExc_Exception) &&
        !PyErr_ExceptionMatches(PyExc_MemoryError))
        build_prefer_syntax_error(&builder, text, length);
    return build_finish(&builder, status);
}

PyObject *build_v2(struct state *state, const char *text, size_t length, struct frames *frames,
                   struct pyon_error *error)
{
    struct builder builder;

    build_init(&builder, state, &pyon_v2);
    builder.frames = frames;
    return build_finish(&builder, parse(&builder, text, length, error));
}
