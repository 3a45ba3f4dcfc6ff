#include "top-k.h"

#include <string.h>

/* Parts below that many values are left to one insertion sort at the end (R. Sedgewick, CACM 21(10), 1978). */
#define SMALL_PART 16

/*
 * Quicksort, with its comparison inlined: qsort's calls would cost more than all else here, and are the subject of
 * the case sort-records.
 */
static void sort_roughly(uint32_t *values, ptrdiff_t low, ptrdiff_t high) {
    while (high - low >= SMALL_PART) {
        struct top_parts parts = top_split(values, low, high);
        if (parts.left - low < high - parts.right) {
            sort_roughly(values, low, parts.left);
            low = parts.right;
        } else {
            sort_roughly(values, parts.right, high);
            high = parts.left;
        }
    }
}

static void sort_by_insertion(uint32_t *values, size_t n) {
    for (size_t i = 1; i < n; i++) {
        uint32_t value = values[i];
        size_t j = i;
        for (; j > 0 && values[j - 1] > value; j--)
            values[j] = values[j - 1];
        values[j] = value;
    }
}

void run_sort(void *state) {
    struct top *top = state;
    memcpy(top->sort_copy, top_take_window(top), top->n * sizeof *top->sort_copy);
    sort_roughly(top->sort_copy, 0, (ptrdiff_t)top->n - 1);
    sort_by_insertion(top->sort_copy, top->n);
    memcpy(top->answer, top->sort_copy + top->n - top->k, top->k * sizeof *top->answer);
}

int prepare_sort(const struct cs_env *env, void *state) {
    struct top *top = state;
    top->sort_copy = cs_array(env, "values while sorted", top->n, uint32_t);
    return 0;
}
