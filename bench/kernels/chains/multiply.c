/* Chains of multiplications, three cycles a step on x86-64; additions beside them have time enough. */
#include "chains.h"

#define ADD_2 CHAINS_ADD("b") CHAINS_ADD("c")
#define ADD_5 ADD_2 CHAINS_ADD("d") CHAINS_ADD("e") CHAINS_ADD("f")
#define ADD_8 ADD_5 CHAINS_ADD("g") CHAINS_ADD("h") CHAINS_ADD("i")

void run_multiply(void *state) {
    struct chains *chains = state;
    CHAINS_RUN(chains, CHAINS_MULTIPLY("first"), &chains->product);
}

void run_multiply_2(void *state) {
    struct chains *chains = state;
    CHAINS_RUN(chains, CHAINS_MULTIPLY("first") CHAINS_MULTIPLY("b"), &chains->product);
}

void run_multiply_add_2(void *state) {
    struct chains *chains = state;
    CHAINS_RUN(chains, CHAINS_MULTIPLY("first") ADD_2, &chains->product);
}

void run_multiply_add_5(void *state) {
    struct chains *chains = state;
    CHAINS_RUN(chains, CHAINS_MULTIPLY("first") ADD_5, &chains->product);
}

void run_multiply_add_8(void *state) {
    struct chains *chains = state;
    CHAINS_RUN(chains, CHAINS_MULTIPLY("first") ADD_8, &chains->product);
}
