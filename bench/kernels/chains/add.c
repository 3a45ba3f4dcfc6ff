/* Chains of additions, a cycle a step. */
#include "chains.h"

#define ADD_3 CHAINS_ADD("first") CHAINS_ADD("b") CHAINS_ADD("c")
#define ADD_9                                                                                                \
    ADD_3 CHAINS_ADD("d") CHAINS_ADD("e") CHAINS_ADD("f") CHAINS_ADD("g") CHAINS_ADD("h") CHAINS_ADD("i")
#define NOPS_5 CHAINS_NOP CHAINS_NOP CHAINS_NOP CHAINS_NOP CHAINS_NOP

void run_add(void *state) {
    struct chains *chains = state;
    CHAINS_RUN(chains, CHAINS_ADD("first"), &chains->sum);
}

void run_add_2(void *state) {
    struct chains *chains = state;
    CHAINS_RUN(chains, CHAINS_ADD("first") CHAINS_ADD("b"), &chains->sum);
}

void run_add_3(void *state) {
    struct chains *chains = state;
    CHAINS_RUN(chains, ADD_3, &chains->sum);
}

void run_add_9(void *state) {
    struct chains *chains = state;
    CHAINS_RUN(chains, ADD_9, &chains->sum);
}

void run_add_nops(void *state) {
    struct chains *chains = state;
    CHAINS_RUN(chains, CHAINS_ADD("first") NOPS_5 NOPS_5 NOPS_5, &chains->sum);
}
