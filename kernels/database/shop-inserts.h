/* What kernels share that write orders to a table that has some already, whichever database they write to. */
#ifndef SHOP_INSERTS_H
#define SHOP_INSERTS_H

#include "shop-data.h"

/** Orders that come in before the first comes again: more runs than any loop remembers. */
#define SHOP_LEAST_POOL 4096

struct shop_inserts {
    uint32_t kept;        /**< orders that the shop has already */
    uint32_t rows, batch; /**< rows a run, a whole number of batches */
    uint64_t first;       /**< id of the first order of the last run */
    uint64_t after;       /**< id that the next order gets */
    size_t next;          /**< order that comes next, of `pool`: a run's more each run, and round again */
    size_t pool;          /**< orders before the first comes again: whole runs */
    struct shop_order *orders;            /**< kept, then `pool` that come in */
    uint64_t found;                       /**< the answer, read back: rows from `first` on */
    uint32_t *users, *statuses, *lengths; /**< the answer: columns of these rows, and bytes of the address */
    int64_t *totals;
};

/** Reads the parameters batch and rows, and draws all orders; in setup. Returns the sizes of what is in the shop already. */
static inline struct shop_sizes shop_inserts_open(const struct cs_env *env, struct shop_inserts *in,
                                                  uint32_t kept) {
    in->kept = kept;
    in->batch = (uint32_t)cs_value(env, "batch");
    in->rows = ((uint32_t)cs_value(env, "rows") + in->batch - 1) / in->batch * in->batch;
    in->pool = cs_windows(env, &in->next, SHOP_LEAST_POOL, in->rows);
    in->users = cs_answer(env, "user", in->rows, uint32_t);
    in->statuses = cs_answer(env, "status", in->rows, uint32_t);
    in->totals = cs_answer(env, "total", in->rows, int64_t);
    in->lengths = cs_answer(env, "bytes of the address", in->rows, uint32_t);
    cs_output(env, "rows", &in->found, 1);
    cs_work(env, in->rows, 0);
    struct shop_sizes sizes = {.users = kept / 4, .orders = kept + (uint32_t)in->pool, .skewed = 1};
    in->orders = cs_array(env, "orders", sizes.orders, struct shop_order);
    shop_draw(env, &sizes, in->orders, NULL);
    sizes.orders = kept;
    return sizes;
}

/** The table is as setup made it: the next order gets the id behind what was kept. */
static inline void shop_inserts_rewind(struct shop_inserts *in) {
    in->first = in->after = in->kept + 1;
}

/** The orders that this run writes. */
static inline const struct shop_order *shop_inserts_take(struct shop_inserts *in) {
    in->first = in->after;
    in->after += in->rows;
    return in->orders + in->kept + cs_window(&in->next, in->rows, in->pool);
}

/** For `check`: what came in, held against what is in the table. */
static inline int shop_inserts_check(const struct shop_inserts *in, struct cs_mismatch *mismatch) {
    const struct shop_order *orders = in->orders + in->kept + cs_last_window(in->next, in->rows, in->pool);
    cs_expect(mismatch, "rows", 0, in->found, in->rows);
    for (uint32_t i = 0; i < in->rows; i++) {
        cs_expect(mismatch, "user", i, in->users[i], orders[i].user);
        cs_expect(mismatch, "status", i, in->statuses[i], orders[i].status);
        cs_expect(mismatch, "total", i, in->totals[i], orders[i].total);
        cs_expect(mismatch, "bytes of the address", i, in->lengths[i],
                  (uint32_t)shop_address_length(&orders[i]));
    }
    return 0;
}

#endif
