/* With all that the build's processor has. */
#define RUN run_wide
#define CURVE_OF curve_here
#include "source.h"
