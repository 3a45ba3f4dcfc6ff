/* Hashes of words, by local variables with and without the keyword `register`. */
#include "register-keyword.h"

enum { PARAMETER_N, PARAMETER_LENGTH };

static int setup(const struct cs_env *env, void *state) {
    struct words *words = state;
    struct cs_random random = cs_random_seed(env->seed);
    words->seed = env->seed;
    words->n = (size_t)env->value[PARAMETER_N];
    words->length = (size_t)env->value[PARAMETER_LENGTH];
    unsigned char *bytes = cs_array(env, "bytes", words->n * words->length, unsigned char);
    words->hashes = cs_array(env, "hashes", words->n, uint32_t);
    for (size_t i = 0; i < words->n * words->length; i++)
        bytes[i] = (unsigned char)cs_random_below(&random, 256);
    words->bytes = bytes;
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct words *words = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "hash", .data = words->hashes, .count = words->n, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct words *words = state;
    *work = (struct cs_work){.items = (double)words->n, .bytes = (double)(words->n * words->length)};
}

/* The bytes are drawn again, and the prime 2^24 + 2^8 + 0x93 is multiplied with by shifts and additions. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct words *words = state;
    struct cs_random random = cs_random_seed(words->seed);
    (void)variant;
    for (size_t i = 0; i < words->n; i++) {
        uint64_t expected = 2166136261u;
        for (size_t k = 0; k < words->length; k++) {
            expected ^= cs_random_below(&random, 256);
            expected =
                ((expected << 24) + (expected << 8) + (expected << 7) + (expected << 4) + 3 * expected) &
                UINT32_MAX;
        }
        if (words->hashes[i] != expected)
            return cs_wrong(mismatch, "hash", i, "%08x", words->hashes[i], (uint32_t)expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "register-keyword",
    .summary = "hash words, with variables that are register or not",
    .item = "word",
    .parameters =
        {{.name = "n", .unit = "words", .min = 1, .max = 1 << 20, .def = 1024, .summary = "words"},
         {.name = "length", .unit = "bytes", .min = 1, .max = 4096, .def = 16, .summary = "bytes a word"}},
    .variants = {{.name = "plain", .run = run_plain, .summary = "local variables"},
                 {.name = "register", .run = run_register, .summary = "the same, declared register"}},
    .state_size = sizeof(struct words),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "n",
};
