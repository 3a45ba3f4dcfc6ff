/* State of the first-touch kernel: a run needs a block of memory that begins as zeros, and uses its first part. */
#ifndef FIRST_TOUCH_H
#define FIRST_TOUCH_H

#include <countersign.h>

/** Bytes of an item, whatever the system's pages are. */
#define PAGE 4096

struct first_touch {
    size_t bytes; /**< of the block */
    size_t words; /**< that are used */
    uint32_t key, step;
    uint32_t total;   /**< the answer */
    uint32_t *reused; /**< of `reused`: the block that it keeps */
};

/** The work: adds numbers to the first words of a block of zeros, twice, and then adds up what is there. */
uint32_t first_touch_use(uint32_t *block, const struct first_touch *all);

void run_mapped(void *state);
void run_calloc(void *state);
void run_populated(void *state);
int prepare_reused(const struct cs_env *env, void *state);
void run_reused(void *state);

#endif
