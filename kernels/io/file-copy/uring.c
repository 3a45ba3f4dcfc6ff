/* io_uring: each read has the write of the same bytes chained to it; one system call hands in all that have a buffer. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "file-copy.h"

#include <sched.h>

/* The write begins when its read brought all bytes, else never. Of a pair one alone answers: the write, or the read that failed. */
static void add_pair(struct file_copy *copy, size_t offset) {
    struct copy_ring *ring = &copy->ring;
    unsigned slot = ring->free[--ring->free_count];
    unsigned char *buffer = ring->buffers + (size_t)slot * BUFFER_BYTES;
    size_t left = copy->size - offset;
    unsigned bytes = left < BUFFER_BYTES ? (unsigned)left : BUFFER_BYTES;
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring->io); /* there are two: the ring has two a buffer */
    io_uring_prep_read(entry, copy->from, buffer, bytes, offset);
    io_uring_sqe_set_flags(entry, IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS);
    io_uring_sqe_set_data64(entry, slot);
    entry = io_uring_get_sqe(&ring->io);
    io_uring_prep_write(entry, copy->to, buffer, bytes, offset);
    io_uring_sqe_set_data64(entry, slot);
    ring->bytes[slot] = bytes;
}

static void take_completions(struct file_copy *copy) {
    struct copy_ring *ring = &copy->ring;
    struct io_uring_cqe *entry;
    unsigned head, taken = 0;
    io_uring_for_each_cqe(&ring->io, head, entry) {
        unsigned slot = (unsigned)entry->user_data;
        if (entry->res != (int)ring->bytes[slot])
            copy->error = entry->res < 0 ? entry->res : -EIO;
        ring->free[ring->free_count++] = slot;
        taken++;
    }
    io_uring_cq_advance(&ring->io, taken);
}

/* After an error what is in flight is waited for: its buffers are written to until then. */
void run_uring(void *state) {
    struct file_copy *copy = state;
    size_t offset = 0;
    while ((offset < copy->size && copy->error == 0) || copy->ring.free_count < URING_DEPTH) {
        for (; offset < copy->size && copy->error == 0 && copy->ring.free_count; offset += BUFFER_BYTES)
            add_pair(copy, offset);
        int status = io_uring_submit_and_wait(&copy->ring.io, 1);
        if (status < 0 && status != -EINTR) {
            copy->error = status;
            return;
        }
        take_completions(copy);
    }
}

int supports_uring(char *reason, size_t size) {
    return uring_begins(IORING_FEAT_CQE_SKIP, reason, size);
}

/* What would block is done by threads of the kernel's; they stay on the CPUs of this one, as all variants do. */
static int keep_threads_here(struct copy_ring *ring) {
    cpu_set_t here;
    if (sched_getaffinity(0, sizeof here, &here) < 0)
        return -errno;
    return io_uring_register_iowq_aff(&ring->io, sizeof here, &here);
}

int prepare_uring(const struct cs_env *env, void *state) {
    struct copy_ring *ring = &((struct file_copy *)state)->ring;
    ring->buffers = cs_array(env, "buffers", URING_DEPTH * (size_t)BUFFER_BYTES, unsigned char);
    for (ring->free_count = 0; ring->free_count < URING_DEPTH; ring->free_count++)
        ring->free[ring->free_count] = (unsigned)ring->free_count;
    int status = io_uring_queue_init(2 * URING_DEPTH, &ring->io, 0);
    if (status)
        return cs_fail(env, -status, "cannot make a ring for %d requests: %s", 2 * URING_DEPTH,
                       strerror(-status));
    status = keep_threads_here(ring);
    if (status == 0)
        return 0;
    io_uring_queue_exit(&ring->io);
    return cs_fail(env, -status, "cannot bind io_uring's threads to this CPU: %s", strerror(-status));
}

void release_uring(void *state) {
    io_uring_queue_exit(&((struct file_copy *)state)->ring.io);
}
