/* A kernel whose server is nowhere. */
#include "squares.h"

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "unserved",
    .summary = "needs a server that is not installed, for tests",
    SQUARES,
    .variants = {{.name = "square", .run = run_square}, {.name = "other", .run = run_square}},
    .services = {{.name = "absent", .program = "no-such-server-anywhere"}},
};
