#include "sort-records.h"

#include <string.h>

static inline int is_after(const struct record *a, const struct record *b) {
    return a->key != b->key ? a->key > b->key : a->id > b->id;
}

/* As the qsort of the C library that this was written beside: halves, merged into `spare` and copied back. */
static void merge_sort(struct record *records, struct record *spare, size_t n) {
    if (n < 2)
        return;
    size_t half = n / 2;
    merge_sort(records, spare, half);
    merge_sort(records + half, spare, n - half);
    const struct record *left = records, *middle = records + half, *right = middle, *end = records + n;
    struct record *to = spare;
    while (left < middle && right < end) {
        if (is_after(left, right))
            *to++ = *right++;
        else
            *to++ = *left++;
    }
    /* What is left of the right half lies where it belongs. */
    memcpy(to, left, (size_t)(middle - left) * sizeof *to);
    memcpy(records, spare, (size_t)(right - records) * sizeof *to);
}

static void sort(const struct records *records, const struct record *input, struct record *sorted) {
    memcpy(sorted, input, records->n * sizeof *sorted);
    merge_sort(sorted, records->merge_spare, records->n);
}

void run_inlined(void *state) {
    records_run(state, sort);
}

int prepare_inlined(const struct cs_env *env, void *state) {
    struct records *records = state;
    records->merge_spare = cs_array(env, "records being merged", records->n, struct record);
    return 0;
}
