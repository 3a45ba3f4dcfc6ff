#include "common-elements.h"

#include <stdlib.h>
#include <string.h>

/* A sorted copy: the lists are not ours to reorder. */
static void sort(const uint32_t *list, uint32_t *sorted, size_t n) {
    memcpy(sorted, list, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, lists_compare);
}

static size_t intersect(const struct lists *lists, const uint32_t *first, const uint32_t *second,
                        uint32_t *common) {
    sort(first, lists->sorted_first, lists->n);
    sort(second, lists->sorted_second, lists->n);
    size_t i = 0, j = 0, found = 0;
    while (i < lists->n && j < lists->n) {
        uint32_t left = lists->sorted_first[i], right = lists->sorted_second[j];
        if (left == right)
            common[found++] = left;
        i += left <= right;
        j += right <= left;
    }
    return found;
}

void run_merge(void *state) {
    lists_run(state, intersect);
}

int prepare_merge(const struct cs_env *env, void *state) {
    struct lists *lists = state;
    lists->sorted_first = cs_array(env, "first list, sorted", lists->n, uint32_t);
    lists->sorted_second = cs_array(env, "second list, sorted", lists->n, uint32_t);
    return 0;
}
