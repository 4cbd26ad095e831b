/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values out of text that comes in pieces.
 *
 * An example, "[12, 34]" in the pieces "[12, 3" and "4]":
 *
 *     "[12, 3"   takes [ and 12 and the comma; 3 may be cut, so the cursor returns to it
 *     "4]"       the block is "34]": takes 34 and ]; the value is complete
 *
 * The parser is that of whole texts: between two tokens, struct parser has everything that the
 * parser knows, and its frames replace the C stack. The stream adds a buffer (stream_buffer.c), and
 * takes care at the end of the buffer. A token that may continue in the next piece is not taken
 * (cut.c), but lexed again when there is more text. So no more than one token stays in the buffer.
 * Two kinds of tokens may be long: a string is not scanned again, and base64 goes into the
 * builder's array as it comes (payload.c).
 *
 * Values need no separator. At the end of a value nothing is pending, with one exception: a number
 * or name of version 1 outside brackets. The next token shows whether the number or name continues;
 * that token is not taken.
 *
 * Every byte is looked at a bounded number of times, whatever the size of the pieces. A token that
 * is lexed again from its start is short, or the new bytes contain one that may end it (`wait`).
 */
#include "read/stream.h"
#include "lex/cut.h"

#include <stdlib.h>

#define SHORT_TOKEN 64 /* lexing that many bytes again costs nothing that matters */

struct pyon_stream *pyon_stream_new(const struct pyon_dialect *dialect,
                                    const struct pyon_builder *builder, void *self,
                                    const struct pyon_options *options)
{
    struct pyon_stream *stream = calloc(1, sizeof *stream);

    if (!stream)
        return NULL;
    pyon_parser_init(&stream->parser, dialect, builder, self, options);
    stream->parser.error = &stream->error;
    stream->max_bytes = options && options->max_bytes ? options->max_bytes : SIZE_MAX;
    stream->lines = options && options->lines;
    return stream;
}

void pyon_stream_free(struct pyon_stream *stream)
{
    if (!stream)
        return;
    pyon_parser_free(&stream->parser);
    free(stream->block);
    free(stream->shape);
    free(stream);
}

/* Is all text there that may belong to the value? */
static bool is_final(const struct pyon_stream *stream)
{
    return stream->ended || stream->line_ends;
}

/* ---- Waiting ---- */

static bool ends_wait(enum awaited wait, char c)
{
    switch (wait) {
    case WAIT_NO_WORD:
        return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 c == '_');
    case WAIT_NO_BLANK:
        return !(c == ' ' || c == '\n' || c == '\r' || c == '\t');
    case WAIT_LINE_END:
        return c == '\n' || c == '\r' || c == '\0';
    case WAIT_ANY:
        break;
    }
    return true;
}

/* Has a byte arrived that may end the token, so that lexing it again can succeed? */
static bool has_waited(struct pyon_stream *stream)
{
    struct pyon_lexer *lexer = &stream->parser.lexer;
    const char *p = stream->block + stream->waited;

    PYON_ASSERT(stream->wait == WAIT_ANY || p <= lexer->limit);
    if (stream->wait == WAIT_ANY)
        return true;
    while (p < lexer->limit && !ends_wait(stream->wait, *p))
        p++;
    stream->waited = (size_t)(p - stream->block);
    if (stream->wait == WAIT_LINE_END)
        lexer->cursor = stream->parser.token.start = p; /* comments are dropped */
    if (p == lexer->limit && !is_final(stream))
        return false;
    stream->wait = WAIT_ANY;
    return true;
}

/* The token is not lexed again before such a byte arrives. */
static void wait_for(struct pyon_stream *stream, enum awaited wait)
{
    stream->wait = wait;
    stream->waited = (size_t)(stream->parser.lexer.limit - stream->block);
}

/* ---- The end of the text that is there ---- */

static size_t value_size(const struct pyon_stream *stream, const char *end)
{
    return offset_of(&stream->parser, end) - stream->value_start;
}

/* Fails if the value is too large. The error is at the first byte beyond max_bytes. */
static int check_size(struct pyon_stream *stream, size_t size)
{
    if (size <= stream->max_bytes)
        return CONTINUE;
    return pyon_fail_at(&stream->parser, PYON_ERROR_SIZE, stream->value_start + stream->max_bytes,
                        0);
}

/* Is this a number, a sum or a name of version 1 outside brackets? It is complete if nothing that
   belongs to it follows. */
static bool stands_alone(const struct parser *parser)
{
    return parser->depth == 0 && (parser->state == STATE_OPERAND || parser->state == STATE_NAME ||
                                  parser->state == STATE_COMPLEX || parser->state == STATE_NUMBER);
}

/* The bytes of the value up to `end`. Blanks and comments belong to no value: those after a value
   that stands alone, and those before a value, when `token` begins at `end`. */
static size_t waiting_size(const struct pyon_stream *stream, const char *end)
{
    const struct parser *parser = &stream->parser;

    if (stands_alone(parser) || (parser->state == STATE_START && parser->token.start == end))
        return 0;
    return value_size(stream, end);
}

/* The text up to `end` is not enough. Returns MORE, unless the value is too large already. */
static int wait_for_text(struct pyon_stream *stream, const char *end)
{
    return check_size(stream, waiting_size(stream, end)) < 0 ? FAILED : MORE;
}

/* The last token is cut: returns to its start, to lex it again when there is more text. */
static int suspend(struct pyon_stream *stream, enum pyon_token_kind kind)
{
    struct parser *parser = &stream->parser;
    struct pyon_lexer *lexer = &parser->lexer;
    const struct pyon_token *token = &parser->token;
    const char *end = lexer->cursor;

    if (lexer->comment)
        wait_for(stream, WAIT_LINE_END);
    else if (kind == PYON_TOKEN_OBJECT_OPEN)
        wait_for(stream, WAIT_NO_BLANK);
    else if ((lexer->cursor == lexer->limit || kind == PYON_TOKEN_BAD) &&
             lexer->limit - token->start > SHORT_TOKEN)
        wait_for(stream, WAIT_NO_WORD);
    lexer->cursor = token->start;
    if (pyon_keep_pending(parser) < 0)
        return FAILED;
    /* The exponent that was cut may be no part of the number: do not count it. */
    return wait_for_text(stream, kind == PYON_TOKEN_NUMBER ? end : lexer->limit);
}

/* The last token is a string that is cut, and may be long. It may be base64 that the builder has a
   block for. If not, the part that has been scanned is not scanned again. */
static int suspend_string(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;
    size_t size = value_size(stream, parser->token.text);
    size_t most = size < stream->max_bytes ? stream->max_bytes - size : 0;
    int status = pyon_begin_payload(parser, &stream->payload, most);

    if (status <= 0)
        return status;
    stream->payload.refused = true; /* the builder is asked once per string */
    stream->scanned = pyon_scanned(&parser->lexer, &parser->token);
    stream->string = parser->token.string;
    parser->lexer.cursor = parser->token.start;
    if (pyon_keep_pending(parser) < 0)
        return FAILED;
    return wait_for_text(stream, parser->lexer.limit);
}

static int fail_truncated(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;

    return pyon_fail_at(parser, stream->line_ends ? PYON_ERROR_LINE : PYON_ERROR_TRUNCATED,
                        offset_of(parser, parser->lexer.limit), 0);
}

/* A string, or a closing bracket, completes a value outside brackets, whatever follows. */
static int end_alone(struct parser *parser)
{
    if (parser->state == STATE_LITERAL || parser->state == STATE_OPERAND ||
        parser->state == STATE_NUMBER)
        return pyon_take(parser, PYON_TOKEN_NEWLINE);
    return CONTINUE;
}

static int take(struct pyon_stream *stream, enum pyon_token_kind kind)
{
    struct parser *parser = &stream->parser;

    if (pyon_take(parser, kind) < 0)
        return FAILED;
    stream->value_end = offset_of(parser, parser->lexer.cursor);
    if (parser->depth == 0 && (kind == PYON_TOKEN_LITERAL || kind == PYON_TOKEN_PAREN_CLOSE))
        return end_alone(parser);
    return CONTINUE;
}

/* No more text follows this token. It may look like a token only because the text ends. */
static int take_last(struct pyon_stream *stream, enum pyon_token_kind kind)
{
    struct parser *parser = &stream->parser;

    /* A line is known to be all there is, so a wrong token has an error of its own. Otherwise even
       a sound token inside brackets may be the beginning of another one. */
    if (kind != PYON_TOKEN_END &&
        (stream->line_ends || (kind != PYON_TOKEN_BAD && parser->depth == 0 &&
                               parser->lexer.cursor == parser->lexer.limit)))
        return take(stream, kind);
    if (kind == PYON_TOKEN_END && parser->state == STATE_START)
        return MORE;
    if (kind == PYON_TOKEN_END && stands_alone(parser))
        return pyon_take(parser, PYON_TOKEN_NEWLINE);
    /* A colon, and also ":=", ends the string before it, as it does in one piece with the string. */
    if (*parser->token.start == ':' && parser->state == STATE_LITERAL &&
        pyon_end_literal(parser) < 0)
        return FAILED;
    return fail_truncated(stream);
}

/* ---- Tokens ---- */

/* Does a value of version 1 outside brackets end before this token, even if the token is cut? Not
   if the token is an operator. A cut backslash may yet become a blank, and a cut "<" the operator
   "<<". */
static bool ends_value(const struct pyon_stream *stream, enum pyon_token_kind kind)
{
    const struct parser *parser = &stream->parser;
    const struct pyon_lexer *lexer = &parser->lexer;
    char first = *parser->token.start;

    if (!stands_alone(parser) || kind == PYON_TOKEN_END || pyon_is_arithmetic(parser, kind))
        return false;
    if ((first == '\\' || first == '<' || first == '>') && lexer->cursor == lexer->limit &&
        !is_final(stream))
        return false;
    return parser->state != STATE_NAME || kind != PYON_TOKEN_PAREN_OPEN;
}

static int take_token(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;
    enum pyon_token_kind kind;

    /* Do not report max_bytes yet: the excess may be letters after a number, which are not part of
       it. */
    if (!has_waited(stream) && waiting_size(stream, parser->lexer.limit) <= stream->max_bytes)
        return MORE;
    stream->wait = WAIT_ANY;
    parser->lexer.scanned = stream->scanned;
    parser->lexer.string = stream->string;
    kind = pyon_next_token(parser);
    if (pyon_keyword_is_far(&parser->lexer, kind, &parser->token)) {
        parser->lexer.cursor = parser->token.start;
        kind = pyon_lex(&parser->lexer, PYON_LEX_V1_LINE, &parser->token); /* knows no NAME= */
    }
    if (parser->state == STATE_START)
        stream->value_start = offset_of(parser, parser->token.start);
    if (ends_value(stream, kind)) {
        parser->lexer.cursor = parser->token.start;
        return pyon_take(parser, PYON_TOKEN_NEWLINE);
    }
    if (pyon_is_cut(&parser->lexer, parser->condition, kind, &parser->token)) {
        if (is_final(stream))
            return take_last(stream, kind);
        if (kind == PYON_TOKEN_BAD && parser->token.error == PYON_ERROR_STRING)
            return suspend_string(stream);
        return suspend(stream, kind);
    }
    parser->lexer.scanned = stream->scanned = 0;
    parser->lexer.string = stream->string = 0;
    stream->payload.refused = false;
    if (check_size(stream, value_size(stream, parser->lexer.cursor)) < 0)
        return FAILED;
    parser->by_token = value_size(stream, parser->lexer.limit) > stream->max_bytes;
    return take(stream, kind);
}

/* Takes the tokens that are far from the end of the piece, or all those of a line; near its end, one
   token. */
static int take_tokens(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;

    /* After a cut string that was refused as a payload, only take_token knows how to continue. */
    if (parser->depth > 0 && stream->wait == WAIT_ANY && !stream->payload.refused &&
        value_size(stream, parser->lexer.limit) <= stream->max_bytes) {
        int status;

        parser->by_token = false;
        status = pyon_take_uncut(parser, stream->line_ends ? 0 : PYON_LOOKAHEAD);
        stream->value_end = offset_of(parser, parser->lexer.cursor);
        if (status != CONTINUE)
            return status;
        if (parser->depth == 0)
            return end_alone(parser);
    }
    return take_token(stream);
}

/* The payload is no canonical base64. Encoding its block gives its text back: from here on it is a
   string that is cut. */
static int restore_string(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;
    struct payload *payload = &stream->payload;
    size_t opening = payload->bytes ? 2 : 1;
    size_t length = pyon_base64_encoded_size(payload->done);
    size_t rest = stream->used - taken(stream);

    PYON_ASSERT(payload->done % 3 == 0); /* so no padding stands in the middle */
    if (opening + length + rest > stream->capacity &&
        pyon_stream_resize(stream, opening + length + rest + taken(stream)) < 0)
        return pyon_fail(parser, PYON_ERROR_MEMORY);
    pyon_stream_drop_taken(stream);
    pyon_stream_show(stream);
    memmove(stream->block + opening + length, stream->block, rest);
    memcpy(stream->block, payload->bytes ? "b" : "", opening - 1);
    stream->block[opening - 1] = payload->quote;
    pyon_base64_encode(stream->block + opening, payload->data, payload->done);
    stream->used = opening + length + rest;
    stream->searched = 0;
    PYON_ASSERT(parser->base >= opening + length);
    parser->base -= opening + length;
    pyon_stream_set_text(stream, 0);
    stream->scanned = length;
    stream->string = 0;
    payload->refused = true;
    return built(parser, pyon_end_payload(parser, payload, false));
}

static int take_payload(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;
    int status;

    parser->token.start = parser->lexer.cursor;
    status = pyon_read_on_payload(parser, &stream->payload);
    /* A line end inside the string: then the string is wrong, not the base64. */
    if (status == REFUSED || (status == MORE && stream->line_ends))
        return restore_string(stream);
    if (status == MORE && stream->ended)
        return fail_truncated(stream);
    return status;
}

/* ---- Values of the same shape: see shape.h ---- */

/* Is it enough to know that a value is valid, and what its leaves are? */
static bool takes_shapes(const struct parser *parser)
{
    if (!parser->dialect->json)
        return false;
    return parser->selector ? parser->selector->leaves != NULL : parser->skips;
}

/* A value was not of the shape that is known. Learns its shape, but not too often: after 2, 4, 8,
   ... of them in a row, so that it costs little if no value is like another. */
static int learn_shape(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;
    unsigned long long misses = ++stream->misses;
    bool known = stream->shape && pyon_shape_known(stream->shape);

    if ((misses & (misses - 1)) != 0 || misses < (known ? 4 : 2) ||
        stream->value_start < parser->base || stream->max_bytes != SIZE_MAX)
        return CONTINUE;
    if (!stream->shape)
        stream->shape = pyon_shape_new();
    if (!stream->shape) /* then the values are read one by one */
        return CONTINUE;
    if (pyon_shape_learn(stream->shape, parser, parser->text + (stream->value_start - parser->base),
                         stream->value_end - stream->value_start) < 0)
        return pyon_fail(parser, PYON_ERROR_HOST);
    return CONTINUE;
}

/* Takes a value of that shape: DONE. CONTINUE if there is none. */
static int take_shape(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;
    const struct pyon_selector *selector = parser->selector;
    const char *start = parser->lexer.cursor, *end;
    size_t count;

    if (parser->state != STATE_START || stream->wait != WAIT_ANY)
        return CONTINUE;
    while (*start == ' ' || *start == '\n' || *start == '\r' || *start == '\t')
        start++;
    end = pyon_shape_find(stream->shape, start, parser->lexer.limit);
    if (!end)
        return CONTINUE;
    stream->misses = 0;
    stream->value_start = offset_of(parser, start);
    stream->value_end = offset_of(parser, end);
    parser->lexer.cursor = parser->token.start = end;
    if (selector) {
        const struct pyon_leaf *leaves = pyon_shape_leaves(stream->shape, &count);

        if (selector->same(selector->self, leaves, count) < 0)
            return pyon_fail(parser, PYON_ERROR_HOST);
    }
    return DONE;
}

/* ---- Values ---- */

/* A value is complete. Reports an error that was noted in it. */
static int finish_value(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;

    if (check_size(stream, stream->value_end - stream->value_start) < 0)
        return FAILED;
    if (parser->deferred)
        return pyon_fail_at(parser, parser->deferred, parser->deferred_at, parser->deferred_length);
    if (takes_shapes(parser) && learn_shape(stream) < 0)
        return FAILED;
    parser->token.start = parser->lexer.cursor; /* the position is now the end of the value */
    pyon_begin(parser);
    return DONE;
}

/* Drops everything up to a line end. Returns whether there is one. */
static bool skip_line(struct pyon_stream *stream)
{
    const char *line_end;

    pyon_stream_show(stream);
    line_end = memchr(stream->block + taken(stream), '\n', stream->used - taken(stream));
    stream->skips = !line_end;
    pyon_stream_set_text(stream, line_end ? (size_t)(line_end - stream->block) + 1 : stream->used);
    return line_end;
}

/* Skips a byte order mark at the very start of the stream. MORE if it is cut. */
static int skip_mark(struct pyon_stream *stream)
{
    struct pyon_lexer *lexer = &stream->parser.lexer;
    size_t length = (size_t)(lexer->limit - lexer->cursor);
    bool whole = length >= 3;
    bool matches = memcmp(lexer->cursor, "\xef\xbb\xbf", whole ? 3 : length) == 0;

    if (matches && !whole && !is_final(stream))
        return MORE;
    stream->begun = true;
    if (matches && whole)
        lexer->cursor = stream->parser.token.start = lexer->cursor + 3;
    return CONTINUE;
}

/* Reads up to the end of a value, or of the text that is there. */
static int read_value(struct pyon_stream *stream)
{
    const struct parser *parser = &stream->parser;
    int status = stream->begun ? CONTINUE : skip_mark(stream);

    if (status == CONTINUE && stream->shape && pyon_shape_known(stream->shape))
        status = take_shape(stream);
    while (status == CONTINUE) {
        status = stream->payload.open ? take_payload(stream) : take_tokens(stream);
        if (status == CONTINUE && parser->depth == 0 &&
            (parser->state == STATE_AFTER || parser->state == STATE_FINISHED))
            status = finish_value(stream);
    }
    return status;
}

/* The place from which the line end after a failure is searched: the same for any pieces. */
static const char *where_failed(const struct pyon_stream *stream)
{
    const struct parser *parser = &stream->parser;

    /* The first byte beyond max_bytes has not been dropped, or this would have failed before. The
       exception is a blank after a value outside brackets. */
    if (stream->error.code == PYON_ERROR_SIZE && stream->error.offset > parser->base &&
        !stands_alone(parser))
        return parser->text + (stream->error.offset - parser->base);
    return parser->token.start;
}

int pyon_stream_next(struct pyon_stream *stream, struct pyon_error *error)
{
    int status = FAILED;

    if (!stream->block || (stream->skips && !skip_line(stream)))
        return PYON_STREAM_MORE;
    if (!stream->failed)
        while ((status = read_value(stream)) == MORE && stream->line_ends)
            skip_line(stream); /* the rest of the line is blank */
    if (status == MORE)
        return PYON_STREAM_MORE;
    if (status == DONE)
        return PYON_STREAM_VALUE;
    if (!stream->failed)
        stream->parser.lexer.cursor = where_failed(stream);
    stream->failed = true;
    *error = stream->error;
    return PYON_STREAM_FAILED;
}

void pyon_stream_lose(struct pyon_stream *stream, size_t size)
{
    struct parser *parser = &stream->parser;

    if (stream->block) {
        pyon_stream_show(stream);
        pyon_stream_set_text(stream, stream->used);
    }
    pyon_fail_at(parser, PYON_ERROR_MEMORY, pyon_stream_offset(stream), 0);
    parser->base += size;
    stream->begun = true; /* nothing that comes now is at the start */
    stream->failed = true;
}

void pyon_stream_skip_line(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;

    if (!stream->failed)
        return;
    if (stream->payload.open)
        pyon_end_payload(parser, &stream->payload, false);
    pyon_begin(parser);
    stream->payload.refused = false;
    stream->scanned = stream->string = 0;
    stream->wait = WAIT_ANY;
    stream->failed = false;
    stream->skips = true;
}

/* ---- Questions ---- */

size_t pyon_stream_offset(const struct pyon_stream *stream)
{
    const struct parser *parser = &stream->parser;

    return stream->block ? parser->base + stream->used : 0;
}

size_t pyon_stream_value_size(const struct pyon_stream *stream)
{
    return stream->block ? pyon_stream_offset(stream) - stream->value_start : 0;
}

size_t pyon_stream_position(const struct pyon_stream *stream)
{
    return stream->block ? offset_of(&stream->parser, stream->parser.token.start) : 0;
}

const char *pyon_stream_container(const struct pyon_stream *stream, size_t *depth)
{
    static const char *const names[] = {
        [FRAME_DOCUMENT] = "a value",
        [FRAME_LIST] = "a list",
        [FRAME_PAREN] = "parentheses",
        [FRAME_CALL] = "a call",
        [FRAME_SUBSCRIPT] = "a subscript",
        [FRAME_TAG] = "a call",
        [FRAME_OBJECT] = "a dict",
        [FRAME_BRACE] = "a dict or set",
        [FRAME_SET] = "a set",
        [FRAME_DICT_KEY] = "a dict",
        [FRAME_DICT_VALUE] = "a dict",
    };
    const struct parser *parser = &stream->parser;

    *depth = parser->depth;
    return names[parser->frames[parser->depth].kind];
}
