/* What is told of an arm's memory: its own, above what setup and the process had before. */
#include "made_worker.h"

#include <math.h>
#include <sys/mman.h>

#define BIG ((size_t)64 << 20)

/* Touches much memory and gives it back. */
static void touch(size_t bytes) {
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    memset(memory, 1, bytes);
    munmap(memory, bytes);
}

static void run_big(void *state) {
    (void)state;
    touch(BIG);
}

static void run_nothing(void *state) {
    (void)state;
}

static double peak_of(void **state, void (*run)(void *)) {
    struct made *made = *state;
    made->worker.run[0] = run;
    made->worker.live[0] = 0;
    made->worker.live_count = 1;
    touch(2 * BIG); /* by setup */
    worker_memory_start(&made->worker);
    worker_memory(&made->worker);
    double peak = made->worker.report->arms[0].counters[COUNTER_PEAK_MEMORY];
    if (isnan(peak))
        skip(); /* /proc/self/clear_refs cannot be written here */
    return peak;
}

/* The peak of a process only rises: unless it is set back, an arm is told the memory of setup. */
static void a_peak_that_setup_had_is_no_arm_s(void **state) {
    assert_true(peak_of(state, run_nothing) < (double)BIG / 2);
}

static void the_peak_is_what_the_arm_touches(void **state) {
    double peak = peak_of(state, run_big);
    assert_true(peak > 0.9 * (double)BIG && peak < 1.5 * (double)BIG);
}

static int set_up(void **state) {
    make_worker(state);
    return 0;
}

#define WITH_WORKER(test) cmocka_unit_test_setup_teardown(test, set_up, free_worker)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WORKER(a_peak_that_setup_had_is_no_arm_s),
        WITH_WORKER(the_peak_is_what_the_arm_touches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
