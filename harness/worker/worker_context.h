/* What the parts of a worker share; private to worker/. */
#ifndef WORKER_WORKER_CONTEXT_H
#define WORKER_WORKER_CONTEXT_H

#include "worker/kernel_host.h"
#include "worker/worker.h"

#include <unistd.h>

struct load_clients;
struct process_state;
struct thread_census;

/** What a process has taken. */
struct worker_holding {
    uint64_t bytes;  /**< of memory; 0: not known */
    int descriptors; /**< open; -1: not known */
};

struct worker {
    const volatile bool *original; /**< false in a forked child */
    struct worker_answer *answer;  /**< shared */
    size_t answer_bytes;
    const struct worker_job *job;
    struct worker_report *report; /**< own memory until the end, as are the ticks */
    uint64_t *ticks;              /**< of arm a, round r at ticks[a * job->max_rounds + r] */
    uint64_t secret[WORKER_SECRETS];
    uint64_t heartbeat;
    enum worker_phase phase; /**< as announced */
    int arm;
    struct module module, copy; /**< copy: for the placebo, loaded only then */
    struct kernel_host host;    /**< behind what setup and prepare are given */
    void *state;
    bool prepared[SCHEDULE_MAX_ARMS]; /**< whose prepare was called, and succeeded */
    double common_rss;                /**< resident bytes that setup left; see worker_memory_start */
    size_t common_bytes;              /**< of the harness's arrays that setup asked for */
    void (*run[SCHEDULE_MAX_ARMS])(void *state);
    /** Of candidates with data of their own: their code in the placebo's module; see worker_take_round. Else NULL. */
    void (*second[SCHEDULE_MAX_ARMS])(void *state);
    unsigned char *evict;           /**< job.evict_bytes, for cold samples; NULL otherwise */
    size_t live[SCHEDULE_MAX_ARMS]; /**< arms that are still valid */
    size_t live_count;
    struct cs_random hidden; /**< draws that measured code, which knows the job's seed, does not know */
    unsigned poison;         /**< one of this process, of hidden */
    uint64_t spot_ticks[SCHEDULE_MAX_ARMS]; /**< of the run of each arm that was verified last */
    double item_bytes;            /**< of an item at the least, by the outputs; see worker_refuse_idle */
    struct process_state *before; /**< of what is judged next; NULL: nothing is */
    struct thread_census *census; /**< the same of its threads */
    struct load_clients *clients; /**< under load; else NULL */
    size_t client;                /**< which of them this process is, 0: the worker itself */
    long children_faults;         /**< page faults of its children, where it is simulated */
};

static inline uint64_t worker_draw_secret(struct worker *worker) {
    return cs_random_u64(&worker->hidden);
}

/** Name of the variant that an arm runs. */
static inline const char *worker_arm_name(const struct worker *worker, size_t arm) {
    return worker->module.kernel->variants[worker->job->arms[arm].variant].name;
}

/**
 * Ends a process that is not the worker but a child that a kernel forked and let return: it would go on as a
 * second worker, in the same shared page.
 */
static inline void worker_end_child(const struct worker *worker) {
    if (!*worker->original)
        _exit(0);
}

/** Writes phase and arm as they were announced, under a new heartbeat. Async-signal-safe. */
static inline void worker_write_status(struct worker *worker) {
    struct worker_status *status = &worker->answer->status;
    uint64_t seal = worker_seal(worker->secret, worker->phase, worker->arm, ++worker->heartbeat);
    atomic_store_explicit(&status->phase, worker->phase, memory_order_relaxed);
    atomic_store_explicit(&status->arm, worker->arm, memory_order_relaxed);
    atomic_store_explicit(&status->heartbeat, worker->heartbeat, memory_order_relaxed);
    atomic_store_explicit(&status->seal, seal, memory_order_release);
}

/** Says what the worker does now, for the supervisor: `arm` -1 for none. */
static inline void worker_announce(struct worker *worker, enum worker_phase phase, int arm) {
    worker_end_child(worker);
    worker->phase = phase;
    worker->arm = arm;
    worker_write_status(worker);
}

/** Records a failure of the whole job; returns -error. */
__attribute__((format(printf, 4, 5))) int worker_fail(struct worker *worker, enum worker_failure failure,
                                                      int error, const char *format, ...);

/** Marks an arm invalid for `why`, whose variant is the arm's, and takes it out of `live`. */
void worker_invalidate(struct worker *worker, size_t arm, const struct arm_why *why);

/**
 * The live arms in an order of this process's own, drawn from the job's seed and `salt`, into `arms`; returns
 * how many.
 */
size_t worker_draw_order(const struct worker *worker, uint64_t salt, size_t arms[SCHEDULE_MAX_ARMS]);

/**
 * Runs every live arm once on poisoned outputs, in random order, and compares it with arm 0 and with the
 * kernel's own check. Wrong arms become invalid. Returns 0, or -errno of the harness itself (no memory for an
 * answer).
 */
int worker_verify(struct worker *worker, enum worker_phase phase);

/**
 * Verifies in between timed runs, announced and called as they are, some elements of what the last run left
 * being overwritten: work that looks whether its answer is still there, or knows a timed run, is wrong now,
 * or takes longer than it does otherwise; worker_refuse_idle comes first. Such arms become invalid, and the
 * job is to be repeated without them. 0 or -errno as worker_verify.
 */
int worker_spot_check(struct worker *worker);

/** What outputs() says of an arm, which becomes invalid where that is an error. 0 or -errno. */
int worker_outputs(struct worker *worker, size_t arm, struct cs_output *outputs, size_t *count);

/**
 * Makes arms invalid whose run takes half as long again where elements of their answer were overwritten as
 * where they were written with what they held. Not judged: differences below 100 ns, and answers in files.
 * Part of worker_spot_check.
 */
void worker_refuse_memory(struct worker *worker);

/**
 * Asks the outputs of every live arm after the timed runs and before any reset: a run returns nothing, so a
 * kernel whose system call failed in a timed run says so here. Such arms become invalid: failing fast is not
 * a win.
 */
void worker_check_timed(struct worker *worker);

/**
 * What comes before timing: verifies, binds the threads that the first runs made, and sizes samples. Returns
 * 1; 0 where there is nothing left to time (fewer than `least` arms are live, the baseline is invalid, or the
 * job is to be repeated; the report says which); or -errno.
 */
int worker_get_ready(struct worker *worker, size_t least);

/** Chooses the runs a sample for arms that have none given. */
void worker_size(struct worker *worker);

/** The timing rounds, and worker_spot_check once among them: fills ticks and report->rounds. 0 or -errno as
 * that. */
int worker_time(struct worker *worker);

/** One sample of an arm of `runs` runs, prepared as the job's state asks; returns ticks. */
uint64_t worker_sample(struct worker *worker, size_t arm, uint64_t runs);
/**
 * One round into worker->ticks: a sample of each live arm, in this order of live arms. An arm with a `second` runs that,
 * too, untimed, as often as a sample, at a place drawn from `random`: so its data are used as often as the baseline's,
 * which the placebo uses too, and its code as often as the baseline's.
 */
void worker_take_round(struct worker *worker, const uint32_t *order, struct cs_random *random, size_t round);

/** Untimed runs before a sample, or an eviction, as the job's state asks. */
void worker_prepare(struct worker *worker, size_t arm, uint64_t runs);

/** `runs` timed runs of an arm, nothing before; returns ticks. Resets between runs, untimed, if the kernel
 * asks. */
uint64_t worker_stretch(struct worker *worker, size_t arm, uint64_t runs);

/** Ticks of one run, called as a sample calls it; nothing before. */
uint64_t worker_run_once(struct worker *worker, size_t arm);

/** worker_stretch of any function: for what calls cost that do nothing. */
uint64_t worker_stretch_of(struct worker *worker, void (*run)(void *state), uint64_t runs);

/**
 * Makes arms invalid whose run takes no longer than a call of an empty function, timed by the same loop,
 * although it would have to move more bytes than any core can in that time: cs_work.bytes, or an item's share
 * of the outputs (an element of each output that has one an item, else a bit) for each item. Call it after
 * sizing, and again after timing, as a variant may have stopped working by then. Left alone: what cannot be
 * told apart from so little work (below about 2 KiB a nanosecond of an empty call, 50 KiB where each run is
 * reset and so timed alone), and runs as long as a sample.
 */
void worker_refuse_idle(struct worker *worker);

/**
 * Makes arms invalid of which four times the runs of a sample take less than twice its time. Not judged: cold
 * samples and kernels with reset_each_run, of which one run is timed at a time, samples shorter than 20
 * readings of the clock, and runs as long as a sample.
 */
void worker_refuse_constant(struct worker *worker);

/**
 * Remembers the state of the process (process_state.h) before runs of an arm that are not timed. Not under
 * Callgrind. 0 or -ENOMEM.
 */
int worker_conduct_start(struct worker *worker);

/**
 * Makes `arm`, which alone ran since worker_conduct_start, invalid if the process is not as it was, or if
 * something was printed, and sets report->repeat: the others are to be measured in a process without it.
 * Returns whether all is well.
 */
bool worker_conduct_judge(struct worker *worker, size_t arm);

/** The same after the timing rounds, in which all arms ran: the baseline, and so all, becomes invalid. */
void worker_conduct_judge_timed(struct worker *worker);

/** What the process has taken now; before an arm is sized. */
void worker_conduct_sizing(struct worker *worker, struct worker_holding *holding);

/**
 * Makes an arm invalid that takes more memory (8 bytes a run at least) or descriptors at every run, and sets
 * report->repeat. `before`: what the process had before the arm was sized; an arm that took no more than
 * that is run no further.
 */
void worker_refuse_leaks(struct worker *worker, size_t arm, const struct worker_holding *before);

/** Frees what worker_conduct_start remembered. */
void worker_conduct_end(struct worker *worker);

/** Counter rounds, resources and latencies. A source that fails leaves report->counter_problem. */
void worker_count(struct worker *worker);

/**
 * The latencies that each live arm records of its items, in rounds of their own: as many runs of each arm. An arm that
 * records wrongly becomes invalid. Nothing where no arm records.
 */
void worker_record_latencies(struct worker *worker);

/**
 * Quantiles of `count` latencies, which it sorts. p95 and p99 are NAN where less than one item is expected beyond them:
 * of fewer than 20 and 100.
 */
struct arm_latency worker_summarize_latencies(double *ns, size_t count);

/**
 * Under Callgrind started with --instr-atstart=no --collect-atstart=no: after verification, makes Callgrind
 * write one dump for an empty function and then one for each live arm, in order: what one run costs after a
 * warm-up run. Returns 0 or -errno (-ENOTSUP: built without Valgrind's headers).
 */
int worker_simulate(struct worker *worker);

/**
 * After verification, samples where each live arm is while it runs again and again, as timed: keys of
 * code_path.h in its ticks, 0 after the last (job.max_rounds: CODE_PATH_SAMPLES at the least), and in
 * report->arms[].reason which object asks the CPU, if one does. Without timers there are no samples. Returns
 * 0 or -errno.
 */
int worker_path(struct worker *worker);

/** What the kernel can be asked to forget of this process (proc(5), clear_refs): which pages were touched; the peak of resident
 * memory, which is then what is resident now. */
#define CLEAR_TOUCHED '1'
#define CLEAR_PEAK '5'
/** Whether it did. */
bool worker_clear_refs(char what);

/**
 * Runs the one live arm, whose prepare comes after this was started by worker_memory_start, and fills its
 * counts of memory. Not verified: the arm was, in another process.
 */
void worker_memory_start(struct worker *worker);
void worker_memory(struct worker *worker);

/**
 * Runs the last arm alone after verifying all, and fills report->usage, core_ghz, and ticks and rounds of its
 * samples. Returns 0 or -errno.
 */
int worker_profile(struct worker *worker);

/** Before setup: makes the other clients of job.load, in each of which it returns as well; see load_clients_fork. 0 or -errno. */
int worker_load_fork(struct worker *worker);

/**
 * Verifies, then measures every arm back to back and at each rate of job.load, arms in short blocks beside each other on the
 * same schedule, and verifies again: report->load. In another client it serves the worker that does so. Returns 0 or -errno.
 */
int worker_load(struct worker *worker);

/** Memory that is true in this process and false in its children; NULL: there is none. */
const volatile bool *worker_mark_original(void);

/** Binds all threads of the process after the first runs made them, and records every binding as read back. 0
 * or -errno. */
int worker_bind_threads(struct worker *worker);

#endif
