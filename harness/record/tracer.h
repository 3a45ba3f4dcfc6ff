/*
 * A program is run, and each call of one function in it is looked at as it begins. ptrace(2): a breakpoint stands at the
 * function's first instruction, in every process and thread of the program.
 */
#ifndef RECORD_TRACER_H
#define RECORD_TRACER_H

#include "base/problem.h"
#include "compile/generate.h"
#include "record/recording.h"

#include <signal.h>

/** What is run, and looked at. */
struct trace_request {
    char *const *program;              /**< its words; the first is looked for in $PATH */
    const char *symbol;                /**< the function's name to the linker */
    const struct signature *signature; /**< its types, known once find_types was called at the latest */
    const struct argument *arguments;  /**< which lengths arrays have */
    bool known;                        /**< signature and arguments are there from the beginning */
    /** Finds them, if they are not: by the debug data of the file that defines the function. 0 or -errno with the problem. */
    int (*find_types)(void *context, const char *file, struct problem *problem);
    void *context;
    const volatile sig_atomic_t *interrupted; /**< a signal that ends the program */
};

/** What became of it. */
struct trace_end {
    int status; /**< of the program, as from waitpid */
    bool found; /**< some process of it had the function */
    bool interrupted;
};

/**
 * Runs the program to its end and that of all that it started, and gives its calls to `recording`. What it prints, and what
 * it reads, is its own affair. Returns 0, or -errno with the problem: it cannot be run or traced, or its types are not
 * known; then it is ended.
 */
int trace_calls(const struct trace_request *request, struct recording *recording, struct trace_end *end,
                struct problem *problem);

#endif
