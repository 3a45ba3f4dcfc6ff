#include "store/causes.h"

#include <stddef.h>
#include <string.h>

const char *arm_fault_name(enum arm_fault fault) {
    static const char *const names[FAULTS] = {[FAULT_NONE] = "none",
                                              [FAULT_WRONG_ANSWER] = "wrong-answer",
                                              [FAULT_UNSTEADY_ANSWER] = "unsteady-answer",
                                              [FAULT_OUTPUTS] = "outputs",
                                              [FAULT_NO_WORK] = "no-work",
                                              [FAULT_CONDUCT] = "conduct",
                                              [FAULT_THREADS] = "threads",
                                              [FAULT_SETUP] = "setup",
                                              [FAULT_PREPARE] = "prepare",
                                              [FAULT_LATENCIES] = "latencies",
                                              [FAULT_SERVER] = "server",
                                              [FAULT_PLACEBO] = "placebo",
                                              [FAULT_CRASHED] = "crashed",
                                              [FAULT_STALLED] = "stalled",
                                              [FAULT_OUT_OF_MEMORY] = "out-of-memory",
                                              [FAULT_INTERRUPTED] = "interrupted",
                                              [FAULT_TIMED_OUT] = "timed-out",
                                              [FAULT_PRINTED] = "printed",
                                              [FAULT_MULTIPLIED] = "multiplied",
                                              [FAULT_EXIT_STATUS] = "exit-status",
                                              [FAULT_LIMIT] = "limit",
                                              [FAULT_OTHER] = "other"};
    return names[fault];
}

static const struct {
    const char *name;
    enum arm_fault fault;
} causes[CAUSES] = {[CAUSE_NONE] = {"none", FAULT_NONE},
                    [CAUSE_OUTPUTS_UNREAD] = {"outputs-unread", FAULT_OUTPUTS},
                    [CAUSE_OUTPUTS_UNPOISONED] = {"outputs-unpoisoned", FAULT_OUTPUTS},
                    [CAUSE_OUTPUTS_EMPTY] = {"outputs-empty", FAULT_OUTPUTS},
                    [CAUSE_WRONG_ANSWER] = {"wrong-answer", FAULT_WRONG_ANSWER},
                    [CAUSE_ANOTHER_ANSWER] = {"another-answer", FAULT_UNSTEADY_ANSWER},
                    [CAUSE_IDLE] = {"idle", FAULT_NO_WORK},
                    [CAUSE_CONSTANT] = {"constant", FAULT_NO_WORK},
                    [CAUSE_REMEMBERS] = {"remembers", FAULT_NO_WORK},
                    [CAUSE_CHANGES_PROCESS] = {"changes-process", FAULT_CONDUCT},
                    [CAUSE_PRINTS] = {"prints", FAULT_CONDUCT},
                    [CAUSE_CHANGED_UNSEEN] = {"changed-unseen", FAULT_CONDUCT},
                    [CAUSE_PRINTED_UNSEEN] = {"printed-unseen", FAULT_CONDUCT},
                    [CAUSE_KEEPS_DESCRIPTORS] = {"keeps-descriptors", FAULT_CONDUCT},
                    [CAUSE_KEEPS_MEMORY] = {"keeps-memory", FAULT_CONDUCT},
                    [CAUSE_STARTS_THREADS] = {"starts-threads", FAULT_CONDUCT},
                    [CAUSE_FEWER_THREADS] = {"fewer-threads", FAULT_THREADS},
                    [CAUSE_HELPED] = {"helped", FAULT_THREADS},
                    [CAUSE_PREPARE] = {"prepare", FAULT_PREPARE},
                    [CAUSE_PREPARE_MEMORY] = {"prepare-memory", FAULT_OUT_OF_MEMORY},
                    [CAUSE_LATENCIES_MANY] = {"latencies-many", FAULT_LATENCIES},
                    [CAUSE_LATENCIES_MEMORY] = {"latencies-memory", FAULT_OUT_OF_MEMORY},
                    [CAUSE_LATENCY_LONG] = {"latency-long", FAULT_LATENCIES},
                    [CAUSE_CLIENT_ENDED] = {"client-ended", FAULT_CRASHED}};

const char *arm_cause_name(enum arm_cause cause) {
    return causes[cause].name;
}

enum arm_fault arm_why_fault(const struct arm_why *why) {
    return why->cause != CAUSE_NONE && why->placebo ? FAULT_PLACEBO : causes[why->cause].fault;
}

const char *simulation_cause_name(enum simulation_cause cause) {
    static const char *const names[SIMULATION_CAUSES] = {[SIMULATION_COUNTED] = "counted",
                                                         [SIMULATION_NO_TOOL] = "no-tool",
                                                         [SIMULATION_NO_PORTABLE_BUILD] = "no-portable-build",
                                                         [SIMULATION_INTERRUPTED] = "interrupted",
                                                         [SIMULATION_INVALID_ARM] = "invalid-arm",
                                                         [SIMULATION_BASELINE_AGAIN] = "baseline-again",
                                                         [SIMULATION_SEVERAL_THREADS] = "several-threads",
                                                         [SIMULATION_SERVER] = "server",
                                                         [SIMULATION_NO_ARM] = "no-arm",
                                                         [SIMULATION_FAILED] = "failed",
                                                         [SIMULATION_UNREADABLE] = "unreadable",
                                                         [SIMULATION_IMPOSSIBLE] = "impossible",
                                                         [SIMULATION_OTHER_PATH] = "other-path",
                                                         [SIMULATION_STRINGS] = "string-instructions",
                                                         [SIMULATION_OTHER_BUILD] = "other-build",
                                                         [SIMULATION_OTHER_SCALE] = "other-scale",
                                                         [SIMULATION_UNKNOWN_SCALE] = "unknown-scale",
                                                         [SIMULATION_OTHER] = "other"};
    return names[cause];
}

/* What versions before causes were kept wrote, and no later one is read by. */
enum arm_fault arm_fault_of_words(const char *reason) {
    static const char wrong[] = "wrong answer";
    return strncmp(reason, wrong, sizeof wrong - 1) ? FAULT_OTHER : FAULT_WRONG_ANSWER;
}

enum simulation_cause simulation_cause_of_words(const char *reason) {
    static const struct {
        const char *part;
        enum simulation_cause cause;
    } words[] = {{"there is no portable build", SIMULATION_NO_PORTABLE_BUILD},
                 {"interrupted before", SIMULATION_INTERRUPTED},
                 {"the baseline again", SIMULATION_BASELINE_AGAIN},
                 {"Callgrind runs one at a time", SIMULATION_SEVERAL_THREADS},
                 {"no variant could be simulated", SIMULATION_NO_ARM},
                 {"under Valgrind: ", SIMULATION_FAILED},
                 {"what was simulated is not what was timed", SIMULATION_IMPOSSIBLE},
                 {"it takes another path", SIMULATION_OTHER_PATH},
                 {"its string instructions", SIMULATION_STRINGS},
                 {"only the portable build can be simulated", SIMULATION_OTHER_BUILD},
                 {"and smaller it is another", SIMULATION_OTHER_SCALE},
                 {"could not be shown", SIMULATION_UNKNOWN_SCALE}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(reason, words[i].part))
            return words[i].cause;
    return !*reason                    ? SIMULATION_COUNTED
           : strcmp(reason, "invalid") ? SIMULATION_OTHER
                                       : SIMULATION_INVALID_ARM;
}
