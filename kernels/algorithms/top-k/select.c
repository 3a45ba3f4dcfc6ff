#include "top-k.h"

#include <string.h>

/* Moves values so that those from `at` on are the largest (C. A. R. Hoare, "Algorithm 65: Find", CACM 4(7), 1961). */
static void select_from(uint32_t *values, ptrdiff_t count, ptrdiff_t at) {
    for (ptrdiff_t low = 0, high = count - 1; low < high;) {
        struct top_parts parts = top_split(values, low, high);
        if (parts.left < at)
            low = parts.right;
        if (at < parts.right)
            high = parts.left;
    }
}

void run_select(void *state) {
    struct top *top = state;
    size_t at = top->n - top->k;
    memcpy(top->select_copy, top_take_window(top), top->n * sizeof *top->select_copy);
    if (at > 0)
        select_from(top->select_copy, (ptrdiff_t)top->n, (ptrdiff_t)at);
    memcpy(top->answer, top->select_copy + at, top->k * sizeof *top->answer);
}

int prepare_select(const struct cs_env *env, void *state) {
    struct top *top = state;
    top->select_copy = cs_array(env, "values while split", top->n, uint32_t);
    return 0;
}
