/* A block of bytes is copied, and the copy is read at once, or not. */
#include "copy.h"

#include <inttypes.h>
#include <string.h>

enum { PARAMETER_BYTES, PARAMETER_READ };

/* The word of the block that begins at byte `i`. */
static uint64_t word_at(const struct copy *copy, size_t i) {
    return (copy->key ^ i) * 0x9e3779b97f4a7c15u;
}

static int setup(const struct cs_env *env, void *state) {
    struct copy *copy = state;
    struct cs_random random = cs_random_seed(env->seed);
    copy->bytes = (size_t)env->value[PARAMETER_BYTES] / sizeof(uint64_t) * sizeof(uint64_t);
    copy->read = (int)env->value[PARAMETER_READ];
    copy->key = cs_random_u64(&random);
    copy->from = cs_array(env, "block", copy->bytes, unsigned char);
    copy->to = cs_array(env, "copy", copy->bytes, unsigned char);
    for (size_t i = 0; i < copy->bytes; i += sizeof(uint64_t)) {
        uint64_t word = word_at(copy, i);
        memcpy(copy->from + i, &word, sizeof word);
    }
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct copy *copy = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "word", .data = copy->to, .count = copy->bytes / sizeof(uint64_t), .type = CS_U64};
    outputs[1] = (struct cs_output){.name = "total", .data = &copy->total, .count = 1, .type = CS_U64};
    *count = 2;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct copy *copy = state;
    *work = (struct cs_work){.items = (double)copy->bytes / CS_LINE,
                             .bytes = (double)copy->bytes * (2 + copy->read)};
}

/* By what the bytes are, whatever the block holds by now. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct copy *copy = state;
    (void)variant;
    uint64_t total = 0;
    for (size_t i = 0; i < copy->bytes; i += sizeof(uint64_t)) {
        uint64_t found, expected = word_at(copy, i);
        memcpy(&found, copy->to + i, sizeof found);
        if (found != expected)
            return cs_wrong(mismatch, "word that begins at this byte", i, "%#" PRIx64, found, expected);
        total += copy->read ? expected : 0;
    }
    return copy->total == total ? 0 : cs_wrong(mismatch, "total", 0, "%" PRIu64, copy->total, total);
}

static const char *const read_choices[] = {"no", "yes", NULL};

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "copy",
    .summary = "copy a block of bytes, and read it or not",
    .item = "line",
    .parameters = {{.name = "bytes", .unit = "bytes", .min = 8, .max = 1 << 28, .def = 16384},
                   {.name = "read", .choices = read_choices, .summary = "whether the copy is read at once"}},
    .variants = {{.name = "bytes", .run = run_bytes, .summary = "a loop over bytes, as compilers have it"},
                 {.name = "memcpy", .run = run_memcpy, .summary = "the C library"},
                 {.name = "nontemporal",
                  .supported = support_nontemporal,
                  .run = run_nontemporal,
                  .summary = "stores past the caches"}},
    .state_size = sizeof(struct copy),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
};
