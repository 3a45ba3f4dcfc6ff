/* What a worker has before its first instruction: told by a program that is started in its place. */
#include "run/worker_start.h"

#include "run/confinement.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char script[] = "#!/bin/sh\n"
                             "sed -n 's/^Cpus_allowed_list:[[:space:]]*/cpus=/p' /proc/self/status\n"
                             "echo \"core=$(ulimit -c)\"\n"
                             "echo \"files=$(ulimit -f)\"\n"
                             "echo \"folder=$(pwd)\"\n"
                             "echo \"home=$HOME\"\n"
                             "echo \"temporary=$TMPDIR\"\n"
                             "echo \"threads=$OMP_NUM_THREADS\"\n"
                             "echo \"places=$OMP_PLACES\"\n"
                             "echo \"arguments=$*\"\n"
                             "echo \"input=$(cat)\"\n"
                             "echo \"itself=$(sed -n 1p \"$0\" 2>/dev/null)\"\n"
                             "echo \"beside=$(cat \"${0%/*}/beside/file\" 2>/dev/null)\"\n";

struct fixture {
    struct supervisor supervisor;
    struct topology *topology;
    struct worker_page *page;
    struct exchange exchange;
    cpu_set_t allowed;
    char said[4096];
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct problem problem = {""};
    char base[] = "/tmp/countersign-test-XXXXXX";
    assert_non_null(fixture);
    assert_non_null(mkdtemp(base));
    assert_int_equal(sched_getaffinity(0, sizeof fixture->allowed, &fixture->allowed), 0);
    if (topology_open(&fixture->topology, NULL, &problem))
        fail_msg("%s", problem.text);
    struct supervisor *supervisor = &fixture->supervisor;
    supervisor->topology = fixture->topology;
    supervisor->limits = (struct worker_limits){256u << 20, 10, 1u << 20, 0};
    snprintf(supervisor->scratch, sizeof supervisor->scratch, "%s", base);
    snprintf(supervisor->program, sizeof supervisor->program, "%s/program", base);
    int file = open(supervisor->program, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    assert_true(file >= 0);
    assert_int_equal(write(file, script, sizeof script - 1), (ssize_t)sizeof script - 1);
    close(file);
    fixture->page = worker_page_new(1, 1);
    assert_non_null(fixture->page);
    fixture->page->job =
        (struct worker_job){.mode = WORKER_MEASURE, .threads = 1, .parallel = true, .arm_count = 1};
    snprintf(fixture->page->job.scratch, sizeof fixture->page->job.scratch, "%s/worker", base);
    assert_int_equal(mkdir(fixture->page->job.scratch, 0700), 0);
    assert_int_equal(exchange_open(&fixture->exchange, fixture->page), 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    unlink(fixture->supervisor.program);
    rmdir(fixture->page->job.scratch);
    rmdir(fixture->supervisor.scratch);
    exchange_close(&fixture->exchange);
    worker_page_free(fixture->page);
    topology_close(fixture->topology);
    free(fixture);
    return 0;
}

/* The last of the CPUs that this process may use, and how many those are. */
static unsigned last_cpu(const struct fixture *fixture, int *count) {
    unsigned last = 0;
    *count = CPU_COUNT(&fixture->allowed);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &fixture->allowed))
            last = cpu;
    return last;
}

/* What the program said, which ended with `expected`. */
static void start(struct fixture *fixture, int expected) {
    int output = memfd_create("said", MFD_CLOEXEC), status = 0;
    assert_true(output >= 0);
    pid_t pid = fork();
    if (pid == 0) {
        worker_start(&fixture->supervisor, &fixture->page->job, &fixture->exchange, output);
        _exit(126);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    ssize_t length = pread(output, fixture->said, sizeof fixture->said - 1, 0);
    close(output);
    assert_true(length >= 0);
    fixture->said[length] = '\0';
    if (!WIFEXITED(status) || WEXITSTATUS(status) != expected)
        fail_msg("status 0x%x: %s", (unsigned)status, fixture->said);
}

static void assert_said(const struct fixture *fixture, const char *name, const char *value) {
    char line[4200];
    snprintf(line, sizeof line, "%s=%s\n", name, value);
    if (!strstr(fixture->said, line))
        fail_msg("no '%s' in:\n%s", line, fixture->said);
}

/* A worker that bound itself would have loaded, and touched memory, elsewhere. */
static void it_never_runs_on_another_cpu(void **state) {
    struct fixture *fixture = *state;
    int count;
    unsigned cpu = last_cpu(fixture, &count);
    if (count < 2)
        skip();
    char number[16];
    snprintf(number, sizeof number, "%u", cpu);
    fixture->page->job.cpus = (struct cpu_choice){.count = 1, .cpus = {cpu}};
    start(fixture, 0);
    assert_said(fixture, "cpus", number);
}

/* As where a module is only to be described. */
static void without_a_topology_nothing_is_bound(void **state) {
    struct fixture *fixture = *state;
    int count;
    unsigned cpu = last_cpu(fixture, &count);
    fixture->supervisor.topology = NULL;
    fixture->page->job.cpus = (struct cpu_choice){.count = 1, .cpus = {cpu}};
    start(fixture, 0);
}

/* OpenMP leaves out places that its process may not use when it starts. */
static void a_parallel_one_may_use_all_of_its_cpus(void **state) {
    struct fixture *fixture = *state;
    int count;
    unsigned last = last_cpu(fixture, &count), first = 0;
    while (!CPU_ISSET(first, &fixture->allowed))
        first++;
    if (count < 2)
        skip();
    char places[64];
    snprintf(places, sizeof places, "{%u},{%u}", last, first);
    fixture->page->job.cpus = (struct cpu_choice){.count = 2, .cpus = {last, first}};
    fixture->page->job.threads = 2;
    start(fixture, 0);
    assert_said(fixture, "places", places);
    assert_said(fixture, "threads", "2");
    const char *list = strstr(fixture->said, "cpus=");
    assert_true(list && (strchr(list, '-') || strchr(list, ',')));
}

static void it_has_its_limits_its_folder_and_no_input(void **state) {
    struct fixture *fixture = *state;
    start(fixture, 0);
    assert_said(fixture, "core", "0");
    assert_said(fixture, "files", "2048"); /* 1 MiB in blocks of 512 bytes */
    assert_said(fixture, "folder", fixture->page->job.scratch);
    assert_said(fixture, "home", fixture->page->job.scratch);
    assert_said(fixture, "temporary", fixture->page->job.scratch);
    assert_said(fixture, "arguments", "");
    assert_said(fixture, "input", "");
}

/* On one thread it would hide that it starts some. */
static void code_that_nobody_called_parallel_may_show_that_it_is(void **state) {
    struct fixture *fixture = *state;
    start(fixture, 0);
    assert_said(fixture, "threads", "1");
    fixture->page->job.parallel = false;
    start(fixture, 0);
    assert_said(fixture, "threads", "2");
}

static void a_folder_is_hidden_where_that_is_asked_for(void **state) {
    struct fixture *fixture = *state;
    char folder[4096 + 16], path[4096 + 32];
    if (confinement_version() < 1)
        skip();
    snprintf(folder, sizeof folder, "%s/beside", fixture->supervisor.scratch);
    snprintf(path, sizeof path, "%s/file", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(file, "text", 4), 4);
    close(file);
    start(fixture, 0);
    bool seen = strstr(fixture->said, "beside=text\n") != NULL;
    fixture->supervisor.hidden = folder;
    start(fixture, 0);
    unlink(path);
    rmdir(folder);
    assert_true(seen);
    assert_said(fixture, "itself", "#!/bin/sh");
    assert_said(fixture, "beside", "");
}

static void a_program_that_cannot_be_started_is_named(void **state) {
    struct fixture *fixture = *state;
    unlink(fixture->supervisor.program);
    start(fixture, 126);
    assert_non_null(strstr(fixture->said, fixture->supervisor.program));
    assert_non_null(strstr(fixture->said, "No such file"));
}

static void a_folder_that_is_gone_is_named(void **state) {
    struct fixture *fixture = *state;
    rmdir(fixture->page->job.scratch);
    start(fixture, 126);
    assert_non_null(strstr(fixture->said, fixture->page->job.scratch));
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(it_never_runs_on_another_cpu),
        WITH_FIXTURE(without_a_topology_nothing_is_bound),
        WITH_FIXTURE(a_parallel_one_may_use_all_of_its_cpus),
        WITH_FIXTURE(it_has_its_limits_its_folder_and_no_input),
        WITH_FIXTURE(code_that_nobody_called_parallel_may_show_that_it_is),
        WITH_FIXTURE(a_folder_is_hidden_where_that_is_asked_for),
        WITH_FIXTURE(a_program_that_cannot_be_started_is_named),
        WITH_FIXTURE(a_folder_that_is_gone_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
