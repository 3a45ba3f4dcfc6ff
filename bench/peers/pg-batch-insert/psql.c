/*
 * The shell of PostgreSQL, started once, which is told of a file to copy and answers. The rows are written to that file first, in
 * each run: who copies has rows in a file, and whoever has them in memory must write one.
 */
#define _GNU_SOURCE
#include "peer.h"
#include "pg-batch-insert.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define DONE "copied\n"

struct copier {
    pid_t shell;
    FILE *to;
    int from;
    char rows[160]; /* path of the file */
};
_Static_assert(sizeof(struct copier) <= PEER_STATE, "no room for the copier");

extern char **environ;

/* 0, or -EIO where the shell said anything else than that it is done. */
static int ask(struct copier *copier, const char *command) {
    char answer[sizeof DONE] = "";
    size_t length = 0;
    ssize_t got = 1;
    fprintf(copier->to, "%s\n\\echo " DONE, command);
    fflush(copier->to);
    while (length < sizeof DONE - 1 && got > 0) {
        got = read(copier->from, answer + length, sizeof DONE - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    return strcmp(answer, DONE) == 0 ? 0 : -EIO;
}

static void release(void *state) {
    struct copier *copier = peer_state(state);
    fclose(copier->to);
    close(copier->from);
    waitpid(copier->shell, NULL, 0);
    unlink(copier->rows);
}

static int start_shell(struct copier *copier, const char *folder) {
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC))
        return errno;
    if (pipe2(from, O_CLOEXEC)) {
        close(to[0]), close(to[1]);
        return errno;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    posix_spawn_file_actions_adddup2(&actions, from[1], 2);
    char *const words[] = {"psql", "-X",   "-q",       "-h", (char *)folder, "-p", "1",
                           "-U",   "shop", "postgres", NULL};
    int status = posix_spawnp(&copier->shell, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]), close(from[1]);
    copier->to = fdopen(to[1], "w");
    copier->from = from[0];
    return status;
}

static int prepare(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    struct copier *copier = peer_state(state);
    char setting[96];
    if (snprintf(copier->rows, sizeof copier->rows, "%s/rows", env->scratch) >= (int)sizeof copier->rows)
        return cs_fail(env, ENAMETOOLONG, "the name of the scratch folder is too long");
    int status = start_shell(copier, PQhost(inserts->pg.connection));
    if (status)
        return cs_fail(env, status, "cannot start psql");
    snprintf(setting, sizeof setting, "SET search_path = shop_%d;", PQbackendPID(inserts->pg.connection));
    if (ask(copier, setting) == 0)
        return 0;
    release(state);
    return cs_fail(env, EIO, "psql does not take commands");
}

static int write_rows(const struct copier *copier, const struct shop_order *orders, uint32_t count) {
    char line[PG_LINE];
    FILE *file = fopen(copier->rows, "we");
    if (!file)
        return -errno;
    for (uint32_t i = 0; i < count; i++)
        fwrite(line, 1, (size_t)pg_order_line(line, &orders[i]), file);
    return fclose(file) == 0 ? 0 : -EIO;
}

static void run(void *state) {
    struct inserts *inserts = state;
    struct copier *copier = peer_state(state);
    char command[sizeof copier->rows + 80];
    const struct shop_order *orders = take_orders(inserts);
    snprintf(command, sizeof command, "\\copy orders (user_id, status, total, address) from '%s'",
             copier->rows);
    for (uint32_t i = 0; i < inserts->rows && !inserts->error; i += inserts->batch) {
        inserts->error = write_rows(copier, orders + i, inserts->batch);
        if (!inserts->error)
            inserts->error = ask(copier, command);
    }
}

PEER(psql) = {.name = "psql",
              .prepare = prepare,
              .release = release,
              .run = run,
              .flags = CS_IO,
              .summary = "the \\copy of PostgreSQL's shell"};
