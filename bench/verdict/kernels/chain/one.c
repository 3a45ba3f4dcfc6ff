#include "chain.h"

void run_one(void *state) {
    multiply_chain(state, CHAIN_ONE);
}
