#include "host/thread_binding.h"
#include "host/topology.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct topology *machine;
static cpu_set_t original;
static unsigned first_cpu, last_cpu; /* of those allowed; the same on a machine of one */

static int setup(void **state) {
    (void)state;
    struct topology_facts facts;
    struct cpu_choice choice;
    if (sched_getaffinity(0, sizeof original, &original) || topology_open(&machine, NULL, NULL))
        return -1;
    topology_get_facts(machine, &facts);
    unsigned count = facts.allowed_cpus < TOPOLOGY_MAX_CPUS ? facts.allowed_cpus : TOPOLOGY_MAX_CPUS;
    if (topology_choose(machine, count, NULL, &choice, NULL))
        return -1;
    first_cpu = choice.cpus[0];
    last_cpu = choice.cpus[choice.count - 1];
    return 0;
}

static int teardown(void **state) {
    (void)state;
    topology_close(machine);
    return 0;
}

static int restore(void **state) {
    (void)state;
    return sched_setaffinity(0, sizeof original, &original);
}

static void main_thread_is_bound(void **state) {
    (void)state;
    struct problem problem = {""};
    for (int i = 0; i < 2; i++) {
        unsigned cpu = i ? last_cpu : first_cpu;
        if (topology_bind_thread(machine, 0, cpu, &problem))
            fail_msg("%s", problem.text);
        assert_int_equal(thread_read_binding(0), cpu);
        assert_int_equal(thread_read_binding(getpid()), cpu);
        assert_int_equal(sched_getcpu(), cpu);
    }
}

static void unbound_thread_reads_as_such(void **state) {
    (void)state;
    assert_int_equal(thread_read_binding(0), CPU_COUNT(&original) == 1 ? (int)first_cpu : -1);
}

struct worker {
    pthread_barrier_t ready, bound;
    pid_t tid;
    int cpu_seen;
};

static void *work(void *argument) {
    struct worker *worker = argument;
    worker->tid = gettid();
    pthread_barrier_wait(&worker->ready);
    pthread_barrier_wait(&worker->bound);
    worker->cpu_seen = sched_getcpu();
    return NULL;
}

static void other_thread_is_bound(void **state) {
    (void)state;
    struct worker worker;
    struct problem problem = {""};
    pthread_t thread;
    pthread_barrier_init(&worker.ready, NULL, 2);
    pthread_barrier_init(&worker.bound, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, work, &worker), 0);
    pthread_barrier_wait(&worker.ready);
    int status = topology_bind_thread(machine, worker.tid, last_cpu, &problem);
    int bound = thread_read_binding(worker.tid), own = thread_read_binding(0);
    pthread_barrier_wait(&worker.bound);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&worker.ready);
    pthread_barrier_destroy(&worker.bound);
    if (status)
        fail_msg("%s", problem.text);
    assert_int_equal(bound, last_cpu);
    assert_int_equal(worker.cpu_seen, last_cpu);
    assert_int_equal(own, CPU_COUNT(&original) == 1 ? (int)first_cpu : -1);
}

static void failures_are_told(void **state) {
    (void)state;
    struct problem problem;
    assert_int_equal(topology_bind_thread(machine, 0, 1000000, &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "cannot be bound to CPU 1000000: it is not online and allowed"));
    pid_t nobody = 0x3fffffff; /* above the kernel's largest pid_max, 2^22 */
    assert_int_equal(topology_bind_thread(machine, nobody, first_cpu, &problem), -ESRCH);
    assert_int_equal(thread_read_binding(nobody), -ESRCH - 1000);
}

static void foreign_topology_cannot_be_bound_to(void **state) {
    (void)state;
    struct topology *foreign;
    struct cpu_choice choice = {.cpus = {0}, .count = 1, .node = 0};
    struct problem problem;
    assert_int_equal(topology_open(&foreign, "numa:2 core:2 pu:1", NULL), 0);
    assert_int_equal(topology_bind_thread(foreign, 0, 0, &problem), -ENOTSUP);
    assert_string_equal(problem.text,
                        "the topology is of numa:2 core:2 pu:1, not of this machine: it can be chosen "
                        "from, not bound to");
    assert_int_equal(topology_bind_memory(foreign, &choice, &problem), -ENOTSUP);
    assert_int_equal(thread_read_binding(0), CPU_COUNT(&original) == 1 ? (int)first_cpu : -1);
    topology_close(foreign);
}

static void memory_is_bound_where_there_are_nodes(void **state) {
    (void)state;
    struct cpu_choice choice;
    struct topology_facts facts;
    struct problem problem = {""};
    topology_get_facts(machine, &facts);
    assert_int_equal(topology_choose(machine, 1, NULL, &choice, NULL), 0);
    int status = topology_bind_memory(machine, &choice, &problem);
    if (facts.numa_nodes < 2) {
        assert_int_equal(status, -ENOTSUP);
        assert_string_equal(problem.text, "the machine has one NUMA node: all memory is local");
    } else if (status == -EPERM || status == -ENOSYS) {
        skip(); /* a sandbox without set_mempolicy */
    } else {
        assert_int_equal(status, 0);
        choice.node = -1;
        assert_int_equal(topology_bind_memory(machine, &choice, &problem), -ENOTSUP);
    }
}

static bool affinity_can_be_set(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 && sched_setaffinity(0, sizeof set, &set) == 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(main_thread_is_bound, restore),
        cmocka_unit_test_teardown(unbound_thread_reads_as_such, restore),
        cmocka_unit_test_teardown(other_thread_is_bound, restore),
        cmocka_unit_test_teardown(failures_are_told, restore),
        cmocka_unit_test_teardown(foreign_topology_cannot_be_bound_to, restore),
        cmocka_unit_test(memory_is_bound_where_there_are_nodes),
    };
    if (!affinity_can_be_set()) {
        puts("skipped: the sandbox refuses sched_setaffinity");
        return 77;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
