/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Runs of numbers in a list. A large text consists mostly of these. One loop reads them, without a
 * token for each number and comma.
 *
 * The loop takes only the forms that both dialects share: JSON numbers, commas, and as blanks
 * spaces and line ends. At anything else, and near the ends of the text, it stops. The grammar then
 * continues at that place, with a value or the end of the list.
 *
 * When a list seems to have many real numbers, the loop leaves them to reals.h, which reads several at
 * once. It tries that again and again; the less it gains, the less often.
 *
 * The loop is compiled once for each way of joining digits.
 */
#include "number/reals.h"
#include "read/parser.h"

static PYON_COLD int fail_built(struct parser *parser, const char *start, const char *end)
{
    parser->token.start = start;
    parser->lexer.cursor = end;
    return pyon_fail(parser, PYON_ERROR_HOST);
}

/* ---- Several at once --------------------------------------------------------------------- */

/* Numbers that are read one by one before several are tried: at first, and at most. */
#define FIRST_PATIENCE 12
#define MOST_PATIENCE 256
/* If so many were read together, the next try follows after one number. */
#define MANY_REALS 8

_Static_assert(NUMBER_BEFORE + 2 * FIRST_PATIENCE >= REALS_BEFORE,
               "so many numbers and their commas are before it");

/* Hands the values to the builder. Returns how many it took: fewer if it has failed. */
static size_t emit_reals(struct parser *parser, const double *values, size_t count)
{
    const struct pyon_builder *builder = parser->builder;

    if (builder->reals)
        return builder->reals(parser->self, values, count);
    for (size_t i = 0; i < count; i++)
        if (builder->real(parser->self, values[i]) < 0)
            return i;
    return count;
}

/* The builder has failed at the number after `count` others, which begin at `p`. */
static PYON_COLD void fail_among_reals(struct parser *parser, const char *p, size_t count)
{
    while (count-- > 0)
        p = strchr(p, ',') + 1;
    p += strspn(p, " ");
    fail_built(parser, p, strchr(p, ','));
}

/* Takes real numbers at `p`, each with the comma after it. Returns the place after the last one, and
   adds their number to `count`; NULL if the builder has failed. */
static __attribute__((noinline)) const char *take_reals(struct parser *parser, const char *p,
                                                        bool divides, size_t *count)
{
    const struct pyon_lexer *lexer = &parser->lexer;
    double values[REALS_MOST];
    size_t read;

    PYON_ASSERT(p - lexer->wide >= REALS_BEFORE - NUMBER_BEFORE);
    do {
        const char *start = p;
        size_t taken;

        read = read_reals(&p, lexer->limit, values, divides);
        if (read == 0)
            break;
        taken = emit_reals(parser, values, read);
        if (PYON_UNLIKELY(taken < read)) {
            fail_among_reals(parser, start, taken);
            return NULL;
        }
        *count += read;
    } while (read >= REALS_LEAST);
    return p;
}

/* ---- The loop ---------------------------------------------------------------------------- */

/* The cursor stands where a member may begin. `join` is inlined. */
static inline __attribute__((always_inline)) int read_run(struct parser *parser,
                                                          uint64_t (*join)(const char *, unsigned))
{
    const struct pyon_builder *builder = parser->builder;
    const struct pyon_lexer lexer = parser->lexer; /* a copy, which the loop keeps in registers */
    const char *p = lexer.cursor, *comma = NULL;
    size_t count = 0, safe = safe_digits();
    size_t patience = FIRST_PATIENCE;
    size_t next = reads_reals() ? patience : SIZE_MAX; /* the count at which several are tried */

    while (reads_wide(&lexer, p)) {
        struct pyon_number number;
        const char *end;
        int status;

        p = skip_lines(&lexer, p);
        if (!reads_wide(&lexer, p))
            break;
        end = read_number_wide(p, &number, join, safe);
        if (!end || (*end != ',' && *end != ']') || number.kind == PYON_NUMBER_BIGINT)
            break;
        if (number.kind == PYON_NUMBER_REAL)
            status = builder->real(parser->self, number.real);
        else
            status = builder->integer(parser->self, number.integer);
        if (PYON_UNLIKELY(status < 0))
            return fail_built(parser, p, end);
        if (*end == ']') {
            parser->state = STATE_AFTER;
            p = end;
            break;
        }
        p = end + 1;
        if (PYON_UNLIKELY(++count >= next) && number.kind == PYON_NUMBER_REAL) {
            size_t before = count;

            p = take_reals(parser, p, safe > 0, &count);
            if (PYON_UNLIKELY(!p))
                return FAILED;
            if (count - before >= MANY_REALS)
                patience = 1;
            else if (patience < MOST_PATIENCE)
                patience *= 2;
            next = count + patience;
        }
        comma = p - 1;
    }
    parser->lexer.cursor = p;
    if (count > 0) {
        parser->comma = offset_of(parser, comma);
        innermost(parser)->count += count;
        if (parser->state != STATE_AFTER)
            parser->state = parser->dialect->trailing_comma ? STATE_VALUE_OR_CLOSE : STATE_VALUE;
    }
    return CONTINUE;
}

static int read_run_portable(struct parser *parser)
{
    return read_run(parser, join_run);
}

#if PYON_X86
__attribute__((target("ssse3"))) static int read_run_ssse3(struct parser *parser)
{
    return read_run(parser, join_run_ssse3);
}
#endif

int pyon_read_run(struct parser *parser)
{
    if (PYON_UNLIKELY(innermost(parser)->selects))
        return CONTINUE; /* each member is asked for */
    if (PYON_UNLIKELY(parser->skips))
        return pyon_skip_run(parser);
#if PYON_X86
    if (pyon_cpu >= PYON_CPU_SSSE3)
        return read_run_ssse3(parser);
#endif
    return read_run_portable(parser);
}
