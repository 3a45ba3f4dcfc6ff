/*
 * Sort records of 16 bytes by a key of 32 bits, and records of one key by their id. The sorted records are a copy, and
 * the input stays as it is.
 */
#include "sort-records.h"

#include <string.h>

enum { ORDER_RANDOM, ORDER_FEW, ORDER_NEARLY };

/* Records before the first list comes again: more comparisons than a predictor remembers. */
#define LEAST_POOL 65536
/* Keys of ORDER_FEW. */
#define FEW_KEYS 16
/* ORDER_NEARLY: of so many records one is exchanged with another. */
#define IN_PLACE 32

static uint64_t value_of(uint32_t key, uint32_t id) {
    return ((uint64_t)key << 32 | id) * UINT64_C(0x9e3779b97f4a7c15);
}

/* Ascending keys without a sort: each above the one before by its share of the numbers that are left. */
static void draw_ascending(struct record *list, struct cs_random *random, size_t n) {
    uint64_t key = 0, step = (UINT64_C(1) << 32) / n;
    for (size_t i = 0; i < n; i++, key += step)
        list[i].key = (uint32_t)(key + cs_random_below(random, (uint32_t)step));
}

static void draw_list(struct record *list, struct cs_random *random, size_t n, int64_t order) {
    if (order == ORDER_NEARLY)
        draw_ascending(list, random, n);
    else
        for (size_t i = 0; i < n; i++)
            list[i].key =
                order == ORDER_FEW ? cs_random_below(random, FEW_KEYS) : (uint32_t)cs_random_u64(random);
    for (size_t i = 0; order == ORDER_NEARLY && i <= n / IN_PLACE; i++) {
        size_t a = cs_random_below(random, (uint32_t)n), b = cs_random_below(random, (uint32_t)n);
        uint32_t key = list[a].key;
        list[a].key = list[b].key;
        list[b].key = key;
    }
    for (size_t i = 0; i < n; i++) {
        list[i].id = (uint32_t)i;
        list[i].value = value_of(list[i].key, (uint32_t)i);
    }
}

static int setup(const struct cs_env *env, void *state) {
    struct records *records = state;
    struct cs_random random = cs_random_seed(env->seed);
    records->n = cs_size(env, "n");
    records->lists = cs_size(env, "records") / records->n;
    if (records->lists == 0)
        records->lists = 1;
    records->windows = 1 + LEAST_POOL / (records->lists * records->n);
    size_t all = records->windows * records->lists;
    records->input = cs_array(env, "records", all * records->n, struct record);
    records->sorted = cs_array(env, "sorted records", records->lists * records->n, struct record);
    for (size_t list = 0; list < all; list++)
        draw_list(records->input + list * records->n, &random, records->n, cs_value(env, "order"));
    size_t items = records->lists * records->n;
    cs_field(env, "key", records->sorted, items, key);
    cs_field(env, "id", records->sorted, items, id);
    cs_field(env, "value", records->sorted, items, value);
    cs_work(env, items, 2 * items * sizeof(struct record));
    cs_rewind(env, &records->next);
    return 0;
}

static int refuse(struct cs_mismatch *mismatch, size_t index, const struct record *got,
                  const char *expected) {
    *mismatch = (struct cs_mismatch){.output = "record", .index = index};
    snprintf(mismatch->got, sizeof mismatch->got, "key %u, id %u", got->key, got->id);
    snprintf(mismatch->expected, sizeof mismatch->expected, "%s", expected);
    return CS_WRONG;
}

/*
 * Sorts nothing: each record is one of the list, by its id, and comes behind the one before it. So none is there
 * twice, and all are there.
 */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct records *records = state;
    size_t window = cs_last_window(records->next, 1, records->windows);
    for (size_t i = 0; i < records->lists * records->n; i++) {
        size_t list = i / records->n;
        const struct record *input = records->input + (window * records->lists + list) * records->n;
        const struct record *record = records->sorted + i;
        if (record->id >= records->n || memcmp(record, input + record->id, sizeof *record) != 0)
            return refuse(mismatch, i, record, "a record of the list");
        if (i % records->n > 0 &&
            (record[-1].key > record->key || (record[-1].key == record->key && record[-1].id >= record->id)))
            return refuse(mismatch, i, record, "a record behind the one before");
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("sort-records", "record", "sort records of 16 bytes by a key of 32 bits"),
    .parameters =
        {CS_NUMBER("n", "records", 2, 16777216, 1024, "records of a list"),
         CS_CHOICE("order", ORDER_RANDOM,
                   "random keys; few: 16 different keys; nearly: ascending but for a few that were exchanged",
                   "random", "few", "nearly"),
         CS_NUMBER("records", "records", 2, 65536, 1024,
                   "records of one run: as many lists as that gives, one at the least")},
    .variants = {CS_VARIANT("callback", run_callback, "qsort, which calls for each comparison"),
                 CS_VARIANT("inlined", run_inlined, "merge sort with the comparison inlined",
                            .prepare = prepare_inlined),
                 CS_VARIANT("radix", run_radix, "distributes by one byte of the key after the other",
                            .prepare = prepare_radix)},
    CS_STATE(struct records, setup),
    .check = check,
    .scale = "records",
};
