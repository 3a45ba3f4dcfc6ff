#include "decay.h"

/* Far below what can be heard and far above the subnormals: a filter at rest holds four times as much. */
#define OFFSET 1e-18f

void run_offset(void *state) {
    struct decay *decay = state;
    for (size_t voice = 0; voice < decay->voices; voice++) {
        const float *input = decay->input + voice * DECAY_SAMPLES;
        int32_t *pcm = decay->pcm + voice * DECAY_SAMPLES;
        float held = decay->start[voice];
        for (size_t i = 0; i < DECAY_SAMPLES; i++) {
            held = held * DECAY_FACTOR + (input[i] + OFFSET);
            pcm[i] = (int32_t)(held * DECAY_SCALE);
        }
    }
}
