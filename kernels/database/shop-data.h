/*
 * What the database kernels share: a shop, made from the seed. Users have orders, orders have items; the tables are kept as
 * arrays, from which databases are filled and checks compute without SQL.
 */
#ifndef SHOP_DATA_H
#define SHOP_DATA_H

#include <countersign.h>

struct shop_sizes {
    uint32_t users, orders, items_an_order;
    int skewed; /**< 1: the most active tenth of the users has a third of the orders; 0: as chance has it */
};

/** Row i + 1 of `orders`, in the order of ids. */
struct shop_order {
    uint32_t user, status; /**< of SHOP_STATUSES; 0, open, has a tenth of them */
    int64_t total;
};
#define SHOP_STATUSES 10

/** An address, so that a row has the size that such rows have: as much of this text as the order says. */
#define SHOP_ADDRESS "Flat 12, 1234 Some Street Name, 12345 Some Town, Any Country"

static inline int shop_address_length(const struct shop_order *order) {
    return 20 + (int)(order->total % 40);
}

/** Row i + 1 of `items`; it belongs to order i / items_an_order + 1. */
struct shop_item {
    uint32_t quantity, price;
};

/** Name of a user: the same for one seed, of 8 to 23 letters. */
static inline int shop_user_name(uint64_t seed, uint32_t user, char name[24]) {
    struct cs_random random = cs_random_seed(seed ^ (UINT64_C(0x5e11) << 48) ^ user);
    int length = 8 + (int)cs_random_below(&random, 16);
    for (int i = 0; i < length; i++)
        name[i] = (char)('a' + cs_random_below(&random, 26));
    name[length] = '\0';
    return length;
}

/** Orders are drawn; by the square of a uniform number where they are skewed: of 10 % of the users 32 % of the orders. */
static inline void shop_draw(const struct cs_env *env, const struct shop_sizes *sizes,
                             struct shop_order *orders, struct shop_item *items) {
    struct cs_random random = cs_random_seed(env->seed);
    uint32_t *users = cs_array(env, "users by activity", sizes->users, uint32_t);
    for (uint32_t i = 0; i < sizes->users; i++)
        users[i] = i + 1;
    cs_random_shuffle(&random, users, sizes->users);
    for (uint32_t i = 0; i < sizes->orders; i++) {
        double place = cs_random_unit(&random);
        if (sizes->skewed)
            place = place * place;
        orders[i] = (struct shop_order){.user = users[(uint32_t)(place * sizes->users)],
                                        .status = cs_random_below(&random, SHOP_STATUSES),
                                        .total = 100 + cs_random_below(&random, 50000)};
    }
    for (uint32_t i = 0; i < sizes->orders * sizes->items_an_order; i++)
        items[i] = (struct shop_item){1 + cs_random_below(&random, 4), 100 + cs_random_below(&random, 10000)};
    cs_free(env, users);
}

/** What a user has ordered: how often, and cents of it all. */
struct shop_sum {
    uint32_t orders;
    int64_t total;
};

/** For `check`: the orders as they were drawn, all walked. */
static inline struct shop_sum shop_sum_orders(const struct shop_order *orders, size_t count, uint32_t user) {
    struct shop_sum sum = {0};
    for (size_t i = 0; i < count; i++)
        if (orders[i].user == user) {
            sum.orders++;
            sum.total += orders[i].total;
        }
    return sum;
}

#endif
