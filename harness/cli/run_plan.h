/*
 * From the words on the command line to a plan: cases by name, folders, and kernels that are compiled first.
 */
#ifndef CLI_RUN_PLAN_H
#define CLI_RUN_PLAN_H

#include "cli/cli.h"
#include "measure/runner.h"
#include "run/plan.h"
#include "run/supervisor.h"

/** What planning depends on besides the names. */
struct case_sources {
    struct supervisor *supervisor; /**< describes modules; its `interrupted` ends compilers too */
    const struct paths *paths;
    const char *build; /**< "native" or "portable" */
    const struct plan_options *options;
    double *compiling_s; /**< seconds that compilers took are added there; NULL: nobody asks */
    const struct runner_options
        *runner; /**< of the run, whose first links are begun here; NULL: there is none */
    bool alone;  /**< a kernel of a folder is compiled in that build alone, as nothing is simulated */
    bool quiet;  /**< neither progress nor warnings of compilers */
};

/**
 * Adds what `name` stands for to the plan: a case by name; with a slash in it (or "." or ".."), a folder with
 * case.yaml, with a kernel's sources (compiled; without case.yaml every variant against the first, at the
 * parameters' defaults), with both, or a folder of such folders; or a module, FILE.so. Says on a terminal
 * that it compiles, and prints to stderr what compilers say. Returns 0 or -errno with the problem.
 */
int plan_named(const struct case_sources *sources, const char *name, struct plan *plan,
               struct problem *problem);

/**
 * plan_named of each name, of each once; a group's name stands for its cases; without names, of all cases that come with
 * the program.
 */
int plan_names(const struct case_sources *sources, char **names, size_t count, struct plan *plan,
               struct problem *problem);

/**
 * The first point of the one case that `name` stands for, with its variants and module; what has no module yet is
 * compiled. 0 or -errno with the problem: -ENODATA where nothing of it can be measured here.
 */
int plan_first_point(const struct case_sources *sources, const char *name, struct case_file *file,
                     struct module_description *module, struct plan_point *point, struct problem *problem);

#endif
