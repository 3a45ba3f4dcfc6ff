#include "record-packing.h"

static inline void add(struct report *report, const struct wide *order) {
    KEEP_RECORDS_APART(order);
    add_order(report, order->id, order->customer, order->cents, order->second, order->quantity, order->region,
              order->kind, order->open);
}

void run_wide(void *state) {
    struct records *records = state;
    REPORT(records, records->wide, add);
}

int prepare_wide(const struct cs_env *env, void *state) {
    struct records *records = state;
    records->wide = cs_aligned_array(env, "wide records", records->n, struct wide, CS_HUGE_PAGE);
    for (size_t i = 0; i < records->n; i++)
        records->wide[i] = draw_order(records->seed, i);
    return 0;
}
