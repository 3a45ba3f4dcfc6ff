/* Payments added up by customer, in one table, by several threads: by a lock, many, none, or apart. */
#include "lock-contention.h"

#include <inttypes.h>
#include <stdlib.h>

enum { PARAMETER_N, PARAMETER_CUSTOMERS };

static int by_customer(const void *a, const void *b) {
    const struct payment *left = a, *right = b;
    return (left->customer > right->customer) - (left->customer < right->customer);
}

static int setup(const struct cs_env *env, void *state) {
    struct ledger *ledger = state;
    struct cs_random random = cs_random_seed(env->seed);
    ledger->threads = env->threads;
    ledger->n = (size_t)env->value[PARAMETER_N];
    ledger->customers = (size_t)env->value[PARAMETER_CUSTOMERS];
    ledger->cells = cs_array(env, "cells", ledger->customers, struct cell);
    struct payment *payments = cs_array(env, "payments", ledger->n, struct payment);
    ledger->sorted = cs_array(env, "sorted payments", ledger->n, struct payment);
    for (size_t i = 0; i < ledger->n; i++) {
        payments[i].customer = cs_random_below(&random, (uint32_t)ledger->customers);
        payments[i].amount = cs_random_below(&random, 100000);
        ledger->sorted[i] = payments[i];
    }
    qsort(ledger->sorted, ledger->n, sizeof *ledger->sorted, by_customer);
    ledger->payments = payments;
    return 0;
}

struct lock *make_locks(const struct cs_env *env, size_t count) {
    struct lock *locks = cs_array(env, "locks", count, struct lock);
    for (size_t i = 0; i < count; i++)
        pthread_mutex_init(&locks[i].mutex, NULL);
    return locks;
}

void count_busiest(struct ledger *ledger, struct lock *locks, size_t count) {
    uint64_t most = 0;
    for (size_t i = 0; i < count; i++) {
        most = locks[i].taken > most ? locks[i].taken : most;
        locks[i].taken = 0;
    }
    ledger->busiest_lock += most;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct ledger *ledger = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "count and sum", /* in turns */
                                    .data = ledger->cells,
                                    .count = 2 * ledger->customers,
                                    .type = CS_U64};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct ledger *ledger = state;
    *work =
        (struct cs_work){.items = (double)ledger->n, .bytes = (double)(ledger->n * sizeof(struct payment))};
}

static int compare(const struct cell *cell, size_t customer, uint64_t count, uint64_t sum,
                   struct cs_mismatch *mismatch) {
    if (cell->count != count)
        return cs_wrong(mismatch, "count of customer", customer, "%" PRIu64, cell->count, count);
    if (cell->sum != sum)
        return cs_wrong(mismatch, "sum of customer", customer, "%" PRIu64, cell->sum, sum);
    return 0;
}

/* The payments in order of their customers: each customer's stand together. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct ledger *ledger = state;
    const struct payment *payments = ledger->sorted;
    size_t i = 0;
    int status = 0;
    (void)variant;
    for (size_t customer = 0; status == 0 && customer < ledger->customers; customer++) {
        size_t first = i;
        uint64_t sum = 0;
        for (; i < ledger->n && payments[i].customer == customer; i++)
            sum += payments[i].amount;
        status = compare(&ledger->cells[customer], customer, i - first, sum, mismatch);
    }
    return status;
}

static void count(const void *state, uint64_t *values) {
    values[0] = ((const struct ledger *)state)->busiest_lock;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "lock-contention",
    .summary = "threads add up payments by customer in one table",
    .item = "payment",
    .parameters = {{.name = "n",
                    .unit = "payments",
                    .min = 1,
                    .max = 1 << 22,
                    .def = 4096,
                    .summary = "payments, shared out among the threads"},
                   {.name = "customers",
                    .unit = "customers",
                    .min = 1,
                    .max = 1 << 18,
                    .def = 1024,
                    .summary = "rows of the table, of 16 bytes each"}},
    .variants = {{.name = "mutex",
                  .prepare = prepare_mutex,
                  .run = run_mutex,
                  .flags = CS_PARALLEL,
                  .summary = "one lock for the table"},
                 {.name = "sharded",
                  .prepare = prepare_sharded,
                  .run = run_sharded,
                  .flags = CS_PARALLEL,
                  .summary = "64 locks, each for a part of the table"},
                 {.name = "atomic",
                  .run = run_atomic,
                  .flags = CS_PARALLEL,
                  .summary = "no lock: two atomic additions a payment"},
                 {.name = "merged",
                  .prepare = prepare_merged,
                  .run = run_merged,
                  .flags = CS_PARALLEL,
                  .summary = "a table a thread, merged at the end"}},
    .counters = {{.name = "busiest-lock", .unit = "acquisition"}},
    .state_size = sizeof(struct ledger),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
};
