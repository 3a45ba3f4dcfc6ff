/* records-write: a file in the page cache written over record by record, one call a record or one a batch. */
#define _GNU_SOURCE /* asprintf, mkostemp */
#include "records-write.h"

#include <countersign.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Enough records for a run of some 100 us whatever their size, few enough that the file stays in memory. */
#define RECORDS 512
#define CACHE_LINE 64

enum { PARAMETER_SIZE, PARAMETER_BATCH };

static void teardown(void *opaque) {
    struct records_write *state = opaque;
    if (state->stream)
        fclose(state->stream);
    if (state->descriptor >= 0) {
        close(state->descriptor);
        unlink(state->path);
    }
    free(state->path);
    free((void *)state->keys);
    free(state->buffer);
    free(state->vector);
    free(state->slots);
    free(state->content);
    free(state);
}

/* Memory that has been touched, so that no run takes the page faults of the first one. */
static void *allocate_touched(size_t bytes) {
    size_t rounded = (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    void *memory = aligned_alloc(CACHE_LINE, rounded);
    if (memory)
        memset(memory, 1, rounded);
    return memory;
}

static int allocate(struct records_write *state, const char *scratch) {
    state->slot_size = (state->size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    uint64_t *keys = allocate_touched(state->count * sizeof(*keys));
    state->keys = keys;
    state->buffer = allocate_touched(state->batch * state->size);
    state->slots = allocate_touched(state->batch * state->slot_size);
    state->vector = allocate_touched(state->batch * sizeof(*state->vector));
    state->content = allocate_touched(state->count * state->size);
    int length = asprintf(&state->path, "%s/records.XXXXXX", scratch);
    if (length < 0)
        state->path = NULL;
    if (!keys || !state->buffer || !state->slots || !state->vector || !state->content || !state->path)
        return -ENOMEM;
    struct cs_random random = cs_random_seed(state->seed);
    for (size_t i = 0; i < state->count; i++)
        keys[i] = cs_random_u64(&random);
    return 0;
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

static int setup(const struct cs_env *env, void **opaque) {
    struct records_write *state = calloc(1, sizeof(*state));
    if (!state)
        return cs_fail(env, ENOMEM, "no memory for the state of a point");
    state->descriptor = -1;
    state->seed = env->seed;
    state->size = (size_t)env->value[PARAMETER_SIZE];
    state->batch = (size_t)env->value[PARAMETER_BATCH];
    state->count = state->batch > RECORDS ? state->batch : RECORDS;

    int status;
    if (allocate(state, env->scratch)) {
        status = cs_fail(env, ENOMEM, "no memory for batches of %zu records of %zu bytes", state->batch,
                         state->size);
        goto failed;
    }
    state->descriptor = mkostemp(state->path, O_CLOEXEC);
    if (state->descriptor < 0) {
        int error = errno;
        status = cs_fail(env, error, "cannot make a file in %s: %s; choose another scratch folder",
                         env->scratch, strerror(error));
        goto failed;
    }
    status = make_room(state);
    if (status) {
        status = cs_fail(env, -status,
                         "cannot write %zu bytes to %s: %s; make room or choose another scratch folder",
                         state->count * state->size, state->path, strerror(-status));
        goto failed;
    }
    state->stream = fopen(state->path, "r+e");
    if (!state->stream) {
        int error = errno;
        status = cs_fail(env, error, "cannot open %s: %s", state->path, strerror(error));
        goto failed;
    }
    *opaque = state;
    return 0;
failed:
    teardown(state);
    return status;
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
    *mismatch = (struct cs_mismatch){.output = output, .index = index};
    snprintf(mismatch->got, sizeof(mismatch->got), "%llu", (unsigned long long)got);
    snprintf(mismatch->expected, sizeof(mismatch->expected), "%llu", (unsigned long long)expected);
    return 1;
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
         {.name = "batched", .run = run_batched, .summary = "one write a batch", .flags = CS_IO},
         {.name = "stdio",
          .run = run_stdio,
          .summary = "fwrite a record into the C library's buffer, one fflush",
          .flags = CS_IO},
         {.name = "pwrite",
          .run = run_pwrite,
          .summary = "one pwrite a batch, no file position",
          .flags = CS_IO},
         {.name = "pwritev",
          .run = run_pwritev,
          .summary = "one pwritev a batch, records apart from each other",
          .flags = CS_IO}},
    .setup = setup,
    .reset = reset,
    .poison = poison,
    .outputs = outputs,
    .work = work,
    .check = check,
    .teardown = teardown,
};
