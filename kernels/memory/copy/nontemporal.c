#include "copy.h"

#include <string.h>

#ifdef __SSE2__
#include <immintrin.h>

/* As wide as what compilers make of the loop over bytes: the kind of store is to differ, not their number. */
#ifdef __AVX__
typedef __m256i vector;
#define LOAD _mm256_loadu_si256
#define STREAM _mm256_stream_si256
#else
typedef __m128i vector;
#define LOAD _mm_loadu_si128
#define STREAM _mm_stream_si128
#endif

int support_nontemporal(char *reason, size_t reason_size) {
    (void)reason, (void)reason_size;
    return 1;
}

/*
 * Whole lines, aligned as non-temporal stores have to be: they go to memory by way of a buffer, past the caches, and
 * the line is not read first. A fence, since they are not ordered with other stores.
 */
static void copy_lines(unsigned char *to, const unsigned char *from, size_t count) {
    size_t i = 0;
    for (; i + CS_LINE <= count; i += CS_LINE)
        for (size_t k = i; k < i + CS_LINE; k += sizeof(vector))
            STREAM((vector *)(void *)(to + k), LOAD((const vector *)(const void *)(from + k)));
    memcpy(to + i, from + i, count - i);
    _mm_sfence();
}

#else

int support_nontemporal(char *reason, size_t reason_size) {
    snprintf(reason, reason_size, "needs the non-temporal stores of x86");
    return 0;
}

static void copy_lines(unsigned char *to, const unsigned char *from, size_t count) {
    memcpy(to, from, count);
}

#endif

void run_nontemporal(void *state) {
    struct copy *copy = state;
    copy_lines(copy->to, copy->from, copy->bytes);
    copy_read(copy);
}
