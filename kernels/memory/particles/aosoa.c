#include "particles.h"

/*
 * Whole blocks, the padding of the last one included: it is there so that no block needs a loop of its own.
 * Vectors by type, because gcc 12 turns the loop over lanes into scalar code from eight fields on, 5 times
 * slower.
 */
PARTICLES_INLINE void advance_blocks(const struct particles *p, unsigned fields) {
    size_t count = (p->n + PARTICLE_BLOCK - 1) / PARTICLE_BLOCK;
    struct particle_block *blocks = p->blocks;
    float step[PARTICLE_FIELDS];
    for (unsigned j = 0; j < fields; j++)
        step[j] = p->step[j];
    for (size_t b = 0; b < count; b++)
        for (unsigned j = 0; j < fields; j++)
            for (unsigned part = 0; part < PARTICLE_BLOCK / PARTICLE_LANES; part++)
                blocks[b].lanes[j][part] += step[j];
}

PARTICLES_INLINE void advance_scattered(const struct particles *p, unsigned fields) {
    const uint32_t *order = p->order;
    struct particle_block *blocks = p->blocks;
    float step[PARTICLE_FIELDS];
    for (unsigned j = 0; j < fields; j++)
        step[j] = p->step[j];
    for (size_t i = 0; i < p->n; i++) {
        struct particle_block *block = &blocks[order[i] / PARTICLE_BLOCK];
        unsigned lane = order[i] % PARTICLE_BLOCK;
        for (unsigned j = 0; j < fields; j++)
            block->field[j][lane] += step[j];
    }
}

PARTICLES_INLINE void advance_all(const struct particles *p, unsigned fields) {
    if (p->order)
        advance_scattered(p, fields);
    else
        advance_blocks(p, fields);
}

void run_aosoa(void *state) {
    const struct particles *p = state;
    PARTICLES_WITH_CONSTANT_FIELDS(p, advance_all)
}
