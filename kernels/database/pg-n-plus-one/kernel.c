/* pg-n-plus-one: a page of users with what each has ordered, asked of PostgreSQL user by user or all at once. */
#include "pg-n-plus-one.h"

static int setup(const struct cs_env *env, void *state) {
    struct pages *pages = state;
    int status = shop_page_open(env, &pages->shown);
    cs_run_error(env, &pages->error);
    cs_count(env, "round-trips", &pages->pg.round_trips);
    return status ? status : pg_open_shop(env, &pages->pg, &pages->shown.sizes, pages->shown.orders);
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    return shop_page_check(&((const struct pages *)state)->shown, mismatch);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("pg-n-plus-one", "user",
              "show a page of users with the sum of each one's orders, from PostgreSQL"),
    .parameters = {CS_NUMBER("users", "users", 1, 1000, 50, "users on a page, which a run shows"),
                   CS_NUMBER("table", "users", 64, 10000, 250, "users of the shop"),
                   CS_NUMBER("orders", "orders", 1, 16, 4,
                             "orders a user, on average; a tenth of the users has a third of them")},
    .variants = {CS_VARIANT("per-user", run_per_user, "a query for the page, and one more for each user",
                            .flags = CS_IO, .prepare = prepare_per_user, .evidence = tell_per_user),
                 CS_VARIANT("join", run_join, "one query, users joined with orders", .flags = CS_IO,
                            .prepare = prepare_join, .evidence = tell_join),
                 CS_VARIANT("any", run_any, "a query for the page, and one for the orders of all its users",
                            .flags = CS_IO, .prepare = prepare_any, .evidence = tell_any),
                 CS_VARIANT("pipelined", run_pipelined, "a query for each user, sent together",
                            .flags = CS_IO, .prepare = prepare_pipelined)},
    .counters = {CS_COUNTER("round-trips", "round trip")},
    CS_STATE(struct pages, setup),
    .check = check,
    .teardown = pg_teardown,
    .scale = "users",
    .services = {POSTGRES_SERVICE},
};
