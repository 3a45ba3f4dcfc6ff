/* State of the reverse kernel: numbers whose order is turned around in place. */
#ifndef REVERSE_H
#define REVERSE_H

#include <countersign.h>

struct reverse {
    uint32_t *numbers; /**< n; after an even number of runs in their first order again */
    uint32_t *first;   /**< the first order, for reset */
    size_t n;
};

void run_temporary(void *state);
void run_local(void *state);
void run_exclusive_or(void *state);

#endif
