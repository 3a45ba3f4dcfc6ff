/*
 * Links of a module, each with its code and data at other places: what a linker, a compiler's order of files
 * or an unrelated change would decide is drawn anew for each replicate.
 */
#ifndef COMPILE_LINKS_H
#define COMPILE_LINKS_H

#include "base/command.h"
#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Steps of the distances, in bytes: what linkers keep at the least. Distances are below LINKS_STEPS of them,
 * a page. */
#define LINKS_STEP 16
#define LINKS_STEPS 256

/** The links of one module in one run; see links_open. */
struct links;

/**
 * Opens what NAME.link, beside the module NAME.so, holds: a recipe, as cmake/link-recipe leaves it, or the
 * command and the objects to make one of. That takes some 0.3 s, is done by the script `link_recipe` at the
 * first link that is wanted, and is kept in the user's cache (or, where there is none, for this run). Links
 * are made in `folder` (which is there, and stays the caller's) and drawn from `seed` and the objects'
 * content: two modules never share their places by way of the seed. Returns 0; -ENOENT where the module has
 * neither; or -errno with the problem. Close it.
 */
int links_open(struct links **links, const char *module, const char *folder, uint64_t seed,
               const char *link_recipe, struct problem *problem);

/**
 * Path of link `number`: 0 is the module as its linker made it; others are made at the first call, in some 6
 * ms, and kept. In these the objects are in random order, and before each of them its text, rodata, relocated
 * rodata, data, bss and thread-local bss are moved on by 0 to 4080 bytes in steps of 16, all drawn
 * independently. Returns 0, or -errno with the problem (no linker, no room, interrupted by `limits`).
 */
int links_make(struct links *links, unsigned number, const struct command_limits *limits, const char **path,
               struct problem *problem);

/**
 * Begins to make link `number`, unless it is made or under way: links_make then waits for it. Links of any number may be
 * under way side by side; nothing may be timed meanwhile, and no nursery closed that was opened before (command_begin).
 * Returns as links_make.
 */
int links_begin(struct links *links, unsigned number, const struct command_limits *limits,
                struct problem *problem);

/** Ends and removes the links that were made or begun, and frees. NULL is ignored. */
void links_close(struct links *links);

#endif
