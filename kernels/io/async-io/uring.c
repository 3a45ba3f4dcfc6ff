/* io_uring: requests and answers pass through memory that is shared with the kernel. */
#include "ring.h"

void run_uring(void *state) {
    struct reads *reads = state;
    run_ring(reads, &reads->uring, 0);
}

int prepare_uring(const struct cs_env *env, void *state) {
    struct reads *reads = state;
    return make_ring(env, reads, &reads->uring);
}

void release_uring(void *state) {
    struct reads *reads = state;
    io_uring_queue_exit(&reads->uring.io);
}

int supports_uring(char *reason, size_t size) {
    return uring_begins(0, reason, size);
}
