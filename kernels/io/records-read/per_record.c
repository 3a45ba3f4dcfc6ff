/* One system call a record. */
#include "records-read.h"

void run_per_record(void *opaque) {
    struct records_read *state = opaque;
    if (lseek(state->descriptor, 0, SEEK_SET) < 0) {
        state->error = -errno;
        return;
    }
    for (size_t i = 0; i < state->count; i++) {
        int status = read_whole(state->descriptor, state->record, state->size);
        if (status) {
            state->error = status;
            return;
        }
        state->sums[i] = checksum_record(state->record, state->size);
    }
}
