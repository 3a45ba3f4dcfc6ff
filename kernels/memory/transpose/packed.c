#include "transpose.h"

void run_packed(void *state) {
    struct transpose *all = state;
    transpose_plainly(&all->packed, all->n);
}
