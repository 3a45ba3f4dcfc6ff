/* Ids and queries. */
#ifndef LOOKUP_INPUTS_H
#define LOOKUP_INPUTS_H

#include "lookup.h"

/** The id at index `index`: a bijection of 32 bits chosen by `key`, so no two indices share an id. */
uint32_t lookup_id(uint32_t key, uint32_t index);

/** The index that has this id: the inverse of lookup_id. An index of n or above means that the id is not
 * there. */
uint32_t lookup_index(uint32_t key, uint32_t id);

/**
 * Fills the pool: `hit_percent` of the queries are ids that are there. Every window has its share of hits,
 * spread evenly over the indices and shuffled, so that all runs do the same amount of work.
 */
void lookup_draw_queries(struct lookup *lookup, struct cs_random *random, unsigned hit_percent);

#endif
