/* A module of the first kernel interface: its descriptor began as it does today. */
#include <countersign.h>

const struct cs_kernel cs_kernel = {.abi = 1, .size = 1000, .name = "first"};
