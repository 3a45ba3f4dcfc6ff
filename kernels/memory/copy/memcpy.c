#include "copy.h"

#include <string.h>

void run_memcpy(void *state) {
    struct copy *copy = state;
    memcpy(copy->to, copy->from, copy->bytes);
    copy_read(copy);
}
