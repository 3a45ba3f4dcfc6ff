#include "list-vs-array.h"

void run_pooled(void *state) {
    struct sequence *sequence = state;
    sequence->total = walk(sequence->pooled[next_stretch(sequence)], sequence->length);
}

/* Nodes of one block, taken in the order of the list. */
int prepare_pooled(const struct cs_env *env, void *state) {
    struct sequence *sequence = state;
    struct node *nodes = cs_aligned_array(env, "pool of nodes", sequence->n, struct node, CS_HUGE_PAGE);
    sequence->pooled = cs_array(env, "first nodes", sequence->n / sequence->length, struct node *);
    for (size_t i = 0; i < sequence->n; i++) {
        nodes[i].value = sequence->values[i];
        nodes[i].next = &nodes[i + 1 < sequence->n ? i + 1 : 0];
        if (i % sequence->length == 0)
            sequence->pooled[i / sequence->length] = &nodes[i];
    }
    return 0;
}
