/* kernel.sources of a generated folder, and the sources that go into others. */
#ifndef COMPILE_GENERATE_RULES_H
#define COMPILE_GENERATE_RULES_H

#include "compile/generate.h"

#include <stdio.h>

/** Writes kernel.sources, and a source for each part of a variant. Returns 0, or -errno with the problem. */
int generate_rules(const struct generate_request *request, const char *folder, struct problem *problem);

/**
 * Appends " -iquote FOLDER", quoted as words are: headers beside a variant's file, which a setup may include. 0 or
 * -ENOMEM.
 */
int generate_print_quotes(FILE *stream, const struct duel_variant *variant);

#endif
