#include "counters/native_events.h"

#include "counters/papi_sets.h"
#include "counters/perf_events.h"

#include <ctype.h>
#include <errno.h>
#include <papi.h>
#include <perfmon/pfmlib.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdio.h>
#include <string.h>

#define SUGGESTIONS 6
#define DISTANCE_LENGTH 48

/* The event's own part of a name: behind "PMU::", before umasks and modifiers. */
static size_t own_part(const char *name, const char **start) {
    const char *separator = strstr(name, "::");
    *start = separator ? separator + 2 : name;
    return strcspn(*start, ":");
}

static bool is_of_pmu(const char *name, const char *pmu) {
    const char *separator = strstr(name, "::");
    return !separator ||
           (strlen(pmu) == (size_t)(separator - name) && strncasecmp(name, pmu, strlen(pmu)) == 0);
}

/* Calls `visit` with every event of every PMU in libpfm4's tables until it returns true. */
static void visit_events(bool (*visit)(const pfm_pmu_info_t *pmu, const char *event, void *context),
                         void *context) {
    pfm_pmu_t id;
    if (pfm_initialize() != PFM_SUCCESS)
        return;
    pfm_for_all_pmus(id) {
        pfm_pmu_info_t pmu = {.size = sizeof pmu};
        if (pfm_get_pmu_info(id, &pmu) != PFM_SUCCESS)
            continue;
        for (int i = pmu.first_event; i != -1; i = pfm_get_event_next(i)) {
            pfm_event_info_t event = {.size = sizeof event};
            if (pfm_get_event_info(i, PFM_OS_PERF_EVENT, &event) == PFM_SUCCESS &&
                visit(&pmu, event.name, context))
                return;
        }
    }
}

struct search {
    const char *name;
    struct native_event *event;
};

static bool match_event(const pfm_pmu_info_t *pmu, const char *event, void *context) {
    struct search *search = context;
    const char *own;
    size_t length = own_part(search->name, &own);
    if (!is_of_pmu(search->name, pmu->name) || strlen(event) != length || strncasecmp(event, own, length))
        return false;
    if (!search->event->known || pmu->is_present)
        snprintf(search->event->pmu, sizeof search->event->pmu, "%.24s (%.36s)", pmu->name, pmu->desc);
    search->event->known = true;
    search->event->here = pmu->is_present;
    return pmu->is_present;
}

/* As PAPI encodes, with the modifiers of perf_event added to those of the hardware: ":precise=1". */
static bool is_encodable(const char *name) {
    struct perf_event_attr attribute = {.size = sizeof attribute};
    pfm_perf_encode_arg_t encoding = {.attr = &attribute, .size = sizeof encoding};
    return pfm_get_os_event_encoding(name, PFM_PLM3, PFM_OS_PERF_EVENT_EXT, &encoding) == PFM_SUCCESS;
}

void native_event_find(const char *name, struct native_event *event) {
    struct perf_event_attr attribute;
    *event = (struct native_event){.known = false};
    visit_events(match_event, &(struct search){name, event});
    /* Tracepoints are no table: encoding is what tells. Likewise a wrong umask of a known event. */
    if (perf_event_encode(name, true, &attribute) == 0) {
        event->known = event->here = true;
        event->software = attribute.type == PERF_TYPE_SOFTWARE || attribute.type == PERF_TYPE_TRACEPOINT;
    } else if (event->here) {
        event->known = event->here = false;
        event->refused = !is_encodable(name);
    }
}

void native_event_explain(const struct native_event *event, char *reason, size_t reason_size, char *remedy,
                          size_t remedy_size) {
    if (event->known && !event->here) {
        snprintf(reason, reason_size, "an event of the PMU %s, which this machine does not have or show",
                 event->pmu);
        snprintf(remedy, remedy_size, "a machine with that PMU, or this machine's name for the event");
        return;
    }
    perf_event_explain(ENOENT, !event->software, reason, reason_size, remedy, remedy_size);
}

/* Optimal string alignment without the transposition: Levenshtein's distance, of at most DISTANCE_LENGTH. */
static size_t distance(const char *a, const char *b, size_t a_length, size_t b_length) {
    size_t row[DISTANCE_LENGTH + 1];
    if (a_length > DISTANCE_LENGTH || b_length > DISTANCE_LENGTH)
        return DISTANCE_LENGTH;
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t above = row[j];
            size_t change = diagonal + (toupper(a[i - 1]) != toupper(b[j - 1]));
            row[j] = above + 1 < change ? above + 1 : change;
            row[j] = row[j - 1] + 1 < row[j] ? row[j - 1] + 1 : row[j];
            diagonal = above;
        }
    }
    return row[b_length];
}

struct suggestions {
    const char *name;
    char *text;
    size_t size, count;
};

/* Near: a quarter of the letters wrong, or one of the two names holds the other. */
static bool is_near(const char *wrong, size_t length, const char *event) {
    char own[COUNTER_NAME];
    snprintf(own, sizeof own, "%.*s", (int)length, wrong);
    return distance(wrong, event, length, strlen(event)) <= 1 + length / 4 ||
           (length >= 4 && strcasestr(event, own)) || (strlen(event) >= 4 && strcasestr(own, event));
}

static bool suggest_event(const pfm_pmu_info_t *pmu, const char *event, void *context) {
    struct suggestions *near = context;
    const char *own;
    size_t length = own_part(near->name, &own), used = strlen(near->text);
    if (!pmu->is_present || !is_near(own, length, event))
        return false;
    if (used + strlen(pmu->name) + strlen(event) + 8 > near->size)
        return true;
    snprintf(near->text + used, near->size - used, "%s%s::%s", near->count ? ", " : "", pmu->name, event);
    return ++near->count == SUGGESTIONS;
}

void native_event_suggest(const char *name, char *text, size_t size) {
    text[0] = '\0';
    visit_events(suggest_event, &(struct suggestions){.name = name, .text = text, .size = size});
}

static bool is_known_to_papi(const char *name, char *whom, size_t size) {
    char reason[192], version[16];
    int code, component = papi_component(reason, sizeof reason);
    papi_version_text(version, sizeof version);
    snprintf(whom, size, "PAPI%s%s%s%s%s", version[0] ? " " : "", version, component < 0 ? " (" : "",
             component < 0 ? reason : "", component < 0 ? ")" : "");
    return PAPI_is_initialized() != PAPI_NOT_INITED && PAPI_event_name_to_code(name, &code) == PAPI_OK;
}

/* Whether the name carries a modifier that asks for more than user mode: ":k", ":h", ":k=1". */
static bool asks_for_kernel(const char *name) {
    const char *own;
    size_t length = own_part(name, &own);
    for (const char *part = own + length; *part; part += 1 + strcspn(part + 1, ":"))
        if (strncmp(part, ":k", 2) == 0 || strncmp(part, ":h", 2) == 0)
            if (part[2] == '\0' || part[2] == ':' || strncmp(part + 2, "=1", 2) == 0)
                return true;
    return false;
}

int counter_native_check(const char *name, struct problem *problem) {
    struct native_event event;
    char whom[256], near[256];
    if (!*name || strlen(name) >= COUNTER_NAME)
        return problem_set(problem, EINVAL, "event '%.80s': expected a name of 1 to %d characters", name,
                           COUNTER_NAME - 1);
    if (counter_event_by_name(name) != COUNTER_EVENTS)
        return problem_set(problem, EINVAL, "event %s: it is in the vocabulary, and counted anyway", name);
    if (!counter_is_native_name(name))
        return problem_set(
            problem, EINVAL,
            "event %s: lower case is the vocabulary's, which has no such event; a native event is "
            "written in capitals or behind its PMU: perf::MINOR-FAULTS",
            name);
    native_event_find(name, &event);
    /* PAPI would ask libpfm4 again, and PAPI 7.0 loses five strings with every such name. */
    if (event.refused)
        return problem_set(problem, ENOENT,
                           "no event %s: libpfm4 has the event, of %s, but not what stands behind its name",
                           name, event.pmu);
    bool papi = is_known_to_papi(name, whom, sizeof whom);
    if (asks_for_kernel(name) && !event.software)
        return problem_set(problem, EINVAL,
                           "event %s: hardware events are counted in user mode alone; leave :k and :h away",
                           name);
    if (papi || event.known)
        return 0;
    native_event_suggest(name, near, sizeof near);
    return problem_set(
        problem, ENOENT, "no event %s: asked %s, and libpfm4 for all PMUs it has tables of; %s%s", name, whom,
        near[0] ? "near names: " : "names as papi_native_avail or libpfm4's showevtinfo print them", near);
}
