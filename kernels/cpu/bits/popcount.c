#include "bits.h"

BITS_RUN(run_popcount, (unsigned)__builtin_popcountll)
