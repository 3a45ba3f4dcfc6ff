/* Jobs side by side: all of them once, in order, within the seats; what fails, is killed or is interrupted ends the rest. */
#include "run/seats.h"

#include "base/nursery.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MOST_JOBS 40
#define PATIENCE_MS 20000

/* Shared by the program and the seats. */
struct seen {
    atomic_uint begun[MOST_JOBS]; /* how often */
    atomic_uint order[MOST_JOBS]; /* the jobs, as they began */
    atomic_uint count, running, most, waiting;
};

struct fixture {
    struct topology *topology;
    struct supervisor supervisor;
    struct seen *seen;
    struct seated_work work;
    unsigned taken[MOST_JOBS];
    size_t bad_job;                          /* what the tests below do with it */
    void (*do_bad)(struct fixture *fixture); /* in the process of the seat */
};

/* A handler has no context. */
static volatile sig_atomic_t interrupted;

static void note_interruption(int number) {
    interrupted = number;
}

static void pause_ms(long ms) {
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct problem problem = {""};
    *state = fixture;
    interrupted = 0;
    signal(SIGINT, note_interruption);
    /* Four cores, whatever this machine has: nothing is bound. */
    if (topology_open(&fixture->topology, "pack:1 core:4 pu:1", &problem))
        fail_msg("%s", problem.text);
    fixture->supervisor = (struct supervisor){
        .topology = fixture->topology, .interrupted = &interrupted, .limits = {1, 1.0, 1, 0}};
    if (supervisor_open(&fixture->supervisor, NULL, &problem))
        fail_msg("%s", problem.text);
    fixture->seen = nursery_share(sizeof *fixture->seen);
    assert_non_null(fixture->seen);
    fixture->bad_job = SIZE_MAX;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    char scratch[4096];
    memcpy(scratch, fixture->supervisor.scratch, sizeof scratch);
    supervisor_close(&fixture->supervisor);
    assert_int_not_equal(access(scratch, F_OK), 0);
    nursery_unshare(fixture->seen, sizeof *fixture->seen);
    topology_close(fixture->topology);
    signal(SIGINT, SIG_DFL);
    free(fixture);
    return 0;
}

/* What a job leaves. */
struct answer {
    size_t job;
    unsigned seat, cpu, seats;
    bool has_folder, was_empty;
    char much[1 << 14]; /* more than what is noted of a job beside it */
};

static int do_job(void *context, size_t job, const struct seat *seat, struct problem *problem) {
    struct fixture *fixture = context;
    struct seen *seen = fixture->seen;
    struct answer *answer = seat->answer;
    struct stat facts;
    unsigned running = atomic_fetch_add(&seen->running, 1) + 1, most = atomic_load(&seen->most);
    while (running > most && !atomic_compare_exchange_weak(&seen->most, &most, running))
        ;
    atomic_fetch_add(&seen->begun[job], 1);
    atomic_store(&seen->order[atomic_fetch_add(&seen->count, 1)], (unsigned)job);
    *answer = (struct answer){.job = job,
                              .seat = seat->number,
                              .cpu = seat->cpu,
                              .seats = seat->count,
                              .was_empty = answer->job == 0 && answer->seats == 0,
                              .has_folder =
                                  stat(seat->supervisor->scratch, &facts) == 0 && S_ISDIR(facts.st_mode) &&
                                  strcmp(seat->supervisor->scratch, fixture->supervisor.scratch) != 0};
    if (job == fixture->bad_job)
        fixture->do_bad(fixture);
    else
        pause_ms(2);
    atomic_fetch_sub(&seen->running, 1);
    if (interrupted)
        return problem_set(problem, EINTR, "interrupted");
    return job == fixture->bad_job ? problem_set(problem, EIO, "job %zu went wrong", job) : 0;
}

static int take(void *context, size_t job, const void *shared, struct problem *problem) {
    struct fixture *fixture = context;
    const struct answer *answer = shared;
    (void)problem;
    assert_int_equal(answer->job, job);
    assert_true(answer->has_folder && answer->was_empty);
    assert_true(answer->seat < answer->seats);
    assert_true(answer->seats == 1 || answer->cpu == answer->seat); /* one core each, from the first on */
    fixture->taken[job]++;
    return 0;
}

static int work(struct fixture *fixture, size_t jobs, struct problem *problem) {
    *problem = (struct problem){""};
    fixture->work = (struct seated_work){.count = jobs,
                                         .answer_bytes = sizeof(struct answer),
                                         .context = fixture,
                                         .work = do_job,
                                         .take = take};
    return seats_work(&fixture->supervisor, NULL, &fixture->work, problem);
}

static size_t count_taken(const struct fixture *fixture) {
    size_t count = 0;
    for (size_t i = 0; i < MOST_JOBS; i++)
        count += fixture->taken[i];
    return count;
}

static void every_job_is_done_once(void **state) {
    struct fixture *fixture = *state;
    struct problem problem;
    assert_int_equal(work(fixture, MOST_JOBS, &problem), 0);
    for (size_t i = 0; i < MOST_JOBS; i++) {
        assert_int_equal(fixture->taken[i], 1);
        assert_int_equal(atomic_load(&fixture->seen->begun[i]), 1);
    }
    assert_true(atomic_load(&fixture->seen->most) <= 4);
    assert_int_equal(work(fixture, 0, &problem), 0);
}

/* Waits for the others: alone, it would wait in vain. */
static void wait_for_company(struct fixture *fixture) {
    atomic_fetch_add(&fixture->seen->waiting, 1);
    for (int ms = 0; atomic_load(&fixture->seen->count) < 4 && ms < PATIENCE_MS; ms++)
        pause_ms(1);
    if (atomic_load(&fixture->seen->count) >= 4)
        fixture->bad_job = SIZE_MAX; /* of this process: then the job is done well */
}

static void seats_are_taken_at_the_same_time(void **state) {
    struct fixture *fixture = *state;
    struct problem problem;
    fixture->bad_job = 0;
    fixture->do_bad = wait_for_company;
    if (work(fixture, 4, &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(atomic_load(&fixture->seen->waiting), 1);
}

/* Memory for one worker alone; then they come in order. */
static void memory_limits_the_seats(void **state) {
    struct fixture *fixture = *state;
    struct problem problem;
    assert_int_equal(seats_count(&fixture->supervisor, NULL), 4);
    assert_int_equal(seats_count(&fixture->supervisor, "1,3"), 2);
    fixture->supervisor.limits.memory_bytes = UINT64_MAX / 2;
    assert_int_equal(seats_count(&fixture->supervisor, NULL), 1);
    assert_int_equal(work(fixture, 9, &problem), 0);
    assert_int_equal(atomic_load(&fixture->seen->most), 1);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(atomic_load(&fixture->seen->order[i]), i);
}

static void do_nothing(struct fixture *fixture) {
    (void)fixture;
}

static void a_failure_ends_the_queue(void **state) {
    struct fixture *fixture = *state;
    struct problem problem;
    fixture->bad_job = 5;
    fixture->do_bad = do_nothing;
    assert_int_equal(work(fixture, MOST_JOBS, &problem), -EIO);
    assert_string_equal(problem.text, "job 5 went wrong");
    assert_int_equal(fixture->taken[5], 0);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(fixture->taken[i], 1);
    unsigned begun = atomic_load(&fixture->seen->count);
    assert_true(begun < MOST_JOBS && begun == count_taken(fixture) + 1);
}

static void be_killed(struct fixture *fixture) {
    (void)fixture;
    raise(SIGKILL);
}

static void a_seat_that_is_killed_is_a_failure(void **state) {
    struct fixture *fixture = *state;
    struct problem problem;
    fixture->bad_job = 2;
    fixture->do_bad = be_killed;
    assert_int_equal(work(fixture, MOST_JOBS, &problem), -ECHILD);
    assert_non_null(strstr(problem.text, "signal 9"));
    assert_true(count_taken(fixture) < MOST_JOBS - 1);
}

/* Tells the program, and goes on until it is told itself. */
static void interrupt_the_program(struct fixture *fixture) {
    (void)fixture;
    kill(getppid(), SIGINT);
    for (int ms = 0; !interrupted && ms < PATIENCE_MS; ms++)
        pause_ms(1);
}

static void an_interruption_ends_what_runs(void **state) {
    struct fixture *fixture = *state;
    struct problem problem;
    fixture->bad_job = 5;
    fixture->do_bad = interrupt_the_program;
    assert_int_equal(work(fixture, MOST_JOBS, &problem), -EINTR);
    assert_string_equal(problem.text, "interrupted");
    assert_true(count_taken(fixture) < MOST_JOBS - 1);
    assert_true(count_taken(fixture) >= 2); /* done before a sixth could begin, and kept */
    unsigned begun = atomic_load(&fixture->seen->count);
    assert_int_equal(work(fixture, 1, &problem), -EINTR);
    assert_int_equal(atomic_load(&fixture->seen->count), begun);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_job_is_done_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(seats_are_taken_at_the_same_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_limits_the_seats, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_ends_the_queue, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_seat_that_is_killed_is_a_failure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_interruption_ends_what_runs, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
