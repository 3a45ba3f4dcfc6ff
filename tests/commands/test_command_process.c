#include "commands/command_process.h"

#include "counters/call_trace.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

static struct sample_clock sample_clock;

static struct execution_request shell(char *const *arguments) {
    return (struct execution_request){.arguments = arguments,
                                      .environment = environ,
                                      .output = -1,
                                      .errors = -1,
                                      .time_s = 60,
                                      .clock = &sample_clock};
}

#define SHELL(text) ((char *const[]){"/bin/sh", "-c", text, NULL})

static struct execution run_shell(const char *text, bool own_memory) {
    struct execution_request request = shell(SHELL((char *)text));
    struct execution execution;
    request.own_memory = own_memory;
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    return execution;
}

static void test_exit_status(void **state) {
    (void)state;
    for (int own = 0; own < 2; own++) {
        struct execution execution = run_shell("exit 3", own);
        assert_int_equal(execution.end, EXECUTION_EXITED);
        assert_int_equal(execution.status, 3);
        assert_true(execution.ticks > 0);
    }
}

/* A sleep is a switch of its own will; what waits for a CPU is told of, and not what the caller's copy waited before. */
static void test_schedule(void **state) {
    (void)state;
    struct execution_request request = shell(SHELL("sleep 0.01; sleep 0.01"));
    struct execution execution;
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    assert_true(isnan(execution.queued_ns)); /* it would be among what the command reads */
    request.told_queued = true;
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    assert_true(execution.voluntary_switches >= 4); /* two that sleep, twice waited for */
    if (access("/proc/self/schedstat", R_OK) == 0)
        assert_true(execution.queued_ns >= 0 &&
                    execution.queued_ns <= (double)execution.ticks / sample_clock.ticks_per_ns);
    else
        assert_true(isnan(execution.queued_ns));
}

static void test_signal(void **state) {
    (void)state;
    struct execution execution = run_shell("kill -SEGV $$", false);
    assert_int_equal(execution.end, EXECUTION_SIGNALED);
    assert_int_equal(execution.status, SIGSEGV);
}

static void test_time_limit(void **state) {
    (void)state;
    struct execution_request request = shell(SHELL("sleep 1000 & sleep 1000"));
    struct execution execution;
    request.time_s = 0.2;
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    assert_int_equal(execution.end, EXECUTION_TIMED_OUT);
}

static void test_interrupted(void **state) {
    (void)state;
    static volatile sig_atomic_t interrupted = SIGINT;
    struct execution_request request = shell(SHELL("sleep 1000"));
    struct execution execution;
    request.interrupted = &interrupted;
    request.time_s = 0.1; /* nothing else wakes the wait: no signal comes */
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    assert_int_equal(execution.end, EXECUTION_INTERRUPTED);
}

static void test_missing_program(void **state) {
    (void)state;
    struct execution_request request = shell((char *const[]){"/no/such/program", NULL});
    struct execution execution;
    struct problem problem;
    assert_int_equal(execution_run(&request, &execution, &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "/no/such/program cannot be run: No such file"));
    request = shell(SHELL("true"));
    request.directory = "/no/such/folder";
    assert_int_equal(execution_run(&request, &execution, &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "/no/such/folder: No such file"));
    request = shell(SHELL("true"));
    request.input = "/no/such/input";
    assert_int_equal(execution_run(&request, &execution, &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "/no/such/input"));
}

static void test_output_and_folder(void **state) {
    (void)state;
    char text[64] = "";
    struct execution_request request = shell(SHELL("pwd; echo error >&2"));
    struct execution execution;
    request.directory = "/";
    request.output = memfd_create("output", MFD_CLOEXEC);
    request.errors = memfd_create("errors", MFD_CLOEXEC);
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    assert_int_equal(pread(request.output, text, sizeof text - 1, 0), 2);
    assert_string_equal(text, "/\n");
    assert_int_equal(pread(request.errors, text, sizeof text - 1, 0), 6);
    assert_string_equal(text, "error\n");
    close(request.output);
    close(request.errors);
}

/* 1000 KiB in calls of 1 KiB, in a grandchild that its parent waits for. */
static void test_transfers(void **state) {
    (void)state;
    struct execution execution =
        run_shell("dd if=/dev/zero of=/dev/null bs=1024 count=1000 2>/dev/null; :", false);
    if (isnan(execution.counters[COUNTER_READ_BYTES]))
        skip(); /* no /proc/PID/io in this kernel, or hidden */
    assert_true(execution.counters[COUNTER_READ_BYTES] >= 1024000);
    assert_true(execution.counters[COUNTER_READ_BYTES] < 1024000 + 1e6);
    assert_true(execution.counters[COUNTER_WRITE_CALLS] >= 1000);
}

static void test_usage(void **state) {
    (void)state;
    struct execution execution = run_shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done", false);
    const double *counters = execution.counters;
    assert_true(counters[COUNTER_TASK_CLOCK] > 0);
    assert_true(
        fabs(counters[COUNTER_USER_TIME] + counters[COUNTER_SYSTEM_TIME] - counters[COUNTER_TASK_CLOCK]) < 1);
    assert_true(counters[COUNTER_PAGE_FAULTS] > 10);
    assert_true(isnan(counters[COUNTER_INSTRUCTIONS])); /* not asked for */
}

/* 64 MiB that are written to, whatever the caller has itself. */
static void test_peak_memory(void **state) {
    (void)state;
    const char *text = "dd if=/dev/zero of=/dev/null bs=64M count=1 2>/dev/null; :";
    assert_true(isnan(run_shell(text, false).peak_rss_bytes));
    struct execution execution = run_shell(text, true);
    assert_true(execution.peak_rss_bytes > 64 * 0x1p20);
    assert_true(execution.peak_rss_bytes < 1024 * 0x1p20);
}

static void test_file_limit(void **state) {
    (void)state;
    struct execution_request request = shell(SHELL("exec dd if=/dev/zero bs=1M count=64"));
    struct execution execution;
    request.output = memfd_create("output", MFD_CLOEXEC);
    request.file_bytes = 1 << 20;
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    assert_int_equal(execution.end, EXECUTION_SIGNALED);
    assert_int_equal(execution.status, SIGXFSZ);
    close(request.output);
}

static void test_binding(void **state) {
    (void)state;
    char text[64] = "", expected[32];
    cpu_set_t allowed, one;
    int cpu = 0;
    assert_int_equal(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    while (!CPU_ISSET(cpu, &allowed))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    struct execution_request request = shell(SHELL("grep Cpus_allowed_list /proc/self/status | cut -f2"));
    struct execution execution;
    request.cpus = &one;
    request.output = memfd_create("output", MFD_CLOEXEC);
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    assert_true(pread(request.output, text, sizeof text - 1, 0) > 0);
    snprintf(expected, sizeof expected, "%d\n", cpu);
    assert_string_equal(text, expected);
    close(request.output);
}

/*
 * A software event in the place of a hardware event takes the same road where there is no PMU: it counts the
 * command and its descendants, and not the caller.
 */
static void test_counted_event(void **state) {
    (void)state;
    struct counter_plan plan = {.sets = 1};
    struct counter_plan_entry *entry = &plan.entries[COUNTER_INSTRUCTIONS];
    entry->source = SOURCE_HW_GENERIC;
    strcpy(entry->native, "perf::PAGE-FAULTS");
    struct execution_request request = shell(SHELL("/bin/true; /bin/true"));
    struct execution execution;
    struct problem problem;
    request.plan = &plan;
    if (execution_run(&request, &execution, &problem) != 0)
        skip(); /* no perf_event here */
    double counted = execution.counters[COUNTER_INSTRUCTIONS], told = execution.counters[COUNTER_PAGE_FAULTS];
    if (isnan(counted))
        skip(); /* user mode alone: the event does not run here */
    assert_true(counted > 0);
    assert_true(counted <= told * 1.5 + 100);
}

/* A zombie that nobody waits for has an empty line. */
static bool is_sleeping(int pid) {
    char path[64], line[64] = "";
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(line, 1, sizeof line - 1, file) : 0;
    if (file)
        fclose(file);
    return length > 5 && !strncmp(line, "sleep", 5);
}

/* In the command's group, in one of its own, and in a session of its own. */
static void test_nothing_is_left(void **state) {
    (void)state;
    static const char *const ways[] = {"sleep 1000 & echo $!", "set -m; sleep 1000 & echo $!",
                                       "setsid sleep 1000 & echo $!", "(setsid sleep 1000 & echo $!)"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        char text[32] = "";
        struct execution_request request = shell(SHELL((char *)ways[i]));
        struct execution execution;
        request.output = memfd_create("output", MFD_CLOEXEC);
        assert_int_equal(execution_run(&request, &execution, NULL), 0);
        assert_true(pread(request.output, text, sizeof text - 1, 0) > 0);
        assert_false(is_sleeping(atoi(text)));
        close(request.output);
    }
}

static void test_daemons_may_be_left(void **state) {
    (void)state;
    char text[32] = "";
    struct execution_request request = shell(SHELL("setsid sleep 1000 & echo $!; sleep 0.1"));
    struct execution execution;
    request.output = memfd_create("output", MFD_CLOEXEC);
    request.leaves_daemons = true;
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    assert_true(pread(request.output, text, sizeof text - 1, 0) > 0);
    assert_true(is_sleeping(atoi(text)));
    kill(atoi(text), SIGKILL);
    close(request.output);
}

/* tail(1) keeps what may be the last line. */
static void test_memory_limit(void **state) {
    (void)state;
    static const char *const ways[] = {
        "head -c 150000000 /dev/zero | tail -n 1 | (sleep 1000; cat) >/dev/null",
        "for i in 1 2 3; do head -c 40000000 /dev/zero | tail -n 1 | (sleep 1000; cat) "
        "& done >/dev/null; wait",
        "f=/dev/shm/countersign-test-$$; exec 3>$f; rm $f; head -c 150000000 /dev/zero "
        ">&3; exec sleep 1000"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct execution_request request = shell(SHELL((char *)ways[i]));
        struct execution execution;
        if (strstr(ways[i], "/dev/shm") && access("/dev/shm", W_OK) != 0)
            continue;
        request.memory_bytes = 100 << 20;
        assert_int_equal(execution_run(&request, &execution, NULL), 0);
        assert_int_equal(execution.end, EXECUTION_OUT_OF_MEMORY);
        request.memory_bytes = 4000u << 20;
        request.time_s = 0.5;
        assert_int_equal(execution_run(&request, &execution, NULL), 0);
        assert_int_not_equal(execution.end, EXECUTION_OUT_OF_MEMORY);
    }
}

static bool can_trace(void) {
    char reason[192], remedy[192];
    if (call_trace_probe(reason, sizeof reason, remedy, sizeof remedy) == 0)
        return true;
    print_message("[ skipped ] %s\n", reason);
    return false;
}

static void *call(void *count) {
    for (int i = 0; i < *(const int *)count; i++)
        syscall(SYS_getuid);
    return NULL;
}

/* What this program does when it is a command: calls made by itself, a thread, a process, and one that execs. */
static void be_command(const char *how, int count) {
    char text[16];
    pthread_t thread;
    snprintf(text, sizeof text, "%d", count);
    if (strcmp(how, "thread") == 0) {
        pthread_create(&thread, NULL, call, &count);
        pthread_join(thread, NULL);
    } else if (strcmp(how, "fork") == 0 || strcmp(how, "exec") == 0) {
        pid_t child = fork();
        if (child == 0 && how[0] == 'e')
            execl("/proc/self/exe", "test", "--calls", "self", text, NULL);
        if (child == 0) {
            call(&count);
            _exit(0);
        }
        waitpid(child, NULL, 0);
    } else if (strcmp(how, "trace") == 0) {
        _exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : 5);
    } else if (strcmp(how, "stop") == 0) {
        raise(SIGSTOP);
    } else {
        call(&count);
    }
    _exit(0); /* a leak checker would trace, too */
}

static struct execution run_traced(const char *how, int count) {
    char text[16];
    snprintf(text, sizeof text, "%d", count);
    struct execution_request request =
        shell((char *const[]){"/proc/self/exe", "--calls", (char *)how, text, NULL});
    struct execution execution;
    request.traced = true;
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    return execution;
}

static void test_system_calls(void **state) {
    (void)state;
    static const char *const ways[] = {"self", "thread", "fork", "exec"};
    if (!can_trace())
        skip();
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct execution few = run_traced(ways[i], 0), many = run_traced(ways[i], 1000);
        assert_int_equal(few.end, EXECUTION_EXITED);
        assert_int_equal(many.status, 0);
        assert_true(few.counters[COUNTER_SYSTEM_CALLS] > 5); /* what the loader does */
        assert_true(few.counters[COUNTER_SYSTEM_CALLS] < 1000);
        assert_true(many.counters[COUNTER_SYSTEM_CALLS] - few.counters[COUNTER_SYSTEM_CALLS] == 1000);
        assert_string_equal(many.untraced.text, "");
    }
    assert_true(isnan(run_shell("true", false).counters[COUNTER_SYSTEM_CALLS]));
}

/* It ends as it would untraced. */
static void test_traced_end(void **state) {
    (void)state;
    struct execution_request request = shell(SHELL("exit 3"));
    struct execution execution;
    struct problem problem;
    if (!can_trace())
        skip();
    request.traced = true;
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    assert_int_equal(execution.end, EXECUTION_EXITED);
    assert_int_equal(execution.status, 3);
    request.arguments = SHELL("kill -USR1 $$; sleep 9");
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    assert_int_equal(execution.end, EXECUTION_SIGNALED);
    assert_int_equal(execution.status, SIGUSR1);
    request.arguments = SHELL("trap 'exit 4' USR1; kill -USR1 $$; sleep 9");
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    assert_int_equal(execution.status, 4);
    assert_true(execution.counters[COUNTER_SYSTEM_CALLS] > 5);
    request.arguments = (char *const[]){"/no/such/program", NULL};
    assert_int_equal(execution_run(&request, &execution, &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "/no/such/program cannot be run"));
    assert_int_equal(run_traced("stop", 0).status, 0); /* nobody would wake it */
    assert_int_equal(run_traced("trace", 0).status, 5);
}

/* All of them end at the limit, and where calls are too many they go on, uncounted. */
static void test_traced_limits(void **state) {
    (void)state;
    int pipe_ends[2];
    struct execution_request request = shell(SHELL("sleep 60 & sleep 60"));
    struct execution execution;
    char byte;
    if (!can_trace())
        skip();
    request.traced = true;
    request.time_s = 0.3;
    assert_int_equal(pipe(pipe_ends), 0);
    request.output = pipe_ends[1];
    assert_int_equal(execution_run(&request, &execution, NULL), 0);
    close(pipe_ends[1]);
    assert_int_equal(execution.end, EXECUTION_TIMED_OUT);
    assert_true(isnan(execution.counters[COUNTER_SYSTEM_CALLS]));
    assert_int_equal(read(pipe_ends[0], &byte, 1), 0); /* nobody has it any more */
    close(pipe_ends[0]);
    execution = run_traced("fork", 200100);
    assert_int_equal(execution.end, EXECUTION_EXITED);
    assert_int_equal(execution.status, 0);
    assert_true(isnan(execution.counters[COUNTER_SYSTEM_CALLS]));
    assert_string_equal(execution.untraced.text,
                        "more than 200000 system calls in an execution: so many are not traced");
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "--calls") == 0)
        be_command(argv[2], atoi(argv[3]));
    sample_clock_open(&sample_clock);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit_status),
        cmocka_unit_test(test_signal),
        cmocka_unit_test(test_schedule),
        cmocka_unit_test(test_time_limit),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_missing_program),
        cmocka_unit_test(test_output_and_folder),
        cmocka_unit_test(test_transfers),
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_peak_memory),
        cmocka_unit_test(test_file_limit),
        cmocka_unit_test(test_binding),
        cmocka_unit_test(test_counted_event),
        cmocka_unit_test(test_nothing_is_left),
        cmocka_unit_test(test_daemons_may_be_left),
        cmocka_unit_test(test_memory_limit),
        cmocka_unit_test(test_system_calls),
        cmocka_unit_test(test_traced_end),
        cmocka_unit_test(test_traced_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
