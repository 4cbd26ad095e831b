/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64, the standard alphabet with padding: sizes, the ends of texts, and the choice of a codec.
 *
 * Decoding is strict and canonical: it accepts exactly the texts that encoding makes. A text that
 * it refuses may still mean something to a lenient decoder; the caller decides that. A codec stops
 * soon after the first foreign character, so a bad text costs no more than a good one. The exact
 * place of the character is searched from there.
 */
#include "base64/base64.h"

static const struct pyon_base64_codec *const codecs[PYON_CPUS] = {
    [PYON_CPU_SCALAR] = &pyon_base64_scalar,
#if PYON_X86
    [PYON_CPU_SSSE3] = &pyon_base64_ssse3,
    [PYON_CPU_AVX2] = &pyon_base64_avx2,
    [PYON_CPU_AVX512] = &pyon_base64_avx512,
#elif PYON_AARCH64
    [PYON_CPU_NEON] = &pyon_base64_neon,
#endif
};

const struct pyon_base64_codec *pyon_base64_codec(void)
{
    return codecs[pyon_cpu];
}

size_t pyon_base64_encoded_size(size_t size)
{
    size_t quanta = size / 3 + (size % 3 != 0);

    return quanta > SIZE_MAX / 4 ? SIZE_MAX : quanta * 4;
}

int pyon_base64_decoded_size(const char *text, size_t length, size_t *size)
{
    if (length % 4 != 0)
        return -1;
    *size = length / 4 * 3;
    if (length > 0 && text[length - 1] == '=')
        *size -= text[length - 2] == '=' ? 2 : 1;
    return 0;
}

void pyon_base64_encode(char *text, const void *data, size_t size)
{
    pyon_base64_codec()->encode(text, data, size);
}

/* Decodes the last quantum, whose one or two "=" count as "A", the character of value 0. */
static int decode_padded(unsigned char *data, const unsigned char *text)
{
    size_t size = text[2] == '=' ? 1 : 2;
    unsigned char quantum[4] = {text[0], text[1], size == 1 ? 'A' : text[2], 'A'};
    unsigned char bytes[3];

    PYON_ASSERT(text[3] == '=');
    if (pyon_base64_scalar.decode(bytes, quantum, 1) == quantum)
        return -1;
    for (size_t i = 0; i < 3; i++) {
        if (i < size)
            data[i] = bytes[i];
        else if (bytes[i] != 0)
            return -1; /* unused bits that no encoder sets */
    }
    return 0;
}

/* The first wrong character of a refused text that is sound before the quantum at `at`: see
   pyon.h. */
PYON_COLD static size_t find_wrong(const unsigned char *text, size_t length, size_t at)
{
    PYON_ASSERT(at <= length && at % 4 == 0);
    while (at < length && pyon_base64_values[text[at]] != PYON_BASE64_FOREIGN)
        at++;
    /* Only "=" in the third or fourth place of a quantum may be right. */
    if (at == length || text[at] != '=' || at % 4 < 2)
        return at;
    if (pyon_base64_values[text[at - 1]] & (at % 4 == 2 ? 0x0f : 0x03))
        return at - 1;
    at++;
    if (at % 4 == 3 && at < length && text[at] == '=')
        at++;
    return at;
}

int pyon_base64_decode(void *data, const char *text, size_t length, size_t *where)
{
    const unsigned char *start = (const unsigned char *)text, *sound = start;

    if (length % 4 == 0) {
        bool padded = length > 0 && text[length - 1] == '=';
        size_t quanta = length / 4 - padded;

        sound = pyon_base64_codec()->decode(data, start, quanta);
        if (sound == start + 4 * quanta &&
            (!padded || decode_padded((unsigned char *)data + 3 * quanta, sound) == 0))
            return 0;
    }
    if (where)
        *where = find_wrong(start, length, (size_t)(sound - start));
    return -1;
}
