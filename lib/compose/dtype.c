/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Texts of dtypes: see dtype.h. A text is the name of a type, or an order, a letter and a size:
 *
 *     float64    <f8    >M8[25us]    d
 *
 * The sizes of C's types are those of NumPy on Linux with 64 bits.
 */
#include "compose/dtype.h"

#include "dialect.h"
#include "number/itoa.h"

#define SIZE_LARGEST 0x7fffffff /* of an item, in NumPy */

/* ---- Names ---- */

struct name {
    const char *text;
    char kind;
    unsigned char size; /* in bytes; 0 if it is given elsewhere */
};

static const struct name names[] = {
    {"?", 'b', 1},          {"b", 'i', 1},           {"B", 'u', 1},
    {"h", 'i', 2},          {"H", 'u', 2},           {"i", 'i', 4},
    {"I", 'u', 4},          {"l", 'i', 8},           {"L", 'u', 8},
    {"q", 'i', 8},          {"Q", 'u', 8},           {"p", 'i', 8},
    {"P", 'u', 8},          {"n", 'i', 8},           {"N", 'u', 8},
    {"e", 'f', 2},          {"f", 'f', 4},           {"d", 'f', 8},
    {"g", 'f', 16},         {"F", 'c', 8},           {"D", 'c', 16},
    {"G", 'c', 32},         {"c", 'S', 1},           {"M", 'M', 8},
    {"m", 'm', 8},          {"bool", 'b', 1},        {"bool_", 'b', 1},
    {"int8", 'i', 1},       {"byte", 'i', 1},        {"uint8", 'u', 1},
    {"ubyte", 'u', 1},      {"int16", 'i', 2},       {"short", 'i', 2},
    {"uint16", 'u', 2},     {"ushort", 'u', 2},      {"int32", 'i', 4},
    {"intc", 'i', 4},       {"uint32", 'u', 4},      {"uintc", 'u', 4},
    {"int64", 'i', 8},      {"int", 'i', 8},         {"int_", 'i', 8},
    {"long", 'i', 8},       {"longlong", 'i', 8},    {"intp", 'i', 8},
    {"uint64", 'u', 8},     {"uint", 'u', 8},        {"ulong", 'u', 8},
    {"ulonglong", 'u', 8},  {"uintp", 'u', 8},       {"float16", 'f', 2},
    {"half", 'f', 2},       {"float32", 'f', 4},     {"single", 'f', 4},
    {"float64", 'f', 8},    {"float", 'f', 8},       {"double", 'f', 8},
    {"float128", 'f', 16},  {"longdouble", 'f', 16}, {"complex64", 'c', 8},
    {"csingle", 'c', 8},    {"complex128", 'c', 16}, {"complex", 'c', 16},
    {"cdouble", 'c', 16},   {"complex256", 'c', 32}, {"clongdouble", 'c', 32},
    {"datetime64", 'M', 8}, {"timedelta64", 'm', 8},
};

static const struct name *find_name(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].text) == length && memcmp(names[i].text, text, length) == 0)
            return &names[i];
    return NULL;
}

/* ---- Sizes ---- */

/* Fills the number of these digits, which is at least 1. */
static bool read_count(const char *text, const char *end, size_t *count)
{
    *count = 0;
    if (text == end)
        return false;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return false;
        *count = *count * 10 + digit_value(*text);
        if (*count > SIZE_LARGEST)
            return false;
    }
    return *count > 0;
}

/* Is there such a type? Fills the size of its items from the size in its text. */
static bool check_size(char kind, size_t *size)
{
    size_t s = *size;

    switch (kind) {
    case 'b':
        return s == 1;
    case 'i':
    case 'u':
        return s == 1 || s == 2 || s == 4 || s == 8;
    case 'f':
        return s == 2 || s == 4 || s == 8 || s == 16;
    case 'c':
        return s == 8 || s == 16 || s == 32;
    case 'M':
    case 'm':
        return s == 8;
    case 'U':
        *size = 4 * s;
        return s <= SIZE_LARGEST / 4;
    default:
        return kind == 'S' || kind == 'V';
    }
}

/* ---- Units of time ---- */

/* Fills the text between the brackets, "25us", as NumPy writes it: "us" for "1us", nothing for
   "generic". */
static bool read_unit(const char *text, const char *end, struct pyon_text *unit)
{
    static const char *const units[] = {"Y",  "M",  "W",  "D",  "h",  "m", "s",
                                        "ms", "us", "ns", "ps", "fs", "as"};
    const char *digits = text;
    size_t count = 1;

    while (text < end && *text >= '0' && *text <= '9')
        text++;
    if (text > digits && (*digits == '0' || !read_count(digits, text, &count)))
        return false;
    unit->text = count == 1 ? text : digits;
    unit->length = (size_t)(end - unit->text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i]) == (size_t)(end - text) &&
            memcmp(units[i], text, strlen(units[i])) == 0)
            return true;
    if (unit->length != 7 || memcmp(text, "generic", 7) != 0)
        return false;
    unit->length = 0;
    return true;
}

/* ---- Texts ---- */

static void write_text(struct dtype *dtype, struct pyon_text unit)
{
    static const char native = PYON_LITTLE_ENDIAN ? '<' : '>',
                      other = PYON_LITTLE_ENDIAN ? '>' : '<';
    size_t size = dtype->kind == 'U' ? dtype->item_size / 4 : dtype->item_size;
    char *p = dtype->text;

    *p++ = strchr("bSV", dtype->kind) || size == 1 ? '|' : dtype->swapped ? other : native;
    if (dtype->kind == 'U')
        dtype->text[0] = dtype->swapped ? other : native;
    *p++ = dtype->kind;
    p = write_unsigned(p, size);
    if (unit.length > 0) {
        *p++ = '[';
        memcpy(p, unit.text, unit.length);
        p += unit.length;
        *p++ = ']';
    }
    *p = '\0';
}

/* A text without order and unit: a name, or a letter and a size. */
static bool read_type(const char *text, const char *end, bool has_order, struct dtype *dtype)
{
    const struct name *name = find_name(text, (size_t)(end - text));

    if (name && !(has_order && end - text > 1)) {
        dtype->kind = name->kind;
        dtype->item_size = name->size;
        return true;
    }
    if (text == end || !strchr("biufcSUVMma", *text))
        return false;
    dtype->kind = *text == 'a' ? 'S' : *text;
    return read_count(text + 1, end, &dtype->item_size) &&
           check_size(dtype->kind, &dtype->item_size);
}

bool pyon_read_dtype(const char *text, size_t length, struct dtype *dtype)
{
    const char *end = text + length, *bracket;
    bool has_order = length > 0 && strchr("<>=|", *text) && *text != '\0';
    char order = has_order ? *text++ : '=';
    struct pyon_text unit = {NULL, 0};

    if (memchr(text, '\0', (size_t)(end - text)))
        return false;
    bracket = memchr(text, '[', (size_t)(end - text));
    if (bracket && (end[-1] != ']' || !read_unit(bracket + 1, end - 1, &unit)))
        return false;
    if (!read_type(text, bracket ? bracket : end, has_order, dtype))
        return false;
    /* NumPy does not take "M[s]". */
    if (bracket && (!strchr("Mm", dtype->kind) || bracket - text == 1))
        return false;
    dtype->swapped = (order == '>' && PYON_LITTLE_ENDIAN) || (order == '<' && !PYON_LITTLE_ENDIAN);
    if (strchr("bSV", dtype->kind) || dtype->item_size == 1)
        dtype->swapped = false;
    write_text(dtype, unit);
    return true;
}

void pyon_make_dtype(struct dtype *dtype, size_t item_size)
{
    const char *bracket = strchr(dtype->text, '[');
    struct pyon_text unit = {NULL, 0};
    char copy[PYON_DTYPE_TEXT];

    if (bracket) {
        strcpy(copy, bracket + 1);
        unit = (struct pyon_text){copy, strlen(copy) - 1};
    }
    dtype->swapped = false;
    dtype->item_size = item_size;
    write_text(dtype, unit);
}
