/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Runs of numbers in a list. A large text consists mostly of these. One loop reads them, without a
 * token for each number and comma.
 *
 * The loop takes only the forms that both dialects share: JSON numbers, commas, and as blanks
 * spaces and line ends. At anything else, and near the ends of the text, it stops. The grammar then
 * continues at that place, with a value or the end of the list.
 *
 * The loop is compiled once for each way of joining digits.
 */
#include "read/parser.h"

static PYON_COLD int fail_built(struct parser *parser, const char *start, const char *end)
{
    parser->token.start = start;
    parser->lexer.cursor = end;
    return pyon_fail(parser, PYON_ERROR_HOST);
}

/* The cursor stands where a member may begin. `join` is inlined. */
static inline __attribute__((always_inline)) int read_run(struct parser *parser,
                                                          uint64_t (*join)(const char *, unsigned))
{
    const struct pyon_builder *builder = parser->builder;
    const struct pyon_lexer lexer = parser->lexer; /* a copy, which the loop keeps in registers */
    const char *p = lexer.cursor, *comma = NULL;
    size_t count = 0, safe = safe_digits();

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
        comma = end;
        p = end + 1;
        count++;
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
