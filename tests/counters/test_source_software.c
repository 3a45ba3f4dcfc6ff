#include "counters/counters.h"
#include "software_pmu.h"

#include "../base/refuse_call.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGES 100

static struct sample_clock sample_clock;
static struct counter_plan plan;

static void probe_software(void) {
    struct counter_options options = {.clock = &sample_clock,
                                      .disabled_sources =
                                          1u << SOURCE_HW | 1u << SOURCE_HW_GENERIC | 1u << SOURCE_CLOCK};
    assert_int_equal(counter_probe(&options, &plan), 0);
    assert_int_equal(plan.sets, 1);
}

static struct counter_session *open_for(const pid_t *threads, size_t count) {
    struct counter_session *session;
    struct problem problem = {""};
    if (counter_session_open(&plan, &sample_clock, threads, count, &session, &problem))
        fail_msg("%s", problem.text);
    return session;
}

static struct counter_session *open_for_caller(void) {
    pid_t self = gettid();
    return open_for(&self, 1);
}

static void stop(struct counter_session *session, struct counter_reading *reading) {
    assert_int_equal(counter_session_stop(session, reading), 0);
}

static double value(const struct counter_reading *reading, enum counter_event event) {
    if (plan.entries[event].source == SOURCE_NONE) {
        assert_true(isnan(reading->total[event]));
        print_message("%s: %s\n", counter_event_info[event].name, plan.entries[event].reason);
        skip();
    }
    return reading->total[event];
}

static char *map_fresh(size_t pages) {
    char *memory = mmap(NULL, pages * (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    madvise(memory, pages * (size_t)sysconf(_SC_PAGESIZE), MADV_NOHUGEPAGE);
    return memory;
}

/* Not instrumented: the address sanitizer would read shadow memory, whose pages are fresh too. */
__attribute__((no_sanitize("address"))) static void touch(char *memory, size_t pages) {
    for (size_t i = 0; i < pages; i++)
        ((volatile char *)memory)[i * (size_t)sysconf(_SC_PAGESIZE)] = 1;
}

static void unmap(char *memory, size_t pages) {
    munmap(memory, pages * (size_t)sysconf(_SC_PAGESIZE));
}

static void fresh_pages_fault_once_each(void **state) {
    (void)state;
    struct counter_session *session = open_for_caller();
    struct counter_reading reading;
    char *memory = map_fresh(PAGES);
    touch(memory, 1); /* the page table itself, and touch's own pages */
    assert_int_equal(counter_session_start(session, 0), 0);
    touch(memory, PAGES);
    stop(session, &reading);
    assert_true(value(&reading, COUNTER_PAGE_FAULTS) == PAGES - 1);
    assert_true(value(&reading, COUNTER_MAJOR_FAULTS) == 0);
    assert_true(value(&reading, COUNTER_TASK_CLOCK) > 0);
    assert_int_equal(counter_session_start(session, 0), 0); /* starts from zero again */
    touch(memory, PAGES);
    stop(session, &reading);
    assert_true(value(&reading, COUNTER_PAGE_FAULTS) == 0);
    unmap(memory, PAGES);
    counter_session_close(session);
}

static void nothing_done_counts_no_input_or_output(void **state) {
    (void)state;
    struct counter_session *session = open_for_caller();
    for (int i = 0; i < 20; i++) {
        struct counter_reading reading;
        assert_int_equal(counter_session_start(session, 0), 0);
        stop(session, &reading);
        assert_true(value(&reading, COUNTER_READ_CALLS) == 0);
        assert_true(value(&reading, COUNTER_WRITE_CALLS) == 0);
        assert_true(value(&reading, COUNTER_READ_BYTES) == 0);
        assert_true(value(&reading, COUNTER_WRITE_BYTES) == 0);
    }
    counter_session_close(session);
}

static void read_and_write(int calls, size_t bytes) {
    char buffer[4096] = {0};
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC), sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_true(zero >= 0 && sink >= 0);
    for (int i = 0; i < calls; i++) {
        assert_int_equal(read(zero, buffer, bytes), bytes);
        assert_int_equal(write(sink, buffer, bytes / 2), bytes / 2);
    }
    close(zero);
    close(sink);
}

static void calls_and_bytes_are_exact(void **state) {
    (void)state;
    struct counter_session *session = open_for_caller();
    struct counter_reading reading;
    assert_int_equal(counter_session_start(session, 0), 0);
    read_and_write(37, 1000);
    stop(session, &reading);
    assert_true(value(&reading, COUNTER_READ_CALLS) == 37);
    assert_true(value(&reading, COUNTER_WRITE_CALLS) == 37);
    assert_true(value(&reading, COUNTER_READ_BYTES) == 37000);
    assert_true(value(&reading, COUNTER_WRITE_BYTES) == 18500);
    counter_session_close(session);
}

/* A thread that waits for orders, so that it exists before the session is opened. */
struct helper {
    pthread_t thread;
    pthread_barrier_t *barrier;
    pid_t id;
    size_t pages;
};

static void *help(void *argument) {
    struct helper *helper = argument;
    helper->id = gettid();
    char *memory = map_fresh(helper->pages);
    touch(memory, 1);
    read_and_write(1, 100);
    pthread_barrier_wait(helper->barrier); /* its id is known */
    pthread_barrier_wait(helper->barrier); /* counting has begun */
    touch(memory, helper->pages);
    read_and_write(10, 100);
    pthread_barrier_wait(helper->barrier); /* done */
    pthread_barrier_wait(helper->barrier); /* counting has ended */
    unmap(memory, helper->pages);
    return NULL;
}

static void every_thread_is_counted_and_told_apart(void **state) {
    (void)state;
    pthread_barrier_t barrier;
    struct helper helpers[3];
    pid_t threads[4] = {gettid()};
    pthread_barrier_init(&barrier, NULL, 4);
    for (size_t i = 0; i < 3; i++) {
        helpers[i] = (struct helper){.barrier = &barrier, .pages = 11 + 10 * i};
        assert_int_equal(pthread_create(&helpers[i].thread, NULL, help, &helpers[i]), 0);
    }
    pthread_barrier_wait(&barrier);
    for (size_t i = 0; i < 3; i++)
        threads[i + 1] = helpers[i].id;
    struct counter_session *session = open_for(threads, 4);
    struct counter_reading reading;
    assert_int_equal(counter_session_start(session, 0), 0);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    stop(session, &reading);
    pthread_barrier_wait(&barrier);
    for (size_t i = 0; i < 3; i++)
        pthread_join(helpers[i].thread, NULL);
    assert_true(value(&reading, COUNTER_READ_CALLS) == 30);
    assert_true(value(&reading, COUNTER_WRITE_BYTES) == 1500);
    assert_true(value(&reading, COUNTER_PAGE_FAULTS) >= 10 + 20 + 30);
    for (size_t i = 0; i < 3 && strncmp(plan.entries[COUNTER_PAGE_FAULTS].native, "perf::", 6) == 0; i++)
        assert_true(counter_session_thread_value(session, i + 1, COUNTER_PAGE_FAULTS) ==
                    10 + 10.0 * (double)i);
    assert_true(isnan(counter_session_thread_value(session, 1, COUNTER_READ_CALLS)));
    assert_true(isnan(counter_session_thread_value(session, 4, COUNTER_PAGE_FAULTS)));
    counter_session_close(session);
    pthread_barrier_destroy(&barrier);
}

static void *touch_some(void *argument) {
    touch(argument, PAGES);
    return NULL;
}

/* Counts of a thread that is created and ends within the stretch; in the next stretch it must not appear
 * again. */
static void threads_created_later_are_counted(void **state) {
    (void)state;
    struct counter_session *session = open_for_caller();
    struct counter_reading with, without;
    pthread_t thread;
    char *memory = map_fresh(PAGES);
    assert_int_equal(counter_session_start(session, 0), 0);
    assert_int_equal(pthread_create(&thread, NULL, touch_some, memory), 0);
    pthread_join(thread, NULL);
    stop(session, &with);
    assert_int_equal(counter_session_start(session, 0), 0);
    stop(session, &without);
    double faults = value(&with, COUNTER_PAGE_FAULTS);
    assert_true(faults >= PAGES && faults < 2 * PAGES);
    assert_true(value(&without, COUNTER_PAGE_FAULTS) == 0);
    unmap(memory, PAGES);
    counter_session_close(session);
}

static void absent_events_have_a_reason_and_read_nan(void **state) {
    (void)state;
    struct counter_session *session = open_for_caller();
    struct counter_reading reading;
    assert_int_equal(counter_session_start(session, 0), 0);
    stop(session, &reading);
    for (int event = 0; event < COUNTER_VOCABULARY; event++) {
        if (plan.entries[event].source != SOURCE_NONE || !counter_plan_has(&plan, (enum counter_event)event))
            continue;
        assert_true(isnan(reading.total[event]));
        assert_true(plan.entries[event].reason[0] != '\0');
        assert_int_equal(plan.entries[event].trust, TRUST_NONE);
    }
    counter_session_close(session);
}

/* Exit status of the child: 0 for success, else the number of what failed; 77 where filters cannot be
 * installed. */
static int count_without_perf(int error, const char *says) {
    struct counter_options options = {.clock = &sample_clock,
                                      .disabled_sources =
                                          1u << SOURCE_HW | 1u << SOURCE_HW_GENERIC | 1u << SOURCE_CLOCK};
    struct counter_session *session;
    struct counter_reading reading;
    pid_t self = gettid();
    if (refuse_call(SYS_perf_event_open, (unsigned)error))
        return 77;
    if (counter_probe(&options, &plan) || plan.entries[COUNTER_PAGE_FAULTS].source != SOURCE_SW)
        return 1;
    if (!strstr(plan.entries[COUNTER_PAGE_FAULTS].native, "getrusage"))
        return 2;
    if (plan.entries[COUNTER_MIGRATIONS].source != SOURCE_NONE ||
        !strstr(plan.entries[COUNTER_MIGRATIONS].reason, says))
        return 3;
    if (counter_session_open(&plan, &sample_clock, &self, 1, &session, NULL))
        return 4;
    char *memory = map_fresh(PAGES);
    touch(memory, 1);
    if (counter_session_start(session, 0))
        return 5;
    touch(memory, PAGES);
    if (counter_session_stop(session, &reading))
        return 6;
    counter_session_close(session);
    unmap(memory, PAGES);
    if (reading.total[COUNTER_PAGE_FAULTS] != PAGES - 1) {
        print_message("%g page faults counted\n", reading.total[COUNTER_PAGE_FAULTS]);
        return 7;
    }
    if (!isnan(reading.total[COUNTER_MIGRATIONS]) || !(reading.total[COUNTER_TASK_CLOCK] > 0))
        return 8;
    return reading.total[COUNTER_READ_CALLS] == 0 ? 0 : 9;
}

static void run_in_child(int error, const char *says) {
    need_software_pmu();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(count_without_perf(error, says));
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        print_message("seccomp filters cannot be installed here\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void refused_perf_events_fall_back_to_the_process(void **state) {
    (void)state;
    run_in_child(EPERM, "seccomp");
}

/* EACCES is what perf_event_paranoid answers: a filter's is not taken for it. */
static void a_filter_is_not_taken_for_perf_event_paranoid(void **state) {
    (void)state;
    int level = 0;
    FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
    if (file && (fscanf(file, "%d", &level) != 1 || level > 2)) {
        print_message("perf_event_paranoid of %d would refuse as well\n", level);
        fclose(file);
        skip();
        return;
    }
    if (file)
        fclose(file);
    run_in_child(EACCES, "seccomp");
}

static void missing_perf_events_fall_back_to_the_process(void **state) {
    (void)state;
    run_in_child(ENOSYS, "ENOSYS");
}

static int setup(void **state) {
    (void)state;
    sample_clock_open(&sample_clock);
    probe_software();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_pages_fault_once_each),
        cmocka_unit_test(nothing_done_counts_no_input_or_output),
        cmocka_unit_test(calls_and_bytes_are_exact),
        cmocka_unit_test(every_thread_is_counted_and_told_apart),
        cmocka_unit_test(threads_created_later_are_counted),
        cmocka_unit_test(absent_events_have_a_reason_and_read_nan),
        cmocka_unit_test_setup(refused_perf_events_fall_back_to_the_process, setup),
        cmocka_unit_test_setup(a_filter_is_not_taken_for_perf_event_paranoid, setup),
        cmocka_unit_test_setup(missing_perf_events_fall_back_to_the_process, setup),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
