/*
 * A writer makes a new copy and publishes it; before it writes over the old one, every thread must have been seen
 * without it. Each thread tells by itself, between two requests, up to which version it knows (quiescent states:
 * P. E. McKenney and J. D. Slingwine, PDCS 1998; M. Desnoyers et al., IEEE TPDS 23(2), 2012).
 */
#include "read-mostly.h"

#include <sched.h>

/* A version that was read before the pointer: what is read from then on is that version or a later one. */
static void tell_version(const struct board *board, struct own *own) {
    uint64_t version = __atomic_load_n(board->version, __ATOMIC_ACQUIRE);
    if (version != own->seen)
        __atomic_store_n(&own->seen, version, __ATOMIC_RELEASE);
}

static void go_away(struct own *own) {
    __atomic_store_n(&own->seen, 0, __ATOMIC_RELEASE);
}

/* Whoever waits must see that this thread is back before it reads the pointer. */
static void come_back(const struct board *board, struct own *own) {
    tell_version(board, own);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void wait_for_readers(const struct board *board, uint64_t version) {
    for (unsigned t = 0; t < board->threads; t++)
        for (uint64_t seen;
             (seen = __atomic_load_n(&board->own[t].seen, __ATOMIC_ACQUIRE)) && seen < version;)
            sched_yield();
}

/* A call: within the loop it would take the registers, and a read's sum would be on the stack. */
__attribute__((noinline)) static void publish(struct board *board, struct own *own, uint64_t more) {
    go_away(own); /* so that no other writer waits for one that waits for the lock */
    pthread_mutex_lock(board->mutex);
    struct rates *old = *board->current, *new = &board->copies[old == board->copies];
    *new = *old;
    raise_rates(new, more);
    __atomic_store_n(board->current, new, __ATOMIC_RELEASE);
    uint64_t version = __atomic_add_fetch(board->version, 1, __ATOMIC_SEQ_CST);
    wait_for_readers(board, version);
    pthread_mutex_unlock(board->mutex);
    come_back(board, own);
}

static uint64_t read_current(const struct board *board, uint32_t word) {
    return read_rate(__atomic_load_n(board->current, __ATOMIC_ACQUIRE), word);
}

static void serve_rcu(struct board *board, struct own *own, size_t i, size_t end) {
    uint64_t sum = 0, writes = 0;
    come_back(board, own);
    for (; i < end; i++) {
        const struct request *request = &board->requests[i];
        if (request->word) {
            sum += read_current(board, request->word);
        } else {
            publish(board, own, request->more);
            writes++;
        }
        tell_version(board, own);
    }
    go_away(own);
    own->sum = sum;
    own->writes = writes;
}

void run_rcu(void *state) {
    struct board *board = state;
    board->copies[0] = board->start;
    *board->current = board->copies;
    share_out(board, serve_rcu);
    collect(board, RCU, *board->current);
}

int prepare_rcu(const struct cs_env *env, void *state) {
    struct board *board = state;
    board->copies = cs_array(env, "copies", 2, struct rates);
    board->current = cs_array(env, "pointer to the copy", 1, struct rates *);
    board->version = cs_array(env, "version", 1, uint64_t);
    *board->version = 1;
    return 0;
}
