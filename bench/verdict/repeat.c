/* One variant of the kernel, run many times: a command for hyperfine, which times whole processes. */
#include "chain.h"

#include <countersign.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    char *end = NULL;
    unsigned long long count = argc == 3 ? strtoull(argv[2], &end, 10) : 0;
    if (!count || *end) {
        fputs("usage: repeat VARIANT COUNT\n", stderr);
        return 2;
    }
    const struct cs_variant *variant = cs_kernel.variants;
    while (variant->name && strcmp(variant->name, argv[1]) != 0)
        variant++;
    if (!variant->name) {
        fprintf(stderr, "repeat: no variant '%s'\n", argv[1]);
        return 2;
    }
    struct chain chain = {.start = count};
    for (unsigned long long i = 0; i < count; i++)
        variant->run(&chain);
    if (chain.product != chain.start) {
        fputs("repeat: wrong answer\n", stderr);
        return 1;
    }
    return 0;
}
