/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The spellings of the two dialects, as data: spelling.h explains the members. */
#include "write/spelling.h"

/* Each text can be copied whole: see append_text. */
#define PADDING "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
_Static_assert(3 * (sizeof PADDING - 1) == PYON_SPELLED, "texts are padded to be copied whole");

#define TEXT(s)                                                                                    \
    {                                                                                              \
        s PADDING PADDING PADDING, sizeof(s) - 1                                                   \
    }
#define NEVER SIZE_MAX

/* A container of single members. `one_` closes it if there is just one. */
#define PLAIN(open_, close_, one_, from_)                                                          \
    {                                                                                              \
        .open = TEXT(open_), .close = TEXT(close_), .close_one = TEXT(one_), .expand_from = from_  \
    }

/* A container of pairs. */
#define PAIRED(open_, close_, pair_, middle_, pretty_, pair_close_, from_)                         \
    {                                                                                              \
        .open = TEXT(open_), .close = TEXT(close_), .close_one = TEXT(close_),                     \
        .pair_open = TEXT(pair_), .pair_middle = TEXT(middle_),                                    \
        .pair_middle_pretty = TEXT(pretty_), .pair_close = TEXT(pair_close_), .expand_from = from_ \
    }

const struct pyon_spelling pyon_spelling_v1 = {
    .null = TEXT("null"),
    .true_ = TEXT("true"),
    .false_ = TEXT("false"),
    .nan = TEXT("nan"),
    .infinity = TEXT("inf"),
    .minus_infinity = TEXT("-inf"),
    .separator = TEXT(", "),
    .brackets =
        {
            [PYON_CONTAINER_LIST] = PLAIN("[", "]", "]", NEVER),
            [PYON_CONTAINER_TUPLE] = PLAIN("(", ")", ", )", NEVER),
            [PYON_CONTAINER_SET] = PLAIN("{", "}", "}", NEVER),
            [PYON_CONTAINER_DICT] = PAIRED("{", "}", "", ": ", ": ", "", 2),
            [PYON_CONTAINER_PAIRS] = PAIRED("{", "}", "", ": ", ": ", "", 2),
            [PYON_CONTAINER_ORDERED] = PAIRED("OrderedDict([", "])", "(", ", ", ", ", ")", NEVER),
        },
    .call_open = TEXT(""),
    .call_name_close = TEXT("("),
    .call_close = TEXT(")"),
    .call_expand_from = NEVER,
    .expand_wrappers = false,
    .shape = PYON_CONTAINER_TUPLE,
    .payload_open = TEXT("b\""),
    .payload_close = TEXT("\""),
    .complex_number = pyon_write_complex_literal,
    .bytes = pyon_write_bytes_literal,
    .bytes_part = pyon_write_bytes_literal_part,
};

/* Version 1 with other names of constants, and another tuple of one member. */
const struct pyon_spelling pyon_spelling_repr = {
    .null = TEXT("None"),
    .true_ = TEXT("True"),
    .false_ = TEXT("False"),
    .nan = TEXT("nan"),
    .infinity = TEXT("inf"),
    .minus_infinity = TEXT("-inf"),
    .separator = TEXT(", "),
    .brackets =
        {
            [PYON_CONTAINER_LIST] = PLAIN("[", "]", "]", NEVER),
            [PYON_CONTAINER_TUPLE] = PLAIN("(", ")", ",)", NEVER),
            [PYON_CONTAINER_SET] = PLAIN("{", "}", "}", NEVER),
            [PYON_CONTAINER_DICT] = PAIRED("{", "}", "", ": ", ": ", "", NEVER),
            [PYON_CONTAINER_PAIRS] = PAIRED("{", "}", "", ": ", ": ", "", NEVER),
            [PYON_CONTAINER_ORDERED] = PAIRED("OrderedDict([", "])", "(", ", ", ", ", ")", NEVER),
        },
    .call_open = TEXT(""),
    .call_name_close = TEXT("("),
    .call_close = TEXT(")"),
    .call_expand_from = NEVER,
    .expand_wrappers = false,
    .shape = PYON_CONTAINER_TUPLE,
    .payload_open = TEXT("b\""),
    .payload_close = TEXT("\""),
    .complex_number = pyon_write_complex_literal,
    .bytes = pyon_write_bytes_literal,
    .bytes_part = pyon_write_bytes_literal_part,
};

#define CLASS(name) "{\"__jsonclass__\":[\"" name "\",["
#define CLASS_END "]]}"

const struct pyon_spelling pyon_spelling_v2 = {
    .null = TEXT("null"),
    .true_ = TEXT("true"),
    .false_ = TEXT("false"),
    .nan = TEXT("NaN"),
    .infinity = TEXT("Infinity"),
    .minus_infinity = TEXT("-Infinity"),
    .separator = TEXT(","),
    .brackets =
        {
            [PYON_CONTAINER_LIST] = PLAIN("[", "]", "]", 1),
            [PYON_CONTAINER_TUPLE] = PLAIN(CLASS("tuple") "[", "]" CLASS_END, "]" CLASS_END, 1),
            [PYON_CONTAINER_SET] = PLAIN(CLASS("set") "[", "]" CLASS_END, "]" CLASS_END, 1),
            [PYON_CONTAINER_DICT] = PAIRED("{", "}", "", ":", ": ", "", 1),
            [PYON_CONTAINER_PAIRS] =
                PAIRED(CLASS("dict") "[", "]" CLASS_END, "[", ",", ",", "]", 1),
            [PYON_CONTAINER_ORDERED] =
                PAIRED(CLASS("OrderedDict") "[", "]" CLASS_END, "[", ",", ",", "]", 1),
        },
    .call_open = TEXT("{\"__jsonclass__\":[\""),
    .call_name_close = TEXT("\",["),
    .call_close = TEXT(CLASS_END),
    .call_expand_from = 1,
    .expand_wrappers = true,
    .shape = PYON_CONTAINER_LIST,
    .payload_open = TEXT("\""),
    .payload_close = TEXT("\""),
    .complex_number = pyon_write_complex_call,
    .bytes = pyon_write_bytes_call,
    .bytes_part = pyon_write_bytes_call_part,
};
