/* The supervisor's folder, whatever way it was named. */
#include "run/supervisor.h"

#include "../base/refuse_call.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

static void the_file_system_of_the_folder_is_named(void **state) {
    (void)state;
    struct supervisor supervisor = {.scratch = ""};
    struct problem problem = {""};
    if (supervisor_open(&supervisor, "/dev/shm", &problem))
        skip();
    supervisor_close(&supervisor);
    assert_string_equal(supervisor.scratch_filesystem, "tmpfs");
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

static const struct supervisor plain = {.program = TEST_BUILD "/lib/countersign/worker",
                                        .limits = {1u << 30, 10, 1u << 20, 0}};

/* What a worker says of a module that only tests load; the answer of supervisor_describe. */
static int describe(struct supervisor *supervisor, const char *name, struct module_description *description,
                    struct problem *problem) {
    char path[4096];
    snprintf(path, sizeof path, "%s/lib/countersign/test-kernels/%s.native.so", TEST_BUILD, name);
    assert_int_equal(supervisor_open(supervisor, NULL, problem), 0);
    int status = supervisor_describe(supervisor, path, description, problem);
    supervisor_close(supervisor);
    return status;
}

static void a_module_is_described(void **state) {
    (void)state;
    struct supervisor supervisor = plain;
    struct problem problem = {""};
    struct module_description *description = calloc(1, sizeof *description);
    assert_non_null(description);
    if (describe(&supervisor, "served", description, &problem))
        fail_msg("%s", problem.text);
    assert_string_equal(description->name, "served");
    assert_true(description->variant_count > 1);
    assert_int_equal(describe(&supervisor, "no-such-module", description, &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "no-such-module"));
    free(description);
}

static void an_interruption_is_no_fault_of_the_module(void **state) {
    (void)state;
    static volatile sig_atomic_t interrupted = 1;
    char *itself[] = {realpath("/proc/self/exe", NULL), "wait", NULL}; /* a worker might be done before */
    struct supervisor supervisor = plain;
    struct problem problem = {""};
    struct module_description *description = calloc(1, sizeof *description);
    assert_non_null(description);
    supervisor.interrupted = &interrupted;
    supervisor.prefix = itself;
    assert_int_equal(describe(&supervisor, "stalls", description, &problem), -EINTR);
    assert_string_equal(problem.text, "interrupted");
    free(description);
    free(itself[0]);
}

/* In place of a worker: has much of a file in memory, which is none of its own. */
#define FILE_BYTES ((size_t)96 << 20)
static int hold_file(void) {
    int file = open("much", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, FILE_BYTES))
        return 1;
    const volatile char *memory = mmap(NULL, FILE_BYTES, PROT_READ, MAP_PRIVATE, file, 0);
    if (memory == MAP_FAILED)
        return 1;
    for (size_t at = 0; at < FILE_BYTES; at += 4096)
        (void)memory[at];
    for (;;)
        pause();
}

static void pages_of_files_count_as_its_memory(void **state) {
    (void)state;
    char *itself[] = {realpath("/proc/self/exe", NULL), "hold-file", NULL};
    struct supervisor supervisor = plain;
    struct problem problem = {""};
    struct worker_outcome outcome = {0};
    struct worker_page *page = worker_page_new(0, 0);
    assert_true(page && itself[0]);
    supervisor.prefix = itself;
    supervisor.limits = (struct worker_limits){FILE_BYTES * 2 / 3, 60, FILE_BYTES, 0};
    assert_int_equal(supervisor_open(&supervisor, NULL, &problem), 0);
    int status = supervisor_run(&supervisor, page, &outcome, &problem);
    supervisor_close(&supervisor);
    worker_page_free(page);
    free(itself[0]);
    if (status)
        fail_msg("%s", problem.text);
    assert_int_equal(outcome.end, WORKER_OUT_OF_MEMORY);
}

int main(int count, char **words) {
    if (count > 1 && !strcmp(words[1], "hold-file"))
        return hold_file();
    while (count > 1 && !strcmp(words[1], "wait"))
        pause();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_relative_folder_becomes_an_absolute_one),
        cmocka_unit_test(the_file_system_of_the_folder_is_named),
        cmocka_unit_test(a_missing_folder_is_named),
        cmocka_unit_test(a_worker_without_a_folder_is_one_error),
        cmocka_unit_test(the_cause_of_a_failed_start_is_told),
        cmocka_unit_test(a_module_is_described),
        cmocka_unit_test(an_interruption_is_no_fault_of_the_module),
        cmocka_unit_test(pages_of_files_count_as_its_memory),
        cmocka_unit_test(a_process_that_outlives_the_worker_is_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
