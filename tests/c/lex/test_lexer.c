/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The lexer: the tokens of tricky texts. And it never reads after the NUL at the end, wherever the
 * text ends.
 *
 * Tokens are written as their kinds; if a token has an inside, it follows in brackets, and for
 * strings their flags:
 *
 *     {"a\n": -1    OBJECT_OPEN STRING<a\n>E COLON NUMBER<-1> END
 *
 * A bad token shows its code.
 */
#include "../support/check.h"
#include "../support/edge.h"

#include "lex/lexer.h"

#define MOST 1000 /* bytes of a text */

#define KIND(name) [PYON_TOKEN_##name] = #name
static const char *const kind_names[] = {
    KIND(END),         KIND(BAD),        KIND(NULL),        KIND(TRUE),     KIND(FALSE),
    KIND(LIST_OPEN),   KIND(LIST_CLOSE), KIND(BRACE_CLOSE), KIND(COMMA),    KIND(COLON),
    KIND(NUMBER),      KIND(STRING),     KIND(OBJECT_OPEN), KIND(TAG_OPEN), KIND(OPERAND),
    KIND(IMAGINARY),   KIND(NUMERAL),    KIND(LITERAL),     KIND(PLUS),     KIND(MINUS),
    KIND(STAR),        KIND(OPERATOR),   KIND(TILDE),       KIND(DOT),      KIND(PAREN_OPEN),
    KIND(PAREN_CLOSE), KIND(BRACE_OPEN), KIND(CONSTRUCTOR), KIND(NAME),     KIND(KEYWORD),
    KIND(NEWLINE),
};
#undef KIND

/* ---- Streams ----------------------------------------------------------------------------- */

static const char *code_name(enum pyon_error_code code)
{
    switch (code) {
    case PYON_ERROR_VALUE:
        return "VALUE";
    case PYON_ERROR_STRING:
        return "STRING";
    case PYON_ERROR_CONTROL:
        return "CONTROL";
    case PYON_ERROR_CHARACTER:
        return "CHARACTER";
    case PYON_ERROR_NUMBER:
        return "NUMBER";
    case PYON_ERROR_EXPRESSION:
        return "EXPRESSION";
    case PYON_ERROR_KEYWORD:
        return "KEYWORD";
    case PYON_ERROR_FORMATTED:
        return "FORMATTED";
    case PYON_ERROR_NUL:
        return "NUL";
    default:
        return "?";
    }
}

/* The text between < and > for a kind. */
static size_t describe_inside(char *to, enum pyon_token_kind kind, const struct pyon_token *token)
{
    int length = (int)token->length;

    switch (kind) {
    case PYON_TOKEN_BAD:
        return (size_t)sprintf(to, "<%s>", code_name(token->error));
    case PYON_TOKEN_NUMERAL:
        return (size_t)sprintf(to, "<%.*s>%u%s", length, token->text, token->base,
                               token->imaginary ? "j" : "");
    case PYON_TOKEN_STRING:
    case PYON_TOKEN_LITERAL:
        return (size_t)sprintf(to, "<%.*s>%s%s%s%s", length, token->text,
                               token->string & PYON_STRING_ESCAPED ? "E" : "",
                               token->string & PYON_STRING_WIDE ? "W" : "",
                               token->string & PYON_STRING_RAW ? "R" : "",
                               token->string & PYON_STRING_BYTES ? "B" : "");
    case PYON_TOKEN_NUMBER:
    case PYON_TOKEN_OPERAND:
    case PYON_TOKEN_IMAGINARY:
        return (size_t)sprintf(to, "<%g>",
                               token->number.kind == PYON_NUMBER_REAL
                                   ? token->number.real
                                   : (double)token->number.integer);
    case PYON_TOKEN_TAG_OPEN:
    case PYON_TOKEN_CONSTRUCTOR:
    case PYON_TOKEN_NAME:
    case PYON_TOKEN_KEYWORD:
        return (size_t)sprintf(to, "<%.*s>", length, token->text);
    default:
        return 0;
    }
}

/* Fills `to` with the tokens of the copy of a text. Ends at a NUL too. */
static void describe_copy(char *to, enum pyon_condition condition, const char *copy, size_t length)
{
    struct pyon_lexer lexer = lexer_of(copy, length, length);
    enum pyon_token_kind kind;

    do {
        struct pyon_token token;
        const char *before = lexer.cursor;

        kind = pyon_lex(&lexer, condition, &token);
        CHECK_WITH(copy, token.start >= before && lexer.cursor >= token.start);
        CHECK_WITH(copy, lexer.cursor <= lexer.limit);
        CHECK_WITH(copy, kind != PYON_TOKEN_END || token.start == lexer.limit);
        to += sprintf(to, "%s", kind_names[kind]);
        to += describe_inside(to, kind, &token);
        *to++ = ' ';
        if (kind == PYON_TOKEN_BAD && token.error == PYON_ERROR_NUL)
            break;
    } while (kind != PYON_TOKEN_END);
    to[-1] = '\0';
}

/* Fills `to` with the tokens: the same where the text ends and where it begins with a page. */
static void describe(char *to, enum pyon_condition condition, const char *text, size_t length)
{
    static char *end;
    char again[2000], *copy;

    if (!end)
        end = edge_of(MOST + 1);
    CHECK(length <= MOST);
    copy = memcpy(end - length - 1, text, length);
    copy[length] = '\0';
    describe_copy(to, condition, copy, length);
    copy = memcpy(edge_begin(end), text, length);
    copy[length] = '\0';
    describe_copy(again, condition, copy, length);
    CHECK_WITH(text, strcmp(again, to) == 0);
}

static void check_stream(enum pyon_condition condition, const char *text, const char *expected)
{
    char got[2000];

    describe(got, condition, text, strlen(text));
    if (!CHECK_WITH(text, strcmp(got, expected) == 0))
        fprintf(stderr, "    expected %s\n    got      %s\n", expected, got);
    /* The text ends at every place. */
    for (size_t length = 0; length < strlen(text); length++)
        describe(got, condition, text, length);
}

static void v2(const char *text, const char *expected)
{
    check_stream(PYON_LEX_V2, text, expected);
}

/* Version 1 outside brackets, */
static void line(const char *text, const char *expected)
{
    check_stream(PYON_LEX_V1_LINE, text, expected);
}

/* inside brackets, */
static void inside(const char *text, const char *expected)
{
    check_stream(PYON_LEX_V1, text, expected);
}

/* and in both, for texts that are the same there. */
static void v1(const char *text, const char *expected)
{
    line(text, expected);
    inside(text, expected);
}

/* ---- Version 2 --------------------------------------------------------------------------- */

static void test_v2(void)
{
    v2("", "END");
    v2(" \t\r\n ", "END");
    v2("[]{}:,", "LIST_OPEN LIST_CLOSE OBJECT_OPEN BRACE_CLOSE COLON COMMA END");
    v2("nullnull", "NULL NULL END");
    v2("truefalse nul", "TRUE FALSE BAD<VALUE> BAD<VALUE> BAD<VALUE> END");
    v2("NaN Infinity-Infinity", "NUMBER<nan> NUMBER<inf> NUMBER<-inf> END");
    v2("-Infinit", "BAD<VALUE> BAD<VALUE> BAD<VALUE> BAD<VALUE> BAD<VALUE> BAD<VALUE> BAD<VALUE> "
                   "BAD<VALUE> END");
    v2("-1.5e+3e 01", "NUMBER<-1500> BAD<VALUE> NUMBER<0> NUMBER<1> END");
    v2("1.e5", "NUMBER<1> BAD<VALUE> BAD<VALUE> NUMBER<5> END");
    v2("--1", "BAD<VALUE> NUMBER<-1> END");
    v2("\"\"\"a\"", "STRING<> STRING<a> END");
    v2("\"\\\"\" \"\\\\\"", "STRING<\\\">E STRING<\\\\>E END");
    v2("\"\xc3\xa9\" \"\\\xc3\xa9\"", "STRING<\xc3\xa9>W STRING<\\\xc3\xa9>EW END");
    v2("\"abc", "BAD<STRING> END");
    v2("\"abc\\", "BAD<STRING> BAD<VALUE> END");
    v2("\"a\nb", "BAD<CONTROL> BAD<VALUE> END");
    v2("'\f\v\x80", "BAD<VALUE> BAD<VALUE> BAD<VALUE> BAD<VALUE> END");
}

static void test_v2_tags(void)
{
    v2("{\"__jsonclass__\":[\"a\",[", "TAG_OPEN<a> END");
    v2("{ \"__jsonclass__\"\n:\t[\r\"a b\"  ,\n[]", "TAG_OPEN<a b> LIST_CLOSE END");
    v2("{\"__jsonclass__\":[\"\",[{\"__jsonclass__\":[\"b\",[", "TAG_OPEN<> TAG_OPEN<b> END");
    v2("{\"__jsonclass__\":[\"a\",1", "OBJECT_OPEN STRING<__jsonclass__> COLON LIST_OPEN STRING<a> "
                                      "COMMA NUMBER<1> END");
    v2("{\"__jsonclass__\":[\"a\\n\",[",
       "OBJECT_OPEN STRING<__jsonclass__> COLON LIST_OPEN STRING<a\\n>E COMMA LIST_OPEN END");
    v2("{\"__jsonclass__\":[\"\xc3\xa9\",[", "OBJECT_OPEN STRING<__jsonclass__> COLON LIST_OPEN "
                                             "STRING<\xc3\xa9>W COMMA LIST_OPEN END");
    v2("{\"__jsonclass\":[\"a\",[",
       "OBJECT_OPEN STRING<__jsonclass> COLON LIST_OPEN STRING<a> COMMA LIST_OPEN END");
    v2("{\"__jsonclass__\":[1,[",
       "OBJECT_OPEN STRING<__jsonclass__> COLON LIST_OPEN NUMBER<1> COMMA LIST_OPEN END");
}

/* ---- Version 1 --------------------------------------------------------------------------- */

static void test_v1_blanks(void)
{
    line("1\n\r\n\r2", "OPERAND<1> NEWLINE NEWLINE NEWLINE OPERAND<2> END");
    inside("1\n\r\n\r2", "OPERAND<1> OPERAND<2> END");
    line("# a\n# b", "NEWLINE END");
    inside("# a\n# b\r[# c\r\n]", "LIST_OPEN LIST_CLOSE END");
    v1(" \t\f\\\n\\\r\n\\\r1", "OPERAND<1> END");
    v1("\\ 1", "BAD<CHARACTER> OPERAND<1> END");
    v1("\\", "BAD<CHARACTER> END");
    v1("\v?$!`;\x1a", "BAD<CHARACTER> BAD<CHARACTER> BAD<CHARACTER> BAD<CHARACTER> BAD<CHARACTER> "
                      "BAD<CHARACTER> BAD<CHARACTER> END");
}

static void test_v1_numbers(void)
{
    v1("0 12 1e5 1.5E-3", "OPERAND<0> OPERAND<12> OPERAND<100000> OPERAND<0.0015> END");
    v1("1j 1.5j 1e2j", "IMAGINARY<1> IMAGINARY<1.5> IMAGINARY<100> END");
    v1("1J 01j 1_0j 1.j", "NUMERAL<1>0j NUMERAL<01>0j NUMERAL<1_0>0j NUMERAL<1.>0j END");
    v1("1_000 00 0_0", "NUMERAL<1_000>10 NUMERAL<00>10 NUMERAL<0_0>10 END");
    v1("0x1F 0O_17 0b1_0", "NUMERAL<1F>16 NUMERAL<_17>8 NUMERAL<1_0>2 END");
    v1("1. .5 1.e5 1_0.5", "NUMERAL<1.>0 NUMERAL<.5>0 NUMERAL<1.e5>0 NUMERAL<1_0.5>0 END");
    v1("007.5 09e1", "NUMERAL<007.5>0 NUMERAL<09e1>0 END");
    v1("1..5", "NUMERAL<1.>0 NUMERAL<.5>0 END");
    v1("1...a", "NUMERAL<1.>0 DOT DOT NAME<a> END");
    v1("99999999999999999999j", "NUMERAL<99999999999999999999>0j END");
    v1("-1+2", "MINUS OPERAND<1> PLUS OPERAND<2> END");
    v1("nan inf", "OPERAND<nan> OPERAND<inf> END");
    v1("1 .a", "OPERAND<1> DOT NAME<a> END");
}

static void test_v1_bad_numbers(void)
{
    v1("01", "BAD<NUMBER> OPERAND<1> END");
    v1("0_7", "BAD<NUMBER> NAME<_7> END");
    v1("1a", "BAD<NUMBER> NAME<a> END");
    v1("1__0", "BAD<NUMBER> NAME<__0> END");
    v1("1_", "BAD<NUMBER> NAME<_> END");
    v1("1jj", "BAD<NUMBER> NAME<j> END");
    v1("1e", "BAD<NUMBER> NAME<e> END");
    v1("1.e", "BAD<NUMBER> NAME<e> END");
    v1("0x", "BAD<NUMBER> NAME<x> END");
    v1("0x_", "BAD<NUMBER> NAME<x_> END");
    v1("0b2", "BAD<NUMBER> NAME<b2> END");
    v1("0o78", "BAD<NUMBER> OPERAND<8> END");
    v1("1\xc3\xa9", "BAD<NUMBER> BAD<CHARACTER> BAD<CHARACTER> END");
    v1("1.5if", "BAD<NUMBER> BAD<KEYWORD> END");
}

static void test_v1_names(void)
{
    v1("null None nul nulls", "NULL NULL NAME<nul> NAME<nulls> END");
    v1("true True false False", "OPERAND<1> OPERAND<1> OPERAND<0> OPERAND<0> END");
    v1("slice Fraction OrderedDict nparray npscalar slices",
       "CONSTRUCTOR<slice> CONSTRUCTOR<Fraction> CONSTRUCTOR<OrderedDict> CONSTRUCTOR<nparray> "
       "CONSTRUCTOR<npscalar> NAME<slices> END");
    v1("if iff lambda _if yield", "BAD<KEYWORD> NAME<iff> BAD<KEYWORD> NAME<_if> BAD<KEYWORD> END");
    v1("a_1B.c", "NAME<a_1B> DOT NAME<c> END");
    v1("null\xc3\xa9", "NULL BAD<CHARACTER> BAD<CHARACTER> END");
    v1("infj nanj", "NAME<infj> NAME<nanj> END");
    line("a=1", "NAME<a> BAD<EXPRESSION> OPERAND<1> END");
    inside("a=1", "KEYWORD<a> OPERAND<1> END");
    inside("null = 1 nan\n=\t2", "KEYWORD<null> OPERAND<1> KEYWORD<nan> OPERAND<2> END");
    inside("slice=1 inf#c\n=2", "KEYWORD<slice> OPERAND<1> KEYWORD<inf> OPERAND<2> END");
    inside("if=1 None =1", "BAD<KEYWORD> OPERAND<1> BAD<KEYWORD> OPERAND<1> END");
    inside("a==1 null == 1", "NAME<a> OPERATOR OPERAND<1> NULL OPERATOR OPERAND<1> END");
    inside("a= =1", "KEYWORD<a> BAD<EXPRESSION> OPERAND<1> END");
    inside("a=", "KEYWORD<a> END");
    inside("a # = 1\n=2", "KEYWORD<a> OPERAND<2> END");
    inside("a # = 1\n2", "NAME<a> OPERAND<2> END");
    inside("a#=", "NAME<a> END");
    inside("a \\\n=1 b#\\\n\t=1 if \\\r\n=1 True #\n#\r=1",
           "KEYWORD<a> OPERAND<1> KEYWORD<b> OPERAND<1> BAD<KEYWORD> OPERAND<1> BAD<KEYWORD> "
           "OPERAND<1> END");
}

/* A word; the token that it is without its last letter; and the token that it begins. */
static void check_word(const char *word, const char *stream)
{
    char text[40], expected[60];

    v1(word, stream);
    for (size_t length = 1; length < strlen(word); length++) {
        snprintf(text, sizeof text, "%.*s_", (int)length, word);
        snprintf(expected, sizeof expected, "NAME<%s> END", text);
        v1(text, expected);
    }
    snprintf(text, sizeof text, "%s0", word);
    snprintf(expected, sizeof expected, "NAME<%s> END", text);
    v1(text, expected);
    snprintf(text, sizeof text, "%sZ \n=1", word);
    snprintf(expected, sizeof expected, "KEYWORD<%sZ> OPERAND<1> END", word);
    inside(text, expected);
    snprintf(text, sizeof text, "%s==1", word);
    snprintf(expected, sizeof expected, "%.*s OPERATOR OPERAND<1> END",
             (int)(strlen(stream) - strlen(" END")), stream);
    v1(text, expected);
}

static void test_v1_words(void)
{
    static const char *const reserved[] = {
        "and",    "as",   "assert", "async",  "await",  "break",   "class",    "continue",
        "def",    "del",  "elif",   "else",   "except", "finally", "for",      "from",
        "global", "if",   "import", "in",     "is",     "lambda",  "nonlocal", "not",
        "or",     "pass", "raise",  "return", "try",    "while",   "with",     "yield",
    };

    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        char text[40];

        check_word(reserved[i], "BAD<KEYWORD> END");
        snprintf(text, sizeof text, "%s =1", reserved[i]);
        inside(text, "BAD<KEYWORD> OPERAND<1> END");
    }
    check_word("null", "NULL END");
    check_word("None", "NULL END");
    check_word("true", "OPERAND<1> END");
    check_word("True", "OPERAND<1> END");
    check_word("false", "OPERAND<0> END");
    check_word("False", "OPERAND<0> END");
    check_word("nan", "OPERAND<nan> END");
    check_word("inf", "OPERAND<inf> END");
    check_word("slice", "CONSTRUCTOR<slice> END");
    check_word("Fraction", "CONSTRUCTOR<Fraction> END");
    check_word("OrderedDict", "CONSTRUCTOR<OrderedDict> END");
    check_word("nparray", "CONSTRUCTOR<nparray> END");
    check_word("npscalar", "CONSTRUCTOR<npscalar> END");
}

static void test_v1_operators(void)
{
    v1("(){}[],:", "PAREN_OPEN PAREN_CLOSE BRACE_OPEN BRACE_CLOSE LIST_OPEN LIST_CLOSE COMMA COLON "
                   "END");
    v1("+-*~.", "PLUS MINUS STAR TILDE DOT END");
    v1("** ***", "STAR STAR STAR END");
    v1("/ // % @ & | ^ << >> < > <= >= == !=",
       "OPERATOR OPERATOR OPERATOR OPERATOR OPERATOR OPERATOR OPERATOR OPERATOR OPERATOR OPERATOR "
       "OPERATOR OPERATOR OPERATOR OPERATOR OPERATOR END");
    v1("->:=", "MINUS OPERATOR BAD<EXPRESSION> END");
    v1("...", "DOT DOT DOT END");
}

static void test_v1_literals(void)
{
    v1("'a'\"b\"", "LITERAL<a> LITERAL<b> END");
    v1("'''a'b''c''' \"\"\"\"d\"\"\"", "LITERAL<a'b''c> LITERAL<\"d> END");
    v1("'' '''''' ''''", "LITERAL<> LITERAL<> BAD<STRING> END");
    v1("r'\\'' R\"\\\\\"", "LITERAL<\\'>R LITERAL<\\\\>R END");
    v1("u'a' U'b' b'c' B'd'", "LITERAL<a> LITERAL<b> LITERAL<c>B LITERAL<d>B END");
    v1("br'a' Rb'b' bR'c' rB'd'", "LITERAL<a>RB LITERAL<b>RB LITERAL<c>RB LITERAL<d>RB END");
    v1("ur'a' bu'b'", "NAME<ur> LITERAL<a> NAME<bu> LITERAL<b> END");
    v1("f'a'", "BAD<FORMATTED> NAME<a> BAD<STRING> END");
    v1("rF\"a\"", "BAD<FORMATTED> NAME<a> BAD<STRING> END");
    v1("'\\n' 'a\\\nb'", "LITERAL<\\n>E LITERAL<a\\\nb>E END");
    v1("r'\\\n' r'\\\r\n'", "LITERAL<\\\n>R LITERAL<\\\r\n>ER END");
    v1("'''\n''' '''\r''' r'''\r\n'''", "LITERAL<\n> LITERAL<\r>E LITERAL<\r\n>ER END");
    v1("'\xc3\xa9' b'\\\xff'", "LITERAL<\xc3\xa9>W LITERAL<\\\xff>EWB END");
    line("'a\n'b'", "BAD<STRING> NEWLINE LITERAL<b> END");
    inside("'a\r'b'", "BAD<STRING> LITERAL<b> END");
}

/* ---- NUL --------------------------------------------------------------------------------- */

static void check_nul(enum pyon_condition condition, const char *text, size_t length,
                      const char *expected)
{
    char got[200];

    describe(got, condition, text, length);
    CHECK_WITH(got, strcmp(got, expected) == 0);
}

/* A NUL before the end belongs to no token; blanks before it are skipped. */
static void test_nul(void)
{
    static const enum pyon_condition conditions[] = {PYON_LEX_V2, PYON_LEX_V1, PYON_LEX_V1_LINE};

    for (size_t i = 0; i < 3; i++) {
        check_nul(conditions[i], "\0", 1, "BAD<NUL>");
        check_nul(conditions[i], "[ \0]", 4, "LIST_OPEN BAD<NUL>");
        check_nul(conditions[i], "nul\0l", 5,
                  i == 0 ? "BAD<VALUE> BAD<VALUE> BAD<VALUE> BAD<NUL>" : "NAME<nul> BAD<NUL>");
        check_nul(conditions[i], "12\0003", 4,
                  i == 0 ? "NUMBER<12> BAD<NUL>" : "OPERAND<12> BAD<NUL>");
    }
    check_nul(PYON_LEX_V2, "\"\0\"", 3, "BAD<CONTROL> BAD<NUL>");
    check_nul(PYON_LEX_V1, "#\0", 2, "BAD<NUL>");
}

/* Numbers and the layout of pretty text are read by wide loads, where the text has so much. */
static void test_edge(void)
{
    static const char *const units[] = {"7", "-1.25e-7,", "\n        ", "12345678901234567890.5 "};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        char text[120], got[2000];

        for (size_t n = 0; n < sizeof text; n++)
            text[n] = units[i][n % strlen(units[i])];
        for (size_t length = 0; length < sizeof text; length++) {
            describe(got, PYON_LEX_V2, text, length);
            describe(got, PYON_LEX_V1, text, length);
        }
    }
}

int main(void)
{
    test_v2();
    test_v2_tags();
    test_v1_blanks();
    test_v1_numbers();
    test_v1_bad_numbers();
    test_v1_names();
    test_v1_words();
    test_v1_operators();
    test_v1_literals();
    test_nul();
    test_edge();
    return check_report();
}
