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
    struct io_uring ring;
    int status = io_uring_queue_init(1, &ring, 0);
    if (status == 0) {
        io_uring_queue_exit(&ring);
        return 1;
    }
    if (status == -ENOSYS)
        snprintf(reason, size, "this kernel has no io_uring, or a filter of system calls hides it");
    else if (status == -EPERM || status == -EACCES)
        snprintf(
            reason, size,
            "io_uring is forbidden here: by the setting kernel.io_uring_disabled, or by a filter of system "
            "calls, as containers have");
    else
        snprintf(reason, size, "io_uring does not begin: %s", strerror(-status));
    return 0;
}
