/* What the variants of `async-io` share: blocks of a file that are to be read from the disk, in an order of their own. */
#ifndef ASYNC_IO_H
#define ASYNC_IO_H

#include "../uring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/** What a disk reads at the least; a block is whole sectors. */
#define SECTOR_BYTES 512

/** A request in flight: of io_uring's variants and of posix-aio, one for each of `depth`. */
struct slot {
    size_t item;
    uint64_t begun; /**< for the recorder */
};

/** A ring and its requests; each of its variants has one. */
struct ring {
    struct io_uring io;
    struct slot *slots; /**< depth */
    unsigned *free;     /**< slots without a request */
    size_t free_count;
};

struct reads {
    char *path;
    int descriptor; /**< open with O_DIRECT */
    uint64_t seed;
    size_t block, depth, count; /**< bytes a block; most requests in flight; blocks of a run */
    uint32_t *blocks; /**< `pool` numbers of blocks, of which a run takes the next window of `count` */
    size_t next, pool;
    uint64_t *answers;      /**< count: each block's sum */
    unsigned char *buffers; /**< depth blocks, aligned as O_DIRECT wants it */
    struct cs_recorder *recorder;
    atomic_uint_least64_t in_flight; /**< of each block asked for: how many were not answered, it included */
    atomic_int error;                /**< 0, or why a run gave up, as -errno; it stays until the next reset */
    struct ring uring, uring_fixed;
    struct workers *workers;     /**< of threads */
    struct posix_aio *posix_aio; /**< of posix-aio */
};

/** The blocks of the next run. */
static inline const uint32_t *take_blocks(struct reads *reads) {
    return reads->blocks + cs_window(&reads->next, reads->count, reads->pool);
}

static inline off_t offset_of(const struct reads *reads, uint32_t block) {
    return (off_t)block * (off_t)reads->block;
}

static inline unsigned char *buffer_of(const struct reads *reads, size_t slot) {
    return reads->buffers + slot * reads->block;
}

/** What is done with a block: its sectors' first words are added up. `result`: bytes that were read, or -errno. */
static inline void take_block(struct reads *reads, size_t item, const unsigned char *buffer, ssize_t result) {
    uint64_t sum = 0, word;
    if (result != (ssize_t)reads->block) {
        reads->error = result < 0 ? (int)result : -EIO;
        return;
    }
    for (size_t at = 0; at < reads->block; at += SECTOR_BYTES) {
        memcpy(&word, buffer + at, sizeof word);
        sum += word;
    }
    reads->answers[item] = sum;
}

/** pread that a signal does not end. Bytes, or -errno. */
static inline ssize_t read_block(const struct reads *reads, uint32_t block, unsigned char *buffer) {
    ssize_t got;
    do
        got = pread(reads->descriptor, buffer, reads->block, offset_of(reads, block));
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

void run_pread(void *state);
int supports_uring(char *reason, size_t size);
void run_uring(void *state);
int prepare_uring(const struct cs_env *env, void *state);
void release_uring(void *state);
void run_uring_fixed(void *state);
int prepare_uring_fixed(const struct cs_env *env, void *state);
void release_uring_fixed(void *state);
void run_threads(void *state);
int prepare_threads(const struct cs_env *env, void *state);
void release_threads(void *state);
void run_posix_aio(void *state);
int prepare_posix_aio(const struct cs_env *env, void *state);

#endif
