/*
 * The worker: a fresh process that loads a module and measures one replicate. Supervisor and worker are the
 * same program, so what passes between them are structs in memory files: no format to parse, and the
 * supervisor sees at any moment which variant is running. Measured code can write whatever the worker can:
 * the supervisor keeps its own copy of the job, and checks what comes back (exchange.h).
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "counters/counters.h"
#include "host/clock.h"
#include "host/noise.h"
#include "host/topology.h"
#include "stats/schedule.h"
#include "store/load.h"
#include "store/result.h"
#include "worker/illegal_instruction.h"
#include "worker/module.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define WORKER_ANSWER_FD 3 /**< descriptor of the worker_answer in the worker */
#define WORKER_JOB_FD 4    /**< of the worker_job */
#define WORKER_MAGIC 0x6373776bu
#define WORKER_THREADS 1024
#define WORKER_SECRETS 3
#define WORKER_SOCKET 108 /**< bytes of a socket's path (unix(7)) */

enum worker_mode {
    WORKER_DESCRIBE,
    WORKER_MEASURE,
    WORKER_PROFILE, /**< verifies, and runs the last arm alone for job.seconds: report.usage; worker_profile
                     */
    WORKER_PATH,    /**< verifies the active arms and samples the code that they run; see worker_path */
    WORKER_LOAD, /**< verifies the active arms and puts them under the load of job.load: report.load; worker_load */
    WORKER_MEMORY,  /**< runs the one arm that is active: what it takes of memory; worker_memory */
    WORKER_SIMULATE /**< under Callgrind: verifies the active arms and dumps the counts of each, an empty
                       function's first; see worker_simulate */
};

enum worker_state { STATE_WARM, STATE_COLD, STATE_MIXED };

/** What a worker is to do; written by the supervisor before it starts, and read once by the worker. */
struct worker_job {
    uint32_t magic;
    uint64_t secret[WORKER_SECRETS]; /**< drawn for each worker; seal the status and the end */
    enum worker_mode mode;
    char module[4096];
    char placebo[4096]; /**< module the placebo is loaded from; empty: a copy of `module` */
    char scratch[4096]; /**< empty folder of the worker's own; its working directory */
    int64_t value[CS_MAX_PARAMETERS];
    uint32_t threads;
    bool parallel; /**< some variant of the module is CS_PARALLEL */
    uint64_t seed;
    struct {
        unsigned variant; /**< index in the descriptor */
        bool placebo;     /**< run function of the second loaded copy */
        bool active;      /**< false: invalid already; not run */
    } arms[SCHEDULE_MAX_ARMS];
    size_t arm_count;
    struct cpu_choice cpus;
    struct sample_clock clock;
    double sample_ns; /**< length aimed at for a sample */
    double seconds;   /**< for the timing rounds */
    size_t min_rounds, max_rounds;
    uint64_t runs[SCHEDULE_MAX_ARMS]; /**< runs a sample; 0: the worker sizes it */
    enum worker_state state;
    uint64_t evict_bytes; /**< memory walked before a cold sample */
    bool observe;     /**< after timing: counters, resources, latencies, what the kernel counts; verifies once
                      more */
    bool counters;    /**< events of the plan among them */
    bool trace_calls; /**< and system calls, where a tracer counts them */
    struct counter_plan plan;
    unsigned counter_rounds; /**< rounds a set, at the most */
    struct {
        double
            rate[LOAD_SHARES]; /**< requests a second; rate_count of them, which may be 0: saturation alone */
        size_t rate_count;
        double seconds;              /**< of an arm at one rate */
        bool poisson;                /**< else arrivals at fixed distances */
        unsigned clients, cpu_count; /**< that send requests at one time, one at the least, and their CPUs */
        unsigned cpus[LOAD_CLIENTS]; /**< cpu_count; client i has the one at i % cpu_count */
    } load;
    size_t stack_offset, heap_offset; /**< random, below 4 KiB and 64 KiB */
    uint64_t spawned_ns; /**< monotonic_ns when the supervisor started it, its servers included */
    /** By place in the descriptor: what to start. Those without a socket are not. */
    struct worker_service {
        struct module_service declared;
        char socket[WORKER_SOCKET]; /**< by the supervisor, before the worker starts; empty: not needed */
        uint16_t port;              /**< likewise; 0: it asks for none */
        bool needed;
        int cpu; /**< of its own; -1: it shares those of the worker */
    } services[CS_MAX_SERVICES];
};

/** What the worker is doing; read by the supervisor at any time. */
struct worker_status {
    _Atomic uint32_t phase;     /**< enum worker_phase */
    _Atomic int32_t arm;        /**< arm whose code runs, -1: none */
    _Atomic uint64_t heartbeat; /**< rises with every call into the kernel */
    _Atomic uint64_t seal;  /**< worker_seal of the three; else something else than the worker wrote them */
    _Atomic int32_t signal; /**< left by the crash handler */
    _Atomic uint64_t fault_address, stack_pointer;
    _Atomic uint64_t data_bytes; /**< private memory at the crash, by which an exhausted limit is told */
    _Atomic uint32_t clock_off;  /**< at the crash, reading the time stamp counter was forbidden */
    /** The instruction that raised SIGILL, as much of it as could be read. */
    _Atomic uint32_t code_bytes;
    unsigned char code[ILLEGAL_INSTRUCTION_BYTES];
};

enum worker_phase {
    PHASE_START,
    PHASE_LOAD,
    PHASE_SETUP,
    PHASE_PREPARE,
    PHASE_VERIFY,
    PHASE_SIZE,
    PHASE_TIME,
    PHASE_COUNT,
    PHASE_SIMULATE,
    PHASE_VERIFY_AGAIN,
    PHASE_TEARDOWN,
    PHASE_DONE,
    PHASE_UNKNOWN /**< the status is not what the worker wrote; never in a status */
};
/** "loading", "setup", "verification", …: for messages. */
const char *worker_phase_name(enum worker_phase phase);

enum worker_failure {
    FAILURE_NONE,
    FAILURE_MODULE, /**< cannot be loaded, or its descriptor is wrong: wrong input */
    FAILURE_SETUP,  /**< setup gave an error: every comparison of the point is invalid */
    FAILURE_HARNESS /**< ours: binding, memory for answers … */
};

/** Where the time of one arm went while it ran alone; WORKER_PROFILE. NAN: not known. */
struct worker_usage {
    uint64_t start_ns, stop_ns; /**< of the stretch, monotonic_ns */
    double runs;
    double user_s, system_s; /**< CPU time of all threads */
    double queued_s;         /**< that threads could have run but did not get a CPU */
    int threads;             /**< of the process at its end; -errno: not known */
    double voluntary_switches, faults;
    double working_set_bytes;      /**< that a sample touches, whole pages */
    double ordered_ns, chained_ns; /**< of a cache line in so much memory; see memory_probe */
};

/** What a worker found out. */
struct worker_report {
    enum worker_failure failure;
    int error; /**< positive errno of the failure */
    char failure_text[RESULT_REASON];
    struct module_description description;
    struct cs_work work;
    bool repeat; /**< an arm that became invalid spoilt the process for the others: measure them again */
    struct {
        bool invalid;       /**< then `why` has a cause */
        struct arm_why why; /**< of the baseline's run where the arm is the placebo */
        bool checked;       /**< accepted by the kernel's own check as well */
        /** Of WORKER_PATH: which object asks the CPU. Of an invalid arm: the words of `why`, by the harness. */
        char reason[RESULT_REASON];
        char code_hash[17];
        uint64_t code_bytes;
        uint64_t runs;
        double prepare_ns;  /**< that the variant's prepare took; NAN: it has none, or was not run */
        uint64_t preempted; /**< samples during which the scheduler took the processor away */
        double counters[COUNTER_EVENTS]; /**< per run; of the whole variant where counter_is_whole */
        double app[CS_MAX_COUNTERS];
        struct arm_resources resources;
        struct arm_latency latency;
        char evidence[RESULT_EVIDENCE]; /**< of cs_variant.evidence; empty: none */
    } arms[SCHEDULE_MAX_ARMS];
    struct thread_binding threads[WORKER_THREADS];
    size_t thread_count;
    struct noise noise;
    double core_ghz, startup_ms;
    double timing_s;           /**< that the timing rounds took */
    char counter_problem[192]; /**< why counters could not be read in this process; empty otherwise */
    size_t rounds;
    struct worker_usage usage;
    /** By arm: back to back, then by place in job.load.rate. Replicate, arm and share are left to who stores it. */
    struct load_reading load[SCHEDULE_MAX_ARMS][1 + LOAD_SHARES];
    bool errors_by_block[SCHEDULE_MAX_ARMS];
    size_t counted_threads; /**< rows of thread_counts that are filled; 0: threads were not told apart */
    /** Per run, by place in thread_events. Last, because clearing it would touch more pages than all the
     * rest. */
    double thread_counts[SCHEDULE_MAX_ARMS][WORKER_THREADS][RESULT_THREAD_EVENTS];
};

/**
 * A seal on a status that nobody makes who does not know the secret: SplitMix64's finalizer, a permutation,
 * between two secret words (Even and Mansour, J. Cryptology 10, 1997).
 */
static inline uint64_t worker_seal(const uint64_t secret[WORKER_SECRETS], uint32_t phase, int32_t arm,
                                   uint64_t heartbeat) {
    uint64_t z = ((uint64_t)phase << 32 | (uint32_t)arm) * 0x9e3779b97f4a7c15u ^ secret[0];
    for (int i = 0; i < 2; i++) {
        z ^= heartbeat * (uint64_t)i;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        z = z ^ (z >> 31);
    }
    return z ^ secret[1];
}

/**
 * Shared memory, all that the worker writes and the supervisor reads. While it works, it writes the status
 * alone; report and ticks come from its own memory at the end, and `end` last.
 */
struct worker_answer {
    struct worker_status status;
    uint64_t end; /**< job.secret[2]: the worker itself came to its end */
    struct worker_report report;
    uint64_t ticks[]; /**< of arm a, round r at ticks[a * job.max_rounds + r] */
};

/** The supervisor's own: the job, and what was taken over of the answer. Ticks as in the answer. */
struct worker_page {
    size_t rows;   /**< of ticks there is room for so many */
    bool complete; /**< the worker came to its end by itself, and its report was taken over */
    struct worker_job job;
    struct worker_status status;
    struct worker_report report;
    struct service_use services[CS_MAX_SERVICES]; /**< of those that were needed; by the supervisor */
    uint64_t ticks[];
};

/**
 * The worker's main: reads the job at WORKER_JOB_FD, maps the answer at WORKER_ANSWER_FD, does its job and
 * returns the exit status (0: the report is complete, failures included).
 */
int worker_main(void);

#endif
