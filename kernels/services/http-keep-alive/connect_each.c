/* A connection a request, closed after its answer. */
#include "http-keep-alive.h"

void run_connect_each(void *state) {
    struct downloads *downloads = state;
    download(downloads, &downloads->each);
}

int prepare_connect_each(const struct cs_env *env, void *state) {
    struct downloads *downloads = state;
    int status = open_client(env, downloads, &downloads->each, "answer of connect-each");
    if (status == 0)
        curl_easy_setopt(downloads->each.easy, CURLOPT_FORBID_REUSE, 1L);
    return status;
}

void release_connect_each(void *state) {
    http_close(&((struct downloads *)state)->each);
}
