#include "transpose.h"

void run_padded(void *state) {
    struct transpose *all = state;
    transpose_plainly(&all->padded, all->n);
}

int prepare_padded(const struct cs_env *env, void *state) {
    struct transpose *all = state;
    transpose_make(env, all, &all->padded, all->n + CS_LINE / sizeof(uint64_t));
    return 0;
}
