/*
 * Sort records of 16 bytes by a key of 32 bits, and records of one key by their id. The sorted records are a copy, and
 * the input stays as it is.
 */
#include "sort-records.h"

#include <string.h>

enum { PARAMETER_N, PARAMETER_ORDER, PARAMETER_RECORDS };
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
    records->n = (size_t)env->value[PARAMETER_N];
    records->lists = (size_t)env->value[PARAMETER_RECORDS] / records->n;
    if (records->lists == 0)
        records->lists = 1;
    records->windows = 1 + LEAST_POOL / (records->lists * records->n);
    size_t all = records->windows * records->lists;
    records->input = cs_array(env, "records", all * records->n, struct record);
    records->sorted = cs_array(env, "sorted records", records->lists * records->n, struct record);
    for (size_t list = 0; list < all; list++)
        draw_list(records->input + list * records->n, &random, records->n, env->value[PARAMETER_ORDER]);
    return 0;
}

static void reset(void *state) {
    struct records *records = state;
    records->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct records *records = state;
    (void)variant;
    size_t all = records->lists * records->n, stride = sizeof *records->sorted;
    outputs[0] = (struct cs_output){
        .name = "key", .data = &records->sorted->key, .count = all, .type = CS_U32, .stride = stride};
    outputs[1] = (struct cs_output){
        .name = "id", .data = &records->sorted->id, .count = all, .type = CS_U32, .stride = stride};
    outputs[2] = (struct cs_output){
        .name = "value", .data = &records->sorted->value, .count = all, .type = CS_U64, .stride = stride};
    *count = 3;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct records *records = state;
    double items = (double)(records->lists * records->n);
    *work = (struct cs_work){.items = items, .bytes = 2 * items * sizeof(struct record)};
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
    (void)variant;
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

static const char *const orders[] = {"random", "few", "nearly", NULL};

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "sort-records",
    .summary = "sort records of 16 bytes by a key of 32 bits",
    .item = "record",
    .parameters =
        {
            {.name = "n",
             .unit = "records",
             .min = 2,
             .max = 16777216,
             .def = 1024,
             .summary = "records of a list"},
            {.name = "order",
             .choices = orders,
             .def = ORDER_RANDOM,
             .summary =
                 "random keys; few: 16 different keys; nearly: ascending but for a few that were exchanged"},
            {.name = "records",
             .unit = "records",
             .min = 2,
             .max = 65536,
             .def = 1024,
             .summary = "records of one run: as many lists as that gives, one at the least"},
        },
    .variants =
        {
            {.name = "callback", .run = run_callback, .summary = "qsort, which calls for each comparison"},
            {.name = "inlined",
             .prepare = prepare_inlined,
             .run = run_inlined,
             .summary = "merge sort with the comparison inlined"},
            {.name = "radix",
             .prepare = prepare_radix,
             .run = run_radix,
             .summary = "distributes by one byte of the key after the other"},
        },
    .state_size = sizeof(struct records),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "records",
};
