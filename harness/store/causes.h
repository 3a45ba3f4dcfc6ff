/*
 * Why there is no number, as values: what decides compares these and never words. What is particular (a
 * signal, an index, a path) stands beside them in words. Files from before have the words alone, which are
 * read once.
 */
#ifndef STORE_CAUSES_H
#define STORE_CAUSES_H

#include "counters/counters.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Of a counter whose source was there and gave nothing. */
#define COUNTER_NOT_READ "could not be read while this was measured"

/** Why an arm is invalid. */
enum arm_fault {
    FAULT_NONE,
    FAULT_WRONG_ANSWER,    /**< not the baseline's, or refused by the kernel's own check */
    FAULT_UNSTEADY_ANSWER, /**< another one when run again on the same input */
    FAULT_OUTPUTS,   /**< cannot be read or poisoned, or have no data; a timed run says that it failed */
    FAULT_NO_WORK,   /**< as fast as an empty call, no slower for more runs, or faster with its last answer */
    FAULT_CONDUCT,   /**< leaves the process changed, prints, or starts threads unasked */
    FAULT_THREADS,   /**< fewer threads ran than were asked for */
    FAULT_SETUP,     /**< of the kernel, gave an error */
    FAULT_PREPARE,   /**< of the variant, gave an error */
    FAULT_LATENCIES, /**< recorded wrongly */
    FAULT_SERVER,    /**< that it needs was not ready, or ended */
    FAULT_PLACEBO,   /**< the baseline failed in a second loaded copy */
    FAULT_CRASHED,   /**< a signal, an exit, or a report that no worker writes */
    FAULT_STALLED,   /**< no progress within the limit */
    FAULT_OUT_OF_MEMORY,
    FAULT_INTERRUPTED,
    FAULT_TIMED_OUT,   /**< not done within the limit */
    FAULT_PRINTED,     /**< more than a worker may print */
    FAULT_MULTIPLIED,  /**< more processes than a worker may start */
    FAULT_EXIT_STATUS, /**< a command's */
    FAULT_LIMIT,       /**< a command met another limit of its process */
    FAULT_OTHER,       /**< told in words alone, as in files from before */
    FAULTS
};
/** "none", "wrong-answer", …: as files have it. */
const char *arm_fault_name(enum arm_fault fault);

/** Of the words that files from before have alone: a wrong answer, or another fault. */
enum arm_fault arm_fault_of_words(const char *reason);

/** What a worker refused an arm for. */
enum arm_cause {
    CAUSE_NONE,           /**< it did not; what else makes an arm invalid is told by its fault and in words */
    CAUSE_OUTPUTS_UNREAD, /**< `outputs` failed */
    CAUSE_OUTPUTS_UNPOISONED, /**< `poison` failed */
    CAUSE_OUTPUTS_EMPTY,      /**< an output has no data */
    CAUSE_WRONG_ANSWER,
    CAUSE_ANOTHER_ANSWER,    /**< when run again on the same input */
    CAUSE_IDLE,              /**< as fast as an empty call, and too fast for its items */
    CAUSE_CONSTANT,          /**< more runs take no longer */
    CAUSE_REMEMBERS,         /**< a run is faster where its last answer is still there */
    CAUSE_CHANGES_PROCESS,   /**< that it shares with its rivals */
    CAUSE_PRINTS,            /**< in its runs */
    CAUSE_CHANGED_UNSEEN,    /**< the process was, among the timed runs: whichever arm did it */
    CAUSE_PRINTED_UNSEEN,    /**< there, whichever arm did it */
    CAUSE_KEEPS_DESCRIPTORS, /**< open, at every run */
    CAUSE_KEEPS_MEMORY,      /**< at every run */
    CAUSE_STARTS_THREADS,    /**< unasked, for which it has no CPUs */
    CAUSE_FEWER_THREADS,     /**< ran than were asked for */
    CAUSE_HELPED,            /**< has other threads or processes do what is to be simulated */
    CAUSE_PREPARE,           /**< gave an error */
    CAUSE_PREPARE_MEMORY,    /**< was refused memory */
    CAUSE_LATENCIES_MANY,    /**< more than its recorder has room for */
    CAUSE_LATENCIES_MEMORY,  /**< there was none for what it records */
    CAUSE_LATENCY_LONG,      /**< longer than the run that it is of */
    CAUSE_CLIENT_ENDED,      /**< one of a load's, in its runs */
    CAUSES
};
/** "none", "outputs-unread", …: as files have it. */
const char *arm_cause_name(enum arm_cause cause);

/** Where an answer is not the one that is expected, or not the one that it was; `output` empty: no cause of this kind. */
struct arm_answer {
    char output[64];            /**< name of the output, or what was checked */
    uint64_t index;             /**< element; below 2^63 */
    char got[48], expected[48]; /**< as texts; of CAUSE_ANOTHER_ANSWER the later one and the first */
    char advice[160];           /**< of the kernel, what would make it right; empty: none */
    bool by_check;              /**< expected by the kernel's own check, not as the baseline has it */
    bool among_timed;           /**< where elements of its last answer were overwritten */
    bool from_before;           /**< it follows from what the output held before */
    uint64_t seed;              /**< of the inputs */
};

/** A cause with all that its words name. Numbers are 0, texts empty, that it has not. */
struct arm_why {
    enum arm_cause cause;
    char variant[64]; /**< whose run it was: of all arms the baseline, where that is invalid */
    bool placebo;     /**< it was the baseline's function in a second loaded copy */
    unsigned client;  /**< of a load, that it happened in, from 2 */
    int error;        /**< positive errno */
    double run_ns;    /**< that a run took, or all of `runs` */
    double
        other_ns; /**< that it is compared with: an empty call, `other_runs`, after elements were overwritten */
    double runs, other_runs;
    double items; /**< of a run */
    double count; /**< threads that ran, latencies, bytes or descriptors */
    double most;  /**< threads that were asked for, latencies that there is room for */
    struct arm_answer answer;
    char said[320]; /**< by the kernel or the system; what changed, was printed, helped or ended it */
};

/** Of an arm that was refused for it. FAULT_NONE for CAUSE_NONE. */
enum arm_fault arm_why_fault(const struct arm_why *why);

/** The words of a cause, here and nowhere else; empty for CAUSE_NONE. Cut to `size`. */
void arm_words(const struct arm_why *why, char *text, size_t size);

/** Of a baseline `variant` that failed for `reason` in a second loaded copy of its module alone. Cut to `size`. */
void arm_words_of_placebo(const char *variant, const char *reason, char *text, size_t size);

/** Why nothing was simulated, of a point or of one arm. */
enum simulation_cause {
    SIMULATION_COUNTED, /**< something was */
    SIMULATION_NO_TOOL,
    SIMULATION_NO_PORTABLE_BUILD,
    SIMULATION_INTERRUPTED,
    SIMULATION_INVALID_ARM, /**< what is not timed is not simulated */
    SIMULATION_BASELINE_AGAIN,
    SIMULATION_SEVERAL_THREADS,
    SIMULATION_SERVER,        /**< it needs one, whose work would not be simulated */
    SIMULATION_NO_ARM,        /**< none was left to simulate */
    SIMULATION_FAILED,        /**< under Valgrind, though not without it */
    SIMULATION_UNREADABLE,    /**< what Callgrind wrote */
    SIMULATION_IMPOSSIBLE,    /**< more than a core does in the time that was measured */
    SIMULATION_OTHER_PATH,    /**< other code than what is timed */
    SIMULATION_STRINGS,       /**< string instructions, each of which stands for many */
    SIMULATION_OTHER_BUILD,   /**< the portable build is another case than the native one */
    SIMULATION_OTHER_SCALE,   /**< too long, and a smaller point is another */
    SIMULATION_UNKNOWN_SCALE, /**< too long, and of a smaller point it could not be shown that it is like it */
    SIMULATION_OTHER,         /**< told in words alone */
    SIMULATION_CAUSES
};
/** "counted", "no-tool", …: as files have it. */
const char *simulation_cause_name(enum simulation_cause cause);

/** The numbers of a cause, as files have them; 0: it has none of this kind. */
struct simulation_numbers {
    double threads;  /**< that it has */
    double seconds;  /**< that the whole point would take, or that it did not come to its end in */
    double share;    /**< of its time: in code that was not simulated, or in string instructions */
    double rate;     /**< of `event` a cycle; of last-level misses GB/s */
    double portable; /**< speedup of the portable build */
    double native;   /**< the same of the native one */
    double count;    /**< of `event`, an item */
    double smaller;  /**< the same at a smaller point */
    enum counter_event event;
};

/** A cause with all that its words name. */
struct simulation_why {
    enum simulation_cause cause;
    struct simulation_numbers numbers;
    const char *said; /**< by a tool or a worker, or the name of a module or a server; NULL: nothing */
    const char *here, *there; /**< what tells the simulated point from a smaller one; NULL: nothing */
};

/** The words of a cause, here and nowhere else; empty for SIMULATION_COUNTED. Cut to `size`. */
void simulation_words(const struct simulation_why *why, char *text, size_t size);

/** Of the words that files from before have alone. */
enum simulation_cause simulation_cause_of_words(const char *reason);

#endif
