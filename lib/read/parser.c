/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Tokens to events: a pushdown automaton (a state and a stack of frames), written as recursive
 * descent would be, one function per production.
 *
 * It does not recurse, for two reasons. Nesting is bounded by a number and not by the C stack of a
 * thread. And between two tokens struct parser (parser.h) holds everything that is known: so a
 * stream can stop after any token and continue later (stream.c).
 *
 * The grammar, and the function or file that reads each production:
 *
 *   document = { NEWLINE } members { NEWLINE } END                   start, finished
 *   members  = value { "," value } [ "," ]                           after, after_comma
 *   list     = "[" [ members ] "]"                                   close_frame, read_run.c
 * Version 2, without the last comma, and with one value to a document:
 *   value    = NUMBER | STRING | null | true | false                 value
 *            | list | object | tag
 *   object   = "{" [ STRING ":" value { "," STRING ":" value } ] "}" key, colon
 *   tag      = TAG_OPEN [ members ] "]" "]" "}"                      close_tag, tag.c, payload.c
 * Version 1:
 *   value    = operand { OPERATOR operand }                          operator.c
 *   operand  = { "+" | "-" | "~" } atom                              operand.c
 *   atom     = NUMBER | LITERAL { LITERAL } | constant | call        value, operand.c
 *            | list | "(" [ members ] ")" | braces                   close_paren
 *   braces   = "{" [ members ] "}"                                   after, close_frame
 *            | "{" value ":" value { "," value ":" value } [ "," ] "}"
 *   call     = NAME "(" [ argument { "," argument } [ "," ] ] ")"    operand.c, pyon_end_call
 *   argument = value | NAME "=" value                                keyword.c, payload.c
 *
 * Each token comes from the lexer of one dialect, so no production asks which dialect it is in.
 * Errors are in reject.c; numbers and strings between token and event, in pending.c.
 */
#include "read/parser.h"
#include "lex/cut.h"

#include <stdlib.h>

/* ---- Frames ---- */

static PYON_COLD int grow_frames(struct parser *parser)
{
    size_t capacity = parser->capacity * 2;
    struct frame *old = parser->frames == parser->first_frames ? NULL : parser->frames;
    struct frame *frames = NULL;

    if (capacity <= SIZE_MAX / sizeof *frames)
        frames = realloc(old, capacity * sizeof *frames);
    if (!frames)
        return pyon_fail(parser, PYON_ERROR_MEMORY);
    if (!old)
        memcpy(frames, parser->first_frames, sizeof parser->first_frames);
    parser->frames = frames;
    parser->capacity = capacity;
    return CONTINUE;
}

int pyon_push_frame(struct parser *parser, enum frame_kind kind)
{
    if (parser->depth >= parser->max_depth)
        return pyon_fail(parser, PYON_ERROR_DEPTH);
    if (parser->depth + 1 == parser->capacity && grow_frames(parser) < 0)
        return FAILED;
    parser->depth++;
    *innermost(parser) =
        (struct frame){.kind = kind, .start = offset_of(parser, parser->token.start)};
    parser->condition = parser->dialect->inside;
    parser->state = kind == FRAME_OBJECT ? STATE_KEY_OR_CLOSE : STATE_VALUE_OR_CLOSE;
    return PYON_UNLIKELY(parser->waits) ? pyon_begin_operand(parser) : CONTINUE;
}

/* ---- Productions: ends ---- */

static inline bool closes(const struct frame *frame, enum pyon_token_kind kind)
{
    switch (frame->kind) {
    case FRAME_LIST:
    case FRAME_TAG:
    case FRAME_SUBSCRIPT:
        return kind == PYON_TOKEN_LIST_CLOSE;
    case FRAME_PAREN:
    case FRAME_CALL:
        return kind == PYON_TOKEN_PAREN_CLOSE;
    case FRAME_DOCUMENT:
        return kind == PYON_TOKEN_END || kind == PYON_TOKEN_NEWLINE;
    default:
        return kind == PYON_TOKEN_BRACE_CLOSE;
    }
}

bool pyon_closes(const struct frame *frame, enum pyon_token_kind kind)
{
    return closes(frame, kind);
}

/* May the bracket close before its first value? A subscript may not be empty. */
static inline bool may_close_here(const struct frame *frame)
{
    return frame->kind != FRAME_SUBSCRIPT || frame->count > 0;
}

/* The document ends. An error that was noted in it counts now. */
static int finish(struct parser *parser)
{
    if (parser->deferred)
        return pyon_fail_at(parser, parser->deferred, parser->deferred_at, parser->deferred_length);
    return DONE;
}

static int close_document(struct parser *parser, enum pyon_token_kind kind)
{
    const struct frame *frame = innermost(parser);

    parser->state = STATE_FINISHED;
    if (frame->comma && built(parser, parser->builder->tuple(parser->self, frame->count, 0)) < 0)
        return FAILED;
    return kind == PYON_TOKEN_END ? finish(parser) : CONTINUE;
}

/* Parentheses around one value without a comma are that value alone. */
static int close_paren(struct parser *parser)
{
    struct frame frame = *innermost(parser);

    pop_frame(parser);
    if (frame.count == 1 && !frame.comma)
        return CONTINUE;
    return built(parser, parser->builder->tuple(parser->self, frame.count, place_flags(parser)));
}

int pyon_end_call(struct parser *parser)
{
    struct frame frame = *innermost(parser);

    if (PYON_UNLIKELY(frame.keywords > 0) && pyon_end_keywords(parser, frame.keywords) < 0)
        return FAILED;
    pop_frame(parser);
    return built(parser, parser->builder->call_end(parser->self, frame.count - frame.keywords,
                                                   frame.keywords));
}

/* The first "]" of "]]}". In compact text the other two follow at once. */
static int close_tag(struct parser *parser)
{
    const char *cursor = parser->lexer.cursor;

    if (PYON_LIKELY(cursor[0] == ']' && cursor[1] == '}')) {
        parser->lexer.cursor = cursor + 2;
        return pyon_end_call(parser);
    }
    parser->state = STATE_TAG_LIST;
    return CONTINUE;
}

/* All members of the innermost frame are complete. */
static inline int close_frame(struct parser *parser, enum pyon_token_kind kind)
{
    const struct pyon_builder *builder = parser->builder;
    const struct frame *frame = innermost(parser);
    size_t count = frame->count;

    switch (frame->kind) {
    case FRAME_LIST:
        pop_frame(parser);
        return built(parser, builder->list(parser->self, count, place_flags(parser)));
    case FRAME_PAREN:
        return close_paren(parser);
    case FRAME_SUBSCRIPT:
        pop_frame(parser);
        return CONTINUE;
    case FRAME_CALL:
        return pyon_end_call(parser);
    case FRAME_TAG:
        return close_tag(parser);
    case FRAME_DOCUMENT:
        return close_document(parser, kind);
    case FRAME_OBJECT:
        pop_frame(parser);
        if (PYON_UNLIKELY(frame->tagged))
            return built(parser, builder->tagged(parser->self, count));
        return built(parser, builder->dict(parser->self, count));
    case FRAME_SET:
    case FRAME_BRACE:
        pop_frame(parser);
        if (count > 0)
            return built(parser, builder->set(parser->self, count));
        return built(parser, builder->dict(parser->self, 0));
    case FRAME_DICT_KEY:
    case FRAME_DICT_VALUE:
        break;
    }
    pop_frame(parser);
    return built(parser, builder->dict(parser->self, count));
}

int pyon_close_bracket(struct parser *parser)
{
    return close_frame(parser, PYON_TOKEN_LIST_CLOSE); /* only the end of the document matters */
}

/* ---- Productions: after a value ---- */

static PYON_COLD int no_end(struct parser *parser, enum pyon_token_kind kind)
{
    const struct pyon_dialect *dialect = parser->dialect;
    enum pyon_error_code code = parser->depth > 0 ? dialect->after_error : dialect->end_error;

    return code ? pyon_fail(parser, code) : pyon_refuse_beyond(parser, kind);
}

/* A member is complete: count it. */
static inline int end_member(struct parser *parser, struct frame *frame)
{
    frame->count++;
    if (PYON_UNLIKELY(frame->keywords > 0 && !frame->named))
        return pyon_fail(parser, PYON_ERROR_ARGUMENT);
    frame->named = false;
    return CONTINUE;
}

static inline int after_comma(struct parser *parser, struct frame *frame)
{
    if (frame->kind == FRAME_BRACE)
        frame->kind = FRAME_SET;
    else if (frame->kind == FRAME_DICT_VALUE)
        frame->kind = FRAME_DICT_KEY;
    frame->comma = true;
    parser->comma = offset_of(parser, parser->token.start);
    if (frame->kind == FRAME_OBJECT)
        parser->state = STATE_KEY;
    else
        parser->state = parser->dialect->trailing_comma ? STATE_VALUE_OR_CLOSE : STATE_VALUE;
    if (end_member(parser, frame) < 0)
        return FAILED;
    if (PYON_LIKELY(frame->kind == FRAME_LIST || frame->kind == FRAME_OBJECT ||
                    frame->kind == FRAME_DICT_KEY || frame->kind == FRAME_PAREN))
        return begin_members(parser);
    if ((frame->kind == FRAME_TAG || frame->kind == FRAME_CALL) && parser->builder->payload)
        return pyon_read_payload(parser);
    return CONTINUE;
}

static inline __attribute__((always_inline)) int after(struct parser *parser,
                                                       enum pyon_token_kind kind)
{
    struct frame *frame = innermost(parser);

    if (kind == PYON_TOKEN_COLON && (frame->kind == FRAME_DICT_KEY || frame->kind == FRAME_BRACE)) {
        frame->kind = FRAME_DICT_VALUE;
        parser->state = STATE_VALUE;
        return CONTINUE;
    }
    if (PYON_UNLIKELY(frame->kind == FRAME_DICT_KEY))
        return no_end(parser, kind);
    if (kind == PYON_TOKEN_COMMA && (parser->depth > 0 || parser->dialect->bare_tuple))
        return after_comma(parser, frame);
    if (closes(frame, kind))
        return end_member(parser, frame) < 0 ? FAILED : close_frame(parser, kind);
    return no_end(parser, kind);
}

/* ---- Productions: values ---- */

/* A complete value; the parser holds no part of it back. */
static inline int complete(struct parser *parser, int result)
{
    parser->state = STATE_AFTER;
    return built(parser, result);
}

static inline int value_string(struct parser *parser)
{
    struct literal literal;

    if (read_string(parser, &literal, 0) < 0)
        return FAILED;
    parser->state = STATE_AFTER;
    return emit_literal(parser, &literal, place_flags(parser));
}

int pyon_begin_call(struct parser *parser, enum frame_kind kind, const char *name, size_t length)
{
    if (pyon_push_frame(parser, kind) < 0)
        return FAILED;
    return built(parser, parser->builder->call_begin(parser->self, name, length));
}

static bool is_string_error(const struct parser *parser, enum pyon_token_kind kind)
{
    return kind == PYON_TOKEN_BAD &&
           (parser->token.error == PYON_ERROR_STRING || parser->token.error == PYON_ERROR_CONTROL);
}

/* The token does not begin a value. */
static PYON_COLD int no_value(struct parser *parser, enum pyon_token_kind kind)
{
    const struct frame *frame = innermost(parser);

    if (is_string_error(parser, kind))
        return pyon_fail_string(parser);
    if (parser->dialect->value_error && kind == PYON_TOKEN_LIST_CLOSE &&
        (frame->kind == FRAME_LIST || frame->kind == FRAME_TAG))
        return pyon_fail_at(parser, PYON_ERROR_TRAILING_ARRAY, parser->comma, 1);
    return pyon_fail_token(parser, kind, parser->dialect->value_error);
}

/* A number of version 2. */
static inline int value_number(struct parser *parser)
{
    const struct pyon_number *number = &parser->token.number;
    const struct pyon_builder *builder = parser->builder;

    parser->state = STATE_AFTER;
    if (number->kind == PYON_NUMBER_REAL)
        return built(parser, builder->real(parser->self, number->real));
    if (PYON_LIKELY(number->kind == PYON_NUMBER_INTEGER))
        return built(parser, builder->integer(parser->self, number->integer));
    return pyon_emit_large(parser);
}

/* A bracket opens, and members may follow. */
static inline int open_frame(struct parser *parser, enum frame_kind kind)
{
    return pyon_push_frame(parser, kind) < 0 ? FAILED : begin_members(parser);
}

static inline int value(struct parser *parser, enum pyon_token_kind kind)
{
    const struct pyon_builder *builder = parser->builder;

    if (PYON_UNLIKELY(parser->waits))
        pyon_refuse_operand(parser, kind);
    switch (kind) {
    case PYON_TOKEN_NUMBER:
        return value_number(parser);
    case PYON_TOKEN_OPERAND:
    case PYON_TOKEN_IMAGINARY:
    case PYON_TOKEN_NUMERAL:
        return pyon_value_operand(parser, kind);
    case PYON_TOKEN_STRING:
        return value_string(parser);
    case PYON_TOKEN_LITERAL:
        return pyon_value_literal(parser);
    case PYON_TOKEN_NULL:
        return complete(parser, builder->null(parser->self));
    case PYON_TOKEN_TRUE:
        return complete(parser, builder->boolean(parser->self, true));
    case PYON_TOKEN_FALSE:
        return complete(parser, builder->boolean(parser->self, false));
    case PYON_TOKEN_LIST_OPEN:
        return open_frame(parser, FRAME_LIST);
    case PYON_TOKEN_OBJECT_OPEN:
        return open_frame(parser, FRAME_OBJECT);
    case PYON_TOKEN_TAG_OPEN:
        return pyon_begin_call(parser, FRAME_TAG, parser->token.text, parser->token.length);
    case PYON_TOKEN_PAREN_OPEN:
        return open_frame(parser, FRAME_PAREN);
    case PYON_TOKEN_BRACE_OPEN:
        return open_frame(parser, FRAME_BRACE);
    case PYON_TOKEN_PLUS:
        return pyon_value_sign(parser, +1);
    case PYON_TOKEN_MINUS:
        return pyon_value_sign(parser, -1);
    case PYON_TOKEN_TILDE:
        return pyon_value_invert(parser);
    case PYON_TOKEN_STAR:
        return pyon_refuse_star(parser);
    case PYON_TOKEN_CONSTRUCTOR:
    case PYON_TOKEN_NAME:
        return pyon_value_name(parser, kind == PYON_TOKEN_CONSTRUCTOR);
    case PYON_TOKEN_KEYWORD:
        return pyon_value_keyword(parser);
    default:
        if (parser->state == STATE_VALUE_OR_CLOSE && closes(innermost(parser), kind) &&
            may_close_here(innermost(parser)))
            return close_frame(parser, kind);
        return no_value(parser, kind);
    }
}

/* Some functions come in pairs: the static one is inline, a part of the loops of this file; the one
   with pyon_ is the same for the other files. */
int pyon_value(struct parser *parser, enum pyon_token_kind kind)
{
    return value(parser, kind);
}

int pyon_after(struct parser *parser, enum pyon_token_kind kind)
{
    return PYON_UNLIKELY(innermost(parser)->selects) ? pyon_select_after(parser, kind)
                                                     : after(parser, kind);
}

int pyon_step_after(struct parser *parser, enum pyon_token_kind kind)
{
    return after(parser, kind);
}

/* ---- Productions: keys ---- */

/* Fills `literal` with the key that the token is, and goes past the colon if that comes next. */
static inline __attribute__((always_inline)) int read_key(struct parser *parser,
                                                          struct literal *literal)
{
    if (read_string(parser, literal, 0) < 0)
        return FAILED;
    if (PYON_UNLIKELY(is_tag_key(literal->data, literal->length)))
        innermost(parser)->tagged = true;
    parser->state = STATE_COLON;
    if (PYON_LIKELY(*parser->lexer.cursor == ':')) {
        parser->lexer.cursor++;
        parser->state = STATE_VALUE;
    }
    return CONTINUE;
}

int pyon_read_key(struct parser *parser, struct literal *literal)
{
    return read_key(parser, literal);
}

static inline __attribute__((always_inline)) int key(struct parser *parser,
                                                     enum pyon_token_kind kind)
{
    struct literal literal;

    if (PYON_UNLIKELY(kind != PYON_TOKEN_STRING)) {
        if (is_string_error(parser, kind))
            return pyon_fail_string(parser);
        if (kind != PYON_TOKEN_BRACE_CLOSE)
            return pyon_fail(parser, PYON_ERROR_PROPERTY);
        if (parser->state == STATE_KEY)
            return pyon_fail_at(parser, PYON_ERROR_TRAILING_OBJECT, parser->comma, 1);
        return close_frame(parser, kind);
    }
    if (read_key(parser, &literal) < 0)
        return FAILED;
    return emit_literal(parser, &literal, PYON_FLAG_KEY);
}

static inline int colon(struct parser *parser, enum pyon_token_kind kind)
{
    if (kind != PYON_TOKEN_COLON)
        return pyon_fail(parser, PYON_ERROR_COLON);
    parser->state = STATE_VALUE;
    return CONTINUE;
}

/* ---- Steps ---- */

static int start(struct parser *parser, enum pyon_token_kind kind)
{
    if (kind == PYON_TOKEN_NEWLINE && !parser->dialect->literal)
        return CONTINUE;
    if (kind == PYON_TOKEN_END && !parser->dialect->value_error)
        return pyon_fail(parser, PYON_ERROR_EMPTY);
    parser->state = STATE_VALUE;
    return value(parser, kind);
}

static int finished(struct parser *parser, enum pyon_token_kind kind)
{
    if (kind == PYON_TOKEN_END)
        return pyon_is_indented(parser) ? pyon_fail_token(parser, kind, PYON_OK) : finish(parser);
    if (kind == PYON_TOKEN_NEWLINE)
        return CONTINUE;
    return pyon_fail_token(parser, kind, parser->dialect->end_error);
}

/* Takes one token. Inline, so that the loop over a whole text costs no call per token. */
static inline __attribute__((always_inline)) int step(struct parser *parser,
                                                      enum pyon_token_kind kind)
{
    switch (parser->state) {
    case STATE_START:
        return start(parser, kind);
    case STATE_VALUE:
    case STATE_VALUE_OR_CLOSE:
        return value(parser, kind);
    case STATE_AFTER:
        return after(parser, kind);
    case STATE_KEY:
    case STATE_KEY_OR_CLOSE:
        return key(parser, kind);
    case STATE_COLON:
        return colon(parser, kind);
    case STATE_TAG_LIST:
        return pyon_tag_list(parser, kind);
    case STATE_TAG_OBJECT:
        return pyon_tag_object(parser, kind);
    case STATE_OPERAND:
        return pyon_after_operand(parser, kind);
    case STATE_IMAGINARY:
        return pyon_after_imaginary(parser, kind);
    case STATE_COMPLEX:
        return pyon_after_complex(parser, kind);
    case STATE_NUMBER:
        return pyon_after_number(parser, kind);
    case STATE_LITERAL:
        return pyon_after_literal(parser, kind);
    case STATE_NAME:
        return pyon_after_name(parser, kind);
    case STATE_ATTRIBUTE:
        return pyon_refuse_attribute(parser, kind);
    case STATE_FINISHED:
        break;
    }
    return finished(parser, kind);
}

int pyon_step(struct parser *parser, enum pyon_token_kind kind)
{
    return step(parser, kind);
}

/*
 * The next token. The most frequent ones need no lexer, because both dialects have them: commas,
 * and the blanks between tokens inside brackets.
 */
static inline enum pyon_token_kind next_token(struct parser *parser)
{
    struct pyon_lexer *lexer = &parser->lexer;

    if (parser->depth > 0 && *lexer->cursor <= ' ')
        lexer->cursor = skip_lines(lexer, lexer->cursor);
    if (*lexer->cursor == ',') {
        parser->token.start = lexer->cursor++;
        return PYON_TOKEN_COMMA;
    }
    return pyon_lex(lexer, parser->condition, &parser->token);
}

enum pyon_token_kind pyon_next_token(struct parser *parser)
{
    return next_token(parser);
}

/* Takes a token of a stream. Its text, unlike a whole text, was not searched for a NUL before, and
   a NUL in a string is no error of the lexer. */
static inline int take(struct parser *parser, enum pyon_token_kind kind)
{
    const char *start = parser->token.start, *nul = NULL;

    if (kind == PYON_TOKEN_LITERAL && parser->dialect->refuses_nul)
        nul = memchr(start, '\0', (size_t)(parser->lexer.cursor - start));
    if (PYON_UNLIKELY(nul != NULL))
        return pyon_fail_at(parser, PYON_ERROR_NUL, offset_of(parser, nul), 1);
    if (PYON_UNLIKELY(innermost(parser)->selects))
        return pyon_select(parser, kind);
    return step(parser, kind);
}

int pyon_take(struct parser *parser, enum pyon_token_kind kind)
{
    return take(parser, kind);
}

/* Tokens of these kinds may be cut even if they end far before the end of the piece. */
static inline bool needs_care(const struct parser *parser, enum pyon_token_kind kind)
{
    return kind == PYON_TOKEN_BAD || kind == PYON_TOKEN_END || kind == PYON_TOKEN_KEYWORD ||
           (kind == PYON_TOKEN_OBJECT_OPEN && parser->token.cut);
}

/* Is there something that pyon_skip() may go over? */
static inline bool goes_over(struct parser *parser)
{
    return parser->skips || innermost(parser)->selects;
}

int pyon_take_uncut(struct parser *parser, ptrdiff_t ahead)
{
    struct pyon_lexer *lexer = &parser->lexer;
    int status = CONTINUE;

    while (status == CONTINUE && parser->depth > 0 && lexer->limit - lexer->cursor > ahead) {
        const char *start;
        enum pyon_token_kind kind;

        if (PYON_UNLIKELY(goes_over(parser)) && pyon_skip(parser) < 0)
            return FAILED;
        start = lexer->cursor;
        if (parser->depth == 0)
            break;
        kind = next_token(parser);
        if (PYON_UNLIKELY(lexer->limit - lexer->cursor < ahead || needs_care(parser, kind))) {
            lexer->cursor = start;
            break;
        }
        status = take(parser, kind);
    }
    return status;
}

/* ---- A whole text ---- */

/* Fails if the text is wrong as a whole, before any of it is read. */
static int check_text(struct parser *parser, size_t length)
{
    static const char mark[] = "\xef\xbb\xbf";
    const char *nul;

    if (parser->dialect->refuses_mark && length >= 3 && memcmp(parser->text, mark, 3) == 0)
        return pyon_fail_at(parser, PYON_ERROR_BOM, 0, 3);
    nul = parser->dialect->refuses_nul ? memchr(parser->text, '\0', length) : NULL;
    if (nul)
        return pyon_fail_at(parser, PYON_ERROR_NUL, offset_of(parser, nul), 1);
    return CONTINUE;
}

/* Reads a text of which not all is wanted. */
static int read_parts(struct parser *parser)
{
    int status = CONTINUE;

    while (status == CONTINUE) {
        if (goes_over(parser) && pyon_skip(parser) < 0)
            return FAILED;
        status = take(parser, next_token(parser));
    }
    return status;
}

int pyon_parse(const struct pyon_dialect *dialect, const char *text, size_t length,
               const struct pyon_builder *builder, void *self, const struct pyon_options *options,
               struct pyon_error *error)
{
    struct parser parser;
    int status;

    pyon_parser_init(&parser, dialect, builder, self, options);
    parser.lexer = lexer_of(text, length, length);
    parser.lexer.literal = dialect->literal;
    parser.token.start = text;
    parser.text = text;
    parser.error = error;
    status = check_text(&parser, length);
    if (status == CONTINUE && (parser.selector || parser.skips))
        status = read_parts(&parser);
    while (status == CONTINUE)
        status = step(&parser, next_token(&parser));
    pyon_parser_free(&parser);
    return status == DONE ? 0 : -1;
}
