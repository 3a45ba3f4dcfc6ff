/*
 * The loop over an array of structs, shared by the variants that differ in what the compiler may make of it
 * and in whose structs, OWN_STRUCTS of particles.structs, they work.
 */
#ifndef PARTICLES_STRUCTS_H
#define PARTICLES_STRUCTS_H

#include "particles.h"

#ifndef KEEP_PARTICLES_APART
#define KEEP_PARTICLES_APART(pointer) (void)(pointer)
#endif

PARTICLES_INLINE void advance_one(struct particle *restrict particle, const float *restrict step,
                                  unsigned fields) {
    for (unsigned j = 0; j < fields; j++)
        particle->field[j] += step[j];
}

PARTICLES_INLINE void advance_all(const struct particles *p, unsigned fields) {
    struct particle *structs = p->structs[OWN_STRUCTS];
    const uint32_t *order = p->order;
    float step[PARTICLE_FIELDS];
    for (unsigned j = 0; j < fields; j++)
        step[j] = p->step[j];
    if (order)
        for (size_t i = 0; i < p->n; i++)
            advance_one(&structs[order[i]], step, fields);
    else
        for (size_t i = 0; i < p->n; i++) {
            struct particle *particle = &structs[i];
            KEEP_PARTICLES_APART(particle);
            advance_one(particle, step, fields);
        }
}

#endif
