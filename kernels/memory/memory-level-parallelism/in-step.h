/*
 * A hop of every walk before the next hop of any: their lines are under way together. PREFETCH(address) asks for
 * the line that a walk has come to, as soon as it is known, or does nothing.
 */
#include "memory-level-parallelism.h"

__attribute__((always_inline)) static inline void walk_in_step(struct walks *walks, unsigned chains) {
    const struct line *at[MOST_CHAINS];
    struct line **first = next_walks(walks);
    for (unsigned i = 0; i < chains; i++)
        at[i] = first[i];
    for (size_t hop = 0; hop < walks->hops; hop++)
        for (unsigned i = 0; i < chains; i++) {
            at[i] = at[i]->next;
            PREFETCH(at[i]);
        }
    for (unsigned i = 0; i < chains; i++)
        walks->ends[i] = (uint32_t)(at[i] - walks->lines);
}
