#define PREFETCH(address) ((void)(address))
#include "in-step.h"

void run_interleaved(void *state) {
    struct walks *walks = state;
    WITH_CONSTANT_CHAINS(walks, walk_in_step)
}
