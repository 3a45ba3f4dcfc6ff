/* A report on many orders, which reads every field of each: from records of 64, 40 or 20 bytes. */
#include "record-packing.h"

_Static_assert(sizeof(struct wide) == 64, "three eighths are padding");
_Static_assert(sizeof(struct ordered) == 40, "no padding");
_Static_assert(sizeof(struct narrow) == 20, "no padding");
_Static_assert(sizeof(struct report) == REPORT_NUMBERS * sizeof(uint64_t), "an output");

enum { PARAMETER_N, PARAMETER_ORDER, PARAMETER_RECORDS };
static const char *const order_names[] = {"sequential", "shuffled", NULL};
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
    size_t n = (size_t)env->value[PARAMETER_N], window = (size_t)env->value[PARAMETER_RECORDS];
    records->window = window < n ? window : n;
    records->n = (n + records->window - 1) / records->window * records->window;
    records->seed = cs_random_u64(&random);
    if (env->value[PARAMETER_ORDER]) {
        records->shuffle = cs_array(env, "order of records", records->n, uint32_t);
        for (size_t i = 0; i < records->n; i++)
            records->shuffle[i] = (uint32_t)i;
        cs_random_shuffle(&random, records->shuffle, records->n);
    }
    return 0;
}

static void reset(void *state) {
    struct records *records = state;
    records->next = 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct records *records = state;
    (void)variant;
    uint64_t *numbers = (uint64_t *)&records->report;
    for (size_t i = 0; i < REPORT_NUMBERS; i++)
        outputs[i] =
            (struct cs_output){.name = report_names[i], .data = numbers + i, .count = 1, .type = CS_U64};
    *count = REPORT_NUMBERS;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct records *records = state;
    *work = (struct cs_work){.items = (double)records->window,
                             .bytes = (double)(records->window * sizeof(struct narrow))};
}

/* Orders are drawn once more: no record is read. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct records *records = state;
    (void)variant;
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
        if (got[i] != right[i])
            return cs_wrong(mismatch, report_names[i], 0, "%llu", (unsigned long long)got[i],
                            (unsigned long long)right[i]);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "record-packing",
    .summary = "a report on orders that reads every field",
    .item = "record",
    .parameters =
        {{.name = "n",
          .unit = "records",
          .min = 16,
          .max = 8388608,
          .def = 16384,
          .summary = "records that there are, rounded up to whole runs"},
         {.name = "order", .choices = order_names, .summary = "in which records are taken"},
         {.name = "records", .unit = "records", .min = 1, .max = 65536, .def = 4096, .summary = "of a run"}},
    .variants = {{.name = "wide",
                  .prepare = prepare_wide,
                  .run = run_wide,
                  .summary = "64 bytes, 24 of them padding"},
                 {.name = "ordered",
                  .prepare = prepare_ordered,
                  .run = run_ordered,
                  .summary = "40 bytes: the same fields, the largest first"},
                 {.name = "narrow",
                  .prepare = prepare_narrow,
                  .run = run_narrow,
                  .summary = "20 bytes: no field wider than its values"}},
    .state_size = sizeof(struct records),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .scale = "records",
};
