#include "host/thread_binding.h"
#include "host/topology_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int refuse_foreign(const struct topology *topology, struct problem *problem) {
    return problem_set(problem, ENOTSUP,
                       "the topology is of %s, not of this machine: it can be chosen from, not bound to",
                       topology->source);
}

int topology_bind_thread(const struct topology *topology, pid_t tid, unsigned cpu, struct problem *problem) {
    char allowed[256];
    if (!topology->this_machine)
        return refuse_foreign(topology, problem);
    int status = thread_bind(tid, cpu, problem);
    if (status != -EINVAL || !problem)
        return status;
    struct problem cause = *problem;
    topology_allowed_text(topology, allowed, sizeof allowed);
    return problem_set(problem, EINVAL, "%s; choose from %s", cause.text, allowed);
}

int topology_bind_memory(const struct topology *topology, const struct cpu_choice *choice,
                         struct problem *problem) {
    if (!topology->this_machine)
        return refuse_foreign(topology, problem);
    if (hwloc_get_nbobjs_by_type(topology->hwloc, HWLOC_OBJ_NUMANODE) < 2)
        return problem_set(problem, ENOTSUP, "the machine has one NUMA node: all memory is local");
    if (choice->node < 0)
        return problem_set(
            problem, ENOTSUP,
            "the chosen processing units span NUMA nodes: memory stays where each thread first "
            "touches it");
    hwloc_bitmap_t node = hwloc_bitmap_alloc();
    if (!node)
        return problem_set(problem, ENOMEM, "no memory to bind memory");
    hwloc_bitmap_only(node, (unsigned)choice->node);
    errno = 0;
    int flags = HWLOC_MEMBIND_BYNODESET | HWLOC_MEMBIND_STRICT | HWLOC_MEMBIND_THREAD;
    int failed = hwloc_set_membind(topology->hwloc, node, HWLOC_MEMBIND_BIND, flags) ? errno : 0;
    hwloc_bitmap_free(node);
    if (failed)
        return problem_set(problem, failed,
                           "memory cannot be bound to NUMA node %d: %s; in a container, add the capability "
                           "SYS_NICE (docker run --cap-add SYS_NICE)",
                           choice->node, strerror(failed));
    return 0;
}

/* -ENOTSUP of topology_bind_memory is no refusal: there is nothing to bind. */
static int try_cpu(const struct topology *topology, unsigned cpu, struct problem *problem) {
    struct processing_unit unit;
    topology_describe_pu(topology, cpu, &unit);
    hwloc_obj_t node = unit.has_memory
                           ? hwloc_get_obj_by_type(topology->hwloc, HWLOC_OBJ_NUMANODE, (unsigned)unit.node)
                           : NULL;
    int status = topology_bind_thread(topology, 0, cpu, problem);
    if (status || !node)
        return status;
    struct cpu_choice choice = {.node = (int)node->os_index};
    status = topology_bind_memory(topology, &choice, problem);
    return status == -ENOTSUP ? 0 : status;
}

int topology_try_binding(const struct topology *topology, struct problem *problem) {
    if (!topology->this_machine)
        return refuse_foreign(topology, problem);
    hwloc_bitmap_t before = hwloc_bitmap_alloc();
    if (!before)
        return problem_set(problem, ENOMEM, "no memory to bind a thread");
    int status = 0;
    errno = 0;
    if (hwloc_get_cpubind(topology->hwloc, before, HWLOC_CPUBIND_THREAD))
        status = problem_set(problem, errno ? errno : EIO, "where this thread may run cannot be read: %s",
                             strerror(errno ? errno : EIO));
    for (int cpu = -1; status == 0 && (cpu = hwloc_bitmap_next(topology->allowed, cpu)) >= 0;)
        status = try_cpu(topology, (unsigned)cpu, problem);
    if (!hwloc_bitmap_iszero(before))
        hwloc_set_cpubind(topology->hwloc, before, HWLOC_CPUBIND_THREAD);
    hwloc_set_membind(topology->hwloc, hwloc_topology_get_allowed_nodeset(topology->hwloc),
                      HWLOC_MEMBIND_DEFAULT, HWLOC_MEMBIND_BYNODESET | HWLOC_MEMBIND_THREAD);
    hwloc_bitmap_free(before);
    return status;
}
