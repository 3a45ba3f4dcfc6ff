#include "curve.h"

uint32_t curve_of(uint32_t x) {
    return ((x * 77 + 1031) * x >> 8) ^ x;
}
