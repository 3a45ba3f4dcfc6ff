/* records-read: every record of a file in the page cache, one call a record or one a batch. */
#define _GNU_SOURCE /* asprintf, mkostemp */
#include "records-read.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

/* Enough records for a run of some 100 us whatever their size, few enough that the file stays in memory. */
#define RECORDS 1024
/* Bytes written at a time while the file is made. */
#define CHUNK (64 * 1024)

enum { PARAMETER_SIZE, PARAMETER_BATCH };

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
    state->size = (size_t)env->value[PARAMETER_SIZE];
    state->batch = (size_t)env->value[PARAMETER_BATCH];
    state->count = state->batch > RECORDS ? state->batch : RECORDS;
    state->record = cs_array(env, "record", state->size, unsigned char);
    state->sums = cs_array(env, "checksums", state->count, uint64_t);
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

static void reset(void *opaque) {
    struct records_read *state = opaque;
    state->error = 0;
}

static int outputs(void *opaque, size_t variant, struct cs_output *outputs, size_t *count) {
    struct records_read *state = opaque;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "checksum", .data = state->sums, .count = state->count, .type = CS_U64};
    *count = 1;
    return state->error;
}

static void work(const void *opaque, struct cs_work *work) {
    const struct records_read *state = opaque;
    *work = (struct cs_work){.items = (double)state->count, .bytes = (double)(state->count * state->size)};
}

/* The generator's bytes one after another, each added at its place in its record's words. */
static int check(void *opaque, size_t variant, struct cs_mismatch *mismatch) {
    const struct records_read *state = opaque;
    struct cs_random random = cs_random_seed(state->seed);
    uint64_t word = 0;
    unsigned left = 0;
    (void)variant;
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
        if (state->sums[i] != sum) {
            return cs_wrong(mismatch, "checksum", i, "%016" PRIx64, state->sums[i], sum);
        }
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "records-read",
    .summary = "read fixed-size records from a file in the page cache and add up the words of each",
    .item = "record",
    .parameters =
        {{.name = "size", .unit = "bytes", .min = 16, .max = 4096, .def = 64, .summary = "bytes a record"},
         {.name = "batch",
          .unit = "records",
          .min = 1,
          .max = 4096,
          .def = 256,
          .summary = "records a call; per-record, stdio and mmap do not look at it"}},
    .variants =
        {{.name = "per-record", .run = run_per_record, .summary = "one read a record", .flags = CS_IO},
         {.name = "batched",
          .prepare = prepare_batched,
          .run = run_batched,
          .summary = "one read a batch",
          .flags = CS_IO},
         {.name = "stdio",
          .prepare = prepare_stdio,
          .release = release_stdio,
          .run = run_stdio,
          .summary = "fread a record from the C library's buffer",
          .flags = CS_IO},
         {.name = "mmap", .run = run_mmap, .summary = "map the file, walk it, unmap it", .flags = CS_IO},
         {.name = "pread",
          .prepare = prepare_pread,
          .run = run_pread,
          .summary = "one pread a batch, no file position",
          .flags = CS_IO},
         {.name = "preadv",
          .prepare = prepare_preadv,
          .run = run_preadv,
          .summary = "one preadv a batch, records apart from each other",
          .flags = CS_IO}},
    .state_size = sizeof(struct records_read),
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .teardown = teardown,
};
