/* What the variants of `pg-index-vs-scan` share: orders, and users whose open ones are asked for. */
#ifndef PG_INDEX_VS_SCAN_H
#define PG_INDEX_VS_SCAN_H

#include "../postgres.h"

struct searches {
    struct pg pg;
    struct shop_sizes sizes;
    struct shop_order *orders; /**< sizes.orders */
    uint32_t *subjects;        /**< `pool` users, of which a run takes the next window of `queries` */
    size_t queries, next, pool;
    uint32_t *counts; /**< the answer: open orders of each */
    int64_t *totals;  /**< the answer: cents of these */
    int error;        /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** A table of the variant's own, `name`, with all orders and an index of so many columns, NULL: none. For prepare. */
int prepare_table(const struct cs_env *env, struct searches *searches, const char *name, const char *index);

/** Asks for the open orders of each user of the next window. */
void search_table(struct searches *searches, const char *name);

/** The plan of such a query. */
void tell_search(struct searches *searches, const char *name, char *text, size_t size);

void run_scan(void *state);
int prepare_scan(const struct cs_env *env, void *state);
void tell_scan(void *state, char *text, size_t size);
void run_index(void *state);
int prepare_index(const struct cs_env *env, void *state);
void tell_index(void *state, char *text, size_t size);
void run_covering(void *state);
int prepare_covering(const struct cs_env *env, void *state);
void tell_covering(void *state, char *text, size_t size);

#endif
