/* Neighbours: bound, busy and idle in turn, and gone when they should be. */
#include "measure/neighbour.h"

#include "host/thread_binding.h"
#include "host/topology.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define LONGEST_WAIT_S 60 /* for a machine that has other things to do */

static unsigned first_cpu(void) {
    cpu_set_t set;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &set))
            return cpu;
    fail();
    return 0;
}

/* State letter and clock ticks of user and system time of a process; 0 if there is none. */
static char read_process(pid_t pid, unsigned long *ticks) {
    char path[64], state = 0;
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    if (fscanf(file, "%*d (%*[^)]) %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &state, &user,
               &system) != 3)
        state = 0;
    fclose(file);
    if (ticks)
        *ticks = user + system;
    return state;
}

static void pause_ms(long ms) {
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void bound_busy_and_idle_until_stopped(void **state) {
    (void)state;
    struct neighbours neighbours;
    struct problem problem = {""};
    unsigned cpu = first_cpu();
    bool slept = false, ran = false;
    unsigned long ticks = 0;
    if (neighbours_start(&neighbours, &cpu, 1, 7, &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(neighbours.count, 1);
    pid_t pid = neighbours.pids[0];
    assert_int_equal(thread_read_binding(pid), (int)cpu);
    for (int i = 0; i < LONGEST_WAIT_S * 1000 && !(slept && ran && ticks > 0); i++) {
        char now = read_process(pid, &ticks);
        slept |= now == 'S';
        ran |= now == 'R';
        pause_ms(1);
    }
    assert_true(slept && ran && ticks > 0);
    neighbours_stop(&neighbours);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    assert_int_equal(neighbours.count, 0);
}

static void interrupts_do_not_end_them(void **state) {
    (void)state;
    struct neighbours neighbours;
    unsigned cpu = first_cpu();
    assert_int_equal(neighbours_start(&neighbours, &cpu, 1, 7, NULL), 0);
    kill(neighbours.pids[0], SIGINT);
    kill(neighbours.pids[0], SIGTERM);
    kill(neighbours.pids[0], SIGHUP);
    pause_ms(50);
    char now = read_process(neighbours.pids[0], NULL);
    assert_true(now == 'R' || now == 'S');
    neighbours_stop(&neighbours);
}

static void an_impossible_cpu_is_said_and_nothing_is_left(void **state) {
    (void)state;
    struct neighbours neighbours;
    struct problem problem = {""};
    unsigned cpus[2] = {first_cpu(), 60000};
    assert_int_equal(neighbours_start(&neighbours, cpus, 2, 1, &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "CPU 60000"));
    assert_int_equal(neighbours.count, 0);
    assert_null(neighbours.pids);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void none_is_none(void **state) {
    (void)state;
    struct neighbours neighbours;
    assert_int_equal(neighbours_start(&neighbours, NULL, 0, 1, NULL), 0);
    neighbours_stop(&neighbours);
}

/* A parent that is killed cannot stop anything: its neighbour must go by itself. This process adopts it, to
 * see that it ended and how. */
static void a_killed_parent_takes_them_along(void **state) {
    (void)state;
    int channel[2], status = 0;
    unsigned cpu = first_cpu();
    pid_t neighbour = 0;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    assert_int_equal(pipe(channel), 0);
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        struct neighbours neighbours;
        bool told = neighbours_start(&neighbours, &cpu, 1, 3, NULL) == 0 &&
                    write(channel[1], neighbours.pids, sizeof(pid_t)) == sizeof(pid_t);
        if (told)
            raise(SIGKILL);
        _exit(1);
    }
    close(channel[1]);
    assert_int_equal(read(channel[0], &neighbour, sizeof neighbour), sizeof neighbour);
    close(channel[0]);
    assert_int_equal(waitpid(parent, &status, 0), parent);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(waitpid(neighbour, &status, 0), neighbour);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bound_busy_and_idle_until_stopped),
        cmocka_unit_test(interrupts_do_not_end_them),
        cmocka_unit_test(an_impossible_cpu_is_said_and_nothing_is_left),
        cmocka_unit_test(none_is_none),
        cmocka_unit_test(a_killed_parent_takes_them_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
