/* file-copy: a file in the page cache copied over another one, through the program or within the kernel. */
#define _GNU_SOURCE /* mkostemp */
#include "file-copy.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static void teardown(void *state) {
    struct file_copy *copy = state;
    close(copy->from);
    close(copy->to);
    unlink(copy->from_path);
    unlink(copy->to_path);
}

/* Returns a descriptor, or -errno with the reason. */
static int make_file(const struct cs_env *env, const char *name, char **path) {
    size_t size = strlen(env->scratch) + strlen(name) + sizeof "/.XXXXXX";
    *path = cs_array(env, "path", size, char);
    snprintf(*path, size, "%s/%s.XXXXXX", env->scratch, name);
    int descriptor = mkostemp(*path, O_CLOEXEC);
    return descriptor >= 0
               ? descriptor
               : cs_fail(env, errno, "cannot make a file in %s: %s; choose another scratch folder",
                         env->scratch, strerror(errno));
}

/* The bytes of the seed; each inverted, which no byte of a copy may be. */
static int fill_file(struct file_copy *copy, int descriptor, int inverted) {
    uint64_t chunk[512];
    struct cs_random random = cs_random_seed(copy->seed);
    int status = 0;
    for (size_t at = 0; at < copy->size && status == 0; at += sizeof chunk) {
        for (size_t i = 0; i < sizeof chunk / sizeof *chunk; i++)
            chunk[i] = cs_random_u64(&random) ^ (inverted ? UINT64_MAX : 0);
        size_t left = copy->size - at;
        status = write_all(descriptor, (unsigned char *)chunk, left < sizeof chunk ? left : sizeof chunk, at);
    }
    return status;
}

/* Both files have their length and their blocks before any run, on the disk: nothing is written out meanwhile. */
static int fill_files(const struct cs_env *env, struct file_copy *copy) {
    int status = fill_file(copy, copy->from, 0);
    if (status == 0)
        status = fill_file(copy, copy->to, 1);
    if (status == 0 && (fdatasync(copy->from) < 0 || fdatasync(copy->to) < 0))
        status = -errno;
    return status ? cs_fail(env, -status,
                            "cannot write %zu bytes to %s: %s; make room or choose another scratch folder",
                            2 * copy->size, env->scratch, strerror(-status))
                  : 0;
}

static int setup(const struct cs_env *env, void *state) {
    struct file_copy *copy = state;
    copy->seed = env->seed;
    copy->size = cs_size(env, "size");
    copy->content = cs_answer(env, "file", copy->size, unsigned char);
    cs_run_error(env, &copy->error);
    cs_work(env, 1, copy->size);
    copy->from = make_file(env, "from", &copy->from_path);
    if (copy->from < 0)
        return copy->from;
    copy->to = make_file(env, "to", &copy->to_path);
    int status = copy->to < 0 ? copy->to : fill_files(env, copy);
    if (status == 0)
        return 0;
    if (copy->to >= 0) {
        teardown(state);
        return status;
    }
    close(copy->from);
    unlink(copy->from_path);
    return status;
}

static int poison(void *state, size_t variant) {
    struct file_copy *copy = state;
    return fill_file(copy, copy->to, 1);
}

/* Read back after each run. */
static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct file_copy *copy = state;
    ssize_t got = 1;
    memset(copy->content, 0, copy->size);
    for (size_t at = 0; at < copy->size && got > 0; at += got > 0 ? (size_t)got : 0)
        got = pread(copy->to, copy->content + at, copy->size - at, (off_t)at);
    return got < 0 ? -errno : 0;
}

/* The bytes of the seed, drawn anew. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct file_copy *copy = state;
    struct cs_random random = cs_random_seed(copy->seed);
    uint64_t word = 0;
    for (size_t i = 0; i < copy->size; i++, word >>= 8) {
        if (i % 8 == 0)
            word = cs_random_u64(&random);
        unsigned got = copy->content[i], expected = word & 0xff;
        cs_expect(mismatch, "file", i, got, expected);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("file-copy", "copy", "copy a file in the page cache over another one"),
    .parameters = {CS_NUMBER("size", "bytes", 1, 268435456, 65536, "bytes of the file")},
    .variants = {CS_VARIANT("read-write", run_read_write, "pread and pwrite through a buffer of 128 KiB",
                            .flags = CS_IO, .prepare = prepare_read_write),
                 CS_VARIANT("sendfile", run_sendfile, "sendfile from file to file", .flags = CS_IO),
                 CS_VARIANT("copy-file-range", run_copy_file_range,
                            "copy_file_range: the file system's own way", .flags = CS_IO,
                            .supported = supports_copy_file_range),
                 CS_VARIANT("mapped", run_mapped, "pwrite from a mapping", .flags = CS_IO),
                 CS_VARIANT("uring", run_uring,
                            "io_uring: reads with their writes chained to them, 8 pairs in flight",
                            .flags = CS_IO, .supported = supports_uring, .prepare = prepare_uring,
                            .release = release_uring)},
    CS_STATE(struct file_copy, setup),
    .poison = poison,
    .outputs = outputs,
    .check = check,
    .teardown = teardown,
};
