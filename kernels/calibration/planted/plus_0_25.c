/* 0.25 % more work. */
#define RUN run_plus_0_25
#define SIZE 2
#include "variant.h"
