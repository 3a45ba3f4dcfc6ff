#include "decay.h"

void run_plain(void *state) {
    struct decay *decay = state;
    for (size_t voice = 0; voice < decay->voices; voice++) {
        const float *input = decay->input + voice * DECAY_SAMPLES;
        int32_t *pcm = decay->pcm + voice * DECAY_SAMPLES;
        float held = decay->start[voice];
        for (size_t i = 0; i < DECAY_SAMPLES; i++) {
            held = held * DECAY_FACTOR + input[i];
            pcm[i] = (int32_t)(held * DECAY_SCALE);
        }
    }
}
