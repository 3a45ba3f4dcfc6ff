#include "list-vs-array.h"

void run_unrolled(void *state) {
    struct sequence *sequence = state;
    uint64_t total = 0;
    for (const struct unrolled *node = sequence->unrolled[next_stretch(sequence)]; node; node = node->next)
        for (size_t i = 0; i < node->count; i++)
            total += node->values[i];
    sequence->total = total;
}

/* A stretch is a list of its own, so its last node is not full; nodes lie anywhere, like those of `list`. */
int prepare_unrolled(const struct cs_env *env, void *state) {
    struct sequence *sequence = state;
    size_t stretches = sequence->n / sequence->length;
    size_t nodes_each = (sequence->length + UNROLLED_VALUES - 1) / UNROLLED_VALUES;
    size_t nodes = stretches * nodes_each, place = 0;
    struct unrolled *pool =
        cs_aligned_array(env, "nodes of many numbers", nodes, struct unrolled, CS_HUGE_PAGE);
    struct unrolled **link = NULL;
    sequence->unrolled = cs_array(env, "first nodes of many numbers", stretches, struct unrolled *);
    for (size_t i = 0; i < sequence->n; i += sequence->length) {
        link = &sequence->unrolled[i / sequence->length];
        for (size_t taken = 0; taken < sequence->length; link = &(*link)->next) {
            while (sequence->shuffle[place] >= nodes) /* the places below `nodes`, in random order */
                place++;
            *link = &pool[sequence->shuffle[place++]];
            while ((*link)->count < UNROLLED_VALUES && taken < sequence->length)
                (*link)->values[(*link)->count++] = sequence->values[i + taken++];
        }
    }
    return 0;
}
