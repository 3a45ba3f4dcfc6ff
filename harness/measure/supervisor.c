#include "measure/supervisor.h"

#include "measure/confinement.h"
#include "measure/illegal_instruction.h"
#include "measure/orphans.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRATCH_PREFIX "countersign-"
#define POLL_MS 100
#define MOST_OUTPUT ((off_t)16 << 20) /* it is kept in memory */
/* AddressSanitizer reserves terabytes of shadow memory, which a limit on private memory would refuse. */
#if defined(__SANITIZE_ADDRESS__)
#define LIMIT_PRIVATE_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LIMIT_PRIVATE_MEMORY 0
#endif
#endif
#ifndef LIMIT_PRIVATE_MEMORY
#define LIMIT_PRIVATE_MEMORY 1
#endif

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *level) {
    (void)facts, (void)kind, (void)level;
    remove(path);
    return 0;
}

static void remove_tree(const char *path) {
    nftw(path, remove_entry, 1, FTW_DEPTH | FTW_PHYS);
}

/* A supervisor that was killed could not clean up: its folder carries its process id. */
static void remove_stale(const char *base) {
    DIR *folder = opendir(base);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        long pid = 0;
        struct stat facts;
        char path[4096 + 256];
        if (sscanf(entry->d_name, SCRATCH_PREFIX "%ld-", &pid) != 1 || pid <= 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", base, entry->d_name);
        if (lstat(path, &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == geteuid() &&
            kill((pid_t)pid, 0) != 0 && errno == ESRCH)
            remove_tree(path);
    }
    if (folder)
        closedir(folder);
}

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
    if (!base)
        base = getenv("TMPDIR");
    if (!base || !*base)
        base = "/var/tmp";
    remove_stale(base);
    int length = snprintf(supervisor->scratch, sizeof supervisor->scratch, "%s/" SCRATCH_PREFIX "%ld-XXXXXX",
                          base, (long)getpid());
    if (length >= (int)sizeof supervisor->scratch - 64)
        return problem_set(problem, ENAMETOOLONG, "scratch folder %s: the name is too long", base);
    if (!mkdtemp(supervisor->scratch)) {
        int error = errno;
        supervisor->scratch[0] = '\0';
        return problem_set(problem, error,
                           "cannot make a scratch folder in %s: %s; name another with --scratch or TMPDIR",
                           base, strerror(error));
    }
    name_filesystem(supervisor->scratch, supervisor->scratch_filesystem,
                    sizeof supervisor->scratch_filesystem);
    return 0;
}

void supervisor_close(struct supervisor *supervisor) {
    if (supervisor->scratch[0])
        remove_tree(supervisor->scratch);
    supervisor->scratch[0] = '\0';
}

struct worker_page *worker_page_new(size_t arms, size_t rounds, int *fd) {
    *fd = memfd_create("countersign-page", MFD_CLOEXEC);
    size_t size = worker_page_size(arms, rounds);
    if (*fd < 0 || ftruncate(*fd, (off_t)size) != 0) {
        if (*fd >= 0)
            close(*fd);
        *fd = -1;
        return NULL;
    }
    struct worker_page *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    if (page == MAP_FAILED) {
        close(*fd);
        *fd = -1;
        return NULL;
    }
    page->magic = WORKER_MAGIC;
    return page;
}

void worker_page_free(struct worker_page *page, int fd) {
    struct stat facts;
    if (page && fstat(fd, &facts) == 0)
        munmap(page, (size_t)facts.st_size);
    if (fd >= 0)
        close(fd);
}

static void limit(int resource, uint64_t value) {
    struct rlimit limits;
    if (getrlimit((__rlimit_resource_t)resource, &limits) != 0)
        return;
    limits.rlim_cur = value < limits.rlim_max ? value : limits.rlim_max;
    setrlimit((__rlimit_resource_t)resource, &limits);
}

/* OpenMP's own environment binds each thread as it is made; the worker reads the bindings back. */
static void set_thread_environment(const struct worker_job *job) {
    char places[8192] = "", number[16];
    size_t length = 0;
    for (size_t i = 0; i < job->cpus.count && length < sizeof places - 16; i++)
        length += (size_t)snprintf(places + length, sizeof places - length, "%s{%u}", i ? "," : "",
                                   job->cpus.cpus[i]);
    snprintf(number, sizeof number, "%u", job->threads);
    setenv("OMP_NUM_THREADS", number, 1);
    setenv("OMP_DYNAMIC", "false", 1);
    setenv("OMP_PROC_BIND", "true", 1);
    setenv("OMP_PLACES", places, 1);
    unsetenv("GOMP_CPU_AFFINITY");
    unsetenv("KMP_AFFINITY");
    /* The worker starts bound to one CPU, of which libomp complains on standard error in the first region. */
    setenv("KMP_WARNINGS", "false", 1);
}

static void set_padding(uint64_t seed) {
    char padding[4097];
    size_t length = seed % 4096;
    memset(padding, 'x', length);
    padding[length] = '\0';
    setenv("COUNTERSIGN_PADDING", padding, 1);
}

/*
 * Nothing of the user's environment but where libraries are found; threads that wait sleep, since a tool that
 * runs one thread at a time would count their spinning.
 */
static void fix_environment(void) {
    static const char *const kept[] = {"LD_LIBRARY_PATH", "VALGRIND_LIB"};
    char *values[sizeof kept / sizeof *kept] = {NULL};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (getenv(kept[i]))
            values[i] = strdup(getenv(kept[i]));
    clearenv();
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (values[i])
            setenv(kept[i], values[i], 1);
    setenv("PATH", "/usr/bin:/bin", 1);
    setenv("TMPDIR", ".", 1); /* the worker's folder, whatever its name */
    setenv("OMP_WAIT_POLICY", "passive", 1);
    personality(ADDR_NO_RANDOMIZE); /* refused in some containers; then addresses differ, counts hardly */
}

/* Replaces the process; returns only where that failed. */
static void execute(const struct supervisor *supervisor) {
    char *arguments[SUPERVISOR_PREFIX + 3];
    size_t count = 0;
    while (supervisor->prefix && supervisor->prefix[count] && count < SUPERVISOR_PREFIX) {
        arguments[count] = supervisor->prefix[count];
        count++;
    }
    arguments[count] = count ? (char *)supervisor->program : "countersign";
    arguments[count + 1] = WORKER_VERB;
    arguments[count + 2] = NULL;
    execv(count ? arguments[0] : supervisor->program, arguments);
}

/*
 * Before exec, so that the worker never runs elsewhere. A parallel one is not bound to its first CPU here:
 * OpenMP leaves out places that its process may not use when it starts.
 */
static int bind_worker(const struct topology *topology, const struct cpu_choice *cpus) {
    if (!topology || cpus->count == 0)
        return 0;
    int status = cpus->count == 1 ? topology_bind_thread(topology, 0, cpus->cpus[0], NULL) : 0;
    topology_bind_memory(topology, cpus, NULL); /* -ENOTSUP: one node, nothing to bind */
    return status;
}

/* In the child, between fork and exec. Returns only on failure. */
static void become_worker(const struct supervisor *supervisor, const struct worker_page *page, int fd,
                          pid_t parent, int output) {
    const struct worker_job *job = &page->job;
    setpgid(0, 0);
    /* Set before the parent is looked at: one that died in between would never be told of. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        return;
    signal(SIGPIPE, SIG_DFL); /* the program ignores it; a kernel must not inherit that */
    signal(SIGINT,
           SIG_IGN); /* the supervisor decides; Ctrl-C reaches the terminal's foreground group alone anyway */
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
        return;
    if (fd == WORKER_PAGE_FD)
        fcntl(fd, F_SETFD, 0);
    else if (dup2(fd, WORKER_PAGE_FD) < 0)
        return;
    close_range(WORKER_PAGE_FD + 1, ~0u, 0);
    if (chdir(job->scratch) != 0)
        return;
    if (bind_worker(supervisor->topology, &job->cpus) != 0)
        return;
    if (supervisor->reproducible)
        fix_environment();
    else
        set_padding(job->seed >> 13);
    set_thread_environment(job);
    if (!supervisor->reproducible)
        setenv("TMPDIR", job->scratch, 1);
    setenv("HOME", supervisor->reproducible ? "." : job->scratch, 1);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, supervisor->limits.file_bytes);
    if (LIMIT_PRIVATE_MEMORY)
        limit(RLIMIT_DATA, supervisor->limits.memory_bytes);
    /* A tool that runs the worker leaves its files beside the worker's folder. Older systems do without. */
    confine_writes(supervisor->prefix ? supervisor->scratch : job->scratch);
    execute(supervisor);
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

static bool printed_too_much(int output) {
    struct stat facts;
    return fstat(output, &facts) == 0 && facts.st_size > MOST_OUTPUT;
}

/* Waits for the worker to end by itself; otherwise says why it must be ended. */
static enum worker_end watch(const struct supervisor *supervisor, const struct worker_page *page, pid_t pid,
                             int pidfd, int output) {
    uint64_t beat = UINT64_MAX, since = monotonic_ns(), start = since;
    for (;;) {
        struct pollfd ended = {.fd = pidfd, .events = POLLIN};
        if (poll(&ended, 1, POLL_MS) > 0)
            return WORKER_COMPLETED;
        if (supervisor->interrupted && *supervisor->interrupted)
            return WORKER_INTERRUPTED;
        if (read_rss_bytes(pid) > (double)supervisor->limits.memory_bytes)
            return WORKER_OUT_OF_MEMORY;
        if (printed_too_much(output))
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

/* The last line the worker wrote, for messages: an assertion or an allocator often says what happened. */
static void read_last_output(int output, char *text, size_t size) {
    char tail[1024];
    off_t end = lseek(output, 0, SEEK_END);
    off_t start = end > (off_t)sizeof tail - 1 ? end - ((off_t)sizeof tail - 1) : 0;
    ssize_t length = end > 0 ? pread(output, tail, sizeof tail - 1, start) : 0;
    text[0] = '\0';
    while (length > 0 && (tail[length - 1] == '\n' || tail[length - 1] == ' '))
        length--;
    if (length <= 0)
        return;
    tail[length] = '\0';
    const char *line = strrchr(tail, '\n');
    snprintf(text, size, "; it said: %.*s", (int)size - 16, line ? line + 1 : tail);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20)
            *c = ' ';
}

static void explain_limit(const struct supervisor *supervisor, struct worker_outcome *outcome) {
    outcome->end = WORKER_OUT_OF_MEMORY;
    snprintf(outcome->reason, sizeof outcome->reason,
             "out of memory during %s: the limit is %.2f GiB (--memory-limit)",
             worker_phase_name(outcome->phase), (double)supervisor->limits.memory_bytes / 0x1p30);
}

static void explain_signal(const struct supervisor *supervisor, const struct worker_page *page,
                           int signal_number, const char *said, struct worker_outcome *outcome) {
    const char *phase = worker_phase_name(outcome->phase);
    bool caught = atomic_load(&page->status.signal) == signal_number;
    /* An allocation that the limit refused ends in a null pointer or an abort; what was in use tells. */
    if (LIMIT_PRIVATE_MEMORY && caught &&
        (double)atomic_load(&page->status.data_bytes) > 0.75 * (double)supervisor->limits.memory_bytes) {
        explain_limit(supervisor, outcome);
        return;
    }
    outcome->end = WORKER_CRASHED;
    const char *name = sigabbrev_np(signal_number);
    if (signal_number == SIGKILL)
        snprintf(outcome->reason, sizeof outcome->reason,
                 "killed by SIGKILL from outside during %s; most likely the system ran out of memory", phase);
    else if (signal_number == SIGXFSZ)
        snprintf(outcome->reason, sizeof outcome->reason,
                 "wrote a file beyond the limit of %.2f GiB during %s",
                 (double)supervisor->limits.file_bytes / 0x1p30, phase);
    else if (caught && (signal_number == SIGSEGV || signal_number == SIGBUS))
        snprintf(outcome->reason, sizeof outcome->reason, "crashed with SIG%s at address 0x%llx during %s%s",
                 name, (unsigned long long)atomic_load(&page->status.fault_address), phase, said);
    else if (caught && signal_number == SIGILL) {
        char what[160];
        uint32_t size = atomic_load(&page->status.code_bytes);
        illegal_instruction_describe(page->status.code, size <= ILLEGAL_INSTRUCTION_BYTES ? size : 0, what,
                                     sizeof what);
        snprintf(outcome->reason, sizeof outcome->reason,
                 "crashed with SIGILL during %s: %s; give the variant a `supported`, or compile for this "
                 "CPU",
                 phase, what);
    } else
        snprintf(outcome->reason, sizeof outcome->reason, "crashed with SIG%s during %s%s", name ? name : "?",
                 phase, said);
}

static void explain(const struct supervisor *supervisor, const struct worker_page *page, enum worker_end end,
                    int wait_status, int output, struct worker_outcome *outcome) {
    char said[200];
    *outcome = (struct worker_outcome){
        .end = end, .phase = atomic_load(&page->status.phase), .arm = atomic_load(&page->status.arm)};
    read_last_output(output, said, sizeof said);
    /* The limit on files holds for it too, and may have been met first. */
    if (end == WORKER_COMPLETED && WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGXFSZ &&
        printed_too_much(output))
        end = outcome->end = WORKER_PRINTED;
    if (end == WORKER_OUT_OF_MEMORY)
        explain_limit(supervisor, outcome);
    else if (end == WORKER_STALLED)
        snprintf(outcome->reason, sizeof outcome->reason,
                 "hung during %s: no progress for %g s (--time-limit)", worker_phase_name(outcome->phase),
                 supervisor->limits.stall_s);
    else if (end == WORKER_TIMED_OUT)
        snprintf(outcome->reason, sizeof outcome->reason, "not done within %g s, in %s",
                 supervisor->limits.total_s, worker_phase_name(outcome->phase));
    else if (end == WORKER_PRINTED) {
        /* Seen some time after; only a verified run is judged before the next arm's. */
        if (outcome->phase != PHASE_VERIFY)
            outcome->arm = -1;
        snprintf(outcome->reason, sizeof outcome->reason,
                 "printed more than %lld MiB, in %s%s; leave the output out of what is measured",
                 (long long)(MOST_OUTPUT >> 20), worker_phase_name(outcome->phase), said);
    } else if (end == WORKER_INTERRUPTED)
        snprintf(outcome->reason, sizeof outcome->reason, "interrupted");
    else if (WIFSIGNALED(wait_status))
        explain_signal(supervisor, page, WTERMSIG(wait_status), said, outcome);
    else if (outcome->phase != PHASE_DONE) {
        outcome->end = WORKER_CRASHED;
        snprintf(outcome->reason, sizeof outcome->reason, "ended the process with exit status %d during %s%s",
                 WEXITSTATUS(wait_status), worker_phase_name(outcome->phase), said);
    }
}

/* What the worker left behind was told to die; until it has, it would disturb the next replicate. */
static void wait_for_group(pid_t group) {
    for (int tries = 0; tries < 2000 && kill(-group, 0) == 0; tries++) {
        kill(-group, SIGKILL); /* a child may have been forked since */
        waitpid(-group, NULL, WNOHANG);
        usleep(1000);
    }
}

static void empty_scratch(const char *path) {
    remove_tree(path);
    mkdir(path, 0700);
}

int supervisor_run(struct supervisor *supervisor, struct worker_page *page, int fd,
                   struct worker_outcome *outcome, struct problem *problem) {
    int length = snprintf(page->job.scratch, sizeof page->job.scratch, "%s/worker", supervisor->scratch);
    if (length >= (int)sizeof page->job.scratch)
        return problem_set(problem, ENAMETOOLONG, "scratch folder %s: the name is too long",
                           supervisor->scratch);
    empty_scratch(page->job.scratch);
    memset(&page->status, 0, sizeof page->status);
    atomic_store(&page->status.arm, -1);
    int output = memfd_create("countersign-output", MFD_CLOEXEC);
    if (output < 0)
        return problem_set(problem, errno, "cannot start a worker: %s", strerror(errno));
    struct orphans orphans;
    orphans_adopt(&orphans);
    page->job.spawned_ns = monotonic_ns();
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        become_worker(supervisor, page, fd, parent, output);
        _exit(126);
    }
    int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (pidfd < 0) {
        int error = errno;
        if (pid > 0) {
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
        }
        orphans_end(&orphans);
        close(output);
        return problem_set(problem, error, "cannot start a worker: %s", strerror(error));
    }
    setpgid(pid, pid);
    enum worker_end end = watch(supervisor, page, pid, pidfd, output);
    /* The worker is still a zombie or alive, so its group cannot be anyone else's. */
    kill(-pid, SIGKILL);
    int wait_status = 0;
    while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR)
        ;
    wait_for_group(pid);
    orphans_end(&orphans);
    close(pidfd);
    int status = 0;
    if (end == WORKER_COMPLETED && WIFEXITED(wait_status) && !supervisor->prefix &&
        atomic_load(&page->status.phase) == PHASE_START && WEXITSTATUS(wait_status) != 0)
        status = problem_set(problem, ECHILD, "cannot start a worker from %s on CPU %u", supervisor->program,
                             page->job.cpus.count ? page->job.cpus.cpus[0] : 0);
    else
        explain(supervisor, page, end, wait_status, output, outcome);
    close(output);
    empty_scratch(page->job.scratch);
    return status;
}
