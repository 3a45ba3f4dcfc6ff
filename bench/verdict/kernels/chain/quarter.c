#include "chain.h"

void run_quarter(void *state) {
    multiply_chain(state, CHAIN_QUARTER);
}
