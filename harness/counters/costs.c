/* What counting costs: timed on the spot, for `countersign doctor`. */
#include "counters/core_pmu.h"
#include "counters/papi_sets.h"
#include "counters/source.h"

#include <errno.h>
#include <math.h>
#include <papi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRIES 301

static int compare_ns(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(double *ns) {
    qsort(ns, TRIES, sizeof *ns, compare_ns);
    return ns[TRIES / 2];
}

/* The plan's events of one source alone. Returns how many there are. */
static unsigned keep_source(struct counter_plan *plan, enum counter_source source) {
    unsigned events = 0;
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        if (plan->entries[event].source == source && plan->entries[event].set != COUNTER_NO_SET)
            events++;
        else
            plan->entries[event].source = SOURCE_NONE;
    }
    return events;
}

static unsigned events_of(const struct counter_plan *plan, unsigned set) {
    unsigned events = 0;
    for (int event = 0; event < COUNTER_EVENTS; event++)
        events += plan->entries[event].source != SOURCE_NONE && plan->entries[event].set == set;
    return events;
}

struct tries {
    double start[TRIES], read[TRIES], stop[TRIES];
};

static int time_calls(struct counter_session *session, unsigned set, const struct sample_clock *clock,
                      struct tries *tries) {
    for (size_t i = 0; i < TRIES; i++) {
        struct counter_reading reading;
        uint64_t ticks[4] = {sample_clock_now(clock)};
        int status = counter_session_start(session, set);
        if (status)
            return status;
        ticks[1] = sample_clock_now(clock);
        status = counter_session_peek(session);
        ticks[2] = sample_clock_now(clock);
        int stopped = counter_session_stop(session, &reading);
        ticks[3] = sample_clock_now(clock);
        if (status || stopped)
            return status ? status : stopped;
        tries->start[i] = (double)(ticks[1] - ticks[0]) / clock->ticks_per_ns;
        tries->read[i] = (double)(ticks[2] - ticks[1]) / clock->ticks_per_ns;
        tries->stop[i] = (double)(ticks[3] - ticks[2]) / clock->ticks_per_ns;
    }
    return 0;
}

static int time_source(const struct counter_plan *plan, unsigned set, const struct sample_clock *clock,
                       struct counter_cost *cost) {
    struct problem problem = {""};
    struct counter_session *session = NULL;
    struct tries *tries = malloc(sizeof *tries);
    pid_t self = gettid();
    int status = tries ? counter_session_open(plan, clock, &self, 1, &session, &problem) : -ENOMEM;
    if (status == 0)
        status = time_calls(session, set, clock, tries);
    if (status == 0) {
        cost->start = median_of(tries->start);
        cost->stop = median_of(tries->stop);
        if (cost->source != SOURCE_CLOCK) /* has no reading beside the stop */
            cost->read = median_of(tries->read);
    } else
        snprintf(cost->reason, sizeof cost->reason, "%.191s",
                 problem.text[0] ? problem.text : strerror(-status));
    counter_session_close(session);
    free(tries);
    return status;
}

int counter_cost_measure(const struct counter_plan *plan, const struct sample_clock *clock,
                         enum counter_source source, struct counter_cost *cost) {
    struct counter_plan alone = *plan;
    unsigned largest = 0;
    *cost = (struct counter_cost){.source = source, .start = NAN, .read = NAN, .stop = NAN};
    if (keep_source(&alone, source) == 0)
        return -ENODATA;
    for (unsigned set = 0; set < alone.sets; set++) {
        cost->sets += events_of(&alone, set) > 0;
        largest = events_of(&alone, set) > events_of(&alone, largest) ? set : largest;
    }
    cost->events = events_of(&alone, largest);
    return time_source(&alone, largest, clock, cost);
}

/*
 * PAPI reads in user mode only sets that are not inherited (perf_event.c of PAPI 7.0, _pe_read), which are
 * the ones that a session cannot use: threads made later would be missed. So this set is for the cost alone.
 */
static int open_plain_set(int component, const char *name, int *set) {
    int code;
    *set = PAPI_NULL;
    int status = PAPI_event_name_to_code(name, &code);
    if (status == PAPI_OK)
        status = PAPI_create_eventset(set);
    if (status == PAPI_OK)
        status = PAPI_assign_eventset_component(*set, component);
    if (status == PAPI_OK)
        status = PAPI_add_event(*set, code);
    if (status == PAPI_OK)
        status = PAPI_start(*set);
    return status;
}

static double time_plain_reads(int component, const char *name, const struct sample_clock *clock) {
    double ns[TRIES];
    int set, status = open_plain_set(component, name, &set);
    for (size_t i = 0; i < TRIES && status == PAPI_OK; i++) {
        long long value;
        uint64_t start = sample_clock_now(clock);
        status = PAPI_read(set, &value);
        ns[i] = (double)(sample_clock_now(clock) - start) / clock->ticks_per_ns;
    }
    papi_set_destroy(&set);
    return status == PAPI_OK ? median_of(ns) : NAN;
}

/* Name of one event that PAPI counts; NULL if it counts none. */
static const char *counted_by_papi(const struct counter_plan *plan) {
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (plan->entries[event].source == SOURCE_HW)
            return plan->entries[event].native;
    return NULL;
}

static const char *describe_permission(int allowed) {
    return allowed < 0 ? "the kernel does not say whether counters may be read in user mode (rdpmc)"
           : allowed   ? "counters may be read in user mode (rdpmc)"
                       : "counters may not be read in user mode (rdpmc)";
}

void counter_fast_read_measure(const struct counter_plan *plan, const struct sample_clock *clock,
                               struct counter_fast_read *fast) {
    struct core_pmu pmu;
    char reason[192];
    const char *name = counted_by_papi(plan);
    *fast = (struct counter_fast_read){.allowed = -1, .ns = NAN};
    if (core_pmu_of("/sys", 0, &pmu) == 0 && pmu.rdpmc != CORE_PMU_UNKNOWN)
        fast->allowed = pmu.rdpmc > 0;
    if (!pmu.name[0]) {
        snprintf(fast->text, sizeof fast->text, "no PMU, so no reading in user mode (rdpmc)");
        return;
    }
    int component = name ? papi_component(reason, sizeof reason) : -1;
    const PAPI_component_info_t *info = component < 0 ? NULL : PAPI_get_component_info(component);
    if (!info) {
        snprintf(fast->text, sizeof fast->text, "%s; not used: PAPI counts nothing here",
                 describe_permission(fast->allowed));
        return;
    }
    fast->ns = time_plain_reads(component, name, clock);
    snprintf(
        fast->text, sizeof fast->text,
        "%s; PAPI %s them: %.0f ns a read of one event; not used here, where threads made later are followed",
        describe_permission(fast->allowed), info->fast_counter_read ? "uses" : "does not use", fast->ns);
}
