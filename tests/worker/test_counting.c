/* What is counted after the timed rounds. */
#include "made_worker.h"

#include <math.h>

static void run_nothing(void *state) {
    (void)state;
}

static int set_up(void **state) {
    make_worker(state);
    struct made *made = *state;
    made->worker.run[0] = made->worker.run[1] = run_nothing;
    for (size_t arm = 0; arm < MADE_ARMS; arm++)
        made->worker.report->arms[arm].latency = (struct arm_latency){NAN, NAN, NAN, NAN};
    return 0;
}

static size_t runs, runs_when_counted;

static void run_counted(void *state) {
    (void)state;
    runs++;
}

/* The harness reads what the kernel counts itself next after the events. */
static void count(const void *state, uint64_t *values) {
    (void)state;
    if (!runs_when_counted)
        runs_when_counted = runs;
    values[0] = runs;
}

/* The first arm's runs, and what the kernel makes of them, in three rounds by the sources that this machine has. */
static void count_runs(struct made *made) {
    struct counter_options options = {.clock = &made->job.clock};
    sample_clock_open(&made->job.clock);
    counter_probe(&options, &made->job.plan);
    if (made->job.plan.sets == 0)
        skip(); /* no source counts here */
    made->job.counters = true;
    made->job.counter_rounds = 3;
    made->job.state = STATE_MIXED;
    made->kernel.count = count;
    made->kernel.counters[0].name = "runs";
    made->worker.run[0] = run_counted;
    made->worker.report->rounds = 1;
}

/* Of a sample that takes 10 us, fifty: half a millisecond, of which starting and stopping are a small part. */
static void counted_stretches_are_long_enough(void **state) {
    struct made *made = *state;
    count_runs(made);
    made->worker.report->arms[0].runs = 4;
    made->worker.ticks[0] = (uint64_t)(10000 * made->job.clock.ticks_per_ns);
    worker_count(&made->worker);
    assert_string_equal(made->worker.report->counter_problem, "");
    size_t counted = runs_when_counted / (made->job.plan.sets * made->job.counter_rounds);
    assert_in_range(counted, 4 * 50, 4 * 51 + 1);
    assert_true(made->worker.report->arms[0].app[0] == 1);
}

/* Runs of a millisecond: two rounds are longer than three of half a millisecond. Of five, one is enough. */
static void long_runs_are_counted_in_fewer_rounds(void **state) {
    struct made *made = *state;
    static const unsigned expected[][2] = {{1000, 2}, {5000, 1}};
    count_runs(made);
    for (size_t i = 0; i < 2; i++) {
        for (size_t arm = 0; arm < MADE_ARMS; arm++)
            made->worker.ticks[arm * MADE_ROUNDS] =
                (uint64_t)(expected[i][0] * 1000 * made->job.clock.ticks_per_ns);
        runs = runs_when_counted = 0;
        worker_count(&made->worker);
        assert_string_equal(made->worker.report->counter_problem, "");
        assert_int_equal(runs_when_counted, made->job.plan.sets * expected[i][1]);
        assert_true(made->worker.report->arms[0].counters[COUNTER_PAGE_FAULTS] == 0 ||
                    isnan(made->worker.report->arms[0].counters[COUNTER_PAGE_FAULTS]));
    }
}

static bool placebo_ran;

static void run_placebo(void *state) {
    (void)state;
    placebo_ran = true;
}

/* Nothing is concluded of it; it is verified with the others afterwards. */
static void the_placebo_is_not_counted(void **state) {
    struct made *made = *state;
    made->job.state = STATE_MIXED;
    made->job.arms[1].placebo = true;
    made->kernel.count = count;
    made->kernel.counters[0].name = "runs";
    made->worker.run[0] = run_counted;
    made->worker.run[1] = run_placebo;
    for (size_t arm = 0; arm < MADE_ARMS; arm++)
        made->worker.report->arms[arm].app[0] = made->worker.report->arms[arm].resources.cpu_share = NAN;
    worker_count(&made->worker);
    assert_false(placebo_ran);
    assert_true(isnan(made->worker.report->arms[1].app[0]));
    assert_true(made->worker.report->arms[0].app[0] == 1);
    assert_int_equal(made->worker.live_count, 2);
    assert_int_equal(made->worker.live[1], 1);
}

#define WITH_WORKER(test) cmocka_unit_test_setup_teardown(test, set_up, free_worker)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WORKER(counted_stretches_are_long_enough),
        WITH_WORKER(long_runs_are_counted_in_fewer_rounds),
        WITH_WORKER(the_placebo_is_not_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
