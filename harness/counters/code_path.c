#include "counters/code_path.h"

#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST_SAMPLES 20
/* Runs differ a little: where data lies, which branch a rare case takes. */
#define OTHER_PATH 0.2
#define MUCH_STRING 0.1

#define ADDRESS_BITS 43
#define OBJECT_SHIFT 44

uint64_t code_path_key(const char *object, uint64_t address) {
    const char *name = strrchr(object, '/');
    name = name ? name + 1 : object;
    uint64_t hash = hash_bytes(HASH_START, name, strlen(name));
    hash ^= hash >> 32;
    return ((hash | 1) << OBJECT_SHIFT) | (address & (((uint64_t)1 << ADDRESS_BITS) - 1));
}

static int compare_keys(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t *sort_addresses(const struct callgrind_profile *profile) {
    uint64_t *keys = malloc((profile->address_count + 1) * sizeof *keys);
    for (size_t i = 0; keys && i < profile->address_count; i++)
        keys[i] = code_path_key(profile->addresses[i].object, profile->addresses[i].address);
    if (keys)
        qsort(keys, profile->address_count, sizeof *keys, compare_keys);
    return keys;
}

int code_path_judge(const struct callgrind_profile *simulated, const uint64_t *samples, size_t count,
                    enum code_path *path, double *share) {
    size_t others = 0, strings = 0;
    *share = 0;
    *path = CODE_PATH_SAME;
    if (count < FEWEST_SAMPLES || simulated->address_count == 0)
        return 0;
    uint64_t *keys = sort_addresses(simulated);
    if (!keys)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        uint64_t key = samples[i] & ~CODE_PATH_STRING;
        strings += (samples[i] & CODE_PATH_STRING) != 0;
        others += !bsearch(&key, keys, simulated->address_count, sizeof *keys, compare_keys);
    }
    free(keys);
    double other = (double)others / (double)count, string = (double)strings / (double)count;
    *path = other >= OTHER_PATH     ? CODE_PATH_OTHER
            : string >= MUCH_STRING ? CODE_PATH_STRINGS
                                    : CODE_PATH_SAME;
    *share = *path == CODE_PATH_OTHER ? other : *path == CODE_PATH_STRINGS ? string : 0;
    return 0;
}
