/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64 with each instruction set, beside the scalar codec. The input is data to be encoded, and
 * also a text to be decoded. A text of random bytes is foreign from the first one on, so some of
 * its characters become characters of the alphabet. The first byte says how many, and where the
 * text begins: vectors ignore alignment, but their beginnings and ends do not.
 */
#include "base64/base64.h"
#include "support/fuzz.h"

/* The best set of the processor; 0 until it is known. */
static enum pyon_cpu best;

/* A block of exactly that size, so that a sanitizer sees one byte more. */
static void *block(size_t size)
{
    void *data = malloc(size > 0 ? size : 1);

    if (!data)
        abort();
    return data;
}

/* The result of decoding. */
struct decoded {
    int status;
    size_t where;
    unsigned char *data;
};

static struct decoded decode(const char *text, size_t length)
{
    struct decoded decoded = {.status = -1};
    size_t size;

    if (pyon_base64_decoded_size(text, length, &size) < 0)
        return decoded;
    decoded.data = block(size);
    decoded.status = pyon_base64_decode(decoded.data, text, length, &decoded.where);
    return decoded;
}

static void check_decoding(const char *text, size_t length)
{
    size_t size = 0;
    struct decoded expected;

    pyon_base64_decoded_size(text, length, &size);
    pyon_cpu = PYON_CPU_SCALAR;
    expected = decode(text, length);
    for (int cpu = PYON_CPU_SCALAR + 1; cpu <= (int)best; cpu++) {
        struct decoded got;

        pyon_cpu = (enum pyon_cpu)cpu;
        got = decode(text, length);
        if (got.status != expected.status || got.where != expected.where ||
            (got.status == 0 && memcmp(got.data, expected.data, size) != 0))
            fuzz_fail_bytes("decoded to something else", text, length);
        free(got.data);
    }
    free(expected.data);
}

static void check_encoding(const uint8_t *data, size_t size)
{
    size_t length = pyon_base64_encoded_size(size);
    char *expected = block(length), *got = block(length);
    struct decoded back;

    pyon_cpu = PYON_CPU_SCALAR;
    pyon_base64_encode(expected, data, size);
    for (int cpu = PYON_CPU_SCALAR + 1; cpu <= (int)best; cpu++) {
        pyon_cpu = (enum pyon_cpu)cpu;
        pyon_base64_encode(got, data, size);
        if (memcmp(got, expected, length) != 0)
            fuzz_fail_bytes("encoded to something else", expected, length);
    }
    back = decode(expected, length);
    if (back.status != 0 || (size > 0 && memcmp(back.data, data, size) != 0))
        fuzz_fail_bytes("does not come back", expected, length);
    free(back.data);
    free(expected);
    free(got);
}

/* Makes most bytes, or all, characters of the alphabet. */
static void make_text(char *text, size_t length, uint8_t choice)
{
    for (size_t i = 0; i < length; i++)
        if ((choice < 128 || i % 128 != choice % 128) && (text[i] != '=' || i + 2 < length))
            text[i] = pyon_base64_alphabet[(unsigned char)text[i] % 64];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t start = size > 1 ? 1 + (size_t)data[0] % 16 : size;
    char *copy = block(size);

    start = start < size ? start : size;
    best = best > pyon_cpu ? best : pyon_cpu;
    check_encoding(data + start, size - start);
    if (size > start) {
        memcpy(copy, data, size);
        make_text(copy + start, size - start, data[0]);
    }
    check_decoding(copy + start, size - start);
    pyon_cpu = best;
    free(copy);
    return 0;
}
