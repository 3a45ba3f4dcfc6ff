/* A module that crashes while it is loaded. */
#include <countersign.h>

#include <stdlib.h>

__attribute__((constructor)) static void die(void) {
    abort();
}

const struct cs_kernel cs_kernel = {.abi = CS_ABI};
