#include "worker/memory_probe.h"

#include "countersign.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define LINE 64 /* also of the simulation, and of nearly every machine */
#define REPEATS 5
#define STEPS_LEAST 20000
#define STEPS_MOST 200000

struct line {
    struct line *next;
    char rest[LINE - sizeof(struct line *)];
};

/* One cycle through all lines, in random order. */
static int link_lines(struct line *lines, size_t count) {
    uint32_t *order = malloc(count * sizeof *order);
    if (!order)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    struct cs_random random = cs_random_seed(1);
    cs_random_shuffle(&random, order, count);
    for (size_t i = 0; i < count; i++)
        lines[order[i]].next = &lines[order[(i + 1) % count]];
    free(order);
    return 0;
}

/* Lines of a stretch: all of them at least once where that does not take long. */
static size_t count_steps(size_t lines) {
    return lines < STEPS_LEAST ? STEPS_LEAST : lines > STEPS_MOST ? STEPS_MOST : lines;
}

static double time_chain(struct line **at, size_t steps, const struct sample_clock *clock) {
    struct line *line = *at;
    uint64_t start = sample_clock_now(clock);
    for (size_t i = 0; i < steps; i++) {
        line = line->next;
        __asm__ volatile("" : "+r"(line));
    }
    uint64_t ticks = sample_clock_now(clock) - start;
    *at = line;
    return (double)ticks / clock->ticks_per_ns / (double)steps;
}

static double time_in_order(const struct line *lines, size_t count, size_t *at, size_t steps,
                            const struct sample_clock *clock) {
    size_t index = *at;
    uint64_t start = sample_clock_now(clock);
    for (size_t i = 0; i < steps; i++) {
        const struct line *next = lines[index].next;
        __asm__ volatile("" : : "r"(next));
        index = index + 1 == count ? 0 : index + 1;
    }
    uint64_t ticks = sample_clock_now(clock) - start;
    *at = index;
    return (double)ticks / clock->ticks_per_ns / (double)steps;
}

int memory_probe_measure(size_t bytes, const struct sample_clock *clock, struct memory_probe *probe) {
    bytes = bytes < MEMORY_PROBE_LEAST  ? MEMORY_PROBE_LEAST
            : bytes > MEMORY_PROBE_MOST ? MEMORY_PROBE_MOST
                                        : bytes;
    size_t count = bytes / LINE, steps = count_steps(count), at = 0;
    *probe = (struct memory_probe){count * LINE, NAN, NAN};
    struct line *lines = aligned_alloc(LINE, count * LINE);
    if (!lines || link_lines(lines, count)) {
        free(lines);
        return -ENOMEM;
    }
    struct line *line = lines;
    for (int repeat = 0; repeat < REPEATS; repeat++)
        probe->chained_ns = fmin(probe->chained_ns, time_chain(&line, steps, clock));
    for (int repeat = 0; repeat < REPEATS; repeat++)
        probe->ordered_ns = fmin(probe->ordered_ns, time_in_order(lines, count, &at, steps, clock));
    free(lines);
    return 0;
}
