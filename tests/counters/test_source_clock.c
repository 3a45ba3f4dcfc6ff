#include "counters/counters.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct sample_clock sample_clock;
static struct counter_plan plan;

static void open_for(const pid_t *threads, size_t count, struct counter_session **session) {
    struct problem problem = {""};
    if (counter_session_open(&plan, &sample_clock, threads, count, session, &problem))
        fail_msg("%s", problem.text);
}

static void skip_without(enum counter_event event) {
    if (plan.entries[event].source != SOURCE_CLOCK) {
        print_message("%s: %s\n", counter_event_info[event].name, plan.entries[event].reason);
        skip();
    }
}

static void it_says_that_it_did_not_count(void **state) {
    (void)state;
    skip_without(COUNTER_CYCLES);
    const struct counter_plan_entry *entry = &plan.entries[COUNTER_CYCLES];
    assert_int_equal(entry->trust, TRUST_DEGRADED);
    assert_string_equal(entry->reason, "from a calibrated clock, not counted");
    assert_true(isnan(entry->relative_error));
}

/* Cycles are those of the whole stretch: never fewer than its ticks at the lowest clock anything runs at. */
static void cycles_cover_the_stretch(void **state) {
    (void)state;
    skip_without(COUNTER_CYCLES);
    pid_t self = gettid();
    struct counter_session *session;
    struct counter_reading reading;
    open_for(&self, 1, &session);
    unsigned set = plan.entries[COUNTER_CYCLES].set;
    bool measured = false;
    for (int i = 0; i < 10 && !measured; i++) { /* NAN while the machine disturbs it */
        assert_int_equal(counter_session_start(session, set), 0);
        core_clock_chain(&sample_clock, 1000000);
        assert_int_equal(counter_session_stop(session, &reading), 0);
        measured = !isnan(reading.total[COUNTER_CYCLES]);
    }
    counter_session_close(session);
    if (!measured)
        skip();
    assert_true(reading.total[COUNTER_CYCLES] > 0);
}

static void reference_cycles_are_the_ticks_between(void **state) {
    (void)state;
    skip_without(COUNTER_REFERENCE_CYCLES);
    pid_t self = gettid();
    struct counter_session *session;
    struct counter_reading reading;
    open_for(&self, 1, &session);
    unsigned set = plan.entries[COUNTER_REFERENCE_CYCLES].set;
    uint64_t before = sample_clock_now(&sample_clock);
    assert_int_equal(counter_session_start(session, set), 0);
    uint64_t inner = core_clock_chain(&sample_clock, 1000000);
    assert_int_equal(counter_session_stop(session, &reading), 0);
    uint64_t outer = sample_clock_now(&sample_clock) - before;
    double ticks = reading.total[COUNTER_REFERENCE_CYCLES];
    counter_session_close(session);
    /* The overhead that was subtracted is that of an empty stretch, far below a millionth of a second. */
    assert_true(isnan(ticks) || ticks >= 0.99 * (double)inner);
    assert_true(isnan(ticks) || ticks <= (double)outer);
}

static void *wait_at(void *barrier) {
    pthread_barrier_wait(barrier);
    pthread_barrier_wait(barrier);
    return NULL;
}

static void several_threads_are_absent(void **state) {
    (void)state;
    skip_without(COUNTER_CYCLES);
    pthread_barrier_t barrier;
    pthread_t thread;
    pid_t threads[2];
    struct counter_session *session;
    struct counter_reading reading;
    pthread_barrier_init(&barrier, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, wait_at, &barrier), 0);
    pthread_barrier_wait(&barrier);
    assert_int_equal(counter_list_threads(threads, 2), 2);
    open_for(threads, 2, &session);
    assert_int_equal(counter_session_start(session, plan.entries[COUNTER_CYCLES].set), 0);
    assert_int_equal(counter_session_stop(session, &reading), 0);
    assert_true(isnan(reading.total[COUNTER_CYCLES]));
    assert_true(isnan(reading.total[COUNTER_REFERENCE_CYCLES]));
    counter_session_close(session);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&barrier);
}

static void *spin(void *argument) {
    for (volatile int i = 0; i < 20000000; i++)
        ;
    return argument;
}

/* The work was another thread's: the caller's cycles would be a wrong answer. */
static void work_of_a_thread_created_within_is_noticed(void **state) {
    (void)state;
    skip_without(COUNTER_CYCLES);
    pid_t self = gettid();
    pthread_t thread;
    struct counter_session *session;
    struct counter_reading reading;
    open_for(&self, 1, &session);
    assert_int_equal(counter_session_start(session, plan.entries[COUNTER_CYCLES].set), 0);
    assert_int_equal(pthread_create(&thread, NULL, spin, NULL), 0);
    pthread_join(thread, NULL);
    assert_int_equal(counter_session_stop(session, &reading), 0);
    assert_true(isnan(reading.total[COUNTER_CYCLES]));
    counter_session_close(session);
}

static void a_clock_without_a_tsc_has_no_reference_cycles(void **state) {
    (void)state;
    struct sample_clock fallback = {.ticks_per_ns = 1, .reason = "the TSC is not invariant"};
    struct counter_options options = {.clock = &fallback,
                                      .disabled_sources = 1u << SOURCE_HW | 1u << SOURCE_HW_GENERIC};
    struct counter_plan without;
    assert_int_equal(counter_probe(&options, &without), 0);
    assert_int_equal(without.entries[COUNTER_REFERENCE_CYCLES].source, SOURCE_NONE);
    assert_non_null(strstr(without.entries[COUNTER_REFERENCE_CYCLES].reason, "not invariant"));
}

static int setup(void **state) {
    (void)state;
    sample_clock_open(&sample_clock);
    struct counter_options options = {.clock = &sample_clock,
                                      .disabled_sources =
                                          1u << SOURCE_HW | 1u << SOURCE_HW_GENERIC | 1u << SOURCE_SW};
    return counter_probe(&options, &plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_that_it_did_not_count),
        cmocka_unit_test(cycles_cover_the_stretch),
        cmocka_unit_test(reference_cycles_are_the_ticks_between),
        cmocka_unit_test(several_threads_are_absent),
        cmocka_unit_test(work_of_a_thread_created_within_is_noticed),
        cmocka_unit_test(a_clock_without_a_tsc_has_no_reference_cycles),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
