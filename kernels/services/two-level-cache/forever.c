/* A bounded cache that keeps an entry until its room is needed: values change, and it does not see that. */
#include "two-level-cache.h"

void run_forever(void *state) {
    struct levels *levels = state;
    serve(levels, &levels->sides[SIDE_FOREVER], cache_get);
}

int prepare_forever(const struct cs_env *env, void *state) {
    struct levels *levels = state;
    cache_make(env, &levels->sides[SIDE_FOREVER].cache, levels->capacity, NEVER);
    cache_warm(levels, run_forever);
    return 0;
}
