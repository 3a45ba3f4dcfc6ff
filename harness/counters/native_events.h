/* Native events by name: who knows them, and of which PMU. Private to counters/. */
#ifndef COUNTERS_NATIVE_EVENTS_H
#define COUNTERS_NATIVE_EVENTS_H

#include "counters/counters.h"

/** What libpfm4 knows of a name. */
struct native_event {
    bool known;    /**< libpfm4's tables have it, for this machine or another */
    bool here;     /**< of a PMU that this machine has */
    bool software; /**< counted by the kernel without a PMU: software events, tracepoints */
    bool refused;  /**< of a PMU that this machine has, but not with the umask or modifier behind its name */
    char pmu[64];  /**< "skl (Intel Skylake)": of the first PMU that has it */
};

/**
 * Looks a name up in all tables of libpfm4. Umasks and modifiers (":u", ":ANY") are not part of the event's
 * own name, and a name without its PMU ("INST_RETIRED") is looked for in all of them.
 */
void native_event_find(const char *name, struct native_event *event);

/** Why a known native event is not counted on this machine, in one line. */
void native_event_explain(const struct native_event *event, char *reason, size_t reason_size, char *remedy,
                          size_t remedy_size);

/** Names of this machine's native events that look like `name`, "a, b, c"; empty if none does. */
void native_event_suggest(const char *name, char *text, size_t size);

#endif
