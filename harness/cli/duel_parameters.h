/* Parameters of a duel: {NAME} in commands, and the points of the sweep. */
#ifndef CLI_DUEL_PARAMETERS_H
#define CLI_DUEL_PARAMETERS_H

#include "cli/duel_commands.h"

/** Reads "NAME=V1,V2,…" or "NAME=FROM..TO[:STEP]". 0, or -1 after printing what is wrong. */
int parse_duel_parameter(const char *text, struct duel_parameter *parameter);

/**
 * The first parameter whose {NAME} is in no command or helper, so that all its points would be one; or NULL.
 */
const char *find_unused_parameter(const struct duel_commands *duel);

/** Points of the sweep: the product of all parameters' values; 1 without any. */
size_t count_duel_points(const struct duel_commands *duel);

/** Values of point `index`, the last parameter running fastest. */
void fill_duel_point(const struct duel_commands *duel, size_t index, struct point *point);

/** `text` with each {NAME} of a parameter replaced by its value at the point; NULL: no memory. Free it. */
char *substitute_duel_point(const struct point *point, const char *text);

#endif
