/* Messages of many types: handlers that call a function, or that have it inlined. */
#define _GNU_SOURCE /* dladdr1 */
#include "inline-everything.h"

#include <dlfcn.h>
#include <link.h>

/* Types before the first comes again: a predictor of jumps knows shorter sequences by heart. */
#define LEAST_POOL 65536

/* Bytes of machine code of a function; 0 where the loader does not know. */
static size_t code_size(void (*function)(void *)) {
    union {
        void (*function)(void *);
        void *address;
    } code = {function};
    Dl_info info;
    const ElfW(Sym) *symbol = NULL;
    return dladdr1(code.address, &info, (void **)&symbol, RTLD_DL_SYMENT) && symbol ? symbol->st_size : 0;
}

static int setup(const struct cs_env *env, void *state) {
    struct handling *handling = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = handling->n = cs_size(env, "n");
    handling->pool_size = cs_windows(env, &handling->next, LEAST_POOL, n);
    struct message *messages = cs_array(env, "messages", n, struct message);
    unsigned char *types = cs_array(env, "types", handling->pool_size, unsigned char);
    handling->results = cs_array(env, "results", n, struct message);
    for (size_t i = 0; i < n; i++)
        for (size_t lane = 0; lane < LANES; lane++)
            messages[i].lane[lane] = cs_random_u64(&random);
    for (size_t i = 0; i < handling->pool_size; i++)
        types[i] = (unsigned char)cs_random_below(&random, (uint32_t)cs_value(env, "types"));
    handling->code[VARIANT_CALLED] = code_size(run_called);
    handling->code[VARIANT_INLINED] = code_size(run_inlined);
    handling->messages = messages;
    handling->types = types;
    cs_output(env, "lane", handling->results->lane, handling->n * LANES);
    cs_work(env, handling->n, 0);
    return 0;
}

/* The inverse of decode_lane: its steps from the last to the first. */
static uint64_t encode_lane(uint64_t x, uint64_t key) {
    for (int round = 0; round < 3; round++) {
        x = x >> 23 | x << 41;
        x ^= x >> 33;
        x -= key;
    }
    return x;
}

/* What was decoded is encoded again, and must be the message. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct handling *handling = state;
    const unsigned char *types =
        handling->types + cs_last_window(handling->next, handling->n, handling->pool_size);
    for (size_t i = 0; i < handling->n; i++)
        for (size_t lane = 0; lane < LANES; lane++) {
            uint64_t x = encode_lane(handling->results[i].lane[lane], TYPE_KEY(types[i]));
            cs_expect(mismatch, "lane, encoded again", i * LANES + lane, x, handling->messages[i].lane[lane]);
        }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct handling *handling = state;
    values[0] = 0;
    for (size_t variant = 0; variant < VARIANTS; variant++)
        values[0] += handling->handled[variant] * handling->code[variant] / MOST_TYPES;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("inline-everything", "message",
              "handlers of messages that call a function, or that have it inlined"),
    .parameters = {CS_NUMBER("n", "messages", 1, 65536, 1024, "messages"),
                   CS_NUMBER("types", "types", 1, MOST_TYPES, 64,
                             "types that the messages have, of 256 that have handlers")},
    .variants = {CS_VARIANT("called", run_called, "a function, called by each handler"),
                 CS_VARIANT("inlined", run_inlined, "its body in each handler")},
    .counters = {CS_COUNTER("own-code", "byte of code of the message's own handler")},
    CS_STATE(struct handling, setup),
    .check = check,
    .count = count,
    .scale = "n",
};
