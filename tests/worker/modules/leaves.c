/* A module that leaves a daemon behind when it is loaded. */
#include <countersign.h>

#include <signal.h>
#include <unistd.h>

__attribute__((constructor)) static void leave(void) {
    if (fork() != 0)
        return;
    setsid();
    signal(SIGHUP, SIG_IGN);
    for (;;)
        pause();
}

static int setup(const struct cs_env *env, void **state) {
    (void)env;
    *state = NULL;
    return 0;
}

static void run(void *state) {
    (void)state;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    (void)state, (void)variant, (void)outputs;
    *count = 0;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    (void)state;
    work->items = 1;
}

static void teardown(void *state) {
    (void)state;
}

const struct cs_kernel cs_kernel = {CS_KERNEL_HEADER,
                                    .name = "leaves",
                                    .summary = "leaves a process, for tests",
                                    .item = "nothing",
                                    .variants = {{.name = "one", .run = run}, {.name = "other", .run = run}},
                                    .setup = setup,
                                    .outputs = outputs,
                                    .work = work,
                                    .teardown = teardown};
