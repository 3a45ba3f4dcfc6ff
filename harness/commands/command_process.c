#include "commands/command_process.h"

#include "base/orphans.h"
#include "base/soft_limit.h"
#include "counters/call_trace.h"
#include "counters/perf_events.h"
#include "run/tree_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 50.0
#define COMPANION_MS 1000.0
#define MEMORY_POLL_MS 10.0 /* tens of MiB may be taken meanwhile */

/* Written by the child before exec; shared, because a copy of the caller's memory would not be seen. */
struct launch {
    uint64_t start;   /* ticks */
    uint64_t floor;   /* bytes that the child had in memory before exec */
    char queued[128]; /* schedstat then: what the child waited for a CPU so far is no part of the command */
    int error;        /* errno of what failed; 0 after exec */
    const char *what; /* failed: a constant of this program */
    struct call_trace *trace; /* NULL: it is not traced */
};

struct group {
    int descriptor[COUNTER_EVENTS];
    enum counter_event event[COUNTER_EVENTS];
    size_t count;
};

static void group_close(struct group *group) {
    while (group->count > 0)
        close(group->descriptor[--group->count]);
}

/*
 * Opened on the caller, switched on by exec: what is inherited by the child starts there, and adds its counts
 * to the caller's event when it ends, together with its descendants'.
 */
static int group_open(const struct counter_plan *plan, unsigned set, struct group *group,
                      struct problem *problem) {
    *group = (struct group){.count = 0};
    for (int event = 0; plan && event < COUNTER_EVENTS; event++) {
        const struct counter_plan_entry *entry = &plan->entries[event];
        struct perf_event_attr attribute;
        if (entry->source != SOURCE_HW_GENERIC || entry->set != set)
            continue;
        int status = perf_event_encode(entry->native, true, &attribute);
        if (status == 0) {
            perf_event_direct(&attribute, plan->pmu_type);
            attribute.enable_on_exec = group->count == 0;
            status = perf_event_descriptor(&attribute, 0, group->count ? group->descriptor[0] : -1);
        }
        if (status < 0) {
            group_close(group);
            return problem_set(problem, -status, "%s cannot be counted for a command: %s", entry->native,
                               strerror(-status));
        }
        group->event[group->count] = (enum counter_event)event;
        group->descriptor[group->count++] = status;
    }
    return 0;
}

/* An event that had to share its counter is left out, not scaled. */
static void group_read(const struct group *group, double *counters) {
    for (size_t i = 0; i < group->count; i++) {
        struct perf_value value;
        if (perf_event_read(group->descriptor[i], &value) == 0 && value.enabled == value.running &&
            value.running > 0)
            counters[group->event[i]] = (double)value.count;
    }
}

static int redirect(int from, const char *path, int flags, int to) {
    int fd = from >= 0 ? from : open(path, flags);
    return fd < 0 || dup2(fd, to) < 0 ? -1 : 0;
}

static uint64_t peak_memory(const struct rusage *usage) {
    return (uint64_t)usage->ru_maxrss * 1024;
}

/* schedstat, see proc(5); as text, since the child that reads it calls the system alone. */
static void read_schedule(int file, char *text, size_t size) {
    ssize_t got = file >= 0 ? pread(file, text, size - 1, 0) : 0;
    text[got > 0 ? got : 0] = '\0';
}

/* Its second field. */
static double queued_ns(const char *schedule) {
    unsigned long long ran, queued;
    return sscanf(schedule, "%llu %llu", &ran, &queued) == 2 ? (double)queued : NAN;
}

static void note_schedule(struct launch *launch) {
    int file = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
    read_schedule(file, launch->queued, sizeof launch->queued);
    if (file >= 0)
        close(file);
}

/* In the child, which may share the caller's memory: system calls alone, and writes to `launch` alone. */
static void become_command(const struct execution_request *request, struct launch *launch) {
    struct rusage usage;
    static const int ignored[] = {SIGPIPE, SIGXFSZ}; /* by the program; a command must not inherit that */
    setsid(); /* no terminal: nothing can be typed into it, and no key reaches the command */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_DFL);
    launch->what = request->input ? request->input : "/dev/null";
    bool open = redirect(-1, launch->what, O_RDONLY, 0) == 0;
    if (open) {
        launch->what = "standard output";
        open = redirect(request->output, "/dev/null", O_WRONLY, 1) == 0 &&
               redirect(request->errors, "/dev/null", O_WRONLY, 2) == 0;
    }
    if (open) {
        launch->what = request->directory;
        open = !request->directory || chdir(request->directory) == 0;
    }
    if (open) {
        launch->what = "limits or processing units";
        open = soft_limit(RLIMIT_CORE, 1) == 0 &&
               (!request->file_bytes || soft_limit(RLIMIT_FSIZE, request->file_bytes) == 0) &&
               (!request->cpus || sched_setaffinity(0, sizeof *request->cpus, request->cpus) == 0);
    }
    if (open) {
        launch->what = request->arguments[0];
        close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
        getrusage(RUSAGE_SELF, &usage);
        launch->floor = peak_memory(&usage);
        if (request->told_queued)
            note_schedule(launch);
        launch->start = sample_clock_now(request->clock);
        execvpe(request->arguments[0], request->arguments, request->environment);
    }
    launch->error = errno;
}

/* vfork: the caller sleeps until exec, and nothing is copied that exec would have to throw away again. */
__attribute__((noinline)) static pid_t launch_command(const struct execution_request *request,
                                                      struct launch *launch) {
    pid_t pid = request->own_memory || launch->trace ? fork() : vfork();
    if (pid == 0) {
        if (launch->trace)
            call_trace_child(launch->trace);
        become_command(request, launch);
        _exit(127);
    }
    return pid;
}

/* Its output has a limit of its own. */
static bool takes_too_much(const struct execution_request *request, const struct orphans *orphans) {
    pid_t pids[ORPHANS_MOST];
    struct stat output = {.st_ino = 0};
    if (request->output >= 0)
        fstat(request->output, &output);
    size_t count = orphans_list(orphans, pids, ORPHANS_MOST);
    return tree_memory(pids, count, request->memory_bytes, output.st_ino) > request->memory_bytes;
}

/* Until the process has ended, or must be ended. */
static enum execution_end watch(const struct execution_request *request, const struct orphans *orphans,
                                int pidfd) {
    uint64_t start = monotonic_ns();
    double limit_ms = request->time_s * 1e3;
    struct pollfd ended[2] = {{.fd = pidfd, .events = POLLIN},
                              {.fd = request->companion ? request->companion : -1, .events = POLLIN}};
    /* In slices: a signal may come just before the wait begins, and would not end it. */
    double slice_ms = request->memory_bytes ? MEMORY_POLL_MS : POLL_MS;
    for (;;) {
        double left_ms = limit_ms - (double)(monotonic_ns() - start) * 1e-6;
        int ready = poll(ended, 2, left_ms > 0 ? (int)fmin(ceil(left_ms), slice_ms) : 0);
        if (ready > 0 && ended[0].revents)
            return EXECUTION_EXITED;
        if (ready > 0 && ended[1].revents) {
            limit_ms -= fmax(0, left_ms - COMPANION_MS);
            ended[1].fd = -1;
        }
        if (request->interrupted && *request->interrupted)
            return EXECUTION_INTERRUPTED;
        if (request->memory_bytes && takes_too_much(request, orphans))
            return EXECUTION_OUT_OF_MEMORY;
        if (ready == 0 && left_ms <= 0)
            return EXECUTION_TIMED_OUT;
    }
}

/* What a zombie still tells of itself. Opened while the process lives: a zombie's files are root's. */
struct told {
    int transfers, schedule;
};

static int open_told(pid_t pid, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static void close_told(const struct told *told) {
    if (told->transfers >= 0)
        close(told->transfers);
    if (told->schedule >= 0)
        close(told->schedule);
}

static void read_transfers(int file, double *counters) {
    static const struct {
        const char *key;
        enum counter_event event;
    } keys[] = {{"rchar: ", COUNTER_READ_BYTES},
                {"wchar: ", COUNTER_WRITE_BYTES},
                {"syscr: ", COUNTER_READ_CALLS},
                {"syscw: ", COUNTER_WRITE_CALLS}};
    char text[512];
    ssize_t size = file >= 0 ? pread(file, text, sizeof text - 1, 0) : 0;
    text[size > 0 ? size : 0] = '\0';
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *line = strstr(text, keys[i].key);
        if (line)
            counters[keys[i].event] = strtod(line + strlen(keys[i].key), NULL);
    }
}

static double nanoseconds(const struct timeval *time) {
    return (double)time->tv_sec * 1e9 + (double)time->tv_usec * 1e3;
}

static void take_usage(const struct rusage *usage, double *counters) {
    counters[COUNTER_USER_TIME] = nanoseconds(&usage->ru_utime);
    counters[COUNTER_SYSTEM_TIME] = nanoseconds(&usage->ru_stime);
    counters[COUNTER_TASK_CLOCK] = nanoseconds(&usage->ru_utime) + nanoseconds(&usage->ru_stime);
    counters[COUNTER_PAGE_FAULTS] = (double)(usage->ru_minflt + usage->ru_majflt);
    counters[COUNTER_MAJOR_FAULTS] = (double)usage->ru_majflt;
    counters[COUNTER_CONTEXT_SWITCHES] = (double)(usage->ru_nvcsw + usage->ru_nivcsw);
}

static int explain_launch(const struct execution_request *request, const struct launch *launch,
                          struct problem *problem) {
    if (launch->what == request->arguments[0])
        return problem_set(problem, launch->error, "%s cannot be run: %s", launch->what,
                           strerror(launch->error));
    return problem_set(problem, launch->error, "cannot start %s: %s: %s", request->arguments[0], launch->what,
                       strerror(launch->error));
}

static int explain_end(const struct execution_request *request, pid_t pid, int status,
                       struct problem *problem) {
    return problem_set(problem, EBUSY, "%s cannot be ended, process %ld or one that it started: %s",
                       request->arguments[0], (long)pid,
                       status == -EPERM       ? "it took on the rights of another user"
                       : status == -ETIMEDOUT ? "it does not die, as one that waits for a device or a server"
                                              : strerror(-status));
}

/* A daemon leaves its parent's group by and by: until what was left behind stays the same for a moment. */
static void let_daemons_leave(const struct orphans *orphans) {
    pid_t before[ORPHANS_MOST], now[ORPHANS_MOST];
    size_t count = orphans_list(orphans, before, ORPHANS_MOST), same = 0;
    for (int tries = 0; tries < 40 && same < 4; tries++) {
        usleep(25000);
        size_t found = orphans_list(orphans, now, ORPHANS_MOST);
        same = found == count && !memcmp(now, before, found * sizeof *now) ? same + 1 : 0;
        memcpy(before, now, found * sizeof *now);
        count = found;
    }
}

static int follow(const struct execution_request *request, const struct launch *launch,
                  const struct orphans *orphans, pid_t pid, int pidfd, const struct told *told,
                  struct execution *execution, struct problem *problem) {
    struct rusage usage;
    int status = 0;
    execution->end = watch(request, orphans, pidfd);
    uint64_t stop = sample_clock_now(request->clock);
    read_transfers(told->transfers, execution->counters); /* a zombie's, unless it must be ended */
    char schedule[sizeof launch->queued];
    read_schedule(told->schedule, schedule, sizeof schedule);
    execution->queued_ns = queued_ns(schedule) - queued_ns(launch->queued);
    if (request->leaves_daemons && execution->end == EXECUTION_EXITED)
        let_daemons_leave(orphans);
    int failed = orphans_end_child(request->leaves_daemons ? NULL : orphans, pid, pidfd, &status, &usage);
    if (failed)
        return explain_end(request, pid, failed, problem);
    if (launch->error)
        return explain_launch(request, launch, problem);
    execution->ticks = stop - launch->start;
    take_usage(&usage, execution->counters);
    execution->voluntary_switches = (double)usage.ru_nvcsw;
    /*
     * Without memory of its own, the floor is all that the caller ever had; and the kernel counts in batches.
     */
    bool known = request->own_memory && (double)peak_memory(&usage) > 1.1 * (double)launch->floor;
    execution->peak_rss_bytes = known ? (double)peak_memory(&usage) : NAN;
    if (execution->end == EXECUTION_EXITED && WIFSIGNALED(status))
        execution->end = EXECUTION_SIGNALED;
    execution->status = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    return 0;
}

static int launch_and_follow(const struct execution_request *request, struct launch *launch,
                             struct execution *execution, struct problem *problem) {
    struct orphans orphans;
    orphans_adopt(&orphans);
    pid_t pid = launch_command(request, launch);
    if (pid < 0)
        return problem_set(problem, errno, "cannot start a process: %s%s", strerror(errno),
                           errno == EAGAIN ? "; raise the limit on processes (ulimit -u)" : "");
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0) {
        int error = errno;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return problem_set(problem, error, "cannot follow a process: pidfd_open: %s", strerror(error));
    }
    const struct told told = {open_told(pid, "io"), request->told_queued ? open_told(pid, "schedstat") : -1};
    int status = follow(request, launch, &orphans, pid, pidfd, &told, execution, problem);
    close_told(&told);
    close(pidfd);
    return status;
}

static void take_calls(struct call_trace *trace, struct execution *execution) {
    uint64_t calls;
    if (call_trace_result(trace, &calls, &execution->untraced) == 0)
        execution->counters[COUNTER_SYSTEM_CALLS] = (double)calls;
}

int execution_run(const struct execution_request *request, struct execution *execution,
                  struct problem *problem) {
    struct group group;
    *execution = (struct execution){.peak_rss_bytes = NAN, .voluntary_switches = NAN, .queued_ns = NAN};
    for (int event = 0; event < COUNTER_EVENTS; event++)
        execution->counters[event] = NAN;
    struct launch *launch =
        mmap(NULL, sizeof *launch, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (launch == MAP_FAILED)
        return problem_set(problem, errno, "no memory to start a process");
    if (request->traced && !(launch->trace = call_trace_share()))
        problem_set(&execution->untraced, ENOMEM, "no memory to trace system calls");
    int status = group_open(request->plan, request->set, &group, problem);
    if (status == 0) {
        status = launch_and_follow(request, launch, execution, problem);
        if (status == 0)
            group_read(&group, execution->counters);
        group_close(&group);
    }
    if (launch->trace)
        take_calls(launch->trace, execution);
    munmap(launch, sizeof *launch);
    return status;
}
