/* What a callback does of which nothing but its type is known: it orders, exchanges, or computes with what it is given. */
#ifndef COMPILE_CALLBACK_BODY_H
#define COMPILE_CALLBACK_BODY_H

#include "compile/generate.h"

#include <stdio.h>

/** Whether it is a pointer to void. */
bool callback_is_bytes(const struct scalar_type *type);

/** Index of the parameter that could be a context: a pointer to void that is none of two alike; -1: none. */
int callback_context(const struct callback *callback);

/** Whether the type tells enough. */
bool callback_can_be_generated(const struct callback *callback);

/** "orders unsigned numbers of 8 bytes": what the one of parameter `i` does. */
void callback_describe(const struct generate_request *request, size_t i, char *text, size_t size);

/** Writes the static function `name` for parameter `i`, in what C and C++ have in common. */
void callback_print_body(FILE *stream, const struct generate_request *request, size_t i, const char *name);

#endif
