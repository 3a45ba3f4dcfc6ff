#include "list-vs-array.h"

void run_list(void *state) {
    struct sequence *sequence = state;
    sequence->total = walk(sequence->scattered[next_stretch(sequence)], sequence->length);
}

int prepare_list(const struct cs_env *env, void *state) {
    struct sequence *sequence = state;
    struct scattered *nodes =
        cs_aligned_array(env, "nodes anywhere", sequence->n, struct scattered, CS_HUGE_PAGE);
    sequence->scattered = cs_array(env, "first nodes", sequence->n / sequence->length, struct node *);
    for (size_t i = 0; i < sequence->n; i++) {
        struct node *node = &nodes[sequence->shuffle[i]].node;
        node->value = sequence->values[i];
        node->next = &nodes[sequence->shuffle[i + 1 < sequence->n ? i + 1 : 0]].node;
        if (i % sequence->length == 0)
            sequence->scattered[i / sequence->length] = node;
    }
    return 0;
}
