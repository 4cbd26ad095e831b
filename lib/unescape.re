/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Escapes of the two dialects, for re2c: one small block for each kind of string. A block starts
 * behind the backslash and reads one escape; it cannot run past the end of the body, because the
 * quote there is part of no escape of more than one character.
 */
#include "unescape.h"

#include "scan.h"
#include "utf8.h"

/*!re2c
    re2c:api:style = free-form;
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = cursor;
    re2c:define:YYMARKER = marker;
    re2c:yyfill:enable = 0;

    hex      = [0-9a-fA-F];
    octal    = [0-7];
    line_end = "\r\n" | "\r" | "\n";
    low_half = [dD] [c-fC-F] hex{2};
    top_half = [dD] [89abAB] hex{2};
*/

static char *fail(struct pyon_unescaper *unescaper, enum pyon_error_code code,
                  const unsigned char *where)
{
    unescaper->code = code;
    unescaper->where = (const char *)where;
    return NULL;
}

static uint32_t read_digits(const unsigned char *p, const unsigned char *end, unsigned base)
{
    uint32_t value = 0;

    for (; p < end; p++)
        value = value * base + digit_value((char)*p);
    return value;
}

/* Copies up to a backslash, a carriage return or the end. */
static const unsigned char *copy_plain(char **out, const unsigned char *p,
                                       const unsigned char *end)
{
    char *to = *out;

    while (p < end && *p != '\\' && *p != '\r')
        *to++ = (char)*p++;
    *out = to;
    return p;
}

char *pyon_unescape_json(struct pyon_unescaper *unescaper, char *out, const char *p,
                         const char *end)
{
    const unsigned char *cursor = (const unsigned char *)p, *marker;
    const unsigned char *stop = (const unsigned char *)end, *start;
    uint32_t c;

    while ((cursor = copy_plain(&out, cursor, stop)) < stop) {
        start = ++cursor;
        /*!local:re2c
            ["\\/]  { *out++ = (char)*start; continue; }
            "b"     { *out++ = '\b'; continue; }
            "f"     { *out++ = '\f'; continue; }
            "n"     { *out++ = '\n'; continue; }
            "r"     { *out++ = '\r'; continue; }
            "t"     { *out++ = '\t'; continue; }
            "u" top_half "\\u" low_half {
                c = 0x10000 + ((read_digits(start + 1, start + 5, 16) & 0x3ff) << 10 |
                               (read_digits(start + 7, start + 11, 16) & 0x3ff));
                goto code_point;
            }
            "u" hex{4} { c = read_digits(start + 1, cursor, 16); goto code_point; }
            "u"     { return fail(unescaper, PYON_ERROR_UNICODE_ESCAPE, start); }
            *       { return fail(unescaper, PYON_ERROR_ESCAPE, start - 1); }
        */
    code_point:
        /* Python's json wants a character behind the digits and blames the escape if the text
           ends with them. */
        if (cursor == (const unsigned char *)unescaper->limit)
            return fail(unescaper, PYON_ERROR_UNICODE_ESCAPE, cursor - 5);
        out = pyon_utf8_put(out, c);
    }
    return out;
}

/* The character that \N{name} means, asked of the builder. */
static char *put_named(struct pyon_unescaper *unescaper, char *out, const unsigned char *name,
                       const unsigned char *end)
{
    const struct pyon_builder *builder = unescaper->builder;
    uint32_t c = 0;
    int found = 1;

    if (builder->character)
        found = builder->character(unescaper->self, (const char *)name, (size_t)(end - name), &c);
    if (found == 0)
        return pyon_utf8_put(out, c);
    return fail(unescaper, found < 0 ? PYON_ERROR_HOST : PYON_ERROR_NAME_ESCAPE, name);
}

/* One escape of a str literal, the cursor being behind the backslash. */
static char *unescape_str(struct pyon_unescaper *unescaper, char *out,
                          const unsigned char **position)
{
    const unsigned char *start = *position, *cursor = start, *marker;
    uint32_t c;

    /*!local:re2c
        line_end        { goto end; }
        [\\'"]          { c = *start; goto code_point; }
        "a"             { c = '\a'; goto code_point; }
        "b"             { c = '\b'; goto code_point; }
        "f"             { c = '\f'; goto code_point; }
        "n"             { c = '\n'; goto code_point; }
        "r"             { c = '\r'; goto code_point; }
        "t"             { c = '\t'; goto code_point; }
        "v"             { c = '\v'; goto code_point; }
        octal{1,3}      { c = read_digits(start, cursor, 8); goto code_point; }
        "x" hex{2} | "u" hex{4} | "U" hex{8}
                        { c = read_digits(start + 1, cursor, 16); goto code_point; }
        "x" | "u" | "U" { return fail(unescaper, PYON_ERROR_HEX_ESCAPE, start - 1); }
        "N{" [A-Za-z0-9 -]+ "}" {
            out = put_named(unescaper, out, start + 2, cursor - 1);
            goto end;
        }
        "N"             { return fail(unescaper, PYON_ERROR_NAME_ESCAPE, start - 1); }
        *               { *out++ = '\\'; cursor = start; goto end; }
    */
code_point:
    if (c > 0x10ffff)
        return fail(unescaper, PYON_ERROR_HEX_ESCAPE, start - 1);
    out = pyon_utf8_put(out, c);
end:
    *position = cursor;
    return out;
}

/* The same for a bytes literal. */
static char *unescape_bytes(struct pyon_unescaper *unescaper, char *out,
                            const unsigned char **position)
{
    const unsigned char *start = *position, *cursor = start, *marker;

    /*!local:re2c
        line_end        { goto end; }
        [\\'"]          { *out++ = (char)*start; goto end; }
        "a"             { *out++ = '\a'; goto end; }
        "b"             { *out++ = '\b'; goto end; }
        "f"             { *out++ = '\f'; goto end; }
        "n"             { *out++ = '\n'; goto end; }
        "r"             { *out++ = '\r'; goto end; }
        "t"             { *out++ = '\t'; goto end; }
        "v"             { *out++ = '\v'; goto end; }
        octal{1,3}      { *out++ = (char)read_digits(start, cursor, 8); goto end; }
        "x" hex{2}      { *out++ = (char)read_digits(start + 1, cursor, 16); goto end; }
        "x"             { return fail(unescaper, PYON_ERROR_HEX_ESCAPE, start - 1); }
        *               { *out++ = '\\'; cursor = start; goto end; }
    */
end:
    *position = cursor;
    return out;
}

char *pyon_unescape_python(struct pyon_unescaper *unescaper, char *out, const char *p,
                           const char *end, unsigned string)
{
    const unsigned char *cursor = (const unsigned char *)p;
    const unsigned char *stop = (const unsigned char *)end;

    while (out && (cursor = copy_plain(&out, cursor, stop)) < stop) {
        if (*cursor == '\r') {
            *out++ = '\n';
            cursor += scan_line_end((const char *)cursor);
        } else if (string & PYON_STRING_RAW) {
            *out++ = (char)*cursor++;
        } else {
            cursor++;
            out = string & PYON_STRING_BYTES ? unescape_bytes(unescaper, out, &cursor)
                                             : unescape_str(unescaper, out, &cursor);
        }
    }
    return out;
}
