/* A report on many orders, which reads every field of each: from records of 64, 40 or 20 bytes. */
#include "record-packing.h"

_Static_assert(sizeof(struct wide) == 64, "three eighths are padding");
_Static_assert(sizeof(struct ordered) == 40, "no padding");
_Static_assert(sizeof(struct narrow) == 20, "no padding");
_Static_assert(sizeof(struct report) == REPORT_NUMBERS * sizeof(uint64_t), "an output");

static const char *const report_names[REPORT_NUMBERS] = {"turnover", "latest", "digest", "places"};

struct wide draw_order(uint64_t seed, size_t index) {
    struct cs_random random = cs_random_seed(seed + index);
    uint64_t bits = cs_random_u64(&random), more = cs_random_u64(&random);
    return (struct wide){.id = (uint32_t)index,
                         .customer = (uint32_t)more,
                         .cents = 1 + (bits & 0xfffff),
                         .second = (uint32_t)(bits >> 32),
                         .quantity = 1 + (bits >> 20 & 0x3f),
                         .region = (uint16_t)(more >> 32 & 0x3f),
                         .kind = (uint8_t)(more >> 40 & 0x3f),
                         .open = (uint8_t)(more >> 48 & 1)};
}

static int setup(const struct cs_env *env, void *state) {
    struct records *records = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t n = cs_size(env, "n"), window = cs_size(env, "records");
    records->window = window < n ? window : n;
    records->n = cs_windows(env, &records->next, n, records->window);
    records->seed = cs_random_u64(&random);
    if (cs_value(env, "order")) {
        records->shuffle = cs_array(env, "order of records", records->n, uint32_t);
        cs_random_order(&random, records->shuffle, records->n);
    }
    for (size_t i = 0; i < REPORT_NUMBERS; i++)
        cs_output(env, report_names[i], (uint64_t *)&records->report + i, 1);
    cs_work(env, records->window, records->window * sizeof(struct narrow));
    return 0;
}

/* Orders are drawn once more: no record is read. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct records *records = state;
    size_t begin = cs_last_window(records->next, records->window, records->n);
    struct report expected = {0};
    for (size_t i = begin; i < begin + records->window; i++) {
        struct wide order = draw_order(records->seed, records->shuffle ? records->shuffle[i] : i);
        expected.turnover += order.open ? order.quantity * order.cents : 0;
        expected.latest = expected.latest < order.second ? order.second : expected.latest;
        expected.digest += order.id ^ order.customer;
        expected.places += (uint64_t)order.kind + order.region;
    }
    const uint64_t *got = (const uint64_t *)&records->report, *right = (const uint64_t *)&expected;
    for (size_t i = 0; i < REPORT_NUMBERS; i++)
        cs_expect(mismatch, report_names[i], 0, got[i], right[i]);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("record-packing", "record", "a report on orders that reads every field"),
    .parameters = {CS_NUMBER("n", "records", 16, 8388608, 16384,
                             "records that there are, rounded up to whole runs"),
                   CS_CHOICE("order", 0, "in which records are taken", "sequential", "shuffled"),
                   CS_NUMBER("records", "records", 1, 65536, 4096, "of a run")},
    .variants = {CS_VARIANT("wide", run_wide, "64 bytes, 24 of them padding", .prepare = prepare_wide),
                 CS_VARIANT("ordered", run_ordered, "40 bytes: the same fields, the largest first",
                            .prepare = prepare_ordered),
                 CS_VARIANT("narrow", run_narrow, "20 bytes: no field wider than its values",
                            .prepare = prepare_narrow)},
    CS_STATE(struct records, setup),
    .check = check,
    .scale = "records",
};
