/* A module that leaves a daemon behind when it is loaded, and libomp's file of a process that ends by _exit(). */
#include "squares.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

__attribute__((constructor)) static void leave(void) {
    char path[64];
    snprintf(path, sizeof path, "/dev/shm/__KMP_REGISTERED_LIB_%d_%u", (int)getpid(), getuid());
    close(open(path, O_CREAT | O_WRONLY, 0600));
    if (fork() != 0)
        return;
    setsid();
    for (;;)
        pause();
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "leaves",
    .summary = "leaves a process, for tests",
    SQUARES,
    .variants = {{.name = "square", .run = run_square}, {.name = "other", .run = run_square}},
};
