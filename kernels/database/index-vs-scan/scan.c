/* No index: every row is looked at. */
#include "index-vs-scan.h"

int prepare_scan(const struct cs_env *env, void *state) {
    return open_indexed(env, state, SCAN, NULL);
}

void run_scan(void *state) {
    run_indexed(state, SCAN);
}

void release_scan(void *state) {
    close_indexed(state, SCAN);
}

void tell_scan(void *state, char *text, size_t size) {
    tell_indexed(state, SCAN, text, size);
}
