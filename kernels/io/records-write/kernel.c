/* records-write: a file in the page cache written over record by record, one call a record or one a batch. */
#define _GNU_SOURCE /* asprintf, mkostemp */
#include "records-write.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Enough records for a run of some 100 us whatever their size, few enough that the file stays in memory. */
#define RECORDS 512

enum { PARAMETER_SIZE, PARAMETER_BATCH };

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
    state->size = (size_t)env->value[PARAMETER_SIZE];
    state->batch = (size_t)env->value[PARAMETER_BATCH];
    state->count = state->batch > RECORDS ? state->batch : RECORDS;
    state->record = cs_array(env, "record", state->size, unsigned char);
    state->content = cs_array(env, "content of the file", state->count * state->size, unsigned char);
    uint64_t *keys = cs_array(env, "keys", state->count, uint64_t);
    struct cs_random random = cs_random_seed(state->seed);
    for (size_t i = 0; i < state->count; i++)
        keys[i] = cs_random_u64(&random);
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

static void reset(void *opaque) {
    struct records_write *state = opaque;
    state->error = 0;
}

/* Spoils the file itself. Every byte is the inverse of the right one: what a variant leaves out is never
 * right. */
static int poison(void *opaque, size_t variant) {
    struct records_write *state = opaque;
    (void)variant;
    for (size_t i = 0; i < state->count; i++)
        encode_record(state->content + i * state->size, state->size, state->keys[i]);
    for (size_t i = 0; i < state->count * state->size; i++)
        state->content[i] ^= 0xff;
    return overwrite(state);
}

/* Reads the file back: what is missing at its end stays zero, and its size is an output too. */
static int read_back(struct records_write *state) {
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

static int outputs(void *opaque, size_t variant, struct cs_output *outputs, size_t *count) {
    struct records_write *state = opaque;
    (void)variant;
    int status = read_back(state);
    outputs[0] = (struct cs_output){
        .name = "file", .data = state->content, .count = state->count * state->size, .type = CS_U8};
    outputs[1] =
        (struct cs_output){.name = "file size", .data = &state->content_size, .count = 1, .type = CS_U64};
    *count = 2;
    return state->error ? state->error : status;
}

static void work(const void *opaque, struct cs_work *work) {
    const struct records_write *state = opaque;
    *work = (struct cs_work){.items = (double)state->count, .bytes = (double)(state->count * state->size)};
}

static int report_mismatch(struct cs_mismatch *mismatch, const char *output, size_t index, uint64_t got,
                           uint64_t expected) {
    return cs_wrong(mismatch, output, index, "%llu", (unsigned long long)got, (unsigned long long)expected);
}

/* Keys drawn anew; byte j of a record by the definition of a little-endian word, one byte at a time. */
static int check(void *opaque, size_t variant, struct cs_mismatch *mismatch) {
    const struct records_write *state = opaque;
    struct cs_random random = cs_random_seed(state->seed);
    const unsigned char *got = state->content;
    (void)variant;
    if (state->content_size != state->count * state->size)
        return report_mismatch(mismatch, "file size", 0, state->content_size, state->count * state->size);
    for (size_t i = 0; i < state->count; i++) {
        uint64_t word = cs_random_u64(&random);
        for (size_t j = 0; j < state->size; j++, got++) {
            if (j && j % 8 == 0)
                word += WORD_STEP;
            unsigned char expected = (unsigned char)(word >> (j % 8 * 8));
            if (*got != expected)
                return report_mismatch(mismatch, "file", i * state->size + j, *got, expected);
        }
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "records-write",
    .summary = "encode fixed-size records and write them over a file in the page cache",
    .item = "record",
    .parameters =
        {{.name = "size", .unit = "bytes", .min = 16, .max = 4096, .def = 64, .summary = "bytes a record"},
         {.name = "batch",
          .unit = "records",
          .min = 1,
          .max = 4096,
          .def = 256,
          .summary = "records a call; per-record and stdio do not look at it"}},
    .variants =
        {{.name = "per-record", .run = run_per_record, .summary = "one write a record", .flags = CS_IO},
         {.name = "batched",
          .prepare = prepare_batched,
          .run = run_batched,
          .summary = "one write a batch",
          .flags = CS_IO},
         {.name = "stdio",
          .prepare = prepare_stdio,
          .release = release_stdio,
          .run = run_stdio,
          .summary = "fwrite a record into the C library's buffer, one fflush",
          .flags = CS_IO},
         {.name = "pwrite",
          .prepare = prepare_pwrite,
          .run = run_pwrite,
          .summary = "one pwrite a batch, no file position",
          .flags = CS_IO},
         {.name = "pwritev",
          .prepare = prepare_pwritev,
          .run = run_pwritev,
          .summary = "one pwritev a batch, records apart from each other",
          .flags = CS_IO}},
    .state_size = sizeof(struct records_write),
    .setup = setup,
    .reset = reset,
    .poison = poison,
    .outputs = outputs,
    .work = work,
    .check = check,
    .teardown = teardown,
};
