#include "loops.h"

void run_chain_again(void *state) {
    multiply_chain(state);
}

void run_sum_again(void *state) {
    add_values(state);
}

void run_branches_again(void *state) {
    balance_values(state);
}
