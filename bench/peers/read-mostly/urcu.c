/* A copy is published, and what liburcu waits for are quiescent states, told after each request as by `rcu`. */
#define _LGPL_SOURCE /* its short functions inlined */
#include "peer.h"
#include "read-mostly.h"

#include <urcu/tls-compat.h>

/*
 * A program reaches the library's thread-local data directly. A module cannot: the loader has no room left that is aligned to
 * 128 bytes. So each thread asks once where it is, and its short functions go by that.
 */
#undef URCU_TLS
#define URCU_TLS(name) (*name##_here)
struct urcu_qsbr_reader;
static __thread struct urcu_qsbr_reader *urcu_qsbr_reader_here;

#include <urcu/urcu-qsbr.h>

extern __thread struct urcu_qsbr_reader urcu_qsbr_reader __attribute__((tls_model("global-dynamic")));

struct copies {
    struct rates *both, **current;
};

static void publish(struct board *board, const struct copies *copies, uint64_t more) {
    urcu_qsbr_thread_offline(); /* so that no other writer waits for one that waits for the lock */
    pthread_mutex_lock(board->mutex);
    struct rates *old = *copies->current, *new = &copies->both[old == copies->both];
    *new = *old;
    raise_rates(new, more);
    rcu_assign_pointer(*copies->current, new);
    urcu_qsbr_synchronize_rcu();
    pthread_mutex_unlock(board->mutex);
    urcu_qsbr_thread_online();
}

static void serve(struct board *board, struct own *own, size_t i, size_t end) {
    const struct copies *copies = peer_state(board);
    uint64_t sum = 0, writes = 0;
    urcu_qsbr_reader_here = &urcu_qsbr_reader;
    urcu_qsbr_register_thread();
    for (; i < end; i++) {
        const struct request *request = &board->requests[i];
        if (request->word) {
            sum += read_rate(rcu_dereference(*copies->current), request->word);
        } else {
            publish(board, copies, request->more);
            writes++;
        }
        urcu_qsbr_quiescent_state();
    }
    urcu_qsbr_unregister_thread();
    own->sum = sum;
    own->writes = writes;
}

static void run(void *state) {
    struct board *board = state;
    const struct copies *copies = peer_state(state);
    copies->both[0] = board->start;
    *copies->current = copies->both;
    share_out(board, serve);
    collect(board, VARIANTS, *copies->current);
}

static int prepare(const struct cs_env *env, void *state) {
    struct copies *copies = peer_state(state);
    copies->both = cs_array(env, "copies", 2, struct rates);
    copies->current = cs_array(env, "pointer to the copy", 1, struct rates *);
    return 0;
}

PEER(urcu) = {.name = "urcu",
              .run = run,
              .flags = CS_PARALLEL,
              .summary = "liburcu's quiescent states",
              .prepare = prepare};
