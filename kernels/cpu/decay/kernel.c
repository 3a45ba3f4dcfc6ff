/* Filters whose echo dies away, into numbers that are too small to be normal: a block of 64 samples a voice. */
#include "decay.h"

/* Below this a float is subnormal; a voice that has been silent for long holds a little less. */
#define SMALLEST_NORMAL 0x1p-126f

/* Noise in steps of 1/4096, never 0, so that no sum is so small that the offset could be heard in it. */
static float draw_sample(struct cs_random *random) {
    float level = (float)(1 + cs_random_below(random, 1024)) / 8192.0f;
    return cs_random_below(random, 2) ? level : -level;
}

static int setup(const struct cs_env *env, void *state) {
    struct decay *decay = state;
    struct cs_random random = cs_random_seed(env->seed);
    decay->voices = cs_size(env, "voices");
    size_t silent = decay->voices * cs_size(env, "silent") / 100;
    decay->input = cs_array(env, "input", decay->voices * DECAY_SAMPLES, float);
    decay->start = cs_array(env, "filters", decay->voices, float);
    decay->pcm = cs_answer(env, "pcm", decay->voices * DECAY_SAMPLES, int32_t);
    for (size_t voice = 0; voice < decay->voices; voice++) {
        int sounds = voice >= silent;
        decay->start[voice] =
            sounds ? draw_sample(&random) : SMALLEST_NORMAL * (float)cs_random_unit(&random);
        for (size_t i = 0; sounds && i < DECAY_SAMPLES; i++)
            decay->input[voice * DECAY_SAMPLES + i] = draw_sample(&random);
    }
    double samples = (double)(decay->voices * DECAY_SAMPLES);
    cs_work(env, samples, 8 * samples);
    cs_flops(env, 3 * samples);
    return 0;
}

/*
 * By which rounding may move a sample before it is cut. A filter holds less than 0.5, so each of its steps rounds by 2^-26
 * at the most, twice that where multiplication and addition are not fused; with what the steps before have left,
 * 4 * 2^-25. Times the scale that is 0.004, and the product rounds by 0.0005.
 */
#define ROUNDED 0.005

/* The filter written out, in double: what came in k samples ago is multiplied by the k-th power. */
static double written_out(const struct decay *decay, size_t voice, size_t i) {
    const float *input = decay->input + voice * DECAY_SAMPLES;
    double sum = 0, power = 1;
    for (size_t k = 0; k <= i; k++, power *= (double)DECAY_FACTOR)
        sum += power * (double)input[i - k];
    return (sum + power * (double)decay->start[voice]) * (double)DECAY_SCALE;
}

/* Within one step: a float rounds each sample, which may fall on the other side of a whole number. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct decay *decay = state;
    for (size_t index = 0; index < decay->voices * DECAY_SAMPLES; index++) {
        double expected = written_out(decay, index / DECAY_SAMPLES, index % DECAY_SAMPLES);
        if (decay->pcm[index] < (int32_t)(expected - ROUNDED) ||
            decay->pcm[index] > (int32_t)(expected + ROUNDED))
            return cs_wrong(mismatch, "pcm", index, "%.3f", (double)decay->pcm[index], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("decay", "sample", "recursive filters whose echo dies away"),
    .parameters = {CS_NUMBER("silent", "%", 0, 100, 50, "voices that have been silent for long"),
                   CS_NUMBER("voices", "voices", 1, 4096, 100, "filters, 64 samples of each a run")},
    .variants = {CS_VARIANT("plain", run_plain, "as it is"),
                 CS_VARIANT("flushed", run_flushed, "subnormal numbers are 0 in the meantime",
                            .supported = supported_flushed),
                 CS_VARIANT("offset", run_offset, "adds a constant far below what can be heard")},
    CS_STATE(struct decay, setup),
    .check = check,
    .scale = "voices",
};
