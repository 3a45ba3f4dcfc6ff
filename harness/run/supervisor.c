#include "run/supervisor.h"

#include "base/child.h"
#include "base/folder.h"
#include "base/nursery.h"
#include "base/option_name.h"
#include "base/plain_text.h"
#include "base/process_stat.h"
#include "base/scratch.h"
#include "host/text_file.h"
#include "run/exchange.h"
#include "run/offspring.h"
#include "run/outcome.h"
#include "run/own_state.h"
#include "run/service.h"
#include "run/tree_memory.h"
#include "run/worker_start.h"
#include "worker/shared_files.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_LEFT 1000
#define POLL_MS 100
#define LEFT_TRIES 20 /* ms */

static void name_filesystem(const char *path, char *name, size_t size) {
    static const struct {
        long magic;
        const char *name;
    } known[] = {{0xef53, "ext4"},          {0x58465342, "xfs"}, {0x9123683e, "btrfs"}, {0x01021994, "tmpfs"},
                 {0x794c7630, "overlayfs"}, {0x6969, "nfs"},     {0x2fc12fc1, "zfs"},   {0xf2f52010, "f2fs"},
                 {0x65735546, "fuse"},      {0x01021997, "9p"},  {0x858458f6, "ramfs"}};
    struct statfs facts;
    name[0] = '\0';
    if (statfs(path, &facts) != 0)
        return;
    snprintf(name, size, "0x%lx", (unsigned long)facts.f_type);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((long)facts.f_type == known[i].magic)
            snprintf(name, size, "%s", known[i].name);
}

int supervisor_open(struct supervisor *supervisor, const char *base, struct problem *problem) {
    int claim = scratch_open(supervisor->scratch, sizeof supervisor->scratch - 64, base, problem);
    if (claim < 0)
        return claim;
    supervisor->claim = claim;
    name_filesystem(supervisor->scratch, supervisor->scratch_filesystem,
                    sizeof supervisor->scratch_filesystem);
    return 0;
}

void supervisor_close(struct supervisor *supervisor) {
    scratch_close(supervisor->scratch, supervisor->claim);
}

static double read_rss_bytes(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)pid);
    FILE *file = fopen(path, "re");
    double pages = 0;
    if (file) {
        if (fscanf(file, "%*s %lf", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return pages * (double)sysconf(_SC_PAGESIZE);
}

/* The worker itself by all that it has in memory; and what it holds together with all that it started. */
static bool takes_too_much(pid_t pid, const struct orphans *orphans, uint64_t limit) {
    pid_t pids[ORPHANS_MOST];
    return read_rss_bytes(pid) > (double)limit ||
           tree_memory(pids, orphans_list(orphans, pids, ORPHANS_MOST), limit, 0) > limit;
}

/* What the nursery is asked to do, and what came of it: in memory that it shares. */
struct watched_worker {
    const struct supervisor *supervisor;
    struct exchange *exchange;
    struct worker_page *page;
    int output;
    const char *call; /* a literal: that could not be made, with `error` */
    int error;
    pid_t pid;
    enum worker_end end;
    struct worker_status status; /* the last that was seen */
    int wait_status;
    double alive_s;
    struct service_set services;
    char left[80];     /* a process that it left, in words */
    char changed[160]; /* what it changed of the nursery */
};

/* Waits for the worker to end by itself; otherwise says why it must be ended. */
static enum worker_end watch(struct watched_worker *work, const struct orphans *orphans,
                             const struct child *child, const volatile sig_atomic_t *told) {
    const struct supervisor *supervisor = work->supervisor;
    struct worker_page *page = work->page;
    uint64_t beat = UINT64_MAX, since = monotonic_ns(), start = since;
    unsigned processes = offspring_system_count();
    for (;;) {
        bool over = child_has_ended(child, POLL_MS);
        exchange_look(work->exchange, page); /* before it may be ended in the middle of a word */
        if (services_have_ended(&page->job, &work->services))
            return WORKER_WITHOUT_SERVER;
        if (over)
            return WORKER_COMPLETED;
        if (*told)
            return WORKER_INTERRUPTED;
        if (offspring_is_flood(work->pid, &processes)) /* before what many processes take together */
            return WORKER_MULTIPLIED;
        if (takes_too_much(work->pid, orphans, supervisor->limits.memory_bytes))
            return WORKER_OUT_OF_MEMORY;
        if (outcome_printed_too_much(work->output))
            return WORKER_PRINTED;
        uint64_t now = monotonic_ns(), beats = atomic_load(&page->status.heartbeat);
        if (supervisor->limits.total_s > 0 && (double)(now - start) > supervisor->limits.total_s * 1e9)
            return WORKER_TIMED_OUT;
        if (beats != beat) {
            beat = beats;
            since = now;
        } else if ((double)(now - since) > supervisor->limits.stall_s * 1e9)
            return WORKER_STALLED;
    }
}

/* What cannot be removed moves aside, so that one arm's leavings end no run; with all the rest it is tried
 * again in the end. */
static int empty_scratch(const char *path) {
    char aside[sizeof((struct worker_job *)0)->scratch + 24];
    for (unsigned i = 0; folder_remove(path) != 0 && i < MOST_LEFT; i++) {
        snprintf(aside, sizeof aside, "%s.left-%u", path, i);
        if (rename(path, aside) == 0)
            break;
    }
    return mkdir(path, 0700) == 0 ? 0 : -errno;
}

/* Why no worker ran at all, as the child said it before it was one, or the loader. */
static int explain_start(const struct supervisor *supervisor, int output, struct problem *problem) {
    char said[512];
    outcome_last_line(output, said, sizeof said);
    return problem_set(problem, ECHILD, "cannot start a worker from %s%s", supervisor->program,
                       said[0] ? said : "; it said nothing");
}

/* One that was told to end by its parent's end (PR_SET_PDEATHSIG) may still be on its way out. */
static void name_left(const struct orphans *orphans, pid_t worker, char *text, size_t size) {
    pid_t pids[ORPHANS_MOST];
    for (int tries = 0; tries < LEFT_TRIES; tries++) {
        size_t count = orphans_list(orphans, pids, ORPHANS_MOST);
        text[0] = '\0';
        for (size_t i = 0; i < count && !text[0]; i++) {
            char path[64], name[32];
            struct process_stat stat;
            snprintf(path, sizeof path, "/proc/%ld/stat", (long)pids[i]);
            if (pids[i] == worker || process_stat_read(path, &stat) || strchr("ZX", stat.state))
                continue;
            snprintf(path, sizeof path, "/proc/%ld/comm", (long)pids[i]);
            text_file_line(path, name, sizeof name);
            plain_text(name);
            snprintf(text, size, "left a process running when it ended (%s)", name);
        }
        if (!text[0])
            return;
        usleep(1000);
    }
}

/*
 * In the nursery, the worker's parent: what loses its parent there comes to it, and ends with it, however
 * this program ends.
 */
static int start_and_watch(struct watched_worker *work, const volatile sig_atomic_t *told) {
    struct orphans orphans; /* servers are none */
    struct own_state own;
    own_state_read(&own);
    orphans_adopt(&orphans);
    struct child child;
    const char *call;
    pid_t pid = child_fork(&child, &call);
    if (pid == 0) {
        worker_start(work->supervisor, &work->page->job, work->exchange, work->output);
        _exit(126);
    }
    if (pid < 0) {
        work->call = call;
        work->error = (int)-pid;
        return (int)pid;
    }
    work->pid = pid; /* not by the worker, which has the memory, too */
    work->end = watch(work, &orphans, &child, told);
    work->alive_s = (double)(monotonic_ns() - work->page->job.spawned_ns) / 1e9;
    work->status = work->page->status;
    if (work->end == WORKER_COMPLETED)
        name_left(&orphans, pid, work->left, sizeof work->left);
    int left = orphans_end_child(&orphans, pid, child.pidfd, &work->wait_status, NULL);
    close(child.pidfd);
    shared_files_forget_openmp(pid);
    own_state_restore(&own, work->changed, sizeof work->changed);
    return left;
}

static int watch_worker(void *argument, const volatile sig_atomic_t *told) {
    struct watched_worker *work = argument;
    int status = services_start(work->supervisor, &work->page->job, &work->services, told);
    work->end = status == -EINTR ? WORKER_INTERRUPTED : WORKER_WITHOUT_SERVER;
    status = status ? 0 : start_and_watch(work, told);
    services_stop(&work->services);
    return status;
}

__attribute__((format(printf, 2, 3))) static void accuse(struct worker_outcome *outcome, const char *format,
                                                         ...) {
    va_list arguments;
    va_start(arguments, format);
    outcome->end = WORKER_CRASHED;
    outcome->arm = -1;
    vsnprintf(outcome->reason, sizeof outcome->reason, format, arguments);
    va_end(arguments);
}

/* No process of the worker is left, so that nothing changes any more. */
static int conclude(const struct watched_worker *work, struct worker_outcome *outcome,
                    struct problem *problem) {
    const struct supervisor *supervisor = work->supervisor;
    struct worker_page *page = work->page;
    char wrong[RESULT_REASON] = "";
    page->status = work->status;
    memcpy(page->services, work->services.used, sizeof page->services);
    if (work->end == WORKER_WITHOUT_SERVER) {
        *outcome = (struct worker_outcome){.phase = atomic_load(&page->status.phase)};
        accuse(outcome, "%s", work->services.reason);
        outcome->end = WORKER_WITHOUT_SERVER;
        return 0;
    }
    bool own = work->end == WORKER_COMPLETED && exchange_is_complete(work->exchange);
    if (own)
        own = exchange_take(work->exchange, page, work->alive_s, wrong, sizeof wrong) == 0;
    else if (work->end == WORKER_COMPLETED && WIFEXITED(work->wait_status) &&
             WEXITSTATUS(work->wait_status) != 0 && !supervisor->prefix &&
             atomic_load(&page->status.phase) == PHASE_START)
        return explain_start(supervisor, work->output, problem);
    outcome_explain(supervisor, page, work->end, work->wait_status, work->output, outcome);
    if (wrong[0])
        accuse(outcome, "%s", wrong);
    else if (own && work->left[0] && !page->report.repeat) /* else the worker knows which arm it was */
        accuse(outcome, "%s", work->left);
    if (work->changed[0])
        accuse(outcome, "changed countersign itself: %s", work->changed);
    return 0;
}

static int refuse_start(int error, const char *call, struct problem *problem) {
    return problem_set(
        problem, error, "cannot start a worker: %s: %s%s", call, strerror(error),
        error == ENOSYS || error == EPERM ? "; the sandbox or container refuses that call: run "
                                            "outside it, or allow it"
        : error == EAGAIN ? "; the limit on processes is met (ulimit -u, pids.max of the cgroup)"
                          : "");
}

/* Of this process too, which is the nursery's parent, limits can be changed; so they are looked at. */
static int watch_in_nursery(struct watched_worker *work, struct worker_outcome *outcome,
                            struct problem *problem) {
    struct nursery nursery;
    struct own_state own;
    char changed[160];
    own_state_read(&own);
    int opened = nursery_open(&nursery);
    if (opened)
        return refuse_start(-opened, opened == -ENOSYS ? "pidfd_open" : "fork", problem);
    int status = nursery_call(&nursery, watch_worker, work, INFINITY, work->supervisor->interrupted);
    bool killed = status == -EPIPE;
    nursery_close(&nursery);
    if (work->error)
        return refuse_start(work->error, work->call, problem);
    if (status && !killed)
        return problem_set(problem, EBUSY, "process %ld, or one that it started, does not end: %s",
                           (long)work->pid, strerror(-status));
    status = killed ? 0 : conclude(work, outcome, problem);
    if (killed) {
        *outcome = (struct worker_outcome){.phase = PHASE_UNKNOWN};
        accuse(outcome, "killed the process that watches it");
    }
    if (own_state_restore(&own, changed, sizeof changed))
        accuse(outcome, "changed countersign itself: %s", changed);
    return status;
}

static int run_worker(struct supervisor *supervisor, struct exchange *exchange, struct worker_page *page,
                      int output, struct worker_outcome *outcome, struct problem *problem) {
    struct watched_worker *work = nursery_share(sizeof *work);
    if (!work)
        return refuse_start(ENOMEM, "mmap", problem);
    *work = (struct watched_worker){
        .supervisor = supervisor, .exchange = exchange, .page = page, .output = output};
    /* Closes the memory, environment and files in /proc of both to what runs as the same user. */
    int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    int status = watch_in_nursery(work, outcome, problem);
    prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
    nursery_unshare(work, sizeof *work);
    return status;
}

int supervisor_run(struct supervisor *supervisor, struct worker_page *page, struct worker_outcome *outcome,
                   struct problem *problem) {
    int length = snprintf(page->job.scratch, sizeof page->job.scratch, "%s/worker", supervisor->scratch);
    if (length >= (int)sizeof page->job.scratch)
        return problem_set(problem, ENAMETOOLONG, "scratch folder %s: the name is too long",
                           supervisor->scratch);
    int made = empty_scratch(page->job.scratch);
    if (made)
        return problem_set(problem, -made,
                           "cannot make %s: %s; free some space, or name another folder with %s",
                           page->job.scratch, strerror(-made), option_name(SETTING_SCRATCH));
    claim_renew(supervisor->claim);
    made = services_make_folders(supervisor, &page->job, problem);
    if (made) {
        services_remove_folders(supervisor, &page->job);
        return made;
    }
    page->job.spawned_ns = monotonic_ns();
    struct exchange exchange;
    int status = exchange_open(&exchange, page);
    int output = status ? -1 : memfd_create("countersign-output", MFD_CLOEXEC);
    if (status == 0 && output < 0)
        status = -errno;
    if (status)
        problem_set(problem, -status, "cannot start a worker: memory for what passes to it: %s",
                    strerror(-status));
    else
        status = run_worker(supervisor, &exchange, page, output, outcome, problem);
    if (output >= 0)
        close(output);
    exchange_close(&exchange);
    services_remove_folders(supervisor, &page->job);
    empty_scratch(page->job.scratch);
    return status;
}
