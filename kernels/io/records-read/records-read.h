/* What the variants of `records-read` share: the state of a point, the work on a record, and whole reads. */
#ifndef RECORDS_READ_H
#define RECORDS_READ_H

#include <countersign.h>
#include <endian.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/** One point: a file of `count` records of `size` bytes, and room for `batch` of them. */
struct records_read {
    char *path;
    int descriptor; /**< of the file, read and write; its offset is wherever the last run left it */
    uint64_t seed;
    size_t size;           /**< bytes a record */
    size_t count;          /**< records in the file; the last batch may be a short one */
    size_t batch;          /**< records a call, for the variants that batch */
    unsigned char *record; /**< room for one: of per-record and stdio */
    FILE *stream;          /**< stdio: the same file, opened once more, with the C library's own buffer */
    unsigned char *batched, *pread; /**< of the variants of that name: room for `batch` records */
    struct iovec *vector;           /**< preadv: `batch` entries */
    unsigned char *slots;           /**< preadv: `batch` records, slot_size bytes apart */
    size_t slot_size;               /**< `size` rounded up to a cache line */
    uint64_t *sums;                 /**< the answer: checksum_record of every record, in file order */
    int error;                      /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** The work on a record: the sum of its little-endian 64-bit words modulo 2^64, a short last word filled with
 * zeros. */
static inline uint64_t checksum_record(const unsigned char *record, size_t size) {
    uint64_t sum = 0, word;
    size_t i = 0;
    for (; i + sizeof word <= size; i += sizeof word) {
        memcpy(&word, record + i, sizeof word);
        sum += le64toh(word);
    }
    if (i < size) {
        word = 0;
        memcpy(&word, record + i, size - i);
        sum += le64toh(word);
    }
    return sum;
}

/**
 * read(2) until `size` bytes are there: a signal or the kernel may cut a call short. Returns 0, -errno, or
 * -EIO at the end of the file.
 */
static inline int read_whole(int descriptor, unsigned char *data, size_t size) {
    while (size) {
        ssize_t got = read(descriptor, data, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got ? -errno : -EIO;
        data += got;
        size -= (size_t)got;
    }
    return 0;
}

/** Records of the batch that starts at record `first`. */
static inline size_t batch_length(const struct records_read *state, size_t first) {
    size_t left = state->count - first;
    return left < state->batch ? left : state->batch;
}

/** One read(2) a record. */
void run_per_record(void *state);
/** One read(2) a batch. */
void run_batched(void *state);
int prepare_batched(const struct cs_env *env, void *state);
/** fread a record. */
void run_stdio(void *state);
int prepare_stdio(const struct cs_env *env, void *state);
void release_stdio(void *state);
/** The file mapped, walked and unmapped. */
void run_mmap(void *state);
/** One pread(2) a batch. */
void run_pread(void *state);
int prepare_pread(const struct cs_env *env, void *state);
/** One preadv(2) a batch, each record to a place of its own. */
void run_preadv(void *state);
int prepare_preadv(const struct cs_env *env, void *state);

#endif
