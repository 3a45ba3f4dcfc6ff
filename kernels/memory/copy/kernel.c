/* A block of bytes is copied, and the copy is read at once, or not. */
#include "copy.h"

#include <inttypes.h>
#include <string.h>

/* The word of the block that begins at byte `i`. */
static uint64_t word_at(const struct copy *copy, size_t i) {
    return (copy->key ^ i) * 0x9e3779b97f4a7c15u;
}

static int setup(const struct cs_env *env, void *state) {
    struct copy *copy = state;
    struct cs_random random = cs_random_seed(env->seed);
    copy->bytes = cs_size(env, "bytes") / sizeof(uint64_t) * sizeof(uint64_t);
    copy->read = (int)cs_value(env, "read");
    copy->key = cs_random_u64(&random);
    copy->from = cs_array(env, "block", copy->bytes, unsigned char);
    copy->to = cs_array(env, "copy", copy->bytes, unsigned char);
    for (size_t i = 0; i < copy->bytes; i += sizeof(uint64_t)) {
        uint64_t word = word_at(copy, i);
        memcpy(copy->from + i, &word, sizeof word);
    }
    cs_output(env, "word", (uint64_t *)(void *)copy->to, copy->bytes / sizeof(uint64_t));
    cs_output(env, "total", &copy->total, 1);
    cs_work(env, (double)copy->bytes / CS_LINE, (double)copy->bytes * (2 + copy->read));
    return 0;
}

/* By what the bytes are, whatever the block holds by now. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct copy *copy = state;
    uint64_t total = 0;
    for (size_t i = 0; i < copy->bytes; i += sizeof(uint64_t)) {
        uint64_t found, expected = word_at(copy, i);
        memcpy(&found, copy->to + i, sizeof found);
        if (found != expected)
            return cs_wrong(mismatch, "word that begins at this byte", i, "%#" PRIx64, found, expected);
        total += copy->read ? expected : 0;
    }
    cs_expect(mismatch, "total", 0, copy->total, total);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("copy", "line", "copy a block of bytes, and read it or not"),
    .parameters = {CS_NUMBER("bytes", "bytes", 8, 1 << 28, 16384, NULL),
                   CS_CHOICE("read", 0, "whether the copy is read at once", "no", "yes")},
    .variants = {CS_VARIANT("bytes", run_bytes, "a loop over bytes, as compilers have it"),
                 CS_VARIANT("memcpy", run_memcpy, "the C library"),
                 CS_VARIANT("nontemporal", run_nontemporal, "stores past the caches",
                            .supported = support_nontemporal)},
    CS_STATE(struct copy, setup),
    .check = check,
};
