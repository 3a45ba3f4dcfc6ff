#define PREFETCH(address) __builtin_prefetch(address)
#include "batch.h"

void run_prefetched(void *state) {
    probe_batches(state);
}
