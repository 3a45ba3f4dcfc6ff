/* Machine code of variants that only call the function in question. */
#ifndef MEASURE_CALLED_CODE_H
#define MEASURE_CALLED_CODE_H

#include <stdint.h>

/**
 * Reads what the build noted beside the module at `module` (NAME.codes for NAME.so) of the code that a
 * variant calls, in place of the variant's own: its hash, in hex, and bytes. Returns 0, or -ENODATA, which
 * leaves both alone, where nothing is noted of it.
 */
int called_code_read(const char *module, const char *variant, char hash[17], uint64_t *bytes);

#endif
