#include "top-k.h"

#include <string.h>

/* Puts `value` in the place of the node and lets it sink below smaller ones. The smallest value is at 0. */
static void sink(uint32_t *heap, size_t k, size_t node, uint32_t value) {
    for (size_t child; (child = 2 * node + 1) < k; node = child) {
        if (child + 1 < k)
            child += heap[child + 1] < heap[child];
        if (value <= heap[child])
            break;
        heap[node] = heap[child];
    }
    heap[node] = value;
}

void run_heap(void *state) {
    struct top *top = state;
    const uint32_t *values = top_take_window(top);
    uint32_t *heap = top->answer;
    memcpy(heap, values, top->k * sizeof *heap);
    for (size_t node = top->k / 2; node-- > 0;)
        sink(heap, top->k, node, heap[node]);
    for (size_t i = top->k; i < top->n; i++)
        if (values[i] > heap[0])
            sink(heap, top->k, 0, values[i]);
}
