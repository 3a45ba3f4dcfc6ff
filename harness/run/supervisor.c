#include "run/supervisor.h"

#include "base/folder.h"
#include "base/orphans.h"
#include "base/scratch.h"
#include "run/exchange.h"
#include "run/offspring.h"
#include "run/outcome.h"
#include "run/own_state.h"
#include "run/tree_memory.h"
#include "run/worker_start.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_LEFT 1000
#define POLL_MS 100

static void name_filesystem(const char *path, char *name, size_t size) {
    static const struct {
        long magic;
        const char *name;
    } known[] = {{0xef53, "ext4"},          {0x58465342, "xfs"}, {0x9123683e, "btrfs"}, {0x01021994, "tmpfs"},
                 {0x794c7630, "overlayfs"}, {0x6969, "nfs"},     {0x2fc12fc1, "zfs"},   {0xf2f52010, "f2fs"},
                 {0x65735546, "fuse"},      {0x01021997, "9p"}};
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

/* Waits for the worker to end by itself; otherwise says why it must be ended. */
static enum worker_end watch(const struct supervisor *supervisor, struct exchange *exchange,
                             struct worker_page *page, const struct orphans *orphans, pid_t pid, int pidfd,
                             int output) {
    uint64_t beat = UINT64_MAX, since = monotonic_ns(), start = since;
    unsigned processes = offspring_system_count();
    for (;;) {
        struct pollfd ended = {.fd = pidfd, .events = POLLIN};
        bool over = poll(&ended, 1, POLL_MS) > 0;
        exchange_look(exchange, page); /* before it may be ended in the middle of a word */
        if (over)
            return WORKER_COMPLETED;
        if (supervisor->interrupted && *supervisor->interrupted)
            return WORKER_INTERRUPTED;
        if (offspring_is_flood(pid, processes)) /* before what many processes take together */
            return WORKER_MULTIPLIED;
        if (takes_too_much(pid, orphans, supervisor->limits.memory_bytes))
            return WORKER_OUT_OF_MEMORY;
        if (outcome_printed_too_much(output))
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

/* No process of the worker is left, so that nothing changes any more. */
static int conclude(const struct supervisor *supervisor, struct exchange *exchange, struct worker_page *page,
                    enum worker_end end, int wait_status, double alive_s, int output,
                    struct worker_outcome *outcome, struct problem *problem) {
    char wrong[RESULT_REASON] = "";
    bool own = end == WORKER_COMPLETED && exchange_is_complete(exchange);
    if (own)
        own = exchange_take(exchange, page, alive_s, wrong, sizeof wrong) == 0;
    else if (end == WORKER_COMPLETED && WIFEXITED(wait_status) && WEXITSTATUS(wait_status) != 0 &&
             !supervisor->prefix && atomic_load(&page->status.phase) == PHASE_START)
        return explain_start(supervisor, output, problem);
    outcome_explain(supervisor, page, end, wait_status, output, outcome);
    if (wrong[0]) {
        outcome->end = WORKER_CRASHED;
        outcome->arm = -1;
        snprintf(outcome->reason, sizeof outcome->reason, "%s", wrong);
    }
    return 0;
}

/* What can be seen of it from here changes the limits of this process; so they are looked at, too. */
static void restore_own_state(const struct own_state *before, struct worker_outcome *outcome) {
    char changed[160];
    if (!own_state_restore(before, changed, sizeof changed))
        return;
    outcome->end = WORKER_CRASHED;
    outcome->arm = -1;
    snprintf(outcome->reason, sizeof outcome->reason, "changed countersign itself: %s", changed);
}

static int refuse_start(int error, const char *call, struct problem *problem) {
    return problem_set(
        problem, error, "cannot start a worker: %s: %s%s", call, strerror(error),
        error == ENOSYS || error == EPERM ? "; the sandbox or container refuses that call: run "
                                            "outside it, or allow it"
        : error == EAGAIN ? "; the limit on processes is met (ulimit -u, pids.max of the cgroup)"
                          : "");
}

static int run_worker(struct supervisor *supervisor, struct exchange *exchange, struct worker_page *page,
                      int output, struct worker_outcome *outcome, struct problem *problem) {
    struct orphans orphans;
    struct own_state own;
    own_state_read(&own);
    /* Closes this process's memory, environment and files in /proc to what runs as the same user. */
    int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    orphans_adopt(&orphans);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        worker_start(supervisor, &page->job, exchange, parent, output);
        _exit(126);
    }
    int error = errno, pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (pidfd < 0) {
        error = pid > 0 ? errno : error;
        if (pid > 0) {
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
        }
        orphans_end(&orphans);
        prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
        return refuse_start(error, pid > 0 ? "pidfd_open" : "fork", problem);
    }
    enum worker_end end = watch(supervisor, exchange, page, &orphans, pid, pidfd, output);
    double alive_s = (double)(monotonic_ns() - page->job.spawned_ns) / 1e9;
    int wait_status = 0, left = orphans_end_child(&orphans, pid, pidfd, &wait_status, NULL);
    close(pidfd);
    prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
    if (left)
        return problem_set(problem, EBUSY, "process %ld, or one that it started, does not end: %s", (long)pid,
                           strerror(-left));
    int status = conclude(supervisor, exchange, page, end, wait_status, alive_s, output, outcome, problem);
    restore_own_state(&own, outcome);
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
                           "cannot make %s: %s; free some space, or name another folder with --scratch",
                           page->job.scratch, strerror(-made));
    claim_renew(supervisor->claim);
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
    empty_scratch(page->job.scratch);
    return status;
}
