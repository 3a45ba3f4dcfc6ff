/* What a fuzz target has of libFuzzer is bytes; what reads files has their name. */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** A file in memory with these bytes, and its name; fuzz_file_close closes it. */
static inline const char *fuzz_file_open(const uint8_t *data, size_t size) {
    static char path[64];
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    if (file < 0 || write(file, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return path;
}

static inline void fuzz_file_close(const char *path) {
    close(atoi(path + sizeof "/proc/self/fd/" - 1));
}

#endif
