/* State of the lock-contention kernel: payments by customer, which threads add up in one table. */
#ifndef LOCK_CONTENTION_H
#define LOCK_CONTENTION_H

#include <countersign.h>

#include <omp.h>
#include <pthread.h>
#include <string.h>

/** What a customer paid: the two numbers belong together. */
struct cell {
    uint64_t count, sum;
};

struct payment {
    uint32_t customer, amount;
};

/** A lock on a line of its own, with how often it was taken in this run. */
struct lock {
    _Alignas(CS_LINE) pthread_mutex_t mutex;
    uint64_t taken;
};

#define SHARDS 64
#define CELLS_A_LINE (CS_LINE / sizeof(struct cell))

struct ledger {
    const struct payment *payments;
    size_t n, customers;
    unsigned threads;
    struct cell *cells;  /**< customers: the answer */
    struct lock *one;    /**< of `mutex` */
    struct lock *shards; /**< SHARDS, of `sharded` */
    size_t shard_cells;  /**< of a shard: whole lines */
    struct cell *own;    /**< threads tables of own_stride cells, of `merged` */
    size_t own_stride;
    uint64_t busiest_lock;  /**< how often the lock was taken that was taken most often, of all runs */
    struct payment *sorted; /**< n, by customer; for check */
};

static inline void add_payment(struct cell *cell, const struct payment *payment) {
    cell->count++;
    cell->sum += payment->amount;
}

/** Where part `t` of `all` things begins. */
static inline size_t part_start(const struct ledger *ledger, size_t all, unsigned t) {
    return all * t / ledger->threads;
}

/** Every thread clears its part of the answer, and waits for the others. Within a parallel region. */
static inline void clear_cells(struct ledger *ledger, unsigned t) {
    size_t start = part_start(ledger, ledger->customers, t);
    size_t end = part_start(ledger, ledger->customers, t + 1);
    memset(ledger->cells + start, 0, (end - start) * sizeof *ledger->cells);
#pragma omp barrier
}

struct lock *make_locks(const struct cs_env *env, size_t count);
void count_busiest(struct ledger *ledger, struct lock *locks, size_t count);

int prepare_mutex(const struct cs_env *env, void *state);
void run_mutex(void *state);
int prepare_sharded(const struct cs_env *env, void *state);
void run_sharded(void *state);
void run_atomic(void *state);
int prepare_merged(const struct cs_env *env, void *state);
void run_merged(void *state);

#endif
