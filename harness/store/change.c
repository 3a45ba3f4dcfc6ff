#include "store/change.h"

#include <stdlib.h>

void run_changes_clear(struct run_changes *changes) {
    free(changes->differences);
    free(changes->comparisons);
    free(changes->before_alone.items);
    free(changes->after_alone.items);
    *changes = (struct run_changes){0};
}

size_t run_changes_count(const struct run_changes *changes, enum verdict verdict) {
    size_t count = 0;
    for (size_t i = 0; i < changes->comparison_count; i++)
        count += changes->comparisons[i].verdict == verdict;
    return count;
}

bool change_is_flip(const struct comparison_change *change) {
    return change->before != change->after && change->before != VERDICT_INCONCLUSIVE &&
           change->after != VERDICT_INCONCLUSIVE;
}
