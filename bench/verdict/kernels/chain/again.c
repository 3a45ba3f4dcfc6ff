#include "chain.h"

void run_again(void *state) {
    multiply_chain(state, CHAIN_BASE);
}
