#include "lock-contention.h"

__attribute__((noinline)) static void add_alone(struct cell *own, const struct payment *payments, size_t i,
                                                size_t end) {
    for (; i < end; i++)
        add_payment(&own[payments[i].customer], &payments[i]);
}

/* The same part of all tables; each thread merges a part of its own. */
static void merge(const struct ledger *ledger, size_t customer, size_t end) {
    for (; customer < end; customer++) {
        struct cell all = ledger->own[customer];
        for (unsigned t = 1; t < ledger->threads; t++) {
            all.count += ledger->own[t * ledger->own_stride + customer].count;
            all.sum += ledger->own[t * ledger->own_stride + customer].sum;
        }
        ledger->cells[customer] = all;
    }
}

void run_merged(void *state) {
    struct ledger *ledger = state;
#pragma omp parallel num_threads(ledger->threads) firstprivate(ledger)
    {
        unsigned t = (unsigned)omp_get_thread_num();
        struct cell *own = ledger->own + t * ledger->own_stride;
        memset(own, 0, ledger->customers * sizeof *own);
        add_alone(own, ledger->payments, part_start(ledger, ledger->n, t),
                  part_start(ledger, ledger->n, t + 1));
#pragma omp barrier
        merge(ledger, part_start(ledger, ledger->customers, t), part_start(ledger, ledger->customers, t + 1));
    }
}

int prepare_merged(const struct cs_env *env, void *state) {
    struct ledger *ledger = state;
    size_t lines = (ledger->customers + CELLS_A_LINE - 1) / CELLS_A_LINE;
    ledger->own_stride = (lines + 1) * CELLS_A_LINE; /* tables do not touch */
    ledger->own = cs_array(env, "a table a thread", ledger->threads * ledger->own_stride, struct cell);
    return 0;
}
