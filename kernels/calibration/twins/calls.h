/* Timed text of the kinds that call the kernel. */
#include "calls_state.h"

#include <sys/syscall.h>
#include <unistd.h>

/* What was read, by its length and its two ends. */
static inline uint64_t read_piece(int file, unsigned char *to, size_t bytes, off_t offset) {
    uint64_t got = (uint64_t)pread(file, to, bytes, offset);
    return got + twins_load64(to) + 3 * twins_load64(to + bytes - sizeof(uint64_t));
}

TIMED run_pread(const struct twins_state *state, const unsigned char *input, size_t steps) {
    const struct twins_file *file = state->own;
    unsigned char page[TWINS_FILE_PAGE];
    uint64_t total = 0;
    for (size_t i = 0; i < steps; i++)
        total = 5 * total + read_piece(file->descriptor, page, sizeof page, twins_page_of(input[i]));
    return total;
}

/* Pages of the input over those of the file. */
TIMED run_write(const struct twins_state *state, const unsigned char *input, size_t steps) {
    const struct twins_file *file = state->own;
    uint64_t total = 0;
    for (size_t i = 0; i < steps; i++, input += TWINS_FILE_PAGE) {
        off_t offset = (off_t)(i * TWINS_FILE_PAGE);
        total += (uint64_t)pwrite(file->descriptor, input, TWINS_FILE_PAGE, offset) + twins_load64(input);
    }
    return total;
}

/* Of several lengths, in random order: half do next to nothing, the others read a little or a page. */
TIMED run_calls(const struct twins_state *state, const unsigned char *input, size_t steps) {
    const struct twins_file *file = state->own;
    unsigned char page[TWINS_FILE_PAGE];
    uint64_t total = 0;
    for (size_t i = 0; i < steps; i++) {
        size_t bytes = twins_call_bytes(input[i]);
        if (bytes)
            total = 5 * total + read_piece(file->descriptor, page, bytes, twins_page_of(input[i]));
        else
            total = 5 * total + 1 + (uint64_t)syscall(SYS_getppid);
    }
    return total;
}
