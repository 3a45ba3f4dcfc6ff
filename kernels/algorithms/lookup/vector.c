#include "lookup.h"

#ifdef __AVX2__
#include <immintrin.h>

int vector_supported(char *reason, size_t reason_size) {
    (void)reason;
    (void)reason_size;
    return 1;
}

static __m256i matches(const uint32_t *ids, __m256i id) {
    return _mm256_cmpeq_epi32(_mm256_loadu_si256((const __m256i *)ids), id);
}

/* Sixteen ids a step: a branch for all of them, and which it was is asked once. */
static uint32_t find(const uint32_t *ids, size_t n, uint32_t id) {
    __m256i wanted = _mm256_set1_epi32((int)id);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m256i low = matches(ids + i, wanted), high = matches(ids + i + 8, wanted);
        __m256i any = _mm256_or_si256(low, high);
        if (!_mm256_testz_si256(any, any)) {
            uint64_t mask =
                (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
            return (uint32_t)(i + (size_t)__builtin_ctzll(mask) / sizeof id);
        }
    }
    for (; i < n; i++)
        if (ids[i] == id)
            return (uint32_t)i;
    return LOOKUP_NONE;
}

void run_vector(void *state) {
    struct lookup *lookup = state;
    const uint32_t *queries = lookup_take_window(lookup);
    for (size_t i = 0; i < lookup->window_size; i++)
        lookup->answers[i] = find(lookup->ids, lookup->n, queries[i]);
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
