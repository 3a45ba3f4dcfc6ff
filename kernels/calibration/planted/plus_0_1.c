/* 0.1 % more work. */
#define RUN run_plus_0_1
#define SIZE 1
#include "variant.h"
