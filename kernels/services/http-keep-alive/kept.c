/* One connection, which HTTP/1.1 keeps unless somebody says otherwise. */
#include "http-keep-alive.h"

void run_kept(void *state) {
    struct downloads *downloads = state;
    download(downloads, &downloads->kept);
}

int prepare_kept(const struct cs_env *env, void *state) {
    struct downloads *downloads = state;
    return http_open(env, &downloads->kept, "answer of kept", downloads->words * sizeof(uint64_t),
                     downloads->transport);
}

void release_kept(void *state) {
    http_close(&((struct downloads *)state)->kept);
}
