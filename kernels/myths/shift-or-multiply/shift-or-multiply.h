/* State of the shift-or-multiply kernel: numbers that are multiplied and divided by powers of two. */
#ifndef SHIFT_OR_MULTIPLY_H
#define SHIFT_OR_MULTIPLY_H

#include <countersign.h>

struct scale {
    uint32_t *numbers, *scaled; /**< n each */
    ptrdiff_t n;
};

void run_operators(void *state);
void run_shifts(void *state);

#endif
