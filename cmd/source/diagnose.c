/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Hints: the text that a person most likely meant, only where it is plain. */
#include "source/diagnose.h"

#include "command.h"

#include <string.h>

/* ---- Files that are no text ---- */

struct magic {
    size_t offset, length;
    const char *bytes;
    const char *name;
};

static const struct magic magics[] = {
    {0, 8, "\x89HDF\r\n\x1a\n", "an HDF5 file"},
    {16, 4, "\xde\xc0\xef\xbe", "an LMDB database"},
    {0, 6, "\x93NUMPY", "a NumPy file (.npy)"},
    {0, 4, "PK\3\4", "a zip or .npz file"},
    {0, 2, "\x1f\x8b", "compressed by gzip"},
    {0, 4, "\x28\xb5\x2f\xfd", "compressed by zstd"},
    {0, 6, "\xfd\x37zXZ\0", "compressed by xz"},
    {0, 3, "BZh", "compressed by bzip2"},
    {0, 15, "SQLite format 3", "an SQLite database"},
    {0, 4, "\x89PNG", "a PNG image"},
    {0, 5, "%PDF-", "a PDF file"},
    {0, 4,
     "\x7f"
     "ELF",
     "a program"},
    {0, 2, "\x80\2", "a pickle"},
    {0, 2, "\x80\3", "a pickle"},
    {0, 2, "\x80\4", "a pickle"},
    {0, 2, "\x80\5", "a pickle"},
    {0, 2, "\xff\xfe", "text in UTF-16"},
    {0, 2, "\xfe\xff", "text in UTF-16"},
};

/* The kind of a file that begins like this and is no text; NULL if it may be PYON. */
static const char *kind_of(const char *start, size_t size)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (size >= magics[i].offset + magics[i].length &&
            memcmp(start + magics[i].offset, magics[i].bytes, magics[i].length) == 0)
            return magics[i].name;
    return memchr(start, '\0', size) ? "a binary file" : NULL;
}

int diagnose_kind(struct input *input)
{
    char start[256];
    ptrdiff_t size = input_peek(input, start, sizeof start);
    const char *kind = size > 0 ? kind_of(start, (size_t)size) : NULL;

    if (size < 0)
        return EXIT_TROUBLE;
    if (kind)
        complain("%s: this is not PYON, but %s", input->name, kind);
    return kind ? EXIT_NO : EXIT_FINE;
}

/* ---- Hints ---- */

/* The text at the error, and at the start of its line; both end with a NUL. */
struct surroundings {
    char at[32], line[32];
    char before; /* the last character before it that is not blank; NUL if there is none near */
};

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

static bool begins_with_any(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (begins(text, *words))
            return true;
    return false;
}

static char look_back(struct input *input, uint64_t offset)
{
    char text[32];
    uint64_t from = offset < sizeof text ? 0 : offset - sizeof text;
    size_t size = input_look(input, from, text, (size_t)(offset - from));

    while (size > 0 && strchr(" \t\r\n", text[size - 1]))
        size--;
    return size > 0 ? text[size - 1] : '\0';
}

static void look(struct input *input, uint64_t offset, struct surroundings *found)
{
    struct line line;
    size_t size = input_look(input, offset, found->at, sizeof found->at - 1);

    found->at[size] = '\0';
    input_locate(input, offset, &line);
    size = input_look(input, line.start, found->line, sizeof found->line - 1);
    found->line[size] = '\0';
    found->before = look_back(input, offset);
}

/* A value, or a key, begins here. */
static bool begins_value(const char *at)
{
    return strchr("\"'[{(-0123456789", *at)
               ? *at != '\0'
               : (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
}

/* Could a value, or a key, end with this? */
static bool ends_value(char c)
{
    return c && (strchr("]})\"'", c) || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'));
}

static const char *hint_for_version_2(const struct surroundings *found,
                                      const struct pyon_error *error)
{
    static const char *const python[] = {"True", "False", "None", NULL};
    static const char *const version_1[] = {
        "nan",          "inf",    "-inf", "nparray(", "npscalar(", "Fraction(",
        "OrderedDict(", "slice(", "b\"",  "b'",       NULL};

    if (begins_with_any(found->at, python))
        return "version 2 writes true, false and null; version 1 has this too (--v1)";
    if (*found->at == '\'')
        return "version 2 has double quotes only; strings of version 1 may have single ones (--v1)";
    if (*found->at == '(')
        return "a tuple is written like this in version 1 only (--v1)";
    if (begins_with_any(found->at, version_1))
        return "this is version 1 (--v1)";
    if (*found->at == '#')
        return "version 2 has no comments; version 1 has (--v1)";
    if (error->code == PYON_ERROR_TRAILING_ARRAY || error->code == PYON_ERROR_TRAILING_OBJECT)
        return "version 2 allows no comma before a closing bracket";
    return NULL;
}

static const char *hint_for_version_1(const struct surroundings *found)
{
    if (begins(found->at, "NaN") || begins(found->at, "Infinity") || begins(found->at, "-Infinity"))
        return "version 1 writes nan and inf; this is version 2 (--v2)";
    return NULL;
}

const char *diagnose(struct input *input, const struct pyon_dialect *dialect,
                     const struct pyon_error *error)
{
    static const char *const markers[] = {"<<<<<<<", "=======", ">>>>>>>", "|||||||", NULL};
    struct surroundings found;
    const char *hint;

    look(input, error->offset, &found);
    if (begins_with_any(found.line, markers))
        return "this is a conflict marker of git: two versions of the file are still to be merged";
    switch (error->code) {
    case PYON_ERROR_TRUNCATED:
    case PYON_ERROR_UNCLOSED:
    case PYON_ERROR_EMPTY:
        return "the text ends too early: the file may have been cut off, or a bracket is not "
               "closed";
    case PYON_ERROR_LINE:
        return "the line ends too early: it may have been cut off, or a bracket is not closed";
    case PYON_ERROR_STRING:
        return "the string that begins here has no closing quote";
    case PYON_ERROR_UTF8:
        return "the file is not UTF-8";
    default:
        break;
    }
    hint = dialect == &pyon_v1 ? hint_for_version_1(&found) : hint_for_version_2(&found, error);
    if (!hint && begins_value(found.at) && ends_value(found.before) &&
        (error->code == PYON_ERROR_COMMA || error->code == PYON_ERROR_EXPRESSION))
        hint = "a comma may be missing before this";
    return hint;
}
