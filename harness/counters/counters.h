/*
 * One interface to every counter, whatever its source.
 *
 * The supervisor calls counter_probe once: it finds a source for every event of the vocabulary, grades it
 * with the self-test, and divides the events into sets that can be counted together. The resulting plan is
 * handed to each worker, which opens it for its threads and reads one set at a time, in rounds of their own.
 * A counter without a source has SOURCE_NONE and a reason; it is never zero.
 */
#ifndef COUNTERS_COUNTERS_H
#define COUNTERS_COUNTERS_H

#include "base/problem.h"
#include "host/clock.h"
#include "host/finding.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define COUNTER_NATIVE_EVENTS 8 /**< native events by name that one plan holds at the most */
#define COUNTER_NAME 64         /**< bytes of an event's name */

/**
 * Events of the vocabulary, and slots for native events by name. Names, units and meaning of the vocabulary:
 * counter_event_info; of all events of a plan: counter_plan_name.
 */
enum counter_event {
    COUNTER_CYCLES,
    COUNTER_REFERENCE_CYCLES,
    COUNTER_INSTRUCTIONS,
    COUNTER_BRANCHES,
    COUNTER_BRANCH_MISSES,
    COUNTER_DATA_READS,  /**< load instructions */
    COUNTER_DATA_WRITES, /**< store instructions */
    COUNTER_L1D_MISSES,
    COUNTER_L2_MISSES,
    COUNTER_LLC_MISSES,
    COUNTER_DTLB_MISSES,
    COUNTER_PAGE_FAULTS,
    COUNTER_MAJOR_FAULTS,
    COUNTER_CONTEXT_SWITCHES,
    COUNTER_MIGRATIONS,
    COUNTER_TASK_CLOCK,   /**< ns of CPU time, all threads */
    COUNTER_USER_TIME,    /**< ns of it outside the kernel; of whole commands alone, unlisted elsewhere */
    COUNTER_SYSTEM_TIME,  /**< ns of it in the kernel; likewise */
    COUNTER_READ_CALLS,   /**< read-like system calls, /proc/self/io syscr */
    COUNTER_WRITE_CALLS,  /**< /proc/self/io syscw */
    COUNTER_READ_BYTES,   /**< bytes asked of read-like calls, page cache included: rchar */
    COUNTER_WRITE_BYTES,  /**< wchar */
    COUNTER_SYSTEM_CALLS, /**< of any name, of all threads and of what they start */
    COUNTER_ALLOCATIONS,  /**< blocks asked of malloc and its like in runs */
    COUNTER_MEMORY,       /**< bytes that a variant holds of what it asked for */
    COUNTER_PEAK_MEMORY,  /**< resident bytes above what setup left */
    COUNTER_PREPARE_TIME, /**< ns that a variant's prepare took */
    COUNTER_LATENCY_P50,  /**< ns, of what a variant records between cs_begin and cs_end */
    COUNTER_LATENCY_P95,
    COUNTER_LATENCY_P99,
    COUNTER_LATENCY_MAX,
    COUNTER_NATIVE_0, /**< the first slot: what it counts is in the plan, see counter_plan.native_events */
    COUNTER_EVENTS = COUNTER_NATIVE_0 + COUNTER_NATIVE_EVENTS /**< number of events, slots included */
};

/** Number of events of the vocabulary: what lies before the slots. */
#define COUNTER_VOCABULARY COUNTER_NATIVE_0
/** The first of those that are of kernels alone: commands have none of them. */
#define COUNTER_OF_KERNELS COUNTER_ALLOCATIONS
/** The set of an event that no set counts, but rounds, a process or a call of its own. */
#define COUNTER_NO_SET 1000u

struct counter_event_info {
    const char *name;    /**< as in case files and tables: "L1D-misses" is written l1d-misses */
    const char *unit;    /**< singular: "cycle", "miss", "byte", "ns" */
    const char *summary; /**< one line for `countersign list` */
    bool hardware;       /**< needs a PMU (or simulation); graded by the self-test */
    bool
        absolute; /**< a variant's as it is, not divided by the items of a run: a latency, an amount of memory */
    bool later; /**< the vocabulary grew by it: older result files have no entry of it */
};
/** Of the vocabulary; a slot has an empty name here, the unit "event", and does not count as hardware. */
extern const struct counter_event_info counter_event_info[COUNTER_EVENTS];

/**
 * Whether a name may be a native event's: it has a capital, an underscore or a colon. Names in lower case are
 * the vocabulary's, those that it may get one day included.
 */
bool counter_is_native_name(const char *name);

/** Whether an event is told of a variant as a whole: its memory, not that of an item. */
bool counter_is_whole(enum counter_event event);

/** Finds an event of the vocabulary by its name. Returns COUNTER_EVENTS if there is none. */
enum counter_event counter_event_by_name(const char *name);

enum counter_source {
    SOURCE_NONE,       /**< absent: printed as – with the reason */
    SOURCE_HW,         /**< PAPI preset or native event */
    SOURCE_HW_GENERIC, /**< perf_event generic event, encoded by libpfm4 */
    SOURCE_SW,         /**< perf_event software event, /proc/self/io, getrusage */
    SOURCE_CLOCK,      /**< calibrated core clock; TSC */
    SOURCE_SIM,        /**< simulated by Valgrind */
    SOURCE_HARNESS,    /**< measured by the harness around a kernel: its memory, its prepare */
    SOURCE_APP         /**< reported by the kernel of itself */
};
/** "hw", "hw-generic", "sw", "clock", "sim", "harness", "app"; "none" for SOURCE_NONE. */
const char *counter_source_name(enum counter_source source);
/** The source of that name; -EINVAL if there is none. */
int counter_source_by_name(const char *name);

enum counter_trust {
    TRUST_NONE,     /**< absent */
    TRUST_TRUSTED,  /**< self-test passed, or exact by construction */
    TRUST_DEGRADED, /**< plausible but off, or indirect (calibrated core clock); the reason says how */
    TRUST_UNTRUSTED /**< counts nonsense here: shown by doctor, used for no verdict and in no table */
};
const char *counter_trust_name(enum counter_trust trust);
int counter_trust_by_name(const char *name);

/** How one event is counted here. */
struct counter_plan_entry {
    enum counter_source source;
    enum counter_trust trust;
    unsigned
        set; /**< events of one set are counted together, COUNTER_NO_SET alone; meaningless for SOURCE_NONE */
    /** What is programmed: "PAPI_TOT_INS", "perf::INSTRUCTIONS", "syscr of /proc/self/io". */
    char native[64];
    char reason[192];      /**< why absent, degraded or untrusted; one line; empty if trusted */
    char remedy[192];      /**< what would help; may be empty */
    double relative_error; /**< of the self-test, where graded; NAN otherwise */
    bool unlisted; /**< no event of this plan: the result file is older than it, or it is of commands alone */
};

struct counter_plan {
    struct counter_plan_entry entries[COUNTER_EVENTS];
    unsigned sets;         /**< number of sets, 0 if nothing can be counted */
    char papi_version[16]; /**< "7.0.0.0"; empty if PAPI could not be used */
    char papi_reason[192]; /**< why PAPI gives no hardware counter; empty if it does */
    char pmu[64];          /**< name of the PMU in use; empty if none */
    /** Native events as they were asked for, one a slot from COUNTER_NATIVE_0 on; empty: slot not used. */
    char native_events[COUNTER_NATIVE_EVENTS][COUNTER_NAME];
    unsigned pmu_type; /**< hybrid CPU: perf_event's type of the PMU that was tested, for generic events; 0
                          otherwise */
    char pmu_cpus[64]; /**< hybrid CPU: list of the CPUs that this PMU counts on, "0-15"; empty: all */
};

/**
 * Name of an event of a plan, for every table and file: that of the vocabulary, or that of a native event as
 * it was asked for. Empty for a slot that is not used.
 */
const char *counter_plan_name(const struct counter_plan *plan, enum counter_event event);

/** Whether two plans have the same native events in the same slots. */
bool counter_same_native(const char (*first)[COUNTER_NAME], const char (*second)[COUNTER_NAME]);

/** Whether an event is one of the plan's: no slot without a name, and not newer than the plan's file. */
bool counter_plan_has(const struct counter_plan *plan, enum counter_event event);

/** Finds an event of a plan by its name. Returns COUNTER_EVENTS if there is none. */
enum counter_event counter_plan_find(const struct counter_plan *plan, const char *name);

/** Whether the hardware events of a plan count on this CPU: always but on a hybrid CPU's other cores. */
bool counter_plan_covers(const struct counter_plan *plan, unsigned cpu);

struct counter_options {
    bool self_test; /**< grade hardware events; without it they stay degraded ("not tested") */
    unsigned cpu;   /**< PU the self-test runs on */
    const struct sample_clock *clock;
    unsigned disabled_sources; /**< bit mask 1u << enum counter_source, for tests and --no-counters */
    const char (*native_events)[COUNTER_NAME]; /**< to be counted by name; NULL: none */
    size_t native_event_count;                 /**< at most COUNTER_NATIVE_EVENTS */
    const char *sysfs;                         /**< NULL: "/sys" */
    const char *
        unsourced; /**< why an event is absent that no source says anything of; NULL: they are switched off */
};

/**
 * Finds a source for every event, in the order hw, hw-generic, sw, clock, and grades it. Takes up to a second
 * with a PMU, about 10 ms without. Restores the caller's affinity. Returns 0; a machine without any counter
 * is not an error.
 */
int counter_probe(const struct counter_options *options, struct counter_plan *plan);

/**
 * Refuses a native event that neither PAPI nor libpfm4 has ever heard of, or that asks for what is not
 * counted (kernel mode); before anything is measured. One that is known, but of another CPU, passes: it will
 * be absent with a reason. Returns 0 or -EINVAL, -ENOENT with the problem: what was asked of whom, and near
 * names.
 */
int counter_native_check(const char *name, struct problem *problem);

/** Values of one set over one stretch. Not counted: NAN. */
struct counter_reading {
    double total[COUNTER_EVENTS]; /**< summed over threads */
};

struct counter_session; /* a plan opened for the threads of this process */

/**
 * Opens every set of `plan` for the `count` threads `threads` of this process (kernel thread ids; all that
 * will do counted work). Threads they create later are counted too (inherited), but not told apart. Returns 0
 * and *session, or -errno with the problem: a thread that cannot be counted is an error, never a hole.
 */
int counter_session_open(const struct counter_plan *plan, const struct sample_clock *clock,
                         const pid_t *threads, size_t count, struct counter_session **session,
                         struct problem *problem);

/** Starts counting one set from zero. 0 or -errno. */
int counter_session_start(struct counter_session *session, unsigned set);

/**
 * Stops and reads the set that was started. An event that was multiplexed or not scheduled for all of the
 * time is an error (-EBUSY), not an estimate.
 */
int counter_session_stop(struct counter_session *session, struct counter_reading *reading);

/**
 * Counts of thread i (order of `threads`) in the last stop, for sources that tell threads apart; else NAN.
 */
double counter_session_thread_value(const struct counter_session *session, size_t thread,
                                    enum counter_event event);

/**
 * Reads the set that was started, without stopping it, and forgets what was read: for the cost of a reading.
 * 0 or -errno.
 */
int counter_session_peek(struct counter_session *session);

void counter_session_close(struct counter_session *session);

/** What counting costs through one source: ns a call, medians of many, measured on the spot. */
struct counter_cost {
    enum counter_source source;
    unsigned events, sets;    /**< that the plan counts through it; a set is started at a time */
    double start, read, stop; /**< of its largest set; stop includes a reading. NAN: could not be measured */
    char reason[192];         /**< why not; empty otherwise */
};

/**
 * Measures one source's cost for the calling thread. Returns 0, -ENODATA where the plan counts nothing
 * through it, or -errno with cost->reason.
 */
int counter_cost_measure(const struct counter_plan *plan, const struct sample_clock *clock,
                         enum counter_source source, struct counter_cost *cost);

/** Reading counters in user mode (rdpmc): whether the kernel allows it, whether it is used, and its cost. */
struct counter_fast_read {
    int allowed;    /**< 1, 0, or -1: the kernel does not tell */
    double ns;      /**< of one read through PAPI that may use it; NAN: not measured */
    char text[192]; /**< all of it in a sentence */
};
void counter_fast_read_measure(const struct counter_plan *plan, const struct sample_clock *clock,
                               struct counter_fast_read *fast);

/**
 * All threads of the calling process, from /proc/self/task, ascending. Returns the number found (may exceed
 * `capacity`; then only `capacity` are written) or -errno.
 */
int counter_list_threads(pid_t *threads, size_t capacity);

/**
 * Says in plain words what counters this machine has, what it lacks, why, and what would help. Each cause has
 * a check of its own: no PMU exposed by the hypervisor (CPUID leaf 0AH / 80000022H, /sys/bus/event_source),
 * perf_event_paranoid, seccomp or a missing syscall (EPERM/ENOSYS of perf_event_open told apart), NMI
 * watchdog holding a counter, a CPU that this PAPI or libpfm4 does not know, a hybrid CPU, the file
 * descriptor limit.
 */
void counter_findings(const struct counter_plan *plan, struct findings *findings);

#endif
