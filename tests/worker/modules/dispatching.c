/*
 * A kernel whose variants are simulated otherwise than they run. What asks the CPU takes another path under
 * Valgrind on some CPUs alone; so that it does on all, this one asks whether Valgrind is there.
 */
#include "squares.h"

#include <stdbool.h>
#include <string.h>

#define FILL 65536

static bool asked, under_valgrind;
static unsigned char fill[FILL];

static void ask(void) {
    const char *preload = getenv("LD_PRELOAD");
    under_valgrind = preload && strstr(preload, "vgpreload");
    asked = true;
}

static void __attribute__((noinline)) square_one_way(struct state *state) {
    square(state);
}

static void __attribute__((noinline)) square_another_way(struct state *state) {
    for (int i = ITEMS - 1; i >= 0; i--)
        state->answer[i] = state->input[i] * state->input[i];
    __asm__ volatile("" ::: "memory");
}

static void run_asking(void *state) {
    if (!asked)
        ask();
    if (under_valgrind)
        square_one_way(state);
    else
        square_another_way(state);
}

/* Fills 64 KiB by one instruction, where there is such a one. */
static void run_string(void *state) {
    square(state);
#if defined(__x86_64__)
    void *to = fill;
    size_t count = FILL;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(1) : "memory");
#else
    __asm__ volatile("" : : "r"(fill) : "memory");
#endif
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "dispatching",
    .summary = "variants that are simulated otherwise than they run, for tests",
    .variants = {{.name = "square", .run = run_square, .summary = "the same everywhere"},
                 {.name = "asking", .run = run_asking, .summary = "another loop under Valgrind"},
                 {.name = "string", .run = run_string, .summary = "an instruction that stands for many"}},
    SQUARES,
};
