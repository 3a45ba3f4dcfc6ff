/* What the variants of `file-copy` share: a file in the page cache and the file that becomes equal to it. */
#ifndef FILE_COPY_H
#define FILE_COPY_H

#include "../uring.h"

#include <unistd.h>

/** What the loop reads at a time, as cp does. */
#define BUFFER_BYTES (128 * 1024)

/** Most pairs of a read and its write that uring keeps in flight, a buffer each. */
#define URING_DEPTH 8

/** Of the variant uring. */
struct copy_ring {
    struct io_uring io;
    unsigned char *buffers;      /**< URING_DEPTH */
    unsigned bytes[URING_DEPTH]; /**< that the pair of a buffer moves */
    unsigned free[URING_DEPTH];  /**< buffers without a pair */
    size_t free_count;
};

struct file_copy {
    char *from_path, *to_path;
    int from, to; /**< both open; positions are wherever the last run left them */
    uint64_t seed;
    size_t size;            /**< bytes of the file */
    unsigned char *content; /**< the answer: what is in the second file, read back */
    unsigned char *buffer;  /**< of read-write */
    struct copy_ring ring;
    int error; /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** Returns 0 or -errno. */
static inline int write_all(int descriptor, const unsigned char *data, size_t size, size_t offset) {
    while (size) {
        ssize_t written = pwrite(descriptor, data, size, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        data += written;
        offset += (size_t)written;
        size -= (size_t)written;
    }
    return 0;
}

void run_read_write(void *state);
int prepare_read_write(const struct cs_env *env, void *state);
void run_sendfile(void *state);
void run_copy_file_range(void *state);
int supports_copy_file_range(char *reason, size_t size);
void run_mapped(void *state);
void run_uring(void *state);
int supports_uring(char *reason, size_t size);
int prepare_uring(const struct cs_env *env, void *state);
void release_uring(void *state);

#endif
