/* The parts of `bisect`: bisect.c has the verb and its words, bisect_steps.c builds, measures and decides. */
#ifndef CLI_BISECT_H
#define CLI_BISECT_H

#include "cli/duel_commands.h"
#include "cli/revisions.h"
#include "conclude/bisection.h"

/** What became of a search. */
enum bisect_outcome {
    BISECT_FOUND,
    BISECT_SKIPPED,      /**< one of several commits, because those between them were skipped */
    BISECT_SAME,         /**< the ends do not differ by more than delta */
    BISECT_OPPOSITE,     /**< the bad end is beyond delta on the other side */
    BISECT_UNDECIDED,    /**< the tries were used up */
    BISECT_NOT_BORNE_OUT /**< found, but the confirming comparison says otherwise */
};

/** A search under way. */
struct bisect {
    struct revisions revisions;
    struct duel_commands duel;
    const char *text; /**< the command, before {} is replaced */
    bool faster;
    unsigned tries;
    struct words path; /**< hashes after GOOD up to BAD; commit i of the search is path.items[i - 1] */
    struct bisection search;
    struct revision_place places[3]; /**< in the order of enum bisect_place */
    double budget_s;                 /**< of a first try, as rounds and replicates */
    size_t rounds;
    unsigned replicates;
    unsigned planned, decided; /**< decisions that the confidence is made for, and those taken */
    double confidence;         /**< of each measurement that may decide */
    struct run *run;
    FILE *story;            /**< what is said as it goes; NULL: nothing */
    struct interval change; /**< of the confirming comparison: time of the commit / time of its parent */
};
enum bisect_place { PLACE_GOOD, PLACE_BAD, PLACE_COMMIT };

/**
 * Builds and compares both ends, halves the history, and compares what is found with its parent, both built
 * from scratch. bisect: revisions open, path, run and options set. Returns 0 and the outcome; otherwise,
 * after printing why, the exit status; an interruption is left to the caller to tell. What was measured is in
 * bisect->run.
 */
int bisect_search(struct bisect *bisect, enum bisect_outcome *outcome);

/** "+20.3 % (+19.8 % to +20.9 %)" of a ratio of times. */
void bisect_percent(struct interval ratio, char *text, size_t size);

#endif
