/* What is done before the runs of a sample, and how many runs it has. */
#include "made_worker.h"

#define EVICTED 4096
#define LINE 64
#define ROUNDS 12

static size_t runs, resets, evicted_lines;

/* Lines of the memory that cold samples walk over that were touched by now. */
static size_t count_evicted(const struct worker *worker) {
    size_t count = 0;
    for (size_t i = 0; worker->evict && i < EVICTED; i += LINE)
        count += worker->evict[i] != 0;
    return count;
}

static void run(void *state) {
    runs++;
    evicted_lines = count_evicted(&((struct made *)state)->worker);
}

static void reset(void *state) {
    (void)state;
    assert_int_equal(resets, runs); /* one before each run, never two */
    resets++;
}

static int set_up(void **state) {
    runs = resets = evicted_lines = 0;
    make_worker(state);
    struct made *made = *state;
    made->worker.run[0] = made->worker.run[1] = run;
    made->worker.evict = calloc(1, EVICTED);
    made->job.evict_bytes = EVICTED;
    made->kernel.reset = reset;
    return made->worker.evict ? 0 : -1;
}

/* Runs that a sample of `wanted` takes altogether, the untimed ones included. */
static size_t sample(struct made *made, enum worker_state state, uint64_t wanted) {
    runs = resets = 0;
    made->job.state = state;
    worker_sample(&made->worker, 0, wanted);
    return runs;
}

static void warm_samples_begin_with_half_as_many_untimed_runs(void **state) {
    struct made *made = *state;
    assert_int_equal(sample(made, STATE_WARM, 10), 15);
    assert_int_equal(sample(made, STATE_WARM, 3), 4);
    assert_int_equal(sample(made, STATE_WARM, 1), 2); /* one at the least */
    assert_int_equal(count_evicted(&made->worker), 0);
}

static size_t runs_of[4];

static void run_baseline(void *state) {
    (void)state;
    runs_of[0]++;
}

static void run_candidate(void *state) {
    (void)state;
    runs_of[1]++;
}

static void run_placebo(void *state) {
    (void)state;
    runs_of[2]++;
}

static void run_second(void *state) {
    (void)state;
    runs_of[3]++;
}

static void take_rounds(struct made *made, enum worker_state state, bool placebo) {
    void (*const own[])(void *) = {run_baseline, run_candidate, run_placebo};
    memset(runs_of, 0, sizeof runs_of);
    made->job.state = state;
    made->job.arm_count = made->worker.live_count = placebo ? 3 : 2;
    made->job.arms[2].placebo = placebo;
    made->worker.second[1] = placebo ? run_second : NULL;
    made->job.max_rounds = ROUNDS;
    uint64_t ticks[3 * ROUNDS], *kept = made->worker.ticks;
    made->worker.ticks = ticks;
    for (size_t arm = 0; arm < made->worker.live_count; arm++) {
        made->worker.live[arm] = arm;
        made->worker.run[arm] = own[arm];
        made->worker.report->arms[arm].runs = 4;
    }
    static const uint32_t order[] = {2, 0, 1}, pair[] = {1, 0};
    struct cs_random random = cs_random_seed(1);
    for (size_t round = 0; round < ROUNDS; round++)
        worker_take_round(&made->worker, placebo ? order : pair, &random, round);
    made->worker.ticks = kept;
}

static size_t preempted(const struct made *made, size_t arm) {
    return made->worker.report->arms[arm].preempted;
}

/*
 * Data: what is used more often stays in the caches, and the baseline's are the placebo's, too. Code: what runs more often
 * is learnt by the branch predictor. A sample has half as many untimed runs before it, and is taken again if preempted.
 */
static void data_and_code_of_a_candidate_are_used_as_often_as_the_baseline_s(void **state) {
    struct made *made = *state;
    take_rounds(made, STATE_WARM, true);
    assert_int_equal(runs_of[0], (ROUNDS + preempted(made, 0)) * 6);
    assert_int_equal(runs_of[1], (ROUNDS + preempted(made, 1)) * 6);
    assert_int_equal(runs_of[2], (ROUNDS + preempted(made, 2)) * 6);
    assert_int_equal(runs_of[3], ROUNDS * 6);
}

static void so_they_are_in_mixed_samples(void **state) {
    struct made *made = *state;
    take_rounds(made, STATE_MIXED, true);
    assert_int_equal(runs_of[1], (ROUNDS + preempted(made, 1)) * 4);
    assert_int_equal(runs_of[3], ROUNDS * 4);
}

static void cold_samples_need_no_second(void **state) {
    struct made *made = *state;
    take_rounds(made, STATE_COLD, true);
    assert_int_equal(runs_of[3], 0);
}

static void without_a_second_nothing_runs_beside(void **state) {
    struct made *made = *state;
    take_rounds(made, STATE_WARM, false);
    assert_int_equal(runs_of[1], (ROUNDS + preempted(made, 1)) * 6);
}

static void mixed_samples_find_what_the_rivals_left(void **state) {
    struct made *made = *state;
    assert_int_equal(sample(made, STATE_MIXED, 10), 10);
    assert_int_equal(count_evicted(&made->worker), 0);
}

/* A line that is left out stays in the caches: all of them were touched, once, before the run. */
static void cold_samples_begin_with_every_line_evicted(void **state) {
    struct made *made = *state;
    assert_int_equal(sample(made, STATE_COLD, 1), 1);
    assert_int_equal(evicted_lines, EVICTED / LINE);
    for (size_t i = 0; i < EVICTED; i++)
        assert_int_equal(made->worker.evict[i], i % LINE == 0);
    assert_int_equal(sample(made, STATE_COLD, 1), 1);
    assert_int_equal(made->worker.evict[EVICTED - LINE], 2);
}

static void each_run_is_reset_where_the_kernel_asks_for_it(void **state) {
    struct made *made = *state;
    made->kernel.reset_each_run = 1;
    assert_int_equal(sample(made, STATE_WARM, 10), 15);
    assert_int_equal(resets, 15);
    assert_int_equal(sample(made, STATE_MIXED, 4), 4);
    assert_int_equal(resets, 4);
    made->kernel.reset_each_run = 0;
    assert_int_equal(sample(made, STATE_WARM, 10), 15);
    assert_int_equal(resets, 0);
}

#define WITH_WORKER(test) cmocka_unit_test_setup_teardown(test, set_up, free_worker)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WORKER(warm_samples_begin_with_half_as_many_untimed_runs),
        WITH_WORKER(data_and_code_of_a_candidate_are_used_as_often_as_the_baseline_s),
        WITH_WORKER(so_they_are_in_mixed_samples),
        WITH_WORKER(cold_samples_need_no_second),
        WITH_WORKER(without_a_second_nothing_runs_beside),
        WITH_WORKER(mixed_samples_find_what_the_rivals_left),
        WITH_WORKER(cold_samples_begin_with_every_line_evicted),
        WITH_WORKER(each_run_is_reset_where_the_kernel_asks_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
