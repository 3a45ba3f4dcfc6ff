/* Into a buffer and out of it. */
#include "file-copy.h"

void run_read_write(void *state) {
    struct file_copy *copy = state;
    for (size_t offset = 0; offset < copy->size && copy->error == 0;) {
        ssize_t got = pread(copy->from, copy->buffer, BUFFER_BYTES, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        copy->error = got > 0   ? write_all(copy->to, copy->buffer, (size_t)got, offset)
                      : got < 0 ? -errno
                                : -EIO;
        offset += got > 0 ? (size_t)got : 0;
    }
}

int prepare_read_write(const struct cs_env *env, void *state) {
    struct file_copy *copy = state;
    copy->buffer = cs_array(env, "buffer", BUFFER_BYTES, unsigned char);
    return 0;
}
