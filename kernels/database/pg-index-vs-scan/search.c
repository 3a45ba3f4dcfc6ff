/* A table a variant, which has the rows of the others and an index of its own. */
#include "pg-index-vs-scan.h"

int prepare_table(const struct cs_env *env, struct searches *searches, const char *name, const char *index) {
    char sql[512];
    struct pg *pg = &searches->pg;
    snprintf(sql, sizeof sql, "CREATE TABLE orders_%s " PG_ORDERS, name);
    int status = pg_execute(pg, sql);
    snprintf(sql, sizeof sql, "orders_%s", name);
    if (status == 0)
        status = pg_copy_orders(pg, sql, searches->orders, searches->sizes.orders);
    snprintf(sql, sizeof sql, "CREATE INDEX by_user_%s ON orders_%s %s", name, name, index ? index : "");
    if (status == 0 && index)
        status = pg_execute(pg, sql);
    snprintf(sql, sizeof sql, "VACUUM ANALYZE orders_%s", name);
    if (status == 0)
        status = pg_execute(pg, sql);
    if (status)
        return pg_fail(env, pg->connection, "fill PostgreSQL");
    snprintf(
        sql, sizeof sql,
        "SELECT count(*), coalesce(sum(total), 0)::bigint FROM orders_%s WHERE user_id = $1 AND status = 0",
        name);
    return pg_prepare(env, pg, name, sql, 1, (const Oid[]){PG_INT4});
}

void search_table(struct searches *searches, const char *name) {
    const uint32_t *subjects =
        searches->subjects + cs_window(&searches->next, searches->queries, searches->pool);
    for (size_t i = 0; i < searches->queries; i++) {
        PGresult *row = pg_query(&searches->pg, name, 1, &subjects[i]);
        if (PQntuples(row) == 1) {
            searches->counts[i] = (uint32_t)pg_get_int8(row, 0, 0);
            searches->totals[i] = pg_get_int8(row, 0, 1);
        } else
            searches->error = -EIO;
        PQclear(row);
    }
}

void tell_search(struct searches *searches, const char *name, char *text, size_t size) {
    char statement[64];
    snprintf(statement, sizeof statement, "EXECUTE %s (1)", name);
    pg_tell_plan(&searches->pg, statement, text, size);
}
