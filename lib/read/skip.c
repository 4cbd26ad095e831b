/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values that are not wanted: checked, but neither converted nor handed on.
 *
 * This is a loop over the tokens that JSON has, in the form that most texts have. It keeps the
 * frames and the state of the grammar (parser.c) as they must be between two tokens. So it can stop
 * before any other token: a wrong escape, a number of a hundred digits, the end of the text that is
 * there. The grammar takes that token and reports its errors. The loop continues after the token.
 *
 * If a frame `selects` (select.c), the loop itself asks about plain keys and about items. It hands
 * plain scalars that are wanted to the builder of the host, and opens and closes the dicts that are
 * entered. So lines of small records need the grammar for little more than their first bracket.
 *
 * Nothing here looks for the end of the text: it stops SKIP_MARGIN bytes before it, further than
 * any load reaches.
 */
#include "read/parser.h"
#include "read/scalar.h"

#include "lex/cut.h"
#include "lex/scan.h"
#include "utf8.h"

/* ---- Tokens: each function returns the end of the token at `p`, NULL if it is not for this loop
   ---- */

static bool is_hex(char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Are all escapes of a body right? It ends at a quote. */
static bool are_escapes(const char *p, const char *end)
{
    while ((p = memchr(p, '\\', (size_t)(end - p)))) {
        size_t length = p[1] == 'u' ? 6 : 2;

        if (length > (size_t)(end - p) || !strchr("\"\\/bfnrtu", p[1]) || p[1] == '\0')
            return false;
        for (size_t i = 2; i < length; i++)
            if (!is_hex(p[i]))
                return false;
        p += length;
    }
    return true;
}

PYON_COLD const char *pyon_skip_special(const char *body, const char *limit)
{
    unsigned flags = 0;
    const char *end = scan_json_string(body, limit, &flags);

    if (*end != '"')
        return NULL;
    if (flags & PYON_STRING_WIDE &&
        pyon_utf8_valid(body, (size_t)(end - body)) != (size_t)(end - body))
        return NULL;
    return !(flags & PYON_STRING_ESCAPED) || are_escapes(body, end) ? end + 1 : NULL;
}

/* ---- Members of lists ---- */

/* Skips numbers that have commas after them. Returns the place where the parser continues. Takes
   the forms that both dialects share, as read_run() does. */
static const char *skip_numbers(struct parser *parser, const char *p)
{
    const struct pyon_lexer lexer = parser->lexer;
    const char *end = lexer.limit - SKIP_MARGIN, *comma = NULL;
    size_t count = 0;

    while (p < end) {
        const char *next;

        p = skip_layout(&lexer, p);
        if (p >= end)
            break;
        next = skip_number(p);
        if (!next || (*next != ',' && *next != ']'))
            break;
        if (*next == ']') {
            parser->state = STATE_AFTER;
            p = next;
            break;
        }
        comma = next;
        p = next + 1;
        count++;
    }
    if (count > 0) {
        parser->comma = offset_of(parser, comma);
        innermost(parser)->count += count;
        if (parser->state != STATE_AFTER)
            parser->state = parser->dialect->trailing_comma ? STATE_VALUE_OR_CLOSE : STATE_VALUE;
    }
    return p;
}

/* ---- Productions ---- */

/* Is there less than the margin? Then nothing is skipped. */
static inline bool is_near_end(const struct pyon_lexer *lexer)
{
    return lexer->limit - lexer->cursor <= SKIP_MARGIN;
}

static int push_frame(struct parser *parser, enum frame_kind kind, const char *p)
{
    parser->token.start = p;
    parser->lexer.cursor = p + 1; /* for an error */
    return pyon_push_frame(parser, kind);
}

/* May the bracket at `p` be the beginning of a tag? That is a token. */
static inline bool may_be_tag(const char *p)
{
    static const char tag[] = "\"__jsonclass__";

    return *p == '{' && (p[1] <= ' ' || (p[1] == '"' && memcmp(p + 1, tag, sizeof tag - 1) == 0));
}

/* A bracket opens at `p`: NULL if it is not for this loop, or if the frame could not be made, which
   is an error. */
static const char *open_frame(struct parser *parser, const char *p, int *status)
{
    const char *inside = p + 1;

    if (may_be_tag(p))
        return NULL;
    if (*p == '{') {
        *status = push_frame(parser, FRAME_OBJECT, p);
        return *status < 0 ? NULL : inside;
    }
    *status = push_frame(parser, FRAME_LIST, p);
    if (*status < 0)
        return NULL;
    return *inside == '-' || is_digit(*inside) ? skip_numbers(parser, inside) : inside;
}

static inline const char *close_frame(struct parser *parser, const char *p)
{
    const struct frame *frame = innermost(parser);

    if (*p == ']' && frame->kind == FRAME_TAG && p[1] == ']' && p[2] == '}')
        p += 2;
    else if (!(*p == ']' && frame->kind == FRAME_LIST) &&
             !(*p == '}' && frame->kind == FRAME_OBJECT))
        return NULL;
    pop_frame(parser);
    return p + 1;
}

static inline const char *skip_value(struct parser *parser, const char *p, const char *end,
                                     int *status)
{
    const char *next;

    if (*p == '[' || *p == '{')
        return open_frame(parser, p, status);
    if (*p == ']')
        return parser->state == STATE_VALUE_OR_CLOSE ? close_frame(parser, p) : NULL;
    next = skip_scalar(p, end);
    if (next)
        parser->state = STATE_AFTER;
    return next;
}

/* A comma, or the bracket that closes the frame. */
static inline const char *skip_after(struct parser *parser, const char *p)
{
    struct frame *frame = innermost(parser);

    if (*p != ',')
        return close_frame(parser, p);
    parser->comma = offset_of(parser, p);
    frame->count++;
    parser->state = frame->kind == FRAME_OBJECT ? STATE_KEY : STATE_VALUE;
    return p + 1;
}

/* ---- Members of dicts ---- */

static PYON_COLD const char *fail_selector(struct parser *parser, const char *start,
                                           const char *end, int *status)
{
    parser->token.start = start;
    parser->lexer.cursor = end;
    *status = pyon_fail(parser, PYON_ERROR_HOST);
    return NULL;
}

/* A key at `p` and the colon after it. In a frame that `selects`, the selector is asked, and only
   plain keys are for this loop. */
static inline __attribute__((always_inline)) const char *
skip_key(struct parser *parser, const char *p, const char *end, bool selects, int *status)
{
    const struct pyon_selector *selector = parser->selector;
    const char *next = NULL;

    if (*p == '"')
        next = selects ? find_plain_end(p + 1, end) : skip_string(p, end);
    if (!next)
        return NULL;
    if (!selects)
        return *next == ':' ? next + 1 : NULL;
    if (*next != '"' || next[1] != ':' || p[1] == '_') /* that may be a tag */
        return NULL;
    parser->token.start = p;
    parser->wanted = selector->key(selector->self, p + 1, (size_t)(next - p) - 1);
    if (PYON_UNLIKELY(parser->wanted < 0))
        return fail_selector(parser, p, next + 1, status);
    return next + 2;
}

/* The builder takes it, or not. */
static inline const char *hand_on(struct parser *parser, int result, int *status)
{
    *status = built(parser, result);
    return *status < 0 ? NULL : parser->lexer.cursor;
}

/* A scalar at `p` that is wanted, if it is plain: it goes to the builder of the host. */
static const char *keep_scalar(struct parser *parser, const char *p, int *status)
{
    const struct pyon_builder *host = parser->host;
    const struct pyon_token *token = &parser->token;
    enum pyon_token_kind kind;

    parser->lexer.cursor = p;
    kind = pyon_lex(&parser->lexer, parser->condition, &parser->token);
    if (parser->lexer.limit - parser->lexer.cursor <= PYON_LOOKAHEAD) /* it may be cut */
        return NULL;
    switch (kind) {
    case PYON_TOKEN_NUMBER:
        if (token->number.kind == PYON_NUMBER_REAL)
            return hand_on(parser, host->real(parser->self, token->number.real), status);
        if (token->number.kind == PYON_NUMBER_INTEGER)
            return hand_on(parser, host->integer(parser->self, token->number.integer), status);
        return NULL;
    case PYON_TOKEN_STRING:
        if (token->string != 0)
            return NULL;
        return hand_on(parser,
                       host->string(parser->self, token->text, token->length, PYON_FLAG_ASCII),
                       status);
    case PYON_TOKEN_NULL:
        return hand_on(parser, host->null(parser->self), status);
    case PYON_TOKEN_TRUE:
    case PYON_TOKEN_FALSE:
        return hand_on(parser, host->boolean(parser->self, kind == PYON_TOKEN_TRUE), status);
    default:
        return NULL;
    }
}

/* A scalar at `p`: skipped, or handed on if it is wanted. */
static inline const char *take_scalar(struct parser *parser, const char *p, const char *end,
                                      bool selects, int *status)
{
    if (p >= end)
        return NULL;
    if (!selects || parser->wanted == PYON_WANTED_SKIP)
        return skip_scalar(p, end);
    return parser->wanted == PYON_WANTED_KEEP ? keep_scalar(parser, p, status) : NULL;
}

/*
 * Pairs of a key and a scalar, with commas after them, as far as they go: where to go on; NULL if
 * there is not even a key, or after an error. The state is noted at the end of it alone.
 */
static inline __attribute__((always_inline)) const char *
skip_pairs(struct parser *parser, const char *p, const char *end, bool selects, int *status)
{
    const struct pyon_lexer lexer = parser->lexer;
    const char *comma = NULL, *next = NULL, *value;
    enum state state = parser->state;
    size_t count = 0;

    while (p < end && (value = skip_key(parser, p, end, selects, status))) {
        state = STATE_VALUE;
        next = value;
        value = take_scalar(parser, skip_layout(&lexer, value), end, selects, status);
        if (!value) {
            if (selects && parser->wanted == PYON_WANTED_SKIP)
                pyon_begin_skipping(parser);
            break;
        }
        state = STATE_AFTER;
        next = value;
        if (*value != ',')
            break;
        state = STATE_KEY;
        comma = value;
        count++;
        next = value + 1;
        p = skip_layout(&lexer, next);
    }
    if (count > 0) {
        parser->comma = offset_of(parser, comma);
        innermost(parser)->count += count;
    }
    parser->state = state;
    return *status < 0 ? NULL : next;
}

/* A key, or the bracket that closes the frame. */
static inline const char *skip_key_or_close(struct parser *parser, const char *p, const char *end,
                                            int *status)
{
    if (*p == '}' && parser->state == STATE_KEY_OR_CLOSE)
        return close_frame(parser, p);
    return skip_pairs(parser, p, end, false, status);
}

/* ---- Members that the selector is asked about ---- */

/* An item of a list at `p`. */
static inline const char *select_item(struct parser *parser, const char *p, int *status)
{
    const struct pyon_selector *selector = parser->selector;
    struct frame *frame = innermost(parser);

    if (frame->kind != FRAME_LIST || parser->answered || parser->asked || *p == ']')
        return NULL;
    parser->token.start = p;
    parser->wanted = selector->value(selector->self, frame->count);
    if (PYON_UNLIKELY(parser->wanted < 0))
        return fail_selector(parser, p, p + 1, status);
    parser->answered = true;
    if (parser->wanted != PYON_WANTED_SKIP && parser->wanted != PYON_WANTED_SKIP_REST)
        return NULL;
    pyon_begin_skipping(parser);
    return p;
}

/* A list or dict at `p` that is entered. */
static inline const char *select_entered(struct parser *parser, const char *p, int *status)
{
    if (parser->wanted != PYON_WANTED_ENTER || parser->asked || (*p != '[' && *p != '{') ||
        may_be_tag(p))
        return NULL;
    parser->token.start = p;
    parser->lexer.cursor = p + 1; /* for an error */
    *status = pyon_enter_selected(parser, *p == '{' ? FRAME_OBJECT : FRAME_LIST);
    return *status < 0 ? NULL : p + 1;
}

/* A value at `p`: of a pair, or an item. */
static inline const char *select_value(struct parser *parser, const char *p, int *status)
{
    return innermost(parser)->kind == FRAME_OBJECT ? select_entered(parser, p, status)
                                                   : select_item(parser, p, status);
}

/* The end of a dict at `p`, after a member. */
static inline const char *select_end(struct parser *parser, const char *p, int *status)
{
    const struct pyon_selector *selector = parser->selector;
    const struct frame *frame = innermost(parser);

    parser->token.start = p;
    parser->lexer.cursor = p + 1; /* for an error */
    pyon_end_selected(parser);
    pop_frame(parser);
    *status = built(parser, selector->leave(selector->self, PYON_CONTAINER_DICT, frame->tagged));
    return *status < 0 ? NULL : p + 1;
}

/* A comma after a member, or the end of a dict. */
static inline const char *select_next(struct parser *parser, const char *p, int *status)
{
    struct frame *frame = innermost(parser);

    if (*p == '}' && frame->kind == FRAME_OBJECT)
        return select_end(parser, p, status);
    if (*p != ',' || !(frame->kind == FRAME_OBJECT || frame->kind == FRAME_LIST))
        return NULL;
    pyon_end_selected(parser);
    return skip_after(parser, p);
}

/* In a frame that `selects`, outside of what is skipped. */
static inline const char *select_token(struct parser *parser, const char *p, const char *end,
                                       int *status)
{
    switch (parser->state) {
    case STATE_KEY:
    case STATE_KEY_OR_CLOSE:
        return skip_pairs(parser, p, end, true, status);
    case STATE_VALUE:
    case STATE_VALUE_OR_CLOSE:
        return select_value(parser, p, status);
    case STATE_AFTER:
        return select_next(parser, p, status);
    default:
        return NULL;
    }
}

/* ---- The loop ---- */

/* One token at `p`, or a run of them. */
static inline const char *skip_token(struct parser *parser, const char *p, const char *end,
                                     int *status)
{
    switch (parser->state) {
    case STATE_VALUE:
    case STATE_VALUE_OR_CLOSE:
        return skip_value(parser, p, end, status);
    case STATE_KEY:
    case STATE_KEY_OR_CLOSE:
        return skip_key_or_close(parser, p, end, status);
    case STATE_AFTER:
        return skip_after(parser, p);
    default:
        return NULL;
    }
}

/* Is the token one of a value that is skipped? */
static inline bool is_skipped(const struct parser *parser)
{
    return parser->skips && (parser->depth > parser->floor || parser->state != STATE_AFTER);
}

int pyon_skip(struct parser *parser)
{
    const char *p = parser->lexer.cursor, *end = parser->lexer.limit - SKIP_MARGIN;
    int status = CONTINUE;

    if (is_near_end(&parser->lexer) || !parser->dialect->json)
        return CONTINUE;
    while (p < end) {
        /* Blanks before a token that is not for this loop stay: a line may have to end there. */
        const char *token = skip_layout(&parser->lexer, p), *next = NULL;

        if (token >= end)
            break;
        if (is_skipped(parser))
            next = skip_token(parser, token, end, &status);
        else if (innermost(parser)->selects && !parser->deferred)
            next = select_token(parser, token, end, &status);
        if (!next)
            break;
        p = next;
    }
    if (status == CONTINUE)
        parser->lexer.cursor = p;
    return status;
}

int pyon_skip_run(struct parser *parser)
{
    if (!is_near_end(&parser->lexer))
        parser->lexer.cursor = skip_numbers(parser, parser->lexer.cursor);
    return CONTINUE;
}
