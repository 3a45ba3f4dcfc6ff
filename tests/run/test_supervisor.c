/* The supervisor's folder, whatever way it was named. */
#include "run/supervisor.h"

#include <errno.h>
#include <glob.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Workers, which run in another folder, are told its path. */
static void a_relative_folder_becomes_an_absolute_one(void **state) {
    (void)state;
    struct supervisor supervisor = {.scratch = ""};
    struct problem problem = {""};
    struct stat facts;
    char folder[4096];
    assert_non_null(getcwd(folder, sizeof folder));
    assert_int_equal(supervisor_open(&supervisor, ".", &problem), 0);
    assert_int_equal(strncmp(supervisor.scratch, folder, strlen(folder)), 0);
    char scratch[sizeof supervisor.scratch];
    memcpy(scratch, supervisor.scratch, sizeof scratch);
    assert_int_equal(stat(scratch, &facts), 0);
    supervisor_close(&supervisor);
    assert_int_equal(stat(scratch, &facts), -1);
}

static void a_missing_folder_is_named(void **state) {
    (void)state;
    struct supervisor supervisor = {.scratch = ""};
    struct problem problem = {""};
    assert_int_equal(supervisor_open(&supervisor, "/no/such/folder", &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "/no/such/folder"));
    assert_non_null(strstr(problem.text, "--scratch"));
    assert_string_equal(supervisor.scratch, "");
}

/* Removed under its feet, or on a disk without room for a folder. */
static void a_worker_without_a_folder_is_one_error(void **state) {
    (void)state;
    struct supervisor supervisor = {.scratch = "/no/such/folder"};
    struct problem problem = {""};
    struct worker_outcome outcome;
    struct worker_page *page = worker_page_new(0, 0);
    assert_non_null(page);
    assert_int_equal(supervisor_run(&supervisor, page, &outcome, &problem), -ENOENT);
    worker_page_free(page);
    assert_non_null(strstr(problem.text, "cannot make /no/such/folder/worker: "));
}

/* From now on, as some sandboxes do. */
static int refuse_call(unsigned number, unsigned error) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* Starts a worker on the first CPU that is allowed, where a call is refused; 0 if the problem names it. */
static int start_where(unsigned number, unsigned error, const char *words) {
    struct supervisor supervisor = {.program = TEST_BUILD "/lib/countersign/worker",
                                    .limits = {1u << 30, 10, 1u << 20, 0}};
    struct problem problem = {""};
    struct worker_outcome outcome;
    struct topology *topology;
    struct worker_page *page = worker_page_new(0, 0);
    if (!page || topology_open(&topology, NULL, &problem) || supervisor_open(&supervisor, NULL, &problem) ||
        topology_choose(topology, 1, NULL, &page->job.cpus, &problem))
        return 2;
    supervisor.topology = topology;
    if (refuse_call(number, error))
        return 77;
    int status = supervisor_run(&supervisor, page, &outcome, &problem);
    supervisor_close(&supervisor);
    if (status == 0 || !strstr(problem.text, words))
        fprintf(stderr, "%d: %s\n", status, problem.text);
    return status == 0 ? 3 : strstr(problem.text, words) ? 0 : 4;
}

static void assert_start_explained(unsigned number, unsigned error, const char *words) {
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(start_where(number, error, words));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void the_cause_of_a_failed_start_is_told(void **state) {
    (void)state;
    assert_start_explained(SYS_sched_setaffinity, EPERM,
                           "the sandbox or container refuses sched_setaffinity");
    assert_start_explained(SYS_pidfd_open, ENOSYS, "pidfd_open: Function not implemented; the sandbox");
    assert_start_explained(SYS_setsid, EPERM, "setsid: Operation not permitted");
}

/* Files of libomp whose processes are gone; other tests' may be about to be removed. */
static int count_openmp_files(void) {
    int count = 0;
    glob_t found = {0};
    glob("/dev/shm/__KMP_REGISTERED_LIB_*", 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int pid = 0;
        sscanf(strstr(found.gl_pathv[i], "LIB_"), "LIB_%d", &pid);
        count += pid > 0 && kill(pid, 0) && errno == ESRCH;
    }
    globfree(&found);
    return count;
}

/* Nobody can say whose it is; so nobody is measured. */
static void a_process_that_outlives_the_worker_is_told_of(void **state) {
    (void)state;
    struct supervisor supervisor = {.program = TEST_BUILD "/lib/countersign/worker",
                                    .limits = {1u << 30, 10, 1u << 20, 0}};
    struct problem problem = {""};
    struct module_description *description = calloc(1, sizeof *description);
    assert_non_null(description);
    assert_int_equal(supervisor_open(&supervisor, NULL, &problem), 0);
    int files = count_openmp_files();
    int status = supervisor_describe(&supervisor, TEST_BUILD "/lib/countersign/test-kernels/leaves.native.so",
                                     description, &problem);
    supervisor_close(&supervisor);
    free(description);
    assert_int_equal(status, -ELIBBAD);
    assert_non_null(strstr(problem.text, "left a process running when it ended (worker)"));
    for (int i = 0; i < 100 && count_openmp_files() > files; i++)
        usleep(100000);
    assert_true(count_openmp_files() <= files);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_relative_folder_becomes_an_absolute_one),
        cmocka_unit_test(a_missing_folder_is_named),
        cmocka_unit_test(a_worker_without_a_folder_is_one_error),
        cmocka_unit_test(the_cause_of_a_failed_start_is_told),
        cmocka_unit_test(a_process_that_outlives_the_worker_is_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
