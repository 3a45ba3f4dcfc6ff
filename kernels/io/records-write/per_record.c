/* One system call a record. */
#include "records-write.h"

void run_per_record(void *opaque) {
    struct records_write *state = opaque;
    if (lseek(state->descriptor, 0, SEEK_SET) < 0) {
        state->error = -errno;
        return;
    }
    for (size_t i = 0; i < state->count; i++) {
        encode_record(state->record, state->size, state->keys[i]);
        int status = write_whole(state->descriptor, state->record, state->size);
        if (status) {
            state->error = status;
            return;
        }
    }
}
