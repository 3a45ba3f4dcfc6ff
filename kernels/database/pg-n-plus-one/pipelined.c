/* The same n + 1 queries: those for the users are sent together, and their answers come together. */
#include "pg-n-plus-one.h"

static int send_for_user(struct pg *pg, const PGresult *page, int row) {
    const char *value = PQgetvalue(page, row, 0);
    return PQsendQueryPrepared(pg->connection, "pipelined orders", 1, &value, (const int[]){4},
                               (const int[]){1}, 1);
}

/* The result of the next query of a pipeline, which ends with NULL. */
static void take_orders(struct pages *pages, size_t i) {
    for (PGresult *orders; (orders = PQgetResult(pages->pg.connection));) {
        if (PQresultStatus(orders) != PGRES_TUPLES_OK)
            pages->error = -EIO;
        add_orders(pages, i, orders);
        PQclear(orders);
    }
}

void run_pipelined(void *state) {
    struct pages *pages = state;
    PGconn *connection = pages->pg.connection;
    PGresult *page = ask_for_page(pages, "pipelined page", shop_page_take(&pages->shown));
    uint32_t sent = 0;
    if (!page)
        return;
    PQenterPipelineMode(connection);
    while (sent < pages->shown.users && send_for_user(&pages->pg, page, (int)sent))
        sent++;
    if (sent < pages->shown.users || !PQpipelineSync(connection))
        pages->error = -EIO;
    pages->pg.round_trips++;
    for (uint32_t i = 0; i < sent; i++)
        take_orders(pages, i);
    PQclear(PQgetResult(connection)); /* of the synchronization */
    PQexitPipelineMode(connection);
    PQclear(page);
}

int prepare_pipelined(const struct cs_env *env, void *state) {
    return prepare_two(env, state, "pipelined page", "pipelined orders", ORDERS_QUERY,
                       (const Oid[]){PG_INT4});
}
