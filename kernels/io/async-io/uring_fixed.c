/* io_uring with buffers and file registered: the kernel looks them up and pins the buffers' pages once, not at each read. */
#include "ring.h"

#include <sys/uio.h>

void run_uring_fixed(void *state) {
    struct reads *reads = state;
    run_ring(reads, &reads->uring_fixed, 1);
}

int prepare_uring_fixed(const struct cs_env *env, void *state) {
    struct reads *reads = state;
    struct iovec all = {reads->buffers, reads->depth * reads->block};
    int status = make_ring(env, reads, &reads->uring_fixed);
    if (status)
        return status;
    status = io_uring_register_buffers(&reads->uring_fixed.io, &all, 1);
    if (status == 0)
        status = io_uring_register_files(&reads->uring_fixed.io, &reads->descriptor, 1);
    if (status == 0)
        return 0;
    release_uring_fixed(state);
    return cs_fail(env, -status, "cannot register %zu bytes of buffers with io_uring: %s%s", all.iov_len,
                   strerror(-status), status == -ENOMEM ? "; `ulimit -l` must allow as many" : "");
}

void release_uring_fixed(void *state) {
    struct reads *reads = state;
    io_uring_queue_exit(&reads->uring_fixed.io);
}
