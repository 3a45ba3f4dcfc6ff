#include "chain.h"

void run_base(void *state) {
    multiply_chain(state, CHAIN_BASE);
}
