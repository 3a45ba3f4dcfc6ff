#include "first-touch.h"

#include <string.h>

/* The block of the run before, of which what will be used is made zeros again. */
void run_reused(void *state) {
    struct first_touch *all = state;
    memset(all->reused, 0, all->words * sizeof *all->reused);
    all->total = first_touch_use(all->reused, all);
}

int prepare_reused(const struct cs_env *env, void *state) {
    struct first_touch *all = state;
    all->reused = cs_aligned_array(env, "block", all->bytes / sizeof *all->reused, uint32_t, PAGE);
    return 0;
}
