#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE_MS 2000

double monotonic_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* In a child. Set before the parent is looked at: one that died in between would never be told of. */
static void end_with(pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(126);
}

/* In the parent: `pid`, or -errno with the call that failed and no child. */
static pid_t keep_child(struct child *child, pid_t pid, const char **call) {
    if (pid < 0)
        return -errno;
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), error = errno;
    if (pidfd < 0) {
        *call = "pidfd_open";
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return -error;
    }
    *child = (struct child){pid, pidfd};
    return pid;
}

pid_t child_fork(struct child *child, const char **call) {
    *child = (struct child){0, -1}; /* before there is another, who may have that memory, too */
    *call = "fork";
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        end_with(parent);
        return 0;
    }
    return keep_child(child, pid, call);
}

/* The child has this process's memory until exec, and tells there what failed. */
__attribute__((noinline)) static pid_t launch(char *const *argv, int output, int errors, pid_t parent,
                                              const char **call, volatile int *error) {
    pid_t pid = vfork();
    if (pid == 0) {
        end_with(parent);
        *call = child_cut_off(output, errors);
        if (!*call) {
            *call = "exec";
            execvp(argv[0], argv);
        }
        *error = errno;
        _exit(127);
    }
    return pid;
}

int child_launch(struct child *child, char *const *argv, int output, int errors, const char **call) {
    volatile int error = 0;
    *child = (struct child){0, -1};
    *call = "vfork";
    pid_t pid = launch(argv, output, errors, getpid(), call, &error);
    if (error) {
        waitpid(pid, NULL, 0);
        return -error;
    }
    pid = keep_child(child, pid, call);
    return pid < 0 ? pid : 0;
}

const char *child_cut_off(int output, int errors) {
    static const int defaults[] = {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        signal(defaults[i], SIG_DFL);
    if (setsid() < 0)
        return "setsid";
    int null = open("/dev/null", O_RDONLY);
    if (null < 0)
        return "/dev/null";
    return dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0 ? "dup2" : NULL;
}

bool child_has_ended(const struct child *child, int wait_ms) {
    return poll(&(struct pollfd){.fd = child->pidfd, .events = POLLIN}, 1, wait_ms) > 0;
}

void child_tell_to_end(const struct child *child, pid_t whom) {
    kill(whom, SIGTERM);
    child_has_ended(child, GRACE_MS);
}

bool child_describe_end(const struct child *child, char *text, size_t size) {
    siginfo_t how = {0};
    text[0] = '\0';
    if (waitid(P_PID, (id_t)child->pid, &how, WEXITED | WNOHANG | WNOWAIT) != 0 || how.si_pid == 0)
        return false;
    if (how.si_code == CLD_EXITED)
        snprintf(text, size, "ended with exit status %d", how.si_status);
    else
        snprintf(text, size, "was ended by SIG%.16s", sigabbrev_np(how.si_status));
    return how.si_code == CLD_EXITED && how.si_status == 0;
}

FILE *child_read(char *const *arguments, struct child *child) {
    const char *call;
    int ends[2], null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0)
        return NULL;
    int error = pipe2(ends, O_CLOEXEC) != 0 ? errno : 0;
    if (error) {
        close(null);
        errno = error;
        return NULL;
    }
    error = -child_launch(child, arguments, ends[1], null, &call);
    close(null);
    close(ends[1]);
    FILE *stream = error ? NULL : fdopen(ends[0], "r");
    if (!stream) {
        close(ends[0]);
        errno = error ? error : ENOMEM;
    }
    return stream;
}

void child_read_end(FILE *stream, struct child *child) {
    fclose(stream);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close(child->pidfd);
}

void child_read_version(const char *path, char *text, size_t size) {
    char *const arguments[] = {(char *)path, "--version", NULL};
    struct child child;
    FILE *stream = child_read(arguments, &child);
    if (!stream || !fgets(text, (int)size, stream))
        text[0] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    if (stream)
        child_read_end(stream, &child);
}
