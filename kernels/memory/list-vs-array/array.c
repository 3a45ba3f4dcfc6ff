#include "list-vs-array.h"

void run_array(void *state) {
    struct sequence *sequence = state;
    const uint64_t *values = sequence->array + next_stretch(sequence) * sequence->length;
    uint64_t total = 0;
    for (size_t i = 0; i < sequence->length; i++)
        total += values[i];
    sequence->total = total;
}

int prepare_array(const struct cs_env *env, void *state) {
    struct sequence *sequence = state;
    sequence->array = cs_aligned_array(env, "array", sequence->n, uint64_t, CS_HUGE_PAGE);
    for (size_t i = 0; i < sequence->n; i++)
        sequence->array[i] = sequence->values[i];
    return 0;
}
