#include "worker/kernel_host.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Apart from its array, whose address and size are those of the same array in a program. */
struct kernel_block {
    struct kernel_block *next;
    void *data;
    size_t bytes;
};

/* The functions get their own struct const; the host itself is not. */
static struct kernel_host *host_of(const struct cs_host *functions) {
    return (struct kernel_host *)(uintptr_t)functions;
}

static void *allocate(const struct cs_host *functions, const char *name, size_t count, size_t size,
                      size_t alignment) {
    struct kernel_host *host = host_of(functions);
    struct kernel_block *block = malloc(sizeof *block);
    void *data = NULL;
    size_t bytes = 0;
    bool counted = !__builtin_mul_overflow(count, size, &bytes);
    if (!block || !counted || posix_memalign(&data, alignment, bytes ? bytes : 1) != 0) {
        free(block);
        host->no_memory(host->context, name, counted ? bytes : SIZE_MAX);
        abort();
    }
    if (alignment >= CS_HUGE_PAGE)
        madvise(data, bytes, MADV_HUGEPAGE);
    memset(data, 0, bytes);
    *block = (struct kernel_block){host->blocks, data, bytes};
    host->blocks = block;
    host->bytes += bytes;
    return data;
}

static void free_first(struct kernel_host *host, struct kernel_block **place) {
    struct kernel_block *block = *place;
    *place = block->next;
    host->bytes -= block->bytes;
    free(block->data);
    free(block);
}

static void give_back(const struct cs_host *functions, void *array) {
    struct kernel_host *host = host_of(functions);
    struct kernel_block **place = &host->blocks;
    while (*place && (*place)->data != array)
        place = &(*place)->next;
    if (*place)
        free_first(host, place);
}

void kernel_host_start(struct kernel_host *host, void (*no_memory)(void *, const char *, size_t),
                       void *context) {
    *host = (struct kernel_host){
        .functions = {.size = sizeof(struct cs_host), .allocate = allocate, .give_back = give_back},
        .no_memory = no_memory,
        .context = context};
}

void kernel_host_end(struct kernel_host *host) {
    while (host->blocks)
        free_first(host, &host->blocks);
}

void *kernel_host_make_state(const struct cs_kernel *kernel) {
    void *state = NULL;
    if (posix_memalign(&state, CS_LINE, kernel->state_size) != 0)
        return NULL;
    return memset(state, 0, kernel->state_size);
}
