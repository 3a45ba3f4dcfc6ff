/* records-read: every record of a file in the page cache, one call a record or one a batch. */
#define _GNU_SOURCE /* asprintf, mkostemp */
#include "records-read.h"

#include <fcntl.h>
#include <stdlib.h>

/* Enough records for a run of some 100 us whatever their size, few enough that the file stays in memory. */
#define RECORDS 1024
/* Bytes written at a time while the file is made. */
#define CHUNK (64 * 1024)

static void teardown(void *opaque) {
    struct records_read *state = opaque;
    close(state->descriptor);
    unlink(state->path);
}

static int write_whole(int descriptor, const unsigned char *data, size_t size) {
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

/* The file's bytes are the generator's words, little-endian, without gaps. */
static void fill_chunk(struct cs_random *random, uint64_t *chunk) {
    for (size_t i = 0; i < CHUNK / sizeof(*chunk); i++)
        chunk[i] = htole64(cs_random_u64(random));
}

/* Written out to the disk here, so that the kernel does not do it while a run is timed. */
static int fill_file(const struct records_read *state) {
    uint64_t chunk[CHUNK / sizeof(uint64_t)];
    struct cs_random random = cs_random_seed(state->seed);
    for (size_t left = state->count * state->size; left;) {
        size_t bytes = left < CHUNK ? left : CHUNK;
        fill_chunk(&random, chunk);
        int status = write_whole(state->descriptor, (const unsigned char *)chunk, bytes);
        if (status)
            return status;
        left -= bytes;
    }
    return fdatasync(state->descriptor) < 0 ? -errno : 0;
}

/* The file, empty and open; its path in state->path. */
static int make_file(struct records_read *state, const struct cs_env *env) {
    size_t size = strlen(env->scratch) + sizeof "/records.XXXXXX";
    state->path = cs_array(env, "path", size, char);
    snprintf(state->path, size, "%s/records.XXXXXX", env->scratch);
    state->descriptor = mkostemp(state->path, O_CLOEXEC);
    return state->descriptor >= 0
               ? 0
               : cs_fail(env, errno, "cannot make a file in %s: %s; choose another scratch folder",
                         env->scratch, strerror(errno));
}

static int setup(const struct cs_env *env, void *opaque) {
    struct records_read *state = opaque;
    state->seed = env->seed;
    state->size = cs_size(env, "size");
    state->batch = cs_size(env, "batch");
    state->count = state->batch > RECORDS ? state->batch : RECORDS;
    state->record = cs_array(env, "record", state->size, unsigned char);
    state->sums = cs_answer(env, "checksum", state->count, uint64_t);
    cs_run_error(env, &state->error);
    cs_work(env, state->count, state->count * state->size);
    int status = make_file(state, env);
    if (status)
        return status;
    status = fill_file(state);
    if (status == 0)
        return 0;
    teardown(state);
    return cs_fail(env, -status,
                   "cannot write %zu bytes to %s: %s; make room or choose another scratch folder",
                   state->count * state->size, state->path, strerror(-status));
}

/* The generator's bytes one after another, each added at its place in its record's words. */
static int check(void *opaque, size_t variant, struct cs_mismatch *mismatch) {
    const struct records_read *state = opaque;
    struct cs_random random = cs_random_seed(state->seed);
    uint64_t word = 0;
    unsigned left = 0;
    for (size_t i = 0; i < state->count; i++) {
        uint64_t sum = 0;
        for (size_t j = 0; j < state->size; j++) {
            if (!left) {
                word = cs_random_u64(&random);
                left = 8;
            }
            sum += (word & 0xff) << (j % 8 * 8);
            word >>= 8;
            left--;
        }
        cs_expect(mismatch, "checksum", i, state->sums[i], sum);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("records-read", "record",
              "read fixed-size records from a file in the page cache and add up the words of each"),
    .parameters = {CS_NUMBER("size", "bytes", 16, 4096, 64, "bytes a record"),
                   CS_NUMBER("batch", "records", 1, 4096, 256,
                             "records a call; per-record, stdio and mmap do not look at it")},
    .variants = {CS_VARIANT("per-record", run_per_record, "one read a record", .flags = CS_IO),
                 CS_VARIANT("batched", run_batched, "one read a batch", .flags = CS_IO,
                            .prepare = prepare_batched),
                 CS_VARIANT("stdio", run_stdio, "fread a record from the C library's buffer", .flags = CS_IO,
                            .prepare = prepare_stdio, .release = release_stdio),
                 CS_VARIANT("mmap", run_mmap, "map the file, walk it, unmap it", .flags = CS_IO),
                 CS_VARIANT("pread", run_pread, "one pread a batch, no file position", .flags = CS_IO,
                            .prepare = prepare_pread),
                 CS_VARIANT("preadv", run_preadv, "one preadv a batch, records apart from each other",
                            .flags = CS_IO, .prepare = prepare_preadv)},
    CS_STATE(struct records_read, setup),
    .check = check,
    .teardown = teardown,
};
