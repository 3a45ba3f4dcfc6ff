#include "store/gate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

const char *gate_outcome_name(enum gate_outcome outcome) {
    static const char *const names[] = {"held", "equal", "no-suspect", "unpaired", "open", "refuted"};
    return outcome <= GATE_REFUTED ? names[outcome] : "unknown";
}

int gate_add(struct gate *gate, const struct gate_check *check) {
    struct gate_check *grown = realloc(gate->checks, (gate->count + 1) * sizeof *grown);
    if (!grown)
        return -ENOMEM;
    gate->checks = grown;
    grown[gate->count++] = *check;
    return 0;
}

void gate_clear(struct gate *gate) {
    free(gate->checks);
    *gate = (struct gate){0};
}

bool gate_fails(const struct gate *gate) {
    bool fails = false;
    for (size_t i = 0; i < gate->count; i++)
        fails |= gate->checks[i].outcome == GATE_REFUTED ||
                 (gate->checks[i].outcome == GATE_OPEN && gate->policy == GATE_FAIL);
    return fails;
}

double gate_detectable(const struct gate *gate) {
    double most = NAN;
    for (size_t i = 0; i < gate->count; i++)
        most = fmax(most, gate->checks[i].detectable);
    return most;
}
