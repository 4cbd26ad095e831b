/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Several bytes of text at once: 16 with SSE2 or NEON, which every x86-64 and aarch64 has, else 8
 * in an integer. The code on top of this is written once, for VECTOR_SIZE bytes a step. It has to
 * ensure that a load stays inside the text.
 *
 * A comparison sets the top bit of each byte where it holds. The other bits differ between the
 * three forms, so only vector_or and vector_mask may look at its result. A mask is an integer with
 * one bit for each byte, the first byte lowest, MASK_STEP bits apart. For "a,b," and ',':
 *
 *     MASK_STEP 1            1 0 1 0            (the lowest bit is on the right)
 *     MASK_STEP 4   1000 0000 1000 0000
 *
 * So the first byte is found by counting zeros, and the next one after clearing its bit.
 *
 * The form of 8 bytes is that of H. S. Warren, "Hacker's Delight" (6-1), in the variant in which no
 * byte borrows from the next: each has its own exact bit. NEON has no instruction that makes a
 * mask; a narrowing shift leaves four bits of each byte, and the code keeps one of them.
 */
#ifndef PYON_VECTOR_H
#define PYON_VECTOR_H

#include "base.h"

/* PYON_PORTABLE is for tests: it selects the third form. */
#if defined(__SSE2__) && !defined(PYON_PORTABLE)
#define VECTOR_SSE2 1
#include <emmintrin.h>
#elif defined(__aarch64__) && PYON_LITTLE_ENDIAN && !defined(PYON_PORTABLE)
#define VECTOR_NEON 1
#include <arm_neon.h>
#endif

#if defined(VECTOR_SSE2)

#define VECTOR_SIZE 16
#define MASK_STEP 1

struct vector {
    __m128i bytes;
};

static inline struct vector vector_load(const void *p)
{
    return (struct vector){_mm_loadu_si128(p)};
}

static inline void vector_store(void *p, struct vector x)
{
    _mm_storeu_si128(p, x.bytes);
}

static inline struct vector vector_splat(char c)
{
    return (struct vector){_mm_set1_epi8(c)};
}

static inline struct vector vector_or(struct vector x, struct vector y)
{
    return (struct vector){_mm_or_si128(x.bytes, y.bytes)};
}

static inline struct vector vector_equal(struct vector x, struct vector y)
{
    return (struct vector){_mm_cmpeq_epi8(x.bytes, y.bytes)};
}

/* Sets a byte where that of `x`, unsigned, is at most that of `y`, which is below 0x80. */
static inline struct vector vector_at_most(struct vector x, struct vector y)
{
    return (struct vector){_mm_cmpeq_epi8(_mm_min_epu8(x.bytes, y.bytes), x.bytes)};
}

/* Sets a byte where that of `x` is above 0x7f. */
static inline struct vector vector_tops(struct vector x)
{
    return x;
}

/* Sets a byte where that of `x` is no text in ASCII from `least` on: below it, or above 0x7f. As
   signed numbers, the latter are negative. */
static inline struct vector vector_not_from(struct vector x, char least)
{
    return (struct vector){_mm_cmplt_epi8(x.bytes, _mm_set1_epi8(least))};
}

static inline uint64_t vector_mask(struct vector x)
{
    return (unsigned)_mm_movemask_epi8(x.bytes);
}

/* Twice eight bytes, as load64() has loaded them. */
static inline struct vector vector_of(uint64_t first, uint64_t second)
{
    return (struct vector){_mm_set_epi64x((long long)second, (long long)first)};
}

/* Narrows VECTOR_SIZE code points of two bytes to one each. One that does not fit becomes 0 or
   0xff: see escape.c. */
static inline struct vector vector_narrow2(const uint16_t *p)
{
    __m128i low = _mm_loadu_si128((const void *)p);
    __m128i high = _mm_loadu_si128((const void *)(p + 8));

    return (struct vector){_mm_packus_epi16(low, high)};
}

/* The same for code points of four bytes. */
static inline struct vector vector_narrow4(const uint32_t *p)
{
    __m128i low =
        _mm_packs_epi32(_mm_loadu_si128((const void *)p), _mm_loadu_si128((const void *)(p + 4)));
    __m128i high = _mm_packs_epi32(_mm_loadu_si128((const void *)(p + 8)),
                                   _mm_loadu_si128((const void *)(p + 12)));

    return (struct vector){_mm_packus_epi16(low, high)};
}

/* Stores each byte as a code point of two bytes. */
static inline void vector_widen2(char *p, struct vector x)
{
    __m128i zero = _mm_setzero_si128();

    _mm_storeu_si128((void *)p, _mm_unpacklo_epi8(x.bytes, zero));
    _mm_storeu_si128((void *)(p + 16), _mm_unpackhi_epi8(x.bytes, zero));
}

/* The same for four bytes. */
static inline void vector_widen4(char *p, struct vector x)
{
    __m128i zero = _mm_setzero_si128();
    __m128i low = _mm_unpacklo_epi8(x.bytes, zero), high = _mm_unpackhi_epi8(x.bytes, zero);

    _mm_storeu_si128((void *)p, _mm_unpacklo_epi16(low, zero));
    _mm_storeu_si128((void *)(p + 16), _mm_unpackhi_epi16(low, zero));
    _mm_storeu_si128((void *)(p + 32), _mm_unpacklo_epi16(high, zero));
    _mm_storeu_si128((void *)(p + 48), _mm_unpackhi_epi16(high, zero));
}

#elif defined(VECTOR_NEON)

#define VECTOR_SIZE 16
#define MASK_STEP 4

struct vector {
    uint8x16_t bytes;
};

static inline struct vector vector_load(const void *p)
{
    return (struct vector){vld1q_u8(p)};
}

static inline void vector_store(void *p, struct vector x)
{
    vst1q_u8(p, x.bytes);
}

static inline struct vector vector_splat(char c)
{
    return (struct vector){vdupq_n_u8((uint8_t)c)};
}

static inline struct vector vector_or(struct vector x, struct vector y)
{
    return (struct vector){vorrq_u8(x.bytes, y.bytes)};
}

static inline struct vector vector_equal(struct vector x, struct vector y)
{
    return (struct vector){vceqq_u8(x.bytes, y.bytes)};
}

static inline struct vector vector_at_most(struct vector x, struct vector y)
{
    return (struct vector){vcleq_u8(x.bytes, y.bytes)};
}

static inline struct vector vector_tops(struct vector x)
{
    return x;
}

static inline struct vector vector_not_from(struct vector x, char least)
{
    return (struct vector){vcltq_s8(vreinterpretq_s8_u8(x.bytes), vdupq_n_s8((int8_t)least))};
}

static inline struct vector vector_of(uint64_t first, uint64_t second)
{
    return (struct vector){vcombine_u8(vreinterpret_u8_u64(vcreate_u64(first)),
                                       vreinterpret_u8_u64(vcreate_u64(second)))};
}

static inline uint64_t vector_mask(struct vector x)
{
    /* Each byte becomes eight copies of its top bit; the shift keeps four of them. */
    int8x16_t all = vshrq_n_s8(vreinterpretq_s8_u8(x.bytes), 7);
    uint8x8_t nibbles = vshrn_n_u16(vreinterpretq_u16_s8(all), 4);

    return vget_lane_u64(vreinterpret_u64_u8(nibbles), 0) & 0x8888888888888888u;
}

static inline struct vector vector_narrow2(const uint16_t *p)
{
    return (struct vector){vcombine_u8(vqmovn_u16(vld1q_u16(p)), vqmovn_u16(vld1q_u16(p + 8)))};
}

static inline struct vector vector_narrow4(const uint32_t *p)
{
    uint16x8_t low = vcombine_u16(vqmovn_u32(vld1q_u32(p)), vqmovn_u32(vld1q_u32(p + 4)));
    uint16x8_t high = vcombine_u16(vqmovn_u32(vld1q_u32(p + 8)), vqmovn_u32(vld1q_u32(p + 12)));

    return (struct vector){vcombine_u8(vqmovn_u16(low), vqmovn_u16(high))};
}

static inline void vector_widen2(char *p, struct vector x)
{
    vst1q_u8((uint8_t *)p, vreinterpretq_u8_u16(vmovl_u8(vget_low_u8(x.bytes))));
    vst1q_u8((uint8_t *)p + 16, vreinterpretq_u8_u16(vmovl_u8(vget_high_u8(x.bytes))));
}

static inline void vector_widen4(char *p, struct vector x)
{
    uint16x8_t low = vmovl_u8(vget_low_u8(x.bytes)), high = vmovl_u8(vget_high_u8(x.bytes));

    vst1q_u8((uint8_t *)p, vreinterpretq_u8_u32(vmovl_u16(vget_low_u16(low))));
    vst1q_u8((uint8_t *)p + 16, vreinterpretq_u8_u32(vmovl_u16(vget_high_u16(low))));
    vst1q_u8((uint8_t *)p + 32, vreinterpretq_u8_u32(vmovl_u16(vget_low_u16(high))));
    vst1q_u8((uint8_t *)p + 48, vreinterpretq_u8_u32(vmovl_u16(vget_high_u16(high))));
}

#else

#define VECTOR_SIZE 8
#define MASK_STEP 8
#define VECTOR_ONES 0x0101010101010101u
#define VECTOR_TOPS 0x8080808080808080u

struct vector {
    uint64_t bytes; /* the first one lowest */
};

static inline struct vector vector_load(const void *p)
{
    return (struct vector){load64_le(p)};
}

static inline void vector_store(void *p, struct vector x)
{
    store64(p, PYON_LITTLE_ENDIAN ? x.bytes : __builtin_bswap64(x.bytes));
}

static inline struct vector vector_splat(char c)
{
    return (struct vector){VECTOR_ONES * (unsigned char)c};
}

static inline struct vector vector_or(struct vector x, struct vector y)
{
    return (struct vector){x.bytes | y.bytes};
}

static inline struct vector vector_equal(struct vector x, struct vector y)
{
    uint64_t differs = x.bytes ^ y.bytes;

    return (struct vector){~(((differs & ~VECTOR_TOPS) + ~VECTOR_TOPS) | differs)};
}

static inline struct vector vector_at_most(struct vector x, struct vector y)
{
    PYON_ASSERT(!(y.bytes & VECTOR_TOPS));
    return (struct vector){~(((x.bytes & ~VECTOR_TOPS) + (~VECTOR_TOPS - y.bytes)) | x.bytes)};
}

static inline struct vector vector_tops(struct vector x)
{
    return x;
}

static inline struct vector vector_not_from(struct vector x, char least)
{
    return vector_or(vector_at_most(x, vector_splat((char)(least - 1))), x);
}

static inline uint64_t vector_mask(struct vector x)
{
    return x.bytes & VECTOR_TOPS;
}

static inline struct vector vector_narrow2(const uint16_t *p)
{
    struct vector x = {0};

    for (int i = 0; i < VECTOR_SIZE; i++)
        x.bytes |= (uint64_t)(p[i] < 0xff ? p[i] : 0xff) << (8 * i);
    return x;
}

static inline struct vector vector_narrow4(const uint32_t *p)
{
    struct vector x = {0};

    for (int i = 0; i < VECTOR_SIZE; i++)
        x.bytes |= (uint64_t)(p[i] < 0xff ? p[i] : 0xff) << (8 * i);
    return x;
}

static inline void vector_widen2(char *p, struct vector x)
{
    for (int i = 0; i < VECTOR_SIZE; i++, p += 2) {
        uint16_t unit = x.bytes >> (8 * i) & 0xff;

        memcpy(p, &unit, sizeof unit);
    }
}

static inline void vector_widen4(char *p, struct vector x)
{
    for (int i = 0; i < VECTOR_SIZE; i++, p += 4) {
        uint32_t unit = x.bytes >> (8 * i) & 0xff;

        memcpy(p, &unit, sizeof unit);
    }
}

#endif

/* ---- Masks ---- */

/* The index of the first byte in a mask, which must not be empty. */
static inline size_t mask_first(uint64_t mask)
{
    PYON_ASSERT(mask != 0);
    return (size_t)__builtin_ctzll(mask) / MASK_STEP;
}

/* The part of a mask before the byte `k`, and from that byte on; `k` is below VECTOR_SIZE. */
static inline uint64_t mask_before(uint64_t mask, size_t k)
{
    PYON_ASSERT(k < VECTOR_SIZE);
    return mask & (((uint64_t)1 << (k * MASK_STEP)) - 1);
}

static inline uint64_t mask_from(uint64_t mask, size_t k)
{
    PYON_ASSERT(k < VECTOR_SIZE);
    return mask & ~(uint64_t)0 << (k * MASK_STEP);
}

/* Moves each byte's bit to the byte after it; and the bit of the last byte to the first one. */
static inline uint64_t mask_next(uint64_t mask)
{
    return mask << MASK_STEP;
}

static inline uint64_t mask_carry(uint64_t mask)
{
    return mask >> (VECTOR_SIZE - 1) * MASK_STEP & (uint64_t)1 << (MASK_STEP - 1);
}

#endif
