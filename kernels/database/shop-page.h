/* What kernels share that show a page of users with what each has ordered, whichever database they ask. */
#ifndef SHOP_PAGE_H
#define SHOP_PAGE_H

#include "shop-data.h"

struct shop_page {
    struct shop_sizes sizes;
    uint64_t seed;
    uint32_t users; /**< of a page, which a run shows */
    size_t next;    /**< user before the page that comes next: a page more each run, and round again */
    struct shop_order *orders; /**< sizes.orders */
    uint32_t *order_counts;    /**< the answer: of each user of the page */
    int64_t *totals;           /**< the answer: cents of all orders of each */
    uint64_t *names;           /**< the answer: hash of the name of each */
};

/** Reads the parameters users, table and orders, and draws the shop's orders; in setup. 0, or what cs_fail returns. */
static inline int shop_page_open(const struct cs_env *env, struct shop_page *page) {
    uint32_t table = (uint32_t)cs_value(env, "table");
    page->seed = env->seed;
    page->users = (uint32_t)cs_value(env, "users");
    if (page->users > table)
        return cs_fail(env, EINVAL, "a page of %u users cannot be shown of %u", page->users, table);
    page->sizes =
        (struct shop_sizes){.users = table, .orders = table * (uint32_t)cs_value(env, "orders"), .skewed = 1};
    page->orders = cs_array(env, "orders", page->sizes.orders, struct shop_order);
    page->order_counts = cs_answer(env, "orders", page->users, uint32_t);
    page->totals = cs_answer(env, "total", page->users, int64_t);
    page->names = cs_answer(env, "name", page->users, uint64_t);
    shop_draw(env, &page->sizes, page->orders, NULL);
    cs_work(env, page->users, 0);
    cs_rewind(env, &page->next);
    return 0;
}

/** Users that whole pages show before the first comes again. */
static inline size_t shop_page_window(const struct shop_page *page) {
    return page->sizes.users / page->users * page->users;
}

/** Id of the first user of the next page. */
static inline uint32_t shop_page_take(struct shop_page *page) {
    return (uint32_t)cs_window(&page->next, page->users, shop_page_window(page)) + 1;
}

/** FNV-1a: what reads every byte of a name. */
static inline uint64_t shop_hash_name(const char *name) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    while (*name)
        hash = (hash ^ (unsigned char)*name++) * UINT64_C(0x100000001b3);
    return hash;
}

/** User i of the page, without orders so far. */
static inline void shop_page_begin(struct shop_page *page, size_t i, const char *name) {
    page->names[i] = shop_hash_name(name);
    page->order_counts[i] = 0;
    page->totals[i] = 0;
}

static inline void shop_page_add(struct shop_page *page, size_t i, int64_t total) {
    page->order_counts[i]++;
    page->totals[i] += total;
}

/** For `check`; no SQL: the orders as they were drawn, walked once for each user of the page. */
static inline int shop_page_check(const struct shop_page *page, struct cs_mismatch *mismatch) {
    size_t first = cs_last_window(page->next, page->users, shop_page_window(page));
    for (size_t i = 0; i < page->users; i++) {
        char name[24];
        uint32_t user = (uint32_t)(first + i) + 1;
        struct shop_sum sum = shop_sum_orders(page->orders, page->sizes.orders, user);
        shop_user_name(page->seed, user, name);
        cs_expect(mismatch, "orders", i, page->order_counts[i], sum.orders);
        cs_expect(mismatch, "total", i, page->totals[i], sum.total);
        cs_expect(mismatch, "name", i, page->names[i], shop_hash_name(name));
    }
    return 0;
}

#endif
