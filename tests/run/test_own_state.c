/* What a worker may have changed of the process that watches it is found, named and set back. */
#include "run/own_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Of a child, whose own state is changed. */
struct seen {
    bool changed;
    char text[200];
    struct own_state before, after;
};

static struct seen *seen;

static int share(void **state) {
    (void)state;
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return seen == MAP_FAILED;
}

static int unshare_seen(void **state) {
    (void)state;
    return munmap(seen, sizeof *seen);
}

/* In a child: `prepare`, look, `change`, set back, look again. Skips where a change is not allowed. */
static void set_back_after(int (*prepare)(void), int (*change)(void)) {
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        if (prepare && prepare())
            _exit(77);
        own_state_read(&seen->before);
        if (change())
            _exit(77);
        seen->changed = own_state_restore(&seen->before, seen->text, sizeof seen->text);
        own_state_read(&seen->after);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void assert_set_back(const char *words) {
    assert_true(seen->changed);
    assert_string_equal(seen->text, words);
    assert_memory_equal(&seen->after, &seen->before, sizeof seen->before);
}

static int change_nothing(void) {
    return 0;
}

static int lower_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < 2)
        return 1;
    limit.rlim_cur--;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

static int take_one_cpu(void) {
    cpu_set_t set;
    unsigned cpu = 0;
    if (sched_getaffinity(0, sizeof set, &set) || CPU_COUNT(&set) < 2)
        return 1;
    while (!CPU_ISSET(cpu, &set))
        cpu++;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return sched_setaffinity(0, sizeof set, &set);
}

static int set_policy(int policy) {
    return sched_setscheduler(0, policy, &(struct sched_param){.sched_priority = 0});
}

static int be_batch(void) {
    return set_policy(SCHED_BATCH);
}

static int be_other(void) {
    return set_policy(SCHED_OTHER);
}

static int be_nicer(void) {
    return geteuid() != 0 || setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 1);
}

static int change_two(void) {
    return lower_limit() || be_other();
}

static void what_was_left_alone_is_not_told(void **state) {
    (void)state;
    set_back_after(NULL, change_nothing);
    assert_false(seen->changed);
    assert_string_equal(seen->text, "");
}

static void a_limit_is_set_back(void **state) {
    (void)state;
    set_back_after(NULL, lower_limit);
    assert_set_back("the limit RLIMIT_NOFILE");
}

static void cpus_are_set_back(void **state) {
    (void)state;
    set_back_after(NULL, take_one_cpu);
    assert_set_back("the CPUs it may run on");
}

static void a_policy_is_set_back(void **state) {
    (void)state;
    set_back_after(be_batch, be_other);
    assert_set_back("its scheduling policy");
    assert_int_equal(seen->before.policy, SCHED_BATCH);
}

static void a_priority_is_set_back(void **state) {
    (void)state;
    set_back_after(NULL, be_nicer);
    assert_set_back("its priority");
}

static void all_that_was_changed_is_told(void **state) {
    (void)state;
    set_back_after(be_batch, change_two);
    assert_set_back("the limit RLIMIT_NOFILE, its scheduling policy");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_left_alone_is_not_told),
        cmocka_unit_test(a_limit_is_set_back),
        cmocka_unit_test(cpus_are_set_back),
        cmocka_unit_test(a_policy_is_set_back),
        cmocka_unit_test(a_priority_is_set_back),
        cmocka_unit_test(all_that_was_changed_is_told),
    };
    return cmocka_run_group_tests(tests, share, unshare_seen);
}
