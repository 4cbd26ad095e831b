/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Codes to messages, offsets to lines and columns. Reading formats nothing: an error is a code and
 * an offset, and the caller asks for the rest when it shows the error.
 */
#include "base.h"

static const char *const messages[PYON_ERROR_COUNT] = {
    [PYON_OK] = "no error",
    [PYON_ERROR_HOST] = "a function of the caller failed",
    [PYON_ERROR_MEMORY] = "out of memory",
    [PYON_ERROR_DEPTH] = "too many nested brackets",
    [PYON_ERROR_UTF8] = "invalid UTF-8",
    /* The wording of Python's json module (json/decoder.py, Modules/_json.c). */
    [PYON_ERROR_VALUE] = "Expecting value",
    [PYON_ERROR_PROPERTY] = "Expecting property name enclosed in double quotes",
    [PYON_ERROR_COLON] = "Expecting ':' delimiter",
    [PYON_ERROR_COMMA] = "Expecting ',' delimiter",
    [PYON_ERROR_TRAILING_ARRAY] = "Illegal trailing comma before end of array",
    [PYON_ERROR_TRAILING_OBJECT] = "Illegal trailing comma before end of object",
    [PYON_ERROR_EXTRA] = "Extra data",
    [PYON_ERROR_STRING] = "Unterminated string starting at",
    [PYON_ERROR_CONTROL] = "Invalid control character at",
    [PYON_ERROR_ESCAPE] = "Invalid \\escape",
    [PYON_ERROR_UNICODE_ESCAPE] = "Invalid \\uXXXX escape",
    [PYON_ERROR_BOM] = "Unexpected UTF-8 BOM (decode using utf-8-sig)",
    /* Version 1. */
    [PYON_ERROR_EMPTY] = "there is no value",
    [PYON_ERROR_CHARACTER] = "invalid character",
    [PYON_ERROR_NUL] = "source code string cannot contain null bytes",
    [PYON_ERROR_NUMBER] = "invalid number",
    [PYON_ERROR_BRACKET] = "unmatched closing bracket",
    [PYON_ERROR_UNCLOSED] = "bracket was never closed",
    [PYON_ERROR_EXPRESSION] = "invalid syntax",
    [PYON_ERROR_NAME] = "name is not defined",
    [PYON_ERROR_NOT_VALUE] = "the name of a constructor is not a value",
    [PYON_ERROR_ACCESS] = "attribute access and subscripts are not allowed",
    [PYON_ERROR_ATTRIBUTE] = "the value has no such attribute",
    [PYON_ERROR_ARITHMETIC] = "only arithmetic with numbers is allowed",
    [PYON_ERROR_OPERAND] = "this operator is not allowed here",
    [PYON_ERROR_CALL] = "this call is not allowed here",
    [PYON_ERROR_OVERFLOW] = "int too large to convert to float",
    [PYON_ERROR_KEYWORD] = "keywords are not allowed",
    [PYON_ERROR_UNPACKING] = "unpacking is not allowed",
    [PYON_ERROR_FORMATTED] = "formatted strings are not allowed",
    [PYON_ERROR_MIXED] = "cannot mix bytes and nonbytes literals",
    [PYON_ERROR_BYTES] = "bytes can only contain ASCII literal characters",
    [PYON_ERROR_HEX_ESCAPE] = "truncated or illegal \\x, \\u or \\U escape",
    [PYON_ERROR_NAME_ESCAPE] = "unknown Unicode character name",
    [PYON_ERROR_ARGUMENT] = "positional argument follows keyword argument",
    [PYON_ERROR_TRUNCATED] = "the text ends inside a value",
    [PYON_ERROR_LINE] = "the line ends inside a value",
    [PYON_ERROR_SIZE] = "the value has too many bytes",
    [PYON_ERROR_LARGE] = "too many digits to compute",
    [PYON_ERROR_REPEATED] = "keyword argument repeated",
    [PYON_ERROR_UNDEFINED] = "this arithmetic has no result",
    [PYON_ERROR_INEXPRESSIBLE] = "the version has no way to write this value",
    [PYON_ERROR_PATH] = "not a path",
};

const char *pyon_error_message(enum pyon_error_code code)
{
    if ((unsigned)code >= PYON_ERROR_COUNT)
        return "unknown error";
    return messages[code];
}

bool pyon_error_is_evaluation(enum pyon_error_code code)
{
    return code == PYON_ERROR_NAME || code == PYON_ERROR_ATTRIBUTE || code == PYON_ERROR_OPERAND ||
           code == PYON_ERROR_CALL || code == PYON_ERROR_OVERFLOW || code == PYON_ERROR_UNDEFINED;
}

bool pyon_error_is_refusal(enum pyon_error_code code)
{
    return code == PYON_ERROR_ARITHMETIC || code == PYON_ERROR_ACCESS ||
           code == PYON_ERROR_UNPACKING || code == PYON_ERROR_NOT_VALUE || code == PYON_ERROR_LARGE;
}

void pyon_locate(const char *text, size_t offset, size_t *line, size_t *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '\n') {
            *line += 1;
            *column = 1;
        } else if ((c & 0xc0) != 0x80) {
            *column += 1;
        }
    }
}
