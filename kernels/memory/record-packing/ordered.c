#include "record-packing.h"

static inline void add(struct report *report, const struct ordered *order) {
    KEEP_RECORDS_APART(order);
    add_order(report, order->id, order->customer, order->cents, order->second, order->quantity, order->region,
              order->kind, order->open);
}

void run_ordered(void *state) {
    struct records *records = state;
    REPORT(records, records->ordered, add);
}

int prepare_ordered(const struct cs_env *env, void *state) {
    struct records *records = state;
    records->ordered = cs_aligned_array(env, "ordered records", records->n, struct ordered, CS_HUGE_PAGE);
    for (size_t i = 0; i < records->n; i++) {
        struct wide order = draw_order(records->seed, i);
        records->ordered[i] = (struct ordered){.id = order.id,
                                               .customer = order.customer,
                                               .cents = order.cents,
                                               .second = order.second,
                                               .quantity = order.quantity,
                                               .region = order.region,
                                               .kind = order.kind,
                                               .open = order.open};
    }
    return 0;
}
