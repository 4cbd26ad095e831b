/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64 as an argument of a call. A text with arrays consists mostly of such base64.
 *
 * The lexer would read the string to find its end, and the builder would read it again to decode
 * it. But a builder that knows shape and dtype knows the length. So the builder is asked before the
 * string is read, and may decode it straight from the text. If the builder declines, or the text is
 * not exactly as the writer writes it, the string is an ordinary token.
 *
 * In a stream, the end of a piece may cut such a string. Then the builder gives a block, which is
 * filled piece by piece. If the text turns out not to be base64, encoding the block gives back the
 * text so far.
 */
#include "base64/base64.h"
#include "read/parser.h"

/* The characters that must follow the payload. In version 1 they show that no literal joins it. */
static struct pyon_text ending(const struct frame *frame, char quote)
{
    if (frame->kind == FRAME_TAG)
        return (struct pyon_text){"\"", 1};
    return quote == '"' ? (struct pyon_text){"\")", 2} : (struct pyon_text){"')", 2};
}

int pyon_read_payload(struct parser *parser)
{
    const struct pyon_builder *builder = parser->builder;
    const struct frame *frame = innermost(parser);
    const char *start = skip_lines(&parser->lexer, parser->lexer.cursor), *text = start;
    bool bytes = frame->kind == FRAME_CALL && *text == 'b';
    struct pyon_text end;
    size_t length;
    int status;

    text += bytes;
    if (*text != '"' && !(*text == '\'' && frame->kind == FRAME_CALL))
        return CONTINUE;
    end = ending(frame, *text++);
    status = builder->payload(parser->self, text, (size_t)(parser->lexer.limit - text), end.text,
                              end.length, bytes, &length);
    if (status == 0) {
        PYON_ASSERT(length < (size_t)(parser->lexer.limit - text));
        parser->lexer.cursor = text + length + 1;
        parser->state = STATE_AFTER;
    } else if (status < 0) {
        parser->token.start = start;
        return pyon_fail(parser, PYON_ERROR_HOST);
    }
    return CONTINUE;
}

int pyon_begin_payload(struct parser *parser, struct payload *payload, size_t most)
{
    const struct pyon_builder *builder = parser->builder;
    const struct pyon_token *token = &parser->token;
    const struct frame *frame = innermost(parser);
    bool call = frame->kind == FRAME_CALL, bytes = call && *token->start == 'b';
    void *data;
    int status;

    if (!builder->payload_begin || payload->refused || parser->sign != 0 || frame->count == 0 ||
        !(call || frame->kind == FRAME_TAG) || frame->named ||
        !(parser->state == STATE_VALUE || parser->state == STATE_VALUE_OR_CLOSE) ||
        token->text != token->start + 1 + bytes ||
        token->string & (PYON_STRING_ESCAPED | PYON_STRING_WIDE | PYON_STRING_RAW))
        return 1;
    status = builder->payload_begin(parser->self, bytes, most, &data, &payload->size);
    if (status != 0)
        return status < 0 ? pyon_fail(parser, PYON_ERROR_HOST) : 1;
    payload->open = true;
    payload->data = data;
    payload->done = 0;
    payload->bytes = bytes;
    payload->quote = token->text[-1];
    parser->lexer.cursor = token->text;
    return CONTINUE;
}

int pyon_end_payload(struct parser *parser, struct payload *payload, bool complete)
{
    PYON_ASSERT(payload->open);
    payload->open = false;
    return parser->builder->payload_end(parser->self, complete);
}

/* Too little text is there for a quantum, or for the last one with its ending. May it become that?
   If not, do not wait: the string may be complete. */
static int wait_for_payload(const struct parser *parser, size_t left, struct pyon_text end)
{
    const char *p = parser->lexer.cursor, *limit = parser->lexer.limit;

    for (; p < limit && left > 0; p++, left--)
        if (*p != '=' && pyon_base64_values[(unsigned char)*p] == PYON_BASE64_FOREIGN)
            return REFUSED;
    return memcmp(p, end.text, (size_t)(limit - p)) == 0 ? MORE : REFUSED;
}

/* Reads the last quantum, if there is one left, and the ending. */
static int end_payload(struct parser *parser, struct payload *payload, size_t length)
{
    struct pyon_text end = ending(innermost(parser), payload->quote);
    const char *text = parser->lexer.cursor;
    size_t size;

    if ((size_t)(parser->lexer.limit - text) < length + end.length)
        return wait_for_payload(parser, length, end);
    if (memcmp(text + length, end.text, end.length) != 0 ||
        pyon_base64_decoded_size(text, length, &size) < 0 ||
        size != payload->size - payload->done ||
        (length > 0 && pyon_base64_decode(payload->data + payload->done, text, length, NULL) < 0))
        return REFUSED;
    parser->lexer.cursor = text + length + 1;
    parser->state = STATE_AFTER;
    return built(parser, pyon_end_payload(parser, payload, true));
}

int pyon_read_on_payload(struct parser *parser, struct payload *payload)
{
    const char *text = parser->lexer.cursor;
    size_t left = pyon_base64_encoded_size(payload->size - payload->done);
    size_t length = (size_t)(parser->lexer.limit - text) / 4 * 4;

    PYON_ASSERT(payload->open && payload->done % 3 == 0 && payload->done <= payload->size);
    /* The last quantum may have padding, where the others must not. */
    if (length >= left)
        length = left > 0 ? left - 4 : 0;
    if (length > 0) {
        if (text[length - 1] == '=' ||
            pyon_base64_decode(payload->data + payload->done, text, length, NULL) < 0)
            return REFUSED;
        payload->done += length / 4 * 3;
        parser->lexer.cursor = text + length;
    }
    left -= length;
    return left > 4 ? wait_for_payload(parser, left, (struct pyon_text){"", 0})
                    : end_payload(parser, payload, left);
}
