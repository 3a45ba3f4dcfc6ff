/* http-keep-alive: files of an nginx, over a connection a request or one that stays. */
#include "http-keep-alive.h"

#include <unistd.h>

enum { PARAMETER_BYTES, PARAMETER_REQUESTS, PARAMETER_TRANSPORT };

#define FILES 16
#define LEAST_POOL 1024 /* requests before the first comes again */

/* File `number` of the scratch folder, and how a client names it. */
static int make_file(const struct cs_env *env, struct downloads *downloads, uint32_t number,
                     uint64_t *words) {
    char path[4200];
    struct url *url = &downloads->urls[number];
    snprintf(path, sizeof path, "%s/%u", env->scratch, number);
    for (uint32_t i = 0; i < downloads->words; i++)
        words[i] = download_first(env->seed, number) + i * DOWNLOAD_STEP;
    FILE *file = fopen(path, "we");
    if (!file)
        return cs_fail(env, errno, "cannot make %s", path);
    int failed = fwrite(words, sizeof *words, downloads->words, file) != downloads->words;
    if (fclose(file) || failed)
        return cs_fail(env, EIO, "cannot write %s", path);
    int length = downloads->transport == HTTP_TCP
                     ? snprintf(url->text, sizeof url->text, "http://127.0.0.1:%u/%u", env->port[0], number)
                     : snprintf(url->text, sizeof url->text, "http://localhost/%u", number);
    return length < (int)sizeof url->text ? 0 : cs_fail(env, ENAMETOOLONG, "%s", path);
}

static void teardown(void *state) {
    struct downloads *downloads = state;
    char path[4200];
    for (uint32_t i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, "%s/%u", downloads->scratch, i);
        unlink(path);
    }
    curl_global_cleanup();
}

static int setup(const struct cs_env *env, void *state) {
    struct downloads *downloads = state;
    struct cs_random random = cs_random_seed(env->seed);
    downloads->seed = env->seed;
    downloads->scratch = env->scratch;
    downloads->words = ((uint32_t)env->value[PARAMETER_BYTES] + 7) / 8;
    downloads->count = (uint32_t)env->value[PARAMETER_REQUESTS];
    downloads->transport = (enum http_transport)env->value[PARAMETER_TRANSPORT];
    downloads->pool = (LEAST_POOL + downloads->count - 1) / downloads->count * downloads->count;
    downloads->urls = cs_array(env, "addresses", FILES, struct url);
    downloads->asked = cs_array(env, "requests", downloads->pool, uint32_t);
    downloads->answers = cs_array(env, "answers", downloads->count, uint64_t);
    for (size_t i = 0; i < downloads->pool; i++)
        downloads->asked[i] = cs_random_below(&random, FILES);
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

static void reset(void *state) {
    struct downloads *downloads = state;
    downloads->next = 0;
    downloads->error = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct downloads *downloads = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "sum", .data = downloads->answers, .count = downloads->count, .type = CS_U64};
    *count = 1;
    return downloads->error;
}

static void work(const void *state, struct cs_work *work) {
    const struct downloads *downloads = state;
    *work = (struct cs_work){.items = downloads->count,
                             .bytes = (double)downloads->count * downloads->words * sizeof(uint64_t)};
}

/* No server: the sums by the formula of a series. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct downloads *downloads = state;
    const uint32_t *asked =
        downloads->asked + cs_last_window(downloads->next, downloads->count, downloads->pool);
    uint64_t words = downloads->words;
    (void)variant;
    for (uint32_t i = 0; i < downloads->count; i++) {
        uint64_t expected =
            words * download_first(downloads->seed, asked[i]) + words * (words - 1) / 2 * DOWNLOAD_STEP;
        if (downloads->answers[i] != expected)
            return cs_wrong(mismatch, "sum", i, "%llu", (unsigned long long)downloads->answers[i],
                            (unsigned long long)expected);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    values[0] = ((const struct downloads *)state)->connects;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "http-keep-alive",
    .summary = "get files from nginx",
    .item = "request",
    .parameters =
        {{.name = "bytes",
          .unit = "bytes",
          .min = 8,
          .max = 16777216,
          .def = 1024,
          .summary = "of a file, rounded up to a multiple of 8"},
         {.name = "requests", .unit = "requests", .min = 1, .max = 64, .def = 2, .summary = "of a run"},
         HTTP_TRANSPORT},
    .variants = {{.name = "connect-each",
                  .prepare = prepare_connect_each,
                  .release = release_connect_each,
                  .run = run_connect_each,
                  .flags = CS_IO,
                  .summary = "a connection a request"},
                 {.name = "kept",
                  .prepare = prepare_kept,
                  .release = release_kept,
                  .run = run_kept,
                  .flags = CS_IO,
                  .summary = "one connection"}},
    .counters = {{.name = "connects", .unit = "connection"}},
    .state_size = sizeof(struct downloads),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .teardown = teardown,
    .scale = "requests",
    .services = {HTTP_SERVICE},
};
