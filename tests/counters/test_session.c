#include "counters/counters.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static struct sample_clock sample_clock;

static void probe(unsigned disabled_sources, struct counter_plan *plan) {
    struct counter_options options = {.clock = &sample_clock, .disabled_sources = disabled_sources};
    assert_int_equal(counter_probe(&options, plan), 0);
}

#define ALL_SOURCES (1u << SOURCE_HW | 1u << SOURCE_HW_GENERIC | 1u << SOURCE_SW | 1u << SOURCE_CLOCK)

static void a_plan_without_sets_opens_and_counts_nothing(void **state) {
    (void)state;
    struct counter_plan plan;
    struct counter_session *session;
    struct counter_reading reading;
    pid_t self = gettid();
    probe(ALL_SOURCES, &plan);
    assert_int_equal(plan.sets, 0);
    assert_int_equal(counter_session_open(&plan, &sample_clock, &self, 1, &session, NULL), 0);
    assert_int_equal(counter_session_start(session, 0), -EINVAL);
    assert_int_equal(counter_session_stop(session, &reading), -EINVAL);
    assert_true(isnan(counter_session_thread_value(session, 0, COUNTER_CYCLES)));
    counter_session_close(session);
}

static void every_planned_event_is_read_in_its_set_alone(void **state) {
    (void)state;
    struct counter_plan plan;
    struct counter_session *session;
    pid_t self = gettid();
    probe(0, &plan);
    assert_true(plan.sets >= 1);
    assert_int_equal(counter_session_open(&plan, &sample_clock, &self, 1, &session, NULL), 0);
    for (unsigned set = 0; set < plan.sets; set++) {
        struct counter_reading reading;
        assert_int_equal(counter_session_start(session, set), 0);
        assert_int_equal(counter_session_stop(session, &reading), 0);
        for (int event = 0; event < COUNTER_EVENTS; event++) {
            bool planned = plan.entries[event].source != SOURCE_NONE && plan.entries[event].set == set;
            if (plan.entries[event].source != SOURCE_CLOCK) /* the clock may find itself disturbed */
                assert_int_equal(!isnan(reading.total[event]), planned);
            assert_false(reading.total[event] < 0);
        }
    }
    counter_session_close(session);
}

static void starting_twice_or_stopping_twice_is_refused(void **state) {
    (void)state;
    struct counter_plan plan;
    struct counter_session *session;
    struct counter_reading reading;
    pid_t self = gettid();
    probe(0, &plan);
    assert_int_equal(counter_session_open(&plan, &sample_clock, &self, 1, &session, NULL), 0);
    assert_int_equal(counter_session_start(session, 0), 0);
    assert_int_equal(counter_session_start(session, 0), -EBUSY);
    assert_int_equal(counter_session_stop(session, &reading), 0);
    assert_int_equal(counter_session_stop(session, &reading), -EINVAL);
    assert_int_equal(counter_session_start(session, plan.sets), -EINVAL);
    counter_session_close(session);
}

static size_t open_descriptors(void) {
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static bool needs_descriptors(const struct counter_plan *plan) {
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (strncmp(plan->entries[event].native, "perf::", 6) == 0 ||
            plan->entries[event].source == SOURCE_HW)
            return true;
    return false;
}

/* Every limit between none and enough: an error that says what to raise, and nothing left open. */
static void running_out_of_descriptors_is_an_error_without_a_leak(void **state) {
    (void)state;
    struct counter_plan plan;
    struct rlimit limit, low;
    pid_t self = gettid();
    int refused = 0, opened = 0;
    probe(0, &plan);
    if (!needs_descriptors(&plan)) {
        print_message("nothing here is counted through descriptors\n");
        skip();
    }
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    size_t before = open_descriptors();
    low = limit;
    for (rlim_t files = 3; files < 3 + 40; files++) {
        struct counter_session *session;
        struct problem problem = {""};
        low.rlim_cur = files;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
        int status = counter_session_open(&plan, &sample_clock, &self, 1, &session, &problem);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        if (status) {
            assert_int_equal(status, -EMFILE);
            assert_null(session);
            assert_non_null(strstr(problem.text, "ulimit -n"));
            refused++;
        } else {
            opened++;
        }
        counter_session_close(session);
        assert_int_equal(open_descriptors(), before);
    }
    assert_true(refused > 0 && opened > 0);
}

static void a_thread_that_does_not_exist_is_an_error(void **state) {
    (void)state;
    struct counter_plan plan;
    struct counter_session *session;
    struct problem problem = {""};
    pid_t threads[2] = {gettid(), 0x3fffffff}; /* above the kernel's largest pid, 2^22 */
    probe(0, &plan);
    if (!needs_descriptors(&plan))
        skip();
    size_t before = open_descriptors();
    assert_true(counter_session_open(&plan, &sample_clock, threads, 2, &session, &problem) < 0);
    assert_null(session);
    assert_true(problem.text[0]);
    assert_int_equal(open_descriptors(), before);
}

static void no_thread_is_refused(void **state) {
    (void)state;
    struct counter_plan plan;
    struct counter_session *session;
    probe(0, &plan);
    assert_int_equal(counter_session_open(&plan, &sample_clock, NULL, 0, &session, NULL), -EINVAL);
    assert_null(session);
    counter_session_close(NULL);
}

static void *wait_at(void *barrier) {
    pthread_barrier_wait(barrier);
    pthread_barrier_wait(barrier);
    return NULL;
}

static void threads_are_listed_in_ascending_order(void **state) {
    (void)state;
    pthread_barrier_t barrier;
    pthread_t threads[3];
    pid_t list[64], short_list[2];
    int alone = counter_list_threads(NULL, 0);
    assert_true(alone >= 1);
    pthread_barrier_init(&barrier, NULL, 4);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, wait_at, &barrier), 0);
    pthread_barrier_wait(&barrier);
    assert_int_equal(counter_list_threads(list, 64), alone + 3);
    assert_int_equal(counter_list_threads(short_list, 2), alone + 3);
    bool found = false;
    for (int i = 0; i < alone + 3; i++) {
        found = found || list[i] == gettid();
        assert_true(i == 0 || list[i] > list[i - 1]);
    }
    assert_true(found);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
}

static int setup(void **state) {
    (void)state;
    sample_clock_open(&sample_clock);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_without_sets_opens_and_counts_nothing),
        cmocka_unit_test(every_planned_event_is_read_in_its_set_alone),
        cmocka_unit_test(starting_twice_or_stopping_twice_is_refused),
        cmocka_unit_test(running_out_of_descriptors_is_an_error_without_a_leak),
        cmocka_unit_test(a_thread_that_does_not_exist_is_an_error),
        cmocka_unit_test(no_thread_is_refused),
        cmocka_unit_test(threads_are_listed_in_ascending_order),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
