#include "worker/process_state.h"

#include "base/hash.h"
#include "base/option_name.h"
#include "worker/process_settings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* Rounding, flush to zero, denormals are zero, exception masks and x87 precision, without the flags that any
 * inexact result sets (Intel SDM volume 1, 8.1.5 and 10.2.3; Arm ARM, FPCR). */
uint64_t process_fpu_mode(void) {
#if defined(__x86_64__)
    uint16_t x87;
    __asm__ volatile("fnstcw %0" : "=m"(x87));
    return (uint64_t)x87 << 32 | (__builtin_ia32_stmxcsr() & ~0x3fu);
#elif defined(__aarch64__)
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    return fpcr;
#else
    return 0;
#endif
}

int process_descriptors(void) {
    DIR *folder = opendir("/proc/self/fd");
    int count = -1; /* one reads the folder */
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count;
}

/* Without the kernel's own, which serve io_uring and end by themselves. */
static int count_threads(void) {
    DIR *folder = opendir("/proc/self/task");
    int count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[64 + sizeof entry->d_name], name[8] = "";
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
        FILE *file = fopen(path, "re");
        count += file && fgets(name, sizeof name, file) && strncmp(name, "iou-", 4) != 0;
        if (file)
            fclose(file);
    }
    if (folder)
        closedir(folder);
    return count;
}

/* Of all threads of a process; 0 where the kernel lists none (CONFIG_PROC_CHILDREN). */
static int count_children(pid_t process) {
    char tasks[64];
    snprintf(tasks, sizeof tasks, "/proc/%ld/task", (long)process);
    DIR *folder = opendir(tasks);
    int count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[sizeof tasks + sizeof entry->d_name + 16], pid[32];
        snprintf(path, sizeof path, "%s/%s/children", tasks, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "re");
        while (file && fscanf(file, "%31s", pid) == 1)
            count++;
        if (file)
            fclose(file);
    }
    if (folder)
        closedir(folder);
    return count;
}

static void read_signals(struct process_state *state) {
    sigprocmask(SIG_SETMASK, NULL, &state->mask);
    for (int i = 1; i < PROCESS_STATE_SIGNALS; i++) {
        struct sigaction action;
        if (sigaction(i, NULL, &action) != 0)
            continue; /* the C library's own two */
        state->signals[i].handler = action.sa_handler;
        state->signals[i].flags = action.sa_flags;
    }
}

/* Timers are listed where the kernel was built for checkpoints (proc(5), /proc/PID/timers). Asked by the
 * system call, since the C library's timer_t is no number. */
static int count_made_timers(void) {
    FILE *file = fopen("/proc/self/timers", "re");
    char line[256];
    int count = 0, id;
    while (file && fgets(line, sizeof line, file)) {
        struct itimerspec timer = {0};
        if (sscanf(line, "ID: %d", &id) == 1 && syscall(SYS_timer_gettime, id, &timer) == 0)
            count += timer.it_value.tv_sec || timer.it_value.tv_nsec;
    }
    if (file)
        fclose(file);
    return count;
}

static void read_standard_streams(struct process_state *state) {
    fflush(stdout);
    for (int i = 0; i < 3; i++) {
        struct stat facts;
        state->standard[i].open = fstat(i, &facts) == 0;
        if (!state->standard[i].open)
            continue;
        state->standard[i].device = facts.st_dev;
        state->standard[i].inode = facts.st_ino;
        if (i > 0 && S_ISREG(facts.st_mode))
            state->printed = facts.st_size;
    }
}

static int read_environment(struct process_state *state) {
    size_t size = 0;
    for (char **entry = environ; entry && *entry; entry++)
        size += strlen(*entry) + 1;
    state->environment = calloc(1, size + 1);
    if (!state->environment)
        return -ENOMEM;
    for (char **entry = environ; entry && *entry; entry++) {
        size_t length = strlen(*entry) + 1;
        memcpy(state->environment + state->environment_size, *entry, length);
        state->environment_size += length;
    }
    return 0;
}

int process_state_read(struct process_state *state) {
    static const int timers[PROCESS_STATE_TIMERS] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
    *state = (struct process_state){.fpu = process_fpu_mode()};
    read_signals(state);
    if (sched_getaffinity(0, sizeof state->cpus, (cpu_set_t *)(void *)state->cpus) != 0)
        memset(state->cpus, 0, sizeof state->cpus);
    state->nice = getpriority(PRIO_PROCESS, 0);
    state->policy = sched_getscheduler(0);
    if (!getcwd(state->folder, sizeof state->folder))
        state->folder[0] = '\0';
    state->umask = umask(0);
    umask(state->umask);
    for (int i = 0; i < RLIMIT_NLIMITS; i++)
        getrlimit((__rlimit_resource_t)i, &state->limits[i]);
    for (int i = 0; i < PROCESS_STATE_TIMERS; i++) {
        struct itimerval timer = {0};
        getitimer(timers[i], &timer);
        state->timers[i] = timer.it_value.tv_sec || timer.it_value.tv_usec;
    }
    state->made_timers = count_made_timers();
    process_settings_read(state->settings);
    shared_files_read(&state->shared);
    read_standard_streams(state);
    state->threads = count_threads();
    state->children = count_children(getpid());
    state->siblings = count_children(getppid()); /* a process of its own watches each worker */
    return read_environment(state);
}

void process_state_clear(struct process_state *state) {
    free(state->environment);
    state->environment = NULL;
    state->environment_size = 0;
}

int process_state_settle(const struct process_state *before, struct process_state *state) {
    for (int tries = 0; tries < 50; tries++) {
        int status = process_state_read(state);
        if (status || state->threads <= before->threads)
            return status;
        process_state_clear(state);
        usleep(1000);
    }
    return process_state_read(state);
}

/* What differs, put together as words. */
struct difference {
    char *text;
    size_t size, length;
    int count;
};

__attribute__((format(printf, 2, 3))) static void add(struct difference *difference, const char *format,
                                                      ...) {
    if (difference->count++ >= 3 || difference->length >= difference->size)
        return;
    va_list arguments;
    if (difference->count > 1)
        difference->length += (size_t)snprintf(difference->text + difference->length,
                                               difference->size - difference->length, ", ");
    if (difference->length >= difference->size)
        return;
    va_start(arguments, format);
    int length = vsnprintf(difference->text + difference->length, difference->size - difference->length,
                           format, arguments);
    va_end(arguments);
    difference->length += length > 0 ? (size_t)length : 0;
}

/* A pool that has just been made has no mode before. */
static void compare_pools(const struct process_state *before, const struct process_state *after,
                          struct difference *difference) {
    for (size_t i = 0; i < before->pool_threads && i < after->pool_threads; i++) {
        if (before->pool_fpu[i] == after->pool_fpu[i])
            continue;
        add(difference, "the FPU mode of OpenMP thread %zu (control bits 0x%llx before, 0x%llx after)", i,
            (unsigned long long)before->pool_fpu[i], (unsigned long long)after->pool_fpu[i]);
        return;
    }
}

static void compare_signals(const struct process_state *before, const struct process_state *after,
                            struct difference *difference) {
    for (int i = 1; i < PROCESS_STATE_SIGNALS; i++) {
        char name[32];
        if (sigabbrev_np(i))
            snprintf(name, sizeof name, "SIG%s", sigabbrev_np(i));
        else
            snprintf(name, sizeof name, "real-time signal %d", i);
        int now = sigismember(&after->mask, i);
        if (sigismember(&before->mask, i) != now)
            add(difference, "the signal mask (%s is %s)", name, now ? "blocked" : "no longer blocked");
        if (before->signals[i].handler != after->signals[i].handler ||
            before->signals[i].flags != after->signals[i].flags)
            add(difference, "the handler of %s", name);
    }
}

static int count_cpus(const uint64_t *cpus) {
    int count = 0;
    for (int i = 0; i < PROCESS_STATE_CPU_WORDS; i++)
        count += __builtin_popcountll(cpus[i]);
    return count;
}

static void compare_scheduling(const struct process_state *before, const struct process_state *after,
                               bool parallel, struct difference *difference) {
    if (!parallel && memcmp(before->cpus, after->cpus, sizeof before->cpus) != 0)
        add(difference, "the CPUs it may run on (%d before, %s%d after)", count_cpus(before->cpus),
            count_cpus(before->cpus) == count_cpus(after->cpus) ? "another " : "", count_cpus(after->cpus));
    if (before->nice != after->nice)
        add(difference, "the nice value (%d before, %d after)", before->nice, after->nice);
    if (before->policy != after->policy)
        add(difference, "the scheduling policy (%d before, %d after)", before->policy, after->policy);
    if (!parallel && after->threads > before->threads)
        add(difference, "%d thread%s left running by a variant that is not CS_PARALLEL (duel: %s N)",
            after->threads - before->threads, after->threads - before->threads == 1 ? "" : "s",
            option_name(SETTING_THREADS));
    if (after->children > before->children)
        add(difference, "%d child process%s left behind", after->children - before->children,
            after->children - before->children == 1 ? "" : "es");
    if (after->siblings > before->siblings)
        add(difference, "%d process%s left behind, made a child of the worker's parent (CLONE_PARENT)",
            after->siblings - before->siblings, after->siblings - before->siblings == 1 ? "" : "es");
}

const char *process_limit_name(int resource) {
    static const char *const names[RLIMIT_NLIMITS] = {
        [RLIMIT_AS] = "AS",           [RLIMIT_CORE] = "CORE",         [RLIMIT_CPU] = "CPU",
        [RLIMIT_DATA] = "DATA",       [RLIMIT_FSIZE] = "FSIZE",       [RLIMIT_LOCKS] = "LOCKS",
        [RLIMIT_MEMLOCK] = "MEMLOCK", [RLIMIT_MSGQUEUE] = "MSGQUEUE", [RLIMIT_NICE] = "NICE",
        [RLIMIT_NOFILE] = "NOFILE",   [RLIMIT_NPROC] = "NPROC",       [RLIMIT_RSS] = "RSS",
        [RLIMIT_RTPRIO] = "RTPRIO",   [RLIMIT_RTTIME] = "RTTIME",     [RLIMIT_SIGPENDING] = "SIGPENDING",
        [RLIMIT_STACK] = "STACK"};
    return names[resource] ? names[resource] : "?";
}

static void compare_surroundings(const struct process_state *before, const struct process_state *after,
                                 struct difference *difference) {
    static const char *const streams[] = {"input", "output", "error"};
    static const char *const timers[PROCESS_STATE_TIMERS] = {"REAL", "VIRTUAL", "PROF"};
    if (strcmp(before->folder, after->folder) != 0)
        add(difference, "the working directory (%.60s after)", after->folder[0] ? after->folder : "removed");
    if (before->umask != after->umask)
        add(difference, "the umask (%03o before, %03o after)", (unsigned)before->umask,
            (unsigned)after->umask);
    if (before->environment_size != after->environment_size ||
        memcmp(before->environment, after->environment, before->environment_size) != 0)
        add(difference, "the environment");
    for (int i = 0; i < RLIMIT_NLIMITS; i++)
        if (before->limits[i].rlim_cur != after->limits[i].rlim_cur ||
            before->limits[i].rlim_max != after->limits[i].rlim_max)
            add(difference, "the limit RLIMIT_%s", process_limit_name(i));
    for (int i = 0; i < PROCESS_STATE_TIMERS; i++)
        if (after->timers[i] && !before->timers[i])
            add(difference, "a running timer (ITIMER_%s)", timers[i]);
    if (after->made_timers > before->made_timers)
        add(difference, "%d running timer%s of timer_create", after->made_timers - before->made_timers,
            after->made_timers - before->made_timers == 1 ? "" : "s");
    for (int i = 0; i < 3; i++)
        if (before->standard[i].open != after->standard[i].open)
            add(difference, "descriptor %d (standard %s is %s)", i, streams[i],
                after->standard[i].open ? "open" : "closed");
        else if (before->standard[i].device != after->standard[i].device ||
                 before->standard[i].inode != after->standard[i].inode)
            add(difference, "descriptor %d (standard %s goes elsewhere)", i, streams[i]);
}

static void compare_settings(const struct process_state *before, const struct process_state *after,
                             struct difference *difference) {
    size_t left = shared_files_left(&before->shared, &after->shared);
    for (int i = 0; i < PROCESS_STATE_SETTINGS; i++)
        if (before->settings[i] != after->settings[i])
            add(difference, "%s", process_setting_name(i));
    if (left)
        add(difference, "%zu file%s left in " SHARED_FILES_FOLDER, left, left == 1 ? "" : "s");
}

bool process_state_differs(const struct process_state *before, const struct process_state *after,
                           bool parallel, char *text, size_t size) {
    struct difference difference = {.text = text, .size = size};
    if (size)
        text[0] = '\0';
    if (before->fpu != after->fpu)
        add(&difference, "the FPU mode (control bits 0x%llx before, 0x%llx after)",
            (unsigned long long)before->fpu, (unsigned long long)after->fpu);
    compare_pools(before, after, &difference);
    compare_signals(before, after, &difference);
    compare_scheduling(before, after, parallel, &difference);
    compare_settings(before, after, &difference);
    compare_surroundings(before, after, &difference);
    return difference.count > 0;
}

/* Data and stack in bytes, the sixth field of /proc/self/statm (proc(5)). */
static uint64_t read_data_bytes(void) {
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file) {
        if (fscanf(file, "%*u %*u %*u %*u %*u %llu", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

#if defined(__SANITIZE_ADDRESS__)
#define KEEPS_FREED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEPS_FREED 1
#endif
#endif

void process_fill_free_lists(void) {
    enum {
        SIZES = 64,
        BLOCKS = 16
    }; /* of 24, 40, … 1032 bytes; seven blocks each, sixteen from glibc 2.42 on */
    static void *volatile blocks[SIZES * BLOCKS];
    for (size_t i = 0; i < SIZES * BLOCKS; i++)
        blocks[i] = malloc(24 + i / BLOCKS * 16);
    for (size_t i = 0; i < SIZES * BLOCKS; i++)
        free(blocks[i]);
}

uint64_t process_kept_bytes(void) {
#if defined(KEEPS_FREED)
    (void)read_data_bytes; /* AddressSanitizer keeps what was freed */
    return 0;
#elif defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    uint64_t data = read_data_bytes();
    struct mallinfo2 heap = mallinfo2();
    return data + heap.uordblks > heap.arena ? data + heap.uordblks - heap.arena : 0;
#else
    return read_data_bytes();
#endif
}
