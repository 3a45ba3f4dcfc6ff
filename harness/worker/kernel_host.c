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

/* Not from the heap, which is looked at for what a variant takes; touched when something is recorded. */
static struct cs_recorder *make_recorder(const struct cs_host *functions, size_t capacity) {
    struct kernel_host *host = host_of(functions);
    struct kernel_recorder *made = MAP_FAILED;
    size_t bytes = 0;
    if (!__builtin_mul_overflow(capacity, sizeof *made->ticks, &bytes) &&
        !__builtin_add_overflow(bytes, sizeof *made, &bytes))
        made = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) {
        host->no_memory(host->context, "recorder", bytes ? bytes : SIZE_MAX);
        abort();
    }
    made->bytes = bytes;
    made->recorder.ticks = made->ticks;
    made->recorder.capacity = capacity;
    made->next = host->recorders;
    host->recorders = made;
    return &made->recorder;
}

/* Without a time stamp counter there is one clock, sample_clock_now's other one. */
static uint64_t read_other_clock(void) {
    static const struct sample_clock clock = {.tsc = false};
    return sample_clock_now(&clock);
}

void kernel_host_record(struct kernel_host *host, const struct sample_clock *clock) {
    for (struct kernel_recorder *each = host->recorders; each; each = each->next) {
        each->recorder.count = 0;
        each->recorder.now = clock && clock->tsc ? NULL : read_other_clock;
        each->recorder.on = clock != NULL;
    }
}

void kernel_host_start(struct kernel_host *host, void (*no_memory)(void *, const char *, size_t),
                       void *context) {
    *host = (struct kernel_host){.functions = {.size = sizeof(struct cs_host),
                                               .allocate = allocate,
                                               .give_back = give_back,
                                               .recorder = make_recorder},
                                 .no_memory = no_memory,
                                 .context = context};
}

void kernel_host_end(struct kernel_host *host) {
    while (host->blocks)
        free_first(host, &host->blocks);
    while (host->recorders) {
        struct kernel_recorder *first = host->recorders;
        host->recorders = first->next;
        munmap(first, first->bytes);
    }
}

void *kernel_host_make_state(const struct cs_kernel *kernel) {
    void *state = NULL;
    if (posix_memalign(&state, CS_LINE, kernel->state_size) != 0)
        return NULL;
    return memset(state, 0, kernel->state_size);
}
