/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The end of {"__jsonclass__":["NAME",[ARGUMENTS]]} where it is not just "]]}".
 *
 * The parser takes the opening token for a call. Blanks may stand between the closing brackets. Or
 * a third member of the list or another key of the object follows: then it is not a call. The event
 * call_undo turns the call back into plain lists, and the end of the object is the event `tagged`.
 */
#include "read/parser.h"

/* The call becomes an object whose first key is the tag. */
static int undo_call(struct parser *parser)
{
    struct frame *frame = innermost(parser);
    size_t arguments = frame->count;

    PYON_ASSERT(frame->kind == FRAME_TAG);
    *frame = (struct frame){.kind = FRAME_OBJECT, .tagged = true};
    parser->comma = offset_of(parser, parser->token.start);
    return built(parser, parser->builder->call_undo(parser->self, arguments));
}

int pyon_tag_list(struct parser *parser, enum pyon_token_kind kind)
{
    if (kind == PYON_TOKEN_LIST_CLOSE) {
        parser->state = STATE_TAG_OBJECT;
        return CONTINUE;
    }
    if (kind != PYON_TOKEN_COMMA)
        return pyon_fail(parser, PYON_ERROR_COMMA);
    if (undo_call(parser) < 0 || pyon_push_frame(parser, FRAME_LIST) < 0)
        return FAILED;
    innermost(parser)->count = 2;
    parser->state = STATE_VALUE;
    return CONTINUE;
}

int pyon_tag_object(struct parser *parser, enum pyon_token_kind kind)
{
    if (kind == PYON_TOKEN_BRACE_CLOSE)
        return pyon_end_call(parser);
    if (kind != PYON_TOKEN_COMMA)
        return pyon_fail(parser, PYON_ERROR_COMMA);
    if (undo_call(parser) < 0)
        return FAILED;
    innermost(parser)->count = 1;
    parser->state = STATE_KEY;
    return built(parser, parser->builder->list(parser->self, 2, 0));
}
