#include "transpose.h"

/* A cache line either way: eight lines of `to` are written in whole before others take their place. */
#define TILE (CS_LINE / sizeof(uint64_t))

static inline void transpose_tile(uint64_t *to, const uint64_t *from, size_t pitch, size_t height,
                                  size_t width) {
    for (size_t i = 0; i < height; i++)
        for (size_t j = 0; j < width; j++)
            to[j * pitch + i] = from[i * pitch + j];
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

void run_tiles(void *state) {
    struct transpose *all = state;
    size_t n = all->n, pitch = all->packed.pitch;
    for (size_t i = 0; i < n; i += TILE)
        for (size_t j = 0; j < n; j += TILE) {
            const uint64_t *from = all->packed.from + i * pitch + j;
            uint64_t *to = all->packed.to + j * pitch + i;
            if (i + TILE <= n && j + TILE <= n) /* lengths that the compiler knows */
                transpose_tile(to, from, pitch, TILE, TILE);
            else
                transpose_tile(to, from, pitch, least(TILE, n - i), least(TILE, n - j));
        }
}
