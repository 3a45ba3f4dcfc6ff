#include "profile/perf_samples.h"

#include "base/child.h"
#include "base/find_program.h"
#include "profile/command_session.h"
#include "profile/profile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Prime, so that the samples do not keep step with anything. */
#define SAMPLES_A_SECOND "4999"

int perf_find(struct perf_tool *tool) {
    *tool = (struct perf_tool){.path = ""};
    int status = find_program("perf", tool->path, sizeof tool->path);
    if (status == 0)
        child_read_version(tool->path, tool->version, sizeof tool->version);
    if (strncmp(tool->version, "perf version", 12) == 0)
        return 0;
    snprintf(tool->reason, sizeof tool->reason, "%s",
             status ? "perf is not installed (no such program in PATH); Debian's package is linux-perf"
                    : "perf does not tell its version; it may be a wrapper that finds none for this kernel");
    return -ENOENT;
}

/* Words of `perf record` up to the program's own. */
#define RECORD_WORDS 16
static void record_words(const struct perf_tool *tool, bool hardware, const char *data,
                         const char *words[RECORD_WORDS]) {
    const char *const all[] = {tool->path,
                               "record",
                               "--quiet",
                               "--clockid",
                               "monotonic",
                               "--event",
                               hardware ? "cycles" : "cpu-clock",
                               "--freq",
                               SAMPLES_A_SECOND,
                               "--no-buildid-cache",
                               "--output",
                               data,
                               "--",
                               NULL};
    memcpy(words, all, sizeof all);
}

/* Runs the worker under perf. */
static int record(const struct supervisor *supervisor, const struct perf_tool *tool, bool hardware,
                  const char *data, struct worker_page *page, struct worker_outcome *outcome,
                  struct problem *problem) {
    struct supervisor sampler = *supervisor;
    const char *words[RECORD_WORDS];
    record_words(tool, hardware, data, words);
    sampler.prefix = (char *const *)words;
    return supervisor_run(&sampler, page, outcome, problem);
}

/* Samples between two moments of the monotonic clock; all of them where `usage` is NULL. */
static int read_samples(const struct perf_tool *tool, const char *data, const struct worker_usage *usage,
                        const char *own, struct profile_variant *variant) {
    char time[96] = ",";
    if (usage)
        snprintf(time, sizeof time, "%" PRIu64 ".%09" PRIu64 ",%" PRIu64 ".%09" PRIu64,
                 usage->start_ns / 1000000000u, usage->start_ns % 1000000000u, usage->stop_ns / 1000000000u,
                 usage->stop_ns % 1000000000u);
    char *const arguments[] = {(char *)tool->path,
                               "script",
                               "--input",
                               (char *)data,
                               "--time",
                               time,
                               "--fields",
                               "ip,sym,dso,srcline",
                               "--full-source-path",
                               NULL};
    struct child child;
    FILE *stream = child_read(arguments, &child);
    if (!stream)
        return -errno;
    int status = profile_places_of_samples(stream, own, variant);
    child_read_end(stream, &child);
    return status;
}

static void take_samples(const struct perf_tool *tool, const char *data, bool hardware,
                         const struct worker_usage *usage, const char *own, struct profile_variant *variant) {
    int error = read_samples(tool, data, usage, own, variant);
    if (error)
        snprintf(variant->reason, sizeof variant->reason, "perf took no samples%s%s",
                 error == -ENODATA ? "" : ": ", error == -ENODATA ? "" : strerror(-error));
    else
        variant->source = hardware ? SOURCE_HW : SOURCE_SW;
    snprintf(variant->tool, sizeof variant->tool, "perf%.30s: %s", tool->version + 12,
             hardware ? "cycles" : "cpu-clock");
}

int perf_sample(const struct supervisor *supervisor, const struct perf_tool *tool, bool hardware,
                struct worker_page *page, struct profile_variant *variant, struct problem *problem) {
    char data[sizeof supervisor->scratch + 16];
    struct worker_outcome outcome = {0};
    snprintf(data, sizeof data, "%s/perf.data", supervisor->scratch);
    int status = record(supervisor, tool, hardware, data, page, &outcome, problem);
    if (status == 0 &&
        (outcome.end == WORKER_INTERRUPTED || (supervisor->interrupted && *supervisor->interrupted)))
        status = problem_set(problem, EINTR, "interrupted");
    if (status == 0 && outcome.end != WORKER_COMPLETED)
        snprintf(variant->reason, sizeof variant->reason, "under perf: %.300s", outcome.reason);
    else if (status == 0 && (page->report.failure != FAILURE_NONE || page->report.usage.stop_ns == 0))
        snprintf(variant->reason, sizeof variant->reason, "under perf: %.300s",
                 page->report.failure != FAILURE_NONE ? page->report.failure_text : "it was not run");
    else if (status == 0)
        take_samples(tool, data, hardware, &page->report.usage, supervisor->program, variant);
    unlink(data);
    return status;
}

int command_sample_places(struct command_session *session, struct problem *problem) {
    const struct command_profile_request *request = session->request;
    struct profile_variant *variant = session->variant;
    char data[sizeof session->supervisor->scratch + 16];
    const char *words[RECORD_WORDS];
    struct command_run run;
    snprintf(data, sizeof data, "%s/perf.data", session->supervisor->scratch);
    record_words(&session->perf, request->hardware_cycles, data, words);
    char **arguments = command_session_words(session, words);
    if (!arguments)
        return problem_set(problem, ENOMEM, "no memory for a profile");
    int status =
        command_session_run(session, arguments, session->supervisor->limits.stall_s, 0, false, &run, problem);
    free(arguments);
    if (status == 0 && !run.failed[0] && run.execution.status != session->exit_status)
        snprintf(variant->reason, sizeof variant->reason,
                 "under perf it ended with exit status %d, without it with %d", run.execution.status,
                 session->exit_status);
    else if (status == 0 && run.failed[0])
        snprintf(variant->reason, sizeof variant->reason, "under perf it %.300s", run.failed);
    else if (status == 0) {
        take_samples(&session->perf, data, request->hardware_cycles, NULL, "", variant);
        profile_note(variant, "it and all processes that it started were timed and sampled");
    }
    unlink(data);
    return status;
}
