/* The parts of `gate`: gate.c has the verb and what it prints, gate_measure.c measures, gate_judge.c judges, gate_folder.c pairs folders. */
#ifndef CLI_GATE_H
#define CLI_GATE_H

#include "cli/duel_commands.h"
#include "cli/revisions.h"
#include "store/gate.h"

/** A gate under way. */
struct gate_run {
    struct revisions revisions;
    struct revision_options options; /**< range: "BASE..HEAD" */
    struct duel_commands duel;       /**< options of measuring */
    struct gate gate;
    struct gate_file file;
    struct revision_place places[2]; /**< old, new */
    bool built[2];
    struct run stored; /**< of --base FILE: nominates suspects; without comparisons, all are */
    double max_slowdown, budget_s;
    unsigned tries;
    unsigned replicates; /**< as given; 0: not */
    bool measure_equal;
    const char *call, *library; /**< of a function; NULL: commands */
    struct words rest;          /**< options for measuring functions, as `duel --call` takes them */
    char *const *subjects;      /**< commands and folders, or nothing with `call` */
    size_t subject_count;
    struct {
        const char *variant; /**< NULL: what is measured is none */
        char folder[8192];   /**< of the kernel with both revisions' variants */
        size_t count;        /**< variants of this folder that are measured */
    } pair;                  /**< under way, of a folder among the subjects */
    char *command;           /**< the command line; owned */
};

/**
 * Measures and judges every subject: builds what is needed, skips what is the same program, measures again, longer, what is
 * open (where the policy is retry) or refuted. Result files go where --output says. Returns 0, with the checks in
 * gate->gate, or the exit status after printing why.
 */
int gate_measure(struct gate_run *gate);

#endif
