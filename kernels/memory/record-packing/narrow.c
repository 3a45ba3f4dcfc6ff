#include "record-packing.h"

static inline void add(struct report *report, const struct narrow *order) {
    KEEP_RECORDS_APART(order);
    add_order(report, order->id, order->customer, order->cents, order->second, order->quantity, order->region,
              order->kind_open >> 1, order->kind_open & 1);
}

void run_narrow(void *state) {
    struct records *records = state;
    REPORT(records, records->narrow, add);
}

int prepare_narrow(const struct cs_env *env, void *state) {
    struct records *records = state;
    records->narrow = cs_aligned_array(env, "narrow records", records->n, struct narrow, CS_HUGE_PAGE);
    for (size_t i = 0; i < records->n; i++) {
        struct wide order = draw_order(records->seed, i);
        records->narrow[i] = (struct narrow){.id = (uint32_t)order.id,
                                             .customer = (uint32_t)order.customer,
                                             .cents = (uint32_t)order.cents,
                                             .second = (uint32_t)order.second,
                                             .quantity = (uint16_t)order.quantity,
                                             .region = (uint8_t)order.region,
                                             .kind_open = (uint8_t)(order.kind << 1 | order.open)};
    }
    return 0;
}
