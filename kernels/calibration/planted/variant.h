/*
 * The text of every variant, compiled once in each one's source file, which defines
 *     RUN    name of the run function
 *     SIZE   index into planted_state.work
 * before it includes this. The machine code differs in that index alone: any difference in time is the work's
 * or the measurement's.
 */
#include "planted.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The compiler may neither merge multiplications nor count the steps out. */
static __attribute__((noinline)) uint64_t multiply(uint64_t value, size_t steps) {
    for (size_t i = 0; i < steps; i++) {
        value *= PLANTED_MULTIPLIER;
        __asm__ volatile("" : "+r"(value));
    }
    return value;
}

/*
 * One addition waits for the one before, so that time is a matter of steps and not of how the loop happens to
 * fit the core's ports.
 */
static __attribute__((noinline)) uint64_t add_words(const uint64_t *words, uint64_t total, size_t first,
                                                    size_t steps) {
    for (size_t i = 0; i < steps; i++) {
        const uint64_t *group = words + (first + i) % PLANTED_GROUPS * PLANTED_GROUP;
        for (size_t j = 0; j < PLANTED_GROUP; j++) {
            total += group[j];
            __asm__ volatile("" : "+r"(total));
        }
    }
    return total;
}

static __attribute__((noinline)) const struct planted_line *chase(const struct planted_line *line,
                                                                  size_t steps) {
    for (size_t i = 0; i < steps; i++)
        line = line->next;
    return line;
}

/* The barriers keep either side a branch: without them compilers choose conditional moves. */
static __attribute__((noinline)) uint64_t branch(const unsigned char *bytes, uint64_t total, size_t steps) {
    for (size_t i = 0; i < steps; i++)
        if (bytes[i] & 1) {
            total += bytes[i];
            __asm__ volatile("" : "+r"(total));
        } else {
            total -= 2 * (uint64_t)bytes[i] + 1;
            __asm__ volatile("" : "+r"(total));
        }
    return total;
}

/* getppid is 0 for a parent in another namespace: one more, so that every call counts. */
static __attribute__((noinline)) uint64_t call_kernel(uint64_t total, size_t steps) {
    for (size_t i = 0; i < steps; i++)
        total += 1 + (uint64_t)syscall(SYS_getppid);
    return total;
}

/* Each piece says by its ends that it arrived. */
static __attribute__((noinline)) uint64_t copy_pieces(struct planted_copy *copy, uint64_t total, size_t first,
                                                      size_t steps) {
    for (size_t i = 0; i < steps; i++) {
        size_t piece = (first + i) % PLANTED_PIECES;
        memcpy(copy->target[piece], copy->source[piece], sizeof copy->target[piece]);
        __asm__ volatile("" : : : "memory");
        total += copy->target[piece][0] + copy->target[piece][PLANTED_WORDS - 1];
    }
    return total;
}

/* Each block says what it is worth, and is freed when its place in the ring is needed. */
static __attribute__((noinline)) uint64_t allocate(const unsigned char *bytes, uint64_t total, size_t steps) {
    uint64_t *live[PLANTED_LIVE] = {NULL};
    for (size_t i = 0; i < steps + PLANTED_LIVE; i++) {
        uint64_t *old = live[i % PLANTED_LIVE];
        if (old)
            total += *old;
        free(old);
        live[i % PLANTED_LIVE] = NULL;
        if (i >= steps)
            continue;
        uint64_t *block = malloc(16 + bytes[i] % 112);
        if (block)
            *block = bytes[i] + UINT64_C(1);
        live[i % PLANTED_LIVE] = block;
    }
    return total;
}

static __attribute__((noinline)) uint64_t multiply_in_threads(uint64_t start, size_t steps,
                                                              unsigned threads) {
    uint64_t total = 0;
#pragma omp parallel for num_threads(threads) schedule(static) firstprivate(start, steps) reduction(+ : total)
    for (unsigned thread = 0; thread < threads; thread++)
        total += multiply(start * (2 * thread + 1), steps);
    return total;
}

void RUN(void *opaque) {
    struct planted_state *state = opaque;
    size_t window = state->window;
    const struct planted_window *work = &state->work[SIZE][window];
    size_t more = work->more, steps = state->steps + more;
    uint64_t start = work->start;
    state->last_window = window;
    state->window = window + 1 < state->windows ? window + 1 : 0;
    state->steps_done += steps;
    switch (state->kind) {
    case PLANTED_CORE:
        state->answer = multiply(start, steps);
        break;
    case PLANTED_L1:
        state->answer = add_words(state->words, start, -more, steps);
        break;
    case PLANTED_L2:
    case PLANTED_DRAM:
        state->answer = (uint64_t)(chase(state->lines + start, steps) - state->lines);
        break;
    case PLANTED_BRANCHY:
        state->answer =
            branch(state->bytes + window * state->bytes_stride + state->bytes_lead - more, start, steps);
        break;
    case PLANTED_SYSCALL:
        state->answer = call_kernel(start, steps);
        break;
    case PLANTED_COPY:
        state->answer = copy_pieces(state->copy, start, -more, steps);
        break;
    case PLANTED_ALLOCATION:
        state->answer =
            allocate(state->bytes + window * state->bytes_stride + state->bytes_lead - more, start, steps);
        break;
    case PLANTED_OPENMP:
        state->answer = multiply_in_threads(start, steps, state->threads);
        break;
    case PLANTED_KINDS:
        break;
    }
}
