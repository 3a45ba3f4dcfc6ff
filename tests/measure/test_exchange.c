/* Measured code that writes what the supervisor reads, and code that is right when it is looked at alone. */
#include "run_beside.h"

#include "run/exchange.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static void work_that_glances_at_its_last_answer_is_refused(void **state) {
    assert_refused(*state, "forger", "glance", 0, "wrong answer from glance among the timed runs",
                   "elements of its last one were overwritten");
}

static void work_that_recalls_its_whole_answer_is_refused(void **state) {
    assert_refused(*state, "forger", "recall", 0, "recall does less where its last answer is still there",
                   "compute the whole answer in each run");
}

static void work_that_knows_timed_runs_is_refused(void **state) {
    assert_refused(*state, "forger", "peek", 0, "wrong answer from peek among the timed runs", "");
}

/* Nothing of the worker's own tells whose code it was; then nobody is named, and nothing is claimed. */
static void assert_nobody_blamed(const struct comparison *comparisons, const char *words) {
    for (int i = 0; i < 2; i++) {
        assert_int_equal(comparisons[i].verdict, VERDICT_INVALID);
        assert_true(isnan(comparisons[i].speedup.estimate));
        if (strncmp(comparisons[i].reason, "the kernel ", 11) || !strstr(comparisons[i].reason, words) ||
            !strstr(comparisons[i].reason, "its status was written over"))
            fail_msg("'%s' does not say '%s'", comparisons[i].reason, words);
    }
}

static void a_forged_report_is_no_end(void **state) {
    assert_nobody_blamed(run_beside(*state, "forger", "forge", 0), "ended the process with exit status 0");
}

static void nobody_else_can_be_blamed(void **state) {
    assert_refused(*state, "forger", "blame", 0, "blame crashed with SIGSEGV", "during verification");
}

static void an_arm_that_is_none_is_nobody_s(void **state) {
    assert_nobody_blamed(run_beside(*state, "forger", "nowhere", 0), "ended the process with exit status 3");
}

static void a_heartbeat_of_somebody_else_is_none(void **state) {
    struct fixture *fixture = *state;
    fixture->supervisor.limits.stall_s = 1;
    assert_nobody_blamed(run_beside(fixture, "forger", "beat", 0), "hung during an unknown phase");
}

static void a_worker_has_a_session_of_its_own(void **state) {
    assert_valid(&run_beside(*state, "forger", "session", 0)[0]);
}

static void what_is_changed_of_the_supervisor_is_set_back(void **state) {
    struct rlimit before, after;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct comparison *comparisons = run_beside(*state, "forger", "parent", 0);
    assert_int_equal(comparisons[0].verdict, VERDICT_INVALID);
    assert_non_null(strstr(comparisons[0].reason, "changed countersign itself: the limit RLIMIT_"));
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &after), 0);
    assert_int_equal(before.rlim_cur, after.rlim_cur);
}

static struct worker_page *open_page(struct exchange *exchange) {
    struct worker_page *page = worker_page_new(2, 10);
    assert_non_null(page);
    page->job = (struct worker_job){.mode = WORKER_MEASURE,
                                    .arm_count = 2,
                                    .arms = {{.active = true}, {.active = true}},
                                    .max_rounds = 10,
                                    .min_rounds = 4,
                                    .seconds = 0.5,
                                    .clock = {.ticks_per_ns = 1}};
    assert_int_equal(exchange_open(exchange, page), 0);
    return page;
}

/* Cut short, the supervisor's reading of it would end in SIGBUS. */
static void nothing_that_passes_can_change_its_length(void **state) {
    (void)state;
    struct exchange exchange;
    struct worker_page *page = open_page(&exchange);
    assert_int_equal(ftruncate(exchange.answer, 0), -1);
    assert_int_equal(ftruncate(exchange.answer, 1 << 24), -1);
    assert_int_equal(ftruncate(exchange.job, 0), -1);
    assert_int_equal(pwrite(exchange.job, "x", 1, 0), -1);
    void *written = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, exchange.job, 0);
    assert_ptr_equal(written, MAP_FAILED);
    exchange_close(&exchange);
    worker_page_free(page);
}

static void each_worker_has_secrets_of_its_own(void **state) {
    (void)state;
    struct exchange first, second;
    struct worker_page *page = open_page(&first);
    assert_int_equal(exchange_open(&second, page), 0);
    for (int i = 0; i < WORKER_SECRETS; i++)
        assert_true(first.secret[i] != second.secret[i]);
    exchange_close(&first);
    exchange_close(&second);
    worker_page_free(page);
}

static void write_status(const struct exchange *exchange, uint32_t phase, int32_t arm, uint64_t heartbeat,
                         uint64_t seal) {
    struct worker_status status = {.phase = phase, .arm = arm, .heartbeat = heartbeat, .seal = seal};
    assert_int_equal(pwrite(exchange->answer, &status, sizeof status, 0), (ssize_t)sizeof status);
}

static void only_a_sealed_status_is_believed(void **state) {
    (void)state;
    struct exchange exchange;
    struct worker_page *page = open_page(&exchange);
    uint64_t good = worker_seal(exchange.secret, PHASE_VERIFY, 1, 7);
    assert_true(exchange_look(&exchange, page)); /* not started yet */
    assert_int_equal(page->status.phase, PHASE_START);
    write_status(&exchange, PHASE_VERIFY, 1, 7, good);
    assert_true(exchange_look(&exchange, page));
    assert_int_equal(page->status.arm, 1);
    write_status(&exchange, PHASE_VERIFY, 0, 7, good); /* another arm */
    assert_false(exchange_look(&exchange, page));
    assert_int_equal(page->status.arm, -1);
    assert_int_equal(page->status.heartbeat, 7);
    write_status(&exchange, PHASE_DONE, 1, 7, good);
    assert_false(exchange_look(&exchange, page));
    assert_int_equal(page->status.phase, PHASE_UNKNOWN);
    write_status(&exchange, PHASE_VERIFY, 1, 6, worker_seal(exchange.secret, PHASE_VERIFY, 1, 6)); /* old */
    assert_false(exchange_look(&exchange, page));
    write_status(&exchange, PHASE_VERIFY, 5, 8, worker_seal(exchange.secret, PHASE_VERIFY, 5, 8));
    assert_false(exchange_look(&exchange, page));
    exchange_close(&exchange);
    worker_page_free(page);
}

static void an_end_is_the_last_secret(void **state) {
    (void)state;
    struct exchange exchange;
    struct worker_page *page = open_page(&exchange);
    const off_t place = (off_t)offsetof(struct worker_answer, end);
    assert_false(exchange_is_complete(&exchange));
    assert_int_equal(pwrite(exchange.answer, &exchange.secret[1], 8, place), 8);
    assert_false(exchange_is_complete(&exchange));
    assert_int_equal(pwrite(exchange.answer, &exchange.secret[2], 8, place), 8);
    assert_true(exchange_is_complete(&exchange));
    exchange_close(&exchange);
    worker_page_free(page);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(work_that_glances_at_its_last_answer_is_refused),
        WITH_FIXTURE(work_that_recalls_its_whole_answer_is_refused),
        WITH_FIXTURE(work_that_knows_timed_runs_is_refused),
        WITH_FIXTURE(a_forged_report_is_no_end),
        WITH_FIXTURE(nobody_else_can_be_blamed),
        WITH_FIXTURE(an_arm_that_is_none_is_nobody_s),
        WITH_FIXTURE(a_heartbeat_of_somebody_else_is_none),
        WITH_FIXTURE(a_worker_has_a_session_of_its_own),
        WITH_FIXTURE(what_is_changed_of_the_supervisor_is_set_back),
        cmocka_unit_test(nothing_that_passes_can_change_its_length),
        cmocka_unit_test(each_worker_has_secrets_of_its_own),
        cmocka_unit_test(only_a_sealed_status_is_believed),
        cmocka_unit_test(an_end_is_the_last_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
