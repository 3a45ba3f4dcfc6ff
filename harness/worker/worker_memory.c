/* The worker that measures memory: one arm in a process of its own, after a setup that all arms have in common. */
#include "host/text_file.h"
#include "worker/allocations.h"
#include "worker/worker_context.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define COUNTED_RUNS 8
#define ENOUGH_NS 50000000u /* of runs, though fewer than COUNTED_RUNS */

static double read_peak_rss(void) {
    return text_file_kib("/proc/self/status", "VmHWM:");
}

bool worker_clear_refs(char what) {
    int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    bool cleared = fd >= 0 && write(fd, &what, 1) == 1;
    if (fd >= 0)
        close(fd);
    return cleared;
}

void worker_memory_start(struct worker *worker) {
    worker->common_bytes = worker->host.bytes;
    worker->common_rss = worker_clear_refs(CLEAR_PEAK) ? read_peak_rss() : NAN;
    allocations_watch();
}

static void run_once(struct worker *worker, size_t arm) {
    worker_announce(worker, PHASE_COUNT, (int)arm);
    kernel_host_reset(&worker->host, worker->module.kernel, worker->state);
    worker->run[arm](worker->state);
    worker_end_child(worker);
}

/* Runs until there are enough of them; returns how many. */
static uint64_t run_enough(struct worker *worker, size_t arm) {
    uint64_t runs = 0, start = monotonic_ns();
    do
        run_once(worker, arm);
    while (++runs < COUNTED_RUNS && monotonic_ns() - start < ENOUGH_NS);
    return runs;
}

void worker_memory(struct worker *worker) {
    struct allocations before, after;
    size_t arm = worker->live[0];
    if (worker->live_count != 1)
        return;
    double *counters = worker->report->arms[arm].counters;
    bool watched = allocations_watch() == 0; /* what prepare loaded, too */
    run_once(worker, arm); /* what a first run keeps for the others is no run's allocation */
    allocations_forget_most();
    allocations_read(&before);
    uint64_t runs = run_enough(worker, arm);
    allocations_read(&after);
    double arrays = (double)(worker->host.bytes - worker->common_bytes);
    counters[COUNTER_PEAK_MEMORY] = fmax(0, read_peak_rss() - worker->common_rss);
    counters[COUNTER_ALLOCATIONS] = watched ? (double)(after.calls - before.calls) / (double)runs : NAN;
    counters[COUNTER_MEMORY] = watched ? fmax(0, (double)after.most_bytes) + arrays : NAN;
    if (isnan(worker->common_rss))
        counters[COUNTER_PEAK_MEMORY] = NAN;
}
