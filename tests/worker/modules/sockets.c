/* Sends and receives, which is neither read nor write: two system calls an item, or two for all of them, or
 * as many as the seed says. */
#include <countersign.h>

#include <sys/socket.h>
#include <unistd.h>

#define ITEMS 32

struct state {
    int ends[2];
    size_t alone; /* items, by the seed, that are not sent with the others */
    unsigned char sent[ITEMS], received[ITEMS];
};

static void pass_on(struct state *state, size_t first, size_t count) {
    if (send(state->ends[0], state->sent + first, count, 0) != (ssize_t)count ||
        recv(state->ends[1], state->received + first, count, MSG_WAITALL) != (ssize_t)count)
        state->received[first] = 0;
}

static void run_single(void *state) {
    for (size_t i = 0; i < ITEMS; i++)
        pass_on(state, i, 1);
}

static void run_batched(void *state) {
    pass_on(state, 0, ITEMS);
}

static void run_mixed(void *data) {
    struct state *state = data;
    for (size_t i = 0; i < state->alone; i++)
        pass_on(state, i, 1);
    pass_on(state, state->alone, ITEMS - state->alone);
}

static int setup(const struct cs_env *env, void *data) {
    struct state *state = data;
    for (size_t i = 0; i < ITEMS; i++)
        state->sent[i] = (unsigned char)(i + 1);
    state->alone = env->seed % ITEMS;
    return socketpair(AF_UNIX, SOCK_STREAM, 0, state->ends) ? cs_fail(env, errno, "no pair of sockets") : 0;
}

static int outputs(void *data, size_t variant, struct cs_output *outputs, size_t *count) {
    struct state *state = data;
    (void)variant;
    outputs[0] =
        (struct cs_output){.name = "received", .data = state->received, .count = ITEMS, .type = CS_U8};
    *count = 1;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    (void)state;
    work->items = ITEMS;
}

static void teardown(void *data) {
    struct state *state = data;
    close(state->ends[0]);
    close(state->ends[1]);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "sockets",
    .summary = "sends and receives, for tests",
    .item = "message",
    .variants = {{.name = "single", .run = run_single, .flags = CS_IO},
                 {.name = "batched", .run = run_batched, .flags = CS_IO},
                 {.name = "mixed", .run = run_mixed, .flags = CS_IO}},
    .state_size = sizeof(struct state),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .teardown = teardown,
};
