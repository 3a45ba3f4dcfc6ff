/* A module that leaves a daemon behind when it is loaded. */
#include "squares.h"

#include <unistd.h>

__attribute__((constructor)) static void leave(void) {
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
