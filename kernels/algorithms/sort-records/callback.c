#include "sort-records.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right) {
    const struct record *a = left, *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static void sort(const struct records *records, const struct record *input, struct record *sorted) {
    memcpy(sorted, input, records->n * sizeof *sorted);
    qsort(sorted, records->n, sizeof *sorted, compare);
}

void run_callback(void *state) {
    records_run(state, sort);
}
