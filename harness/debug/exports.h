/* What a shared library lets others call, with or without debug data. */
#ifndef DEBUG_EXPORTS_H
#define DEBUG_EXPORTS_H

#include <stdbool.h>

/** Whether the library exports a function by that symbol. False where the file cannot be read. */
bool exports_function(const char *library, const char *symbol);

#endif
