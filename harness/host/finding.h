/* A finding of `countersign doctor`: what was looked at, what it means, what would help. */
#ifndef HOST_FINDING_H
#define HOST_FINDING_H

#include <stddef.h>

enum finding_level {
    FINDING_GOOD, /**< as it should be */
    FINDING_NOTE, /**< worth knowing, no action */
    FINDING_WARN  /**< makes results worse or counters absent; `remedy` says what would help */
};

struct finding {
    enum finding_level level;
    char topic[40];   /**< "perf_event_paranoid" */
    char what[256];   /**< what was found, in a plain sentence */
    char remedy[256]; /**< what would help; empty where nothing can be done or needs to be */
};

#define FINDINGS_MAX 48
struct findings {
    struct finding items[FINDINGS_MAX];
    size_t count;
};

/** Appends one, printf-like `what`; `remedy` may be NULL. Beyond FINDINGS_MAX it is dropped. */
__attribute__((format(printf, 5, 6))) void finding_add(struct findings *findings, enum finding_level level,
                                                       const char *topic, const char *remedy,
                                                       const char *what, ...);

struct fingerprint;
struct topology;

/**
 * Looks at what disturbs timing on this machine and appends a finding for each: steal and other load (over
 * `seconds`, 0.2..2), governor, turbo, SMT, clock source, cgroup CPU quota and throttling, ASLR, hypervisor,
 * transparent huge pages, frequency stability, fewer allowed CPUs than online ones, memory pressure.
 */
void host_findings(const struct fingerprint *fingerprint, const struct topology *topology, double seconds,
                   struct findings *findings);

#endif
