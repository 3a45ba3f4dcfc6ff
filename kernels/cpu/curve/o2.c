#define RUN run_o2
#define CURVE_OF curve_here
#define CURVE_NARROW
#include "source.h"
