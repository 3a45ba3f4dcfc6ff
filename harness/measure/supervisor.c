#include "measure/supervisor.h"

#include "base/folder.h"
#include "base/orphans.h"
#include "base/scratch.h"
#include "measure/confinement.h"
#include "measure/offspring.h"
#include "measure/outcome.h"

#include <fcntl.h>
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

#define MOST_LEFT 1000
#define POLL_MS 100
#define THREAD_DATA_BYTES (1 << 20) /* of all modules of a worker together */

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

/*
 * Modules reach their thread-local data as a program does (KernelModule.cmake), for which the loader must
 * have room left when they are loaded; of 512 bytes by default.
 */
static void make_room_for_thread_data(void) {
    char tunables[4096];
    const char *given = getenv("GLIBC_TUNABLES");
    int length = snprintf(tunables, sizeof tunables, "%s%sglibc.rtld.optional_static_tls=%d",
                          given ? given : "", given && *given ? ":" : "", THREAD_DATA_BYTES);
    if (length < (int)sizeof tunables)
        setenv("GLIBC_TUNABLES", tunables, 1);
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
    signal(SIGPIPE, SIG_DFL); /* the program ignores them; a kernel must not inherit that */
    signal(SIGXFSZ, SIG_DFL);
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
    make_room_for_thread_data();
    if (!supervisor->reproducible)
        setenv("TMPDIR", job->scratch, 1);
    setenv("HOME", supervisor->reproducible ? "." : job->scratch, 1);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, supervisor->limits.file_bytes);
    if (OUTCOME_LIMITS_MEMORY)
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

/* Waits for the worker to end by itself; otherwise says why it must be ended. */
static enum worker_end watch(const struct supervisor *supervisor, const struct worker_page *page, pid_t pid,
                             int pidfd, int output) {
    uint64_t beat = UINT64_MAX, since = monotonic_ns(), start = since;
    unsigned processes = offspring_system_count();
    for (;;) {
        struct pollfd ended = {.fd = pidfd, .events = POLLIN};
        if (poll(&ended, 1, POLL_MS) > 0)
            return WORKER_COMPLETED;
        if (supervisor->interrupted && *supervisor->interrupted)
            return WORKER_INTERRUPTED;
        if (read_rss_bytes(pid) > (double)supervisor->limits.memory_bytes)
            return WORKER_OUT_OF_MEMORY;
        if (outcome_printed_too_much(output))
            return WORKER_PRINTED;
        if (offspring_is_flood(pid, processes))
            return WORKER_MULTIPLIED;
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

int supervisor_run(struct supervisor *supervisor, struct worker_page *page, int fd,
                   struct worker_outcome *outcome, struct problem *problem) {
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
    int wait_status = 0, left = orphans_end_child(&orphans, pid, pidfd, &wait_status, NULL), status = 0;
    close(pidfd);
    if (left)
        status = problem_set(problem, EBUSY, "process %ld, or one that it started, does not end: %s",
                             (long)pid, strerror(-left));
    else if (end == WORKER_COMPLETED && WIFEXITED(wait_status) && !supervisor->prefix &&
             atomic_load(&page->status.phase) == PHASE_START && WEXITSTATUS(wait_status) != 0)
        status = problem_set(problem, ECHILD, "cannot start a worker from %s on CPU %u", supervisor->program,
                             page->job.cpus.count ? page->job.cpus.cpus[0] : 0);
    else
        outcome_explain(supervisor, page, end, wait_status, output, outcome);
    close(output);
    empty_scratch(page->job.scratch);
    return status;
}
