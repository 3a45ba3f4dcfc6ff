/* The worker of `profile`: the last arm alone, long enough to tell user from system time and from waiting. */
#include "worker/worker_context.h"

#include "host/text_file.h"
#include "worker/memory_probe.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define TOUCHING_NS 30000000u

static double seconds_of(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* ns that all threads could have run but did not get a CPU: the second field of schedstat (proc(5)). NAN
 * where the kernel keeps none. */
static double read_queued_ns(void) {
    DIR *folder = opendir("/proc/self/task");
    double sum = folder ? 0 : NAN;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[64 + sizeof entry->d_name];
        unsigned long long ran, queued;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/schedstat", entry->d_name);
        FILE *file = fopen(path, "re");
        sum += file && fscanf(file, "%llu %llu", &ran, &queued) == 2 ? (double)queued : NAN;
        if (file)
            fclose(file);
    }
    if (folder)
        closedir(folder);
    return sum;
}

static double read_touched_bytes(void) {
    return text_file_kib("/proc/self/smaps_rollup", "Referenced:");
}

/*
 * What runs touch beyond what looking at it does. Not those of one sample: where each run takes the next of
 * its inputs, the caches have to hold all that the inputs lead to.
 */
static double measure_working_set(struct worker *worker, size_t arm) {
    if (!worker_clear_refs(CLEAR_TOUCHED))
        return NAN;
    double none = read_touched_bytes();
    if (!worker_clear_refs(CLEAR_TOUCHED))
        return NAN;
    uint64_t end = monotonic_ns() + TOUCHING_NS;
    do {
        worker_announce(worker, PHASE_COUNT, (int)arm);
        worker_stretch(worker, arm, worker->report->arms[arm].runs);
    } while (monotonic_ns() < end);
    return fmax(0, read_touched_bytes() - none);
}

/* Samples until the time is over; keeps as many as the page holds. */
static void run_samples(struct worker *worker, size_t arm, struct worker_usage *usage) {
    const struct worker_job *job = worker->job;
    uint64_t runs = worker->report->arms[arm].runs, end = monotonic_ns() + (uint64_t)(job->seconds * 1e9);
    uint64_t *ticks = worker->ticks + arm * job->max_rounds;
    size_t round = 0;
    do {
        worker_announce(worker, PHASE_TIME, (int)arm);
        uint64_t sample = worker_stretch(worker, arm, runs);
        if (round < job->max_rounds)
            ticks[round] = sample;
        round++;
        usage->runs += (double)runs;
    } while (monotonic_ns() < end);
    worker->report->rounds = round < job->max_rounds ? round : job->max_rounds;
}

static void measure_usage(struct worker *worker, size_t arm, struct worker_usage *usage) {
    struct rusage first, last;
    double queued = read_queued_ns();
    getrusage(RUSAGE_SELF, &first);
    usage->start_ns = monotonic_ns();
    run_samples(worker, arm, usage);
    usage->stop_ns = monotonic_ns();
    getrusage(RUSAGE_SELF, &last);
    pid_t threads[WORKER_THREADS];
    usage->threads = counter_list_threads(threads, WORKER_THREADS);
    usage->queued_s = (read_queued_ns() - queued) / 1e9;
    usage->user_s = seconds_of(last.ru_utime) - seconds_of(first.ru_utime);
    usage->system_s = seconds_of(last.ru_stime) - seconds_of(first.ru_stime);
    usage->voluntary_switches = (double)(last.ru_nvcsw - first.ru_nvcsw);
    usage->faults = (double)(last.ru_minflt + last.ru_majflt - first.ru_minflt - first.ru_majflt);
}

int worker_profile(struct worker *worker) {
    const struct worker_job *job = worker->job;
    struct worker_usage *usage = &worker->report->usage;
    struct core_clock core = {0};
    size_t arm = job->arm_count - 1;
    int status = worker_get_ready(worker, job->arm_count);
    if (status <= 0)
        return status;
    usage->working_set_bytes = measure_working_set(worker, arm);
    measure_usage(worker, arm, usage);
    core_clock_measure(&job->clock, 16, &core);
    worker->report->core_ghz = core.ghz;
    worker_check_timed(worker);
    struct memory_probe probe;
    worker_announce(worker, PHASE_COUNT, -1);
    double bytes = usage->working_set_bytes;
    memory_probe_measure(isnan(bytes) ? 0 : (size_t)bytes, &job->clock, &probe);
    usage->ordered_ns = isnan(bytes) ? NAN : probe.ordered_ns;
    usage->chained_ns = isnan(bytes) ? NAN : probe.chained_ns;
    return 0;
}
