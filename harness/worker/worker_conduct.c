/*
 * Refuses arms whose runs change the process that they share with their rivals, print, or keep memory or
 * descriptors. Looked at around verified runs and while samples are sized, never among timed ones.
 */
#include "worker/openmp_pool.h"
#include "worker/process_state.h"
#include "worker/thread_census.h"
#include "worker/worker_context.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEAK_READINGS 5   /* in each of which more must be kept than in the one before */
#define LEAK_MOST_RUNS 64 /* from one reading to the next */
#define MOST_SAID 200     /* bytes of what changed */
#define MOST_PRINTED 60   /* bytes of what was printed */
/*
 * glibc's free() keeps up to 7 blocks of a size for malloc() and counts them as in use; calloc() does not
 * take them. Memory that is freed at every run seems to grow until they are full: for 15 runs with libgomp.
 */
#define TCACHE_RUNS 24
#define LEAK_RUNS 16           /* of short runs from one reading to the next, at the least */
#define LEAK_SHORT_NS 50000000 /* that TCACHE_RUNS of them take at the most */
#define LEAK_LEAST 8           /* bytes a run that are called a leak */

/* Under Valgrind descriptors, threads and memory are Valgrind's too; the same code was judged without it. */
static bool is_judged(const struct worker *worker) {
    return worker->job->mode != WORKER_SIMULATE;
}

void worker_conduct_end(struct worker *worker) {
    if (worker->before)
        process_state_clear(worker->before);
    free(worker->before);
    free(worker->census);
    worker->before = NULL;
    worker->census = NULL;
}

static unsigned flags_of(const struct worker *worker, size_t arm) {
    return worker->module.kernel->variants[worker->job->arms[arm].variant].flags;
}

static bool is_parallel(const struct worker *worker, size_t arm) {
    return flags_of(worker, arm) & CS_PARALLEL;
}

static bool is_any_parallel(const struct worker *worker) {
    for (size_t i = 0; i < worker->live_count; i++)
        if (is_parallel(worker, worker->live[i]))
            return true;
    return false;
}

/* Both copies of a module share one runtime. Of threads that a kernel makes by itself nobody but they can
 * tell the mode. */
static void read_pool(const struct worker *worker, struct process_state *state) {
    if (worker->job->threads > 1 && is_any_parallel(worker))
        openmp_pool_read(worker->module.handle, worker->job->threads, state);
}

/*
 * How long threads of a pool are waited for to sleep. LLVM's runtime lets them spin for 200 ms
 * (KMP_BLOCKTIME), which is worth waiting for once: when the first process verifies, and no run has been
 * sized yet.
 */
static unsigned patience_ms(const struct worker *worker) {
    return worker->phase == PHASE_VERIFY && worker->job->runs[0] == 0 ? 300 : 50;
}

/* Page faults of children that were waited for: no process runs without any. */
static long faults_of_children(void) {
    struct rusage usage = {0};
    getrusage(RUSAGE_CHILDREN, &usage);
    return usage.ru_minflt;
}

int worker_conduct_start(struct worker *worker) {
    if (!worker->before)
        worker->before = calloc(1, sizeof *worker->before);
    if (!worker->census)
        worker->census = calloc(1, sizeof *worker->census);
    if (worker->before && worker->census && !is_judged(worker)) {
        thread_census_settle(50);
        thread_census_take(worker->census);
        worker->children_faults = faults_of_children();
        return 0;
    }
    if (worker->before && worker->census) {
        process_state_clear(worker->before);
        read_pool(worker, worker->before); /* makes the threads, which are counted next */
        if (process_state_read(worker->before) == 0) {
            read_pool(worker, worker->before);
            bool settled = worker->job->threads > 1 && worker->job->observe && is_any_parallel(worker) &&
                           thread_census_settle(patience_ms(worker));
            thread_census_take(worker->census);
            if (!settled)
                worker->census->count = -1; /* who runs by now cannot be told */
            return 0;
        }
    }
    worker_conduct_end(worker);
    return worker_fail(worker, FAILURE_HARNESS, ENOMEM, "no memory for the state of the process");
}

/* The beginning of what was printed since, on one line. */
static void read_printed(const struct process_state *before, char *text, size_t size) {
    ssize_t length = pread(STDOUT_FILENO, text, size - 1, (off_t)before->printed);
    if (length <= 0)
        length = pread(STDERR_FILENO, text, size - 1, (off_t)before->printed);
    text[length > 0 ? length : 0] = '\0';
    char *end = strchr(text, '\n');
    if (end && end != text)
        *end = '\0';
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
            *c = '?';
}

/* The process is no longer what the rivals were to run in, so they run again in a new one. */
static void refuse(struct worker *worker, size_t arm, const struct arm_why *why) {
    worker_invalidate(worker, arm, why);
    shared_files_remove(&worker->before->shared);
    worker->report->repeat = true;
    worker->report->rounds = 0;
}

/*
 * Whether the process is as it was; else the arm is refused: for `changed` or `printed`, with where it is not, or what.
 */
static bool is_as_before(struct worker *worker, size_t arm, const struct process_state *after, bool parallel,
                         enum arm_cause changed, enum arm_cause printed) {
    struct arm_why why = {.cause = changed};
    if (!process_state_differs(worker->before, after, parallel, why.said, MOST_SAID)) {
        if (after->printed <= worker->before->printed)
            return true;
        why.cause = printed;
        read_printed(worker->before, why.said, MOST_PRINTED);
    }
    refuse(worker, arm, &why);
    return false;
}

/*
 * Whether as many threads ran as were asked for. Fewer would be told as what so many threads take; one that a
 * variant starts unasked has no processor of its own. `ran` 0: not known.
 */
static bool judge_threads(struct worker *worker, size_t arm, unsigned ran, uint64_t started) {
    unsigned asked = worker->job->threads;
    bool fewer = is_parallel(worker, arm) && !(flags_of(worker, arm) & CS_UP_TO) && ran && ran < asked;
    if (!is_parallel(worker, arm) && started)
        refuse(worker, arm, &(struct arm_why){.cause = CAUSE_STARTS_THREADS});
    else if (fewer)
        worker_invalidate(worker, arm,
                          &(struct arm_why){.cause = CAUSE_FEWER_THREADS, .count = ran, .most = asked});
    return !worker->report->arms[arm].invalid;
}

/*
 * Callgrind counts what the thread does that asked for it: of a variant that has its work done by a pool, by threads
 * that it starts or by processes, next to nothing, which would be told as all.
 */
static bool judge_simulated(struct worker *worker, size_t arm) {
    bool threads = thread_census_ran(worker->census) > 1 || thread_census_started(worker->census) > 0;
    struct arm_why why = {.cause = CAUSE_HELPED};
    if (!threads && faults_of_children() <= worker->children_faults)
        return true;
    snprintf(why.said, sizeof why.said, "%s", threads ? "threads" : "processes");
    worker_invalidate(worker, arm, &why);
    return false;
}

bool worker_conduct_judge(struct worker *worker, size_t arm) {
    struct process_state after;
    if (!worker->before)
        return true;
    if (!is_judged(worker))
        return judge_simulated(worker, arm);
    bool verified = worker->phase == PHASE_VERIFY || worker->phase == PHASE_VERIFY_AGAIN;
    unsigned ran = verified ? thread_census_ran(worker->census) : 0;
    uint64_t started = verified ? thread_census_started(worker->census) : 0;
    int status =
        is_parallel(worker, arm) ? process_state_read(&after) : process_state_settle(worker->before, &after);
    if (status == 0)
        read_pool(worker, &after);
    bool good = status != 0 || is_as_before(worker, arm, &after, is_parallel(worker, arm),
                                            CAUSE_CHANGES_PROCESS, CAUSE_PRINTS);
    process_state_clear(&after);
    return good && judge_threads(worker, arm, ran, started);
}

void worker_conduct_judge_timed(struct worker *worker) {
    struct process_state after;
    if (!worker->before)
        return;
    if (process_state_settle(worker->before, &after) != 0)
        return;
    read_pool(worker, &after);
    is_as_before(worker, 0, &after, is_any_parallel(worker), CAUSE_CHANGED_UNSEEN, CAUSE_PRINTED_UNSEEN);
    process_state_clear(&after);
}

static void run_times(struct worker *worker, size_t arm, uint64_t runs) {
    for (uint64_t i = 0; i < runs; i++) {
        worker_announce(worker, PHASE_SIZE, (int)arm);
        if (worker->module.kernel->reset_each_run)
            kernel_host_reset_each(&worker->host, worker->module.kernel, worker->state);
        worker->run[arm](worker->state);
    }
}

void worker_conduct_sizing(struct worker *worker, struct worker_holding *holding) {
    *holding = is_judged(worker) ? (struct worker_holding){process_kept_bytes(), process_descriptors()}
                                 : (struct worker_holding){0, -1};
}

/*
 * Grows in each of several equal stretches: a table that doubles, or a cache that fills up, does not for
 * long. The least growth is what is told.
 */
static void measure_growth(struct worker *worker, size_t arm, uint64_t runs, double *bytes,
                           double *descriptors) {
    struct worker_holding last, now;
    process_fill_free_lists();
    worker_conduct_sizing(worker, &last);
    *bytes = *descriptors = 1e300;
    for (int i = 0; i < LEAK_READINGS; i++) {
        run_times(worker, arm, runs);
        process_fill_free_lists();
        worker_conduct_sizing(worker, &now);
        double more = ((double)now.bytes - (double)last.bytes) / (double)runs;
        double opened = ((double)now.descriptors - (double)last.descriptors) / (double)runs;
        *bytes = more < *bytes ? more : *bytes;
        *descriptors = opened < *descriptors ? opened : *descriptors;
        last = now;
    }
}

/*
 * As many as a sample has, and of short runs enough of them: malloc() takes blocks that were freed before from a list of
 * seven, which counts as in use, and fills that list at once, so that only every eighth block shows.
 */
static uint64_t runs_of_growth(const struct worker *worker, size_t arm, uint64_t tcache_ns) {
    uint64_t runs = worker->report->arms[arm].runs;
    if (runs < LEAK_RUNS && tcache_ns < LEAK_SHORT_NS)
        runs = LEAK_RUNS;
    return runs < LEAK_MOST_RUNS ? runs : LEAK_MOST_RUNS;
}

void worker_refuse_leaks(struct worker *worker, size_t arm, const struct worker_holding *before) {
    struct worker_holding now;
    if (!is_judged(worker) || !worker->before)
        return;
    worker_conduct_sizing(worker, &now);
    bool more = now.bytes > before->bytes || now.descriptors > before->descriptors;
    if (!more && worker->job->state != STATE_COLD) /* of which sizing ran nothing */
        return;
    double bytes, descriptors;
    uint64_t start = monotonic_ns();
    run_times(worker, arm, TCACHE_RUNS);
    uint64_t runs = runs_of_growth(worker, arm, monotonic_ns() - start);
    measure_growth(worker, arm, runs, &bytes, &descriptors);
    if (descriptors > 0)
        refuse(worker, arm, &(struct arm_why){.cause = CAUSE_KEEPS_DESCRIPTORS, .count = descriptors});
    else if (bytes >= LEAK_LEAST)
        refuse(worker, arm, &(struct arm_why){.cause = CAUSE_KEEPS_MEMORY, .count = bytes});
}
