#include "counters/call_trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_THREADS 1024
#define MOST_CALLS 200000 /* some seconds: a worker that is silent for long counts as hung */

/* Arguments of getppid(2), which takes none: how the traced thread speaks to its tracer. */
#define MARK 0x63730001u
enum mark { MARK_RESUME = 1, MARK_PAUSE, MARK_END };

/* A thread that was there when tracing began; of a traced child, each that lives. */
struct seized {
    pid_t thread; /* 0: none */
    bool stopped; /* once; of a traced child's: by the SIGSTOP that each begins with, ptrace(2) */
    long
        interrupted; /* number of the call that it was in, which it begins anew: not another call; -1: none */
};

/*
 * Shared with the tracer, which has no memory beside it: a thread that holds malloc's locks does not exist there, and
 * so never lets go of them.
 */
struct call_trace {
    _Atomic bool allowed; /* by the traced process, to trace it */
    _Atomic bool ready;   /* all threads are traced */
    _Atomic bool ended;   /* calls are all that were made */
    _Atomic bool too_many;
    _Atomic int error; /* errno of what failed in the tracer */
    const char *what;  /* failed: a constant of this program */
    const char *unit;  /* that calls are counted in: "a sample" */
    uint64_t calls;
    pid_t tracer, traced;
    /* The tracer's own. */
    struct seized seized[MOST_THREADS];
    size_t count;
    uint64_t seen; /* calls, counted or not */
    bool counting;
};

static bool fail(struct call_trace *trace, const char *what) {
    trace->what = what;
    atomic_store(&trace->error, errno ? errno : EIO);
    return false;
}

static struct call_trace *share(const char *unit) {
    struct call_trace *trace =
        mmap(NULL, sizeof *trace, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (trace == MAP_FAILED)
        return NULL;
    trace->unit = unit;
    return trace;
}

static struct seized *find_seized(struct call_trace *trace, pid_t thread) {
    for (size_t i = 0; i < trace->count; i++)
        if (trace->seized[i].thread == thread)
            return &trace->seized[i];
    return NULL;
}

/* "202 0x7f…" of a thread that waits in a call; "running", or "-1 …" of one that is in none. */
static long read_current_call(pid_t process, pid_t thread) {
    char text[64] = "";
    snprintf(text, sizeof text, "/proc/%ld/task/%ld/syscall", (long)process, (long)thread);
    int file = open(text, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : read(file, text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    if (file >= 0)
        close(file);
    char *end;
    long number = strtol(text, &end, 10);
    return end == text ? -1 : number;
}

#define TRACE_OPTIONS                                                                                        \
    (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |                \
     PTRACE_O_TRACEEXEC)

static bool seize(struct call_trace *trace, pid_t thread) {
    if (trace->count == MOST_THREADS) {
        errno = E2BIG;
        return false;
    }
    if (ptrace(PTRACE_SEIZE, thread, NULL, TRACE_OPTIONS) != 0)
        return errno == ESRCH; /* has ended */
    trace->seized[trace->count++] = (struct seized){.thread = thread, .interrupted = -1};
    return true;
}

/* Seizes the threads that are not yet. Returns how many those were; -1: refused. */
static int seize_new(struct call_trace *trace) {
    char list[4096];
    size_t before = trace->count;
    snprintf(list, sizeof list, "/proc/%ld/task", (long)trace->traced);
    int folder = open(list, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -1;
    bool good = true;
    for (long length; good && (length = syscall(SYS_getdents64, folder, list, sizeof list)) > 0;)
        for (long at = 0; good && at < length;) {
            const struct dirent64 *entry = (const struct dirent64 *)(list + at);
            pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
            if (thread > 0 && !find_seized(trace, thread))
                good = seize(trace, thread);
            at += entry->d_reclen;
        }
    int error = errno;
    close(folder);
    errno = error;
    return good ? (int)(trace->count - before) : -1;
}

/* Until no thread is new: one that is seized starts no other unseen. */
static bool seize_all(struct call_trace *trace) {
    int found;
    do
        found = seize_new(trace);
    while (found > 0);
    if (found < 0)
        return fail(trace, "ptrace(PTRACE_SEIZE)");
    for (size_t i = 0; i < trace->count; i++) {
        struct seized *seized = &trace->seized[i];
        seized->interrupted = read_current_call(trace->traced, seized->thread);
        if (ptrace(PTRACE_INTERRUPT, seized->thread, NULL, NULL) != 0 && errno != ESRCH)
            return fail(trace, "ptrace(PTRACE_INTERRUPT)");
    }
    return true;
}

/* Once every seized thread has stopped, or ended, no call is missed. */
static void note_stop(struct call_trace *trace, pid_t thread) {
    size_t stopped = 0;
    struct seized *seized = find_seized(trace, thread);
    if (!seized || seized->stopped)
        return;
    seized->stopped = true;
    while (stopped < trace->count && trace->seized[stopped].stopped)
        stopped++;
    if (stopped == trace->count)
        atomic_store(&trace->ready, true);
}

static bool is_restart(struct call_trace *trace, pid_t thread, uint64_t number) {
    struct seized *seized = find_seized(trace, thread);
    if (!seized || seized->interrupted < 0)
        return false;
    uint64_t interrupted = (uint64_t)seized->interrupted;
    seized->interrupted = -1;
    return number == interrupted || number == SYS_restart_syscall;
}

static bool take_call(struct call_trace *trace, pid_t thread) {
    struct __ptrace_syscall_info info = {.op = PTRACE_SYSCALL_INFO_NONE};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) <= 0)
        return errno == ESRCH ? true : fail(trace, "ptrace(PTRACE_GET_SYSCALL_INFO), of Linux 5.3,");
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return true;
    bool restart = is_restart(trace, thread, info.entry.nr);
    bool is_mark = thread == trace->traced && info.entry.nr == SYS_getppid && info.entry.args[0] == MARK;
    if (is_mark) {
        trace->counting = info.entry.args[1] == MARK_RESUME;
        atomic_store(&trace->ended, info.entry.args[1] == MARK_END);
    } else if (trace->counting && !restart) {
        trace->calls++;
    }
    atomic_store(&trace->too_many, ++trace->seen > MOST_CALLS && !trace->ended);
    return true;
}

static bool is_stopping(int signal_number) {
    return signal_number == SIGSTOP || signal_number == SIGTSTP || signal_number == SIGTTIN ||
           signal_number == SIGTTOU;
}

/* Looks why a thread stopped, ptrace(2), and lets it go on. */
static bool take_stop(struct call_trace *trace, pid_t thread, int status) {
    int signal_number = WSTOPSIG(status), event = status >> 16;
    bool is_call = signal_number == (SIGTRAP | 0x80);
    if (event == PTRACE_EVENT_STOP && is_stopping(signal_number)) {
        ptrace(PTRACE_LISTEN, thread, NULL, NULL);
        return true;
    }
    if (is_call && !take_call(trace, thread))
        return false;
    long delivered = is_call || event ? 0 : signal_number;
    ptrace(PTRACE_SYSCALL, thread, NULL, (void *)delivered);
    return true;
}

/* In the child. What it traces goes on untraced when it ends. */
static void trace_parent(struct call_trace *trace) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (!atomic_load(&trace->allowed) && getppid() == trace->traced)
        sched_yield();
    bool good = seize_all(trace);
    while (good && !trace->ended && !trace->too_many) {
        int status;
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread > 0)
            note_stop(trace, thread);
        good = thread > 0 ? !WIFSTOPPED(status) || take_stop(trace, thread, status) : errno == EINTR;
    }
    _exit(0);
}

static void mark(enum mark mark) {
    syscall(SYS_getppid, MARK, mark);
}

/* Its end sends no signal, and nobody's wait() takes it: it is a child that only __WALL tells of. */
static pid_t fork_unnoticed(void) {
    return (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);
}

static int explain_end(const struct call_trace *trace, struct problem *problem) {
    int error = atomic_load(&trace->error);
    if (atomic_load(&trace->too_many))
        return problem_set(problem, ETIMEDOUT, "more than %d system calls in %s: so many are not traced",
                           MOST_CALLS, trace->unit);
    if (error)
        return problem_set(problem, error, "%s is refused: %s", trace->what, strerror(error));
    return problem_set(problem, ECANCELED, "the process that traces system calls was killed");
}

/* Whether the tracer has ended; it is gone then. */
static bool has_ended(const struct call_trace *trace) {
    return waitpid(trace->tracer, NULL, __WALL | WNOHANG) != 0;
}

static int wait_until_ready(struct call_trace *trace, struct problem *problem) {
    while (!atomic_load(&trace->ready)) {
        if (has_ended(trace))
            return explain_end(trace, problem);
        poll(NULL, 0, 1);
    }
    return 0;
}

int call_trace_start(struct call_trace **result, struct problem *problem) {
    *result = NULL;
    struct call_trace *trace = share("a sample");
    if (!trace)
        return problem_set(problem, ENOMEM, "no memory to trace system calls");
    trace->traced = getpid();
    trace->tracer = fork_unnoticed();
    if (trace->tracer == 0)
        trace_parent(trace);
    int status = trace->tracer < 0 ? problem_set(problem, errno, "no process to trace system calls with: %s",
                                                 strerror(errno))
                                   : 0;
    if (status == 0) {
        prctl(PR_SET_PTRACER, trace->tracer); /* where Yama asks for it */
        atomic_store(&trace->allowed, true);
        status = wait_until_ready(trace, problem);
    }
    if (status) {
        munmap(trace, sizeof *trace);
        return status;
    }
    *result = trace;
    return 0;
}

void call_trace_resume(struct call_trace *trace) {
    (void)trace;
    mark(MARK_RESUME);
}

void call_trace_pause(struct call_trace *trace) {
    (void)trace;
    mark(MARK_PAUSE);
}

int call_trace_result(struct call_trace *trace, uint64_t *calls, struct problem *problem) {
    int status = atomic_load(&trace->ended) && !atomic_load(&trace->error) && !atomic_load(&trace->too_many)
                     ? 0
                     : explain_end(trace, problem);
    *calls = trace->calls;
    munmap(trace, sizeof *trace);
    return status;
}

int call_trace_stop(struct call_trace *trace, uint64_t *calls, struct problem *problem) {
    mark(MARK_END);
    waitpid(trace->tracer, NULL, __WALL);
    return call_trace_result(trace, calls, problem);
}

struct call_trace *call_trace_share(void) {
    return share("an execution");
}

/* Its place, made where the thread is new; NULL: there is no more room. */
static struct seized *place_of(struct call_trace *trace, pid_t thread) {
    struct seized *place = find_seized(trace, thread);
    if (place)
        return place;
    place = find_seized(trace, 0);
    if (!place && trace->count < MOST_THREADS)
        place = &trace->seized[trace->count++];
    if (place)
        *place = (struct seized){.thread = thread, .interrupted = -1};
    return place;
}

/*
 * A stop of one that descends from the child, which goes on. Unlike one that is seized, it cannot be left stopped by
 * SIGSTOP, ptrace(2). Once calls cannot be counted, everyone who stops is let go.
 */
static void take_child_stop(struct call_trace *trace, pid_t thread, int status) {
    int signal_number = WSTOPSIG(status), event = status >> 16;
    bool is_call = signal_number == (SIGTRAP | 0x80);
    struct seized *place = place_of(trace, thread);
    bool first = place && !place->stopped && signal_number == SIGSTOP;
    if (!place) {
        errno = E2BIG;
        fail(trace, "more than 1024 threads at a time");
    }
    if (first)
        place->stopped = true;
    if (event == PTRACE_EVENT_EXEC && thread == trace->traced)
        trace->counting = true;
    bool good = !trace->error && !trace->too_many && (!is_call || take_call(trace, thread));
    long delivered = is_call || event || first ? 0 : signal_number;
    ptrace(good ? PTRACE_SYSCALL : PTRACE_DETACH, thread, NULL, (void *)delivered);
}

/* As the child ended. */
__attribute__((noreturn)) static void end_alike(int status) {
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 127);
}

__attribute__((noreturn)) static void trace_child(struct call_trace *trace) {
    int status;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0 && errno != EINTR)
            _exit(127);
        if (thread <= 0)
            continue;
        if (WIFSTOPPED(status)) {
            if (thread == trace->traced && !find_seized(trace, thread) &&
                ptrace(PTRACE_SETOPTIONS, thread, NULL, TRACE_OPTIONS | PTRACE_O_EXITKILL) != 0)
                fail(trace, "ptrace(PTRACE_SETOPTIONS)");
            take_child_stop(trace, thread, status);
            continue;
        }
        if (thread == trace->traced) {
            atomic_store(&trace->ended, trace->counting);
            end_alike(status);
        }
        struct seized *gone = find_seized(trace, thread);
        if (gone)
            gone->thread = 0;
    }
}

void call_trace_child(struct call_trace *trace) {
    pid_t child = fork();
    if (child > 0) {
        trace->traced = child;
        trace_child(trace);
    }
    if (child < 0)
        fail(trace, "fork");
    else if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        fail(trace, "ptrace(PTRACE_TRACEME)");
    else
        raise(SIGSTOP); /* until the tracer has set what it is told of */
}

#define PROBE_CALLS 5
#define PROBE_MS 2000

/* In a child of the prober: 0, or what the problem is. */
static int trace_known_calls(struct problem *problem) {
    struct call_trace *trace;
    uint64_t calls = 0;
    int status = call_trace_start(&trace, problem);
    if (status)
        return status;
    call_trace_resume(trace);
    for (int i = 0; i < PROBE_CALLS; i++)
        syscall(SYS_getuid);
    call_trace_pause(trace);
    status = call_trace_stop(trace, &calls, problem);
    return status == 0 && calls != PROBE_CALLS
               ? problem_set(problem, EBADMSG, "ptrace saw %llu of %d system calls",
                             (unsigned long long)calls, PROBE_CALLS)
               : status;
}

static int wait_for_probe(pid_t child, struct problem *problem) {
    int status;
    for (int waited = 0; waited < PROBE_MS; waited++) {
        pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended != 0)
            return ended == child && WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
        poll(NULL, 0, 1);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return problem_set(problem, ETIMEDOUT, "ptrace is there, but a traced process does not go on");
}

int call_trace_probe(char *reason, size_t reason_size, char *remedy, size_t remedy_size) {
    struct problem *problem =
        mmap(NULL, sizeof *problem, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (problem == MAP_FAILED) {
        snprintf(reason, reason_size, "no memory to try it");
        return -errno;
    }
    pid_t child = fork();
    if (child == 0)
        _exit(-trace_known_calls(problem));
    int status = child < 0 ? -errno : wait_for_probe(child, problem);
    if (status) {
        snprintf(reason, reason_size, "%s", problem->text[0] ? problem->text : strerror(-status));
        snprintf(remedy, remedy_size, "%s",
                 status == -EPERM || status == -EACCES ? "allow ptrace in the container's seccomp profile"
                                                       : "");
    }
    munmap(problem, sizeof *problem);
    return status;
}
