/*
 * Times two functions of one ordinary executable in turn: alternate SEED ROUNDS CALLS. Prints the answers'
 * digests, then a line for each round with the nanoseconds of `first` and of `second`. Random order in each
 * round. The inputs are as a duel's: drawn from the seed, an array of LENGTH elements for each of the CALLS
 * of a sample, the same in all samples. ELEMENT, RESULT and LENGTH are given by the compiler's command.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ARRAYS 64

typedef RESULT function(const ELEMENT *p, size_t n);
function first, second;

static uint64_t state;

static uint64_t draw(void) { /* splitmix64, Steele, Lea and Flood 2014 */
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static ELEMENT element(void) {
    if (sizeof(ELEMENT) == 1)
        return (ELEMENT)(' ' + draw() % ('~' - ' ' + 1));
    return (ELEMENT)0.5 ? (ELEMENT)((double)(draw() >> 11) * 0x1p-53) : (ELEMENT)draw();
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static ELEMENT *arrays;
static RESULT results[ARRAYS];

static double sample(function *run, size_t calls) {
    double begin = now();
    for (size_t i = 0; i < calls; i++)
        results[i % ARRAYS] = run(arrays + i % ARRAYS * LENGTH, LENGTH);
    return now() - begin;
}

static uint64_t digest(function *run) {
    uint64_t hash = 0;
    memset(results, 0xa5, sizeof results);
    sample(run, ARRAYS);
    for (size_t i = 0; i < sizeof results; i++)
        hash = hash * 31 + ((unsigned char *)results)[i];
    return hash;
}

int main(int count, char **words) {
    if (count != 4)
        return 2;
    state = strtoull(words[1], NULL, 10);
    size_t rounds = strtoull(words[2], NULL, 10), calls = strtoull(words[3], NULL, 10);
    arrays = malloc(ARRAYS * LENGTH * sizeof *arrays);
    double *times = malloc(rounds * 2 * sizeof *times);
    if (!arrays || !times)
        return 1;
    for (size_t i = 0; i < ARRAYS * (size_t)LENGTH; i++)
        arrays[i] = element();
    function *const functions[] = {first, second};
    uint64_t digests[2];
    int leading = (int)(draw() & 1);
    digests[leading] = digest(functions[leading]);
    digests[!leading] = digest(functions[!leading]);
    for (size_t round = 0; round < rounds; round++) {
        leading = (int)(draw() & 1);
        sample(functions[leading], 1);
        times[2 * round + (size_t)leading] = sample(functions[leading], calls);
        sample(functions[!leading], 1);
        times[2 * round + (size_t)!leading] = sample(functions[!leading], calls);
    }
    printf("%llx %llx\n", (unsigned long long)digests[0], (unsigned long long)digests[1]);
    for (size_t round = 0; round < rounds; round++)
        printf("%.0f %.0f\n", times[2 * round], times[2 * round + 1]);
    return 0;
}
