/* two-level-cache: values of Redis, read there each time or by way of a cache within the program. */
#include "two-level-cache.h"

enum {
    PARAMETER_SKEW,
    PARAMETER_TO_LIVE,
    PARAMETER_KEYS,
    PARAMETER_CAPACITY,
    PARAMETER_WRITE_EVERY,
    PARAMETER_REQUESTS
};
enum skew { SKEW_UNIFORM, SKEW_ZIPF };
static const char *const skew_names[] = {"uniform", "zipf", NULL};

#define LEAST_POOL                                                                                           \
    65536 /* requests before the first comes again: more than any cache here holds, many times */

static void teardown(void *state) {
    struct levels *levels = state;
    redisFree(levels->context);
}

/* Of keys whose share is 1, 1/2, 1/3 …: the first at which the sum of shares is above `at`. */
static uint32_t find_key(const double *sums, uint32_t keys, double at) {
    uint32_t low = 0;
    for (uint32_t length = keys; length > 1;) {
        uint32_t half = length / 2;
        low += sums[low + half - 1] <= at ? half : 0;
        length -= half;
    }
    return low;
}

/* What is read often is written often. */
static void draw(const struct cs_env *env, struct levels *levels) {
    struct cs_random random = cs_random_seed(env->seed);
    double *sums = cs_array(env, "sums of shares", levels->keys, double), sum = 0;
    uint32_t write_every = (uint32_t)env->value[PARAMETER_WRITE_EVERY];
    levels->pool = (LEAST_POOL + levels->count - 1) / levels->count * levels->count;
    levels->requests = cs_array(env, "requests", levels->pool, struct request);
    levels->answers = cs_array(env, "answers", levels->count, uint64_t);
    for (uint32_t i = 0; i < levels->keys; i++)
        sums[i] = sum += env->value[PARAMETER_SKEW] == SKEW_ZIPF ? 1.0 / (i + 1) : 1;
    for (size_t i = 0; i < levels->pool; i++)
        levels->requests[i] = (struct request){find_key(sums, levels->keys, cs_random_unit(&random) * sum),
                                               i % write_every == write_every - 1};
    cs_free(env, sums);
}

/* Versions begin with whatever the last word of a value is. */
static int make_side(const struct cs_env *env, struct levels *levels, unsigned side) {
    struct side *made = &levels->sides[side];
    char space = (char)('a' + side);
    made->keys = cs_array(env, "keys", levels->keys, struct redis_key);
    made->versions = cs_array(env, "versions", levels->keys, uint64_t);
    for (uint32_t i = 0; i < levels->keys; i++) {
        made->keys[i] = redis_key(space, env->seed, i);
        made->versions[i] = redis_first_word(env->seed, i) + BODY * REDIS_STEP;
    }
    return redis_fill(env, levels->context, space, levels->keys, BODY + 1);
}

static int setup(const struct cs_env *env, void *state) {
    struct levels *levels = state;
    levels->seed = env->seed;
    levels->keys = (uint32_t)env->value[PARAMETER_KEYS];
    levels->count = (uint32_t)env->value[PARAMETER_REQUESTS];
    levels->capacity = (uint32_t)env->value[PARAMETER_CAPACITY];
    levels->to_live = (uint64_t)env->value[PARAMETER_TO_LIVE];
    draw(env, levels);
    levels->context = redis_open(env);
    if (!levels->context)
        return -ECONNREFUSED;
    int status = 0;
    for (unsigned side = 0; side < SIDES && status == 0; side++)
        status = make_side(env, levels, side);
    if (status)
        teardown(state);
    return status;
}

void write_value(struct levels *levels, struct side *side, uint32_t key) {
    uint64_t words[BODY + 1];
    redis_make_value(words, BODY, levels->seed, key);
    words[BODY] = ++side->versions[key];
    if (redis_add_set(levels->context, &side->keys[key], words, BODY + 1) || redis_expect(levels->context, 1))
        levels->error = -EIO;
    levels->round_trips++;
}

/* What a cache holds changes how long an answer takes, and not what it is. */
static void reset(void *state) {
    struct levels *levels = state;
    levels->next = 0;
    levels->error = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct levels *levels = state;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "sum", .data = levels->answers, .count = levels->count, .type = CS_U64};
    *count = 1;
    return levels->error;
}

static void work(const void *state, struct cs_work *work) {
    const struct levels *levels = state;
    *work = (struct cs_work){.items = levels->count};
}

/* No server and no cache: the sums by their formula. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct levels *levels = state;
    const struct request *requests =
        levels->requests + cs_last_window(levels->next, levels->count, levels->pool);
    (void)variant;
    for (uint32_t i = 0; i < levels->count; i++) {
        uint64_t expected =
            requests[i].is_write ? 0 : redis_expected_sum(BODY, levels->seed, requests[i].key);
        if (levels->answers[i] != expected)
            return cs_wrong(mismatch, "sum", i, "%llu", (unsigned long long)levels->answers[i],
                            (unsigned long long)expected);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct levels *levels = state;
    values[0] = levels->round_trips;
    values[1] = levels->hits;
    values[2] = levels->stale;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "two-level-cache",
    .summary = "read values of Redis that are written now and then",
    .item = "request",
    .parameters =
        {{.name = "skew",
          .choices = skew_names,
          .def = SKEW_ZIPF,
          .summary = "how often each key is asked for"},
         {.name = "ttl",
          .unit = "requests",
          .min = 1,
          .max = 1 << 20,
          .def = 1024,
          .summary = "time that time-to-live trusts an entry for"},
         {.name = "keys",
          .unit = "keys",
          .min = 16,
          .max = 65536,
          .def = 4096,
          .summary = "that may be asked for"},
         {.name = "capacity",
          .unit = "entries",
          .min = 1,
          .max = 65536,
          .def = 512,
          .summary = "of the cache in the program"},
         {.name = "write-every",
          .unit = "requests",
          .min = 2,
          .max = 65536,
          .def = 64,
          .summary = "the last of so many requests is a write"},
         {.name = "requests", .unit = "requests", .min = 1, .max = 1024, .def = 64, .summary = "of a run"}},
    .variants =
        {{.name = "read-each", .run = run_read_each, .flags = CS_IO, .summary = "a round trip a read"},
         {.name = "time-to-live",
          .prepare = prepare_time_to_live,
          .run = run_time_to_live,
          .flags = CS_IO,
          .summary = "a bounded cache that trusts its entries for a while"},
         {.name = "forever",
          .prepare = prepare_forever,
          .run = run_forever,
          .flags = CS_IO,
          .summary = "a bounded cache that trusts its entries"}},
    .counters = {{.name = "round-trips", .unit = "round trip"},
                 {.name = "hits", .unit = "read"},
                 {.name = "stale-reads", .unit = "read"}},
    .state_size = sizeof(struct levels),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .teardown = teardown,
    .services = {REDIS_SERVICE},
};
