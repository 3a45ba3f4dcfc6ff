/* The order of `prefetched` without its prefetches: what the order alone does. */
#define PREFETCH(address) ((void)(address))
#include "batch.h"

void run_batched(void *state) {
    probe_batches(state);
}
