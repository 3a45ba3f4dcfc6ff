/* Links of the replicates until the next look, made side by side. */
#include "measure/runner_point.h"

#include "run/seats.h"
#include "stats/sequential.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* That a linker may take; it takes some milliseconds. */
#define LINK_SECONDS 60
/* Of replicates, made at once at the most: an interruption, or a candidate that fails, wastes no more. */
#define LINKS_AHEAD 16
/* Linkers begun at once beside a description, for each of those that run side by side: what waits leaves no CPU idle. */
#define BEGUN_A_SEAT 3

/* The number of replicates whose links are made together with those of `first`, and of all before. */
static size_t end_of_look(const struct run_settings *settings, size_t first) {
    size_t end = first;
    do
        end++;
    while (
        end < settings->replicates && end - first < LINKS_AHEAD &&
        !(run_is_sequential(settings) && sequential_is_look((unsigned)settings->replicates, (unsigned)end)));
    return end;
}

static unsigned side_by_side(const struct supervisor *supervisor, const struct run_settings *settings) {
    return seats_count(supervisor, settings->cpus[0] ? settings->cpus : NULL);
}

void runner_anticipate(const struct runner_options *options, struct supervisor *supervisor,
                       const char *module) {
    const struct run_settings *settings = &options->settings;
    const struct command_limits limits = {LINK_SECONDS, supervisor->interrupted};
    struct links_ahead *ahead = options->ahead;
    struct point_job first = {.options = options};
    struct problem problem;
    if (!ahead || ahead->links || strcmp(settings->layout, "random") != 0 ||
        snprintf(ahead->module, sizeof ahead->module, "%s", module) >= (int)sizeof ahead->module ||
        module_links_open(&ahead->links, module, 0, link_table_seed(settings), supervisor->scratch,
                          supervisor->program, &problem) ||
        !ahead->links)
        return;
    first.links = ahead->links;
    int status = runner_draw_order(&first, &problem);
    size_t most = (size_t)BEGUN_A_SEAT * side_by_side(supervisor, settings);
    size_t count = end_of_look(settings, 0) + settings->placebo;
    for (size_t i = 0; i < count && i < most && status == 0; i++)
        status = links_begin(ahead->links, first.order[i], &limits, &problem);
    free(first.order);
}

/* Side by side, where nothing is timed. */
static int make_ahead(struct point_job *job, size_t first, struct problem *problem) {
    const struct run_settings *settings = &job->options->settings;
    const struct command_limits limits = {LINK_SECONDS, job->supervisor->interrupted};
    unsigned seats = side_by_side(job->supervisor, settings);
    uint64_t start = monotonic_ns();
    size_t end = end_of_look(settings, first);
    int status = 0;
    size_t begun = first, last = end + settings->placebo;
    for (size_t replicate = first; replicate < last && status == 0; replicate++) {
        for (; begun < last && begun < replicate + seats && status == 0; begun++)
            status = links_begin(job->links, job->order[begun], &limits, problem);
        const char *path;
        if (status == 0)
            status = links_make(job->links, job->order[replicate], &limits, &path, problem);
    }
    double elapsed_s = (double)(monotonic_ns() - start) / 1e9;
    job->linked = end;
    job->linking_s += elapsed_s;
    job->link_s = elapsed_s / (double)(end - first);
    return status;
}

static int set_path(char *to, size_t size, const char *path, struct problem *problem) {
    return snprintf(to, size, "%s", path) < (int)size
               ? 0
               : problem_set(problem, ENAMETOOLONG, "%s: the path is too long", path);
}

/*
 * The placebo comes from another link than the baseline, the next replicate's: what placement does to one
 * function is part of the floor. Where there is but the module itself it is a copy of the same file.
 */
int runner_choose_modules(struct point_job *job, size_t replicate, struct worker_job *worker,
                          struct problem *problem) {
    const struct command_limits limits = {LINK_SECONDS, job->supervisor->interrupted};
    const char *path = job->plan_case->module.path;
    if (!job->links)
        return set_path(worker->module, sizeof worker->module, path, problem);
    int status = replicate < job->linked ? 0 : make_ahead(job, replicate, problem);
    if (status == 0)
        status = links_make(job->links, job->order[replicate], &limits, &path, problem);
    if (status == 0)
        status = set_path(worker->module, sizeof worker->module, path, problem);
    if (status == 0 && job->options->settings.placebo)
        status = links_make(job->links, job->order[replicate + 1], &limits, &path, problem);
    if (status == 0 && job->options->settings.placebo)
        status = set_path(worker->placebo, sizeof worker->placebo, path, problem);
    return status;
}
