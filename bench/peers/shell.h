/* A database's shell as a rival: started once, told by a pipe what to do, and asked whether it is done. */
#ifndef PEER_SHELL_H
#define PEER_SHELL_H

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHELL_DONE "done\n"

struct peer_shell {
    pid_t pid;
    FILE *to;
    int from;
    const char *print; /* the shell's command that prints the rest of its line */
};

extern char **environ;

/** Starts `words`, with what it says on both of its outputs to be read. 0 or -errno. */
static inline int shell_start(struct peer_shell *shell, char *const *words, const char *print) {
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC))
        return -errno;
    if (pipe2(from, O_CLOEXEC)) {
        int error = errno;
        close(to[0]), close(to[1]);
        return -error;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    posix_spawn_file_actions_adddup2(&actions, from[1], 2);
    int error = posix_spawnp(&shell->pid, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]), close(from[1]);
    shell->to = fdopen(to[1], "w");
    shell->from = from[0];
    shell->print = print;
    return -error;
}

/** 0, or -EIO where the shell said anything else than that it is done. */
static inline int shell_ask(struct peer_shell *shell, const char *commands) {
    char answer[sizeof SHELL_DONE] = "";
    size_t length = 0;
    ssize_t got = 1;
    fprintf(shell->to, "%s\n%s " SHELL_DONE, commands, shell->print);
    fflush(shell->to);
    while (length < sizeof SHELL_DONE - 1 && got > 0) {
        got = read(shell->from, answer + length, sizeof SHELL_DONE - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    return strcmp(answer, SHELL_DONE) == 0 ? 0 : -EIO;
}

/** A shell that reads the end of its commands ends. */
static inline void shell_end(struct peer_shell *shell) {
    fclose(shell->to);
    close(shell->from);
    waitpid(shell->pid, NULL, 0);
}

#endif
