#include "particles.h"

/* One array after the other: a single stream, which every compiler turns into vector code. */
PARTICLES_INLINE void advance_arrays(const struct particles *p, unsigned fields) {
    for (unsigned j = 0; j < fields; j++) {
        float *restrict array = p->arrays[j];
        float step = p->step[j];
        for (size_t i = 0; i < p->n; i++)
            array[i] += step;
    }
}

/* All fields of a particle before the next one: its misses overlap, and the order is read once. */
PARTICLES_INLINE void advance_scattered(const struct particles *p, unsigned fields) {
    const uint32_t *order = p->order;
    float *arrays[PARTICLE_FIELDS], step[PARTICLE_FIELDS];
    for (unsigned j = 0; j < fields; j++) {
        arrays[j] = p->arrays[j];
        step[j] = p->step[j];
    }
    for (size_t i = 0; i < p->n; i++) {
        size_t particle = order[i];
        for (unsigned j = 0; j < fields; j++)
            arrays[j][particle] += step[j];
    }
}

PARTICLES_INLINE void advance_all(const struct particles *p, unsigned fields) {
    if (p->order)
        advance_scattered(p, fields);
    else
        advance_arrays(p, fields);
}

void run_soa(void *state) {
    const struct particles *p = state;
    PARTICLES_WITH_CONSTANT_FIELDS(p, advance_all)
}
