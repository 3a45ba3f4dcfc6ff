#include "text-scan.h"

#ifdef __AVX2__
#include <immintrin.h>

int vector_supported(char *reason, size_t reason_size) {
    (void)reason;
    (void)reason_size;
    return 1;
}

static __m256i matches(const unsigned char *at) {
    return _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)at), _mm256_set1_epi8(TEXT_BYTE));
}

static const unsigned char *find(const unsigned char *at, const unsigned char *end) {
    for (; end - at >= 32; at += 32) {
        unsigned mask = (unsigned)_mm256_movemask_epi8(matches(at));
        if (mask)
            return at + __builtin_ctz(mask);
    }
    while (at < end && *at != TEXT_BYTE)
        at++;
    return at;
}

/* Bytes of counters hold 255 matches; then they are added to four sums of 64 bits. */
static size_t count(const unsigned char *bytes, size_t size) {
    __m256i sums = _mm256_setzero_si256();
    size_t i = 0;
    while (i + 32 <= size) {
        __m256i counters = _mm256_setzero_si256();
        size_t rounds = (size - i) / 32;
        for (rounds = rounds < 255 ? rounds : 255; rounds > 0; rounds--, i += 32)
            counters = _mm256_sub_epi8(counters, matches(bytes + i));
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(counters, _mm256_setzero_si256()));
    }
    uint64_t lanes[4];
    _mm256_storeu_si256((__m256i *)lanes, sums);
    size_t found = lanes[0] + lanes[1] + lanes[2] + lanes[3];
    for (; i < size; i++)
        found += bytes[i] == TEXT_BYTE;
    return found;
}

void run_vector(void *state) {
    text_scan(state, find, count);
}

#else

int vector_supported(char *reason, size_t reason_size) {
    snprintf(reason, reason_size, "is written for AVX2");
    return 0;
}

void run_vector(void *state) {
    (void)state;
}

#endif
