/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Reading strings and bytes. The first byte of the input says which quotes are around the rest. A
 * second definition of strings stands here, which takes one character at a time.
 */
#include "../tests/c/support/tree.h"
#include "support/fuzz.h"

#include <ctype.h>

/* The text that opens a string; the text that closes it. */
struct quotes {
    const struct pyon_dialect *dialect;
    const char *open, *close;
};

static const struct quotes all_quotes[] = {
    {&pyon_v2, "\"", "\""},          {&pyon_v1, "'", "'"},
    {&pyon_v1, "\"", "\""},          {&pyon_v1, "b'", "'"},
    {&pyon_v1, "B\"", "\""},         {&pyon_v1, "'''", "'''"},
    {&pyon_v1, "\"\"\"", "\"\"\""},  {&pyon_v1, "b'''", "'''"},
    {&pyon_v1, "r'", "'"},           {&pyon_v1, "Rb\"", "\""},
    {&pyon_v1, "r\"\"\"", "\"\"\""}, {&pyon_v1, "u'", "'"},
};

enum meaning {
    MEANT,   /* a string, with this value */
    WRONG,   /* no string */
    UNKNOWN, /* this test cannot say: a name of Unicode, or a quote before the end */
};

/* ---- The values of strings ---------------------------------------------------------------- */

struct reader {
    const char *p, *end;
    char *to;
    bool bytes;
};

/* That many hexadecimal digits. */
static bool take_hex(struct reader *reader, int count, uint32_t *value)
{
    *value = 0;
    for (; count > 0; count--) {
        int c = reader->p < reader->end ? tolower((unsigned char)*reader->p++) : 0;

        if (!isxdigit(c))
            return false;
        *value = *value << 4 | (uint32_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
    }
    return true;
}

static void put(struct reader *reader, uint32_t c)
{
    static const unsigned first[] = {0, 0xc0, 0xe0, 0xf0};
    int more = reader->bytes || c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;

    *reader->to++ = (char)(first[more] | c >> 6 * more);
    while (more-- > 0)
        *reader->to++ = (char)(0x80 | (c >> 6 * more & 0x3f));
}

static bool put_hex(struct reader *reader, int count)
{
    uint32_t c;

    if (!take_hex(reader, count, &c) || c > 0x10ffff)
        return false;
    put(reader, c);
    return true;
}

/* After a backslash, in version 2. (In trees, a pair of surrogates equals its character.) */
static enum meaning read_escape_v2(struct reader *reader)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char c = reader->p < reader->end ? *reader->p++ : '\0';
    const char *name = c ? strchr(names, c) : NULL;

    if (name)
        put(reader, (unsigned char)values[name - names]);
    else if (c != 'u' || !put_hex(reader, 4))
        return WRONG;
    return MEANT;
}

static void put_octal(struct reader *reader, char first)
{
    uint32_t c = (uint32_t)(first - '0');

    for (int i = 0; i < 2 && reader->p < reader->end && *reader->p >= '0' && *reader->p < '8'; i++)
        c = c << 3 | (uint32_t)(*reader->p++ - '0');
    put(reader, reader->bytes ? c & 0xff : c);
}

/* After a backslash, in version 1. An unknown escape stays as it is. */
static enum meaning read_escape_v1(struct reader *reader)
{
    static const char names[] = "\\'\"abfnrtv", values[] = "\\'\"\a\b\f\n\r\t\v";
    char c = *reader->p++;
    const char *name = c ? strchr(names, c) : NULL;

    if (name)
        put(reader, (unsigned char)values[name - names]);
    else if (c >= '0' && c < '8')
        put_octal(reader, c);
    else if (c == 'x')
        return put_hex(reader, 2) ? MEANT : WRONG;
    else if (c == 'N' && !reader->bytes)
        return UNKNOWN;
    else if (c == 'u' && !reader->bytes)
        return put_hex(reader, 4) ? MEANT : WRONG;
    else if (c == 'U' && !reader->bytes)
        return put_hex(reader, 8) ? MEANT : WRONG;
    else if (c != '\n') {
        put(reader, '\\');
        reader->p--;
    }
    return MEANT;
}

static enum meaning read_v2(struct reader *reader)
{
    while (reader->p < reader->end) {
        unsigned char c = (unsigned char)*reader->p++;

        if (c == '"')
            return UNKNOWN;
        if (c < ' ')
            return WRONG;
        if (c != '\\')
            *reader->to++ = (char)c;
        else if (read_escape_v2(reader) != MEANT)
            return WRONG;
    }
    return MEANT;
}

/* Does this quote close the string, or could it with the next ones? */
static bool may_close(const struct reader *reader, const char *close)
{
    size_t rest = strlen(close) - 1, left = (size_t)(reader->end - reader->p);

    return rest == 0 || left == 0 || (left >= rest && memcmp(reader->p, close, rest) == 0);
}

/* Bytes only if all of them are ASCII. */
static enum meaning read_v1(struct reader *reader, const char *close, bool raw)
{
    bool wrong = false;

    while (reader->p < reader->end) {
        unsigned char c = (unsigned char)*reader->p++;

        if (c == (unsigned char)close[0] && may_close(reader, close))
            return UNKNOWN;
        if ((c == '\n' && !close[1]) || (c >= 0x80 && reader->bytes))
            wrong = true;
        if (c != '\\') {
            *reader->to++ = (char)c;
        } else if (reader->p == reader->end) {
            return UNKNOWN; /* the quote after it does not close */
        } else if (raw) {
            *reader->to++ = (char)c;
            *reader->to++ = *reader->p++;
        } else {
            enum meaning meaning = read_escape_v1(reader);

            if (meaning == UNKNOWN)
                return meaning;
            wrong |= meaning == WRONG;
        }
    }
    return wrong ? WRONG : MEANT;
}

/* The length of the character that begins there; 0 if it is none. Surrogates are characters. */
static size_t character(const unsigned char *p, size_t left)
{
    size_t length = *p < 0x80   ? 1
                    : *p < 0xc2 ? 0
                    : *p < 0xe0 ? 2
                    : *p < 0xf0 ? 3
                    : *p < 0xf5 ? 4
                                : 0;

    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if (p[i] < 0x80 || p[i] > 0xbf)
            return 0;
    if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
        return 0;
    return length;
}

/* Only version 2 tolerates the UTF-8 of surrogates, U+D800 to U+DFFF. */
static bool is_utf8(const char *text, size_t length, bool surrogates)
{
    const unsigned char *p = (const unsigned char *)text;

    for (size_t i = 0, step; i < length; i += step)
        if ((step = character(p + i, length - i)) == 0 ||
            (step == 3 && p[i] == 0xed && p[i + 1] >= 0xa0 && !surrogates))
            return false;
    return true;
}

/* Line ends become one character before anything else happens, as in Python. */
static size_t fold_lines(char *to, const char *text, size_t length)
{
    size_t filled = 0;

    for (size_t i = 0; i < length; i++)
        if (text[i] != '\r')
            to[filled++] = text[i];
        else if (i + 1 == length || text[i + 1] != '\n')
            to[filled++] = '\n';
    return filled;
}

/* Fills `to` with the value of the text between the quotes. */
static enum meaning understand(const struct quotes *quotes, const char *text, size_t length,
                               char *to, size_t *filled)
{
    bool first = quotes->dialect == &pyon_v1;
    bool raw = strpbrk(quotes->open, "rR"), bytes = strpbrk(quotes->open, "bB");
    char *folded = malloc(length + 1);
    struct reader reader = {.p = folded, .to = to, .bytes = bytes};
    enum meaning meaning;

    if (!folded)
        abort();
    reader.end = folded + length;
    if (first)
        reader.end = folded + fold_lines(folded, text, length);
    else if (length > 0)
        memcpy(folded, text, length);
    meaning = first ? read_v1(&reader, quotes->close, raw) : read_v2(&reader);
    if (!is_utf8(text, length, !first) || (first && memchr(text, '\0', length)))
        meaning = meaning == UNKNOWN ? UNKNOWN : WRONG;
    *filled = (size_t)(reader.to - to);
    free(folded);
    return meaning;
}

/* ---- The target --------------------------------------------------------------------------- */

/* The string, `copies` times. Version 1 joins them. */
static void check(const struct quotes *quotes, const char *body, size_t length,
                  enum meaning meaning, const struct tree *expected, size_t copies)
{
    size_t opens = strlen(quotes->open), closes = strlen(quotes->close);
    size_t total = copies * (opens + length + closes + 1);
    char *text = malloc(total + 1), *p = text;
    struct tree_maker maker = {.height = 0};
    struct pyon_error error;
    const struct tree *tree;

    if (!text)
        abort();
    for (size_t i = 0; i < copies; i++) {
        p = stpcpy(p, quotes->open);
        if (length > 0)
            memcpy(p, body, length);
        p = stpcpy(p + length, quotes->close);
        *p++ = ' ';
    }
    *p = '\0';
    tree = tree_parse(&maker, quotes->dialect, text, total, NULL, &error);
    if (meaning == WRONG
            ? tree != NULL
            : !tree || tree->kind != expected->kind || tree->length != copies * expected->length)
        fuzz_fail(tree ? "another string" : error.message, text);
    for (size_t i = 0; meaning == MEANT && i < copies && expected->length > 0; i++)
        if (memcmp(tree->text + i * expected->length, expected->text, expected->length) != 0)
            fuzz_fail("another string", text);
    tree_free(&maker);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct quotes *quotes;
    struct tree_maker maker = {.height = 0};
    struct tree *expected;
    const char *body = (const char *)data + 1;
    enum meaning meaning;
    char *to;
    size_t length;

    if (size == 0 || !(to = malloc(4 * size)))
        return 0;
    quotes = &all_quotes[data[0] % (sizeof all_quotes / sizeof *all_quotes)];
    meaning = understand(quotes, body, size - 1, to, &length);
    if (meaning != UNKNOWN) {
        expected = tree_new(&maker, strpbrk(quotes->open, "bB") ? TREE_BYTES : TREE_STRING);
        if (meaning == MEANT)
            tree_set_text(expected, to, length);
        check(quotes, body, size - 1, meaning, expected, 1);
        if (quotes->dialect == &pyon_v1)
            check(quotes, body, size - 1, meaning, expected, 2);
        tree_free(&maker);
    }
    free(to);
    return 0;
}
