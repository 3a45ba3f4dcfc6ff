#define RUN run_o3
#define CURVE_OF curve_here
#define CURVE_NARROW
#include "source.h"
