/* Filters whose echo dies away, into numbers that are too small to be normal: a block of 64 samples a voice. */
#include "decay.h"

enum { PARAMETER_SILENT, PARAMETER_VOICES };

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
    decay->voices = (size_t)env->value[PARAMETER_VOICES];
    size_t silent = decay->voices * (size_t)env->value[PARAMETER_SILENT] / 100;
    decay->input = cs_array(env, "input", decay->voices * DECAY_SAMPLES, float);
    decay->start = cs_array(env, "filters", decay->voices, float);
    decay->pcm = cs_array(env, "samples", decay->voices * DECAY_SAMPLES, int32_t);
    for (size_t voice = 0; voice < decay->voices; voice++) {
        int sounds = voice >= silent;
        decay->start[voice] =
            sounds ? draw_sample(&random) : SMALLEST_NORMAL * (float)cs_random_unit(&random);
        for (size_t i = 0; sounds && i < DECAY_SAMPLES; i++)
            decay->input[voice * DECAY_SAMPLES + i] = draw_sample(&random);
    }
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct decay *decay = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "pcm", .data = decay->pcm, .count = decay->voices * DECAY_SAMPLES, .type = CS_I32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct decay *decay = state;
    double samples = (double)(decay->voices * DECAY_SAMPLES);
    *work = (struct cs_work){.items = samples, .bytes = 8 * samples, .flops = 3 * samples};
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
    (void)variant;
    for (size_t index = 0; index < decay->voices * DECAY_SAMPLES; index++) {
        double expected = written_out(decay, index / DECAY_SAMPLES, index % DECAY_SAMPLES);
        if (decay->pcm[index] < (int32_t)(expected - ROUNDED) ||
            decay->pcm[index] > (int32_t)(expected + ROUNDED)) {
            *mismatch = (struct cs_mismatch){.output = "pcm", .index = index};
            snprintf(mismatch->got, sizeof mismatch->got, "%d", decay->pcm[index]);
            snprintf(mismatch->expected, sizeof mismatch->expected, "%.3f, cut", expected);
            return CS_WRONG;
        }
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "decay",
    .summary = "recursive filters whose echo dies away",
    .item = "sample",
    .parameters =
        {
            {.name = "silent",
             .unit = "%",
             .min = 0,
             .max = 100,
             .def = 50,
             .summary = "voices that have been silent for long"},
            {.name = "voices",
             .unit = "voices",
             .min = 1,
             .max = 4096,
             .def = 100,
             .summary = "filters, 64 samples of each a run"},
        },
    .variants =
        {
            {.name = "plain", .run = run_plain, .summary = "as it is"},
            {.name = "flushed",
             .supported = supported_flushed,
             .run = run_flushed,
             .summary = "subnormal numbers are 0 in the meantime"},
            {.name = "offset", .run = run_offset, .summary = "adds a constant far below what can be heard"},
        },
    .state_size = sizeof(struct decay),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "voices",
};
