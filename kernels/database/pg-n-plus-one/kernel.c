/* pg-n-plus-one: a page of users with what each has ordered, asked of PostgreSQL user by user or all at once. */
#include "pg-n-plus-one.h"

enum { PARAMETER_USERS, PARAMETER_TABLE, PARAMETER_ORDERS };

static void teardown(void *state) {
    struct pages *pages = state;
    pg_close(&pages->pg);
}

static int setup(const struct cs_env *env, void *state) {
    struct pages *pages = state;
    uint32_t table = (uint32_t)env->value[PARAMETER_TABLE];
    pages->seed = env->seed;
    pages->page = (uint32_t)env->value[PARAMETER_USERS];
    if (pages->page > table)
        return cs_fail(env, EINVAL, "a page of %u users cannot be shown of %u", pages->page, table);
    pages->sizes = (struct shop_sizes){
        .users = table, .orders = table * (uint32_t)env->value[PARAMETER_ORDERS], .skewed = 1};
    pages->orders = cs_array(env, "orders", pages->sizes.orders, struct shop_order);
    pages->order_counts = cs_array(env, "numbers of orders", pages->page, uint32_t);
    pages->totals = cs_array(env, "totals", pages->page, int64_t);
    pages->names = cs_array(env, "names", pages->page, uint64_t);
    shop_draw(env, &pages->sizes, pages->orders, NULL);
    int status = pg_open(env, &pages->pg);
    if (status)
        return status;
    status = pg_fill(env, &pages->pg, &pages->sizes, pages->orders);
    if (status)
        teardown(state);
    return status;
}

static void reset(void *state) {
    struct pages *pages = state;
    pages->next = 0;
    pages->error = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct pages *pages = state;
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "orders", .data = pages->order_counts, .count = pages->page, .type = CS_U32};
    outputs[1] =
        (struct cs_output){.name = "total", .data = pages->totals, .count = pages->page, .type = CS_I64};
    outputs[2] =
        (struct cs_output){.name = "name", .data = pages->names, .count = pages->page, .type = CS_U64};
    *count = 3;
    return pages->error;
}

static void work(const void *state, struct cs_work *work) {
    const struct pages *pages = state;
    *work = (struct cs_work){.items = pages->page};
}

/* No SQL: the orders as they were drawn, walked once for each user of the page. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct pages *pages = state;
    size_t whole = pages->sizes.users / pages->page * pages->page;
    size_t first = cs_last_window(pages->next, pages->page, whole);
    (void)variant;
    for (size_t i = 0; i < pages->page; i++) {
        char name[24];
        uint32_t user = (uint32_t)(first + i) + 1, orders = 0;
        int64_t total = 0;
        for (size_t order = 0; order < pages->sizes.orders; order++)
            if (pages->orders[order].user == user) {
                orders++;
                total += pages->orders[order].total;
            }
        shop_user_name(pages->seed, user, name);
        if (pages->order_counts[i] != orders)
            return cs_wrong(mismatch, "orders", i, "%u", pages->order_counts[i], orders);
        if (pages->totals[i] != total)
            return cs_wrong(mismatch, "total", i, "%lld", (long long)pages->totals[i], (long long)total);
        if (pages->names[i] != hash_name(name))
            return cs_wrong(mismatch, "name", i, "%016llx", (unsigned long long)pages->names[i],
                            (unsigned long long)hash_name(name));
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct pages *pages = state;
    values[0] = pages->pg.round_trips;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "pg-n-plus-one",
    .summary = "show a page of users with the sum of each one's orders, from PostgreSQL",
    .item = "user",
    .parameters = {{.name = "users",
                    .unit = "users",
                    .min = 1,
                    .max = 1000,
                    .def = 50,
                    .summary = "users on a page, which a run shows"},
                   {.name = "table",
                    .unit = "users",
                    .min = 64,
                    .max = 10000,
                    .def = 250,
                    .summary = "users of the shop"},
                   {.name = "orders",
                    .unit = "orders",
                    .min = 1,
                    .max = 16,
                    .def = 4,
                    .summary = "orders a user, on average; a tenth of the users has a third of them"}},
    .variants = {{.name = "per-user",
                  .prepare = prepare_per_user,
                  .run = run_per_user,
                  .evidence = tell_per_user,
                  .flags = CS_IO,
                  .summary = "a query for the page, and one more for each user"},
                 {.name = "join",
                  .prepare = prepare_join,
                  .run = run_join,
                  .evidence = tell_join,
                  .flags = CS_IO,
                  .summary = "one query, users joined with orders"},
                 {.name = "any",
                  .prepare = prepare_any,
                  .run = run_any,
                  .evidence = tell_any,
                  .flags = CS_IO,
                  .summary = "a query for the page, and one for the orders of all its users"},
                 {.name = "pipelined",
                  .prepare = prepare_pipelined,
                  .run = run_pipelined,
                  .flags = CS_IO,
                  .summary = "a query for each user, sent together"}},
    .counters = {{.name = "round-trips", .unit = "round trip"}},
    .state_size = sizeof(struct pages),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .teardown = teardown,
    .scale = "users",
    .services = {POSTGRES_SERVICE},
};
