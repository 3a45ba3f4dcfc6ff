/* records-write: a file in the page cache written over record by record, one call a record or one a batch. */
#define _GNU_SOURCE /* asprintf, mkostemp */
#include "records-write.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Enough records for a run of some 100 us whatever their size, few enough that the file stays in memory. */
#define RECORDS 512

static void teardown(void *opaque) {
    struct records_write *state = opaque;
    close(state->descriptor);
    unlink(state->path);
}

/* Fills the file with `content`, and cuts off what is too much. */
static int overwrite(const struct records_write *state) {
    size_t bytes = state->count * state->size;
    if (ftruncate(state->descriptor, (off_t)bytes) < 0 || lseek(state->descriptor, 0, SEEK_SET) < 0)
        return -errno;
    return write_whole(state->descriptor, state->content, bytes);
}

/*
 * The file gets its full length and its blocks on the disk before any run, so that a run only overwrites
 * pages of the page cache, and a full disk shows in setup.
 */
static int make_room(const struct records_write *state) {
    int status = overwrite(state);
    if (status)
        return status;
    return fdatasync(state->descriptor) < 0 ? -errno : 0;
}

/* The file, empty and open; its path in state->path. */
static int make_file(struct records_write *state, const struct cs_env *env) {
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
    struct records_write *state = opaque;
    state->seed = env->seed;
    state->size = cs_size(env, "size");
    state->batch = cs_size(env, "batch");
    state->count = state->batch > RECORDS ? state->batch : RECORDS;
    state->record = cs_array(env, "record", state->size, unsigned char);
    state->content = cs_answer(env, "file", state->count * state->size, unsigned char);
    cs_output(env, "file size", &state->content_size, 1);
    cs_run_error(env, &state->error);
    cs_work(env, state->count, state->count * state->size);
    uint64_t *keys = cs_array(env, "keys", state->count, uint64_t);
    struct cs_random random = cs_random_seed(state->seed);
    cs_random_fill(&random, keys, state->count);
    state->keys = keys;
    int status = make_file(state, env);
    if (status)
        return status;
    status = make_room(state);
    if (status == 0)
        return 0;
    teardown(state);
    return cs_fail(env, -status,
                   "cannot write %zu bytes to %s: %s; make room or choose another scratch folder",
                   state->count * state->size, state->path, strerror(-status));
}

/* Spoils the file itself. Every byte is the inverse of the right one: what a variant leaves out is never
 * right. */
static int poison(void *opaque, size_t variant) {
    struct records_write *state = opaque;
    for (size_t i = 0; i < state->count; i++)
        encode_record(state->content + i * state->size, state->size, state->keys[i]);
    for (size_t i = 0; i < state->count * state->size; i++)
        state->content[i] ^= 0xff;
    return overwrite(state);
}

/* Reads the file back: what is missing at its end stays zero, and its size is an output too. */
static int outputs(void *opaque, size_t variant, struct cs_output *outputs, size_t *count) {
    struct records_write *state = opaque;
    size_t bytes = state->count * state->size, have = 0;
    struct stat status;
    memset(state->content, 0, bytes);
    if (fstat(state->descriptor, &status) < 0)
        return -errno;
    state->content_size = (uint64_t)status.st_size;
    while (have < bytes) {
        ssize_t got = pread(state->descriptor, state->content + have, bytes - have, (off_t)have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return 0;
}

/* Keys drawn anew; byte j of a record by the definition of a little-endian word, one byte at a time. */
static int check(void *opaque, size_t variant, struct cs_mismatch *mismatch) {
    const struct records_write *state = opaque;
    struct cs_random random = cs_random_seed(state->seed);
    const unsigned char *got = state->content;
    cs_expect(mismatch, "file size", 0, state->content_size, state->count * state->size);
    for (size_t i = 0; i < state->count; i++) {
        uint64_t word = cs_random_u64(&random);
        for (size_t j = 0; j < state->size; j++, got++) {
            if (j && j % 8 == 0)
                word += WORD_STEP;
            unsigned char expected = (unsigned char)(word >> (j % 8 * 8));
            cs_expect(mismatch, "file", i * state->size + j, *got, expected);
        }
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("records-write", "record",
              "encode fixed-size records and write them over a file in the page cache"),
    .parameters = {CS_NUMBER("size", "bytes", 16, 4096, 64, "bytes a record"),
                   CS_NUMBER("batch", "records", 1, 4096, 256,
                             "records a call; per-record and stdio do not look at it")},
    .variants = {CS_VARIANT("per-record", run_per_record, "one write a record", .flags = CS_IO),
                 CS_VARIANT("batched", run_batched, "one write a batch", .flags = CS_IO,
                            .prepare = prepare_batched),
                 CS_VARIANT("stdio", run_stdio, "fwrite a record into the C library's buffer, one fflush",
                            .flags = CS_IO, .prepare = prepare_stdio, .release = release_stdio),
                 CS_VARIANT("pwrite", run_pwrite, "one pwrite a batch, no file position", .flags = CS_IO,
                            .prepare = prepare_pwrite),
                 CS_VARIANT("pwritev", run_pwritev, "one pwritev a batch, records apart from each other",
                            .flags = CS_IO, .prepare = prepare_pwritev)},
    CS_STATE(struct records_write, setup),
    .poison = poison,
    .outputs = outputs,
    .check = check,
    .teardown = teardown,
};
