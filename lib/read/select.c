/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Parts of a value (struct pyon_selector). If not all members of a frame are wanted, this file
 * stands between the grammar and the frame.
 *
 * Such a frame is marked: it `selects`. The grammar takes the tokens of the frame as those of any
 * other frame, but with the null builder. Before a member begins, the selector is asked. If the
 * member is kept, the builder of the host gets its events. If it is skipped, no builder gets them,
 * and the loop of skip.c may read it. If it is entered, its frame selects too. So a marked frame is
 * the outermost, or lies in a marked frame.
 */
#include "read/parser.h"

/* ---- Members ---- */

/* Does the token begin a value? Errors do: the grammar tells. */
static bool begins_value(const struct frame *frame, enum pyon_token_kind kind)
{
    return !pyon_closes(frame, kind) && kind != PYON_TOKEN_NEWLINE;
}

/* The frame that a token opens, if it is one that can be entered; else FRAME_DOCUMENT. */
static enum frame_kind opens(enum pyon_token_kind kind)
{
    switch (kind) {
    case PYON_TOKEN_LIST_OPEN:
        return FRAME_LIST;
    case PYON_TOKEN_OBJECT_OPEN:
        return FRAME_OBJECT;
    case PYON_TOKEN_BRACE_OPEN:
        return FRAME_BRACE;
    default:
        return FRAME_DOCUMENT;
    }
}

int pyon_enter_selected(struct parser *parser, enum frame_kind kind)
{
    const struct pyon_selector *selector = parser->selector;

    if (pyon_push_frame(parser, kind) < 0)
        return FAILED;
    innermost(parser)->selects = true;
    parser->asked = parser->answered = false;
    return built(parser, selector->enter(selector->self, kind != FRAME_LIST));
}

void pyon_begin_skipping(struct parser *parser)
{
    parser->asked = true;
    parser->skips = true;
    parser->floor = parser->depth;
    if (parser->wanted == PYON_WANTED_SKIP_REST) {
        innermost(parser)->selects = false;
        parser->floor--;
    }
}

/* The token begins a member, of which it is known whether it is wanted. */
static int begin_member(struct parser *parser, enum pyon_token_kind kind, int wanted)
{
    enum frame_kind opened = opens(kind);

    parser->wanted = wanted;
    parser->answered = false;
    if (wanted < 0)
        return pyon_fail(parser, PYON_ERROR_HOST);
    if (wanted == PYON_WANTED_ENTER && opened != FRAME_DOCUMENT)
        return pyon_enter_selected(parser, opened);
    parser->asked = true;
    if (wanted == PYON_WANTED_SKIP || wanted == PYON_WANTED_SKIP_REST)
        pyon_begin_skipping(parser);
    else
        parser->builder = parser->host;
    return pyon_step(parser, kind);
}

/* ---- Keys ---- */

/* Asks what to do with the value of a key that is a string. */
static int ask_for_key(struct parser *parser, struct literal *literal)
{
    const struct pyon_selector *selector = parser->selector;

    if (literal->wide && literal->width > 0 && pyon_make_utf8(parser, literal) < 0)
        return FAILED;
    parser->wanted = selector->key(selector->self, literal->data, literal->length);
    return parser->wanted < 0 ? pyon_fail(parser, PYON_ERROR_HOST) : CONTINUE;
}

/* Of version 1: is the token a string, and a colon after it, which is there? */
static bool is_plain_key(const struct parser *parser, enum pyon_token_kind kind)
{
    const char *colon = parser->lexer.cursor;

    return kind == PYON_TOKEN_LITERAL && !(parser->token.string & PYON_STRING_BYTES) &&
           colon[0] == ':' && colon + 1 < parser->lexer.limit && colon[1] != '=';
}

/* Does the token begin a string, or parentheses, in which may be one? */
static bool may_be_string(enum pyon_token_kind kind)
{
    return kind == PYON_TOKEN_LITERAL || kind == PYON_TOKEN_PAREN_OPEN;
}

/* A member of {...} in version 1 that is a key, as far as is known. */
static int begin_key(struct parser *parser, enum pyon_token_kind kind)
{
    const struct pyon_selector *selector = parser->selector;
    struct frame *frame = innermost(parser);
    struct literal literal;

    if (frame->kind == FRAME_SET)
        return begin_member(parser, kind, PYON_WANTED_SKIP);
    if (is_plain_key(parser, kind)) {
        parser->lexer.cursor++;
        frame->kind = FRAME_DICT_VALUE;
        parser->state = STATE_VALUE;
        return read_string(parser, &literal, 0) < 0 ? FAILED : ask_for_key(parser, &literal);
    }
    parser->wanted = selector->other_key(selector->self, may_be_string(kind));
    if (parser->wanted == PYON_WANTED_ENTER)
        parser->wanted = PYON_WANTED_KEEP;
    return begin_member(parser, kind, parser->wanted);
}

/* A token that begins the value, item or key that comes next. */
static int begin(struct parser *parser, enum pyon_token_kind kind)
{
    const struct pyon_selector *selector = parser->selector;
    const struct frame *frame = innermost(parser);

    if (parser->answered)
        return begin_member(parser, kind, parser->wanted);
    switch (frame->kind) {
    case FRAME_BRACE:
    case FRAME_SET:
    case FRAME_DICT_KEY:
        return begin_key(parser, kind);
    case FRAME_OBJECT:
    case FRAME_DICT_VALUE:
        return begin_member(parser, kind, parser->wanted);
    default:
        return begin_member(parser, kind, selector->value(selector->self, frame->count));
    }
}

/* ---- Ends ---- */

static enum pyon_container container_of(const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_LIST:
        return PYON_CONTAINER_LIST;
    case FRAME_SET:
        return PYON_CONTAINER_SET;
    case FRAME_BRACE:
        return frame->count > 0 ? PYON_CONTAINER_SET : PYON_CONTAINER_DICT;
    default:
        return PYON_CONTAINER_DICT;
    }
}

/* A token that may close the frame, for one of the functions of the grammar. */
static int close_or_go_on(struct parser *parser, enum pyon_token_kind kind,
                          int (*take)(struct parser *parser, enum pyon_token_kind kind))
{
    const struct pyon_selector *selector = parser->selector;
    const struct frame *frame;
    size_t depth = parser->depth;
    int status = take(parser, kind);

    /* The frame that was closed is still there, one beyond the innermost. */
    if (status != CONTINUE || parser->depth >= depth || parser->deferred)
        return status;
    frame = &parser->frames[depth];
    return built(parser, selector->leave(selector->self, container_of(frame), frame->tagged));
}

void pyon_end_selected(struct parser *parser)
{
    parser->builder = &pyon_null_builder;
    parser->skips = false;
    parser->asked = parser->answered = false;
}

int pyon_select_after(struct parser *parser, enum pyon_token_kind kind)
{
    const struct pyon_selector *selector = parser->selector;

    pyon_end_selected(parser);
    if (parser->depth == 0 && kind == PYON_TOKEN_COMMA && parser->dialect->bare_tuple &&
        selector->leave(selector->self, PYON_CONTAINER_TUPLE, false) < 0)
        return pyon_fail(parser, PYON_ERROR_HOST);
    return close_or_go_on(parser, kind, pyon_step_after);
}

int pyon_select(struct parser *parser, enum pyon_token_kind kind)
{
    struct literal literal;

    switch (parser->state) {
    case STATE_START:
    case STATE_VALUE:
    case STATE_VALUE_OR_CLOSE:
        if (!parser->asked && !parser->deferred && begins_value(innermost(parser), kind))
            return begin(parser, kind);
        return close_or_go_on(parser, kind, pyon_step);
    case STATE_AFTER:
        return pyon_select_after(parser, kind);
    case STATE_KEY:
    case STATE_KEY_OR_CLOSE:
        if (kind != PYON_TOKEN_STRING)
            return close_or_go_on(parser, kind, pyon_step);
        return pyon_read_key(parser, &literal) < 0 ? FAILED : ask_for_key(parser, &literal);
    default:
        return pyon_step(parser, kind);
    }
}
