/* A server's place, its program, and what it has when it starts: told by scripts in its place. */
#include "run/service.h"

#include "../base/refuse_call.h"
#include "run/service_task.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 60000

struct fixture {
    struct supervisor supervisor;
    struct worker_job *job;
    char programs[4096 + 16]; /* below the supervisor's folder */
};

static const volatile sig_atomic_t nobody_told = 0;

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct problem problem = {""};
    *state = fixture;
    fixture->job = calloc(1, sizeof *fixture->job);
    fixture->supervisor.limits = (struct worker_limits){0, 10, 1u << 20, 0};
    if (supervisor_open(&fixture->supervisor, NULL, &problem))
        fail_msg("%s", problem.text);
    snprintf(fixture->programs, sizeof fixture->programs, "%s/programs", fixture->supervisor.scratch);
    struct module_service *declared = &fixture->job->services[0].declared;
    strcpy(declared->name, "answerer");
    strcpy(declared->socket, "s");
    strcpy(declared->ready, "ready");
    declared->ready_s = 30;
    fixture->job->services[0].needed = true;
    fixture->job->services[0].cpu = -1;
    cpu_set_t set;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &set))
            fixture->job->cpus.cpus[fixture->job->cpus.count++] = cpu;
    return mkdir(fixture->programs, 0755);
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    supervisor_close(&fixture->supervisor);
    free(fixture->job);
    free(fixture);
    return 0;
}

/* A script at programs/FOLDER/NAME, whose path is left at `path`. */
static void write_program(const struct fixture *fixture, const char *folder, const char *name, mode_t mode,
                          const char *text, char path[MODULE_TEXT]) {
    char at[MODULE_TEXT];
    assert_true(snprintf(at, sizeof at, "%s/%s", fixture->programs, folder) < (int)sizeof at);
    assert_true(mkdir(at, 0755) == 0 || errno == EEXIST);
    assert_true(snprintf(path, MODULE_TEXT, "%.300s/%s", at, name) < MODULE_TEXT);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
}

/* The worker's first, then the servers'; the node only where it has all of them. */
static void a_worker_and_its_server_share_no_cpu(void **state) {
    struct fixture *fixture = *state;
    struct problem problem = {""};
    struct topology *topology;
    const unsigned variant = 0;
    struct module_description *module = calloc(1, sizeof *module);
    struct worker_job *job = calloc(1, sizeof *job);
    assert_true(module && job);
    if (topology_open(&topology, "numa:2 core:2 pu:1", &problem))
        fail_msg("%s", problem.text);
    module->services[0] = fixture->job->services[0].declared;
    module->service_count = 1;
    job->threads = 1;
    assert_int_equal(services_place(topology, "2,3", module, &variant, 1, job, &problem), 0);
    assert_int_equal(job->cpus.count, 1);
    assert_int_equal(job->cpus.node, 1);
    assert_int_equal(job->cpus.cpus[0] + (unsigned)job->services[0].cpu, 2 + 3);
    assert_int_equal(services_place(topology, "1,2", module, &variant, 1, job, &problem), 0);
    assert_int_equal(job->cpus.node, -1);
    assert_int_equal(services_place(topology, "1", module, &variant, 1, job, &problem), 0);
    assert_int_equal(job->services[0].cpu, -1);
    topology_close(topology);
    free(module);
    free(job);
}

static void a_program_is_found_by_its_path_alone(void **state) {
    struct fixture *fixture = *state;
    struct module_service service = {.folders = ""};
    char found[SERVICE_PATH];
    write_program(fixture, "bin", "server", 0755, "", service.program);
    assert_true(service_find_program(&service, found, sizeof found));
    assert_string_equal(found, service.program);
    assert_int_equal(chmod(service.program, 0644), 0);
    assert_false(service_find_program(&service, found, sizeof found));
}

static void the_last_version_in_folders_of_a_pattern_is_found(void **state) {
    struct fixture *fixture = *state;
    struct module_service service = {.program = "answerer-of-tests"};
    char found[SERVICE_PATH], last[MODULE_TEXT], path[MODULE_TEXT];
    assert_false(service_find_program(&service, found, sizeof found));
    assert_true(snprintf(service.folders, sizeof service.folders, "%s/v*", fixture->programs) <
                (int)sizeof service.folders);
    assert_false(service_find_program(&service, found, sizeof found));
    write_program(fixture, "v9", service.program, 0755, "", path);
    write_program(fixture, "v10", service.program, 0755, "", last);
    write_program(fixture, "v11", service.program, 0644, "", path);
    assert_true(service_find_program(&service, found, sizeof found));
    assert_string_equal(found, last);
}

/* What a process of the server printed until it ended by itself; its status as of waitpid. */
static int run_process(const struct fixture *fixture, char *said, size_t size) {
    struct service_start start = {.supervisor = &fixture->supervisor,
                                  .job = fixture->job,
                                  .service = &fixture->job->services[0],
                                  .task = SERVE};
    struct service_process process;
    int status = 0;
    snprintf(start.folder, sizeof start.folder, "%s", fixture->supervisor.scratch);
    if (service_begin(&start, &process) || !child_has_ended(&process.child, PATIENCE_MS) ||
        waitpid(process.child.pid, &status, 0) != process.child.pid)
        return -1;
    ssize_t length = pread(process.output, said, size - 1, 0);
    said[length > 0 ? length : 0] = '\0';
    close(process.child.pidfd);
    close(process.output);
    return status;
}

static void a_server_has_limits_and_a_folder(void **state) {
    struct fixture *fixture = *state;
    char said[16384], line[8300];
    write_program(fixture, "bin", "server", 0755,
                  "#!/bin/sh\necho \"core=$(ulimit -c)\"\necho \"files=$(ulimit -f)\"\necho \"home=$HOME\"\n"
                  "echo \"folder=$(pwd)\"\necho \"input=$(cat)\"\n",
                  fixture->job->services[0].declared.program);
    int status = run_process(fixture, said, sizeof said);
    if (status)
        fail_msg("status 0x%x: %s", (unsigned)status, said);
    assert_non_null(strstr(said, "core=0\n"));
    assert_non_null(strstr(said, "files=2048\n")); /* 1 MiB in blocks of 512 bytes */
    assert_non_null(strstr(said, "input=\n"));
    snprintf(line, sizeof line, "home=%s\nfolder=%s\n", fixture->supervisor.scratch,
             fixture->supervisor.scratch);
    assert_non_null(strstr(said, line));
}

static void a_server_that_cannot_be_cut_off_is_not_started(void **state) {
    struct fixture *fixture = *state;
    int status = 0;
    write_program(fixture, "bin", "server", 0755, "#!/bin/sh\nexit 0\n",
                  fixture->job->services[0].declared.program);
    pid_t pid = fork();
    if (pid == 0) {
        char said[512];
        if (refuse_call(SYS_setsid, EPERM))
            _exit(77);
        int ended = run_process(fixture, said, sizeof said);
        _exit(WIFEXITED(ended) ? WEXITSTATUS(ended) : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 126);
}

/* Starts the fixture's server and ends it. The answer of services_start. */
static int serve(struct fixture *fixture, struct service_set *set) {
    struct problem problem = {""};
    *set = (struct service_set){.reason = ""};
    if (services_make_folders(&fixture->supervisor, fixture->job, &problem))
        fail_msg("%s", problem.text);
    int status = services_start(&fixture->supervisor, fixture->job, set, &nobody_told);
    services_stop(set);
    services_remove_folders(&fixture->supervisor, fixture->job);
    return status;
}

/* Made once, by a program beside the server's, and then copied. */
static void a_server_begins_with_what_was_made_for_it(void **state) {
    struct fixture *fixture = *state;
    struct module_service *declared = &fixture->job->services[0].declared;
    char path[MODULE_TEXT];
    static struct service_set set;
    write_program(fixture, "bin", "maker", 0755, "#!/bin/sh\necho \"made $$\" >\"$1/made\"\n", path);
    write_program(fixture, "bin", "server", 0755,
                  "#!/bin/sh\ngrep -q ^made made || exit 3\n[ -e used ] && exit 4\n: >used\n"
                  "echo ready\nexec sleep 60\n",
                  declared->program);
    memcpy(declared->make.text, "maker\0{folder}", sizeof "maker\0{folder}");
    declared->make.count = 2;
    for (int i = 0; i < 2; i++) {
        if (serve(fixture, &set))
            fail_msg("%s", set.reason);
        assert_string_equal(set.reason, "");
        assert_true(set.used[0].peak_rss_bytes > 0);
        unlink(path); /* needed once */
    }
    strcpy(declared->make.text, "missing");
    assert_int_equal(serve(fixture, &set), -ESRCH);
    assert_non_null(strstr(set.reason,
                           "did not get what is to be there for its server answerer: it ended with exit "
                           "status 127; it said: cannot start missing"));
}

static void a_server_that_ends_is_told_of(void **state) {
    struct fixture *fixture = *state;
    static struct service_set set;
    write_program(fixture, "bin", "server", 0755, "#!/bin/sh\necho no room >&2\nexit 3\n",
                  fixture->job->services[0].declared.program);
    assert_int_equal(serve(fixture, &set), -ESRCH);
    assert_string_equal(set.reason,
                        "did not get its server answerer: it ended with exit status 3; it said: no room");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_worker_and_its_server_share_no_cpu),
        WITH_FIXTURE(a_program_is_found_by_its_path_alone),
        WITH_FIXTURE(the_last_version_in_folders_of_a_pattern_is_found),
        WITH_FIXTURE(a_server_has_limits_and_a_folder),
        WITH_FIXTURE(a_server_that_cannot_be_cut_off_is_not_started),
        WITH_FIXTURE(a_server_begins_with_what_was_made_for_it),
        WITH_FIXTURE(a_server_that_ends_is_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
