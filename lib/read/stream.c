/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values out of text that comes in pieces.
 *
 * The parser is the one of whole texts: between two tokens all that it knows stands in struct
 * parser, and its frames replace the C stack. What is added is a buffer (stream_buffer.c), and care
 * at its end: a token that may go on in the next piece is not taken (cut.c), but lexed again when
 * there is more. So no more than a token stays in the buffer. Of the long ones, a string is not
 * scanned again, and base64 goes into the array that is made of it as it comes (payload.c).
 *
 * Values need nothing between them. At the end of a value nothing is pending but, in version 1, a
 * number or name that stands alone: the token behind shows whether it goes on, and is not taken.
 *
 * Every byte is looked at a bounded number of times, whatever the size of the pieces. Where a token
 * has to be lexed again from its start, it is short, or there is a byte among the new ones that
 * may end it (`wait`).
 */
#include "read/stream.h"
#include "lex/cut.h"

#include <stdlib.h>

#define SHORT_TOKEN 64 /* lexing so many bytes again costs nothing that matters */

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
    free(stream);
}

/* Is all there that may belong to the value? */
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

/* Is there anything for which it is worth to lex? */
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
        lexer->cursor = stream->parser.token.start = p; /* nobody reads comments */
    if (p == lexer->limit && !is_final(stream))
        return false;
    stream->wait = WAIT_ANY;
    return true;
}

static void wait_for(struct pyon_stream *stream, enum awaited wait)
{
    stream->wait = wait;
    stream->waited = (size_t)(stream->parser.lexer.limit - stream->block);
}

/* ---- The end of what is there ---- */

static size_t value_size(const struct pyon_stream *stream, const char *end)
{
    return offset_of(&stream->parser, end) - stream->value_start;
}

/* Of a value that is too large, the first byte too many is wrong. */
static int check_size(struct pyon_stream *stream, size_t size)
{
    if (size <= stream->max_bytes)
        return CONTINUE;
    return pyon_fail_at(&stream->parser, PYON_ERROR_SIZE, stream->value_start + stream->max_bytes,
                        0);
}

/* Is this a number, arithmetic or a name of version 1 that stands alone, and is complete if no more
   follows? */
static bool stands_alone(const struct parser *parser)
{
    return parser->depth == 0 && (parser->state == STATE_OPERAND || parser->state == STATE_NAME ||
                                  parser->state == STATE_COMPLEX || parser->state == STATE_NUMBER);
}

/* How much of the value is there up to `end`. Blanks and comments belong to no value: then that is
   where `token` begins. */
static size_t waiting_size(const struct pyon_stream *stream, const char *end)
{
    const struct parser *parser = &stream->parser;

    if (stands_alone(parser) || (parser->state == STATE_START && parser->token.start == end))
        return 0;
    return value_size(stream, end);
}

/* What is there up to `end` is not enough: MORE, unless it is too much. */
static int wait_for_text(struct pyon_stream *stream, const char *end)
{
    return check_size(stream, waiting_size(stream, end)) < 0 ? FAILED : MORE;
}

/* The last token is cut: it will be lexed again. */
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
    /* What would have been the exponent of a number does not belong to it. */
    return wait_for_text(stream, kind == PYON_TOKEN_NUMBER ? end : lexer->limit);
}

/* A string is cut. It may be long: what has been scanned is not scanned again, and it may be
   base64, for which there is a place. */
static int suspend_string(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;
    size_t size = value_size(stream, parser->token.text);
    size_t most = size < stream->max_bytes ? stream->max_bytes - size : 0;
    int status = pyon_begin_payload(parser, &stream->payload, most);

    if (status <= 0)
        return status;
    stream->payload.refused = true; /* who is asked once has an answer for the whole string */
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

/* A string, or a bracket that closes, is the last of a value, whatever follows. */
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

/* There will be no more than this token, which is cut if it is not just at the end. */
static int take_last(struct pyon_stream *stream, enum pyon_token_kind kind)
{
    struct parser *parser = &stream->parser;

    /* Of a line it is known that there is no more: what is wrong has a name. In brackets, even
       what looks like a token may be the beginning of another one. */
    if (kind != PYON_TOKEN_END &&
        (stream->line_ends || (kind != PYON_TOKEN_BAD && parser->depth == 0 &&
                               parser->lexer.cursor == parser->lexer.limit)))
        return take(stream, kind);
    if (kind == PYON_TOKEN_END && parser->state == STATE_START)
        return MORE;
    if (kind == PYON_TOKEN_END && stands_alone(parser))
        return pyon_take(parser, PYON_TOKEN_NEWLINE);
    return fail_truncated(stream);
}

/* ---- Tokens ---- */

/* Does a value of version 1 that stands alone end before this token, even if it is cut? Arithmetic goes
   on with it. A backslash that is cut may yet become a blank, and "<" the operator "<<". */
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

    /* What seems to be too large may be a number, and letters that do not belong to it. */
    if (!has_waited(stream) && waiting_size(stream, parser->lexer.limit) <= stream->max_bytes)
        return MORE;
    stream->wait = WAIT_ANY;
    parser->lexer.scanned = stream->scanned;
    parser->lexer.string = stream->string;
    kind = pyon_next_token(parser);
    if (pyon_keyword_is_far(&parser->lexer, kind, &parser->token)) {
        parser->lexer.cursor = parser->token.start;
        kind = pyon_lex(&parser->lexer, PYON_LEX_V1_LINE, &parser->token); /* has no NAME= */
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
    return take(stream, kind);
}

/* Takes tokens: those before the last ones of a piece, or one. */
static int take_tokens(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;

    /* A string that is cut, and has been refused as a payload, is what take_token goes on with. */
    if (parser->depth > 0 && stream->wait == WAIT_ANY && !stream->payload.refused &&
        value_size(stream, parser->lexer.limit) <= stream->max_bytes) {
        int status = pyon_take_uncut(parser);

        stream->value_end = offset_of(parser, parser->lexer.cursor);
        if (status != CONTINUE)
            return status;
        if (parser->depth == 0)
            return end_alone(parser);
    }
    return take_token(stream);
}

/* The payload is no canonical base64: it becomes a string that is cut, as if it were one yet. */
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
    /* Of a string that a line ends in, the string is what is wrong. */
    if (status == REFUSED || (status == MORE && stream->line_ends))
        return restore_string(stream);
    if (status == MORE && stream->ended)
        return fail_truncated(stream);
    return status;
}

/* ---- Values ---- */

/* A value is complete: it may be wrong nevertheless. */
static int finish_value(struct pyon_stream *stream)
{
    struct parser *parser = &stream->parser;

    if (check_size(stream, stream->value_end - stream->value_start) < 0)
        return FAILED;
    if (parser->deferred)
        return pyon_fail_at(parser, parser->deferred, parser->deferred_at, parser->deferred_length);
    pyon_begin(parser);
    return DONE;
}

/* Drops everything up to a line end: is there one? */
static bool skip_line(struct pyon_stream *stream)
{
    const char *line_end;

    pyon_stream_show(stream);
    line_end = memchr(stream->block + taken(stream), '\n', stream->used - taken(stream));
    stream->skips = !line_end;
    pyon_stream_set_text(stream, line_end ? (size_t)(line_end - stream->block) + 1 : stream->used);
    return line_end;
}

/* Skips a byte order mark at the very start of the stream: MORE if it is cut. */
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

/* Reads up to the end of a value, or of what is there. */
static int read_value(struct pyon_stream *stream)
{
    const struct parser *parser = &stream->parser;
    int status = stream->begun ? CONTINUE : skip_mark(stream);

    while (status == CONTINUE) {
        status = stream->payload.open ? take_payload(stream) : take_tokens(stream);
        if (status == CONTINUE && parser->depth == 0 &&
            (parser->state == STATE_AFTER || parser->state == STATE_FINISHED))
            status = finish_value(stream);
    }
    return status;
}

/* From where on to look for the line end behind a failure: the same place, whatever the pieces. */
static const char *where_failed(const struct pyon_stream *stream)
{
    const struct parser *parser = &stream->parser;

    /* The first byte too many has not been dropped, or it would have failed before; unless it is
       one of the blanks behind what stood alone. */
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
            skip_line(stream); /* nothing is left of it */
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
    stream->begun = true;
    stream->payload.refused = false;
    stream->scanned = stream->string = 0;
    stream->wait = WAIT_ANY;
    stream->failed = false;
    stream->skips = true;
}

/* ---- What can be asked ---- */

size_t pyon_stream_offset(const struct pyon_stream *stream)
{
    const struct parser *parser = &stream->parser;

    return stream->block ? parser->base + stream->used : 0;
}

size_t pyon_stream_value_size(const struct pyon_stream *stream)
{
    return stream->block ? pyon_stream_offset(stream) - stream->value_start : 0;
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
