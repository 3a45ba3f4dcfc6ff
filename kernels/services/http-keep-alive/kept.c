/* One connection, which HTTP/1.1 keeps unless somebody says otherwise. */
#include "http-keep-alive.h"

void run_kept(void *state) {
    struct downloads *downloads = state;
    download(downloads, &downloads->kept);
}

int prepare_kept(const struct cs_env *env, void *state) {
    struct downloads *downloads = state;
    return open_client(env, downloads, &downloads->kept, "answer of kept");
}

void release_kept(void *state) {
    http_close(&((struct downloads *)state)->kept);
}
