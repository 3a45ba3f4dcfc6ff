/*
 * Why there is no number, as values: what decides compares these and never words. What is particular (a
 * signal, an index, a path) stands beside them in words. Files from before have the words alone, which are
 * read once.
 */
#ifndef STORE_CAUSES_H
#define STORE_CAUSES_H

#include "counters/counters.h"

#include <stddef.h>

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
