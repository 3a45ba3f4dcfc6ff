/* 3 % more work. */
#define RUN run_plus_3
#define SIZE 6
#include "variant.h"
