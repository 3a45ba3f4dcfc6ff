/* The same work, in a file with other code and other static data before it. */
#include "decoys.h"

#define RUN run_same
#include "variant.h"
