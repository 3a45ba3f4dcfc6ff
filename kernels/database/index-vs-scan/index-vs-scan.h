/* What the variants of `index-vs-scan` share: questions about a user's open orders, or changes of orders. */
#ifndef INDEX_VS_SCAN_H
#define INDEX_VS_SCAN_H

#include "../shop.h"

enum variant { SCAN, INDEXED, COVERING, PARTIAL, VARIANTS };
enum operation { READ, WRITE };

/** A variant's own database: the shop with the index of this variant, and where its runs are in the pool. */
struct indexed_shop {
    struct shop shop;
    sqlite3_stmt *read, *write, *begin, *commit;
    uint64_t bytes; /**< of the file */
    size_t next,
        last; /**< subject that comes next, and first of the last run: each run takes the next ones */
    int moved,
        last_moved; /**< 1: changes move orders away; 0: back, which is every other time through the pool */
};

struct searches {
    struct shop shop; /**< what the variants copy */
    struct indexed_shop shops[VARIANTS];
    struct shop_sizes sizes;
    struct shop_order *orders; /**< sizes.orders */
    enum operation operation;
    uint32_t queries;   /**< users asked for, or orders changed, in a run */
    size_t pool;        /**< subjects before the first comes again: whole runs */
    uint32_t *subjects; /**< `pool` users that are asked for, or ids of orders that are changed */
    uint32_t *counts;   /**< the answer: open orders of each user; or the user that an order has now */
    int64_t *totals;    /**< the answer: cents of these; or of the order that was changed */
    struct shop_counts counted;
    uint64_t file_bytes; /**< the size of the file, once an item */
    int error;           /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** Orders of a user that wait for somebody, a tenth of all. */
#define READ_QUERY "SELECT count(*), sum(total) FROM orders WHERE user_id = ?1 AND status = 0"
/** Gives an order to another user: a column of every index here. */
#define WRITE_QUERY "UPDATE orders SET user_id = ?2 WHERE id = ?1"

/** Whose an order is where it was moved. */
static inline uint32_t moved_user(const struct searches *searches, uint32_t order) {
    return order * 7 % searches->sizes.users + 1;
}

/** Copies the shop of all variants, makes the index, which may be NULL, and prepares the statements. */
int open_indexed(const struct cs_env *env, struct searches *searches, enum variant variant,
                 const char *index);
void close_indexed(struct searches *searches, enum variant variant);
/** The next run by a variant's database. */
void run_indexed(struct searches *searches, enum variant variant);
void tell_indexed(struct searches *searches, enum variant variant, char *text, size_t size);

void run_scan(void *state);
int prepare_scan(const struct cs_env *env, void *state);
void release_scan(void *state);
void tell_scan(void *state, char *text, size_t size);
void run_index(void *state);
int prepare_index(const struct cs_env *env, void *state);
void release_index(void *state);
void tell_index(void *state, char *text, size_t size);
void run_covering(void *state);
int prepare_covering(const struct cs_env *env, void *state);
void release_covering(void *state);
void tell_covering(void *state, char *text, size_t size);
void run_partial(void *state);
int prepare_partial(const struct cs_env *env, void *state);
void release_partial(void *state);
void tell_partial(void *state, char *text, size_t size);

#endif
