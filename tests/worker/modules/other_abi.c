/* A module built for another version of the kernel interface. */
#include <countersign.h>

const struct cs_kernel cs_kernel = {.abi = CS_ABI + 41, .size = sizeof(struct cs_kernel), .name = "other"};
