/* Requests. */
#ifndef BOUNDED_CACHE_INPUTS_H
#define BOUNDED_CACHE_INPUTS_H

#include "bounded-cache.h"

/** How often keys are asked for: all alike, a tenth of them nine times of ten, or the k-th in proportion to 1/k. */
enum skew { SKEW_UNIFORM, SKEW_NINETY_TEN, SKEW_ZIPF };

/** Fills the pool with requests for `keys` keys, and counts how many of these are asked for at all. */
void draw_requests(const struct cs_env *env, struct cache *cache, struct cs_random *random, uint32_t keys,
                   enum skew skew);

#endif
