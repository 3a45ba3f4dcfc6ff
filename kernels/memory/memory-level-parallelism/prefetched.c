#define PREFETCH(address) __builtin_prefetch(address)
#include "in-step.h"

void run_prefetched(void *state) {
    struct walks *walks = state;
    WITH_CONSTANT_CHAINS(walks, walk_in_step)
}
