/* Group commit by a file that is open with O_DSYNC: the write itself waits for the disk. */
#include "durable-log.h"

#include <fcntl.h>

void run_dsync(void *state) {
    struct durable_log *log = state;
    size_t offset = take_room(log);
    for (size_t first = 0; first < log->count; first += log->group) {
        for (size_t i = 0; i < log->group; i++) {
            log->begun[i] = cs_begin(log->recorder);
            encode_record(log->buffer + i * log->size, log->size, log->keys[first + i]);
        }
        int status = write_at(log->synced, log->buffer, log->group * log->size, offset + first * log->size);
        log->syncs++;
        if (status) {
            log->error = status;
            return;
        }
        for (size_t i = 0; i < log->group; i++)
            cs_end(log->recorder, log->begun[i]);
    }
}

int prepare_dsync(const struct cs_env *env, void *state) {
    struct durable_log *log = state;
    log->synced = open(log->path, O_WRONLY | O_CLOEXEC | O_DSYNC);
    return log->synced >= 0
               ? 0
               : cs_fail(env, errno, "cannot open %s with O_DSYNC: %s", log->path, strerror(errno));
}

void release_dsync(void *state) {
    struct durable_log *log = state;
    close(log->synced);
}
