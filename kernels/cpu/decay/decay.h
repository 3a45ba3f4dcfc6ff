/* State of the decay kernel: voices of a synthesizer, each a recursive filter, mixed down to whole numbers. */
#ifndef DECAY_H
#define DECAY_H

#include <countersign.h>

/** Samples of a voice in one run, as audio is made: block by block. */
#define DECAY_SAMPLES 64
/** What is left of a voice after a sample. */
#define DECAY_FACTOR 0.75f
/** A sample as a 16-bit device takes it. */
#define DECAY_SCALE 32767.0f

struct decay {
    float *input; /**< voices * DECAY_SAMPLES; silence is 0 */
    float *start; /**< one a voice: what the filter holds when the block begins */
    int32_t *pcm; /**< voices * DECAY_SAMPLES */
    size_t voices;
};

void run_plain(void *state);
void run_offset(void *state);

int supported_flushed(char *reason, size_t reason_size);
void run_flushed(void *state);

#endif
