/* The loop in one translation unit and the function in another, as without optimization at link time. */
#define RUN run_separate
#define CURVE_OF curve_of
#include "source.h"
