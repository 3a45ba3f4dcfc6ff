/* Spins: a counted number of multiplications, each of which waits for the one before. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    char *end = NULL;
    unsigned long long count = argc == 2 ? strtoull(argv[1], &end, 10) : 0;
    uint64_t product = 3;
    if (!count || *end) {
        fputs("usage: spin COUNT\n", stderr);
        return 2;
    }
    for (unsigned long long i = 0; i < count; i++) {
        product *= 0xda942042e4dd58b5u;
        __asm__ volatile("" : "+r"(product)); /* no closed form, no unrolling into independent chains */
    }
    return product == 0; /* odd times odd is never 0 */
}
