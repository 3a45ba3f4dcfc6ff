/* The loops that call the function, and the function that compares its answers. */
#ifndef COMPILE_GENERATE_CALLS_H
#define COMPILE_GENERATE_CALLS_H

#include "compile/generate.h"

#include <stdio.h>

/** Bytes of a result; 0: there is none. */
unsigned generate_result_size(const struct signature *signature);

/** The type countersign_call of the function; `spelled`: in the words of the user's file, which may be included. */
void generate_print_type(FILE *stream, const struct signature *signature, bool spelled);

/** The loop, behind the function in its own file: the compiler may do with both what it does in a program. */
void generate_inlined_calls(FILE *stream, const struct generate_request *request, size_t variant);

/** Writes call_VARIANT.c. Returns 0, or -errno with the problem. */
int generate_call(const struct generate_request *request, size_t variant, const char *folder,
                  struct problem *problem);

/** Writes compare.c or .cpp, which calls request->compare. Returns 0, or -errno with the problem. */
int generate_compare(const struct generate_request *request, const char *folder, struct problem *problem);

#endif
