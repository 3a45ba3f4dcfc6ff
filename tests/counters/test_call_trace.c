#include "counters/call_trace.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct call_trace *start(void) {
    struct call_trace *trace;
    struct problem problem = {""};
    if (call_trace_start(&trace, &problem)) {
        print_message("%s\n", problem.text);
        skip();
    }
    return trace;
}

static uint64_t stop(struct call_trace *trace) {
    uint64_t calls;
    struct problem problem = {""};
    if (call_trace_stop(trace, &calls, &problem))
        fail_msg("%s", problem.text);
    return calls;
}

static void the_probe_agrees(void **state) {
    (void)state;
    char reason[192] = "", remedy[192] = "";
    if (call_trace_probe(reason, sizeof reason, remedy, sizeof remedy)) {
        print_message("%s; %s\n", reason, remedy);
        assert_true(reason[0]);
        skip();
    }
    stop(start());
}

/* send and recv, which /proc/self/io does not see. */
static void calls_of_any_name_count(void **state) {
    (void)state;
    int ends[2];
    char byte = 1;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    struct call_trace *trace = start();
    call_trace_resume(trace);
    for (int i = 0; i < 7; i++) {
        send(ends[0], &byte, 1, 0);
        recv(ends[1], &byte, 1, 0);
    }
    call_trace_pause(trace);
    syscall(SYS_getuid); /* not counted */
    call_trace_resume(trace);
    syscall(SYS_getuid);
    call_trace_pause(trace);
    assert_int_equal(stop(trace), 15);
    close(ends[0]);
    close(ends[1]);
}

static void nothing_counts_nothing(void **state) {
    (void)state;
    struct call_trace *trace = start();
    call_trace_resume(trace);
    call_trace_pause(trace);
    assert_int_equal(stop(trace), 0);
}

static void a_ring_counts_as_the_calls_that_enter_it(void **state) {
    (void)state;
    struct io_uring_params parameters = {0};
    int ring = (int)syscall(SYS_io_uring_setup, 8, &parameters);
    if (ring < 0) {
        print_message("io_uring_setup: %s\n", strerror(errno));
        skip();
    }
    struct call_trace *trace = start();
    call_trace_resume(trace);
    for (int i = 0; i < 3; i++)
        syscall(SYS_io_uring_enter, ring, 0, 0, 0, NULL, 0);
    call_trace_pause(trace);
    assert_int_equal(stop(trace), 3);
    close(ring);
}

static atomic_int begun, asked, done;

/* Spins, so that no call but its own is counted. */
static void *make_calls(void *unused) {
    (void)unused;
    begun = 1;
    while (!asked)
        ;
    for (int i = 0; i < asked; i++)
        syscall(SYS_getuid);
    done = 1;
    while (asked)
        ;
    return NULL;
}

static void threads_that_were_there_count(void **state) {
    (void)state;
    pthread_t thread;
    begun = asked = done = 0;
    assert_int_equal(pthread_create(&thread, NULL, make_calls, NULL), 0);
    while (!begun) /* a thread that begins makes calls */
        ;
    struct call_trace *trace = start();
    call_trace_resume(trace);
    asked = 9;
    while (!done)
        ;
    call_trace_pause(trace);
    uint64_t calls = stop(trace);
    asked = 0;
    pthread_join(thread, NULL);
    assert_int_equal(calls, 9);
}

#define WAITING 200

static int doorbell[2];
static pid_t waiting[WAITING];

static void *wait_for_bell(void *own) {
    char byte;
    *(volatile pid_t *)own = gettid();
    return read(doorbell[0], &byte, 1) == 1 ? own : NULL;
}

static bool is_asleep(pid_t thread) {
    char path[64], state = '?';
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = '?';
    if (file)
        fclose(file);
    return state == 'S';
}

/*
 * Tracing interrupts the calls that threads wait in, which they make again: those are no other calls. Of so many some
 * come back after all are traced.
 */
static void a_call_that_tracing_interrupted_counts_once(void **state) {
    (void)state;
    pthread_t threads[WAITING];
    assert_int_equal(pipe(doorbell), 0);
    memset(waiting, 0, sizeof waiting);
    for (int i = 0; i < WAITING; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_bell, &waiting[i]), 0);
    for (int i = 0; i < WAITING; i++)
        while (!*(volatile pid_t *)&waiting[i] || !is_asleep(waiting[i]))
            usleep(100);
    struct call_trace *trace = start();
    call_trace_resume(trace);
    usleep(50000); /* our one call */
    call_trace_pause(trace);
    assert_int_equal(stop(trace), 1);
    for (int i = 0; i < WAITING; i++)
        assert_int_equal(write(doorbell[1], "a", 1), 1);
    for (int i = 0; i < WAITING; i++)
        pthread_join(threads[i], NULL);
    close(doorbell[0]);
    close(doorbell[1]);
}

static void processes_that_are_started_count(void **state) {
    (void)state;
    struct call_trace *trace = start();
    call_trace_resume(trace);
    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        for (int i = 0; i < 4; i++)
            syscall(SYS_getuid);
        syscall(SYS_exit_group, 0);
    }
    syscall(SYS_wait4, child, NULL, 0, NULL);
    call_trace_pause(trace);
    assert_int_equal(stop(trace), 1 + 4 + 1 + 1);
}

static volatile sig_atomic_t signals;

static void on_signal(int number) {
    signals += number == SIGUSR1;
}

static void signals_arrive(void **state) {
    (void)state;
    signal(SIGUSR1, on_signal);
    signals = 0;
    struct call_trace *trace = start();
    raise(SIGUSR1);
    stop(trace);
    assert_int_equal(signals, 1);
    signal(SIGUSR1, SIG_DFL);
}

/* Who waits for any child does not meet the tracer, and no signal tells of its end. */
static void the_tracer_is_nobodys_child(void **state) {
    (void)state;
    signal(SIGCHLD, on_signal);
    struct call_trace *trace = start();
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    stop(trace);
    signal(SIGCHLD, SIG_DFL);
    assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

static void too_many_calls_are_an_error(void **state) {
    (void)state;
    uint64_t calls;
    struct problem problem = {""};
    if (getenv("EMULATED"))
        skip(); /* minutes there, of one instruction after the other */
    struct call_trace *trace = start();
    call_trace_resume(trace);
    for (int i = 0; i < 210000; i++)
        syscall(SYS_getuid);
    call_trace_pause(trace);
    assert_int_equal(call_trace_stop(trace, &calls, &problem), -ETIMEDOUT);
    assert_string_equal(problem.text, "more than 200000 system calls in a sample: so many are not traced");
}

/* As under a debugger: the reason says what was refused. */
static void a_traced_process_is_not_traced_twice(void **state) {
    (void)state;
    char *text = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child == 0) {
        struct call_trace *trace;
        struct problem problem = {""};
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(77);
        int status = call_trace_start(&trace, &problem);
        memcpy(text, problem.text, 200);
        _exit(status == -EPERM ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_string_equal(text, "ptrace(PTRACE_SEIZE) is refused: Operation not permitted");
    munmap(text, 4096);
}

/* What a child does before it is a command is the caller's. */
static void a_command_counts_from_its_exec_on(void **state) {
    (void)state;
    char reason[192], remedy[192];
    struct problem problem = {""};
    uint64_t calls = 0;
    int status;
    if (call_trace_probe(reason, sizeof reason, remedy, sizeof remedy))
        skip();
    struct call_trace *trace = call_trace_share();
    assert_non_null(trace);
    pid_t child = fork();
    if (child == 0) {
        call_trace_child(trace);
        for (int i = 0; i < 1000; i++)
            syscall(SYS_getuid);
        execl("/bin/sh", "sh", "-c", "exit 7", NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_int_equal(call_trace_result(trace, &calls, &problem), 0);
    assert_in_range(calls, 5, 999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_probe_agrees),
        cmocka_unit_test(calls_of_any_name_count),
        cmocka_unit_test(nothing_counts_nothing),
        cmocka_unit_test(a_ring_counts_as_the_calls_that_enter_it),
        cmocka_unit_test(threads_that_were_there_count),
        cmocka_unit_test(a_call_that_tracing_interrupted_counts_once),
        cmocka_unit_test(processes_that_are_started_count),
        cmocka_unit_test(signals_arrive),
        cmocka_unit_test(the_tracer_is_nobodys_child),
        cmocka_unit_test(too_many_calls_are_an_error),
        cmocka_unit_test(a_traced_process_is_not_traced_twice),
        cmocka_unit_test(a_command_counts_from_its_exec_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
