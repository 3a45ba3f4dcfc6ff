/* Files and answers of the kinds that call the kernel. */
#define _GNU_SOURCE /* mkostemp */
#include "calls_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_STREAM 0x66696c65u /* of the seed, so that the file's words are not the input's */

static void stop_file(struct twins_state *state) {
    struct twins_file *file = state->own;
    close(file->descriptor);
}

static int write_content(const struct twins_file *file) {
    ssize_t written = pwrite(file->descriptor, file->content, sizeof file->content, 0);
    if (written < 0)
        return -errno;
    return (size_t)written == sizeof file->content ? 0 : -ENOSPC;
}

/* Without a name once it is open, so that nothing is left behind. */
static int start_file(struct twins_state *state, const struct cs_env *env) {
    struct cs_random random = cs_random_seed(state->seed ^ FILE_STREAM);
    struct twins_file *file = cs_array(env, "content of the file", 1, struct twins_file);
    char path[4096];
    state->own = file;
    snprintf(path, sizeof path, "%s/twins.XXXXXX", env->scratch);
    file->descriptor = mkostemp(path, O_CLOEXEC);
    if (file->descriptor < 0)
        return cs_fail(env, errno, "cannot make a file in %s: %s", env->scratch, strerror(errno));
    unlink(path);
    for (size_t at = 0; at < sizeof file->content; at += sizeof(uint64_t)) {
        uint64_t word = cs_random_u64(&random);
        memcpy(file->content + at, &word, sizeof word);
    }
    int status = write_content(file);
    if (status == 0)
        return 0;
    close(file->descriptor);
    return cs_fail(env, -status, "cannot write in %s: %s", env->scratch, strerror(-status));
}

static uint64_t expect_piece(const struct twins_file *file, size_t bytes, off_t offset) {
    const unsigned char *piece = file->content + offset;
    return bytes + twins_load64(piece) + 3 * twins_load64(piece + bytes - sizeof(uint64_t));
}

static uint64_t expect_pread(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++)
        total = 5 * total + expect_piece(state->own, TWINS_FILE_PAGE, twins_page_of(input[i]));
    return total;
}

const struct twins_kind twins_pread = {.steps = 10,
                                       .step_bytes = 1,
                                       .windows = 101,
                                       .start = start_file,
                                       .stop = stop_file,
                                       .expect = expect_pread};

static void poison_write(struct twins_state *state) {
    struct twins_file *file = state->own;
    write_content(file);
}

/* By what is in the file: an answer that no run gives where a page of it is not the input's. */
static uint64_t expect_write(const struct twins_state *state) {
    const struct twins_file *file = state->own;
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++, input += TWINS_FILE_PAGE) {
        unsigned char page[TWINS_FILE_PAGE];
        ssize_t got = pread(file->descriptor, page, sizeof page, (off_t)(i * sizeof page));
        if (got != (ssize_t)sizeof page || memcmp(page, input, sizeof page) != 0)
            return ~state->answer;
        total += sizeof page + twins_load64(page);
    }
    return total;
}

const struct twins_kind twins_write = {.steps = 8,
                                       .step_bytes = TWINS_FILE_PAGE,
                                       .windows = 11,
                                       .start = start_file,
                                       .stop = stop_file,
                                       .poison = poison_write,
                                       .expect = expect_write};

static uint64_t expect_calls(const struct twins_state *state) {
    const unsigned char *input = twins_input(state, state->last_window);
    uint64_t total = 0;
    for (size_t i = 0; i < state->kind->steps; i++) {
        size_t bytes = twins_call_bytes(input[i]);
        total *= 5;
        total += bytes ? expect_piece(state->own, bytes, twins_page_of(input[i])) : 1 + (uint64_t)getppid();
    }
    return total;
}

const struct twins_kind twins_calls = {.steps = 100,
                                       .step_bytes = 1,
                                       .windows = 101,
                                       .start = start_file,
                                       .stop = stop_file,
                                       .expect = expect_calls};
