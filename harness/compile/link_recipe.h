/*
 * From what a module is linked with to a recipe, which links it anew in a fraction of the time that a compiler
 * takes to do so: made when it is first wanted, and kept.
 */
#ifndef COMPILE_LINK_RECIPE_H
#define COMPILE_LINK_RECIPE_H

#include "base/command.h"
#include "base/problem.h"

#include <stddef.h>

/**
 * First line of NAME.link/command, which kernel_build leaves beside NAME.so with the module's objects,
 * SOURCE.o: what they are linked with, one word a line, the compiler's command, "--", and what stands behind
 * the objects.
 */
#define LINK_COMMAND "countersign.command/1"

/**
 * Has cmake/link-recipe (`script`) make a recipe of what the folder `kept`, NAME.link, holds, or finds the one
 * that was made before of the same objects by the same command and compiler: in the user's cache, or where
 * there is none, in the folder `otherwise`. `recipe` is then its folder. Returns 0 or -errno with the problem
 * (no compiler, no room, interrupted).
 */
int link_recipe_make(const char *kept, const char *script, const char *otherwise,
                     const struct command_limits *limits, char *recipe, size_t size, struct problem *problem);

#endif
