/* A descriptor that lacks its functions. */
#include <countersign.h>

const struct cs_kernel cs_kernel = {CS_KERNEL_HEADER, .name = "incomplete", .summary = "no functions",
                                    .item = "nothing"};
