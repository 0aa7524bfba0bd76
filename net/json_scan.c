/* Brackets and quotes of JSON, 64 bytes at a time, by the bit method of
 * Langdale and Lemire ("Parsing Gigabytes of JSON per Second", 2019). */
#include <config.h>

#include "net/json_scan.h"

#include "net/json.h"

#include <string.h>

#if defined(__x86_64__) && defined(__SSE2__)
#    include <immintrin.h>
#    define WIDE __attribute__((target("avx2,pclmul,popcnt")))
#endif

#define BLOCK  64
#define INLINE static inline __attribute__((always_inline))

/* Bit n says: byte n of the block is such a byte. */
struct block {
    uint64_t quote, backslash, open, close;
};

/* What is done differently where the processor has more to do it with. */
struct means {
    struct block (*read)(const char *p);
    uint64_t (*parity)(uint64_t bits); /* bit n: an odd number of bits up to and with n */
    unsigned (*count)(uint64_t bits);
};

#ifdef __SSE2__
static uint64_t lane_bits(__m128i equal, unsigned shift)
{
    return (uint64_t)(unsigned)_mm_movemask_epi8(equal) << shift;
}

static struct block block_read(const char *p)
{
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i fold = _mm_set1_epi8(0x20); /* '[' to '{', ']' to '}' */
    const __m128i open = _mm_set1_epi8('{');
    const __m128i close = _mm_set1_epi8('}');
    struct block b = {0, 0, 0, 0};

    for (unsigned i = 0; i < BLOCK; i += 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        const __m128i folded = _mm_or_si128(bytes, fold);

        b.quote |= lane_bits(_mm_cmpeq_epi8(bytes, quote), i);
        b.backslash |= lane_bits(_mm_cmpeq_epi8(bytes, backslash), i);
        b.open |= lane_bits(_mm_cmpeq_epi8(folded, open), i);
        b.close |= lane_bits(_mm_cmpeq_epi8(folded, close), i);
    }
    return b;
}
#else
static struct block block_read(const char *p)
{
    struct block b = {0, 0, 0, 0};

    for (unsigned i = 0; i < BLOCK; i++) {
        const uint64_t bit = (uint64_t)1 << i;

        switch (p[i]) {
        case '"':
            b.quote |= bit;
            break;
        case '\\':
            b.backslash |= bit;
            break;
        case '{':
        case '[':
            b.open |= bit;
            break;
        case '}':
        case ']':
            b.close |= bit;
            break;
        default:
            break;
        }
    }
    return b;
}
#endif

static uint64_t parity(uint64_t bits)
{
    for (unsigned shift = 1; shift < BLOCK; shift <<= 1)
        bits ^= bits << shift;
    return bits;
}

/* Without an instruction for it, compilers call a function that costs more. */
static unsigned count(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (unsigned)(bits * 0x0101010101010101u >> 56);
}

/* Bytes that a backslash before them escapes. *carry: byte 0 is escaped by the block before;
 * set for the block after. */
static uint64_t escaped_bits(uint64_t backslash, bool *carry)
{
    const uint64_t even = 0x5555555555555555u;
    uint64_t starts, odd_starts, even_ends, invert;

    if (backslash == 0) {
        const uint64_t first = *carry ? 1 : 0;
        *carry = false;
        return first;
    }
    backslash &= ~(uint64_t)(*carry ? 1 : 0);
    const uint64_t follows = backslash << 1 | (uint64_t)(*carry ? 1 : 0);
    starts = backslash & ~even & ~follows;
    /* A run that starts at an odd byte and is added to reaches past its end with a carry. */
    *carry = __builtin_add_overflow(starts, backslash, &odd_starts);
    invert = odd_starts << 1;
    even_ends = even ^ invert;
    return even_ends & follows;
}

/* Follows the brackets of one block of len bytes. True: depth fell to 0 at *at. */
INLINE bool block_brackets(const struct means *m, struct json_brackets *b,
                           const struct block *block, size_t len, size_t *at)
{
    bool carry = b->escape;
    const uint64_t escaped = escaped_bits(block->backslash, &carry);
    const uint64_t strings = m->parity(block->quote & ~escaped) ^ (b->in_string ? ~(uint64_t)0 : 0);
    const uint64_t open = block->open & ~strings;
    const uint64_t close = block->close & ~strings;
    const unsigned opened = m->count(open);
    const unsigned closed = m->count(close);
    uint64_t bits = open | close;
    unsigned depth = b->depth;

    if (depth > closed && depth + opened <= JSON_DEPTH_MAX) { /* whatever their order */
        depth = depth + opened - closed;
        bits = 0;
    }
    while (bits) {
        const uint64_t bit = bits & (0 - bits);
        depth = open & bit ? depth + 1 : depth - 1;
        if (depth == 0 || depth > JSON_DEPTH_MAX) {
            b->depth = depth;
            b->in_string = false;
            b->escape = false;
            b->too_deep = depth > JSON_DEPTH_MAX;
            *at = (size_t)__builtin_ctzll(bit);
            return true;
        }
        bits ^= bit;
    }
    b->depth = depth;
    b->in_string = strings >> (BLOCK - 1);
    b->escape = len < BLOCK ? (escaped >> len) & 1 : carry;
    return false;
}

INLINE size_t scan(const struct means *m, struct json_brackets *b, const char *p, size_t len,
                   bool *done)
{
    size_t used = 0;
    *done = false;

    while (used < len) {
        char tail[BLOCK];
        const size_t n = len - used < BLOCK ? len - used : BLOCK;
        const char *from = p + used;
        struct block block;
        size_t at;

        if (n < BLOCK) {
            memset(tail, ' ', sizeof tail);
            memcpy(tail, from, n);
            from = tail;
        }
        block = m->read(from);
        if (block_brackets(m, b, &block, n, &at)) {
            *done = !b->too_deep;
            return used + at + 1;
        }
        used += n;
    }
    return used;
}

size_t json_brackets_scan_plain(struct json_brackets *b, const char *p, size_t len, bool *done)
{
    static const struct means plain = {block_read, parity, count};
    return scan(&plain, b, p, len, done);
}

#ifdef WIDE
WIDE static uint64_t wide_bits(__m256i low, __m256i high)
{
    return (uint64_t)(unsigned)_mm256_movemask_epi8(low) |
           (uint64_t)(unsigned)_mm256_movemask_epi8(high) << 32;
}

WIDE static struct block wide_read(const char *p)
{
    const __m256i fold = _mm256_set1_epi8(0x20);
    const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)p);
    const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
    const __m256i low_folded = _mm256_or_si256(low, fold),
                  high_folded = _mm256_or_si256(high, fold);
#    define EQUAL(from, c)                                           \
        wide_bits(_mm256_cmpeq_epi8(low##from, _mm256_set1_epi8(c)), \
                  _mm256_cmpeq_epi8(high##from, _mm256_set1_epi8(c)))
    return (struct block){.quote = EQUAL(, '"'),
                          .backslash = EQUAL(, '\\'),
                          .open = EQUAL(_folded, '{'),
                          .close = EQUAL(_folded, '}')};
}

/* A product without carries with all ones. */
WIDE static uint64_t wide_parity(uint64_t bits)
{
    const __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8((char)0xff), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

WIDE static unsigned wide_count(uint64_t bits)
{
    return (unsigned)_mm_popcnt_u64(bits);
}

WIDE static size_t wide_scan(struct json_brackets *b, const char *p, size_t len, bool *done)
{
    static const struct means wide = {wide_read, wide_parity, wide_count};
    return scan(&wide, b, p, len, done);
}

size_t json_brackets_scan(struct json_brackets *b, const char *p, size_t len, bool *done)
{
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
        __builtin_cpu_supports("popcnt"))
        return wide_scan(b, p, len, done);
    return json_brackets_scan_plain(b, p, len, done);
}
#else
size_t json_brackets_scan(struct json_brackets *b, const char *p, size_t len, bool *done)
{
    return json_brackets_scan_plain(b, p, len, done);
}
#endif

const char *json_skip_container(const char *p, const char *end)
{
    struct json_brackets b = {0, false, false, false};
    bool done;
    const size_t used = json_brackets_scan(&b, p, (size_t)(end - p), &done);
    return done ? p + used : NULL;
}
