/* What the variants of `durable-log` share: records that a log must keep though the power fails, and its file. */
#ifndef DURABLE_LOG_H
#define DURABLE_LOG_H

#include <countersign.h>
#include <string.h>
#include <unistd.h>

enum growth { RING, APPEND };

struct durable_log {
    char *path;
    int descriptor, synced; /**< of the file; `synced`, of the variant dsync, is open with O_DSYNC */
    uint64_t seed;
    enum growth growth;
    size_t size, count, group; /**< bytes a record; records a run; records that are committed together */
    size_t ring;               /**< bytes after which a ring begins again: whole runs */
    size_t offset, last;       /**< in the file: where the next run begins, and where the last one began */
    uint64_t *keys;            /**< `count` random words, of which records are made */
    unsigned char *buffer;     /**< room for a group */
    uint64_t *begun;           /**< when each record of a group was handed in, for the recorder */
    unsigned char *content;    /**< the answer: what the last run wrote, read back */
    struct cs_recorder *recorder;
    uint64_t syncs; /**< how often a write waited for the disk */
    int error;      /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** The record of a key: its word and words made from it. */
static inline void encode_record(unsigned char *record, size_t size, uint64_t key) {
    for (size_t i = 0; i < size; i += 8, key = key * UINT64_C(0x5851f42d4c957f2d) + 1)
        memcpy(record + i, &key, size - i < 8 ? size - i : 8);
}

/** Where this run's records go. */
static inline size_t take_room(struct durable_log *log) {
    log->last = log->offset;
    log->offset += log->count * log->size;
    if (log->growth == RING && log->offset == log->ring)
        log->offset = 0;
    return log->last;
}

/** Returns 0 or -errno. */
static inline int write_at(int descriptor, const unsigned char *data, size_t size, size_t offset) {
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

void run_per_record(void *state);
void run_group(void *state);
void run_dsync(void *state);
int prepare_dsync(const struct cs_env *env, void *state);
void release_dsync(void *state);

#endif
