#include "record/tracer.h"

#include "base/child.h"
#include "record/call_values.h"
#include "record/places.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)

#define BREAKPOINT 0xcc /* int3, which leaves the program counter behind itself */
#define GRACE_S 2.0     /* that a program has to end when it is told to */

enum { AT_START, AT_LOADER, AT_FUNCTION, BREAKPOINTS };

/* Memory that tracees share, and the breakpoints in it. */
struct image {
    unsigned users;
    int memory; /* /proc/PID/mem */
    struct breakpoint {
        uint64_t address;     /* 0: there is none */
        unsigned char own[4]; /* what stood there */
    } breakpoints[BREAKPOINTS];
};

struct tracee {
    pid_t tid;
    struct image *image; /* NULL: it has begun, and whoever started it has not said so yet */
    bool running;
    bool begun;   /* its first stop came */
    bool away;    /* cannot be stopped: it waits for its vfork, or has all but ended */
    bool pending; /* `status` came while another one was waited for */
    int status;
};

struct tracer {
    const struct trace_request *request;
    struct recording *recording;
    struct trace_end *end;
    struct problem *problem;
    struct tracee *tracees;
    size_t count, room;
    pid_t program;
    bool reals;
    char file[4096]; /* that defines the function: one of that name elsewhere is another */
    int failed;      /* -errno, with the problem */
};

static void fail(struct tracer *tracer, int error, const char *what) {
    if (!tracer->failed)
        tracer->failed = problem_set(tracer->problem, error, "%s: %s: %s", tracer->request->program[0], what,
                                     strerror(error));
}

static struct tracee *find(struct tracer *tracer, pid_t tid) {
    for (size_t i = 0; i < tracer->count; i++)
        if (tracer->tracees[i].tid == tid)
            return &tracer->tracees[i];
    return NULL;
}

static struct tracee *add(struct tracer *tracer, pid_t tid) {
    if (tracer->count == tracer->room) {
        size_t room = tracer->room ? 2 * tracer->room : 16;
        struct tracee *grown = realloc(tracer->tracees, room * sizeof *grown);
        if (!grown) {
            fail(tracer, ENOMEM, "a thread cannot be followed");
            return NULL;
        }
        tracer->tracees = grown;
        tracer->room = room;
    }
    tracer->tracees[tracer->count] = (struct tracee){.tid = tid};
    return &tracer->tracees[tracer->count++];
}

static void leave_image(struct tracee *tracee) {
    if (tracee->image && --tracee->image->users == 0) {
        close(tracee->image->memory);
        free(tracee->image);
    }
    tracee->image = NULL;
}

static void forget(struct tracer *tracer, struct tracee *tracee) {
    leave_image(tracee);
    *tracee = tracer->tracees[--tracer->count];
}

/* A copy of another one, as of fork, or an empty one. NULL: no memory. */
static struct image *new_image(struct tracer *tracer, pid_t tid, const struct image *from) {
    char path[64];
    struct image *image = calloc(1, sizeof *image);
    if (!image) {
        fail(tracer, ENOMEM, "a process cannot be followed");
        return NULL;
    }
    if (from)
        *image = *from;
    snprintf(path, sizeof path, "/proc/%ld/mem", (long)tid);
    image->users = 1;
    image->memory = open(path, O_RDWR | O_CLOEXEC);
    return image;
}

static void go_on(struct tracee *tracee, int signal) {
    tracee->running = true;
    ptrace(PTRACE_CONT, tracee->tid, NULL, (void *)(uintptr_t)signal);
}

static void put_breakpoint(struct image *image, int kind, uint64_t address) {
    const unsigned char code = BREAKPOINT;
    struct breakpoint *breakpoint = &image->breakpoints[kind];
    if (address && pread(image->memory, breakpoint->own, sizeof breakpoint->own, (off_t)address) > 0 &&
        pwrite(image->memory, &code, 1, (off_t)address) == 1)
        breakpoint->address = address;
}

static void lift_breakpoint(const struct image *image, const struct breakpoint *breakpoint) {
    if (pwrite(image->memory, breakpoint->own, 1, (off_t)breakpoint->address) != 1)
        return; /* the process has ended meanwhile */
}

static void lower_breakpoint(const struct image *image, const struct breakpoint *breakpoint) {
    const unsigned char code = BREAKPOINT;
    if (pwrite(image->memory, &code, 1, (off_t)breakpoint->address) != 1)
        return;
}

/* All threads of one memory, but for one, stand still: its breakpoint may be lifted. */
static void hold_others(struct tracer *tracer, const struct tracee *but) {
    for (size_t i = 0; i < tracer->count; i++) {
        struct tracee *other = &tracer->tracees[i];
        if (other == but || other->image != but->image || !other->running || other->away)
            continue;
        ptrace(PTRACE_INTERRUPT, other->tid, NULL, NULL);
        pid_t got;
        while ((got = waitpid(other->tid, &other->status, __WALL)) < 0 && errno == EINTR)
            ;
        other->running = false;
        other->pending = got == other->tid;
    }
}

/* Stopped by hold_others alone; all else is seen to later. */
static bool is_held(const struct tracee *tracee) {
    return tracee->pending && WIFSTOPPED(tracee->status) && WSTOPSIG(tracee->status) == SIGTRAP &&
           tracee->status >> 16 == PTRACE_EVENT_STOP;
}

static void release_others(struct tracer *tracer, const struct image *image) {
    for (size_t i = 0; i < tracer->count; i++)
        if (tracer->tracees[i].image == image && is_held(&tracer->tracees[i])) {
            tracer->tracees[i].pending = false;
            go_on(&tracer->tracees[i], 0);
        }
}

/* One instruction. Signals that come meanwhile wait: the last is returned, those before are sent again. */
static int step(struct tracee *tracee) {
    int signal = 0;
    for (;;) {
        if (ptrace(PTRACE_SINGLESTEP, tracee->tid, NULL, NULL) != 0)
            return 0;
        pid_t got;
        while ((got = waitpid(tracee->tid, &tracee->status, __WALL)) < 0 && errno == EINTR)
            ;
        if (got < 0 || !WIFSTOPPED(tracee->status) || tracee->status >> 16 == PTRACE_EVENT_EXIT) {
            tracee->pending = got >= 0;
            return 0;
        }
        if (tracee->status >> 16)
            continue;
        if (WSTOPSIG(tracee->status) == SIGTRAP)
            return signal;
        if (signal)
            syscall(SYS_tgkill, tracee->tid, tracee->tid, signal);
        signal = WSTOPSIG(tracee->status);
    }
}

/* What most functions begin with does the same from here: "endbr64", which does nothing, or "push" of a register. */
static bool emulate(const struct tracee *tracee, const unsigned char *code,
                    struct user_regs_struct *registers) {
    static const unsigned char branch_end[] = {0xf3, 0x0f, 0x1e, 0xfa};
    unsigned long long *const saved[] = {&registers->rax, &registers->rcx, &registers->rdx, &registers->rbx,
                                         &registers->rsp, &registers->rbp, &registers->rsi, &registers->rdi,
                                         &registers->r8,  &registers->r9,  &registers->r10, &registers->r11,
                                         &registers->r12, &registers->r13, &registers->r14, &registers->r15};
    if (!memcmp(code, branch_end, sizeof branch_end)) {
        registers->rip += sizeof branch_end;
        return true;
    }
    unsigned prefix = code[0] == 0x41, number = code[prefix] - 0x50u;
    if (number > 7 || ptrace(PTRACE_POKEDATA, tracee->tid, (void *)(uintptr_t)(registers->rsp - 8),
                             (void *)(uintptr_t)*saved[number + 8 * prefix]) != 0)
        return false;
    registers->rsp -= 8;
    registers->rip += prefix + 1;
    return true;
}

/* The instruction that the breakpoint stands in place of, and on. */
static void step_over(struct tracer *tracer, struct tracee *tracee, const struct breakpoint *breakpoint,
                      struct user_regs_struct *registers) {
    bool emulated = emulate(tracee, breakpoint->own, registers);
    int signal = 0;
    ptrace(PTRACE_SETREGS, tracee->tid, NULL, registers);
    if (!emulated) {
        hold_others(tracer, tracee);
        lift_breakpoint(tracee->image, breakpoint);
        signal = step(tracee);
        lower_breakpoint(tracee->image, breakpoint);
        release_others(tracer, tracee->image);
    }
    if (!tracee->pending)
        go_on(tracee, signal);
}

static int read_memory(void *context, uint64_t address, void *to, size_t size) {
    const struct tracee *tracee = context;
    const struct iovec here = {to, size}, there = {(void *)(uintptr_t)address, size};
    ssize_t got = process_vm_readv(tracee->tid, &here, 1, &there, 1, 0);
    return got == (ssize_t)size ? 0 : -EFAULT;
}

static void record_call(struct tracer *tracer, struct tracee *tracee, const struct user_regs_struct *from) {
    struct recording *recording = tracer->recording;
    struct call_registers registers = {
        .whole = {from->rdi, from->rsi, from->rdx, from->rcx, from->r8, from->r9},
        .stack = from->rsp + 8}; /* behind the return address */
    struct user_fpregs_struct reals;
    uint64_t priority;
    unsigned char *bytes;
    size_t size;
    if (!recording_draw(recording, &priority))
        return;
    if (tracer->reals && ptrace(PTRACE_GETFPREGS, tracee->tid, NULL, &reals) == 0)
        memcpy(registers.real, reals.xmm_space, sizeof registers.real);
    int status = call_values_read(tracer->request->signature, tracer->request->arguments, &registers,
                                  read_memory, tracee, recording->most_bytes, &bytes, &size);
    recording->too_large += status == -E2BIG;
    recording->unreadable += status == -EFAULT;
    if (status == 0)
        status = recording_keep(recording, priority, bytes, size);
    if (status == -ENOMEM)
        fail(tracer, ENOMEM, "a call cannot be recorded");
}

/* The function's breakpoint, once it is there, and the loader's, which may bring it. */
static void look_for_function(struct tracer *tracer, struct tracee *tracee) {
    const struct trace_request *request = tracer->request;
    struct image *image = tracee->image;
    struct places places;
    if (places_find(tracee->tid, request->symbol, &places))
        return;
    if (!places.function) {
        if (!image->breakpoints[AT_LOADER].address)
            put_breakpoint(image, AT_LOADER, places.loader);
        return;
    }
    if (tracer->file[0] && strcmp(tracer->file, places.file) != 0)
        return;
    memcpy(tracer->file, places.file, sizeof tracer->file);
    if (places.count > 1 && !tracer->failed)
        tracer->failed = problem_set(tracer->problem, EINVAL,
                                     "%s: defines %u functions named %s; which is meant is not known",
                                     places.file, places.count, request->symbol);
    if (!tracer->end->found && !request->known && !tracer->failed)
        tracer->failed = request->find_types(request->context, places.file, tracer->problem);
    tracer->reals = !tracer->failed && call_values_have_reals(request->signature);
    tracer->end->found = true;
    if (!tracer->failed)
        put_breakpoint(image, AT_FUNCTION, places.function);
}

static void on_breakpoint(struct tracer *tracer, struct tracee *tracee, int kind,
                          struct user_regs_struct *registers) {
    struct breakpoint *breakpoint = &tracee->image->breakpoints[kind];
    registers->rip--;
    if (kind == AT_FUNCTION)
        record_call(tracer, tracee, registers);
    else if (kind == AT_START || !tracee->image->breakpoints[AT_FUNCTION].address)
        look_for_function(tracer, tracee);
    if (kind != AT_START) {
        step_over(tracer, tracee, breakpoint, registers);
        return;
    }
    /* The function may begin where the program does. */
    if (tracee->image->breakpoints[AT_FUNCTION].address != breakpoint->address)
        lift_breakpoint(tracee->image, breakpoint);
    breakpoint->address = 0;
    ptrace(PTRACE_SETREGS, tracee->tid, NULL, registers);
    go_on(tracee, 0);
}

/* Whose trap it is: a breakpoint's, or the program's own. */
static void on_trap(struct tracer *tracer, struct tracee *tracee) {
    struct user_regs_struct registers;
    if (tracee->image && ptrace(PTRACE_GETREGS, tracee->tid, NULL, &registers) == 0)
        for (int kind = 0; kind < BREAKPOINTS; kind++)
            if (tracee->image->breakpoints[kind].address &&
                tracee->image->breakpoints[kind].address == registers.rip - 1) {
                on_breakpoint(tracer, tracee, kind, &registers);
                return;
            }
    go_on(tracee, SIGTRAP);
}

static void on_start_of_another(struct tracer *tracer, size_t parent, int event) {
    unsigned long number = 0;
    pid_t tid = tracer->tracees[parent].tid;
    ptrace(PTRACE_GETEVENTMSG, tid, NULL, &number);
    struct tracee *child = find(tracer, (pid_t)number);
    if (!child)
        child = add(tracer, (pid_t)number); /* tracees may have moved */
    struct tracee *from = &tracer->tracees[parent];
    if (child && event == PTRACE_EVENT_FORK)
        child->image = new_image(tracer, child->tid, from->image);
    else if (child && from->image) {
        child->image = from->image;
        child->image->users++;
    }
    if (child && child->begun)
        go_on(child, 0);
    from->away = event == PTRACE_EVENT_VFORK;
    go_on(from, 0);
}

/* Memory of its own, without breakpoints; of several threads, only this one is left, under the process's number. */
static void on_exec(struct tracer *tracer, struct tracee *tracee) {
    unsigned long former = 0;
    ptrace(PTRACE_GETEVENTMSG, tracee->tid, NULL, &former);
    pid_t tid = tracee->tid;
    struct tracee *gone = (pid_t)former == tid ? NULL : find(tracer, (pid_t)former);
    if (gone)
        forget(tracer, gone);
    tracee = find(tracer, tid);
    leave_image(tracee);
    tracee->image = new_image(tracer, tid, NULL);
    tracee->away = false;
    if (tracee->image)
        put_breakpoint(tracee->image, AT_START, places_entry(tid));
    go_on(tracee, 0);
}

static void on_stop(struct tracer *tracer, struct tracee *tracee, int signal, int event) {
    switch (event) {
    case 0:
        if (signal == SIGTRAP)
            on_trap(tracer, tracee);
        else
            go_on(tracee, signal);
        return;
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
        on_start_of_another(tracer, (size_t)(tracee - tracer->tracees), event);
        return;
    case PTRACE_EVENT_EXEC:
        on_exec(tracer, tracee);
        return;
    case PTRACE_EVENT_STOP:
        tracee->begun = true;
        if (signal != SIGTRAP)
            ptrace(PTRACE_LISTEN, tracee->tid, NULL, NULL); /* stopped, as by Ctrl-Z, until SIGCONT */
        else if (tracee->image)
            go_on(tracee, 0);
        return;
    case PTRACE_EVENT_EXIT:
        tracee->away = true;
        go_on(tracee, 0);
        return;
    default: /* the end of a vfork */
        tracee->away = false;
        go_on(tracee, 0);
    }
}

static void on_status(struct tracer *tracer, pid_t tid, int status) {
    struct tracee *tracee = find(tracer, tid);
    if (!WIFSTOPPED(status)) {
        if (tid == tracer->program)
            tracer->end->status = status;
        if (tracee)
            forget(tracer, tracee);
        return;
    }
    if (!tracee)
        tracee = add(tracer, tid);
    if (!tracee)
        return;
    tracee->running = tracee->pending = false;
    on_stop(tracer, tracee, WSTOPSIG(status), status >> 16);
}

/* Told to end once; killed where it does not, or at once where it cannot be recorded. */
static void see_to_the_end(struct tracer *tracer, double *deadline) {
    int signal = *tracer->request->interrupted;
    if (signal && !tracer->end->interrupted) {
        tracer->end->interrupted = true;
        kill(tracer->program, signal);
        *deadline = monotonic_s() + GRACE_S;
    }
    if (!tracer->failed && (!tracer->end->interrupted || monotonic_s() < *deadline))
        return;
    for (size_t i = 0; i < tracer->count; i++)
        syscall(SYS_tkill, tracer->tracees[i].tid, SIGKILL);
}

/* What came while another was waited for goes first. 0: a signal of our own, or nothing yet. -1: nobody is left. */
static pid_t next(struct tracer *tracer, bool wait, int *status) {
    for (size_t i = 0; i < tracer->count; i++)
        if (tracer->tracees[i].pending) {
            *status = tracer->tracees[i].status;
            return tracer->tracees[i].tid;
        }
    pid_t got = waitpid(-1, status, __WALL | (wait ? 0 : WNOHANG));
    if (got == 0)
        usleep(1000);
    return got < 0 && errno == EINTR ? 0 : got;
}

static void follow(struct tracer *tracer) {
    double deadline = 0;
    while (tracer->count > 0) {
        int status;
        see_to_the_end(tracer, &deadline);
        pid_t tid = next(tracer, !tracer->failed && !tracer->end->interrupted, &status);
        if (tid < 0)
            return;
        if (tid > 0)
            on_status(tracer, tid, status);
    }
}

/* In the child: waits until it is traced. */
static void become_program(char *const *program, const int *gate, const int *answer) {
    static const int ours[] = {SIGPIPE, SIGXFSZ};
    char byte;
    close(gate[1]);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        signal(ours[i], SIG_DFL);
    if (read(gate[0], &byte, 1) == 1)
        execvp(program[0], program);
    int error = errno;
    if (write(answer[1], &error, sizeof error) != sizeof error)
        _exit(126);
    _exit(127);
}

static int refuse_trace(const struct trace_request *request, int error, struct problem *problem) {
    return problem_set(problem, error,
                       "%s cannot be traced (ptrace: %s); a container may forbid it: docker run "
                       "--cap-add=SYS_PTRACE",
                       request->program[0], strerror(error));
}

int trace_calls(const struct trace_request *request, struct recording *recording, struct trace_end *end,
                struct problem *problem) {
    const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                         PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_TRACEVFORKDONE;
    struct tracer tracer = {.request = request, .recording = recording, .end = end, .problem = problem};
    int gate[2], answer[2], error = 0;
    *end = (struct trace_end){.status = 0};
    if (pipe2(gate, O_CLOEXEC) != 0)
        return problem_set(problem, errno, "pipe: %s", strerror(errno));
    if (pipe2(answer, O_CLOEXEC) != 0) {
        error = errno;
        close(gate[0]);
        close(gate[1]);
        return problem_set(problem, error, "pipe: %s", strerror(error));
    }
    tracer.program = fork();
    if (tracer.program == 0)
        become_program(request->program, gate, answer);
    error = tracer.program < 0 ? errno : 0;
    int status = error ? problem_set(problem, error, "cannot start a process: %s", strerror(error)) : 0;
    close(gate[0]);
    close(answer[1]);
    if (status == 0 && ptrace(PTRACE_SEIZE, tracer.program, NULL, (void *)(uintptr_t)options) != 0)
        status = refuse_trace(request, errno, problem);
    struct tracee *first = status ? NULL : add(&tracer, tracer.program);
    if (first) {
        first->image = new_image(&tracer, first->tid, NULL);
        first->running = first->begun = true;
        if (write(gate[1], "", 1) != 1)
            fail(&tracer, errno, "it cannot be started");
    }
    close(gate[1]);
    follow(&tracer);
    if (status && tracer.program > 0)
        waitpid(tracer.program, NULL, 0);
    if (status == 0 && read(answer[0], &error, sizeof error) == sizeof error)
        status = problem_set(problem, error, "%s cannot be run: %s", request->program[0], strerror(error));
    close(answer[0]);
    while (tracer.count)
        forget(&tracer, tracer.tracees);
    free(tracer.tracees);
    return status ? status : tracer.failed;
}

#else

int trace_calls(const struct trace_request *request, struct recording *recording, struct trace_end *end,
                struct problem *problem) {
    (void)recording;
    *end = (struct trace_end){.status = 0};
    return problem_set(
        problem, ENOTSUP,
        "%s: calls are recorded on x86-64 alone, by its registers and calling convention; record "
        "there",
        request->program[0]);
}

#endif
