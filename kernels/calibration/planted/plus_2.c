/* 2 % more work. */
#define RUN run_plus_2
#define SIZE 5
#include "variant.h"
