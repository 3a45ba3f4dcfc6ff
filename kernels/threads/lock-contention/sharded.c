#include "lock-contention.h"

/* A shard is a part of the table and its lock: no two shards have a cell on the same line. */
__attribute__((noinline)) static void add_sharded(const struct ledger *ledger, struct lock *shards, size_t i,
                                                  size_t end) {
    size_t shard_cells = ledger->shard_cells;
    for (; i < end; i++) {
        uint32_t customer = ledger->payments[i].customer;
        struct lock *lock = &shards[customer / shard_cells];
        pthread_mutex_lock(&lock->mutex);
        add_payment(&ledger->cells[customer], &ledger->payments[i]);
        lock->taken++;
        pthread_mutex_unlock(&lock->mutex);
    }
}

void run_sharded(void *state) {
    struct ledger *ledger = state;
#pragma omp parallel num_threads(ledger->threads) firstprivate(ledger)
    {
        unsigned t = (unsigned)omp_get_thread_num();
        clear_cells(ledger, t);
        add_sharded(ledger, ledger->shards, part_start(ledger, ledger->n, t),
                    part_start(ledger, ledger->n, t + 1));
    }
    count_busiest(ledger, ledger->shards, SHARDS);
}

int prepare_sharded(const struct cs_env *env, void *state) {
    struct ledger *ledger = state;
    size_t lines = (ledger->customers + CELLS_A_LINE - 1) / CELLS_A_LINE;
    ledger->shard_cells = (lines + SHARDS - 1) / SHARDS * CELLS_A_LINE;
    ledger->shards = make_locks(env, SHARDS);
    return 0;
}
