/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * One character of a JSON string, by tables and without a branch: text that mixes ASCII with other
 * characters has no order that a processor could guess. A character becomes a word of eight bytes,
 * whose last byte is the number of those that count:
 *
 *     x                   1
 *     \  n                2
 *     \  u  2  0  a  c    6
 *
 * All eight bytes are stored, and the next word overwrites those that do not count.
 */
#ifndef PYON_ESCAPE_TABLE_H
#define PYON_ESCAPE_TABLE_H

#include "base.h"

#define ENTRY(text)                                                                                \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }
#define ENTRIES(a, b, c, d, e, f, g, h)                                                            \
    ENTRY(a), ENTRY(b), ENTRY(c), ENTRY(d), ENTRY(e), ENTRY(f), ENTRY(g), ENTRY(h)
#define UNIT(digits) "\\u00" digits

static const struct {
    char text[7];
    unsigned char length;
} escape_ascii[0x80] = {
    ENTRIES(UNIT("00"), UNIT("01"), UNIT("02"), UNIT("03"), UNIT("04"), UNIT("05"), UNIT("06"),
            UNIT("07")),
    ENTRIES("\\b", "\\t", "\\n", UNIT("0b"), "\\f", "\\r", UNIT("0e"), UNIT("0f")),
    ENTRIES(UNIT("10"), UNIT("11"), UNIT("12"), UNIT("13"), UNIT("14"), UNIT("15"), UNIT("16"),
            UNIT("17")),
    ENTRIES(UNIT("18"), UNIT("19"), UNIT("1a"), UNIT("1b"), UNIT("1c"), UNIT("1d"), UNIT("1e"),
            UNIT("1f")),
    ENTRIES(" ", "!", "\\\"", "#", "$", "%", "&", "'"),
    ENTRIES("(", ")", "*", "+", ",", "-", ".", "/"),
    ENTRIES("0", "1", "2", "3", "4", "5", "6", "7"),
    ENTRIES("8", "9", ":", ";", "<", "=", ">", "?"),
    ENTRIES("@", "A", "B", "C", "D", "E", "F", "G"),
    ENTRIES("H", "I", "J", "K", "L", "M", "N", "O"),
    ENTRIES("P", "Q", "R", "S", "T", "U", "V", "W"),
    ENTRIES("X", "Y", "Z", "[", "\\\\", "]", "^", "_"),
    ENTRIES("`", "a", "b", "c", "d", "e", "f", "g"),
    ENTRIES("h", "i", "j", "k", "l", "m", "n", "o"),
    ENTRIES("p", "q", "r", "s", "t", "u", "v", "w"),
    ENTRIES("x", "y", "z", "{", "|", "}", "~", UNIT("7f")),
};

/* The two hexadecimal digits of each byte. */
#define PAIRS(first)                                                                               \
    first "0" first "1" first "2" first "3" first "4" first "5" first "6" first "7" first          \
          "8" first "9" first "a" first "b" first "c" first "d" first "e" first "f"

static const char escape_pairs[] =
    PAIRS("0") PAIRS("1") PAIRS("2") PAIRS("3") PAIRS("4") PAIRS("5") PAIRS("6") PAIRS("7")
        PAIRS("8") PAIRS("9") PAIRS("a") PAIRS("b") PAIRS("c") PAIRS("d") PAIRS("e") PAIRS("f");

#undef ENTRY
#undef ENTRIES
#undef UNIT
#undef PAIRS

/* The digits of a byte as a number, the first one lowest. */
static inline uint64_t escape_pair(unsigned byte)
{
    const unsigned char *pair = (const unsigned char *)escape_pairs + 2 * (size_t)byte;

    return pair[0] | (uint64_t)pair[1] << 8;
}

/* The word of a unit of 16 bits that is beyond ASCII. */
static inline uint64_t escape_unit(uint32_t c)
{
    return '\\' | 'u' << 8 | escape_pair(c >> 8 & 0xff) << 16 | escape_pair(c & 0xff) << 32 |
           UINT64_C(6) << 56;
}

/* The word of any unit. The choice is made by a mask: compilers like to make a branch of it. */
static inline uint64_t escape_word(uint32_t c)
{
    uint64_t ascii = load64_le(&escape_ascii[c & 0x7f]), beyond = -(uint64_t)(c >= 0x80);

    return (ascii & ~beyond) | (escape_unit(c) & beyond);
}

/* Code points above 0xffff are two units, a surrogate pair. */
static inline bool is_pair(uint32_t c)
{
    return c >= 0x10000;
}

static inline uint32_t first_unit(uint32_t c)
{
    return is_pair(c) ? 0xd800 + ((c - 0x10000) >> 10) : c;
}

/* Of a pair; else of no meaning. */
static inline uint32_t second_unit(uint32_t c)
{
    return 0xdc00 | (c & 0x3ff);
}

static inline void store_word(char *p, uint64_t word)
{
    store64(p, PYON_LITTLE_ENDIAN ? word : __builtin_bswap64(word));
}

static inline char *put_unit(char *p, uint32_t unit)
{
    uint64_t word = escape_word(unit);

    store_word(p, word);
    return p + (word >> 56);
}

/* Any code point. The second half of a pair is stored in any case. */
static inline char *put_code_point(char *p, uint32_t c)
{
    p = put_unit(p, first_unit(c));
    store_word(p, escape_unit(second_unit(c)));
    return p + (is_pair(c) ? 6 : 0);
}

#endif
