#include "matrix-product.h"

#include <stdbool.h>
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

/* A tile that is a vector wide. */
struct column {
    lanes row[HEIGHT];
};

/* Rows of C, and what is multiplied for them: panels of A, and one of B, whose rows are `stride` elements apart. */
struct part {
    double *c;
    const double *a, *b;
    size_t rows, depth, width;
    size_t stride;
    size_t n;   /* elements from a row of C to the next */
    bool first; /* of what is added up in C, which holds nothing yet */
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
static inline struct tile multiply_panels(const double *a, const double *b, size_t stride, size_t depth) {
    struct tile tile = {0};
    for (size_t k = 0; k < depth; k++, a += HEIGHT, b += stride)
#pragma GCC unroll 8
        for (size_t r = 0; r < HEIGHT; r++)
#pragma GCC unroll 3
            for (size_t v = 0; v < VECTORS; v++)
                tile.row[r][v] += a[r] * ((const lanes *)b)[v];
    return tile;
}

/* The last panel of B may be so narrow that all vectors but one would be multiplied for nothing. */
static inline struct column multiply_narrow(const double *a, const double *b, size_t stride, size_t depth) {
    struct column column = {0};
    for (size_t k = 0; k < depth; k++, a += HEIGHT, b += stride)
#pragma GCC unroll 8
        for (size_t r = 0; r < HEIGHT; r++)
            column.row[r] += a[r] * *(const lanes *)b;
    return column;
}

static void add_vector(lanes *c, const lanes *sums, bool first) {
    if (first)
        *c = *sums;
    else
        *c += *sums;
}

/* What of a tile is in C; `tile` has `vectors` a row. */
static void add_tile(const struct part *part, double *c, const lanes *tile, size_t vectors, size_t height) {
    for (size_t r = 0; r < height; r++, c += part->n, tile += vectors) {
        size_t j = 0;
        for (; j + LANES <= part->width; j += LANES)
            add_vector((lanes *)(c + j), &tile[j / LANES], part->first);
        for (; j < part->width; j++)
            c[j] = (part->first ? 0 : c[j]) + tile[j / LANES][j % LANES];
    }
}

/* Rows of C are apart, too: they come while the products are made. */
static void prefetch_tile(const double *c, size_t height, size_t n) {
    for (size_t r = 0; r < height; r++)
        for (size_t j = 0; j < WIDTH; j += LINE)
            __builtin_prefetch(c + r * n + j, 1);
}

/* All panels of A by the one of B; a call, so that the loops around it take none of its registers. */
__attribute__((noinline)) static void multiply_panel(const struct part *part) {
    size_t n = part->n, depth = part->depth, stride = part->stride;
    bool first = part->first;
    for (size_t i = 0; i < part->rows; i += HEIGHT) {
        double *corner = part->c + i * n;
        const double *a = part->a + i * depth;
        size_t height = least(HEIGHT, part->rows - i);
        prefetch_tile(corner, height, n);
        if (part->width <= LANES) {
            struct column column = multiply_narrow(a, part->b, stride, depth);
            add_tile(part, corner, column.row, 1, height);
            continue;
        }
        struct tile tile = multiply_panels(a, part->b, stride, depth);
        if (height < HEIGHT || part->width < WIDTH) {
            add_tile(part, corner, tile.row[0], VECTORS, height);
            continue;
        }
#pragma GCC unroll 8
        for (size_t r = 0; r < HEIGHT; r++)
#pragma GCC unroll 3
            for (size_t v = 0; v < VECTORS; v++)
                add_vector((lanes *)(corner + r * n) + v, &tile.row[r][v], first);
    }
}

/* Whole vectors of a small B are read where they are: all of it stays in a second-level cache, and on few pages. */
static bool needs_copy(size_t width, size_t n) {
    return n > DEPTH || (width != LANES && width != WIDTH);
}

/*
 * A panel of B is packed just before it is used, always in the same place, which stays in the nearest cache so: a place
 * for each would cost few rows of A as many misses again. For each ROWS rows of A, B is packed anew.
 */
static void multiply_by_panels(struct part part, const double *b, double *packed) {
    for (size_t j = 0; j < part.n; j += WIDTH, b += WIDTH, part.c += WIDTH) {
        part.width = least(WIDTH, part.n - j);
        part.b = b;
        part.stride = part.n;
        if (needs_copy(part.width, part.n)) {
            pack_b(packed, b, part.depth, part.width, part.n);
            part.b = packed;
            part.stride = WIDTH;
        }
        multiply_panel(&part);
    }
}

void run_vectorized(void *state) {
    struct product *product = state;
    size_t n = product->n;
    for (size_t k = 0; k < n; k += DEPTH)
        for (size_t i = 0; i < product->rows; i += ROWS) {
            struct part part = {.c = product->c + i * n,
                                .a = product->packed_a,
                                .rows = least(ROWS, product->rows - i),
                                .depth = least(DEPTH, n - k),
                                .n = n,
                                .first = k == 0};
            pack_a(product->packed_a, product->a + i * n + k, part.rows, part.depth, n);
            multiply_by_panels(part, product->b + k * n, product->packed_b);
        }
}

int prepare_vectorized(const struct cs_env *env, void *state) {
    struct product *product = state;
    size_t depth = least(DEPTH, product->n), rows = least(ROWS, product->rows);
    product->packed_a = cs_array(env, "panels of A", round_up(rows, HEIGHT) * depth, double);
    product->packed_b = cs_array(env, "panel of B", WIDTH * depth, double);
    return 0;
}
