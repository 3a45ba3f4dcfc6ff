/* n-plus-one: a page of users with what each has ordered, asked for user by user or all at once. */
#include "n-plus-one.h"

static void teardown(void *state) {
    struct pages *pages = state;
    shop_close(&pages->shop);
}

static int setup(const struct cs_env *env, void *state) {
    struct pages *pages = state;
    int status = shop_page_open(env, &pages->shown);
    if (status == 0)
        status = shop_open(env, &pages->shop);
    if (status)
        return status;
    status = shop_fill(env, &pages->shop, &pages->shown.sizes, pages->shown.orders, NULL);
    if (status == 0 && shop_execute(pages->shop.db, "CREATE INDEX orders_of_user ON orders (user_id)"))
        status = shop_fail(env, &pages->shop, "index");
    if (status == 0)
        status = shop_set_journal(env, &pages->shop, (enum shop_journal)cs_value(env, "journal"));
    if (status)
        teardown(state);
    cs_run_error(env, &pages->error);
    shop_count(env, &pages->counts);
    return status;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    return shop_page_check(&((const struct pages *)state)->shown, mismatch);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("n-plus-one", "user", "show a page of users with the sum of each one's orders, from SQLite"),
    .parameters = {CS_NUMBER("users", "users", 1, 10000, 50, "users on a page, which a run shows"),
                   CS_NUMBER("table", "users", 64, 100000, 1000, "users of the shop"),
                   CS_NUMBER("orders", "orders", 1, 64, 4,
                             "orders a user, on average; a tenth of the users has a third of them"),
                   {.name = "journal", .choices = SHOP_JOURNALS, .summary = "of the database"}},
    .variants = {CS_VARIANT("per-user", run_per_user, "a query for the page, and one more for each user",
                            .flags = CS_IO, .prepare = prepare_per_user, .release = release_per_user,
                            .evidence = tell_per_user),
                 CS_VARIANT("join", run_join, "one query, users joined with orders", .flags = CS_IO,
                            .prepare = prepare_join, .release = release_join, .evidence = tell_join),
                 CS_VARIANT("in-list", run_in_list,
                            "a query for the page, and one for the orders of all its users", .flags = CS_IO,
                            .prepare = prepare_in_list, .release = release_in_list,
                            .evidence = tell_in_list)},
    .counters = {SHOP_COUNTERS},
    CS_STATE(struct pages, setup),
    .check = check,
    .teardown = teardown,
    .scale = "users",
};
