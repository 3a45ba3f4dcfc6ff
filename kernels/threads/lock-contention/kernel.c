/* Payments added up by customer, in one table, by several threads: by a lock, many, none, or apart. */
#include "lock-contention.h"

#include <stdlib.h>

static int by_customer(const void *a, const void *b) {
    const struct payment *left = a, *right = b;
    return (left->customer > right->customer) - (left->customer < right->customer);
}

static int setup(const struct cs_env *env, void *state) {
    struct ledger *ledger = state;
    struct cs_random random = cs_random_seed(env->seed);
    ledger->threads = env->threads;
    ledger->n = cs_size(env, "n");
    ledger->customers = cs_size(env, "customers");
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
    cs_output(env, "count and sum", &ledger->cells->count, 2 * ledger->customers); /* in turns */
    cs_work(env, ledger->n, ledger->n * sizeof(struct payment));
    cs_count(env, "busiest-lock", &ledger->busiest_lock);
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

static int compare(const struct cell *cell, size_t customer, uint64_t count, uint64_t sum,
                   struct cs_mismatch *mismatch) {
    cs_expect(mismatch, "count of customer", customer, cell->count, count);
    cs_expect(mismatch, "sum of customer", customer, cell->sum, sum);
    return 0;
}

/* The payments in order of their customers: each customer's stand together. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct ledger *ledger = state;
    const struct payment *payments = ledger->sorted;
    size_t i = 0;
    int status = 0;
    for (size_t customer = 0; status == 0 && customer < ledger->customers; customer++) {
        size_t first = i;
        uint64_t sum = 0;
        for (; i < ledger->n && payments[i].customer == customer; i++)
            sum += payments[i].amount;
        status = compare(&ledger->cells[customer], customer, i - first, sum, mismatch);
    }
    return status;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("lock-contention", "payment", "threads add up payments by customer in one table"),
    .parameters = {CS_NUMBER("n", "payments", 1, 1 << 22, 4096, "payments, shared out among the threads"),
                   CS_NUMBER("customers", "customers", 1, 1 << 18, 1024,
                             "rows of the table, of 16 bytes each")},
    .variants = {CS_VARIANT("mutex", run_mutex, "one lock for the table", .flags = CS_PARALLEL,
                            .prepare = prepare_mutex),
                 CS_VARIANT("sharded", run_sharded, "64 locks, each for a part of the table",
                            .flags = CS_PARALLEL, .prepare = prepare_sharded),
                 CS_VARIANT("atomic", run_atomic, "no lock: two atomic additions a payment",
                            .flags = CS_PARALLEL),
                 CS_VARIANT("merged", run_merged, "a table a thread, merged at the end", .flags = CS_PARALLEL,
                            .prepare = prepare_merged)},
    .counters = {CS_COUNTER("busiest-lock", "acquisition")},
    CS_STATE(struct ledger, setup),
    .check = check,
};
