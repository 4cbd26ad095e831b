/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The state that the files of the parser share:
 *
 *   parser.c     the grammar
 *   begin.c      the parser before a value and after it
 *   select.c     members that a selector wants
 *   skip.c       values that are not wanted
 *   operand.c    version 1: operands and names
 *   operator.c   version 1: arithmetic
 *   keyword.c    version 1: keyword arguments
 *   read_plain.c plain text, without tokens
 *   read_run.c   runs of numbers
 *   payload.c    base64
 *   pending.c    numbers and strings between token and event
 *   tag.c        the end of a version 2 call
 *   reject.c     errors
 *
 * Only these files and the stream include it.
 */
#ifndef PYON_PARSER_H
#define PYON_PARSER_H

#include "lex/lexer.h"

#define FIRST_FRAMES 32 /* deeper texts allocate */

enum frame_kind {
    FRAME_DOCUMENT,
    FRAME_LIST,
    FRAME_PAREN,      /* parentheses or a tuple */
    FRAME_CALL,       /* NAME( */
    FRAME_SUBSCRIPT,  /* [ after a value, which is refused */
    FRAME_TAG,        /* {"__jsonclass__":["NAME",[ */
    FRAME_OBJECT,     /* { of version 2 */
    FRAME_BRACE,      /* { of version 1, as long as it may be a set or a dict */
    FRAME_SET,        /* { after a comma */
    FRAME_DICT_KEY,   /* { after a colon: at a key, */
    FRAME_DICT_VALUE, /* or at a value */
};

/* An open bracket. */
struct frame {
    enum frame_kind kind;
    bool comma;      /* it has one, so parentheses make a tuple */
    bool tagged;     /* an object that has the key "__jsonclass__" */
    bool named;      /* a call: the argument that is being read has a name */
    bool waits;      /* an operator waits for the value of this bracket: see operator.c */
    bool selects;    /* the selector is asked about its members: see select.c */
    int sign;        /* the sign before the bracket: see struct parser */
    size_t start;    /* offset of the token that opens it */
    size_t count;    /* complete members; of a dict, pairs */
    size_t keywords; /* a call: how many of them have a name */
};

/* The token that is expected: it belongs to this production. */
enum state {
    STATE_START,          /* before the value of the document */
    STATE_VALUE,          /* a value must follow */
    STATE_VALUE_OR_CLOSE, /* a value, or the bracket that closes the frame */
    STATE_AFTER,          /* a value is complete */
    STATE_KEY,            /* a string that is the key of an object */
    STATE_KEY_OR_CLOSE,
    STATE_COLON,      /* the colon after it */
    STATE_TAG_LIST,   /* the second "]" of "]]}" */
    STATE_TAG_OBJECT, /* its "}" */
    STATE_OPERAND,    /* after a number of version 1: `1` */
    STATE_IMAGINARY,  /* after a number and a sign: `1+` */
    STATE_COMPLEX,    /* after these and an imaginary number: `1+2j` */
    STATE_NUMBER,     /* after a number that the builder has */
    STATE_LITERAL,    /* after a string of version 1 */
    STATE_NAME,       /* after a name of version 1 */
    STATE_ATTRIBUTE,  /* after a dot of version 1 */
    STATE_FINISHED,   /* after the value of the document */
};

/* A number of version 1 that may still get a sign or an imaginary part. */
struct operand {
    enum { OPERAND_INTEGER, OPERAND_BIGINT, OPERAND_REAL, OPERAND_COMPLEX, OPERAND_BOOLEAN } kind;
    int64_t integer;
    double real, imaginary;
    bool negative; /* bigint: its digits, without a sign, are in scratch + 1 */
    unsigned base;
};

/* An operator one of whose operands is not complete; or a wall (operator.c). */
struct waiting_operator {
    enum pyon_operator op;
    size_t offset;
};

/* The name of a keyword argument of an open call. */
struct keyword {
    size_t at, length; /* its place in parser->keyword_text */
    size_t offset;     /* its place in the stream */
    const char *text;  /* the name itself; set when the call ends */
};

/*
 * A string and its properties: a slice of the text, or code points in scratch. `length` counts
 * bytes. "__jsonclass__" has 13, an odd number: so a string of 2- or 4-byte code points can never
 * compare equal to it.
 */
struct literal {
    const char *data;
    size_t length;
    unsigned width; /* of the code points: 1, 2, 4; 0 for a slice */
    bool wide;      /* not ASCII */
    bool bytes;
};

/*
 * All that is known between two tokens. Its life:
 *
 *   1. pyon_parser_init() sets the members that all values share, and begins the first value.
 *   2. The caller sets the text: `lexer`, `token.start`, `text`, `error`.
 *   3. Each token is a step: pyon_next_token(), pyon_take(). A step pushes and pops frames, calls
 *      the builder, and fills `error` when it fails.
 *   4. The step that completes the document returns DONE. In a stream, pyon_begin() then begins the
 *      next value, and pieces of text replace each other: `base` counts the bytes before this one.
 *   5. pyon_parser_free() frees the arrays. They grow when they must, and never shrink before.
 *
 * Three things are decided late, when they are known:
 *   - "(" is a tuple if a comma follows in it, "{" a dict if a colon does. The kind or the flags of
 *     the frame change then.
 *   - A number of version 1 stays in `operand` until the token after it shows that no imaginary
 *     part follows; through parentheses too, because "-(1)" and "(1)+2j" are numbers. Operators
 *     wait in `operators`. A string stays in `literal`, in case another one joins it, and a name in
 *     `name`.
 *   - {"__jsonclass__":["NAME",[ is taken for a call at once. If the text does not end it with
 *     "]]}", call_undo tells the builder that these were plain lists.
 */
struct parser {
    /* The text, and the builder that gets its events. */
    struct pyon_lexer lexer;
    struct pyon_token token;
    const struct pyon_dialect *dialect;
    const struct pyon_builder *builder; /* the caller's; after pyon_defer, the null builder */
    const struct pyon_builder *host;    /* the caller's: is asked for names and characters */
    void *self;
    const char *text; /* the piece that is there, */
    size_t base;      /* and its offset in the stream */
    struct pyon_error *error;

    /* The automaton. */
    enum state state;
    enum pyon_condition condition;
    struct frame *frames; /* the innermost is frames[depth]; frames[0] is the document */
    size_t depth, capacity, max_depth;
    size_t comma; /* offset of the last comma, in case it is one too many */

    /* Version 1: numbers, operators, keyword arguments, strings and names that are pending. */
    bool waits; /* an operator stands before the next value, which must be a number */
    int sign;   /* pending before that value or the operand: -1, +1, or 0 for none */
    struct operand operand;
    double imaginary; /* in STATE_COMPLEX: the imaginary number */
    struct waiting_operator *operators;
    size_t operator_count, operator_capacity;
    struct keyword *keywords; /* of all open calls, the innermost one's last */
    size_t keyword_count, keyword_capacity;
    char *keyword_text;
    size_t keyword_size, keyword_text_capacity;
    struct literal literal;
    struct pyon_text name;
    size_t name_at;   /* its offset */
    bool constructor; /* `name` is one of the format's own */

    /* Version 1: an error that counts if the syntax has none (pyon_defer). */
    enum pyon_error_code deferred;
    size_t deferred_at, deferred_length;

    bool by_token; /* of a stream: the size of the value must be checked after each token */

    const struct pyon_selector *selector; /* NULL if all is wanted */
    /* Of a frame that selects: the selector has been asked about the member that is being read, */
    bool asked;
    bool answered; /* or already about the item that comes next; */
    int wanted;    /* it has said this of that item, or of the value of the last key */
    bool skips;    /* the value that is being read is not wanted: see skip.c */
    size_t floor;  /* it is a member of the frame of this number */

    /* Memory that the pending values use, and the frames before there are more. */
    char *scratch; /* unescaped or joined strings, digits of a bigint */
    size_t scratch_capacity;
    struct frame first_frames[FIRST_FRAMES];
};

/*
 * The results of a step:
 *
 *   CONTINUE   the token is taken; another one must follow
 *   DONE       the document is complete
 *   FAILED     parser->error says why
 *
 * The functions for text in pieces have two more. There, DONE means that a value is complete.
 *
 *   MORE       the rest is not there yet
 *   REFUSED    of a payload: this is no canonical base64, so read it as a string
 */
enum { CONTINUE = 0, DONE = 1, MORE = 2, REFUSED = 3, FAILED = -1 };

/*
 * Base64 that is decoded into the builder's block as it comes:
 *
 *   1. pyon_begin_payload() opens it at a string that a piece has cut.
 *   2. pyon_read_on_payload() decodes each piece. At the end of the string it calls
 *   3. pyon_end_payload(), which closes it with a value; or REFUSED: then the stream makes a
 *      string of it again and closes it without one.
 */
struct payload {
    bool open;           /* there is a block */
    unsigned char *data; /* its start; may be NULL if it is empty */
    size_t size, done;   /* bytes of the block, and those that are filled: a multiple of 3 */
    char quote;          /* around the text */
    bool bytes;          /* it is a bytes literal */
    bool refused;        /* the string at the cursor is no payload: do not ask again */
};

/* ---- begin.c ---- */

/* Fills all but the text, which the caller sets: lexer, token.start, text and error. */
PYON_INTERNAL void pyon_parser_init(struct parser *parser, const struct pyon_dialect *dialect,
                                    const struct pyon_builder *builder, void *self,
                                    const struct pyon_options *options);
PYON_INTERNAL void pyon_parser_free(struct parser *parser);

/* Forgets the last value: another one begins. */
PYON_INTERNAL void pyon_begin(struct parser *parser);

/* ---- parser.c ---- */

/* The next token; takes it. */
PYON_INTERNAL enum pyon_token_kind pyon_next_token(struct parser *parser);
PYON_INTERNAL int pyon_take(struct parser *parser, enum pyon_token_kind kind);

/* Of text in pieces: takes tokens inside brackets as long as it is certain that none is cut: up to
   `ahead` bytes before the end, which are 0 if no more text belongs to the value. */
PYON_INTERNAL int pyon_take_uncut(struct parser *parser, ptrdiff_t ahead);

/* Opens a bracket. */
PYON_INTERNAL int pyon_push_frame(struct parser *parser, enum frame_kind kind);

/* Opens the bracket of a call. */
PYON_INTERNAL int pyon_begin_call(struct parser *parser, enum frame_kind kind, const char *name,
                                  size_t length);

/* Closes the bracket of the innermost frame. */
PYON_INTERNAL int pyon_close_bracket(struct parser *parser);

/* Closes the bracket of a call, or all brackets of a tag. */
PYON_INTERNAL int pyon_end_call(struct parser *parser);

/* Takes a token by the grammar alone. */
PYON_INTERNAL int pyon_step(struct parser *parser, enum pyon_token_kind kind);

/* Take a token that begins a value, or closes a bracket before one; and a token after a value. */
PYON_INTERNAL int pyon_value(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_after(struct parser *parser, enum pyon_token_kind kind);

/* The same by the grammar alone. */
PYON_INTERNAL int pyon_step_after(struct parser *parser, enum pyon_token_kind kind);

/* Fills `literal` with the key of version 2 that the token is. */
PYON_INTERNAL int pyon_read_key(struct parser *parser, struct literal *literal);

/* Is this the bracket that closes the frame? */
PYON_INTERNAL bool pyon_closes(const struct frame *frame, enum pyon_token_kind kind);

/* ---- select.c ---- */

/* Takes a token of a frame that `selects`; one that comes after a value there. */
PYON_INTERNAL int pyon_select(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_select_after(struct parser *parser, enum pyon_token_kind kind);

/* Opens the bracket of a member that is entered. */
PYON_INTERNAL int pyon_enter_selected(struct parser *parser, enum frame_kind kind);

/* A member of such a frame is complete; one begins that is not wanted, or that and the others. */
PYON_INTERNAL void pyon_end_selected(struct parser *parser);
PYON_INTERNAL void pyon_begin_skipping(struct parser *parser);

/* ---- skip.c ---- */

/* If the parser `skips`, or the innermost frame `selects`: goes over tokens up to one that is for
   the grammar. The second is for members of a list that are skipped, if the cursor stands before
   one. */
PYON_INTERNAL int pyon_skip(struct parser *parser);
PYON_INTERNAL int pyon_skip_run(struct parser *parser);

/* ---- operand.c ---- */

/* Take a token of version 1 that begins a value: a number; a sign of +1 or -1; a string; a name. */
PYON_INTERNAL int pyon_value_operand(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_value_sign(struct parser *parser, int sign);
PYON_INTERNAL int pyon_value_literal(struct parser *parser);
PYON_INTERNAL int pyon_value_name(struct parser *parser, bool constructor);

/* Take the token after a number; after a number and a sign; after these and an imaginary number;
   after a string; after a name. */
PYON_INTERNAL int pyon_after_operand(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_after_imaginary(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_after_complex(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_after_literal(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_after_name(struct parser *parser, enum pyon_token_kind kind);

/* Hands the builder the string of version 1 that is complete. */
PYON_INTERNAL int pyon_end_literal(struct parser *parser);

/* Closes parentheses around a number. The sign before them becomes the number's. */
PYON_INTERNAL void pyon_close_number(struct parser *parser);

/* ---- operator.c ---- */

/* Is the token an operator between two numbers? Is it *, /, //, % or **? */
PYON_INTERNAL bool pyon_is_arithmetic(const struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL bool pyon_is_product(const struct parser *parser, enum pyon_token_kind kind);

/* Makes an operator of the pending sign. */
PYON_INTERNAL int pyon_push_sign(struct parser *parser);

/* Take ~ before a value; and + or - between the complete number and the next value. */
PYON_INTERNAL int pyon_value_invert(struct parser *parser);
PYON_INTERNAL int pyon_begin_sum(struct parser *parser, int sign);

/* Begin and end a bracket that an operator waits for; its frame is the innermost. */
PYON_INTERNAL int pyon_begin_operand(struct parser *parser);
PYON_INTERNAL void pyon_end_operand(struct parser *parser);

/* Takes the token after a number that the builder has, or after a value that may be a number. */
PYON_INTERNAL int pyon_after_number(struct parser *parser, enum pyon_token_kind kind);

/* Does an operator of the innermost bracket wait for an operand? */
static inline bool waits_in_bracket(const struct parser *parser)
{
    return parser->operator_count > 0 &&
           parser->operators[parser->operator_count - 1].op != PYON_OPERATOR_COUNT;
}

/* ---- keyword.c ---- */

/* Take NAME= before an argument; check the names at the end of a call that has such arguments. */
PYON_INTERNAL int pyon_value_keyword(struct parser *parser);
PYON_INTERNAL int pyon_end_keywords(struct parser *parser, size_t count);

/* ---- read_plain.c ---- */

/* The cursor stands where a member may begin. Takes as much as is plain text. */
PYON_INTERNAL int pyon_read_plain(struct parser *parser);

/* A member may begin at the cursor. Goes on with plain text, unless a name of version 1 is there: of
   all words, only true, false and null are plain. */
static inline int begin_members(struct parser *parser)
{
    const char *p = parser->lexer.cursor;

    p += *p == ' '; /* version 1 has a space after each comma */
    return *p < 'A' || *p == '[' || *p == '{' || p[1] == 'r' || p[1] == 'a' || p[1] == 'u'
               ? pyon_read_plain(parser)
               : CONTINUE;
}

/* ---- read_run.c ---- */

/* Takes members of the list as long as they are plain numbers. */
PYON_INTERNAL int pyon_read_run(struct parser *parser);

/* ---- payload.c ---- */

/* Offers the argument that may follow to pyon_builder.payload. */
PYON_INTERNAL int pyon_read_payload(struct parser *parser);

/* The token is a string that is cut. May it be a payload, of at most `most` bytes of text? Then
   fills `payload`, moves the cursor after the quote and returns CONTINUE. Returns 1 if not. */
PYON_INTERNAL int pyon_begin_payload(struct parser *parser, struct payload *payload, size_t most);

/* Decodes the part that is there. Returns CONTINUE at its end, MORE, REFUSED, or FAILED. */
PYON_INTERNAL int pyon_read_on_payload(struct parser *parser, struct payload *payload);

/* Ends it, with its value if `complete`. Returns the result of the builder. */
PYON_INTERNAL int pyon_end_payload(struct parser *parser, struct payload *payload, bool complete);

/* ---- tag.c ---- */

/* Takes the token after [NAME, [ARGUMENTS]: the list ends, or has a third member. */
PYON_INTERNAL int pyon_tag_list(struct parser *parser, enum pyon_token_kind kind);

/* Takes the token after {"__jsonclass__": [NAME, [ARGUMENTS]]: the object ends, or has another
   key. */
PYON_INTERNAL int pyon_tag_object(struct parser *parser, enum pyon_token_kind kind);

/* ---- reject.c ---- */

/* Fill the error and return FAILED. pyon_fail() takes the place of the current token.
   pyon_fail_token() does too, and if the code is PYON_OK, finds one that fits the token. */
PYON_INTERNAL int pyon_fail_at(struct parser *parser, enum pyon_error_code code, size_t offset,
                               size_t length);
PYON_INTERNAL int pyon_fail(struct parser *parser, enum pyon_error_code code);
PYON_INTERNAL int pyon_fail_token(struct parser *parser, enum pyon_token_kind kind,
                                  enum pyon_error_code code);

/*
 * The token cannot be evaluated, but an error of syntax further on comes first. From here on only
 * the syntax is checked: the builder gets no more events.
 */
PYON_INTERNAL void pyon_defer(struct parser *parser, enum pyon_error_code code);
PYON_INTERNAL void pyon_defer_at(struct parser *parser, enum pyon_error_code code, size_t offset,
                                 size_t length);

/* The text ends after the line of the value. Is its last line one that Python takes for an indented
   one? Only literals are that strict. */
PYON_INTERNAL bool pyon_is_indented(const struct parser *parser);

/* An operator stands before this token, which begins a value. Defers an error if that is no
   number. */
PYON_INTERNAL void pyon_refuse_operand(struct parser *parser, enum pyon_token_kind kind);

/* Productions that end in an error: * or ** before a value; an operator after a value, which may be
   a number; anything else that may follow a value in Python; the name after a dot. */
PYON_INTERNAL int pyon_refuse_star(struct parser *parser);
PYON_INTERNAL int pyon_refuse_operator(struct parser *parser, bool number);
PYON_INTERNAL int pyon_refuse_beyond(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_refuse_attribute(struct parser *parser, enum pyon_token_kind kind);

/* ---- parser.c: inline ---- */

/* The result of a builder's function. */
static inline int built(struct parser *parser, int result)
{
    return PYON_LIKELY(result == 0) ? CONTINUE : pyon_fail(parser, PYON_ERROR_HOST);
}

static inline size_t offset_of(const struct parser *parser, const char *p)
{
    PYON_ASSERT(p >= parser->text && p <= parser->lexer.limit);
    return parser->base + (size_t)(p - parser->text);
}

/* The frame of the bracket that was opened last. */
static inline struct frame *innermost(struct parser *parser)
{
    PYON_ASSERT(parser->depth < parser->capacity);
    return &parser->frames[parser->depth];
}

/* Skips the blanks at `p` that both dialects have inside brackets. Usually there is none, or one. */
static inline const char *skip_layout(const struct pyon_lexer *lexer, const char *p)
{
    if (PYON_LIKELY(*p > ' '))
        return p;
    p += *p == ' ';
    return *p > ' ' ? p : skip_lines(lexer, p);
}

/* Is it the key by which version 2 tells classes from dicts? */
static inline bool is_tag_key(const char *key, size_t length)
{
    static const char tag[] = "__jsonclass__";

    return length == sizeof tag - 1 && memcmp(key, tag, length) == 0;
}

/* Would a closing parenthesis close nothing but the number before it? */
static inline bool closes_number(struct parser *parser)
{
    const struct frame *frame = innermost(parser);

    return frame->kind == FRAME_PAREN && !frame->comma;
}

/* Closes the innermost frame: its value is complete. */
static inline void pop_frame(struct parser *parser)
{
    PYON_ASSERT(parser->depth > 0);
    if (PYON_UNLIKELY(innermost(parser)->waits)) {
        pyon_end_operand(parser);
        pyon_defer(parser, PYON_ERROR_OPERAND); /* for a number pyon_close_number clears `waits` */
    }
    if (--parser->depth == 0)
        parser->condition = parser->dialect->outside;
    parser->state = STATE_AFTER;
}

/* The flags of the value that is complete: PYON_FLAG_ARGUMENT, PYON_FLAG_KEY, or none. */
static inline unsigned place_flags(struct parser *parser)
{
    switch (innermost(parser)->kind) {
    case FRAME_TAG:
    case FRAME_CALL:
        return PYON_FLAG_ARGUMENT;
    case FRAME_BRACE:
    case FRAME_DICT_KEY:
        return PYON_FLAG_KEY;
    default:
        return 0;
    }
}

/* ---- pending.c ---- */

/* Doubles the capacity of an array, which may be NULL, of items of `size` bytes. Returns its new
   place; or NULL with the error filled and the array as it was. */
PYON_INTERNAL void *pyon_grow(struct parser *parser, void *array, size_t size, size_t *capacity);

/* Moves a pending slice of the text, a string or a name, to scratch. */
PYON_INTERNAL int pyon_keep_pending(struct parser *parser);

/* Reads a string token with escapes or bytes above 0x7f: see read_string. */
PYON_INTERNAL int pyon_read_special(struct parser *parser, struct literal *literal, size_t prefix);

/* Version 1: joins the string token to parser->literal. */
PYON_INTERNAL int pyon_join_string(struct parser *parser);

/* A string that is code points becomes one in UTF-8. */
PYON_INTERNAL int pyon_make_utf8(struct parser *parser, struct literal *literal);

/* Hands the builder a string that is code points and not ASCII. */
PYON_INTERNAL int pyon_emit_code_points(struct parser *parser, const struct literal *literal,
                                        unsigned flags);

/* Fails with the error of a string token that does not end well. */
PYON_INTERNAL int pyon_fail_string(struct parser *parser);

/* Reads a number token of version 1 into parser->operand, without its sign. */
PYON_INTERNAL int pyon_read_operand(struct parser *parser, enum pyon_token_kind kind);

/* Python's unary minus: it negates both parts of a complex number. */
PYON_INTERNAL void pyon_negate_operand(struct operand *operand);

/* Makes a float of the operand: the real part of a complex number. */
PYON_INTERNAL void pyon_make_real(struct parser *parser);

PYON_INTERNAL int pyon_emit_operand(struct parser *parser);

/* Hands the builder a number token of version 2 that does not fit int64_t. */
PYON_INTERNAL int pyon_emit_large(struct parser *parser);

/*
 * Fills `literal` with the value of the string token: a slice of the text if possible, else code
 * points in scratch, after the `prefix` bytes that are there already.
 */
static inline int read_string(struct parser *parser, struct literal *literal, size_t prefix)
{
    const struct pyon_token *token = &parser->token;

    literal->data = token->text;
    literal->length = token->length;
    literal->width = 0;
    literal->bytes = token->string & PYON_STRING_BYTES;
    literal->wide = token->string & PYON_STRING_WIDE;
    if (PYON_LIKELY(!(token->string & (PYON_STRING_WIDE | PYON_STRING_ESCAPED))))
        return CONTINUE;
    return pyon_read_special(parser, literal, prefix);
}

static inline int emit_literal(struct parser *parser, const struct literal *literal, unsigned flags)
{
    const struct pyon_builder *builder = parser->builder;

    if (literal->bytes)
        return built(parser, builder->bytes(parser->self, literal->data, literal->length, flags));
    if (PYON_LIKELY(!literal->wide))
        flags |= PYON_FLAG_ASCII;
    else if (literal->width > 0)
        return pyon_emit_code_points(parser, literal, flags);
    return built(parser, builder->string(parser->self, literal->data, literal->length, flags));
}

#endif
