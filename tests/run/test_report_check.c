/* A report that a worker writes is let through; one field out of its range, and it is not. */
#include "run/report_check.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS 8
#define ARMS 2

static struct worker_job job;
static struct worker_report report;
static uint64_t ticks[ARMS * ROUNDS];

static int start(void **state) {
    (void)state;
    job = (struct worker_job){.mode = WORKER_MEASURE,
                              .arm_count = ARMS,
                              .arms = {{.active = true}, {.active = true}},
                              .min_rounds = 4,
                              .max_rounds = ROUNDS,
                              .seconds = 0.1,
                              .clock = {.ticks_per_ns = 1}};
    memset(&report, 0, sizeof report);
    report.work.items = 100;
    report.rounds = ROUNDS - 1;
    report.thread_count = 1;
    report.timing_s = 0.1;
    for (int arm = 0; arm < ARMS; arm++) {
        report.arms[arm].runs = 10;
        memcpy(report.arms[arm].code_hash, "0123456789abcdef", 17);
        report.arms[arm].counters[0] = NAN;
        report.arms[arm].latency.p50 = NAN;
    }
    for (size_t i = 0; i < ARMS * ROUNDS; i++)
        ticks[i] = 20000;
    return 0;
}

static void assert_wrong(const char *what) {
    const char *wrong = report_check(&job, &report);
    assert_non_null(wrong);
    assert_string_equal(wrong, what);
}

static void a_good_report_is_let_through(void **state) {
    (void)state;
    assert_null(report_check(&job, &report));
    assert_null(report_check_ticks(&job, &report, ticks, 0.2));
}

static void counts_have_ranges(void **state) {
    report.rounds = ROUNDS + 1;
    assert_wrong("rounds");
    start(state);
    report.rounds = (size_t)1 << 36;
    assert_wrong("rounds");
    start(state);
    report.thread_count = WORKER_THREADS + 1;
    assert_wrong("thread count");
    start(state);
    report.thread_count = 0;
    assert_wrong("thread count");
    start(state);
    report.counted_threads = 1024;
    assert_wrong("count of threads that were counted");
    start(state);
    report.threads[0].cpu = TOPOLOGY_MAX_CPUS;
    assert_wrong("a thread's binding");
    start(state);
    report.arms[1].runs = 0;
    assert_wrong("runs of a sample");
    start(state);
    report.arms[1].runs = UINT64_MAX;
    assert_wrong("runs of a sample");
}

static void numbers_are_finite(void **state) {
    report.work.items = -1;
    assert_wrong("items of a run");
    start(state);
    report.work.items = NAN;
    assert_wrong("items of a run");
    start(state);
    report.core_ghz = INFINITY;
    assert_wrong("clocks");
    start(state);
    report.arms[1].counters[2] = INFINITY;
    assert_wrong("a count");
    start(state);
    report.arms[0].resources.peak_rss_bytes = -4096;
    assert_wrong("a resource");
    start(state);
    report.noise.wall_s = -1;
    assert_wrong("noise");
    start(state);
    report.usage.start_ns = 5;
    assert_wrong("use of the processor");
}

static void each_use_of_the_processor_has_a_range(void **state) {
    double *const amounts[] = {&report.usage.runs,       &report.usage.user_s,
                               &report.usage.system_s,   &report.usage.voluntary_switches,
                               &report.usage.faults,     &report.usage.working_set_bytes,
                               &report.usage.ordered_ns, &report.usage.chained_ns};
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        start(state);
        *amounts[i] = -1;
        assert_wrong("use of the processor");
    }
    start(state);
    report.usage.queued_s = INFINITY;
    assert_wrong("use of the processor");
    start(state);
    report.usage.threads = 1 << 22; /* as many as Linux has numbers for */
    assert_null(report_check(&job, &report));
    report.usage.threads++;
    assert_wrong("use of the processor");
    report.usage.threads = -4096; /* no errno */
    assert_wrong("use of the processor");
}

static void each_count_of_a_thread_is_a_number(void **state) {
    (void)state;
    report.counted_threads = report.thread_count;
    report.thread_counts[ARMS - 1][0][RESULT_THREAD_EVENTS - 1] = NAN;
    assert_null(report_check(&job, &report));
    report.thread_counts[ARMS - 1][0][RESULT_THREAD_EVENTS - 1] = INFINITY;
    assert_wrong("a thread's counts");
}

static void texts_end_and_command_no_terminal(void **state) {
    memset(report.failure_text, 'B', sizeof report.failure_text);
    assert_wrong("failure");
    start(state);
    memset(report.arms[1].reason, 'A', sizeof report.arms[1].reason);
    assert_wrong("the reason of an arm");
    start(state);
    memset(report.arms[1].code_hash, 'f', sizeof report.arms[1].code_hash);
    assert_wrong("a hash of code");
    start(state);
    report.arms[1].invalid = true;
    strcpy(report.arms[1].reason, "a worker's own words");
    assert_wrong("the cause of an arm"); /* none */
    report.arms[1].why.cause = CAUSES;
    assert_wrong("the cause of an arm");
    report.arms[1].why.cause = CAUSE_PRINTS;
    strcpy(report.arms[1].why.variant, "b");
    strcpy(report.arms[1].why.said, "red \033[31m \xe2\x80\xae");
    assert_null(report_check(&job, &report));
    assert_string_equal(report.arms[1].reason,
                        "b prints in its runs: \"red ?[31m ?\"; leave the output out of what is measured");
    report.arms[1].invalid = false;
    assert_wrong("the cause of an arm");
}

/* Each text ends, each number is one, and each truth is one of two. */
static void what_a_cause_names_is_checked(void **state) {
    struct arm_why *why = &report.arms[1].why;
    static const struct {
        size_t offset, size;
    } parts[] = {
#define PART(member) {offsetof(struct arm_why, member), sizeof((struct arm_why *)NULL)->member}
        PART(variant),
        PART(placebo),
        PART(client),
        PART(run_ns),
        PART(other_ns),
        PART(runs),
        PART(other_runs),
        PART(items),
        PART(count),
        PART(most),
        PART(answer.output),
        PART(answer.index),
        PART(answer.got),
        PART(answer.expected),
        PART(answer.advice),
        PART(answer.by_check),
        PART(answer.among_timed),
        PART(answer.from_before),
        PART(said)};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        start(state);
        report.arms[1].invalid = true;
        why->cause = CAUSE_WRONG_ANSWER;
        assert_null(report_check(&job, &report));
        memset((char *)why + parts[i].offset, 0xff, parts[i].size); /* of a double: no number */
        assert_wrong("the cause of an arm");
    }
}

static void kinds_are_known(void **state) {
    report.failure = (enum worker_failure)77;
    assert_wrong("failure");
    start(state);
    report.failure = FAILURE_SETUP;
    assert_wrong("failure"); /* without words */
    start(state);
    memset(&report.arms[0].invalid, 7, 1);
    assert_wrong("the reason of an arm");
}

static void a_description_is_one_of_a_module(void **state) {
    (void)state;
    memset(&report, 0, sizeof report);
    job.mode = WORKER_DESCRIBE;
    strcpy(job.module, "/a/module.so");
    struct module_description *description = &report.description;
    strcpy(description->name, "lookup");
    strcpy(description->path, "/etc/passwd");
    strcpy(description->variants[0].name, "hash");
    description->variant_count = 1;
    description->scale = -1;
    assert_null(report_check(&job, &report));
    assert_string_equal(description->path, "/a/module.so");
    strcpy(description->counters[0].name, "probes");
    description->counter_count = 1;
    assert_null(report_check(&job, &report));
    memset(description->counters[0].unit, 'x', sizeof description->counters[0].unit);
    assert_wrong("a counter");
    description->counter_count = 0;
    description->variant_count = CS_MAX_VARIANTS + 1;
    assert_wrong("the kernel's counts");
    description->variant_count = 1;
    strcpy(description->variants[0].name, "../../x");
    assert_wrong("a variant");
    strcpy(description->variants[0].name, "hash");
    description->parameter_count = 1;
    strcpy(description->parameters[0].name, "n");
    description->parameters[0].choice_count = 5000;
    assert_wrong("a parameter");
}

static void evidence_is_plain_in_lines(void **state) {
    (void)state;
    strcpy(report.arms[1].evidence, "SCAN \033[2J\n\n  \xe2\x80\xaex\n\xc3");
    assert_null(report_check(&job, &report));
    assert_string_equal(report.arms[1].evidence, "SCAN ?[2J\n\n  ?x\n?");
    memset(report.arms[1].evidence, 'x', sizeof report.arms[1].evidence);
    assert_wrong("the evidence of an arm");
}

/* What the supervisor starts was named by measured code. */
static void services_end_within_their_arrays(void **state) {
    (void)state;
    job.mode = WORKER_DESCRIBE;
    struct module_description *description = &report.description;
    struct module_service *service = &description->services[0];
    strcpy(description->name, "lookup");
    strcpy(description->variants[0].name, "hash");
    description->variant_count = description->service_count = 1;
    description->scale = -1;
    strcpy(service->name, "redis");
    strcpy(service->program, "redis-server");
    strcpy(service->socket, "s");
    memcpy(service->arguments.text, "--port\0000", sizeof "--port\0000");
    service->arguments.count = 2;
    assert_null(report_check(&job, &report));
    memset(service->arguments.text, 'x', sizeof service->arguments.text);
    assert_wrong("a service's arguments");
    memcpy(service->arguments.text + sizeof service->arguments.text - 2, "x", 2);
    assert_wrong("a service's arguments");
    service->arguments.count = 1;
    assert_null(report_check(&job, &report));
    service->arguments.count = MODULE_SERVICE_ARGUMENTS + 1;
    assert_wrong("a service's arguments");
    service->arguments.count = 0;
    memset(service->make.text, 'x', sizeof service->make.text);
    service->make.count = 1;
    assert_wrong("a service's arguments");
    strcpy(service->make.text, "/bin/sh"); /* beside the server, and nowhere else */
    assert_wrong("a service's arguments");
    service->make.count = 0;
    service->make.text[0] = '\0';
    strcpy(service->socket, "../s");
    assert_wrong("a service");
    strcpy(service->socket, "s");
    assert_null(report_check(&job, &report));
    service->ready_s = INFINITY;
    assert_wrong("a service");
    service->ready_s = NAN;
    assert_wrong("a service");
    service->ready_s = 1;
    description->service_count = CS_MAX_SERVICES + 1;
    assert_wrong("the kernel's counts");
    description->service_count = 1;
}

static void samples_fit_into_the_life_of_the_process(void **state) {
    ticks[3] = 300000000;
    assert_string_equal(report_check_ticks(&job, &report, ticks, 0.2),
                        "samples take longer than the process lived");
    start(state);
    report.timing_s = 0.5;
    assert_string_equal(report_check_ticks(&job, &report, ticks, 0.2),
                        "times beyond the life of the process");
    start(state);
    report.timing_s = 0.01;
    assert_string_equal(report_check_ticks(&job, &report, ticks, 0.05), "fewer rounds than were asked for");
    report.rounds = ROUNDS; /* as many as there may be */
    assert_null(report_check_ticks(&job, &report, ticks, 0.05));
    report.rounds = 3;
    assert_string_equal(report_check_ticks(&job, &report, ticks, 0.2), "fewer rounds than were asked for");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_good_report_is_let_through, start),
        cmocka_unit_test_setup(counts_have_ranges, start),
        cmocka_unit_test_setup(numbers_are_finite, start),
        cmocka_unit_test_setup(each_use_of_the_processor_has_a_range, start),
        cmocka_unit_test_setup(each_count_of_a_thread_is_a_number, start),
        cmocka_unit_test_setup(texts_end_and_command_no_terminal, start),
        cmocka_unit_test_setup(what_a_cause_names_is_checked, start),
        cmocka_unit_test_setup(kinds_are_known, start),
        cmocka_unit_test_setup(a_description_is_one_of_a_module, start),
        cmocka_unit_test_setup(evidence_is_plain_in_lines, start),
        cmocka_unit_test_setup(services_end_within_their_arrays, start),
        cmocka_unit_test_setup(samples_fit_into_the_life_of_the_process, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
