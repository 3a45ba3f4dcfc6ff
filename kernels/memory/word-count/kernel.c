/* How many words are in a file? All of it in memory first, or a chunk at a time. */
#define _GNU_SOURCE /* memfd_create */
#include "word-count.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PARAMETER_SIZE, PARAMETER_CHUNK };

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
    input->size = (size_t)env->value[PARAMETER_SIZE] * KIB;
    input->chunk = (size_t)env->value[PARAMETER_CHUNK];
    input->descriptor = memfd_create("words", MFD_CLOEXEC);
    if (input->descriptor < 0)
        return cs_fail(env, errno, "cannot make a file in memory: %s", strerror(errno));
    int status = fill_file(env, input);
    if (status)
        teardown(input);
    return status;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct word_count *input = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "words", .data = &input->words, .count = 1, .type = CS_U64};
    *count = 1;
    return input->error;
}

static void work(const void *state, struct cs_work *work) {
    const struct word_count *input = state;
    *work = (struct cs_work){.items = (double)(input->size / KIB), .bytes = (double)input->size};
}

static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct word_count *input = state;
    (void)variant;
    if (input->words == input->expected)
        return 0;
    return cs_wrong(mismatch, "words", 0, "%" PRIu64, input->words, input->expected);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "word-count",
    .summary = "count the words of a file in the page cache",
    .item = "KiB",
    .parameters =
        {{.name = "size", .unit = "KiB", .min = 1, .max = 1 << 20, .def = 128, .summary = "of the file"},
         {.name = "chunk",
          .unit = "bytes",
          .min = 64,
          .max = 16 << 20,
          .def = 65536,
          .summary = "a read of stream; load-all does not look at it"}},
    .variants = {{.name = "load-all",
                  .run = run_load_all,
                  .summary = "reads all of it into memory, then counts",
                  .flags = CS_IO},
                 {.name = "stream",
                  .prepare = prepare_stream,
                  .run = run_stream,
                  .summary = "reads a chunk, counts, and takes the next",
                  .flags = CS_IO}},
    .state_size = sizeof(struct word_count),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .teardown = teardown,
    .scale = "size",
};
