/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64 as an argument of a call, which is most of a text with arrays.
 *
 * A lexer would walk through it to find its end, and the builder again to decode it. But a builder
 * that knows shape and dtype knows the length: it is asked before the string is read, and may
 * take it from the text in one go. Where it does not, or the text is not just as the writer
 * writes it, the string is a token like others.
 */
#include "parser.h"

/* The characters that must follow the payload. In version 1 another literal might join it. */
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
        parser->lexer.cursor = text + length + 1;
        parser->state = STATE_AFTER;
    } else if (status < 0) {
        parser->token.start = start;
        return pyon_fail(parser, PYON_ERROR_HOST);
    }
    return CONTINUE;
}
