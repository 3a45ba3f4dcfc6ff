/* Hashes of words, by local variables with and without the keyword `register`. */
#include "register-keyword.h"

static int setup(const struct cs_env *env, void *state) {
    struct words *words = state;
    struct cs_random random = cs_random_seed(env->seed);
    words->seed = env->seed;
    words->n = cs_size(env, "n");
    words->length = cs_size(env, "length");
    unsigned char *bytes = cs_array(env, "bytes", words->n * words->length, unsigned char);
    words->hashes = cs_answer(env, "hash", words->n, uint32_t);
    for (size_t i = 0; i < words->n * words->length; i++)
        bytes[i] = (unsigned char)cs_random_below(&random, 256);
    words->bytes = bytes;
    cs_work(env, words->n, words->n * words->length);
    return 0;
}

/* The bytes are drawn again, and the prime 2^24 + 2^8 + 0x93 is multiplied with by shifts and additions. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct words *words = state;
    struct cs_random random = cs_random_seed(words->seed);
    for (size_t i = 0; i < words->n; i++) {
        uint64_t expected = 2166136261u;
        for (size_t k = 0; k < words->length; k++) {
            expected ^= cs_random_below(&random, 256);
            expected =
                ((expected << 24) + (expected << 8) + (expected << 7) + (expected << 4) + 3 * expected) &
                UINT32_MAX;
        }
        cs_expect(mismatch, "hash", i, words->hashes[i], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("register-keyword", "word", "hash words, with variables that are register or not"),
    .parameters = {CS_NUMBER("n", "words", 1, 1 << 20, 1024, "words"),
                   CS_NUMBER("length", "bytes", 1, 4096, 16, "bytes a word")},
    .variants = {CS_VARIANT("plain", run_plain, "local variables"),
                 CS_VARIANT("register", run_register, "the same, declared register")},
    CS_STATE(struct words, setup),
    .check = check,
    .scale = "n",
};
