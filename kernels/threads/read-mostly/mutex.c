#include "read-mostly.h"

static void serve_mutex(struct board *board, struct own *own, size_t i, size_t end) {
    uint64_t sum = 0;
    for (; i < end; i++) {
        const struct request *request = &board->requests[i];
        pthread_mutex_lock(board->mutex);
        if (request->word)
            sum += read_rate(board->rates, request->word);
        else
            raise_rates(board->rates, request->more);
        pthread_mutex_unlock(board->mutex);
    }
    own->sum = sum;
}

void run_mutex(void *state) {
    struct board *board = state;
    *board->rates = board->start;
    share_out(board, serve_mutex);
    board->locks += board->n;
    collect(board, MUTEX, board->rates);
}
