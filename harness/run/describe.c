#include "run/service.h"
#include "run/supervisor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int supervisor_describe(struct supervisor *supervisor, const char *path,
                        struct module_description *description, struct problem *problem) {
    struct worker_page *page = worker_page_new(0, 0);
    if (!page)
        return problem_set(problem, errno, "no memory for a worker: %s", strerror(errno));
    page->job.mode = WORKER_DESCRIBE;
    page->job.threads = 1;
    if (snprintf(page->job.module, sizeof page->job.module, "%s", path) >= (int)sizeof page->job.module) {
        worker_page_free(page);
        return problem_set(problem, ENAMETOOLONG, "%s: the path is too long", path);
    }
    struct worker_outcome outcome = {0};
    int status = supervisor_run(supervisor, page, &outcome, problem);
    if (status == 0 && outcome.end == WORKER_INTERRUPTED)
        status = problem_set(problem, EINTR, "interrupted");
    else if (status == 0 && outcome.end != WORKER_COMPLETED)
        status = problem_set(problem, ELIBBAD, "%s: %s", path, outcome.reason);
    else if (status == 0 && page->report.failure != FAILURE_NONE)
        status = problem_set(problem, page->report.error, "%s", page->report.failure_text);
    if (status == 0) {
        *description = page->report.description;
        services_find(description);
    }
    worker_page_free(page);
    return status;
}
