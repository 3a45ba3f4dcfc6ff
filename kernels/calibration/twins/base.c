/* The work of every kind. */
#define RUN run_base
#include "variant.h"
