/* Variables by which hwloc would describe another machine, or part of this one. */
#ifndef HOST_HWLOC_ENVIRONMENT_H
#define HOST_HWLOC_ENVIRONMENT_H

#include "base/words.h"

#include <stddef.h>

/**
 * Takes every HWLOC_ variable out of the environment (HWLOC_XMLFILE, HWLOC_SYNTHETIC, HWLOC_FSROOT,
 * HWLOC_COMPONENTS, HWLOC_THISSYSTEM …) but HWLOC_HIDE_ERRORS, and keeps them in `hidden` until
 * hwloc_environment_restore. `names` gets a list of them, for a message, cut to `size`. 0 or -ENOMEM, with
 * nothing taken out. Not while other threads run.
 */
int hwloc_environment_hide(struct words *hidden, char *names, size_t size);

/** Puts back what was taken out, for the programs that this one starts, and frees it. */
void hwloc_environment_restore(struct words *hidden);

#endif
