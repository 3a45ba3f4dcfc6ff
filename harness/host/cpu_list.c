#include "host/topology_internal.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

/* Reads a number of digits alone, no sign and no blank, and steps behind it. */
static bool parse_number(const char **text, unsigned *number) {
    if (!isdigit((unsigned char)**text))
        return false;
    char *end;
    errno = 0;
    unsigned long value = strtoul(*text, &end, 10);
    if (errno || value > INT_MAX)
        return false;
    *number = (unsigned)value;
    *text = end;
    return true;
}

static bool parse_range(const char **text, unsigned *first, unsigned *last) {
    if (!parse_number(text, first))
        return false;
    *last = *first;
    if (**text != '-')
        return true;
    ++*text;
    return parse_number(text, last) && *last >= *first;
}

static int check_cpu(const struct topology *topology, const char *list, unsigned cpu,
                     struct problem *problem) {
    char allowed[256];
    topology_allowed_text(topology, allowed, sizeof allowed);
    if (hwloc_bitmap_isset(topology->offline, cpu))
        return problem_set(problem, EINVAL,
                           "CPU list \"%s\": CPU %u is offline; choose from %s, or bring it online with "
                           "`echo 1 | sudo tee /sys/devices/system/cpu/cpu%u/online`",
                           list, cpu, allowed, cpu);
    if (!hwloc_bitmap_isset(topology->online, cpu))
        return problem_set(problem, EINVAL, "CPU list \"%s\": there is no CPU %u; choose from %s", list, cpu,
                           allowed);
    if (!hwloc_bitmap_isset(topology->allowed, cpu))
        return problem_set(
            problem, EINVAL,
            "CPU list \"%s\": CPU %u is not allowed to this process by its cgroup's cpuset or its "
            "affinity (taskset); choose from %s",
            list, cpu, allowed);
    return 0;
}

static int append_cpu(const struct topology *topology, const char *list, unsigned cpu, unsigned *cpus,
                      size_t *count, struct problem *problem) {
    int status = check_cpu(topology, list, cpu, problem);
    if (status)
        return status;
    for (size_t i = 0; i < *count; i++)
        if (cpus[i] == cpu)
            return problem_set(problem, EINVAL, "CPU list \"%s\" names CPU %u twice; name each once", list,
                               cpu);
    if (*count == TOPOLOGY_MAX_CPUS)
        return problem_set(problem, EINVAL, "CPU list \"%s\" is longer than %d CPUs", list,
                           TOPOLOGY_MAX_CPUS);
    cpus[(*count)++] = cpu;
    return 0;
}

int topology_parse_list(const struct topology *topology, const char *list, unsigned *cpus, size_t *count,
                        struct problem *problem) {
    const char *text = list;
    *count = 0;
    for (;;) {
        const char *item = text;
        unsigned first, last;
        if (!parse_range(&text, &first, &last) || (*text && *text != ','))
            return problem_set(problem, EINVAL,
                               "CPU list \"%s\" cannot be read at \"%s\"; expected numbers and rising ranges "
                               "separated by commas, for example 0,2-3",
                               list, item);
        for (unsigned cpu = first; cpu <= last; cpu++) {
            int status = append_cpu(topology, list, cpu, cpus, count, problem);
            if (status)
                return status;
        }
        if (!*text)
            return 0;
        text++;
    }
}
