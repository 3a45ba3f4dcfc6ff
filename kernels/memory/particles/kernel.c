/*
 * Advance some fields of many particles: the same additions over three memory layouts.
 *
 * Initial values and steps are whole multiples of 2^-20 below 4, so that every sum is exact in a float and
 * the check can work with integers. Further runs add further steps; the values grow, so they never become
 * subnormal.
 */
#include "particles.h"

enum { VARIANT_AOS, VARIANT_SOA, VARIANT_AOSOA, VARIANT_GATHERED };
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

/* Those of a variant that has structs, else NULL. */
static struct particle *structs_of(const struct particles *p, size_t variant) {
    return variant == VARIANT_AOS ? p->structs[0] : variant == VARIANT_GATHERED ? p->structs[1] : NULL;
}

/* The field of a particle in a layout. */
static float *find_field(const struct particles *p, size_t variant, size_t particle, unsigned field) {
    if (structs_of(p, variant))
        return &structs_of(p, variant)[particle].field[field];
    if (variant == VARIANT_SOA)
        return &p->arrays[field][particle];
    return &p->blocks[particle / PARTICLE_BLOCK].field[field][particle % PARTICLE_BLOCK];
}

static int is_prepared(const struct particles *p, size_t variant) {
    return variant == VARIANT_SOA     ? p->arrays[0] != NULL
           : variant == VARIANT_AOSOA ? p->blocks != NULL
                                      : structs_of(p, variant) != NULL;
}

/* What pads the last block stays 0, as it was made, plus steps: it neither becomes slow nor traps. */
static void fill_fields(struct particles *p, size_t variant, unsigned fields) {
    for (size_t i = 0; i < p->n; i++)
        for (unsigned j = 0; j < fields; j++)
            *find_field(p, variant, i, j) = (float)initial_units(p->seed, i, j) * UNIT;
}

static int setup(const struct cs_env *env, void *state) {
    struct particles *p = state;
    struct cs_random random = cs_random_seed(env->seed);
    p->n = cs_size(env, "n");
    p->fields = (unsigned)cs_value(env, "fields");
    p->seed = cs_random_u64(&random);
    for (unsigned j = 0; j < PARTICLE_FIELDS; j++)
        p->step[j] = (float)(1 + cs_random_below(&random, 1u << 20)) * UNIT;
    if (cs_value(env, "order")) {
        uint32_t *order = cs_array(env, "order", p->n, uint32_t);
        cs_random_order(&random, order, p->n);
        p->order = order;
    }
    double additions = (double)p->n * p->fields;
    cs_work(env, p->n, additions * 2 * sizeof(float));
    cs_flops(env, additions);
    return 0;
}

static int prepare_structs(const struct cs_env *env, struct particles *p, size_t variant) {
    p->structs[variant == VARIANT_GATHERED] = cs_array(env, "structs", p->n, struct particle);
    fill_fields(p, variant, PARTICLE_FIELDS);
    return 0;
}

static int prepare_aos(const struct cs_env *env, void *state) {
    return prepare_structs(env, state, VARIANT_AOS);
}

static int prepare_gathered(const struct cs_env *env, void *state) {
    return prepare_structs(env, state, VARIANT_GATHERED);
}

static int prepare_soa(const struct cs_env *env, void *state) {
    struct particles *p = state;
    size_t floats = ((p->n + 15) & ~(size_t)15) + ARRAY_PADDING;
    float *memory = cs_array(env, "arrays", PARTICLE_FIELDS * floats, float);
    for (unsigned j = 0; j < PARTICLE_FIELDS; j++)
        p->arrays[j] = memory + j * floats;
    fill_fields(p, VARIANT_SOA, PARTICLE_FIELDS);
    return 0;
}

static int prepare_aosoa(const struct cs_env *env, void *state) {
    struct particles *p = state;
    p->blocks = cs_array(env, "blocks", (p->n + PARTICLE_BLOCK - 1) / PARTICLE_BLOCK, struct particle_block);
    fill_fields(p, VARIANT_AOSOA, PARTICLE_FIELDS);
    return 0;
}

static void reset(void *state) {
    struct particles *p = state;
    for (size_t variant = VARIANT_AOS; variant <= VARIANT_GATHERED; variant++)
        if (is_prepared(p, variant))
            fill_fields(p, variant, p->fields);
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct particles *p = state;
    for (unsigned j = 0; j < p->fields; j++) {
        outputs[j] = (struct cs_output){.name = field_names[j], .count = p->n, .type = CS_F32};
        outputs[j].data = find_field(p, variant, 0, j);
        if (structs_of(p, variant))
            outputs[j].stride = sizeof(struct particle);
        if (variant == VARIANT_AOSOA) {
            outputs[j].block = PARTICLE_BLOCK;
            outputs[j].block_stride = sizeof *p->blocks;
        }
    }
    *count = p->fields;
    return 0;
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
            double got = (double)*find_field(p, variant, i, j);
            if (got != expected) {
                return cs_wrong(mismatch, field_names[j], i, "%.9g", got, expected);
            }
        }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("particles", "particle", "advance some of the sixteen fields of n particles"),
    .parameters = {CS_NUMBER("n", "particles", 1024, 8388608, 262144, "particles"),
                   CS_NUMBER("fields", "fields", 1, PARTICLE_FIELDS, 1,
                             "fields that are advanced, of sixteen floats"),
                   CS_CHOICE("order", 0, "the order in which particles are taken", "sequential", "shuffled")},
    .variants = {CS_VARIANT("aos", run_aos, "array of 64-byte structs", .prepare = prepare_aos),
                 CS_VARIANT("soa", run_soa, "an array a field", .prepare = prepare_soa),
                 CS_VARIANT("aosoa", run_aosoa, "blocks of sixteen particles, an array a field in each",
                            .prepare = prepare_aosoa),
                 CS_VARIANT("gathered", run_gathered,
                            "as aos, and the compiler may vectorize across particles",
                            .prepare = prepare_gathered)},
    CS_STATE(struct particles, setup),
    .reset = reset,
    .outputs = outputs,
    .check = check,
};
