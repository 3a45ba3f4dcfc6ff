#include "decay.h"

#ifdef __x86_64__
#include <immintrin.h>

/* Results below the normal numbers become 0, and so do operands. */
#define FLUSH (_MM_FLUSH_ZERO_ON | 0x0040u)

int supported_flushed(char *reason, size_t reason_size) {
    (void)reason;
    (void)reason_size;
    return 1;
}

/* The mode is the thread's: it is put back, as a library has to. */
void run_flushed(void *state) {
    struct decay *decay = state;
    unsigned mode = _mm_getcsr();
    _mm_setcsr(mode | FLUSH);
    for (size_t voice = 0; voice < decay->voices; voice++) {
        const float *input = decay->input + voice * DECAY_SAMPLES;
        int32_t *pcm = decay->pcm + voice * DECAY_SAMPLES;
        float held = decay->start[voice];
        for (size_t i = 0; i < DECAY_SAMPLES; i++) {
            held = held * DECAY_FACTOR + input[i];
            pcm[i] = (int32_t)(held * DECAY_SCALE);
        }
    }
    _mm_setcsr(mode);
}
#else
int supported_flushed(char *reason, size_t reason_size) {
    snprintf(reason, reason_size, "sets the mode of x86-64's vector unit");
    return 0;
}

void run_flushed(void *state) {
    (void)state;
}
#endif
