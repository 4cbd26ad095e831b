/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values that are not wanted: checked, but neither converted nor handed on.
 *
 * This is a loop over the tokens that JSON has, in the form that most texts have. It keeps the
 * frames and the state of the grammar (parser.c) as they must be between two tokens. So it can stop
 * before any other token: a wrong escape, a number of a hundred digits, the end of the text that is
 * there. The grammar takes that token and reports its errors. The loop continues after the token.
 *
 * If a frame `selects` (select.c), the loop itself asks about plain keys and about items. So it
 * needs no tokens from one skipped member to the next.
 *
 * Nothing here looks for the end of the text: it stops SKIP_MARGIN bytes before it, further than
 * any load reaches.
 */
#include "read/parser.h"

#include "lex/scan.h"
#include "utf8.h"
#include "vector.h"

#define SKIP_MARGIN 80
#define SKIP_EXPONENT 8 /* digits of an exponent; more are for the grammar */

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

/* A string with escapes or bytes above 0x7f. `body` is the text between the quotes. */
static PYON_COLD const char *skip_special(const struct parser *parser, const char *body)
{
    unsigned flags = 0;
    const char *end = scan_json_string(body, parser->lexer.limit, &flags);

    if (*end != '"')
        return NULL;
    if (flags & PYON_STRING_WIDE &&
        pyon_utf8_valid(body, (size_t)(end - body)) != (size_t)(end - body))
        return NULL;
    return !(flags & PYON_STRING_ESCAPED) || are_escapes(body, end) ? end + 1 : NULL;
}

/* The first byte from `p` on that is not plain text in a string; NULL if there is none before
   `end`. */
static inline const char *find_plain_end(const char *p, const char *end)
{
    const struct vector quote = vector_splat('"'), backslash = vector_splat('\\');
    const struct vector control = vector_splat(' ' - 1);

    for (; p < end; p += VECTOR_SIZE) {
        struct vector x = vector_load(p);
        struct vector ends = vector_or(vector_equal(x, quote), vector_equal(x, backslash));
        struct vector others = vector_or(vector_at_most(x, control), vector_tops(x));
        uint64_t mask = vector_mask(vector_or(ends, others));

        if (mask)
            return p + mask_first(mask);
    }
    return NULL;
}

/* A string of which `p` is the opening quote. */
static inline const char *skip_string(const struct parser *parser, const char *p, const char *end)
{
    const char *stop = find_plain_end(p + 1, end);

    if (PYON_LIKELY(stop && *stop == '"'))
        return stop + 1;
    return stop ? skip_special(parser, p + 1) : NULL;
}

static inline const char *skip_exponent(const char *p)
{
    const char *digits;

    if (PYON_LIKELY((*p | 0x20) != 'e'))
        return p;
    digits = p + 1 + (p[1] == '-' || p[1] == '+');
    p = digits;
    while (is_digit(*p) && p - digits < SKIP_EXPONENT)
        p++;
    return p > digits && !is_digit(*p) ? p : NULL;
}

/* A number of version 2. At most SKIP_MARGIN bytes are looked at. */
static inline const char *skip_number(const char *p)
{
    unsigned digits = 1;

    p += *p == '-';
    if (!is_digit(*p))
        return NULL;
    if (is_digit(p[1])) {
        digits = count_run(p);
        if (*p == '0' || digits >= RUN_MAX)
            return NULL;
    }
    p += digits;
    if (*p == '.') {
        digits = count_run(p + 1);
        if (digits == 0 || digits >= RUN_MAX)
            return NULL;
        p += 1 + digits;
    }
    return skip_exponent(p);
}

static inline const char *skip_word(const char *p)
{
    if (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)
        return p + 4;
    return memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
}

static inline const char *skip_blanks(const struct pyon_lexer *lexer, const char *p)
{
    if (PYON_LIKELY(*p > ' '))
        return p;
    p += *p == ' ';
    return *p > ' ' ? p : skip_lines(lexer, p);
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

        p = skip_blanks(&lexer, p);
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

/* A bracket opens at `p`: NULL if it is not for this loop, or if the frame could not be made, which
   is an error. */
static const char *open_frame(struct parser *parser, const char *p, int *status)
{
    static const char tag[] = "\"__jsonclass__";
    const char *inside = p + 1;

    if (*p == '{') {
        if (*inside <= ' ' || (*inside == '"' && memcmp(inside, tag, sizeof tag - 1) == 0))
            return NULL; /* what may be a tag is a token */
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

    switch (*p) {
    case '"':
        next = skip_string(parser, p, end);
        break;
    case '[':
    case '{':
        return open_frame(parser, p, status);
    case ']':
        return parser->state == STATE_VALUE_OR_CLOSE ? close_frame(parser, p) : NULL;
    case 't':
    case 'f':
    case 'n':
        next = skip_word(p);
        break;
    default:
        next = skip_number(p);
        break;
    }
    if (next)
        parser->state = STATE_AFTER;
    return next;
}

static inline const char *skip_key(struct parser *parser, const char *p, const char *end)
{
    if (*p == '}' && parser->state == STATE_KEY_OR_CLOSE)
        return close_frame(parser, p);
    if (*p != '"')
        return NULL;
    p = skip_string(parser, p, end);
    if (!p || *p != ':')
        return NULL;
    parser->state = STATE_VALUE;
    return p + 1;
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

/* ---- Members that the selector is asked about ---- */

static PYON_COLD const char *fail_selector(struct parser *parser, const char *start,
                                           const char *end, int *status)
{
    parser->token.start = start;
    parser->lexer.cursor = end;
    *status = pyon_fail(parser, PYON_ERROR_HOST);
    return NULL;
}

/* A key at `p`, if it is plain. */
static inline const char *select_key(struct parser *parser, const char *p, const char *end,
                                     int *status)
{
    const struct pyon_selector *selector = parser->selector;
    const char *next = *p == '"' ? find_plain_end(p + 1, end) : NULL;

    if (!next || *next != '"' || next[1] != ':' || p[1] == '_') /* that may be a tag */
        return NULL;
    parser->wanted = selector->key(selector->self, p + 1, (size_t)(next - p) - 1);
    if (PYON_UNLIKELY(parser->wanted < 0))
        return fail_selector(parser, p, next + 1, status);
    parser->state = STATE_VALUE;
    if (parser->wanted == PYON_WANTED_SKIP)
        pyon_begin_skipping(parser);
    return next + 2;
}

/* An item of a list at `p`. */
static inline const char *select_item(struct parser *parser, const char *p, int *status)
{
    const struct pyon_selector *selector = parser->selector;
    struct frame *frame = innermost(parser);

    if (frame->kind != FRAME_LIST || parser->answered || parser->asked || *p == ']')
        return NULL;
    parser->wanted = selector->value(selector->self, frame->count);
    if (PYON_UNLIKELY(parser->wanted < 0))
        return fail_selector(parser, p, p + 1, status);
    parser->answered = true;
    if (parser->wanted != PYON_WANTED_SKIP && parser->wanted != PYON_WANTED_SKIP_REST)
        return NULL;
    pyon_begin_skipping(parser);
    return p;
}

/* A comma after a member. */
static inline const char *select_next(struct parser *parser, const char *p)
{
    struct frame *frame = innermost(parser);

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
        return select_key(parser, p, end, status);
    case STATE_VALUE:
    case STATE_VALUE_OR_CLOSE:
        return select_item(parser, p, status);
    case STATE_AFTER:
        return select_next(parser, p);
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
        return skip_key(parser, p, end);
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
        const char *token = skip_blanks(&parser->lexer, p), *next = NULL;

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
