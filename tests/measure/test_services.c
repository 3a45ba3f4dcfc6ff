/* Servers that a kernel needs: started, placed, counted, stopped, and told of where they are not there. */
#include "run_beside.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_left(const struct fixture *fixture, const char *name) {
    char path[4400];
    struct stat facts;
    snprintf(path, sizeof path, "%s/%s.server", fixture->supervisor.scratch, name);
    return stat(path, &facts) == 0;
}

/* Servers and workers work in folders of their own. */
static bool is_running(const struct fixture *fixture) {
    char command[4500];
    snprintf(command, sizeof command, "ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -q '%s'",
             fixture->supervisor.scratch);
    return system(command) == 0;
}

static void a_server_is_asked(void **state) {
    struct fixture *fixture = *state;
    struct cpu_choice two;
    bool spare = topology_choose(fixture->topology, 2, NULL, &two, NULL) == 0;
    const struct comparison *comparisons = run_beside(fixture, "served", "served", 0);
    const struct measurement *measurement = &fixture->run.measurements[0];
    assert_valid(&comparisons[0]);
    assert_valid(&comparisons[1]);
    assert_int_equal(measurement->service_count, 1); /* the others' servers are not started */
    assert_string_equal(measurement->services[0].name, "squarer");
    assert_string_equal(measurement->services[0].user, "");
    if (spare) {
        assert_true(measurement->services[0].cpu >= 0);
        assert_int_not_equal(measurement->services[0].cpu, measurement->replicates[0].threads[0].cpu);
    } else
        assert_int_equal(measurement->services[0].cpu, -1);
    for (size_t r = 0; r < measurement->replicate_count; r++) {
        const struct replicate *replicate = &measurement->replicates[r];
        assert_int_equal(replicate->service_count, 1);
        assert_true(replicate->services[0].cpu_s > 0);
        assert_true(replicate->services[0].peak_rss_bytes > 4096);
        assert_true(replicate->services[0].peak_rss_bytes < 100e6);
    }
    assert_false(is_left(fixture, "squarer"));
    assert_false(is_running(fixture));
}

/* With as many CPUs as the variants take, or fewer than all servers need. */
static void a_server_without_a_cpu_shares(void **state) {
    struct fixture *fixture = *state;
    struct cpu_choice one;
    assert_int_equal(topology_choose(fixture->topology, 1, NULL, &one, NULL), 0);
    snprintf(fixture->options.settings.cpus, sizeof fixture->options.settings.cpus, "%u", one.cpus[0]);
    assert_valid(run_beside(fixture, "served", "served", 0));
    assert_int_equal(fixture->run.measurements[0].services[0].cpu, -1);
}

static void nothing_is_started_that_nobody_needs(void **state) {
    struct fixture *fixture = *state;
    assert_valid(run_beside(fixture, "served", "plain", 0));
    assert_int_equal(fixture->run.measurements[0].service_count, 0);
}

/* Control characters of the text never reach a terminal; the baseline's names its process. */
static void evidence_is_kept_and_a_change_told(void **state) {
    struct fixture *fixture = *state;
    assert_valid(run_beside(fixture, "served", "served", 0));
    const struct arm *arms = fixture->run.measurements[0].arms;
    assert_string_equal(arms[1].evidence, "SEARCH squarer\n  USING SOCKET ?[31m\n");
    assert_int_equal(arms[1].evidence_changes, 0);
    assert_string_equal(arms[1].other_evidence, "");
    assert_int_equal(strncmp(arms[0].evidence, "process ", 8), 0);
    assert_int_equal(strncmp(arms[0].other_evidence, "process ", 8), 0);
    assert_string_not_equal(arms[0].evidence, arms[0].other_evidence);
    assert_int_equal(arms[0].evidence_changes, 1);
}

static void assert_all_invalid(struct fixture *fixture, const char *variant, const char *words) {
    const struct comparison *comparisons = run_beside(fixture, "served", variant, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(comparisons[i].verdict, VERDICT_INVALID);
        if (!strstr(comparisons[i].reason, words))
            fail_msg("'%s' does not say '%s'", comparisons[i].reason, words);
    }
    assert_false(is_running(fixture));
}

static void the_last_words_of_a_server_are_told(void **state) {
    assert_all_invalid(*state, "lost",
                       "lost its server mortal: it ended with exit status 3; it said: the disk is on fire");
    assert_false(is_left(*state, "mortal"));
}

static void a_server_that_does_not_come_is_told_of(void **state) {
    assert_all_invalid(*state, "never", "did not get its server late: not after 0.2 s");
}

static void a_server_that_refuses_root_is_nobody_s(void **state) {
    struct fixture *fixture = *state;
    struct stat facts;
    if (geteuid() == 0 &&
        (stat(TEST_BUILD "/bin", &facts) != 0 ||
         system("setpriv --reuid 65534 --clear-groups " TEST_BUILD "/bin/test_server 2>/dev/null; "
                "[ $? = 2 ]") != 0))
        skip(); /* nobody cannot reach it */
    assert_valid(run_beside(fixture, "served", "rootless", 0));
    assert_string_equal(fixture->run.measurements[0].services[0].user, geteuid() == 0 ? "nobody" : "");
    assert_false(is_left(fixture, "proud"));
}

static void what_is_not_installed_is_said(void **state) {
    struct fixture *fixture = *state;
    struct problem problem = {""};
    assert_int_equal(
        supervisor_describe(&fixture->supervisor, MODULES "unserved.native.so", &fixture->module, &problem),
        0);
    assert_false(fixture->module.supported);
    assert_string_equal(fixture->module.reason,
                        "needs the server no-such-server-anywhere, which is not installed (not in PATH)");
}

/* The socket's path would be cut. */
static void a_folder_too_long_for_a_socket_is_one_error(void **state) {
    struct fixture *fixture = *state;
    struct problem problem = {""};
    struct worker_outcome outcome;
    struct worker_page *page = worker_page_new(0, 0);
    assert_non_null(page);
    page->job.services[0].needed = true;
    memset(page->job.services[0].declared.name, 'x', RESULT_NAME - 1);
    char *end = fixture->supervisor.scratch + strlen(fixture->supervisor.scratch);
    snprintf(end, 60, "/%050d", 0);
    assert_int_equal(mkdir(fixture->supervisor.scratch, 0700), 0);
    int status = supervisor_run(&fixture->supervisor, page, &outcome, &problem);
    *end = '\0';
    worker_page_free(page);
    assert_int_equal(status, -ENAMETOOLONG);
    assert_non_null(strstr(problem.text, "--scratch"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_server_is_asked),
        WITH_FIXTURE(a_server_without_a_cpu_shares),
        WITH_FIXTURE(nothing_is_started_that_nobody_needs),
        WITH_FIXTURE(evidence_is_kept_and_a_change_told),
        WITH_FIXTURE(the_last_words_of_a_server_are_told),
        WITH_FIXTURE(a_server_that_does_not_come_is_told_of),
        WITH_FIXTURE(a_server_that_refuses_root_is_nobody_s),
        WITH_FIXTURE(what_is_not_installed_is_said),
        WITH_FIXTURE(a_folder_too_long_for_a_socket_is_one_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
