/* http-keep-alive: files of an nginx, over a connection a request or one that stays. */
#include "http-keep-alive.h"

#define FILES 16
#define LEAST_POOL 1024 /* requests before the first comes again */

/* File `number` of the scratch folder, and how a client names it. */
static int make_file(const struct cs_env *env, struct downloads *downloads, uint32_t number,
                     uint64_t *words) {
    for (uint32_t i = 0; i < downloads->words; i++)
        words[i] = download_first(env->seed, number) + i * DOWNLOAD_STEP;
    http_address(env, &downloads->urls[number], downloads->transport, "", number);
    return http_write(env, number, "", words, downloads->words * sizeof *words);
}

static void teardown(void *state) {
    http_remove(((struct downloads *)state)->scratch, FILES, "");
    curl_global_cleanup();
}

static int setup(const struct cs_env *env, void *state) {
    struct downloads *downloads = state;
    struct cs_random random = cs_random_seed(env->seed);
    downloads->seed = env->seed;
    downloads->scratch = env->scratch;
    downloads->words = ((uint32_t)cs_value(env, "bytes") + 7) / 8;
    downloads->count = (uint32_t)cs_value(env, "requests");
    downloads->transport = (enum http_transport)cs_value(env, "transport");
    downloads->pool = cs_windows(env, &downloads->next, LEAST_POOL, downloads->count);
    downloads->urls = cs_array(env, "addresses", FILES, struct http_url);
    downloads->asked = cs_array(env, "requests", downloads->pool, uint32_t);
    downloads->answers = cs_answer(env, "sum", downloads->count, uint64_t);
    for (size_t i = 0; i < downloads->pool; i++)
        downloads->asked[i] = cs_random_below(&random, FILES);
    cs_work(env, downloads->count, (double)downloads->count * downloads->words * sizeof(uint64_t));
    cs_count(env, "connects", &downloads->connects);
    cs_run_error(env, &downloads->error);
    uint64_t *words = cs_array(env, "file", downloads->words, uint64_t);
    int status =
        curl_global_init(CURL_GLOBAL_NOTHING) == CURLE_OK ? 0 : cs_fail(env, EIO, "curl_global_init");
    for (uint32_t i = 0; i < FILES && status == 0; i++)
        status = make_file(env, downloads, i, words);
    cs_free(env, words);
    if (status)
        teardown(state);
    return status;
}

/* No server: the sums by the formula of a series. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct downloads *downloads = state;
    const uint32_t *asked =
        downloads->asked + cs_last_window(downloads->next, downloads->count, downloads->pool);
    uint64_t words = downloads->words;
    for (uint32_t i = 0; i < downloads->count; i++) {
        uint64_t expected =
            words * download_first(downloads->seed, asked[i]) + words * (words - 1) / 2 * DOWNLOAD_STEP;
        cs_expect(mismatch, "sum", i, downloads->answers[i], expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("http-keep-alive", "request", "get files from nginx"),
    .parameters = {CS_NUMBER("bytes", "bytes", 8, 1 << 24, 1024, "of a file, rounded up to a multiple of 8"),
                   CS_NUMBER("requests", "requests", 1, 64, 2, "of a run"), HTTP_TRANSPORT},
    .variants = {CS_VARIANT("connect-each", run_connect_each, "a connection a request", .flags = CS_IO,
                            .prepare = prepare_connect_each, .release = release_connect_each),
                 CS_VARIANT("kept", run_kept, "one connection", .flags = CS_IO, .prepare = prepare_kept,
                            .release = release_kept)},
    .counters = {CS_COUNTER("connects", "connection")},
    CS_STATE(struct downloads, setup),
    .check = check,
    .teardown = teardown,
    .scale = "requests",
    .services = {HTTP_SERVICE("")},
};
