/* The loop of aos.c as the compiler likes it: a field may be gathered from sixteen structs and scattered
 * again. */
#define OWN_STRUCTS 1
#include "structs.h"

void run_gathered(void *state) {
    const struct particles *p = state;
    PARTICLES_WITH_CONSTANT_FIELDS(p, advance_all)
}
