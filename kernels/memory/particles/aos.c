/*
 * Lets the compiler use vectors within a particle, not across particles: `gathered` is what it makes of the
 * same loop otherwise, and is slower. A baseline with that burden would credit the layout with the compiler's
 * mistake.
 */
#define KEEP_PARTICLES_APART(pointer) __asm__("" : "+r"(pointer))
#define OWN_STRUCTS 0
#include "structs.h"

void run_aos(void *state) {
    const struct particles *p = state;
    PARTICLES_WITH_CONSTANT_FIELDS(p, advance_all)
}
