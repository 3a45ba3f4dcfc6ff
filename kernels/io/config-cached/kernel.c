/* config-cached: settings from files that change now and then, parsed at each call, when they change, or from a cache. */
#include "config-cached.h"

#include <unistd.h>

/* Calls before the first comes again: more than a predictor remembers. */
#define LEAST_POOL 4096

static void teardown(void *state) {
    struct configs *configs = state;
    for (uint32_t tenant = 0; tenant < FILES; tenant++)
        unlink(configs->paths[tenant]);
    unlink(configs->changed);
}

static int make_files(const struct cs_env *env, struct configs *configs) {
    configs->changed = cs_scratch_path(env, "changed.conf");
    for (uint32_t tenant = 0; tenant < FILES; tenant++)
        configs->paths[tenant] = cs_scratch_path(env, "tenant%02u.conf", tenant);
    for (uint32_t tenant = 0; tenant < FILES && configs->error == 0; tenant++)
        change_file(configs, tenant);
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
    configs->calls = (uint32_t)cs_value(env, "calls");
    configs->pool = cs_windows(env, &configs->next, LEAST_POOL, configs->calls);
    configs->asked = cs_array(env, "calls", configs->pool, struct call);
    configs->answers = cs_answer(env, "setting", configs->calls, uint32_t);
    for (uint32_t tenant = 0; tenant < FILES; tenant++)
        for (uint32_t key = 0; key < KEYS; key++)
            configs->values[tenant][key] = cs_random_below(&random, 1000000);
    for (size_t i = 0; i < configs->pool; i++) {
        double place = cs_random_unit(&random);
        configs->asked[i] = (struct call){(uint32_t)(place * place * FILES), cs_random_below(&random, KEYS)};
    }
    cs_run_error(env, &configs->error);
    cs_work(env, configs->calls, 0);
    cs_count(env, "parses", &configs->parses);
    cs_count(env, "stale-reads", &configs->stale);
    return make_files(env, configs);
}

/* No file: the settings as they were drawn. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct configs *configs = state;
    const struct call *calls = configs->asked + cs_last_window(configs->next, configs->calls, configs->pool);
    for (uint32_t i = 0; i < configs->calls; i++)
        cs_expect(mismatch, "setting", i, configs->answers[i],
                  configs->values[calls[i].tenant][calls[i].key]);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("config-cached", "call", "look up settings of 16 tenants, whose files change now and then"),
    .parameters = {CS_NUMBER("calls", "calls", 1, 4096, 64, "calls of one run, after one file has changed")},
    .variants = {CS_VARIANT("parse-each", run_parse_each, "the file is parsed at each call", .flags = CS_IO),
                 CS_VARIANT("check-mtime", run_check_mtime,
                            "a stat a call; all files are kept, and parsed again where they have changed",
                            .flags = CS_IO),
                 CS_VARIANT("cached", run_cached, "eight files are kept, each trusted for 16 calls",
                            .flags = CS_IO)},
    .counters = {CS_COUNTER("parses", "parse"), CS_COUNTER("stale-reads", "read")},
    CS_STATE(struct configs, setup),
    .check = check,
    .teardown = teardown,
};
