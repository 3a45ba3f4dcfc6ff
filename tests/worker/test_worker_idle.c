/* Runs that remember their last answer, told from runs that are short by luck. */
#include "made_worker.h"

#define BUSY_NS 20000

static uint32_t answer;
static size_t lucky_runs;

static void be_busy(void) {
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec < BUSY_NS);
    answer = 7;
}

/* Short once, as a run is whose threads happen not to meet: with its answer still there. */
static void run_lucky(void *state) {
    (void)state;
    if (lucky_runs++ > 0)
        be_busy();
    answer = 7;
}

static void run_remembering(void *state) {
    (void)state;
    if (answer != 7)
        be_busy();
}

static int give_output(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    (void)state, (void)variant;
    outputs[0] = (struct cs_output){.name = "answer", .data = &answer, .count = 1, .type = CS_U32};
    *count = 1;
    return 0;
}

static void luck_is_no_memory(void **state) {
    struct made *made = *state;
    made->kernel.outputs = give_output;
    made->kernel.variants[0].name = "lucky";
    made->kernel.variants[1].name = "remembering";
    made->worker.run[0] = run_lucky;
    made->worker.run[1] = run_remembering;
    for (size_t arm = 0; arm < MADE_ARMS; arm++) /* slow where it was looked at: a suspicion */
        made->worker.spot_ticks[arm] = 1000000;
    answer = 7;
    worker_refuse_memory(&made->worker);
    assert_false(made->worker.report->arms[0].invalid);
    assert_true(made->worker.report->arms[1].invalid);
    assert_int_equal(made->worker.report->arms[1].why.cause, CAUSE_REMEMBERS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(luck_is_no_memory, make_worker, free_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
