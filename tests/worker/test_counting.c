/* What is told of latencies and memory after the timed rounds. */
#include "made_worker.h"

#include <math.h>
#include <sys/mman.h>

#define LATENCIES 1000
#define BIG ((size_t)64 << 20)

static void run_nothing(void *state) {
    (void)state;
}

/* Touches much memory and gives it back. */
static void run_big(void *state) {
    (void)state;
    char *memory = mmap(NULL, BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    memset(memory, 1, BIG);
    munmap(memory, BIG);
}

/* 1 to 1000 ns of variant 0, not in order; none of the other. */
static void latencies(const void *state, size_t variant, const uint64_t **latencies_ns, size_t *count) {
    static uint64_t values[LATENCIES];
    (void)state;
    for (size_t i = 0; i < LATENCIES; i++)
        values[i] = i * 7 % LATENCIES + 1;
    *latencies_ns = values;
    *count = variant == 0 ? LATENCIES : 0;
}

static int set_up(void **state) {
    make_worker(state);
    struct made *made = *state;
    made->worker.run[0] = made->worker.run[1] = run_nothing;
    for (size_t arm = 0; arm < MADE_ARMS; arm++)
        made->worker.report->arms[arm].latency = (struct arm_latency){NAN, NAN, NAN, NAN};
    return 0;
}

static void latencies_are_told_by_their_quantiles(void **state) {
    struct made *made = *state;
    made->kernel.latencies = latencies;
    worker_count(&made->worker);
    const struct arm_latency *told = &made->worker.report->arms[0].latency;
    assert_true(told->p50 == 500 && told->p95 == 950 && told->p99 == 990 && told->max == 1000);
    assert_true(isnan(made->worker.report->arms[1].latency.p99)); /* keeps none: not 0 */
}

/* The peak of a process only rises: unless it is set back, who comes later is told the memory of the first.
 */
static void the_peak_of_memory_is_each_arm_s_own(void **state) {
    struct made *made = *state;
    made->worker.run[0] = run_big;
    worker_count(&made->worker);
    double big = made->worker.report->arms[0].resources.peak_rss_bytes;
    double small = made->worker.report->arms[1].resources.peak_rss_bytes;
    if (isnan(big))
        skip(); /* /proc/self/clear_refs cannot be written here */
    assert_true(big >= (double)BIG);
    assert_true(small > 0 && small < big - (double)BIG / 2);
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

/* Of a sample that takes 10 us, fifty: half a millisecond, of which starting and stopping are a small part. */
static void counted_stretches_are_long_enough(void **state) {
    struct made *made = *state;
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
    made->worker.report->arms[0].runs = 4;
    made->worker.report->rounds = 1;
    made->worker.ticks[0] = (uint64_t)(10000 * made->job.clock.ticks_per_ns);
    worker_count(&made->worker);
    assert_string_equal(made->worker.report->counter_problem, "");
    size_t counted = runs_when_counted / (made->job.plan.sets * made->job.counter_rounds);
    assert_in_range(counted, 4 * 50, 4 * 51 + 1);
    assert_true(made->worker.report->arms[0].app[0] == 1);
}

#define WITH_WORKER(test) cmocka_unit_test_setup_teardown(test, set_up, free_worker)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WORKER(latencies_are_told_by_their_quantiles),
        WITH_WORKER(counted_stretches_are_long_enough),
        WITH_WORKER(the_peak_of_memory_is_each_arm_s_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
