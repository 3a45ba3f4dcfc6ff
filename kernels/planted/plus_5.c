/* 5 % more work. */
#define RUN run_plus_5
#define SIZE 6
#include "variant.h"
