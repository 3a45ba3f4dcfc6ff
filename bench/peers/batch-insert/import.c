/*
 * The shell of SQLite, started once, which is told of a file to import and answers. The rows are written to that file first, in
 * each run: who imports has rows in a file, and whoever has them in memory must write one.
 */
#define _GNU_SOURCE
#include "batch-insert.h"
#include "peer.h"
#include "shell.h"

struct importer {
    struct peer_shell shell;
    char rows[160]; /* path of the file */
};
_Static_assert(sizeof(struct importer) <= PEER_STATE, "no room for the importer");

static int synchronous(sqlite3 *db) {
    sqlite3_stmt *query = NULL;
    int mode = 2;
    if (sqlite3_prepare_v2(db, "PRAGMA synchronous", -1, &query, NULL) == SQLITE_OK &&
        sqlite3_step(query) == SQLITE_ROW)
        mode = sqlite3_column_int(query, 0);
    sqlite3_finalize(query);
    return mode;
}

static void release(void *state) {
    struct importer *importer = peer_state(state);
    shell_end(&importer->shell);
    unlink(importer->rows);
}

static int prepare(const struct cs_env *env, void *state) {
    struct inserts *inserts = state;
    struct importer *importer = peer_state(state);
    char settings[96];
    if (snprintf(importer->rows, sizeof importer->rows, "%s/rows.csv", env->scratch) >=
        (int)sizeof importer->rows)
        return cs_fail(env, ENAMETOOLONG, "the name of the scratch folder is too long");
    char *const words[] = {"sqlite3", "-batch", "-init", "/dev/null", inserts->shop.path, NULL};
    int status = shell_start(&importer->shell, words, ".print");
    if (status)
        return cs_fail(env, -status, "cannot start sqlite3");
    snprintf(settings, sizeof settings, "PRAGMA synchronous = %d;\nPRAGMA cache_size = -256;\n.mode csv",
             synchronous(inserts->shop.db));
    status = shell_ask(&importer->shell, settings);
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
    const struct shop_order *orders = shop_inserts_take(&inserts->in);
    snprintf(command, sizeof command, ".import %s orders", importer->rows);
    for (uint32_t i = 0; i < inserts->in.rows && !inserts->error; i += inserts->in.batch) {
        inserts->error = write_rows(importer, inserts->in.first + i, orders + i, inserts->in.batch);
        if (!inserts->error)
            inserts->error = shell_ask(&importer->shell, command);
    }
}

PEER(import) = {.name = "import",
                .run = run,
                .flags = CS_IO,
                .summary = "the .import of SQLite's shell",
                .prepare = prepare,
                .release = release};
