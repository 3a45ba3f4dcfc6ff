#include "map.h"

/* What glibc does for blocks above 32 MiB, and other allocators for smaller ones. */
void run_mapped(void *state) {
    use_mapping(state, 0);
}
