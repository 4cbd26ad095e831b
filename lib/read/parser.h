/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * What the parts of the parser share: parser.c has the grammar, operand.c what version 1 adds to
 * it, operator.c its arithmetic, keyword.c its keyword arguments, read_run.c reads runs of numbers,
 * payload.c base64, scalar.c numbers and strings out of tokens, tag.c ends calls of version 2,
 * reject.c knows what is wrong. Nothing else includes this.
 */
#ifndef PYON_PARSER_H
#define PYON_PARSER_H

#include "lex/lexer.h"

#define FIRST_FRAMES 32

enum frame_kind {
    FRAME_DOCUMENT,
    FRAME_LIST,
    FRAME_PAREN,      /* parentheses or a tuple */
    FRAME_CALL,       /* NAME( */
    FRAME_SUBSCRIPT,  /* [ behind a value, which is refused */
    FRAME_TAG,        /* {"__jsonclass__":["NAME",[ */
    FRAME_OBJECT,     /* { of version 2 */
    FRAME_BRACE,      /* { of version 1 before it is known what it is */
    FRAME_SET,        /* { once there is a comma */
    FRAME_DICT_KEY,   /* { once there is a colon: at a key, */
    FRAME_DICT_VALUE, /* or at a value */
};

struct frame {
    enum frame_kind kind;
    bool comma;      /* there was one, so that parentheses make a tuple */
    bool tagged;     /* an object that has the key "__jsonclass__" */
    bool named;      /* the argument of a call that is being read has a name */
    bool waits;      /* an operator waits for its value: see operator.c */
    bool selects;    /* the selector is asked about its members: see select.c */
    int sign;        /* before the bracket, see struct parser */
    size_t start;    /* offset of the token that opens it */
    size_t count;    /* complete members; of a dict, pairs */
    size_t keywords; /* arguments among them that have a name */
};

enum state {
    STATE_START,          /* before the value of the document */
    STATE_VALUE,          /* a value must follow */
    STATE_VALUE_OR_CLOSE, /* a value, or the bracket that closes the frame */
    STATE_AFTER,          /* a value is complete */
    STATE_KEY,            /* a string that is the key of an object */
    STATE_KEY_OR_CLOSE,
    STATE_COLON,      /* the colon behind it */
    STATE_TAG_LIST,   /* the second "]" of "]]}" */
    STATE_TAG_OBJECT, /* the "}" of it */
    STATE_OPERAND,    /* behind a number of version 1 */
    STATE_IMAGINARY,  /* after a number and a sign */
    STATE_COMPLEX,    /* after both and an imaginary number */
    STATE_NUMBER,     /* after a number that the builder has */
    STATE_LITERAL,    /* behind a string of version 1 */
    STATE_NAME,       /* behind a name of version 1 */
    STATE_ATTRIBUTE,  /* behind a dot of version 1 */
    STATE_FINISHED,   /* behind the value of the document */
};

/* A number that may still get a sign or an imaginary part. */
struct operand {
    enum { OPERAND_INTEGER, OPERAND_BIGINT, OPERAND_REAL, OPERAND_COMPLEX, OPERAND_BOOLEAN } kind;
    int64_t integer;
    double real, imaginary;
    bool negative; /* bigint: its digits are in scratch + 1 */
    unsigned base;
};

/* An operator of which an operand is not complete, or a wall (operator.c). */
struct waiting_operator {
    enum pyon_operator op;
    size_t offset;
};

/* The name of a keyword argument of a call that is open. */
struct keyword {
    size_t at, length; /* where it is in parser->keyword_text */
    size_t offset;     /* where it is in the stream */
    const char *text;  /* the name itself, once the call ends */
};

/*
 * A string and what is known of it: a slice of the text, or code points in scratch. The length is
 * in bytes: so no wider code points have the odd length of the key that the parser looks for.
 */
struct literal {
    const char *data;
    size_t length;
    unsigned width; /* of the code points: 1, 2, 4; 0 for a slice */
    bool wide;      /* not ASCII */
    bool bytes;
};

struct parser {
    struct pyon_lexer lexer;
    struct pyon_token token;
    const struct pyon_dialect *dialect;
    const struct pyon_builder *builder; /* the caller's, or the null builder, see pyon_defer */
    const struct pyon_builder *host;    /* the caller's: asked for names and characters */
    void *self;
    const char *text; /* what is there of it, */
    size_t base;      /* and the offset at which that begins */
    struct pyon_error *error;

    enum state state;
    enum pyon_condition condition;
    struct frame *frames; /* the innermost is frames[depth]; frames[0] is the document */
    size_t depth, capacity, max_depth;
    size_t comma; /* offset of the last one, which may turn out to be one too many */

    bool waits; /* an operator stands before the value that follows: it must be a number */
    int sign;   /* -1 or +1: the sign before that value, or before the operand; 0 for none */
    struct operand operand;
    double imaginary; /* in STATE_COMPLEX */
    struct waiting_operator *operators;
    size_t operator_count, operator_capacity;
    struct keyword *keywords; /* of all calls that are open */
    size_t keyword_count, keyword_capacity;
    char *keyword_text;
    size_t keyword_size, keyword_text_capacity;
    struct literal literal;
    struct pyon_text name;
    size_t name_at;                /* its offset */
    bool constructor;              /* `name` is one of the format's own */
    enum pyon_error_code deferred; /* an error that counts if the syntax has none */
    size_t deferred_at, deferred_length;

    const struct pyon_selector *selector; /* NULL if all is wanted */
    /* Of a frame that selects: the selector has been asked about the member that is being read, */
    bool asked;
    bool answered; /* or already about the item that comes next; */
    int wanted;    /* it has said this of that item, or of the value of the last key */
    bool skips;    /* nobody wants the value that is being read: see skip.c */
    size_t floor;  /* it is a member of the frame of this number */

    char *scratch; /* unescaped or joined strings, digits of a bigint */
    size_t scratch_capacity;
    struct frame first_frames[FIRST_FRAMES];
};

/* What a step returns. The last two are for text in pieces: the rest is not there yet; what was
   taken for a payload is none. */
enum { CONTINUE = 0, DONE = 1, MORE = 2, REFUSED = 3, FAILED = -1 };

/* Base64 that is decoded into the builder's block while it comes. */
struct payload {
    bool open;           /* there is a block */
    unsigned char *data; /* where it begins; may be NULL if it is empty */
    size_t size, done;   /* of it; `done` is a multiple of 3 */
    char quote;          /* around the text */
    bool bytes;          /* it is a bytes literal */
    bool refused;        /* the string at the cursor is no payload */
};

/* ---- begin.c ---- */

/* Fills all but the text, which the caller sets: lexer, token.start, text and error. */
PYON_INTERNAL void pyon_parser_init(struct parser *parser, const struct pyon_dialect *dialect,
                                    const struct pyon_builder *builder, void *self,
                                    const struct pyon_options *options);
PYON_INTERNAL void pyon_parser_free(struct parser *parser);

/* Forgets the value that was read last: another one begins. */
PYON_INTERNAL void pyon_begin(struct parser *parser);

/* ---- parser.c ---- */

/* The next token; takes it. */
PYON_INTERNAL enum pyon_token_kind pyon_next_token(struct parser *parser);
PYON_INTERNAL int pyon_take(struct parser *parser, enum pyon_token_kind kind);

/* Of text in pieces: takes tokens within brackets as long as it is plain that none is cut. */
PYON_INTERNAL int pyon_take_uncut(struct parser *parser);

/* Opens a bracket. */
PYON_INTERNAL int pyon_push_frame(struct parser *parser, enum frame_kind kind);

/* Opens the bracket of a call. */
PYON_INTERNAL int pyon_begin_call(struct parser *parser, enum frame_kind kind, const char *name,
                                  size_t length);

/* Closes the bracket of a call, or all brackets of a tag. */
PYON_INTERNAL int pyon_end_call(struct parser *parser);

/* Takes a token by the grammar alone. */
PYON_INTERNAL int pyon_step(struct parser *parser, enum pyon_token_kind kind);

/* A token that begins a value, or closes a bracket before one; a token behind a value. */
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

/* Tokens of version 1 that begin a value: a number; a sign of +1 or -1 before one; a string; a
   name. */
PYON_INTERNAL int pyon_value_operand(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_value_sign(struct parser *parser, int sign);
PYON_INTERNAL int pyon_value_literal(struct parser *parser);
PYON_INTERNAL int pyon_value_name(struct parser *parser, bool constructor);

/* The token after a number; after a number and a sign, and after an imaginary number there; after a
   string; after a name. */
PYON_INTERNAL int pyon_behind_operand(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_behind_imaginary(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_behind_complex(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_behind_literal(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_behind_name(struct parser *parser, enum pyon_token_kind kind);

/* Closes parentheses around a number: the sign before them is the number's now. */
PYON_INTERNAL void pyon_close_number(struct parser *parser);

/* ---- operator.c ---- */

/* Is the token an operator between two numbers? Is it *, /, //, % or **? */
PYON_INTERNAL bool pyon_is_arithmetic(const struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL bool pyon_is_product(const struct parser *parser, enum pyon_token_kind kind);

/* The sign that waits becomes an operator. */
PYON_INTERNAL int pyon_push_sign(struct parser *parser);

/* ~ before a value; + or - between the number that is complete and the value that follows. */
PYON_INTERNAL int pyon_value_invert(struct parser *parser);
PYON_INTERNAL int pyon_begin_sum(struct parser *parser, int sign);

/* Around a bracket for which an operator waits. */
PYON_INTERNAL int pyon_begin_operand(struct parser *parser);
PYON_INTERNAL void pyon_end_operand(struct parser *parser);

/* The token after a number that the builder has, or after what may be one. */
PYON_INTERNAL int pyon_after_number(struct parser *parser, enum pyon_token_kind kind);

/* Does an operator of the innermost bracket wait for an operand? */
static inline bool waits_in_bracket(const struct parser *parser)
{
    return parser->operator_count > 0 &&
           parser->operators[parser->operator_count - 1].op != PYON_OPERATOR_COUNT;
}

/* ---- keyword.c ---- */

/* NAME= before an argument; the end of a call that has such arguments. */
PYON_INTERNAL int pyon_value_keyword(struct parser *parser);
PYON_INTERNAL int pyon_end_keywords(struct parser *parser, size_t count);

/* ---- read_run.c ---- */

/* Takes as many members of the list as are plain numbers. */
PYON_INTERNAL int pyon_read_run(struct parser *parser);

/* ---- payload.c ---- */

/* Offers the argument that may follow to pyon_builder.payload. */
PYON_INTERNAL int pyon_read_payload(struct parser *parser);

/* The token is a string that is cut: may it be a payload, of at most so many bytes of text? Fills
   `payload` and goes behind the quote: CONTINUE; or 1 if it is none. */
PYON_INTERNAL int pyon_begin_payload(struct parser *parser, struct payload *payload, size_t most);

/* Decodes what is there of it: CONTINUE at its end, MORE, REFUSED, or FAILED. */
PYON_INTERNAL int pyon_read_on_payload(struct parser *parser, struct payload *payload);

/* Ends it, with its value or without one: what the builder returns. */
PYON_INTERNAL int pyon_end_payload(struct parser *parser, struct payload *payload, bool complete);

/* ---- tag.c ---- */

/* Behind [NAME, [ARGUMENTS]: the list ends, or has a third member. */
PYON_INTERNAL int pyon_tag_list(struct parser *parser, enum pyon_token_kind kind);

/* Behind {"__jsonclass__": [NAME, [ARGUMENTS]]: the object ends, or has another key. */
PYON_INTERNAL int pyon_tag_object(struct parser *parser, enum pyon_token_kind kind);

/* ---- reject.c ---- */

/* Fills the error: always FAILED. The second takes the current token for the place; the third
   calls it by the token if the code is PYON_OK. */
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

/* An operator stands before this token, which begins a value: is it no number? */
PYON_INTERNAL void pyon_refuse_operand(struct parser *parser, enum pyon_token_kind kind);

/* Productions that end in an error: * or ** before a value; an operator behind one, which may be
   a number; whatever else may follow a value in Python; the name behind a dot. */
PYON_INTERNAL int pyon_refuse_star(struct parser *parser);
PYON_INTERNAL int pyon_refuse_operator(struct parser *parser, bool number);
PYON_INTERNAL int pyon_refuse_beyond(struct parser *parser, enum pyon_token_kind kind);
PYON_INTERNAL int pyon_refuse_attribute(struct parser *parser, enum pyon_token_kind kind);

/* The result of a builder's function. */
static inline int built(struct parser *parser, int result)
{
    return PYON_LIKELY(result == 0) ? CONTINUE : pyon_fail(parser, PYON_ERROR_HOST);
}

static inline size_t offset_of(const struct parser *parser, const char *p)
{
    return parser->base + (size_t)(p - parser->text);
}

/* The frame of the bracket that was opened last. */
static inline struct frame *innermost(struct parser *parser)
{
    return &parser->frames[parser->depth];
}

/* Does a closing parenthesis close nothing but the number before it? */
static inline bool closes_number(struct parser *parser)
{
    const struct frame *frame = innermost(parser);

    return frame->kind == FRAME_PAREN && !frame->comma;
}

/* Closes the innermost frame: its value is complete. */
static inline void pop_frame(struct parser *parser)
{
    if (PYON_UNLIKELY(innermost(parser)->waits)) {
        pyon_end_operand(parser);
        pyon_defer(parser, PYON_ERROR_OPERAND); /* of a number, pyon_close_number has taken it */
    }
    if (--parser->depth == 0)
        parser->condition = parser->dialect->outside;
    parser->state = STATE_AFTER;
}

/* PYON_ARGUMENT where the value that is complete is one, PYON_KEY likewise. */
static inline unsigned place_flags(struct parser *parser)
{
    switch (innermost(parser)->kind) {
    case FRAME_TAG:
    case FRAME_CALL:
        return PYON_ARGUMENT;
    case FRAME_BRACE:
    case FRAME_DICT_KEY:
        return PYON_KEY;
    default:
        return 0;
    }
}

/* ---- scalar.c ---- */

/* Doubles an array of items of `size` bytes, which may be NULL: where it is now, or NULL with the error
   filled and the array as it was. */
PYON_INTERNAL void *pyon_grow(struct parser *parser, void *array, size_t size, size_t *capacity);

/* What is pending as a slice of the text, a string or a name, moves to scratch. */
PYON_INTERNAL int pyon_keep_pending(struct parser *parser);

/* A string token with escapes or bytes above 0x7f: see read_string. */
PYON_INTERNAL int pyon_read_special(struct parser *parser, struct literal *literal, size_t prefix);

/* Version 1: the string token joins parser->literal. */
PYON_INTERNAL int pyon_join_string(struct parser *parser);

/* A string that is code points becomes one in UTF-8. */
PYON_INTERNAL int pyon_make_utf8(struct parser *parser, struct literal *literal);

/* A string that is code points and not ASCII. */
PYON_INTERNAL int pyon_emit_code_points(struct parser *parser, const struct literal *literal,
                                        unsigned flags);

/* The error of a string token that does not end well. */
PYON_INTERNAL int pyon_fail_string(struct parser *parser);

/* Reads a number token of version 1 into parser->operand, without its sign. */
PYON_INTERNAL int pyon_read_operand(struct parser *parser, enum pyon_token_kind kind);

/* Python's unary minus: of a complex number it negates both parts. */
PYON_INTERNAL void pyon_negate_operand(struct operand *operand);

/* The operand becomes a float, the real part of a complex number. */
PYON_INTERNAL void pyon_make_real(struct parser *parser);

PYON_INTERNAL int pyon_emit_operand(struct parser *parser);

/* A number token of version 2 that does not fit int64_t. */
PYON_INTERNAL int pyon_emit_large(struct parser *parser);

/*
 * Fills `literal` with the value of the string token: a slice of the text where it can be, else
 * of scratch, behind `prefix` bytes that stand there already.
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
        flags |= PYON_ASCII;
    else if (literal->width > 0)
        return pyon_emit_code_points(parser, literal, flags);
    return built(parser, builder->string(parser->self, literal->data, literal->length, flags));
}

#endif
