/* State of the particles kernel: the same particles in three memory layouts. */
#ifndef PARTICLES_H
#define PARTICLES_H

#include <countersign.h>

/** Fields of a particle: sixteen floats, one cache line. */
#define PARTICLE_FIELDS 16
/** Particles of one block of the blocked layout: one cache line, or one AVX-512 register, a field. */
#define PARTICLE_BLOCK 16

/** Array of structs: a particle's fields side by side. */
struct particle {
    float field[PARTICLE_FIELDS];
};

/** Floats of the widest register: a vector type wider than that becomes scalar code with gcc 12. */
#if defined(__AVX512F__)
#define PARTICLE_LANES 16
#elif defined(__AVX__)
#define PARTICLE_LANES 8
#else
#define PARTICLE_LANES 4
#endif
typedef float particle_lanes __attribute__((vector_size(PARTICLE_LANES * sizeof(float))));

/** Array of structs of arrays: each field of sixteen particles side by side. */
struct particle_block {
    union {
        float field[PARTICLE_FIELDS][PARTICLE_BLOCK];
        particle_lanes lanes[PARTICLE_FIELDS][PARTICLE_BLOCK / PARTICLE_LANES];
    };
};

/** Everything a run reads. A run adds step[j] to field j of every particle, for the first `fields` fields. */
struct particles {
    size_t n;
    unsigned fields; /**< 1 to PARTICLE_FIELDS */
    float step[PARTICLE_FIELDS];
    const uint32_t *order; /**< NULL to take the particles as they lie; else n particle numbers, shuffled */

    /** Of the variants, by their order in the descriptor; NULL where one is not measured. */
    struct particle *structs[2];    /**< of aos and gathered: n, each on a cache line of its own */
    float *arrays[PARTICLE_FIELDS]; /**< of soa: n each, on a cache line's boundary */
    struct particle_block *blocks;  /**< of aosoa: n / PARTICLE_BLOCK, rounded up */

    uint64_t seed; /**< of the initial values; see kernel.c */
};

void run_aos(void *state);
void run_soa(void *state);
void run_aosoa(void *state);
void run_gathered(void *state);

/**
 * Calls advance(p, count) with `count`, 1 to 16, as a constant. A program knows which fields it updates when
 * it is compiled; without this the inner loops would count fields at run time and hide the cost of the
 * layout.
 */
#define PARTICLES_WITH_CONSTANT_FIELDS(p, advance)                                                           \
    switch ((p)->fields) {                                                                                   \
        PARTICLES_CASE(p, advance, 1)                                                                        \
        PARTICLES_CASE(p, advance, 2)                                                                        \
        PARTICLES_CASE(p, advance, 3)                                                                        \
        PARTICLES_CASE(p, advance, 4)                                                                        \
        PARTICLES_CASE(p, advance, 5)                                                                        \
        PARTICLES_CASE(p, advance, 6)                                                                        \
        PARTICLES_CASE(p, advance, 7)                                                                        \
        PARTICLES_CASE(p, advance, 8)                                                                        \
        PARTICLES_CASE(p, advance, 9)                                                                        \
        PARTICLES_CASE(p, advance, 10)                                                                       \
        PARTICLES_CASE(p, advance, 11)                                                                       \
        PARTICLES_CASE(p, advance, 12)                                                                       \
        PARTICLES_CASE(p, advance, 13)                                                                       \
        PARTICLES_CASE(p, advance, 14)                                                                       \
        PARTICLES_CASE(p, advance, 15)                                                                       \
        PARTICLES_CASE(p, advance, 16)                                                                       \
    }
#define PARTICLES_CASE(p, advance, count)                                                                    \
    case count:                                                                                              \
        advance((p), count);                                                                                 \
        break;

/** For functions that must become part of `run` with their last argument a constant. */
#define PARTICLES_INLINE static inline __attribute__((always_inline))

#endif
