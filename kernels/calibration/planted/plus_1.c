/* 1 % more work. */
#define RUN run_plus_1
#define SIZE 4
#include "variant.h"
