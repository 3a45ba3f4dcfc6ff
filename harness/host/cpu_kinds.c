/* Which cores of a machine are faster than others, beyond the few percent by which boost clocks differ. */
#include "host/topology_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Cores of one design differ by this much in boost clock (favoured cores, bins of a chip), and stay one kind;
 * cores of two designs differ by more, or are named differently. */
#define ALIKE 0.9

/* What the firmware or the kernel tells of a kind. */
struct kind_facts {
    int efficiency;     /* hwloc's order: higher is faster; -1: it knows none */
    double value;       /* of the first of `figures` that is told; 0: none is */
    const char *figure; /* its name */
    const char *type;   /* "IntelCore", "IntelAtom"; "": not told */
};

static const char *info_named(const struct hwloc_info_s *infos, unsigned count, const char *name) {
    for (unsigned i = 0; i < count; i++)
        if (infos[i].name && infos[i].value && !strcmp(infos[i].name, name))
            return infos[i].value;
    return "";
}

static struct kind_facts read_kind(hwloc_topology_t hwloc, unsigned kind) {
    /* The capacity of the scheduler takes the design in, a clock alone does not. */
    static const char *const figures[] = {"LinuxCapacity", "FrequencyMaxMHz", "FrequencyBaseMHz"};
    struct kind_facts facts = {.efficiency = -1, .figure = "", .type = ""};
    struct hwloc_info_s *infos = NULL;
    unsigned count = 0;
    if (hwloc_cpukinds_get_info(hwloc, kind, NULL, &facts.efficiency, &count, &infos, 0))
        return facts;
    facts.type = info_named(infos, count, "CoreType");
    for (size_t i = 0; i < sizeof figures / sizeof *figures && facts.value <= 0; i++) {
        facts.value = strtod(info_named(infos, count, figures[i]), NULL);
        facts.figure = figures[i];
    }
    return facts;
}

static bool alike(const struct kind_facts *fast, const struct kind_facts *slow) {
    if (fast->efficiency == slow->efficiency)
        return true;
    return !strcmp(fast->type, slow->type) && !strcmp(fast->figure, slow->figure) && slow->value > 0 &&
           slow->value >= ALIKE * fast->value && fast->value >= ALIKE * slow->value;
}

int cpu_kinds_read(struct topology *topology) {
    int count = hwloc_cpukinds_get_nr(topology->hwloc, 0);
    topology->kinds = 1;
    if (count < 2)
        return 0;
    topology->speeds = calloc((size_t)count, sizeof *topology->speeds);
    if (!topology->speeds)
        return -ENOMEM;
    /* From the fastest down (hwloc sorts by efficiency): what is like the fastest of a group joins it. */
    struct kind_facts fastest = read_kind(topology->hwloc, (unsigned)count - 1);
    if (fastest.efficiency < 0)
        return 0;
    for (int kind = count - 2; kind >= 0; kind--) {
        struct kind_facts facts = read_kind(topology->hwloc, (unsigned)kind);
        if (!alike(&fastest, &facts)) {
            fastest = facts;
            topology->kinds++;
        }
        topology->speeds[kind] = topology->kinds - 1;
    }
    for (int kind = 0; kind < count; kind++)
        topology->speeds[kind] = topology->kinds - 1 - topology->speeds[kind];
    return 0;
}

unsigned cpu_speed(const struct topology *topology, unsigned cpu) {
    if (topology->kinds == 1)
        return 0;
    hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(topology->hwloc, cpu);
    int kind = pu ? hwloc_cpukinds_get_by_cpuset(topology->hwloc, pu->cpuset, 0) : -1;
    return kind >= 0 ? topology->speeds[kind] : 0;
}
