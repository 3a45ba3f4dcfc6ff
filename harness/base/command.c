#include "base/command.h"

#include "base/nursery.h"
#include "base/orphans.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 50
#define GRACE_MS 2000

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* In the child. Writes errno to `failure` where the command cannot be run; the pipe closes where it can. */
static void become_command(char *const *argv, pid_t parent, int out, int err, int failure) {
    setsid(); /* no terminal to type into */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(126);
    static const int signals[] = {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
    int null = open("/dev/null", O_RDONLY);
    if (null >= 0 && dup2(null, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0)
        execvp(argv[0], argv);
    int error = errno;
    if (write(failure, &error, sizeof error) < 0)
        _exit(126);
    _exit(127);
}

/* 0 when the process has ended by itself. */
static int watch(int pidfd, double time_s, const volatile sig_atomic_t *told) {
    double end = now_s() + time_s;
    for (;;) {
        struct pollfd ended = {.fd = pidfd, .events = POLLIN};
        if (poll(&ended, 1, POLL_MS) > 0)
            return 0;
        if (*told)
            return -EINTR;
        if (now_s() > end)
            return -ETIMEDOUT;
    }
}

/* A compiler that is told to end removes its temporary files; one that is killed cannot. */
static void end_gently(pid_t group, int pidfd) {
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    kill(-group, SIGTERM);
    poll(&ended, 1, GRACE_MS);
}

static int read_all(int fd, char **text, size_t *size) {
    struct stat facts;
    if (fstat(fd, &facts) != 0)
        return -errno;
    *text = malloc((size_t)facts.st_size + 1);
    if (!*text)
        return -ENOMEM;
    *size = 0;
    while (*size < (size_t)facts.st_size) {
        ssize_t got = pread(fd, *text + *size, (size_t)facts.st_size - *size, (off_t)*size);
        if (got <= 0)
            break;
        *size += (size_t)got;
    }
    (*text)[*size] = '\0';
    return 0;
}

struct start {
    char *const *argv;
    double time_s;
    int out, err;
    int wait_status;
};

/* Starts the command and waits for it. In a nursery, so that nothing of a build goes on without this program.
 * 0 or -errno. */
static int start_and_wait(void *argument, const volatile sig_atomic_t *told) {
    struct start *start = argument;
    struct orphans orphans;
    int failure[2], error = 0;
    if (pipe2(failure, O_CLOEXEC) != 0)
        return -errno;
    orphans_adopt(&orphans);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become_command(start->argv, parent, start->out, start->err, failure[1]);
    int status = pid < 0 ? -errno : 0;
    close(failure[1]);
    if (pid > 0) {
        if (read(failure[0], &error, sizeof error) == sizeof error)
            status = -error;
        int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (status == 0)
            status = pidfd < 0 ? -errno : watch(pidfd, start->time_s, told);
        if (status && error == 0 && pidfd >= 0)
            end_gently(pid, pidfd);
        int left = orphans_end_child(&orphans, pid, pidfd, &start->wait_status, NULL);
        status = status ? status : left;
        if (pidfd >= 0)
            close(pidfd);
    }
    close(failure[0]);
    return status;
}

static int run_in_nursery(char *const *argv, const struct command_limits *limits, int out, int err,
                          int *wait_status) {
    struct nursery nursery;
    struct start *start = nursery_share(sizeof *start);
    if (!start)
        return -ENOMEM;
    *start = (struct start){.argv = argv, .time_s = limits->time_s, .out = out, .err = err};
    int status = nursery_open(&nursery);
    if (status == 0)
        status = nursery_call(&nursery, start_and_wait, start, limits->time_s + NURSERY_GRACE_S,
                              limits->interrupted);
    nursery_close(&nursery);
    *wait_status = start->wait_status;
    nursery_unshare(start, sizeof *start);
    return status;
}

static int explain(const char *name, int status, const struct command_limits *limits,
                   struct problem *problem) {
    if (status == -EINTR)
        return problem_set(problem, EINTR, "%s: interrupted", name);
    if (status == -ETIMEDOUT)
        return problem_set(problem, ETIMEDOUT, "%s: did not end within %g s", name, limits->time_s);
    return problem_set(problem, -status, "cannot run %s: %s", name, strerror(-status));
}

int command_run(const struct words *command, const struct command_limits *limits,
                struct command_result *result, struct problem *problem) {
    *result = (struct command_result){0};
    if (command->count == 0)
        return problem_set(problem, EINVAL, "an empty command cannot be run");
    int out = memfd_create("countersign-out", MFD_CLOEXEC),
        err = memfd_create("countersign-err", MFD_CLOEXEC);
    int wait_status = 0;
    int status = out < 0 || err < 0 ? -errno : run_in_nursery(command->items, limits, out, err, &wait_status);
    if (status == 0)
        status = read_all(out, &result->out, &result->out_size);
    if (status == 0)
        status = read_all(err, &result->err, &result->err_size);
    result->exit_status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
    if (out >= 0)
        close(out);
    if (err >= 0)
        close(err);
    return status ? explain(command->items[0], status, limits, problem) : 0;
}

void command_result_clear(struct command_result *result) {
    free(result->out);
    free(result->err);
    *result = (struct command_result){0};
}
