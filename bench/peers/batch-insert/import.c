/*
 * The shell of SQLite, started once, which is told of a file to import and answers. The rows are written to that file first, in
 * each run: who imports has rows in a file, and whoever has them in memory must write one.
 */
#define _GNU_SOURCE
#include "batch-insert.h"
#include "peer.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#define DONE "imported\n"

struct importer {
    pid_t shell;
    FILE *to;
    int from;
    char rows[160]; /* path of the file */
};
_Static_assert(sizeof(struct importer) <= PEER_STATE, "no room for the importer");

extern char **environ;

static int synchronous(sqlite3 *db) {
    sqlite3_stmt *query = NULL;
    int mode = 2;
    if (sqlite3_prepare_v2(db, "PRAGMA synchronous", -1, &query, NULL) == SQLITE_OK &&
        sqlite3_step(query) == SQLITE_ROW)
        mode = sqlite3_column_int(query, 0);
    sqlite3_finalize(query);
    return mode;
}

/* 0, or -EIO where the shell said anything else than that it is done. */
static int ask(struct importer *importer, const char *commands) {
    char answer[sizeof DONE] = "";
    size_t length = 0;
    ssize_t got = 1;
    fprintf(importer->to, "%s\n.print " DONE, commands);
    fflush(importer->to);
    while (length < sizeof DONE - 1 && got > 0) {
        got = read(importer->from, answer + length, sizeof DONE - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    return strcmp(answer, DONE) == 0 ? 0 : -EIO;
}

static void release(void *state) {
    struct importer *importer = peer_state(state);
    fclose(importer->to);
    close(importer->from);
    waitpid(importer->shell, NULL, 0);
    unlink(importer->rows);
}

static int start_shell(struct importer *importer, const char *path) {
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC))
        return -errno;
    if (pipe2(from, O_CLOEXEC)) {
        close(to[0]), close(to[1]);
        return -errno;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    posix_spawn_file_actions_adddup2(&actions, from[1], 2);
    char *const words[] = {"sqlite3", "-batch", "-init", "/dev/null", (char *)path, NULL};
    int status = posix_spawnp(&importer->shell, "sqlite3", &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]), close(from[1]);
    importer->to = fdopen(to[1], "w");
    importer->from = from[0];
    return -status;
}

static int prepare(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    struct importer *importer = peer_state(state);
    char settings[96];
    if (snprintf(importer->rows, sizeof importer->rows, "%s/rows.csv", env->scratch) >=
        (int)sizeof importer->rows)
        return cs_fail(env, ENAMETOOLONG, "the name of the scratch folder is too long");
    int status = start_shell(importer, inserts->shop.path);
    if (status)
        return cs_fail(env, -status, "cannot start sqlite3");
    snprintf(settings, sizeof settings, "PRAGMA synchronous = %d;\nPRAGMA cache_size = -256;\n.mode csv",
             synchronous(inserts->shop.db));
    status = ask(importer, settings);
    if (status)
        release(state);
    return status;
}

static int write_rows(const struct importer *importer, uint64_t id, const struct shop_order *orders,
                      uint32_t count) {
    FILE *file = fopen(importer->rows, "we");
    if (!file)
        return -errno;
    for (uint32_t i = 0; i < count; i++)
        fprintf(file, "%llu,%u,%u,%lld,\"%.*s\"\n", (unsigned long long)id + i, orders[i].user,
                orders[i].status, (long long)orders[i].total, shop_address_length(&orders[i]), SHOP_ADDRESS);
    return fclose(file) == 0 ? 0 : -EIO;
}

static void run(void *state) {
    struct inserts *inserts = state;
    struct importer *importer = peer_state(state);
    char command[sizeof importer->rows + 32];
    const struct shop_order *orders = take_orders(inserts);
    snprintf(command, sizeof command, ".import %s orders", importer->rows);
    for (uint32_t i = 0; i < inserts->rows && !inserts->error; i += inserts->batch) {
        inserts->error = write_rows(importer, inserts->first + i, orders + i, inserts->batch);
        if (!inserts->error)
            inserts->error = ask(importer, command);
    }
}

PEER(import) = {.name = "import",
                .run = run,
                .flags = CS_IO,
                .summary = "the .import of SQLite's shell",
                .prepare = prepare,
                .release = release};
