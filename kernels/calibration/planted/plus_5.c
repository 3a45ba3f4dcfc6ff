/* 5 % more work. */
#define RUN run_plus_5
#define SIZE 7
#include "variant.h"
