/* The work itself again, in a translation unit of its own. */
#define RUN run_same
#define SIZE 0
#include "variant.h"
