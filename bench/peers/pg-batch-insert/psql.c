/*
 * The shell of PostgreSQL, started once, which is told of a file to copy and answers. The rows are written to that file first, in
 * each run: who copies has rows in a file, and whoever has them in memory must write one.
 */
#define _GNU_SOURCE
#include "peer.h"
#include "pg-batch-insert.h"
#include "shell.h"

struct copier {
    struct peer_shell shell;
    char rows[160]; /* path of the file */
};
_Static_assert(sizeof(struct copier) <= PEER_STATE, "no room for the copier");

static void release(void *state) {
    struct copier *copier = peer_state(state);
    shell_end(&copier->shell);
    unlink(copier->rows);
}

static int prepare(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    struct copier *copier = peer_state(state);
    char setting[96];
    if (snprintf(copier->rows, sizeof copier->rows, "%s/rows", env->scratch) >= (int)sizeof copier->rows)
        return cs_fail(env, ENAMETOOLONG, "the name of the scratch folder is too long");
    char *const words[] = {"psql", "-X",   "-q",       "-h", PQhost(inserts->pg.connection), "-p", "1",
                           "-U",   "shop", "postgres", NULL};
    int status = shell_start(&copier->shell, words, "\\echo");
    if (status)
        return cs_fail(env, -status, "cannot start psql");
    snprintf(setting, sizeof setting, "SET search_path = shop_%d;", PQbackendPID(inserts->pg.connection));
    if (shell_ask(&copier->shell, setting) == 0)
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
    const struct shop_order *orders = shop_inserts_take(&inserts->in);
    snprintf(command, sizeof command, "\\copy orders (user_id, status, total, address) from '%s'",
             copier->rows);
    for (uint32_t i = 0; i < inserts->in.rows && !inserts->error; i += inserts->in.batch) {
        inserts->error = write_rows(copier, orders + i, inserts->in.batch);
        if (!inserts->error)
            inserts->error = shell_ask(&copier->shell, command);
    }
}

PEER(psql) = {.name = "psql",
              .prepare = prepare,
              .release = release,
              .run = run,
              .flags = CS_IO,
              .summary = "the \\copy of PostgreSQL's shell"};
