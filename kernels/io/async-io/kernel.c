/* async-io: blocks read from a disk, past the page cache, one by one or with several requests in flight. */
#define _GNU_SOURCE /* O_DIRECT, mkostemp */
#include "async-io.h"

#include <fcntl.h>
#include <stdlib.h>

#define FILE_BYTES ((size_t)8 << 20)
#define PAGE_BYTES 4096 /* to which O_DIRECT wants buffers and offsets aligned at the most */
#ifndef LEAST_READS /* a build may ask for longer runs: at the end of each one its requests are waited for */
#define LEAST_READS 16
#endif

static void teardown(void *state) {
    struct reads *reads = state;
    close(reads->descriptor);
    unlink(reads->path);
}

/* First word of a sector of the file. */
static uint64_t word_of(uint64_t seed, uint64_t sector) {
    return (seed ^ sector) * UINT64_C(0x9e3779b97f4a7c15) + sector;
}

/* Each sector begins with its word; the others follow from it. */
static int fill_file(const struct reads *reads, unsigned char *chunk, size_t size) {
    for (size_t at = 0; at < FILE_BYTES; at += size) {
        for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
            uint64_t word = word_of(reads->seed, (at + i) / SECTOR_BYTES) + i % SECTOR_BYTES;
            memcpy(chunk + i, &word, sizeof word);
        }
        ssize_t written = pwrite(reads->descriptor, chunk, size, (off_t)at);
        if (written != (ssize_t)size)
            return written < 0 ? -errno : -ENOSPC;
    }
    return fdatasync(reads->descriptor) < 0 ? -errno : 0;
}

/* Bytes that this process had devices read, as /proc/self/io tells; -1: it does not. */
static int64_t device_bytes(void) {
    char line[128];
    int64_t bytes = -1;
    FILE *file = fopen("/proc/self/io", "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "read_bytes: ", 12) == 0)
            bytes = strtoll(line + 12, NULL, 10);
    if (file)
        fclose(file);
    return bytes;
}

/* Memory takes O_DIRECT, too: whether a read reaches a device is seen, not asked. */
static int find_device(const struct cs_env *env, const struct reads *reads) {
    int64_t before = device_bytes();
    ssize_t got = read_block(reads, 0, reads->buffers);
    if (got < 0)
        return cs_fail(env, (int)-got, "cannot read %s past the page cache: %s", reads->path,
                       strerror((int)-got));
    if (before < 0)
        return cs_fail(env, EOPNOTSUPP, "no /proc/self/io here, which would tell whether reads reach a disk");
    if (device_bytes() - before < (int64_t)reads->block)
        return cs_fail(
            env, EOPNOTSUPP,
            "%s is on no disk: a read past the page cache reaches no device, and memory answers (tmpfs, "
            "or a layer over it); name a scratch folder on a disk",
            env->scratch);
    return 0;
}

static int make_file(const struct cs_env *env, struct reads *reads) {
    size_t size = strlen(env->scratch) + sizeof "/blocks.XXXXXX";
    size_t chunk_bytes = (size_t)1 << 20;
    reads->path = cs_array(env, "path", size, char);
    snprintf(reads->path, size, "%s/blocks.XXXXXX", env->scratch);
    reads->descriptor = mkostemp(reads->path, O_CLOEXEC | O_DIRECT);
    int error = errno;
    if (reads->descriptor < 0) {
        unlink(reads->path); /* of a file system that made it and cannot open it so */
        return cs_fail(env, error,
                       "cannot make a file in %s that is read past the page cache (O_DIRECT): %s; "
                       "name another scratch folder",
                       env->scratch, strerror(error));
    }
    unsigned char *chunk = cs_aligned_array(env, "content", chunk_bytes, unsigned char, PAGE_BYTES);
    int status = fill_file(reads, chunk, chunk_bytes);
    cs_free(env, chunk);
    status = status ? cs_fail(env, -status,
                              "cannot write %zu bytes to %s: %s; make room or name another scratch folder",
                              FILE_BYTES, reads->path, strerror(-status))
                    : find_device(env, reads);
    if (status)
        teardown(reads);
    return status;
}

/* All blocks in an order that is drawn, and as many again until runs come out even. */
static void draw_blocks(const struct cs_env *env, struct reads *reads) {
    struct cs_random random = cs_random_seed(env->seed);
    size_t all = FILE_BYTES / reads->block;
    reads->pool = cs_windows(env, &reads->next, all, reads->count);
    reads->blocks = cs_array(env, "order", reads->pool, uint32_t);
    for (size_t i = 0; i < reads->pool; i++)
        reads->blocks[i] = (uint32_t)(i % all);
    cs_random_shuffle(&random, reads->blocks, reads->pool);
}

static int setup(const struct cs_env *env, void *state) {
    struct reads *reads = state;
    reads->seed = env->seed;
    reads->depth = cs_size(env, "depth");
    reads->block = cs_size(env, "block");
    if (reads->block % PAGE_BYTES || FILE_BYTES % reads->block)
        return cs_fail(env, EINVAL, "a block must be a power of two of at least %d bytes, not %zu",
                       PAGE_BYTES, reads->block);
    reads->count = 2 * reads->depth < LEAST_READS ? LEAST_READS : 2 * reads->depth;
    draw_blocks(env, reads);
    reads->answers = cs_answer(env, "sum", reads->count, uint64_t);
    reads->buffers = cs_aligned_array(env, "buffers", reads->depth * reads->block, unsigned char, PAGE_BYTES);
    reads->recorder = cs_recorder(env, reads->count);
    cs_work(env, reads->count, reads->count * reads->block);
    return make_file(env, reads);
}

static void reset(void *state) {
    struct reads *reads = state;
    reads->error = 0;
}

/* A buffer that still had the block would do for one that is never read. */
static int poison(void *state, size_t variant) {
    struct reads *reads = state;
    memset(reads->buffers, 0xa5, reads->depth * reads->block);
    return 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    const struct reads *reads = state;
    return reads->error;
}

/* From the seed, without the file. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct reads *reads = state;
    const uint32_t *blocks = reads->blocks + cs_last_window(reads->next, reads->count, reads->pool);
    uint64_t sectors = reads->block / SECTOR_BYTES;
    for (size_t i = 0; i < reads->count; i++) {
        uint64_t expected = 0;
        for (uint64_t sector = 0; sector < sectors; sector++)
            expected += word_of(reads->seed, blocks[i] * sectors + sector);
        cs_expect(mismatch, "sum", i, reads->answers[i], expected);
    }
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct reads *reads = state;
    values[0] = reads->in_flight;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("async-io", "block", "read blocks of a file from the disk, past the page cache"),
    .parameters = {CS_NUMBER("depth", "requests", 1, 128, 8,
                             "most requests in flight; pread does not look at it"),
                   CS_NUMBER("block", "bytes", 4096, 262144, 4096, "bytes of a block, a power of two")},
    .variants = {CS_VARIANT("pread", run_pread, "pread, one block after the other", .flags = CS_IO),
                 CS_VARIANT("uring", run_uring,
                            "io_uring: one system call hands in what is new and waits for the next",
                            .flags = CS_IO, .supported = supports_uring, .prepare = prepare_uring,
                            .release = release_uring),
                 CS_VARIANT("uring-fixed", run_uring_fixed, "io_uring with registered buffers and file",
                            .flags = CS_IO, .supported = supports_uring, .prepare = prepare_uring_fixed,
                            .release = release_uring_fixed),
                 CS_VARIANT("threads", run_threads, "a thread for each request in flight, on one CPU",
                            .flags = CS_IO, .prepare = prepare_threads, .release = release_threads),
                 CS_VARIANT("posix-aio", run_posix_aio, "aio_read and aio_suspend of the C library",
                            .flags = CS_IO, .prepare = prepare_posix_aio)},
    .counters = {CS_COUNTER("in-flight", "request")},
    CS_STATE(struct reads, setup),
    .reset = reset,
    .poison = poison,
    .outputs = outputs,
    .check = check,
    .count = count,
    .teardown = teardown,
};
