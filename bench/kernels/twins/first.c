#include "loops.h"

void run_chain(void *state) {
    multiply_chain(state);
}

void run_sum(void *state) {
    add_values(state);
}

void run_branches(void *state) {
    balance_values(state);
}
