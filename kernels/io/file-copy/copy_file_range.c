/* The file system copies: by sharing blocks where it can, else as sendfile does. */
#define _GNU_SOURCE
#include "file-copy.h"

void run_copy_file_range(void *state) {
    struct file_copy *copy = state;
    off_t from = 0, to = 0;
    while ((size_t)from < copy->size && copy->error == 0) {
        ssize_t copied = copy_file_range(copy->from, &from, copy->to, &to, copy->size - (size_t)from, 0);
        if (copied <= 0 && !(copied < 0 && errno == EINTR))
            copy->error = copied < 0 ? -errno : -EIO;
    }
}

/* A system without the call says so for descriptors that are none, too. */
int supports_copy_file_range(char *reason, size_t size) {
    if (copy_file_range(-1, NULL, -1, NULL, 1, 0) < 0 && errno == ENOSYS) {
        snprintf(reason, size, "this kernel has no copy_file_range");
        return 0;
    }
    return 1;
}
