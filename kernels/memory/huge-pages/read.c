#include "huge-pages.h"

void huge_pages_read(struct huge_pages *all, const uint64_t *numbers) {
    uint64_t seed = huge_pages_seed(all, all->runs++), total = 0;
    for (size_t i = 0; i < all->reads; i++)
        total += numbers[huge_pages_place(&seed, all->n)];
    all->total = total;
}

void huge_pages_fill(const struct huge_pages *all, uint64_t *numbers) {
    for (size_t i = 0; i < all->n; i++)
        numbers[i] = huge_pages_number(all, i);
}
