#include "first-touch.h"

/* In a file of its own, so that the compiler takes the block for memory that others will read. */
uint32_t first_touch_use(uint32_t *block, const struct first_touch *all) {
    uint32_t total = 0;
    for (int layer = 0; layer < 2; layer++)
        for (size_t i = 0; i < all->words; i++)
            block[i] += all->key + (uint32_t)i * all->step;
    for (size_t i = 0; i < all->words; i++)
        total += block[i];
    return total;
}
