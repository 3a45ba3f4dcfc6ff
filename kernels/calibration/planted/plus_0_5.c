/* 0.5 % more work. */
#define RUN run_plus_0_5
#define SIZE 3
#include "variant.h"
