/* What a worker left is taken over whole, or not at all. */
#include "run/exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ARMS 2
#define ROUNDS 5

struct left {
    struct exchange exchange;
    struct worker_page *page;
    struct worker_report *report; /* as the worker writes it */
};

/* With a report of all rounds that only lacks ticks: those of each arm are 1000 and its number, and one more each round. */
static int leave(void **state) {
    struct left *left = calloc(1, sizeof *left);
    *state = left;
    left->page = worker_page_new(ARMS, ROUNDS);
    left->report = calloc(1, sizeof *left->report);
    left->page->job = (struct worker_job){.mode = WORKER_MEASURE,
                                          .arm_count = ARMS,
                                          .arms = {{.active = true}, {.active = true}},
                                          .min_rounds = ROUNDS,
                                          .max_rounds = ROUNDS,
                                          .clock = {.ticks_per_ns = 1}};
    left->report->work.items = 1;
    left->report->rounds = ROUNDS;
    left->report->thread_count = 1;
    left->report->arms[0].runs = left->report->arms[1].runs = 1;
    return exchange_open(&left->exchange, left->page);
}

static int forget(void **state) {
    struct left *left = *state;
    exchange_close(&left->exchange);
    worker_page_free(left->page);
    free(left->report);
    free(left);
    return 0;
}

static uint64_t ticks_of(size_t arm, size_t round) {
    return 1000 * (arm + 1) + round;
}

static int take(struct left *left, char *text, size_t size) {
    const int fd = left->exchange.answer;
    assert_int_equal(pwrite(fd, left->report, sizeof *left->report, offsetof(struct worker_answer, report)),
                     (ssize_t)sizeof *left->report);
    for (size_t arm = 0; arm < ARMS; arm++)
        for (size_t round = 0; round < ROUNDS; round++) {
            uint64_t ticks = ticks_of(arm, round);
            off_t place = (off_t)(sizeof(struct worker_answer) + (arm * ROUNDS + round) * sizeof ticks);
            assert_int_equal(pwrite(fd, &ticks, sizeof ticks, place), (ssize_t)sizeof ticks);
        }
    return exchange_take(&left->exchange, left->page, 1, text, size);
}

static void all_ticks_of_all_arms_are_taken(void **state) {
    struct left *left = *state;
    char text[RESULT_REASON] = "";
    if (take(left, text, sizeof text))
        fail_msg("%s", text);
    assert_true(left->page->complete);
    for (size_t arm = 0; arm < ARMS; arm++)
        for (size_t round = 0; round < ROUNDS; round++)
            assert_int_equal(left->page->ticks[arm * ROUNDS + round], ticks_of(arm, round));
}

static void of_a_wrong_report_nothing_is_taken(void **state) {
    struct left *left = *state;
    char text[RESULT_REASON] = "";
    left->report->rounds = ROUNDS + 1;
    assert_int_equal(take(left, text, sizeof text), -EPROTO);
    assert_non_null(strstr(text, "(rounds)"));
    assert_false(left->page->complete);
    assert_int_equal(left->page->report.rounds, 0);
}

/* Then the first descriptor that a file gets is 0. */
static void a_program_without_input_can_start_workers(void **state) {
    struct left *left = *state;
    struct exchange exchange;
    int input = dup(STDIN_FILENO);
    close(STDIN_FILENO);
    int status = exchange_open(&exchange, left->page);
    bool above = exchange.job >= EXCHANGE_FIRST_FD && exchange.answer >= EXCHANGE_FIRST_FD;
    bool free = fcntl(STDIN_FILENO, F_GETFD) < 0; /* again: what a file was made with is closed */
    exchange_close(&exchange);
    if (input >= 0) {
        assert_int_equal(dup2(input, STDIN_FILENO), STDIN_FILENO);
        close(input);
    }
    assert_int_equal(status, 0);
    assert_true(above && free);
}

#define WITH_LEFT(test) cmocka_unit_test_setup_teardown(test, leave, forget)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_LEFT(all_ticks_of_all_arms_are_taken),
        WITH_LEFT(of_a_wrong_report_nothing_is_taken),
        WITH_LEFT(a_program_without_input_can_start_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
