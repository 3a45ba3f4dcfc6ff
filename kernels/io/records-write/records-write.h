/* What the variants of `records-write` share: the state of a point, the encoding of a record, and whole
 * writes. */
#ifndef RECORDS_WRITE_H
#define RECORDS_WRITE_H

#include <countersign.h>
#include <endian.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/** One point: `count` keys, and the file that each run fills with a record of `size` bytes for every key. */
struct records_write {
    char *path;
    int descriptor; /**< of the file, read and write; its offset is wherever the last run left it */
    uint64_t seed;
    size_t size;           /**< bytes a record */
    size_t count;          /**< records a run; the last batch may be a short one */
    size_t batch;          /**< records a call, for the variants that batch */
    const uint64_t *keys;  /**< `count` random words: what the program wants to keep */
    unsigned char *record; /**< room for one: of per-record and stdio */
    FILE *stream;          /**< stdio: the same file, opened once more, with the C library's own buffer */
    unsigned char *batched, *pwrite; /**< of the variants of that name: room for `batch` records */
    struct iovec *vector;            /**< pwritev: `batch` entries */
    unsigned char *slots;            /**< pwritev: `batch` records, slot_size bytes apart */
    size_t slot_size;                /**< `size` rounded up to a cache line */
    unsigned char *content;          /**< count * size bytes: the file as last read back */
    uint64_t content_size;           /**< bytes in the file when it was last read back */
    int error;                       /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** Difference of one word of a record to the next: odd, so that all the words of a record differ. */
#define WORD_STEP 0x9e3779b97f4a7c15u

/**
 * The work on a record: little-endian words key, key + WORD_STEP, key + 2 WORD_STEP and so on, modulo 2^64,
 * the last one cut short where `size` is no multiple of 8.
 */
static inline void encode_record(unsigned char *record, size_t size, uint64_t key) {
    size_t words = size / sizeof(uint64_t), rest = size % sizeof(uint64_t);
    for (size_t i = 0; i < words; i++) {
        uint64_t word = htole64(key + i * WORD_STEP);
        memcpy(record + i * sizeof(word), &word, sizeof(word));
    }
    if (rest) {
        uint64_t word = htole64(key + words * WORD_STEP);
        memcpy(record + words * sizeof(word), &word, rest);
    }
}

/** write(2) until `size` bytes are out: a signal or the kernel may cut a call short. Returns 0 or -errno. */
static inline int write_whole(int descriptor, const unsigned char *data, size_t size) {
    while (size) {
        ssize_t written = write(descriptor, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        data += written;
        size -= (size_t)written;
    }
    return 0;
}

/** Records of the batch that starts at record `first`. */
static inline size_t batch_length(const struct records_write *state, size_t first) {
    size_t left = state->count - first;
    return left < state->batch ? left : state->batch;
}

/** One write(2) a record. */
void run_per_record(void *state);
/** One write(2) a batch. */
void run_batched(void *state);
int prepare_batched(const struct cs_env *env, void *state);
/** fwrite a record, fflush at the end. */
void run_stdio(void *state);
int prepare_stdio(const struct cs_env *env, void *state);
void release_stdio(void *state);
/** One pwrite(2) a batch. */
void run_pwrite(void *state);
int prepare_pwrite(const struct cs_env *env, void *state);
/** One pwritev(2) a batch, each record from a place of its own. */
void run_pwritev(void *state);
int prepare_pwritev(const struct cs_env *env, void *state);

#endif
