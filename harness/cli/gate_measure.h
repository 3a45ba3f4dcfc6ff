/* What gate_measure.c, gate_judge.c and gate_folder.c have of each other. */
#ifndef CLI_GATE_MEASURE_H
#define CLI_GATE_MEASURE_H

#include "base/numbers.h"
#include "cli/gate.h"

/** Whether an operand is the folder of a kernel or a case in the new revision, which is checked out. */
bool gate_is_folder(const struct gate_run *gate, const char *operand);

/** Measures and judges the variants of such a folder; both revisions are checked out. 0 or the exit status after a message. */
int gate_folder(struct gate_run *gate, const char *operand);

/** Most time more that a subject may take: 0.02. */
double gate_slowdown_of(const struct gate_run *gate, const char *subject);

/** Whether an expectation is about a subject, as the gate is given it. */
bool gate_is_about(const struct gate_expectation *expectation, const char *subject);

/** Adds to `checks` what came of each requirement of one comparison, which took `seconds`. 0 or -errno. */
int gate_judge_comparison(const struct gate_run *gate, const struct run *run,
                          const struct comparison *comparison, const char *subject, double seconds,
                          struct gate *checks);

/** Whether an expectation needs a measurement even of what is equal. */
bool gate_must_measure(const struct gate_run *gate, const char *subject);

/** Tries a subject with growing budgets and adds what came of it: of gate->pair, gate->call or the command `text`. */
int gate_measure_subject(struct gate_run *gate, const char *text, const char *subject);

#endif
