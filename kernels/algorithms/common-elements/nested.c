#include "common-elements.h"

static int contains(const uint32_t *list, size_t n, uint32_t id) {
    for (size_t i = 0; i < n; i++)
        if (list[i] == id)
            return 1;
    return 0;
}

static size_t intersect(const struct lists *lists, const uint32_t *first, const uint32_t *second,
                        uint32_t *common) {
    size_t found = 0;
    for (size_t i = 0; i < lists->n; i++)
        if (contains(second, lists->n, first[i]))
            common[found++] = first[i];
    return found;
}

void run_nested(void *state) {
    lists_run(state, intersect);
}
