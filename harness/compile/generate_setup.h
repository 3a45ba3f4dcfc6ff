/* What is generated for a setup of the user's, beside what every duel has. */
#ifndef COMPILE_GENERATE_SETUP_H
#define COMPILE_GENERATE_SETUP_H

#include "compile/generate.h"

#include <stdio.h>

/** variants.h: what templates/setup/kernel.c is told by, but for its flags. */
void generate_print_setup(FILE *stream, const struct generate_request *request);

/** call_VARIANT.c: the loop over the calls of a run. */
void generate_print_setup_call(FILE *stream, size_t variant);

/**
 * source_VARIANT.c or .cpp: the user's file and the setup behind it, so that it calls what that file defines, and a
 * table of the setup's functions. Without `table`, for asking the compiler about them, it ends before that.
 */
void generate_print_setup_source(FILE *stream, const struct generate_request *request, size_t variant,
                                 bool table);

#endif
