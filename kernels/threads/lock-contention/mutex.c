#include "lock-contention.h"

__attribute__((noinline)) static void add_locked(const struct ledger *ledger, struct lock *lock, size_t i,
                                                 size_t end) {
    for (; i < end; i++) {
        pthread_mutex_lock(&lock->mutex);
        add_payment(&ledger->cells[ledger->payments[i].customer], &ledger->payments[i]);
        lock->taken++;
        pthread_mutex_unlock(&lock->mutex);
    }
}

void run_mutex(void *state) {
    struct ledger *ledger = state;
#pragma omp parallel num_threads(ledger->threads) firstprivate(ledger)
    {
        unsigned t = (unsigned)omp_get_thread_num();
        clear_cells(ledger, t);
        add_locked(ledger, ledger->one, part_start(ledger, ledger->n, t),
                   part_start(ledger, ledger->n, t + 1));
    }
    count_busiest(ledger, ledger->one, 1);
}

int prepare_mutex(const struct cs_env *env, void *state) {
    ((struct ledger *)state)->one = make_locks(env, 1);
    return 0;
}
