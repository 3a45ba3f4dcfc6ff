/* A record is written, and the disk waited for, before the next one. */
#include "durable-log.h"

void run_per_record(void *state) {
    struct durable_log *log = state;
    size_t offset = take_room(log);
    for (size_t i = 0; i < log->count; i++, offset += log->size) {
        uint64_t begun = cs_begin(log->recorder);
        encode_record(log->buffer, log->size, log->keys[i]);
        int status = write_at(log->descriptor, log->buffer, log->size, offset);
        if (status == 0 && fdatasync(log->descriptor) < 0)
            status = -errno;
        log->syncs++;
        if (status) {
            log->error = status;
            return;
        }
        cs_end(log->recorder, begun);
    }
}
