/* A kernel with a variant that runs an instruction Valgrind does not know; never run but under Valgrind. */
#include <countersign.h>

#include <stdlib.h>

struct state {
    uint32_t n, answer;
};

static void run_plain(void *data) {
    struct state *state = data;
    state->answer = state->n;
}

/* vpxord %zmm0,%zmm0,%zmm0 of AVX-512; rdvl x0, #1 of SVE. */
static void run_newer(void *data) {
#if defined(__x86_64__)
    __asm__ volatile(".byte 0x62, 0xf1, 0x7d, 0x48, 0xef, 0xc0" ::: "memory");
#elif defined(__aarch64__)
    __asm__ volatile(".inst 0x04bf5020" ::: "x0", "memory");
#endif
    run_plain(data);
}

static int setup(const struct cs_env *env, void *data) {
    struct state *state = data;
    state->n = (uint32_t)env->value[0];
    return 0;
}

static int outputs(void *data, size_t variant, struct cs_output *outputs, size_t *count) {
    (void)variant;
    outputs[0] = (struct cs_output){
        .name = "answer", .data = &((struct state *)data)->answer, .count = 1, .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    work->items = ((const struct state *)state)->n;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "unsimulated",
    .summary = "a variant that Valgrind cannot run, for tests",
    .item = "number",
    .parameters = {{.name = "n", .unit = "numbers", .min = 1, .max = 1024, .def = 64}},
    .variants = {{.name = "plain", .run = run_plain, .summary = "can be simulated"},
                 {.name = "newer", .run = run_newer, .summary = "needs a newer Valgrind"}},
    .state_size = sizeof(struct state),
    .setup = setup,
    .outputs = outputs,
    .work = work,
};
