/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The end of the body of a string: lib/lex/scan.h against the same rules, one byte at a time. One
 * and two special characters stand at every place of bodies of every length up to some words of
 * eight bytes, in memory that ends with the text; one at every place of longer bodies, at every
 * alignment; and there are random bodies.
 */
#include "../support/check.h"
#include "../support/edge.h"
#include "../support/exact.h"

#include "lex/scan.h"

#define MOST 41
#define LONG 81   /* some vectors and a rest */
#define VECTOR 16 /* the number of alignments */

struct end {
    size_t length;
    unsigned flags;
};

/* ---- By the definition ------------------------------------------------------------------- */

/* A backslash shields the character after it, whatever that is. */
static struct end book_json(const char *text, size_t length)
{
    struct end end = {0, 0};

    while (end.length < length) {
        unsigned char c = (unsigned char)text[end.length];

        if (c == '"' || c < ' ' || (c == '\\' && end.length + 1 == length))
            break;
        if (c == '\\')
            end.flags |= PYON_STRING_ESCAPED;
        if (c >= 0x80 || (c == '\\' && text[end.length + 1] & 0x80))
            end.flags |= PYON_STRING_WIDE;
        end.length += c == '\\' ? 2 : 1;
    }
    return end;
}

/* The length of a line end; 0 if there is none. The text ends with a NUL. */
static size_t line_end(const char *text)
{
    if (text[0] == '\r')
        return text[1] == '\n' ? 2 : 1;
    return text[0] == '\n' ? 1 : 0;
}

static bool closes(const char *text, char quote, bool triple)
{
    return text[0] == quote && (!triple || (text[1] == quote && text[2] == quote));
}

static struct end book_python(const char *text, size_t length, char quote, bool triple, bool raw)
{
    struct end end = {0, 0};

    while (end.length < length) {
        const char *p = text + end.length;
        bool backslash = *p == '\\';

        if (closes(p, quote, triple) || (!triple && line_end(p)))
            break;
        if (*p & 0x80 || (backslash && p[1] & 0x80))
            end.flags |= PYON_STRING_WIDE;
        if (*p == '\r' || (backslash && (!raw || p[1] == '\r')))
            end.flags |= PYON_STRING_ESCAPED;
        end.length += backslash ? 1 + (line_end(p + 1) ? line_end(p + 1) : 1) : 1;
    }
    if (end.length > length)
        end.length = length; /* a backslash before the end */
    return end;
}

/* ---- Comparing --------------------------------------------------------------------------- */

static void report(const char *what, const char *text, size_t length, const struct end *got,
                   const struct end *expected)
{
    char shown[3 * 3 * SCAN_LONG + 100];
    int n = sprintf(shown, "%s ends at %zu/%u, not %zu/%u:", what, got->length, got->flags,
                    expected->length, expected->flags);

    for (size_t i = 0; i < length; i++)
        n += sprintf(shown + n, " %02x", (unsigned char)text[i]);
    CHECK_WITH(shown, !"the same end");
}

static void check_json(const char *text, size_t length)
{
    struct end expected = book_json(text, length), got = {0, 0};

    got.length = (size_t)(scan_json_string(text, text + length, &got.flags) - text);
    check_count++;
    if (got.length != expected.length || got.flags != expected.flags)
        report("JSON", text, length, &got, &expected);
}

static void check_python(const char *text, size_t length, char quote, bool triple, bool raw)
{
    struct end expected = book_python(text, length, quote, triple, raw), got = {0, 0};
    unsigned flags = raw ? PYON_STRING_RAW : 0;
    char what[40];

    got.length = (size_t)(scan_python_string(text, text + length, quote, triple, &flags) - text);
    got.flags = flags & ~(unsigned)PYON_STRING_RAW;
    check_count++;
    snprintf(what, sizeof what, "Python%s%s %c", triple ? " triple" : "", raw ? " raw" : "", quote);
    if (got.length != expected.length || got.flags != expected.flags)
        report(what, text, length, &got, &expected);
}

static void check_all(const char *text, size_t length)
{
    char *copy = exact_text(text, length);

    check_json(copy, length);
    for (int i = 0; i < 8; i++)
        check_python(copy, length, i & 1 ? '"' : '\'', i & 2, i & 4);
    free(copy);
}

/* ---- Tests ------------------------------------------------------------------------------- */

/* Every byte at every place. */
static void test_bytes(void)
{
    char text[MOST];

    for (size_t length = 0; length <= 26; length++) {
        memset(text, 'x', sizeof text);
        check_all(text, length);
        for (size_t place = 0; place < length; place++)
            for (int c = 0; c < 0x100; c++) {
                text[place] = (char)c;
                check_all(text, length);
                text[place] = 'x';
            }
    }
}

/* A special character at every place up to 40. The text ends with it, or somewhat later. */
static void test_places(void)
{
    static const char specials[] = "\"'\\\r\n\t\x1f\x80\xff\x7f";
    char text[MOST + 20];

    for (size_t place = 0; place < MOST; place++)
        for (size_t i = 0; i < sizeof specials; i++) /* with the NUL */
            for (size_t length = place + 1; length < place + 20; length++) {
                memset(text, ' ', sizeof text);
                text[place] = specials[i];
                check_all(text, length);
            }
}

/* Two special characters at a distance, and all characters after them. */
static void test_pairs(void)
{
    static const char specials[] = "\"'\\\r\n\xc3";
    char text[MOST];

    for (size_t i = 0; i < sizeof specials * sizeof specials; i++)
        for (size_t place = 0; place < 18; place++)
            for (size_t other = place + 1; other < place + 11; other++)
                for (size_t length = other; length < other + 10; length += 3) {
                    memset(text, '!', sizeof text);
                    text[place] = specials[i % sizeof specials];
                    text[other] = specials[i / sizeof specials];
                    check_all(text, length);
                }
}

/* All bodies of five of the few characters that matter. */
static void test_runs(void)
{
    static const char specials[] = "\"'\\\r\nx";
    const size_t count = sizeof specials - 1, step = check_short() ? 11 : 1;
    char text[MOST];

    for (size_t start = 0; start < 10; start += 3)
        for (size_t i = 0; i < count * count * count * count * count; i += step) {
            size_t rest = i;

            memset(text, 'x', sizeof text);
            for (size_t j = 0; j < 5; j++, rest /= count)
                text[start + j] = specials[rest % count];
            check_all(text, start + 5);
        }
}

/* In all modes; the text ends `shift` bytes before the end of the page. */
static void check_edge(const char *text, size_t length, size_t shift)
{
    static char *end;
    char *copy;

    if (!end)
        end = edge_of(4096);
    copy = end - shift - length - 1;
    memcpy(copy, text, length);
    memset(copy + length, 0, shift + 1);
    check_json(copy, length);
    for (int i = 0; i < 8; i++)
        check_python(copy, length, i & 1 ? '"' : '\'', i & 2, i & 4);
}

static void test_alignments(void)
{
    static const char specials[] = "\"'\\\r\n\x1f\x80\xff";
    char text[LONG];

    memset(text, 'x', sizeof text);
    for (size_t length = 0; length < LONG; length++)
        for (size_t place = 0; place < length; place++)
            for (size_t i = 0; i < sizeof specials; i++) {
                text[place] = specials[i];
                check_edge(text, length, 0);
                for (size_t shift = 1; shift < VECTOR && length % 7 == 0; shift++)
                    check_edge(text, length, shift);
                text[place] = 'x';
            }
}

/* In the longest runs of plain text, which wider vectors may take; with wide bytes before it. */
static void test_long(void)
{
    static const char specials[] = "\"'\\\r\n\x1f\x80";
    char text[3 * SCAN_LONG];

    for (size_t place = 0; place < sizeof text; place++)
        for (size_t i = 0; i < sizeof specials; i++) {
            memset(text, 'x', sizeof text);
            text[place] = specials[i];
            text[place / 2] = place % 3 ? 'x' : '\xff';
            check_edge(text, sizeof text, 0);
            check_edge(text, place + 1, 0);
        }
}

/* The first special byte, as the loop for plain text looks for it: at each place, in memory that begins
   and ends with the text. */
static void test_find(void)
{
#if PYON_X86
    static const char specials[] = "\"\\\n\x1f\x80\xff";

    for (size_t length = FIND_BEFORE; pyon_cpu >= PYON_CPU_AVX2 && length < 300; length++)
        for (size_t place = FIND_BEFORE; place <= length; place++)
            for (size_t i = 0; i < sizeof specials; i++) {
                char *text = exact_room(length + 1);

                memset(text, 'x', length);
                memset(text, '"', FIND_BEFORE);
                text[length] = '\0';
                if (place < length)
                    text[length - 1] = '"'; /* a later one */
                text[place] = place < length ? specials[i] : '\0';
                CHECK(pyon_find_special_avx2(text + FIND_BEFORE, text + length) == text + place);
                free(text);
            }
#endif
}

static void test_random(void)
{
    const int rounds = check_rounds(100000);
    static const char *const pieces[] = {"x",
                                         "abcdefg",
                                         "\\\"",
                                         "\\\\",
                                         "\"",
                                         "'",
                                         "\r",
                                         "\r\n",
                                         "\n",
                                         "\\",
                                         "\"\"\"",
                                         "\xc3\xa9",
                                         "''",
                                         "\\\r\n",
                                         "\\\\\\",
                                         "01234567",
                                         "89abcdefghijklmnop"};
    const size_t count = sizeof pieces / sizeof *pieces;

    for (int i = 0; i < rounds; i++) {
        char text[2 * LONG];
        size_t length = 0, most = edge_random() % LONG;
        uint32_t kinds = edge_random() | 1; /* few kinds make longer bodies */

        while (length < most) {
            uint32_t piece = edge_random() % count;

            if (kinds >> piece & 1) {
                memcpy(text + length, pieces[piece], strlen(pieces[piece]));
                length += strlen(pieces[piece]);
            }
        }
        check_edge(text, length, edge_random() % VECTOR);
    }
}

int main(void)
{
    test_alignments();
    test_long();
    test_find();
    test_random();
    test_bytes();
    test_places();
    test_pairs();
    test_runs();
    return check_report();
}
