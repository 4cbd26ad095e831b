/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The lexer of both dialects (see lexer.h), for re2c.
 *
 * re2c finds the beginning and the kind of a token. The kernels of scan.h and wide.h read the parts
 * that may be long: bodies of strings and digits of numbers.
 *
 * The start conditions are those of enum pyon_condition: V2; V1 inside brackets, where line ends
 * are blanks; V1_LINE outside, where they are tokens. The NUL at the limit belongs to no token
 * except END, so no rule can run past it.
 */
#include "lex/lexer.h"

#include "lex/scan.h"

#include <math.h>

/*!re2c
    re2c:api:style = free-form;
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = cursor;
    re2c:define:YYMARKER = marker;
    re2c:define:YYGETCONDITION = condition;
    re2c:condenumprefix = PYON_LEX_;
    re2c:yyfill:enable = 0;

    digit      = [0-9];
    digits     = digit ("_"? digit)*;
    exponent   = [eE] [+-]? digits;
    float      = digits exponent | digits "." digits? exponent? | "." digits exponent?;
    line_end   = "\r\n" | "\r" | "\n";
    blank      = [ \t\f] | "\\" line_end;
    comment    = "#" [^\r\n\x00]*; // without the line end after it
    space      = blank | comment? line_end;
    json_space = [ \t\r\n];
    quote      = ['"];
    prefix     = [uUbBrR] | [bB] [rR] | [rR] [bB];
    name       = [A-Za-z_] [A-Za-z0-9_]*;
    reserved   = "and" | "as" | "assert" | "async" | "await" | "break" | "class" | "continue"
               | "def" | "del" | "elif" | "else" | "except" | "finally" | "for" | "from"
               | "global" | "if" | "import" | "in" | "is" | "lambda" | "nonlocal" | "not" | "or"
               | "pass" | "raise" | "return" | "try" | "while" | "with" | "yield";
*/

static enum pyon_token_kind bad(struct pyon_token *token, enum pyon_error_code error)
{
    token->error = error;
    return PYON_TOKEN_BAD;
}

static enum pyon_token_kind real(struct pyon_token *token, enum pyon_token_kind kind, double value)
{
    token->number.kind = PYON_NUMBER_REAL;
    token->number.real = value;
    return kind;
}

static bool continues_name(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '_' || (unsigned char)c >= 0x80;
}

/* Fills the slice of the name that the token begins with. */
static enum pyon_token_kind named(struct pyon_token *token, enum pyon_token_kind kind)
{
    const char *end = token->start;

    while (continues_name(*end) && (unsigned char)*end < 0x80)
        end++;
    token->text = token->start;
    token->length = (size_t)(end - token->start);
    return kind;
}

static enum pyon_token_kind truth(struct pyon_token *token, bool value)
{
    token->number.kind = PYON_NUMBER_BOOLEAN;
    token->number.integer = value;
    return PYON_TOKEN_OPERAND;
}

/* True and False are numbers in Python's arithmetic. A literal of Python has none. */
static enum pyon_token_kind python_truth(const struct pyon_lexer *lexer, struct pyon_token *token,
                                         bool value)
{
    if (PYON_UNLIKELY(lexer->literal))
        return value ? PYON_TOKEN_TRUE : PYON_TOKEN_FALSE;
    return truth(token, value);
}

/* The names of the format. They mean nothing where only literals of Python are read. */
static enum pyon_token_kind own_name(const struct pyon_lexer *lexer, struct pyon_token *token,
                                     enum pyon_token_kind kind)
{
    return PYON_UNLIKELY(lexer->literal) ? named(token, PYON_TOKEN_NAME) : kind;
}

static enum pyon_token_kind own_truth(const struct pyon_lexer *lexer, struct pyon_token *token,
                                      bool value)
{
    return own_name(lexer, token, truth(token, value));
}

static enum pyon_token_kind own_real(const struct pyon_lexer *lexer, struct pyon_token *token,
                                     double value)
{
    return own_name(lexer, token, real(token, PYON_TOKEN_OPERAND, value));
}

static enum pyon_token_kind own_constructor(const struct pyon_lexer *lexer,
                                            struct pyon_token *token)
{
    return named(token, lexer->literal ? PYON_TOKEN_NAME : PYON_TOKEN_CONSTRUCTOR);
}

/* Skips the blanks of JSON at `p`. */
static inline const char *skip_space(const struct pyon_lexer *lexer, const char *p)
{
    if (PYON_LIKELY((unsigned char)*p > ' '))
        return p;
    p = skip_lines(lexer, p);
    while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
        p++;
    return p;
}

/* If the character `c` is there, skips it and the blanks after it. */
static inline bool skip_mark(const struct pyon_lexer *lexer, const char **p, char c)
{
    if (**p != c)
        return false;
    *p = skip_space(lexer, *p + 1);
    return true;
}

#define LONGEST_TAG 255 /* bytes of a name; an object with a longer one is read by its keys */

/* Reads `["NAME",[` after the key of a tag. Returns false at a difference, with `p` there. */
static inline bool lex_tag(const struct pyon_lexer *lexer, struct pyon_token *token, const char **p)
{
    const char *name;

    if (!skip_mark(lexer, p, ':') || !skip_mark(lexer, p, '[') || **p != '"')
        return false;
    name = ++*p;
    while (**p >= ' ' && **p < 0x7f && **p != '"' && **p != '\\' && *p - name < LONGEST_TAG)
        ++*p;
    token->text = name;
    token->length = (size_t)(*p - name);
    return skip_mark(lexer, p, '"') && skip_mark(lexer, p, ',') && **p == '[';
}

/*
 * An opening brace of version 2. Every tuple and array has one, so a tag,
 * {"__jsonclass__":["NAME",[ with a name without escapes, is read by hand: a rule would read it a
 * byte at a time.
 */
static enum pyon_token_kind lex_brace(struct pyon_lexer *lexer, struct pyon_token *token)
{
    static const char key[] = "\"__jsonclass__\"";
    const char *p = skip_space(lexer, lexer->cursor);
    size_t left = (size_t)(lexer->limit - p);

    token->cut = false;
    if (left < sizeof key) {
        token->cut = memcmp(p, key, left) == 0;
    } else if (*p == '"' && memcmp(p, key, sizeof key - 1) == 0) {
        p = skip_space(lexer, p + sizeof key - 1);
        if (lex_tag(lexer, token, &p)) {
            lexer->cursor = p + 1;
            return PYON_TOKEN_TAG_OPEN;
        }
        token->cut = p == lexer->limit;
    }
    return PYON_TOKEN_OBJECT_OPEN;
}

/* ---- Numbers ---- */

static const char *read_number(struct pyon_lexer *lexer, struct pyon_token *token)
{
    if (reads_wide(lexer, token->start))
        return read_number_wide(token->start, &token->number, join_run, SAFE_UNASKED);
    return pyon_read_number(token->start, &token->number);
}

static enum pyon_token_kind lex_number(struct pyon_lexer *lexer, struct pyon_token *token)
{
    lexer->cursor = read_number(lexer, token);
    token->text = token->start;
    token->length = (size_t)(lexer->cursor - token->start);
    return PYON_TOKEN_NUMBER;
}

/* Finds a number of version 1 by its whole grammar. The parser reads its value. */
static enum pyon_token_kind lex_numeral(struct pyon_lexer *lexer, struct pyon_token *token)
{
    const unsigned char *cursor = (const unsigned char *)token->start, *marker;

    token->imaginary = false;
    token->base = 0;
    /*!local:re2c
        float                                   { goto end; }
        (digits | float) [jJ]                   { token->imaginary = true; goto end; }
        "0" [xX] ("_"? [0-9a-fA-F])+            { token->base = 16; goto end; }
        "0" [oO] ("_"? [0-7])+                  { token->base = 8; goto end; }
        "0" [bB] ("_"? [01])+                   { token->base = 2; goto end; }
        [1-9] ("_"? digit)* | "0" ("_"? "0")*   { token->base = 10; goto end; }
        *                                       { goto wrong; }
    */
end:
    lexer->cursor = (const char *)cursor;
    token->text = token->start + (token->base == 0 || token->base == 10 ? 0 : 2);
    token->length = (size_t)(lexer->cursor - token->text) - token->imaginary;
    if (!continues_name(*lexer->cursor))
        return PYON_TOKEN_NUMERAL;
wrong:
    lexer->cursor = (const char *)cursor;
    return bad(token, PYON_ERROR_NUMBER);
}

/* A number of version 1 that begins with a digit. Plain ones are read at once. */
static enum pyon_token_kind lex_operand(struct pyon_lexer *lexer, struct pyon_token *token)
{
    const char *end = read_number(lexer, token);
    enum pyon_number_kind kind = token->number.kind;

    if (!continues_name(*end) && *end != '.') {
        lexer->cursor = end;
        token->text = token->start;
        token->length = (size_t)(end - token->start);
        token->base = 10;
        return PYON_TOKEN_OPERAND;
    }
    if (*end == 'j' && kind != PYON_NUMBER_BIGINT && !continues_name(end[1])) {
        lexer->cursor = end + 1;
        return real(token, PYON_TOKEN_IMAGINARY,
                    kind == PYON_NUMBER_REAL ? token->number.real
                                             : nearest_real(token->number.integer));
    }
    return lex_numeral(lexer, token);
}

/* ---- Strings ---- */

/* Reads the rest of a JSON string; the cursor is after its quote. */
static enum pyon_token_kind lex_string(struct pyon_lexer *lexer, struct pyon_token *token)
{
    const char *end;

    token->string = PYON_STRING_JSON | lexer->string;
    token->text = lexer->cursor;
    PYON_ASSERT(lexer->scanned <= (size_t)(lexer->limit - token->text));
    end = scan_json_string(token->text + lexer->scanned, lexer->limit, &token->string);
    token->length = (size_t)(end - token->text);
    lexer->cursor = end;
    if (*end != '"')
        return bad(token, end == lexer->limit || *end == '\\' ? PYON_ERROR_STRING
                                                              : PYON_ERROR_CONTROL);
    lexer->cursor++;
    return PYON_TOKEN_STRING;
}

/* Reads the rest of a Python literal; the cursor is after its prefix and first quote. */
static enum pyon_token_kind lex_literal(struct pyon_lexer *lexer, struct pyon_token *token)
{
    const char *body = lexer->cursor, *end;
    char quote = body[-1];
    bool triple = body[0] == quote && body[1] == quote;

    token->string = lexer->string | (lexer->literal ? PYON_STRING_KNOWN : 0);
    for (const char *p = token->start; *p != quote; p++) {
        if (*p == 'r' || *p == 'R')
            token->string |= PYON_STRING_RAW;
        if (*p == 'b' || *p == 'B')
            token->string |= PYON_STRING_BYTES;
    }
    token->text = body + (triple ? 2 : 0);
    PYON_ASSERT(lexer->scanned <= (size_t)(lexer->limit - token->text));
    end = scan_python_string(token->text + lexer->scanned, lexer->limit, quote, triple,
                             &token->string);
    token->length = (size_t)(end - token->text);
    lexer->cursor = end;
    if (*end != quote)
        return bad(token, PYON_ERROR_STRING);
    lexer->cursor += triple ? 3 : 1;
    return PYON_TOKEN_LITERAL;
}

/* ---- Tokens ---- */

enum pyon_token_kind pyon_lex(struct pyon_lexer *lexer, enum pyon_condition condition,
                              struct pyon_token *token)
{
    const unsigned char *cursor = (const unsigned char *)lexer->cursor, *marker;

    PYON_ASSERT(lexer->cursor <= lexer->limit && *lexer->limit == '\0');
/* Rules end the token with this, before any other code looks at it. */
#define ACCEPT lexer->cursor = (const char *)cursor
next:
    token->start = (const char *)cursor;
    /*!local:re2c
        <V2> json_space+                { goto next; }
        <V1> space+                     { goto next; }
        <V1_LINE> [ \t]+                { goto next; }
        <V1_LINE> blank                 { goto rare_blank; }
        <V1, V1_LINE> comment           { goto comment; }
        <V1_LINE> line_end              { ACCEPT; return PYON_TOKEN_NEWLINE; }

        <*> "["                         { ACCEPT; return PYON_TOKEN_LIST_OPEN; }
        <*> "]"                         { ACCEPT; return PYON_TOKEN_LIST_CLOSE; }
        <*> "}"                         { ACCEPT; return PYON_TOKEN_BRACE_CLOSE; }
        <*> ","                         { ACCEPT; return PYON_TOKEN_COMMA; }
        <*> ":"                         { ACCEPT; return PYON_TOKEN_COLON; }
        <V2> "null"                     { ACCEPT; return PYON_TOKEN_NULL; }
        <V2> "true"                     { ACCEPT; return PYON_TOKEN_TRUE; }
        <V2> "false"                    { ACCEPT; return PYON_TOKEN_FALSE; }

        <V2> "-"? digit                 { return lex_number(lexer, token); }
        <V2> "NaN"                      { ACCEPT; return real(token, PYON_TOKEN_NUMBER, NAN); }
        <V2> "Infinity"                 { ACCEPT; return real(token, PYON_TOKEN_NUMBER, INFINITY); }
        <V2> "-Infinity"                { ACCEPT; return real(token, PYON_TOKEN_NUMBER, -INFINITY); }
        <V2> "\""                       { ACCEPT; return lex_string(lexer, token); }
        <V2> "{"                        { ACCEPT; return lex_brace(lexer, token); }
        <V2> "\x00"                     { goto nul; }
        <V2> *                          { ACCEPT; return bad(token, PYON_ERROR_VALUE); }

        <V1, V1_LINE> "("               { ACCEPT; return PYON_TOKEN_PAREN_OPEN; }
        <V1, V1_LINE> ")"               { ACCEPT; return PYON_TOKEN_PAREN_CLOSE; }
        <V1, V1_LINE> "{"               { ACCEPT; return PYON_TOKEN_BRACE_OPEN; }
        <V1, V1_LINE> "+"               { ACCEPT; return PYON_TOKEN_PLUS; }
        <V1, V1_LINE> "-"               { ACCEPT; return PYON_TOKEN_MINUS; }
        <V1, V1_LINE> "*" "*"?          { ACCEPT; return PYON_TOKEN_STAR; }
        <V1, V1_LINE> digit             { return lex_operand(lexer, token); }
        <V1, V1_LINE> "." digit         { return lex_numeral(lexer, token); }
        <V1, V1_LINE> prefix? quote     { ACCEPT; return lex_literal(lexer, token); }
        <V1, V1_LINE> "None"            { ACCEPT; return PYON_TOKEN_NULL; }
        <V1, V1_LINE> "True"            { ACCEPT; return python_truth(lexer, token, true); }
        <V1, V1_LINE> "False"           { ACCEPT; return python_truth(lexer, token, false); }
        <V1, V1_LINE> "null"            { ACCEPT; return own_name(lexer, token, PYON_TOKEN_NULL); }
        <V1, V1_LINE> "true"            { ACCEPT; return own_truth(lexer, token, true); }
        <V1, V1_LINE> "false"           { ACCEPT; return own_truth(lexer, token, false); }
        <V1, V1_LINE> "nan"             { ACCEPT; return own_real(lexer, token, NAN); }
        <V1, V1_LINE> "inf"             { ACCEPT; return own_real(lexer, token, INFINITY); }
        <V1, V1_LINE> "slice" | "Fraction" | "OrderedDict" | "nparray" | "npscalar"
                                        { ACCEPT; return own_constructor(lexer, token); }
        <V1, V1_LINE> reserved          { ACCEPT; return bad(token, PYON_ERROR_KEYWORD); }
        <V1, V1_LINE> name              { ACCEPT; return named(token, PYON_TOKEN_NAME); }
        <V1> (reserved | "None" | "True" | "False") space* "=" / [^=]
                                        { ACCEPT; return bad(token, PYON_ERROR_KEYWORD); }
        <V1> name space* "=" / [^=]     { ACCEPT; return named(token, PYON_TOKEN_KEYWORD); }

        <V1, V1_LINE> ([fF] [rR]? | [rR] [fF]) quote
                                        { ACCEPT; return bad(token, PYON_ERROR_FORMATTED); }
        <V1, V1_LINE> "."               { ACCEPT; return PYON_TOKEN_DOT; }
        <V1, V1_LINE> "~"               { ACCEPT; return PYON_TOKEN_TILDE; }
        <V1, V1_LINE> [/%@&|^] | "//" | "<<" | ">>" | [<>] "="? | [=!] "="
                                        { ACCEPT; return PYON_TOKEN_OPERATOR; }
        <V1, V1_LINE> "=" | ":="        { ACCEPT; return bad(token, PYON_ERROR_EXPRESSION); }
        <V1, V1_LINE> "\x00"            { goto nul; }
        <V1, V1_LINE> *                 { ACCEPT; return bad(token, PYON_ERROR_CHARACTER); }
    */
#undef ACCEPT
rare_blank:
    if (!lexer->literal)
        goto next;
    lexer->cursor = (const char *)cursor;
    return bad(token, PYON_ERROR_CHARACTER);
comment:
    lexer->comment = (const char *)cursor == lexer->limit;
    goto next;
nul:
    lexer->cursor = token->start;
    return token->start == lexer->limit ? PYON_TOKEN_END : bad(token, PYON_ERROR_NUL);
}
