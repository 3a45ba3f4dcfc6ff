/* How many words are in a file? All of it in memory first, or a chunk at a time. */
#define _GNU_SOURCE /* memfd_create */
#include "word-count.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KIB ((size_t)1024)

/* Letters, and a blank for every eighth byte or so: the text of one KiB. Counts words by their ends. */
static uint64_t write_text(struct cs_random *random, unsigned char *text, int *in_word) {
    uint64_t ends = 0;
    for (size_t i = 0; i < KIB; i += sizeof(uint64_t)) {
        uint64_t bits = cs_random_u64(random);
        for (size_t k = i; k < i + sizeof bits; k++, bits >>= 8) {
            int is_letter = (bits & 0xff) >= 32;
            text[k] = is_letter ? (unsigned char)('a' + (bits & 15)) : ' ';
            ends += *in_word && !is_letter;
            *in_word = is_letter;
        }
    }
    return ends;
}

static int fill_file(const struct cs_env *env, struct word_count *input) {
    struct cs_random random = cs_random_seed(env->seed);
    int in_word = 0;
    for (size_t done = 0; done < input->size; done += KIB) {
        unsigned char text[KIB];
        input->expected += write_text(&random, text, &in_word);
        if (write(input->descriptor, text, KIB) != (ssize_t)KIB)
            return cs_fail(env, errno ? errno : ENOSPC, "cannot hold a file of %zu bytes in memory: %s",
                           input->size, strerror(errno));
    }
    input->expected += (uint64_t)in_word;
    return 0;
}

static void teardown(void *state) {
    struct word_count *input = state;
    close(input->descriptor);
}

/* In memory alone, as a file is that was read before: disks are not what is asked about. */
static int setup(const struct cs_env *env, void *state) {
    struct word_count *input = state;
    input->size = cs_size(env, "size") * KIB;
    input->chunk = cs_size(env, "chunk");
    input->descriptor = memfd_create("words", MFD_CLOEXEC);
    if (input->descriptor < 0)
        return cs_fail(env, errno, "cannot make a file in memory: %s", strerror(errno));
    int status = fill_file(env, input);
    if (status)
        teardown(input);
    cs_output(env, "words", &input->words, 1);
    cs_run_error(env, &input->error);
    cs_work(env, input->size / KIB, input->size);
    return status;
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct word_count *input = state;
    cs_expect(mismatch, "words", 0, input->words, input->expected);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("word-count", "KiB", "count the words of a file in the page cache"),
    .parameters = {CS_NUMBER("size", "KiB", 1, 1 << 20, 128, "of the file"),
                   CS_NUMBER("chunk", "bytes", 64, 16 << 20, 65536,
                             "a read of stream; load-all does not look at it")},
    .variants = {CS_VARIANT("load-all", run_load_all, "reads all of it into memory, then counts",
                            .flags = CS_IO),
                 CS_VARIANT("stream", run_stream, "reads a chunk, counts, and takes the next", .flags = CS_IO,
                            .prepare = prepare_stream)},
    CS_STATE(struct word_count, setup),
    .check = check,
    .teardown = teardown,
    .scale = "size",
};
