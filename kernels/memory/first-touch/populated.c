#include "map.h"

/* All pages at once, in the call that asks for them. */
void run_populated(void *state) {
    use_mapping(state, MAP_POPULATE);
}
