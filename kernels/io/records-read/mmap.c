/* No read at all: the page cache itself, mapped. Mapping and page faults are part of every run, as they are
 * of every file. */
#include "records-read.h"

#include <sys/mman.h>

void run_mmap(void *opaque) {
    struct records_read *state = opaque;
    size_t bytes = state->count * state->size;
    const unsigned char *records = mmap(NULL, bytes, PROT_READ, MAP_SHARED, state->descriptor, 0);
    if (records == MAP_FAILED) {
        state->error = -errno;
        return;
    }
    for (size_t i = 0; i < state->count; i++)
        state->sums[i] = checksum_record(records + i * state->size, state->size);
    munmap((void *)records, bytes);
}
