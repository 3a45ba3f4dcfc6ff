#include "probe.h"

void run_single(void *state) {
    struct probe *probe = state;
    const uint32_t *keys = probe_take_window(probe);
    for (size_t i = 0; i < probe->queries; i++) {
        uint32_t head = probe->heads[probe_bucket(keys[i], probe->shift)];
        probe->values[i] = probe_walk(probe->nodes, head, keys[i]);
    }
}
