/* Inputs and answers of the kinds that move memory. */
#include "memory_state.h"

#define FAR_STEPS 16
#define FAR_STREAM 0x66617200u /* of the seed, so that the input's words are others */

#define PLACED_STEPS 8

/* The second copy leaves the first byte, and shifts the others by one. */
static uint64_t expect_placement(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0, ends = (uint64_t)input[0] | twins_load64(input) << 8;
    ends += 3 * twins_load64(input + TWINS_PLACED_BYTES - 9);
    for (size_t i = 0; i < state->kind->steps; i++)
        total = 5 * total + ends;
    return total;
}

const struct twins_kind twins_placement = {.steps = PLACED_STEPS,
                                           .step_bytes = TWINS_PLACED_BYTES / PLACED_STEPS,
                                           .windows = 1,
                                           .expect = expect_placement};

/* A word a line is enough to tell lines apart, and is filled at the speed of memory. */
static uint64_t far_word(const struct twins_state *state, size_t offset) {
    return twins_mix((state->seed ^ FAR_STREAM) + offset / TWINS_LINE);
}

/* Huge pages fault in quicker, where there are any. */
static int start_far(struct twins_state *state, const struct cs_env *env) {
    size_t half = state->bytes / 2;
    struct twins_far *far = cs_array(env, "copies", 1, struct twins_far);
    state->own = far;
    far->from = cs_aligned_array(env, "memory copied from", half, unsigned char, CS_HUGE_PAGE);
    far->to = cs_aligned_array(env, "memory copied to", half, unsigned char, CS_HUGE_PAGE);
    state->windows = twins_prime_below(half / (FAR_STEPS * TWINS_PAGE));
    for (size_t at = 0; at < half; at += TWINS_LINE) {
        uint64_t word = far_word(state, at);
        memcpy(far->from + at, &word, sizeof word);
    }
    return 0;
}

static void poison_far(struct twins_state *state) {
    struct twins_far *far = state->own;
    memset(far->to, 0xa5, FAR_STEPS * TWINS_PAGE); /* the pages of the window that a reset leads to */
}

static uint64_t expect_far(const struct twins_state *state) {
    size_t run = state->last_window * state->kind->steps;
    uint64_t total = 0;
    for (size_t page = run; page < run + state->kind->steps; page++)
        total +=
            far_word(state, page * TWINS_PAGE) + 3 * far_word(state, (page + 1) * TWINS_PAGE - TWINS_LINE);
    return total;
}

/* As many windows as the memory has, see start_far. */
const struct twins_kind twins_copy_far = {
    .steps = FAR_STEPS, .start = start_far, .poison = poison_far, .expect = expect_far};

static uint64_t expect_string(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++, input += TWINS_MOVED_STEP)
        total += twins_load64(input) + 3 * twins_load64(input + twins_moved_length(input) - sizeof(uint64_t));
    return total;
}

const struct twins_kind twins_string = {
    .steps = 100, .step_bytes = TWINS_MOVED_STEP, .windows = 7, .expect = expect_string};

/* A word of equal bytes at either end. */
static uint64_t expect_fill(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++)
        total = 5 * total + 2 * (0x0101010101010101u * input[4 * i + 3]);
    return total;
}

const struct twins_kind twins_fill = {.steps = 200, .step_bytes = 4, .windows = 251, .expect = expect_fill};

/* Nodes one by one from the heap, as a program's are. */
static int start_list(struct twins_state *state, const struct cs_env *env) {
    struct cs_random random = cs_random_seed(~state->seed);
    struct twins_list *list = cs_array(env, "list", 1, struct twins_list);
    state->own = list;
    for (uint32_t i = 0; i < TWINS_NODES; i++) {
        list->order[i] = i;
        list->nodes[i] = cs_aligned_array(env, "node", 1, struct twins_node, _Alignof(max_align_t));
        list->nodes[i]->value = twins_mix(i + 1);
    }
    cs_random_shuffle(&random, list->order, TWINS_NODES);
    for (uint32_t i = 0; i < TWINS_NODES; i++) {
        list->place[list->order[i]] = i;
        list->nodes[list->order[i]]->next = list->nodes[list->order[(i + 1) % TWINS_NODES]];
    }
    return 0;
}

/* By the order, without following a pointer. */
static uint64_t expect_list(const struct twins_state *state) {
    const struct twins_list *list = state->own;
    uint32_t place = list->place[twins_load32(twins_input(state, state->last_window)) % TWINS_NODES];
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++)
        total = (total << 1 | total >> 63) + twins_mix(list->order[(place + i) % TWINS_NODES] + 1);
    return total;
}

const struct twins_kind twins_list = {
    .steps = 1000, .step_bytes = 1, .windows = 101, .start = start_list, .expect = expect_list};

static uint64_t expect_forwarding(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++)
        total += twins_mix(input[i] % TWINS_BINS + 1);
    return total;
}

const struct twins_kind twins_forwarding = {
    .steps = 4000, .step_bytes = 1, .windows = 61, .expect = expect_forwarding};
