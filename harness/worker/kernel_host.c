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

/* Whether setup may still say so; the first thing that may not be is told. */
static bool takes(struct kernel_host *host, const char *function, size_t count, size_t most) {
    if (!host->fault.text[0] && host->is_settled)
        problem_set(&host->fault, EINVAL, "%s was called after setup, which alone may", function);
    else if (!host->fault.text[0] && count >= most)
        problem_set(&host->fault, EINVAL, "%s was called more than %zu times", function, most);
    return !host->is_settled && count < most;
}

static void add_output(const struct cs_host *functions, const struct cs_output *output) {
    struct kernel_host *host = host_of(functions);
    if (takes(host, "cs_output", host->output_count, CS_MAX_OUTPUTS) && output->count > 0)
        host->outputs[host->output_count++] = *output;
}

static void set_work(const struct cs_host *functions, double items, double bytes, double flops) {
    struct kernel_host *host = host_of(functions);
    if (!takes(host, flops < 0 ? "cs_work" : "cs_flops", 0, 1))
        return;
    host->work.items = items < 0 ? host->work.items : items;
    host->work.bytes = bytes < 0 ? host->work.bytes : bytes;
    host->work.flops = flops < 0 ? host->work.flops : flops;
}

static void add_rewind(const struct cs_host *functions, size_t *next) {
    struct kernel_host *host = host_of(functions);
    if (takes(host, "cs_rewind", host->rewind_count, KERNEL_HOST_REWINDS))
        host->rewinds[host->rewind_count++] = next;
}

static void watch_error(const struct cs_host *functions, int *error) {
    struct kernel_host *host = host_of(functions);
    if (takes(host, "cs_run_error", host->error != NULL, 1))
        host->error = error;
}

static void add_count(const struct cs_host *functions, const char *name, const uint64_t *total) {
    struct kernel_host *host = host_of(functions);
    if (takes(host, "cs_count", host->count_count, CS_MAX_COUNTERS))
        host->counts[host->count_count++] = (struct kernel_count){name, total};
}

/* CS_MAX_COUNTERS: it has none of this name. */
static size_t find_counter(const struct cs_kernel *kernel, const char *name) {
    for (size_t i = 0; i < CS_MAX_COUNTERS && kernel->counters[i].name; i++)
        if (strcmp(kernel->counters[i].name, name) == 0)
            return i;
    return CS_MAX_COUNTERS;
}

/* Each counter has one total, unless cs_kernel.count tells the rest. */
static int check_counts(const struct kernel_host *host, const struct cs_kernel *kernel,
                        struct problem *problem) {
    bool counted[CS_MAX_COUNTERS + 1] = {false};
    for (size_t i = 0; i < host->count_count; i++) {
        size_t counter = find_counter(kernel, host->counts[i].name);
        if (counter == CS_MAX_COUNTERS || counted[counter])
            return problem_set(problem, EINVAL, "cs_count names %s, which %s", host->counts[i].name,
                               counter == CS_MAX_COUNTERS ? "is none of cs_kernel.counters"
                                                          : "it has named before");
        counted[counter] = true;
    }
    for (size_t i = 0; host->count_count && !kernel->count && i < CS_MAX_COUNTERS && kernel->counters[i].name;
         i++)
        if (!counted[i])
            return problem_set(problem, EINVAL, "nothing counts %s: call cs_count in setup",
                               kernel->counters[i].name);
    return 0;
}

int kernel_host_settle(struct kernel_host *host, const struct cs_kernel *kernel, struct problem *problem) {
    host->is_settled = true;
    if (host->fault.text[0])
        return problem_set(problem, EINVAL, "%s", host->fault.text);
    if (!host->output_count && !kernel->outputs)
        return problem_set(
            problem, EINVAL,
            "there is no answer to verify: call cs_output in setup where all variants leave it, or "
            "give cs_kernel.outputs");
    if (host->work.items == 0 && !kernel->work)
        return problem_set(problem, EINVAL,
                           "how much a run does is not said: call cs_work in setup, or give cs_kernel.work");
    return check_counts(host, kernel, problem);
}

int kernel_host_outputs(const struct kernel_host *host, const struct cs_kernel *kernel, void *state,
                        size_t variant, struct cs_output *outputs, size_t *count) {
    memset(outputs, 0, CS_MAX_OUTPUTS * sizeof *outputs);
    memcpy(outputs, host->outputs, host->output_count * sizeof *outputs);
    *count = host->output_count;
    int status = kernel->outputs ? kernel->outputs(state, variant, outputs, count) : 0;
    if (status == 0 && host->error && *host->error)
        status = *host->error < 0 ? *host->error : -*host->error;
    return status == 0 && *count > CS_MAX_OUTPUTS ? -EINVAL : status;
}

struct cs_work kernel_host_work(const struct kernel_host *host, const struct cs_kernel *kernel,
                                const void *state) {
    struct cs_work work = host->work;
    if (kernel->work)
        kernel->work(state, &work);
    return work;
}

void kernel_host_reset_each(const struct kernel_host *host, const struct cs_kernel *kernel, void *state) {
    for (size_t i = 0; i < host->rewind_count; i++)
        *host->rewinds[i] = 0;
    if (kernel->reset)
        kernel->reset(state);
}

void kernel_host_forgive(const struct kernel_host *host) {
    if (host->error)
        *host->error = 0;
}

void kernel_host_reset(const struct kernel_host *host, const struct cs_kernel *kernel, void *state) {
    kernel_host_forgive(host);
    kernel_host_reset_each(host, kernel, state);
}

bool kernel_host_counts(const struct kernel_host *host, const struct cs_kernel *kernel) {
    return kernel->count || host->count_count;
}

void kernel_host_count(const struct kernel_host *host, const struct cs_kernel *kernel, const void *state,
                       uint64_t *values) {
    for (size_t i = 0; i < host->count_count; i++)
        values[find_counter(kernel, host->counts[i].name)] = *host->counts[i].total;
    if (kernel->count)
        kernel->count(state, values);
}

void kernel_host_start(struct kernel_host *host, void (*no_memory)(void *, const char *, size_t),
                       void *context) {
    *host = (struct kernel_host){.functions = {.size = sizeof(struct cs_host),
                                               .allocate = allocate,
                                               .give_back = give_back,
                                               .recorder = make_recorder,
                                               .add_output = add_output,
                                               .set_work = set_work,
                                               .rewind = add_rewind,
                                               .watch_error = watch_error,
                                               .add_count = add_count},
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
