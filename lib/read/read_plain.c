/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Plain text, read without tokens:
 *
 *     {"rid":17,"pos":[1.5,-2],"class":"Rabi","ok":true}     and the same with blanks
 *
 * Most texts consist of scalars, keys, commas and brackets. The first byte tells which of these comes,
 * and the byte after it tells that it is complete. So this loop takes them from the text itself: a
 * scalar only if a comma or the bracket that closes its frame follows, a key only with its colon. Only
 * strings that are not plain are tokens of the lexer.
 *
 * The loop keeps frames and state as the grammar does (parser.c). So it can stop before any other
 * token: a wrong string, a comment, a number of version 1 that goes on, the end of the text
 * or of the piece that is there. The grammar takes that token and reports its errors. The loop
 * continues after the next comma or opening bracket.
 *
 * It takes only what both dialects share, and no scalars that are arguments of a call: the builder
 * is asked about these (payload.c).
 */
#include "read/parser.h"
#include "read/scalar.h"

#include "lex/scan.h"

/* ---- Scalars ---- */

static PYON_COLD const char *fail_built(struct parser *parser, const char *start, const char *end,
                                        int *status)
{
    parser->token.start = start;
    parser->lexer.cursor = end;
    *status = pyon_fail(parser, PYON_ERROR_HOST);
    return NULL;
}

/* The same as below, from `p` on, with wider vectors: after two vectors, if the processor has them; else
   NULL. */
static inline const char *find_by_wider(const char *p, size_t done, const char *limit)
{
#if PYON_X86
    _Static_assert(2 * VECTOR_SIZE >= FIND_BEFORE, "so many bytes are before `p`");
    if (done == 2 * VECTOR_SIZE && pyon_cpu >= PYON_CPU_AVX2)
        return pyon_find_special_avx2(p, limit);
#else
    (void)p, (void)done, (void)limit;
#endif
    return NULL;
}

/* The end of plain text from `p` on: the place of a quote, a backslash or a control character. If a
   byte above 0x7f comes first, it may be any place that is no quote. The last vector of the text ends
   at the NUL, which is a control character. */
static inline const char *find_string_end(const struct pyon_lexer *lexer, const char *p)
{
    const struct vector quote = vector_splat('"'), backslash = vector_splat('\\');
    const char *last = lexer->limit + 1 - VECTOR_SIZE, *start = p;

    for (;;) {
        const char *from = p < last ? p : last, *end;
        struct vector x = vector_load(from);
        struct vector ends = vector_or(vector_equal(x, quote), vector_equal(x, backslash));
        uint64_t mask = vector_mask(vector_or(ends, vector_not_from(x, ' ')));

        mask >>= (size_t)(p - from) * MASK_STEP;
        if (mask)
            return p + mask_first(mask);
        p += VECTOR_SIZE;
        end = find_by_wider(p, (size_t)(p - start), lexer->limit);
        if (end)
            return end;
    }
}

/* The place after a scalar that ends at `p`, if a comma or the bracket `close` is there; else NULL. */
static inline const char *find_next(const struct pyon_lexer *lexer, const char *p, char close)
{
    p = skip_layout(lexer, p);
    return PYON_LIKELY(*p == ',' || *p == close) ? p : NULL;
}

/* A string at `p` with escapes or bytes above 0x7f: the lexer reads it. */
static __attribute__((noinline)) const char *take_special(struct parser *parser,
                                                          const struct pyon_lexer *lexer,
                                                          const char *p, char close, int *status)
{
    struct literal literal;
    enum pyon_token_kind kind;
    const char *end, *next = NULL;

    parser->lexer.cursor = p;
    kind = pyon_lex(&parser->lexer, parser->condition, &parser->token);
    end = parser->lexer.cursor;
    if (kind == PYON_TOKEN_STRING || kind == PYON_TOKEN_LITERAL)
        next = find_next(lexer, end, close);
    if (!next || (parser->dialect->refuses_nul && memchr(p, '\0', (size_t)(end - p))))
        return NULL;
    if (read_string(parser, &literal, 0) < 0 || emit_literal(parser, &literal, 0) < 0)
        *status = FAILED;
    return *status < 0 ? NULL : next;
}

static inline __attribute__((always_inline)) const char *take_string(struct parser *parser,
                                                                     const struct pyon_lexer *lexer,
                                                                     const char *p, char close,
                                                                     int *status)
{
    const char *end = find_string_end(lexer, p + 1), *next;
    const struct pyon_builder *builder = parser->builder;

    if (PYON_UNLIKELY(*end != '"'))
        return end == lexer->limit ? NULL : take_special(parser, lexer, p, close, status);
    next = find_next(lexer, end + 1, close);
    if (!next)
        return NULL;
    if (PYON_UNLIKELY(builder->string(parser->self, p + 1, (size_t)(end - p - 1), PYON_FLAG_ASCII) <
                      0))
        return fail_built(parser, p, end + 1, status);
    return next;
}

/* `join` is inlined. */
static inline __attribute__((always_inline)) const char *
take_number_by(struct parser *parser, const struct pyon_lexer *lexer, const char *p, char close,
               uint64_t (*join)(const char *, unsigned), int *status)
{
    const struct pyon_builder *builder = parser->builder;
    struct pyon_number number;
    const char *end = reads_wide(lexer, p) ? read_number_wide(p, &number, join, SAFE_UNASKED)
                                           : read_carefully(p, &number);
    const char *next = end ? find_next(lexer, end, close) : NULL;
    int result;

    if (!next || PYON_UNLIKELY(number.kind == PYON_NUMBER_BIGINT))
        return NULL;
    if (number.kind == PYON_NUMBER_REAL)
        result = builder->real(parser->self, number.real);
    else
        result = builder->integer(parser->self, number.integer);
    return PYON_LIKELY(result == 0) ? next : fail_built(parser, p, end, status);
}

#if PYON_X86
__attribute__((target("ssse3"), noinline)) static const char *
take_number_ssse3(struct parser *parser, const struct pyon_lexer *lexer, const char *p, char close,
                  int *status)
{
    return take_number_by(parser, lexer, p, close, join_run_ssse3, status);
}
#endif

static __attribute__((noinline)) const char *take_number_portable(struct parser *parser,
                                                                  const struct pyon_lexer *lexer,
                                                                  const char *p, char close,
                                                                  int *status)
{
    return take_number_by(parser, lexer, p, close, join_run, status);
}

static inline const char *take_number(struct parser *parser, const struct pyon_lexer *lexer,
                                      const char *p, char close, int *status)
{
#if PYON_X86
    if (PYON_LIKELY(pyon_cpu >= PYON_CPU_SSSE3))
        return take_number_ssse3(parser, lexer, p, close, status);
#endif
    return take_number_portable(parser, lexer, p, close, status);
}

static inline bool begins_number(char c)
{
    return is_digit(c) || c == '-';
}

#define LONGEST_WORD 5

static __attribute__((noinline)) const char *take_word(struct parser *parser,
                                                       const struct pyon_lexer *lexer,
                                                       const char *p, char close, int *status)
{
    const struct pyon_builder *builder = parser->builder;
    const char *end, *next;
    int result;

    if (lexer->limit - p < LONGEST_WORD || lexer->literal)
        return NULL;
    end = skip_word(p);
    next = end ? find_next(lexer, end, close) : NULL;
    if (!next)
        return NULL;
    if (*p == 'n')
        result = builder->null(parser->self);
    else
        result = builder->boolean(parser->self, *p == 't');
    return PYON_LIKELY(result == 0) ? next : fail_built(parser, p, end, status);
}

/* A scalar at `p`. Returns the place of the comma, or of the bracket `close`, after it; NULL if it is
   not for this loop, or if the builder has failed. */
static inline __attribute__((always_inline)) const char *take_scalar(struct parser *parser,
                                                                     const struct pyon_lexer *lexer,
                                                                     const char *p, char close,
                                                                     int *status)
{
    if (*p == '"')
        return take_string(parser, lexer, p, close, status);
    if (begins_number(*p))
        return take_number(parser, lexer, p, close, status);
    return *p >= 'f' && *p <= 't' ? take_word(parser, lexer, p, close, status) : NULL;
}

/* ---- Brackets: these functions and the next ones return the place where the next member begins; NULL
   if the grammar must continue, with the cursor in its place, or if the builder has failed ---- */

static inline const char *stop(struct parser *parser, const char *p)
{
    parser->lexer.cursor = p;
    return NULL;
}

/* Notes the members of the frame that end in commas. */
static inline void count_members(struct parser *parser, size_t count, const char *comma)
{
    struct frame *frame = innermost(parser);

    if (count == 0)
        return;
    parser->comma = offset_of(parser, comma);
    frame->count += count;
    frame->comma = true;
}

/* The state after a comma. */
static inline enum state before_member(const struct parser *parser, const struct frame *frame)
{
    if (frame->kind == FRAME_OBJECT)
        return STATE_KEY;
    return parser->dialect->trailing_comma ? STATE_VALUE_OR_CLOSE : STATE_VALUE;
}

/* The bracket that closes the frame; NUL if the frame is not for this loop. */
static inline char closing(const struct frame *frame)
{
    if (PYON_UNLIKELY(frame->selects || frame->waits))
        return '\0';
    switch (frame->kind) {
    case FRAME_LIST:
    case FRAME_TAG:
        return ']';
    case FRAME_PAREN:
        return ')';
    case FRAME_OBJECT:
    case FRAME_DICT_VALUE:
        return '}';
    default:
        return '\0';
    }
}

/* A comma at `p`, after a bracket. */
static inline const char *take_comma(struct parser *parser, const struct pyon_lexer *lexer,
                                     const char *p)
{
    struct frame *frame = innermost(parser);

    if (frame->kind == FRAME_TAG)
        return stop(parser, p);
    count_members(parser, 1, p);
    if (frame->kind == FRAME_DICT_VALUE)
        frame->kind = FRAME_DICT_KEY;
    parser->state = before_member(parser, frame);
    return skip_layout(lexer, p + 1);
}

/* Closes the bracket at `p`, and all that close after it; then takes a comma. `members` is 1 if the
   frame has a member that is not counted. */
static const char *take_end(struct parser *parser, const struct pyon_lexer *lexer, const char *p,
                            size_t members, int *status)
{
    char close;

    do {
        innermost(parser)->count += members;
        parser->token.start = p;
        parser->lexer.cursor = p + 1;
        *status = pyon_close_bracket(parser);
        if (PYON_UNLIKELY(*status != CONTINUE) || parser->state != STATE_AFTER)
            return NULL;
        close = closing(innermost(parser));
        if (close == '\0')
            return NULL;
        p = skip_layout(lexer, parser->lexer.cursor);
        if (*p == ',')
            return take_comma(parser, lexer, p);
        members = 1;
    } while (*p == close);
    return stop(parser, p);
}

#define LONGEST_NAME VECTOR_SIZE /* of a call; the lexer takes longer ones */

/* Is there a DEL in the vector at `p`? The lexer refuses it in a name; after the name, it is rare. */
static inline bool has_del(const char *p)
{
    return vector_mask(vector_equal(vector_load(p), vector_splat(0x7f))) != 0;
}

/* Opens the brackets of a call of version 2, if they are at `p`. */
static const char *open_tag(struct parser *parser, const struct pyon_lexer *lexer, const char *p,
                            int *status)
{
    static const char tag[] = "{\"__jsonclass__\":[\"";
    const char *name = p + sizeof tag - 1, *end;
    size_t length;

    /* By three words, of which two overlap: memcmp would be a call. */
    if (lexer->limit - p < (ptrdiff_t)sizeof tag || load64(p) != load64(tag) ||
        load64(p + 8) != load64(tag + 8) ||
        load64(p + sizeof tag - 9) != load64(tag + sizeof tag - 9))
        return stop(parser, p);
    end = find_string_end(lexer, name);
    length = (size_t)(end - name);
    if (end[0] != '"' || end[1] != ',' || end[2] != '[' || length > LONGEST_NAME ||
        lexer->limit - name < VECTOR_SIZE || has_del(name))
        return stop(parser, p);
    parser->token.start = p;
    parser->lexer.cursor = end + 3; /* for an error */
    *status = pyon_begin_call(parser, FRAME_TAG, name, length);
    return end[3] == '[' ? end + 3 : stop(parser, end + 3);
}

/* Opens the bracket at `p`. */
static const char *open_bracket(struct parser *parser, const struct pyon_lexer *lexer,
                                const char *p, enum frame_kind kind, int *status)
{
    parser->token.start = p;
    parser->lexer.cursor = p + 1; /* for an error */
    *status = pyon_push_frame(parser, kind);
    return skip_layout(lexer, p + 1);
}

/* Opens a brace at `p`. */
static inline const char *open_brace(struct parser *parser, const struct pyon_lexer *lexer,
                                     const char *p, int *status)
{
    const char *inside = skip_layout(lexer, p + 1);
    bool tag = *inside == '"' && inside[1] == '_';

    if (!parser->dialect->json)
        return open_bracket(parser, lexer, p, FRAME_BRACE, status);
    if (PYON_LIKELY(*inside == '}' || (*inside == '"' && inside[1] != '\0' && !tag)))
        return open_bracket(parser, lexer, p, FRAME_OBJECT, status);
    return tag ? open_tag(parser, lexer, p, status) : stop(parser, p);
}

/* A bracket at `p`, where a value may begin. */
static inline const char *take_bracket(struct parser *parser, const struct pyon_lexer *lexer,
                                       const char *p, int *status)
{
    if (PYON_UNLIKELY(*p == ']' || *p == ')') && *p == closing(innermost(parser)) &&
        parser->state == STATE_VALUE_OR_CLOSE)
        return take_end(parser, lexer, p, 0, status);
    if (*p == '[')
        return open_bracket(parser, lexer, p, FRAME_LIST, status);
    if (*p == '{')
        return open_brace(parser, lexer, p, status);
    if (*p == '(' && !parser->dialect->json)
        return open_bracket(parser, lexer, p, FRAME_PAREN, status);
    return stop(parser, p);
}

/* ---- Members: scalars, and the bracket after them ---- */

/* Items of a list, or of a tuple in parentheses. These may stand around one value: so the first item
   must have a comma. */
static const char *take_items(struct parser *parser, const struct pyon_lexer *lexer, const char *p,
                              int *status)
{
    struct frame *frame = innermost(parser);
    const char own = frame->kind == FRAME_LIST ? ']' : ')', *comma = NULL, *next;
    char close = frame->kind == FRAME_LIST || frame->comma ? own : ',';
    size_t count = 0;

    while ((next = take_scalar(parser, lexer, p, close, status)) && *next == ',') {
        close = own;
        comma = next;
        count++;
        p = skip_layout(lexer, next + 1);
        if (begins_number(*p) && own == ']')
            break;
    }
    count_members(parser, count, comma);
    if (PYON_UNLIKELY(*status < 0))
        return NULL;
    if (next && *next != ',')
        return take_end(parser, lexer, next, 1, status);
    if (count > 0)
        parser->state = before_member(parser, frame);
    return next ? p : take_bracket(parser, lexer, p, status);
}

/* Items of a list, of which the first one looks like a number: there may be many. */
static const char *take_numbers(struct parser *parser, const struct pyon_lexer *lexer,
                                const char *p, int *status)
{
    const char *next;

    parser->lexer.cursor = p;
    *status = pyon_read_run(parser);
    next = parser->lexer.cursor;
    if (PYON_UNLIKELY(*status < 0))
        return NULL;
    if (parser->state == STATE_AFTER)
        return take_end(parser, lexer, next, 1, status);
    return next == p ? take_items(parser, lexer, p, status) : skip_layout(lexer, next);
}

/* A key at `p` and its colon: where its value begins; NULL if it is not for this loop, or if the
   builder has failed. */
static inline const char *take_key(struct parser *parser, const struct pyon_lexer *lexer,
                                   const char *p, int *status)
{
    const struct pyon_builder *builder = parser->builder;
    const char *end = *p == '"' ? find_string_end(lexer, p + 1) : p;
    size_t length = (size_t)(end - p - 1);

    /* In version 1 ":=" is a token. */
    if (end == p || *end != '"' || end[1] != ':' || end[2] == '=' || end[2] == '\0' ||
        PYON_UNLIKELY(is_tag_key(p + 1, length)))
        return NULL;
    if (PYON_UNLIKELY(
            builder->string(parser->self, p + 1, length, PYON_FLAG_KEY | PYON_FLAG_ASCII) < 0))
        return fail_built(parser, p, end + 1, status);
    return skip_layout(lexer, end + 2);
}

/* Pairs of a dict. Their state, and the kind of the frame, are noted at the end alone. */
static const char *take_pairs(struct parser *parser, const struct pyon_lexer *lexer, const char *p,
                              int *status)
{
    struct frame *frame = innermost(parser);
    const bool object = frame->kind == FRAME_OBJECT;
    const char *comma = NULL, *value, *next = NULL;
    size_t count = 0;

    while ((value = take_key(parser, lexer, p, status))) {
        next = take_scalar(parser, lexer, value, '}', status);
        if (!next || *next != ',')
            break;
        comma = next;
        count++;
        p = skip_layout(lexer, next + 1);
    }
    count_members(parser, count, comma);
    if (value) {
        frame->kind = object ? FRAME_OBJECT : FRAME_DICT_VALUE;
        parser->state = STATE_VALUE;
        if (PYON_UNLIKELY(*status < 0))
            return NULL;
        return next ? take_end(parser, lexer, next, 1, status)
                    : take_bracket(parser, lexer, value, status);
    }
    if (PYON_UNLIKELY(*status < 0))
        return NULL;
    if (count > 0) {
        frame->kind = object ? FRAME_OBJECT : FRAME_DICT_KEY;
        parser->state = before_member(parser, frame);
    } else if (*p == '}' &&
               (parser->state == STATE_KEY_OR_CLOSE || parser->state == STATE_VALUE_OR_CLOSE)) {
        return take_end(parser, lexer, p, 0, status);
    }
    return stop(parser, p);
}

/* ---- The loop ---- */

static inline const char *take_members(struct parser *parser, const struct pyon_lexer *lexer,
                                       const char *p, int *status)
{
    switch (innermost(parser)->kind) {
    case FRAME_LIST:
        if (*p == '[' || *p == '{')
            return take_bracket(parser, lexer, p, status);
        return begins_number(*p) ? take_numbers(parser, lexer, p, status)
                                 : take_items(parser, lexer, p, status);
    case FRAME_PAREN:
        return take_items(parser, lexer, p, status);
    case FRAME_TAG:
        return take_bracket(parser, lexer, p, status);
    default:
        return take_pairs(parser, lexer, p, status);
    }
}

int pyon_read_plain(struct parser *parser)
{
    const struct pyon_lexer *lexer = &parser->lexer;
    const char *p = lexer->cursor;
    int status = CONTINUE;

    if (PYON_UNLIKELY(parser->skips) && innermost(parser)->kind == FRAME_LIST)
        return pyon_read_run(parser);
    if (PYON_UNLIKELY(parser->by_token || parser->skips || innermost(parser)->selects ||
                      lexer->limit - parser->text < VECTOR_SIZE))
        return CONTINUE;
    p = skip_layout(lexer, p);
    while (p && status == CONTINUE)
        p = take_members(parser, lexer, p, &status);
    return status;
}
