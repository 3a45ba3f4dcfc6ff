/* Limits of the shell under which nothing could be measured: told of beforehand, and by name. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A worker's page and output, topology, counters of one thread, and what the libraries open in passing. */
#define NEEDED_DESCRIPTORS 32
#define NEEDED_PROCESSES 3 /* at a time, beside this one: what starts commands, a command, and its child */
#define MIB ((size_t)1 << 20)
#define NEEDED_STACK (1 * MIB)
#define NEEDED_FILE (64 * MIB) /* a worker's page, which is a file in memory, and the result */
#define NEEDED_SPACE (256 * MIB)
#define NEEDED_DATA (64 * MIB)

/* Libraries fail one by one with fewer, one of them by ending the process. */
static int require_descriptors(void) {
    int held[NEEDED_DESCRIPTORS], count = 0;
    while (count < NEEDED_DESCRIPTORS && (held[count] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
        count++;
    for (int i = 0; i < count; i++)
        close(held[i]);
    return count == NEEDED_DESCRIPTORS ? 0
                                       : fail(EXIT_USAGE,
                                              "only %d more files can be opened, %d are needed; raise the "
                                              "limit (ulimit -n)",
                                              count, NEEDED_DESCRIPTORS);
}

static int require_sizes(void) {
    static const struct {
        __rlimit_resource_t resource;
        size_t bytes;
        const char *what, *option;
    } needed[] = {{RLIMIT_STACK, NEEDED_STACK, "the stack may grow to", "ulimit -s"},
                  {RLIMIT_FSIZE, NEEDED_FILE, "a file may grow to", "ulimit -f"}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        struct rlimit own;
        if (getrlimit(needed[i].resource, &own) == 0 && own.rlim_cur < needed[i].bytes)
            return fail(EXIT_USAGE, "%s %llu KiB alone, %zu KiB are needed; raise the limit (%s)",
                        needed[i].what, (unsigned long long)own.rlim_cur / 1024, needed[i].bytes / 1024,
                        needed[i].option);
    }
    return 0;
}

/* By asking for it: what is used already counts, and other limits than this process's own. */
static int require_memory(void) {
    static const struct {
        size_t bytes;
        int protection;
        const char *option;
    } needed[] = {{NEEDED_SPACE, PROT_NONE, "ulimit -v"}, {NEEDED_DATA, PROT_READ | PROT_WRITE, "ulimit -d"}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        void *memory = mmap(NULL, needed[i].bytes, needed[i].protection,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
            return fail(EXIT_USAGE, "no %zu MiB of memory can be had: %s; raise the limit (%s)",
                        needed[i].bytes / MIB, strerror(errno), needed[i].option);
        munmap(memory, needed[i].bytes);
    }
    return 0;
}

static int require_processes(void) {
    pid_t pids[NEEDED_PROCESSES];
    int ends[2], count = 0, error = 0;
    char byte;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail(EXIT_USAGE, "no pipe can be made: %s", strerror(errno));
    while (count < NEEDED_PROCESSES && !error) {
        pid_t pid = fork();
        if (pid == 0) {
            close(ends[1]);
            _exit(read(ends[0], &byte, 1) < 0); /* until all are there */
        }
        error = pid < 0 ? errno : 0;
        if (pid > 0)
            pids[count++] = pid;
    }
    close(ends[0]);
    close(ends[1]);
    while (count > 0)
        waitpid(pids[--count], NULL, 0);
    return error ? fail(EXIT_USAGE, "a process cannot be started: %s; raise the limit (ulimit -u)",
                        strerror(error))
                 : 0;
}

int require_limits(void) {
    int status = require_sizes();
    if (status == 0)
        status = require_descriptors();
    if (status == 0)
        status = require_memory();
    return status ? status : require_processes();
}
