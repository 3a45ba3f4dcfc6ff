/* durable-log: records appended to a log that survives a power failure, one wait for the disk a record or one a group. */
#define _GNU_SOURCE /* mkostemp */
#include "durable-log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LEAST_RECORDS 8
/* A ring is a multiple of what a run writes, and not much longer than this. */
#define RING_BYTES (256 * 1024)

static void teardown(void *state) {
    struct durable_log *log = state;
    close(log->descriptor);
    unlink(log->path);
}

/* A ring is written once and on the disk before any run: a run then changes neither its size nor its blocks. */
static int clear_log(struct durable_log *log) {
    unsigned char zeros[4096] = {0};
    int status = log->growth == APPEND && ftruncate(log->descriptor, 0) < 0 ? -errno : 0;
    for (size_t at = 0; status == 0 && log->growth == RING && at < log->ring; at += sizeof zeros)
        status = write_at(log->descriptor, zeros,
                          log->ring - at < sizeof zeros ? log->ring - at : sizeof zeros, at);
    return status == 0 && fdatasync(log->descriptor) < 0 ? -errno : status;
}

static int make_log(const struct cs_env *env, struct durable_log *log) {
    size_t size = strlen(env->scratch) + sizeof "/log.XXXXXX";
    log->path = cs_array(env, "path", size, char);
    snprintf(log->path, size, "%s/log.XXXXXX", env->scratch);
    log->descriptor = mkostemp(log->path, O_CLOEXEC);
    if (log->descriptor < 0)
        return cs_fail(env, errno, "cannot make a file in %s: %s; choose another scratch folder",
                       env->scratch, strerror(errno));
    int status = clear_log(log);
    if (status == 0)
        return 0;
    teardown(log);
    return cs_fail(env, -status,
                   "cannot write %zu bytes to %s: %s; make room or choose another scratch folder", log->ring,
                   log->path, strerror(-status));
}

static int setup(const struct cs_env *env, void *state) {
    struct durable_log *log = state;
    struct cs_random random = cs_random_seed(env->seed);
    log->seed = env->seed;
    log->group = cs_size(env, "group");
    log->size = cs_size(env, "size");
    log->growth = (enum growth)cs_value(env, "log");
    log->count = (LEAST_RECORDS + log->group - 1) / log->group * log->group;
    log->ring = (RING_BYTES / (log->count * log->size) + 1) * log->count * log->size;
    log->buffer = cs_array(env, "group", log->group * log->size, unsigned char);
    log->content = cs_answer(env, "log", log->count * log->size, unsigned char);
    log->begun = cs_array(env, "times", log->group, uint64_t);
    log->recorder = cs_recorder(env, log->count);
    log->keys = cs_array(env, "keys", log->count, uint64_t);
    cs_random_fill(&random, log->keys, log->count);
    cs_run_error(env, &log->error);
    cs_work(env, log->count, log->count * log->size);
    cs_count(env, "syncs", &log->syncs);
    return make_log(env, log);
}

static void reset(void *state) {
    struct durable_log *log = state;
    log->offset = log->last = 0;
}

static int poison(void *state, size_t variant) {
    return clear_log(state);
}

/* What is missing at the end stays zero, as what was never written. */
static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct durable_log *log = state;
    size_t bytes = log->count * log->size;
    memset(log->content, 0, bytes);
    ssize_t got = pread(log->descriptor, log->content, bytes, (off_t)log->last);
    return got < 0 ? -errno : 0;
}

/* Keys drawn anew; a record's bytes one by one. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct durable_log *log = state;
    struct cs_random random = cs_random_seed(log->seed);
    for (size_t i = 0; i < log->count; i++) {
        uint64_t word = cs_random_u64(&random);
        for (size_t j = 0; j < log->size; j++) {
            if (j && j % 8 == 0)
                word = word * UINT64_C(0x5851f42d4c957f2d) + 1;
            unsigned got = log->content[i * log->size + j], expected = word >> (j % 8 * 8) & 0xff;
            cs_expect(mismatch, "log", i * log->size + j, got, expected);
        }
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("durable-log", "record", "keep records in a log that survives a power failure"),
    .parameters = {CS_NUMBER("group", "records", 1, 256, 8,
                             "records that are committed together; per-record does not look at it"),
                   CS_NUMBER("size", "bytes", 16, 4096, 128, "bytes a record"),
                   CS_CHOICE("log", 0, "a file that has its size and is written over, or one that grows",
                             "ring", "append")},
    .variants = {CS_VARIANT("per-record", run_per_record, "one write and one fdatasync a record",
                            .flags = CS_IO),
                 CS_VARIANT("group", run_group, "one write and one fdatasync a group", .flags = CS_IO),
                 CS_VARIANT("dsync", run_dsync, "one write a group to a file that is open with O_DSYNC",
                            .flags = CS_IO, .prepare = prepare_dsync, .release = release_dsync)},
    .counters = {CS_COUNTER("syncs", "wait")},
    CS_STATE(struct durable_log, setup),
    .reset = reset,
    .poison = poison,
    .outputs = outputs,
    .check = check,
    .teardown = teardown,
};
