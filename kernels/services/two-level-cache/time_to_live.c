/* A bounded cache whose entries are asked for anew once they are old. */
#include "two-level-cache.h"

void run_time_to_live(void *state) {
    struct levels *levels = state;
    serve(levels, &levels->sides[SIDE_TIME_TO_LIVE], cache_get);
}

int prepare_time_to_live(const struct cs_env *env, void *state) {
    struct levels *levels = state;
    cache_make(env, &levels->sides[SIDE_TIME_TO_LIVE].cache, levels->capacity, levels->to_live);
    cache_warm(levels, run_time_to_live);
    return 0;
}
