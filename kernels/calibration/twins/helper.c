/* What the kind `helper` calls, out of sight of the compiler of either variant. */
#include "code_state.h"

uint64_t twins_helper_add(uint64_t total, unsigned char byte) {
    return (total << 3 | total >> 61) + byte + 1;
}
