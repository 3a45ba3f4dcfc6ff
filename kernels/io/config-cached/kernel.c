/* config-cached: settings from files that change now and then, parsed at each call, when they change, or from a cache. */
#include "config-cached.h"

#include <unistd.h>

enum { PARAMETER_CALLS };

/* Calls before the first comes again: more than a predictor remembers. */
#define LEAST_POOL 4096

static void teardown(void *state) {
    struct configs *configs = state;
    for (uint32_t tenant = 0; tenant < FILES; tenant++)
        unlink(configs->paths[tenant]);
    unlink(configs->changed);
}

static int make_files(const struct cs_env *env, struct configs *configs) {
    configs->paths = cs_allocate(env, "paths", FILES, PATH_SIZE, CS_LINE);
    configs->changed = cs_array(env, "path of a changed file", PATH_SIZE, char);
    if (snprintf(configs->changed, PATH_SIZE, "%s/changed.conf", env->scratch) >= PATH_SIZE - 8)
        return cs_fail(env, ENAMETOOLONG, "the name of the scratch folder %s is too long", env->scratch);
    for (uint32_t tenant = 0; tenant < FILES && configs->error == 0; tenant++) {
        snprintf(configs->paths[tenant], PATH_SIZE, "%s/tenant%02u.conf", env->scratch, tenant);
        change_file(configs, tenant);
    }
    if (configs->error == 0)
        return 0;
    teardown(configs);
    return cs_fail(env, -configs->error, "cannot write to %s: %s; make room or choose another scratch folder",
                   env->scratch, strerror(-configs->error));
}

/* Tenants are skewed: the square of a uniform number, so that four of sixteen make half of the calls. */
static int setup(const struct cs_env *env, void *state) {
    struct configs *configs = state;
    struct cs_random random = cs_random_seed(env->seed);
    configs->calls = (uint32_t)env->value[PARAMETER_CALLS];
    configs->pool = (LEAST_POOL + configs->calls - 1) / configs->calls * configs->calls;
    configs->asked = cs_array(env, "calls", configs->pool, struct call);
    configs->answers = cs_array(env, "answers", configs->calls, uint32_t);
    for (uint32_t tenant = 0; tenant < FILES; tenant++)
        for (uint32_t key = 0; key < KEYS; key++)
            configs->values[tenant][key] = cs_random_below(&random, 1000000);
    for (size_t i = 0; i < configs->pool; i++) {
        double place = cs_random_unit(&random);
        configs->asked[i] = (struct call){(uint32_t)(place * place * FILES), cs_random_below(&random, KEYS)};
    }
    return make_files(env, configs);
}

static void reset(void *state) {
    struct configs *configs = state;
    configs->next = 0;
    configs->error = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct configs *configs = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "setting", .data = configs->answers, .count = configs->calls, .type = CS_U32};
    *count = 1;
    return configs->error;
}

static void work(const void *state, struct cs_work *work) {
    const struct configs *configs = state;
    *work = (struct cs_work){.items = configs->calls};
}

/* No file: the settings as they were drawn. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct configs *configs = state;
    const struct call *calls = configs->asked + cs_last_window(configs->next, configs->calls, configs->pool);
    (void)variant;
    for (uint32_t i = 0; i < configs->calls; i++) {
        uint32_t expected = configs->values[calls[i].tenant][calls[i].key];
        if (configs->answers[i] != expected)
            return cs_wrong(mismatch, "setting", i, "%u", configs->answers[i], expected);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct configs *configs = state;
    values[0] = configs->parses;
    values[1] = configs->stale;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "config-cached",
    .summary = "look up settings of 16 tenants, whose files change now and then",
    .item = "call",
    .parameters = {{.name = "calls",
                    .unit = "calls",
                    .min = 1,
                    .max = 4096,
                    .def = 64,
                    .summary = "calls of one run, after one file has changed"}},
    .variants = {{.name = "parse-each",
                  .run = run_parse_each,
                  .flags = CS_IO,
                  .summary = "the file is parsed at each call"},
                 {.name = "check-mtime",
                  .run = run_check_mtime,
                  .flags = CS_IO,
                  .summary = "a stat a call; all files are kept, and parsed again where they have changed"},
                 {.name = "cached",
                  .run = run_cached,
                  .flags = CS_IO,
                  .summary = "eight files are kept, each trusted for 16 calls"}},
    .counters = {{.name = "parses", .unit = "parse"}, {.name = "stale-reads", .unit = "read"}},
    .state_size = sizeof(struct configs),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .teardown = teardown,
};
