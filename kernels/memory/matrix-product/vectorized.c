#include "matrix-product.h"

#include <string.h>

/*
 * Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008. A tile of C stays
 * in registers while it takes up DEPTH products an element; what it reads was copied before, in the order in which it
 * is read: panels of A, HEIGHT rows high, and of B, WIDTH columns wide. What does not fill a panel is zeros.
 * A tile is as large as the registers are: 24 of AVX-512's 32, or 12 of 16.
 */
#ifdef __AVX512F__
#define LANES 8
#define HEIGHT 8
#define VECTORS 3
#else
#define LANES 4
#define HEIGHT 6
#define VECTORS 2
#endif
#define WIDTH (LANES * VECTORS)
/* Products an element at a time; a panel of B is 8 KiB, or 24 with AVX-512: it stays in a first-level cache. */
#define DEPTH 128
/* Rows of A at a time, whole panels: 240 * 128 doubles stay in a second-level cache. */
#define ROWS 240

/* Elements of a cache line. */
#define LINE 8

typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

struct tile {
    lanes row[HEIGHT][VECTORS];
};

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t round_up(size_t n, size_t unit) {
    return (n + unit - 1) / unit * unit;
}

static void pack_a(double *restrict packed, const double *a, size_t rows, size_t depth, size_t n) {
    for (size_t i = 0; i < rows; i += HEIGHT)
        for (size_t k = 0; k < depth; k++)
            for (size_t r = i; r < i + HEIGHT; r++)
                *packed++ = r < rows ? a[r * n + k] : 0;
}

/* Rows of B are apart, often a page each: no step that hardware foresees, so the next panel is asked for here. */
static void pack_b(double *restrict packed, const double *b, size_t depth, size_t width, size_t n) {
    for (size_t k = 0; k < depth; k++, packed += WIDTH, b += n) {
        for (size_t j = 0; j < width; j += LINE)
            __builtin_prefetch(b + width + j);
        if (width == WIDTH) {
            memcpy(packed, b, WIDTH * sizeof *packed);
            continue;
        }
        memset(packed, 0, WIDTH * sizeof *packed);
        memcpy(packed, b, width * sizeof *packed);
    }
}

/* Unrolled whole, or the tile would live on the stack. */
static inline struct tile multiply_panels(const double *a, const double *b, size_t depth) {
    struct tile tile = {0};
    for (size_t k = 0; k < depth; k++, a += HEIGHT, b += WIDTH)
#pragma GCC unroll 8
        for (size_t r = 0; r < HEIGHT; r++)
#pragma GCC unroll 3
            for (size_t v = 0; v < VECTORS; v++)
                tile.row[r][v] += a[r] * ((const lanes *)b)[v];
    return tile;
}

static void add_tile(double *c, const struct tile *tile, size_t height, size_t width, size_t n) {
    for (size_t r = 0; r < height; r++)
        for (size_t j = 0; j < width; j++)
            c[r * n + j] += tile->row[r][j / LANES][j % LANES];
}

/* Rows of C are apart, too: they come while the products are made. */
static void prefetch_tile(const double *c, size_t height, size_t n) {
    for (size_t r = 0; r < height; r++)
        for (size_t j = 0; j < WIDTH; j += LINE)
            __builtin_prefetch(c + r * n + j, 1);
}

/* All panels of A by one of B, `width` columns of C wide. */
static void multiply_panel(double *c, const double *a, const double *b, size_t rows, size_t depth,
                           size_t width, size_t n) {
    for (size_t i = 0; i < rows; i += HEIGHT) {
        double *corner = c + i * n;
        prefetch_tile(corner, least(HEIGHT, rows - i), n);
        struct tile tile = multiply_panels(a + i * depth, b, depth);
        if (i + HEIGHT > rows || width < WIDTH) {
            add_tile(corner, &tile, least(HEIGHT, rows - i), width, n);
            continue;
        }
#pragma GCC unroll 8
        for (size_t r = 0; r < HEIGHT; r++)
#pragma GCC unroll 3
            for (size_t v = 0; v < VECTORS; v++)
                ((lanes *)(corner + r * n))[v] += tile.row[r][v];
    }
}

/*
 * A panel of B is packed just before it is used, always in the same place, which stays in the nearest cache so: a place
 * for each would cost few rows of A as many misses again. For each ROWS rows of A, B is packed anew.
 */
void run_vectorized(void *state) {
    struct product *product = state;
    size_t n = product->n;
    memset(product->c, 0, product->rows * n * sizeof *product->c);
    for (size_t k = 0; k < n; k += DEPTH) {
        size_t depth = least(DEPTH, n - k);
        for (size_t i = 0; i < product->rows; i += ROWS) {
            size_t rows = least(ROWS, product->rows - i);
            pack_a(product->packed_a, product->a + i * n + k, rows, depth, n);
            for (size_t j = 0; j < n; j += WIDTH) {
                size_t width = least(WIDTH, n - j);
                pack_b(product->packed_b, product->b + k * n + j, depth, width, n);
                multiply_panel(product->c + i * n + j, product->packed_a, product->packed_b, rows, depth,
                               width, n);
            }
        }
    }
}

int prepare_vectorized(const struct cs_env *env, void *state) {
    struct product *product = state;
    size_t depth = least(DEPTH, product->n), rows = least(ROWS, product->rows);
    product->packed_a = cs_array(env, "panels of A", round_up(rows, HEIGHT) * depth, double);
    product->packed_b = cs_array(env, "panel of B", WIDTH * depth, double);
    return 0;
}
