/* The work itself. */
#define RUN run_base
#define SIZE 0
#include "variant.h"
