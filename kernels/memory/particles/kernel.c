/*
 * Advance some fields of many particles: the same additions over three memory layouts.
 *
 * Initial values and steps are whole multiples of 2^-20 below 4, so that every sum is exact in a float and
 * the check can work with integers. Further runs add further steps; the values grow, so they never become
 * subnormal.
 */
#include "particles.h"

#include <countersign.h>

#include <stdlib.h>

enum { PARAMETER_N, PARAMETER_FIELDS, PARAMETER_ORDER };
enum { VARIANT_AOS, VARIANT_SOA, VARIANT_AOSOA, VARIANT_GATHERED };
static const char *const order_names[] = {"sequential", "shuffled", NULL};
static const char *const field_names[PARTICLE_FIELDS] = {
    "field[0]", "field[1]", "field[2]",  "field[3]",  "field[4]",  "field[5]",  "field[6]",  "field[7]",
    "field[8]", "field[9]", "field[10]", "field[11]", "field[12]", "field[13]", "field[14]", "field[15]"};

#define UNIT 0x1p-20f /* values are multiples of it */

/*
 * Floats between the ends of two fields' arrays. With a power of two as n, unpadded arrays would start a
 * multiple of 4 KiB apart and compete for one set of the first-level cache: a fault of the addresses, not of
 * the layout.
 */
#define ARRAY_PADDING 80

/* Initial value in units: 20 bits of a mix of seed, particle and field, cheap enough for a hundred million of
 * them. */
static uint32_t initial_units(uint64_t seed, size_t particle, unsigned field) {
    uint64_t x = seed + ((uint64_t)particle * PARTICLE_FIELDS + field) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    return (uint32_t)(x >> 44);
}

static size_t count_blocks(size_t n) {
    return (n + PARTICLE_BLOCK - 1) / PARTICLE_BLOCK;
}

static int has_structs(size_t variant) {
    return variant == VARIANT_AOS || variant == VARIANT_GATHERED;
}

/* Where a layout holds a field of a particle; for check, which must not share the variants' loops. */
static float read_field(const struct particles *p, size_t variant, size_t particle, unsigned field) {
    if (has_structs(variant))
        return p->structs[particle].field[field];
    if (variant == VARIANT_SOA)
        return p->arrays[field][particle];
    return p->blocks[particle / PARTICLE_BLOCK].field[field][particle % PARTICLE_BLOCK];
}

static void fill_fields(struct particles *p, unsigned fields) {
    for (size_t i = 0; i < p->n; i++)
        for (unsigned j = 0; j < fields; j++) {
            float value = (float)initial_units(p->seed, i, j) * UNIT;
            p->structs[i].field[j] = value;
            p->arrays[j][i] = value;
            p->blocks[i / PARTICLE_BLOCK].field[j][i % PARTICLE_BLOCK] = value;
        }
    /* What pads the last block is summed too; it must not become slow or trap. */
    for (size_t i = p->n; i < count_blocks(p->n) * PARTICLE_BLOCK; i++)
        for (unsigned j = 0; j < fields; j++)
            p->blocks[i / PARTICLE_BLOCK].field[j][i % PARTICLE_BLOCK] = 0;
}

static void teardown(void *state) {
    struct particles *p = state;
    free(p->structs);
    free(p->blocks);
    free(p->array_memory);
    free(p->order_memory);
    free(p);
}

static int allocate(struct particles *p, int shuffled) {
    size_t array_floats = ((p->n + 15) & ~(size_t)15) + ARRAY_PADDING;
    p->structs = aligned_alloc(64, p->n * sizeof *p->structs);
    p->blocks = aligned_alloc(64, count_blocks(p->n) * sizeof *p->blocks);
    p->array_memory = aligned_alloc(64, PARTICLE_FIELDS * array_floats * sizeof(float));
    p->order_memory = shuffled ? malloc(p->n * sizeof *p->order_memory) : NULL;
    if (!p->structs || !p->blocks || !p->array_memory || (shuffled && !p->order_memory))
        return -ENOMEM;
    for (unsigned j = 0; j < PARTICLE_FIELDS; j++)
        p->arrays[j] = p->array_memory + j * array_floats;
    return 0;
}

static int setup(const struct cs_env *env, void **state) {
    struct particles *p = calloc(1, sizeof *p);
    if (!p)
        return cs_fail(env, ENOMEM, "no memory for the state");
    struct cs_random random = cs_random_seed(env->seed);
    p->n = (size_t)env->value[PARAMETER_N];
    p->fields = (unsigned)env->value[PARAMETER_FIELDS];
    p->seed = cs_random_u64(&random);
    for (unsigned j = 0; j < PARTICLE_FIELDS; j++)
        p->step[j] = (float)(1 + cs_random_below(&random, 1u << 20)) * UNIT;

    if (allocate(p, env->value[PARAMETER_ORDER] != 0) != 0) {
        teardown(p);
        return cs_fail(env, ENOMEM, "no memory for %lld particles", (long long)env->value[PARAMETER_N]);
    }
    if (p->order_memory) {
        for (size_t i = 0; i < p->n; i++)
            p->order_memory[i] = (uint32_t)i;
        cs_random_shuffle(&random, p->order_memory, p->n);
        p->order = p->order_memory;
    }
    fill_fields(p, PARTICLE_FIELDS);
    *state = p;
    return 0;
}

static void reset(void *state) {
    struct particles *p = state;
    fill_fields(p, p->fields);
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct particles *p = state;
    for (unsigned j = 0; j < p->fields; j++) {
        outputs[j] = (struct cs_output){.name = field_names[j], .count = p->n, .type = CS_F32};
        if (has_structs(variant)) {
            outputs[j].data = &p->structs[0].field[j];
            outputs[j].stride = sizeof *p->structs;
        } else if (variant == VARIANT_SOA) {
            outputs[j].data = p->arrays[j];
        } else {
            outputs[j].data = p->blocks[0].field[j];
            outputs[j].block = PARTICLE_BLOCK;
            outputs[j].block_stride = sizeof *p->blocks;
        }
    }
    *count = p->fields;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct particles *p = state;
    double additions = (double)p->n * p->fields;
    /* Each used field is read and written. */
    *work =
        (struct cs_work){.items = (double)p->n, .bytes = additions * 2 * sizeof(float), .flops = additions};
}

/* Integer sums, and the fields that are not used must be as they were. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct particles *p = state;
    uint32_t step[PARTICLE_FIELDS] = {0};
    for (unsigned j = 0; j < p->fields; j++)
        step[j] = (uint32_t)(p->step[j] / UNIT);
    for (size_t i = 0; i < p->n; i++)
        for (unsigned j = 0; j < PARTICLE_FIELDS; j++) {
            double expected = (double)(initial_units(p->seed, i, j) + step[j]) / 1048576;
            double got = (double)read_field(p, variant, i, j);
            if (got != expected) {
                *mismatch = (struct cs_mismatch){.output = field_names[j], .index = i};
                snprintf(mismatch->got, sizeof mismatch->got, "%.9g", got);
                snprintf(mismatch->expected, sizeof mismatch->expected, "%.9g", expected);
                return 1;
            }
        }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "particles",
    .summary = "advance some of the sixteen fields of n particles",
    .item = "particle",
    .parameters =
        {
            {.name = "n",
             .unit = "particles",
             .min = 1024,
             .max = 8388608,
             .def = 262144,
             .summary = "particles"},
            {.name = "fields",
             .unit = "fields",
             .min = 1,
             .max = PARTICLE_FIELDS,
             .def = 1,
             .summary = "fields that are advanced, of sixteen floats"},
            {.name = "order", .choices = order_names, .summary = "the order in which particles are taken"},
        },
    .variants =
        {
            {.name = "aos", .run = run_aos, .summary = "array of 64-byte structs"},
            {.name = "soa", .run = run_soa, .summary = "an array a field"},
            {.name = "aosoa",
             .run = run_aosoa,
             .summary = "blocks of sixteen particles, an array a field in each"},
            {.name = "gathered",
             .run = run_gathered,
             .summary = "as aos, and the compiler may vectorize across particles"},
        },
    .setup = setup,
    .reset = reset,
    .outputs = outputs,
    .work = work,
    .check = check,
    .teardown = teardown,
};
