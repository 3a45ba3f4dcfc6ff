#include "dot.h"
#include "peer.h"

#include <cblas.h>

static int prepare(const struct cs_env *env, void *state) {
    (void)env, (void)state;
    openblas_set_num_threads(1);
    return 0;
}

static void run(void *state) {
    struct dot *dot = state;
    dot->product = cblas_ddot((int)dot->n, dot->x, 1, dot->y, 1);
}

PEER(openblas) = {.name = "openblas", .run = run, .summary = "cblas_ddot, one thread", .prepare = prepare};
