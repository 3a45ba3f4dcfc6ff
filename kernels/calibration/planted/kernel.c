/* planted: differences whose size is known, for `countersign calibrate`. */
#include "planted.h"

#include <countersign.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Steps more of each size, of 2000: the smallest number of which all are whole. */
static const size_t more_of_2000[PLANTED_SIZES] = {0, 2, 5, 10, 20, 40, 60, 100};
#define MOST_MORE 20 /* the largest, as a divisor: one in so many */

/* Of 5 to 20 us. Longer ones could not be compared within the moment that noise leaves them. */
static const size_t base_steps[PLANTED_KINDS] = {
    [PLANTED_CORE] = 8000, [PLANTED_L1] = 4000,        [PLANTED_L2] = 2000,
    [PLANTED_DRAM] = 100,  [PLANTED_BRANCHY] = 2000,   [PLANTED_SYSCALL] = 100,
    [PLANTED_COPY] = 240,  [PLANTED_ALLOCATION] = 600, [PLANTED_OPENMP] = 20000,
};

/* Numbers of windows are prime, so that samples of any number of runs meet every window. */
#define BRANCHY_WINDOWS 509 /* a million random bytes, more than any branch predictor learns */
#define SHORT_WINDOWS 499   /* where a run has so few steps that one more is in some of the windows alone */

/* x -> a * x + c, modulo 2^64. */
struct affine {
    uint64_t a, c;
};

static struct affine compose(struct affine outer, struct affine inner) {
    return (struct affine){outer.a * inner.a, outer.a * inner.c + outer.c};
}

/* `times` times, by squaring. */
static struct affine repeat(struct affine map, uint64_t times) {
    struct affine result = {1, 0};
    for (; times; times >>= 1, map = compose(map, map))
        if (times & 1)
            result = compose(map, result);
    return result;
}

/* Inverse of an odd word modulo 2^64, by Newton's iteration: each step doubles the bits that are right. */
static uint64_t invert_odd(uint64_t word) {
    uint64_t inverse = word;
    for (int bits = 3; bits < 64; bits *= 2)
        inverse *= 2 - word * inverse;
    return inverse;
}

static struct affine invert(struct affine map) {
    uint64_t inverse = invert_odd(map.a);
    return (struct affine){inverse, -inverse * map.c};
}

static void start_chains(struct planted_state *state, struct cs_random *random) {
    uint64_t start = cs_random_u64(random) | 1;
    struct affine back = invert((struct affine){PLANTED_MULTIPLIER, 0});
    for (size_t size = 0; size < PLANTED_SIZES; size++)
        state->work[size][0].start = start * repeat(back, state->work[size][0].more).a;
}

static uint64_t add_group(const uint64_t *group) {
    uint64_t total = 0;
    for (size_t i = 0; i < PLANTED_GROUP; i++)
        total += group[i];
    return total;
}

/* Steps more go over the groups before the first, backwards round the array. */
static void start_sums(struct planted_state *state, const struct cs_env *env, struct cs_random *random) {
    uint64_t *words = cs_array(env, "words", PLANTED_GROUPS * PLANTED_GROUP, uint64_t);
    state->words = words;
    cs_random_fill(random, words, PLANTED_GROUPS * PLANTED_GROUP);
    uint64_t start = cs_random_u64(random);
    for (size_t size = 0; size < PLANTED_SIZES; size++) {
        uint64_t before = 0;
        for (size_t i = 1; i <= state->work[size][0].more; i++)
            before += add_group(state->words + -i % PLANTED_GROUPS * PLANTED_GROUP);
        state->work[size][0].start = start - before;
    }
}

/*
 * The order is that of a linear congruential generator of full period (Hull and Dobell, "Random Number
 * Generators", SIAM Review 4(3), 1962: odd addend, multiplier 1 modulo 4), here with Knuth's multiplier. It
 * looks random to a prefetcher, needs no shuffling, and any number of steps can be taken at once. Huge pages
 * fault in quicker, where there are any.
 */
static void start_chase(struct planted_state *state, const struct cs_env *env, struct cs_random *random) {
    struct planted_line *lines =
        cs_aligned_array(env, "lines", state->line_mask + 1, struct planted_line, CS_HUGE_PAGE);
    state->lines = lines;
    struct affine next = {6364136223846793005u, cs_random_u64(random) | 1};
    state->multiplier = next.a;
    state->addend = next.c;
    for (uint64_t i = 0; i <= state->line_mask; i++)
        lines[i].next = &lines[(next.a * i + next.c) & state->line_mask];
    struct affine to_next_window = repeat(next, state->steps + state->steps / MOST_MORE),
                  to_last = invert(next);
    uint64_t line = cs_random_u64(random);
    for (size_t window = 0; window < state->windows; window++) {
        for (size_t size = 0; size < PLANTED_SIZES; size++) {
            struct planted_window *work = &state->work[size][window];
            struct affine back = repeat(to_last, work->more);
            work->start = (back.a * line + back.c) & state->line_mask;
        }
        line = to_next_window.a * line + to_next_window.c;
    }
}

/* What a byte adds to the answer, never nothing. */
static uint64_t value_of_byte(enum planted_kind kind, unsigned char byte) {
    if (kind == PLANTED_ALLOCATION)
        return byte + UINT64_C(1);
    return byte & 1 ? byte : -(2 * (uint64_t)byte + 1);
}

/* Of branches and of blocks: a byte a step. */
static void start_bytes(struct planted_state *state, const struct cs_env *env, struct cs_random *random) {
    state->bytes_lead = state->steps / MOST_MORE;
    state->bytes_stride = state->steps + state->bytes_lead;
    unsigned char *bytes = cs_array(env, "bytes", state->windows * state->bytes_stride, unsigned char);
    state->bytes = bytes;
    for (size_t i = 0; i < state->windows * state->bytes_stride; i++)
        bytes[i] = (unsigned char)(cs_random_u64(random) >> 56);
    for (size_t window = 0; window < state->windows; window++) {
        uint64_t start = cs_random_u64(random), before = 0;
        const unsigned char *first = bytes + window * state->bytes_stride + state->bytes_lead;
        size_t taken = 0;
        for (size_t size = 0; size < PLANTED_SIZES; size++) {
            struct planted_window *work = &state->work[size][window];
            for (; taken < work->more; taken++)
                before += value_of_byte(state->kind, first[-1 - (ptrdiff_t)taken]);
            work->start = start - before;
        }
    }
}

static void start_calls(struct planted_state *state, struct cs_random *random) {
    uint64_t one = 1 + (uint64_t)getppid();
    for (size_t window = 0; window < state->windows; window++) {
        uint64_t start = cs_random_u64(random);
        for (size_t size = 0; size < PLANTED_SIZES; size++) {
            struct planted_window *work = &state->work[size][window];
            work->start = start - one * work->more;
        }
    }
}

static uint64_t value_of_piece(const struct planted_state *state, size_t piece) {
    const uint64_t *words = state->copy->source[piece % PLANTED_PIECES];
    return words[0] + words[PLANTED_WORDS - 1];
}

/* Steps more copy the pieces before the first, backwards round the ring. */
static void start_copies(struct planted_state *state, const struct cs_env *env, struct cs_random *random) {
    struct planted_copy *copy = cs_array(env, "pieces", 1, struct planted_copy);
    state->copy = copy;
    for (size_t i = 0; i < PLANTED_PIECES * PLANTED_WORDS; i++)
        copy->source[i / PLANTED_WORDS][i % PLANTED_WORDS] = cs_random_u64(random);
    for (size_t window = 0; window < state->windows; window++) {
        uint64_t start = cs_random_u64(random);
        for (size_t size = 0; size < PLANTED_SIZES; size++) {
            struct planted_window *work = &state->work[size][window];
            work->start = start;
            for (size_t i = 1; i <= work->more; i++)
                work->start -= value_of_piece(state, -i);
        }
    }
}

static bool is_prime(size_t number) {
    for (size_t i = 2; i * i <= number; i++)
        if (number % i == 0)
            return false;
    return true;
}

/*
 * A chase through less memory than one window comes round to lines it has met; they are in the second cache.
 */
static size_t count_windows(const struct planted_state *state) {
    size_t lines = state->line_mask + 1, window = state->steps + state->steps / MOST_MORE, count = 1;
    if (state->kind == PLANTED_L2 || state->kind == PLANTED_DRAM)
        count = lines > window ? lines / window : 1;
    if (state->kind == PLANTED_BRANCHY)
        count = BRANCHY_WINDOWS;
    if (state->kind == PLANTED_SYSCALL || state->kind == PLANTED_COPY || state->kind == PLANTED_ALLOCATION)
        count = SHORT_WINDOWS;
    while (!is_prime(count))
        count--;
    return count;
}

/* Says how much there is to do in each window, and makes room for where to start. */
static void plan_work(struct planted_state *state, const struct cs_env *env, size_t bytes) {
    state->steps = base_steps[state->kind];
    state->line_mask = bytes / sizeof(struct planted_line) - 1;
    state->windows = count_windows(state);
    for (size_t size = 0; size < PLANTED_SIZES; size++) {
        struct planted_window *windows = cs_array(env, "windows", state->windows, struct planted_window);
        state->work[size] = windows;
        size_t each = state->steps * more_of_2000[size];
        for (size_t window = 0; window < state->windows; window++)
            windows[window].more = (window + 1) * each / 2000 - window * each / 2000;
    }
}

static void start_kind(struct planted_state *state, const struct cs_env *env, struct cs_random *random) {
    switch (state->kind) {
    case PLANTED_L1:
        start_sums(state, env, random);
        break;
    case PLANTED_L2:
    case PLANTED_DRAM:
        start_chase(state, env, random);
        break;
    case PLANTED_BRANCHY:
    case PLANTED_ALLOCATION:
        start_bytes(state, env, random);
        break;
    case PLANTED_SYSCALL:
        start_calls(state, random);
        break;
    case PLANTED_COPY:
        start_copies(state, env, random);
        break;
    default:
        start_chains(state, random);
    }
}

static int setup(const struct cs_env *env, void *opaque) {
    struct planted_state *state = opaque;
    int64_t bytes = cs_value(env, "bytes");
    if (bytes & (bytes - 1))
        return cs_fail(env, EINVAL, "bytes must be a power of two, not %" PRId64, bytes);
    struct cs_random random = cs_random_seed(env->seed);
    state->kind = (enum planted_kind)cs_value(env, "kind");
    state->threads = env->threads;
    plan_work(state, env, (size_t)bytes);
    start_kind(state, env, &random);
    cs_output(env, "answer", &state->answer, 1);
    cs_work(env, state->steps, 0);
    cs_rewind(env, &state->window);
    cs_count(env, "steps", &state->steps_done);
    return 0;
}

/* What was copied before would hide that a run copies less. */
static int poison(void *opaque, size_t variant) {
    struct planted_state *state = opaque;
    if (state->copy)
        memset(state->copy->target, 0xa5, sizeof state->copy->target);
    return 0;
}

/* Each group of the array as often as it is met. */
static uint64_t expected_sum(const struct planted_state *state, uint64_t start) {
    size_t steps = state->steps;
    for (size_t group = 0; group < PLANTED_GROUPS; group++)
        start += add_group(state->words + group * PLANTED_GROUP) *
                 (steps / PLANTED_GROUPS + (group < steps % PLANTED_GROUPS));
    return start;
}

/* Each piece as often as its turn comes. */
static uint64_t expected_copies(const struct planted_state *state, uint64_t start) {
    size_t steps = state->steps;
    for (size_t piece = 0; piece < PLANTED_PIECES; piece++)
        start += value_of_piece(state, piece) * (steps / PLANTED_PIECES + (piece < steps % PLANTED_PIECES));
    return start;
}

/* By how often each byte is there. */
static uint64_t expected_bytes(const struct planted_state *state, uint64_t start) {
    size_t counts[256] = {0};
    const unsigned char *bytes = state->bytes + state->last_window * state->bytes_stride + state->bytes_lead;
    for (size_t i = 0; i < state->steps; i++)
        counts[bytes[i]]++;
    for (unsigned byte = 0; byte < 256; byte++)
        start += counts[byte] * value_of_byte(state->kind, (unsigned char)byte);
    return start;
}

/* The answer from size 0's start, without taking the steps one by one. */
static uint64_t expected_answer(const struct planted_state *state) {
    uint64_t start = state->work[0][state->last_window].start, steps = state->steps;
    uint64_t power = repeat((struct affine){PLANTED_MULTIPLIER, 0}, steps).a;
    struct affine chase = repeat((struct affine){state->multiplier, state->addend}, steps);
    switch (state->kind) {
    case PLANTED_L1:
        return expected_sum(state, start);
    case PLANTED_L2:
    case PLANTED_DRAM:
        return (chase.a * start + chase.c) & state->line_mask;
    case PLANTED_COPY:
        return expected_copies(state, start);
    case PLANTED_BRANCHY:
    case PLANTED_ALLOCATION:
        return expected_bytes(state, start);
    case PLANTED_SYSCALL:
        return start + steps * (1 + (uint64_t)getppid());
    case PLANTED_OPENMP: /* the odd numbers up to 2 * threads - 1 add up to its square */
        return start * power * state->threads * state->threads;
    default:
        return start * power;
    }
}

static int check(void *opaque, size_t variant, struct cs_mismatch *mismatch) {
    const struct planted_state *state = opaque;
    uint64_t expected = expected_answer(state);
    cs_expect(mismatch, "answer", 0, state->answer, expected);
    return 0;
}

/* CS_PARALLEL is a variant's property and not a point's: the kinds of one thread use up to all. */
#define VARIANT(name_, run_, summary_)                                                                       \
    { .name = (name_), .run = (run_), .summary = (summary_), .flags = CS_PARALLEL | CS_UP_TO }

const struct cs_kernel cs_kernel = {
    CS_KERNEL("planted", "step", "differences of known size, for calibrate"),
    .parameters = {CS_CHOICE("kind", PLANTED_CORE, "what limits the work", "core", "l1", "l2", "dram",
                             "branchy", "syscall", "copy", "allocation", "openmp"),
                   CS_NUMBER("bytes", "bytes", 1 << 16, (int64_t)1 << 32, 128 << 20,
                             "memory that l2 and dram go through, a power of two")},
    .variants = {VARIANT("base", run_base, "the work itself"),
                 VARIANT("same", run_same, "the same source text again"),
                 VARIANT("plus-0-1", run_plus_0_1, "0.1 % more work"),
                 VARIANT("plus-0-25", run_plus_0_25, "0.25 % more work"),
                 VARIANT("plus-0-5", run_plus_0_5, "0.5 % more work"),
                 VARIANT("plus-1", run_plus_1, "1 % more work"),
                 VARIANT("plus-2", run_plus_2, "2 % more work"),
                 VARIANT("plus-3", run_plus_3, "3 % more work"),
                 VARIANT("plus-5", run_plus_5, "5 % more work")},
    .counters = {CS_COUNTER("steps", "step")},
    CS_STATE(struct planted_state, setup),
    .poison = poison,
    .check = check,
};
