#include "base/command.h"

#include "base/child.h"
#include "base/numbers.h"
#include "base/nursery.h"
#include "base/orphans.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 50

/* Which call kept a command from running, and why. The name is a literal: parent and child have it alike. */
struct obstacle {
    const char *call;
    int error;
};

/* In the child. Tells `failure` what is in the way where the command cannot be run; the pipe closes where it
 * can. */
static void become_command(char *const *argv, int out, int err, int failure) {
    struct obstacle obstacle = {.call = child_cut_off(out, err)};
    if (!obstacle.call) {
        obstacle.call = "exec";
        execvp(argv[0], argv);
    }
    obstacle.error = errno;
    if (write(failure, &obstacle, sizeof obstacle) < 0)
        _exit(126);
    _exit(127);
}

/* 0 when the process has ended by itself. */
static int watch(const struct child *child, double time_s, const volatile sig_atomic_t *told) {
    double end = monotonic_s() + time_s;
    for (;;) {
        if (child_has_ended(child, POLL_MS))
            return 0;
        if (*told)
            return -EINTR;
        if (monotonic_s() > end)
            return -ETIMEDOUT;
    }
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
    struct obstacle obstacle;
};

/* The command's own end, in start->wait_status, or why it had none. */
static int wait_for(struct start *start, const struct child *child, int failure,
                    const struct orphans *orphans, const volatile sig_atomic_t *told) {
    struct obstacle said;
    bool started = read(failure, &said, sizeof said) != sizeof said;
    if (!started)
        start->obstacle = said;
    int status = started ? watch(child, start->time_s, told) : -said.error;
    if (status && started)
        child_tell_to_end(child, -child->pid);
    int left = orphans_end_child(orphans, child->pid, child->pidfd, &start->wait_status, NULL);
    close(child->pidfd);
    return status ? status : left;
}

/* Starts the command and waits for it. In a nursery, so that nothing of a build goes on without this program.
 * 0 or -errno. */
static int start_and_wait(void *argument, const volatile sig_atomic_t *told) {
    struct start *start = argument;
    struct orphans orphans;
    struct child child;
    int failure[2];
    if (pipe2(failure, O_CLOEXEC) != 0) {
        start->obstacle = (struct obstacle){"pipe2", errno};
        return -start->obstacle.error;
    }
    orphans_adopt(&orphans);
    const char *call;
    int status = child_fork(&child, &call);
    if (status == 0)
        become_command(start->argv, start->out, start->err, failure[1]);
    if (status < 0)
        start->obstacle = (struct obstacle){call, -status};
    close(failure[1]);
    if (status > 0)
        status = wait_for(start, &child, failure[0], &orphans, told);
    close(failure[0]);
    return status;
}

static int run_in_nursery(char *const *argv, const struct command_limits *limits, int out, int err,
                          int *wait_status, struct obstacle *obstacle) {
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
    *obstacle = start->obstacle;
    nursery_unshare(start, sizeof *start);
    return status;
}

/* The first file of that name in the folders of $PATH, which execvp looks for. */
static bool find_in_path(const char *name, char *path, size_t size) {
    const char *folder = getenv("PATH");
    struct stat facts;
    for (folder = folder ? folder : "/bin:/usr/bin"; *folder;) {
        size_t length = strcspn(folder, ":");
        snprintf(path, size, "%.*s%s%s", (int)length, folder, length ? "/" : "./", name);
        if (stat(path, &facts) == 0 && S_ISREG(facts.st_mode))
            return true;
        folder += length + (folder[length] == ':');
    }
    return false;
}

/* Of a name that is nowhere, execvp says EACCES where it may not search one of the folders. */
static int explain_exec(const char *name, int error, struct problem *problem) {
    char found[4096];
    bool path = strchr(name, '/');
    if (path)
        snprintf(found, sizeof found, "%s", name);
    if (!path && (error == ENOENT || error == EACCES) && !find_in_path(name, found, sizeof found))
        return problem_set(problem, ENOENT, "cannot run %s: there is no such program in PATH", name);
    if (error == ENOENT && access(found, F_OK) == 0)
        return problem_set(problem, error, "cannot run %s: the interpreter that %s names is not there", name,
                           found);
    if (error == EACCES && !path)
        return problem_set(problem, error, "cannot run %s: %s: %s", name, found, strerror(error));
    return problem_set(problem, error, "cannot run %s: %s", name, strerror(error));
}

static int explain(const char *name, int status, const struct obstacle *obstacle,
                   const struct command_limits *limits, struct problem *problem) {
    if (obstacle->error && !strcmp(obstacle->call, "exec"))
        return explain_exec(name, obstacle->error, problem);
    if (obstacle->error)
        return problem_set(problem, obstacle->error, "cannot run %s: %s: %s", name, obstacle->call,
                           strerror(obstacle->error));
    if (status == -EINTR)
        return problem_set(problem, EINTR, "%s: interrupted", name);
    if (status == -ETIMEDOUT)
        return problem_set(problem, ETIMEDOUT, "%s: did not end within %s s", name, BRIEF(limits->time_s, 6));
    return problem_set(problem, -status, "cannot run %s: %s", name, strerror(-status));
}

/* Where output goes: descriptors, -1 where there is none. 0 or -errno with the obstacle. */
static int open_output(int *out, int *err, struct obstacle *obstacle) {
    *out = memfd_create("countersign-out", MFD_CLOEXEC);
    *err = memfd_create("countersign-err", MFD_CLOEXEC);
    if (*out < 0 || *err < 0)
        *obstacle = (struct obstacle){"memfd_create", errno};
    return -obstacle->error;
}

static void close_output(int out, int err) {
    if (out >= 0)
        close(out);
    if (err >= 0)
        close(err);
}

/* Of a command that came to its end. */
static int read_result(int out, int err, int wait_status, const struct command_limits *limits,
                       struct command_result *result) {
    /* One that is done in a moment is not asked to end; whoever runs one after the other must hear of it. */
    int status = limits->interrupted && *limits->interrupted ? -EINTR : 0;
    if (status == 0)
        status = read_all(out, &result->out, &result->out_size);
    if (status == 0)
        status = read_all(err, &result->err, &result->err_size);
    result->exit_status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
    return status;
}

int command_run(const struct words *command, const struct command_limits *limits,
                struct command_result *result, struct problem *problem) {
    *result = (struct command_result){0};
    if (command->count == 0)
        return problem_set(problem, EINVAL, "an empty command cannot be run");
    struct obstacle obstacle = {0};
    int out, err, wait_status = 0, status = open_output(&out, &err, &obstacle);
    if (status == 0)
        status = run_in_nursery(command->items, limits, out, err, &wait_status, &obstacle);
    if (status == 0)
        status = read_result(out, err, wait_status, limits, result);
    close_output(out, err);
    return status ? explain(command->items[0], status, &obstacle, limits, problem) : 0;
}

int command_begin(struct command_begun *begun, const struct words *command, struct problem *problem) {
    *begun = (struct command_begun){.out = -1, .err = -1};
    if (command->count == 0)
        return problem_set(problem, EINVAL, "an empty command cannot be run");
    struct obstacle obstacle = {0};
    int status = open_output(&begun->out, &begun->err, &obstacle);
    if (status == 0) {
        status = child_launch(&begun->child, command->items, begun->out, begun->err, &obstacle.call);
        obstacle.error = -status;
    }
    if (status == 0)
        return 0;
    close_output(begun->out, begun->err);
    return explain(command->items[0], status, &obstacle, NULL, problem);
}

int command_end(struct command_begun *begun, const char *name, const struct command_limits *limits,
                struct command_result *result, struct problem *problem) {
    static const volatile sig_atomic_t never = 0;
    const struct obstacle none = {0};
    int wait_status = 0;
    *result = (struct command_result){0};
    int status = watch(&begun->child, limits->time_s, limits->interrupted ? limits->interrupted : &never);
    if (status)
        child_tell_to_end(&begun->child, -begun->child.pid);
    int left = orphans_end_child(NULL, begun->child.pid, begun->child.pidfd, &wait_status, NULL);
    close(begun->child.pidfd);
    status = status ? status : left;
    if (status == 0)
        status = read_result(begun->out, begun->err, wait_status, limits, result);
    close_output(begun->out, begun->err);
    begun->child.pid = 0;
    return status ? explain(name, status, &none, limits, problem) : 0;
}

void command_result_clear(struct command_result *result) {
    free(result->out);
    free(result->err);
    *result = (struct command_result){0};
}
