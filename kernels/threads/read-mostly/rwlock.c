#include "read-mostly.h"

static void serve_rwlock(struct board *board, struct own *own, size_t i, size_t end) {
    uint64_t sum = 0;
    for (; i < end; i++) {
        const struct request *request = &board->requests[i];
        if (request->word) {
            pthread_rwlock_rdlock(board->rwlock);
            sum += read_rate(board->rates, request->word);
        } else {
            pthread_rwlock_wrlock(board->rwlock);
            raise_rates(board->rates, request->more);
        }
        pthread_rwlock_unlock(board->rwlock);
    }
    own->sum = sum;
}

void run_rwlock(void *state) {
    struct board *board = state;
    *board->rates = board->start;
    share_out(board, serve_rwlock);
    board->locks += board->n;
    collect(board, RWLOCK, board->rates);
}

int prepare_rwlock(const struct cs_env *env, void *state) {
    struct board *board = state;
    board->rwlock = cs_array(env, "lock", 1, pthread_rwlock_t);
    return -pthread_rwlock_init(board->rwlock, NULL);
}
