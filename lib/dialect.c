/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The two dialects as data: dialect.h explains the members. */
#include "dialect.h"
#include "pyon_host.h"

const struct pyon_dialect pyon_v1 = {
    .outside = PYON_LEX_V1_LINE,
    .inside = PYON_LEX_V1,
    .max_depth = 200, /* Python's tokenizer has the same limit */
    .trailing_comma = true,
    .bare_tuple = true,
    .refuses_nul = true,
    .refuses_mark = false,
    .refuses_surrogates = true,
    .value_error = PYON_OK,
    .after_error = PYON_OK,
    .end_error = PYON_OK,
    .spelling = &pyon_spelling_v1,
};

const struct pyon_dialect pyon_literal = {
    .outside = PYON_LEX_V1_LINE,
    .inside = PYON_LEX_V1,
    .max_depth = 200,
    .trailing_comma = true,
    .bare_tuple = true,
    .refuses_nul = true,
    .refuses_mark = false,
    .refuses_surrogates = true,
    .literal = true,
    .value_error = PYON_OK,
    .after_error = PYON_OK,
    .end_error = PYON_OK,
    .spelling = &pyon_spelling_v1,
};

const struct pyon_dialect pyon_v2 = {
    .outside = PYON_LEX_V2,
    .inside = PYON_LEX_V2,
    .max_depth = 10000,
    .json = true,
    .trailing_comma = false,
    .bare_tuple = false,
    .refuses_nul = false,
    .refuses_mark = true,
    .value_error = PYON_ERROR_VALUE,
    .after_error = PYON_ERROR_COMMA,
    .end_error = PYON_ERROR_EXTRA,
    .spelling = &pyon_spelling_v2,
};
