#include "lookup.h"
#include "peer.h"

#include <Judy.h>

static int prepare(const struct cs_env *env, void *state) {
    const struct lookup *lookup = state;
    Pvoid_t *array = peer_state(state);
    for (size_t i = 0; i < lookup->n; i++) {
        PPvoid_t value = JudyLIns(array, lookup->ids[i], PJE0);
        if (!value || value == PPJERR)
            return cs_fail(env, ENOMEM, "no memory for JudyL");
        *(Word_t *)value = i;
    }
    return 0;
}

static void release(void *state) {
    JudyLFreeArray(peer_state(state), PJE0);
}

static void run(void *state) {
    struct lookup *lookup = state;
    Pvoid_t array = *(Pvoid_t *)peer_state(state);
    const uint32_t *queries = lookup_take_window(lookup);
    for (size_t i = 0; i < lookup->window_size; i++) {
        PPvoid_t value = JudyLGet(array, queries[i], PJE0);
        lookup->answers[i] = value ? (uint32_t) * (Word_t *)value : LOOKUP_NONE;
    }
}

PEER(judy) = {.name = "judy", .run = run, .summary = "JudyL", .prepare = prepare, .release = release};
