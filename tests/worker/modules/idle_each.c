/* The kernel of idle.c, reset before each of its runs, which are then timed one at a time. */
#define RESET_EACH_RUN 1
#include "idle.c"
