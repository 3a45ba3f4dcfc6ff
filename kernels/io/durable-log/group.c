/* Group commit: the records of a group are written by one call, and wait for the disk together. */
#include "durable-log.h"

void run_group(void *state) {
    struct durable_log *log = state;
    size_t offset = take_room(log);
    for (size_t first = 0; first < log->count; first += log->group) {
        for (size_t i = 0; i < log->group; i++) {
            log->begun[i] = cs_begin(log->recorder);
            encode_record(log->buffer + i * log->size, log->size, log->keys[first + i]);
        }
        int status =
            write_at(log->descriptor, log->buffer, log->group * log->size, offset + first * log->size);
        if (status == 0 && fdatasync(log->descriptor) < 0)
            status = -errno;
        log->syncs++;
        if (status) {
            log->error = status;
            return;
        }
        for (size_t i = 0; i < log->group; i++)
            cs_end(log->recorder, log->begun[i]);
    }
}
