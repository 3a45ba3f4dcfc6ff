#include "run/own_state.h"

#include "worker/process_state.h"

#include <stdio.h>
#include <string.h>

void own_state_read(struct own_state *state) {
    memset(state, 0, sizeof *state);
    for (int i = 0; i < RLIMIT_NLIMITS; i++)
        getrlimit((__rlimit_resource_t)i, &state->limits[i]);
    if (sched_getaffinity(0, sizeof state->cpus, (cpu_set_t *)(void *)state->cpus) != 0)
        memset(state->cpus, 0, sizeof state->cpus);
    state->nice = getpriority(PRIO_PROCESS, 0);
    state->policy = sched_getscheduler(0);
    sched_getparam(0, &state->parameter);
}

struct list {
    char *text;
    size_t size, length;
};

static void add(struct list *list, const char *what, const char *name, bool restored) {
    if (list->length < list->size)
        list->length += (size_t)snprintf(list->text + list->length, list->size - list->length, "%s%s%s%s",
                                         list->length ? ", " : "", what, name,
                                         restored ? "" : " (which cannot be set back)");
}

static void restore_limits(const struct own_state *before, const struct own_state *now, struct list *list) {
    for (int i = 0; i < RLIMIT_NLIMITS; i++) {
        struct rlimit soft = before->limits[i];
        if (before->limits[i].rlim_cur == now->limits[i].rlim_cur &&
            before->limits[i].rlim_max == now->limits[i].rlim_max)
            continue;
        bool restored = setrlimit((__rlimit_resource_t)i, &before->limits[i]) == 0;
        soft.rlim_max = now->limits[i].rlim_max;
        if (soft.rlim_cur > soft.rlim_max)
            soft.rlim_cur = soft.rlim_max;
        if (!restored)
            setrlimit((__rlimit_resource_t)i, &soft);
        add(list, "the limit RLIMIT_", process_limit_name(i), restored);
    }
}

bool own_state_restore(const struct own_state *before, char *text, size_t size) {
    struct own_state now;
    struct list list = {.text = text, .size = size};
    text[0] = '\0';
    own_state_read(&now);
    restore_limits(before, &now, &list);
    if (memcmp(before->cpus, now.cpus, sizeof now.cpus) != 0)
        add(&list, "the CPUs it may run on", "",
            sched_setaffinity(0, sizeof before->cpus, (const cpu_set_t *)(const void *)before->cpus) == 0);
    if (before->policy != now.policy || before->parameter.sched_priority != now.parameter.sched_priority)
        add(&list, "its scheduling policy", "",
            sched_setscheduler(0, before->policy, &before->parameter) == 0);
    if (before->nice != now.nice)
        add(&list, "its priority", "", setpriority(PRIO_PROCESS, 0, before->nice) == 0);
    return list.length > 0;
}
