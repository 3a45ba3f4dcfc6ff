/* What kernels over io_uring share: whether there is one here. */
#ifndef IO_URING_H
#define IO_URING_H

#include <countersign.h>
#include <liburing.h>
#include <string.h>

/** Whether io_uring begins here with all of `features` (IORING_FEAT_…); else the reason is written. */
static inline int uring_begins(unsigned features, char *reason, size_t size) {
    struct io_uring ring;
    int status = io_uring_queue_init(1, &ring, 0);
    if (status == 0) {
        unsigned missing = features & ~ring.features;
        io_uring_queue_exit(&ring);
        if (missing)
            snprintf(reason, size, "this kernel's io_uring lacks features (%#x) that the variant needs",
                     missing);
        return !missing;
    }
    if (status == -ENOSYS)
        snprintf(reason, size, "this kernel has no io_uring, or a filter of system calls hides it");
    else if (status == -EPERM || status == -EACCES)
        snprintf(
            reason, size,
            "io_uring is forbidden here: by the setting kernel.io_uring_disabled, or by a filter of system "
            "calls, as containers have");
    else
        snprintf(reason, size, "io_uring does not begin: %s", strerror(-status));
    return 0;
}

#endif
