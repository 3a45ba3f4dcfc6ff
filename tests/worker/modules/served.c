/* A kernel whose variants ask servers, each one of another temper (tests/run/server.c). */
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define STATE_MORE int connection;
#include "squares.h"

enum { SERVE, LOST, NEVER, ROOTLESS };

static int connect_to(const struct cs_env *env, void *data, int service) {
    struct state *state = data;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!env->service[service])
        return cs_fail(env, ENOENT, "no socket");
    snprintf(address.sun_path, sizeof address.sun_path, "%s", env->service[service]);
    state->connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return state->connection >= 0 &&
                   connect(state->connection, (struct sockaddr *)&address, sizeof address) == 0
               ? 0
               : cs_fail(env, errno, "cannot connect to %s", address.sun_path);
}

static int prepare_served(const struct cs_env *env, void *state) {
    return connect_to(env, state, SERVE);
}

static int prepare_lost(const struct cs_env *env, void *state) {
    return connect_to(env, state, LOST);
}

static int prepare_rootless(const struct cs_env *env, void *state) {
    return connect_to(env, state, ROOTLESS);
}

static void release(void *data) {
    close(((struct state *)data)->connection);
}

/* The first number is asked for. */
static void run_served(void *data) {
    struct state *state = data;
    square(state);
    if (write(state->connection, &state->input[0], 4) != 4 ||
        read(state->connection, &state->answer[0], 4) != 4)
        state->answer[0] = 0;
}

static void tell_plan(void *data, char *text, size_t size) {
    (void)data;
    snprintf(text, size, "SEARCH squarer\n  USING SOCKET \033[31m\n");
}

static void tell_another_plan(void *data, char *text, size_t size) {
    (void)data;
    snprintf(text, size, "process %ld", (long)getpid());
}

static void run_hanging(void *state) {
    run_served(state);
    for (;;)
        pause();
}

#define ARGUMENTS(way) ((const char *const[]){"{socket}", way, NULL})

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "served",
    .summary = "variants that ask servers, for tests",
    SQUARES,
    .variants = {{.name = "square", .run = run_square, .evidence = tell_another_plan},
                 {.name = "served",
                  .run = run_served,
                  .prepare = prepare_served,
                  .release = release,
                  .evidence = tell_plan},
                 {.name = "lost", .run = run_served, .prepare = prepare_lost, .release = release},
                 {.name = "never", .run = run_square},
                 {.name = "rootless", .run = run_served, .prepare = prepare_rootless, .release = release},
                 {.name = "plain", .run = run_square},
                 {.name = "hanging", .run = run_hanging, .prepare = prepare_served, .release = release}},
    .services = {[SERVE] = {.name = "squarer",
                            .program = TEST_SERVER,
                            .arguments = ARGUMENTS("serve"),
                            .variants = 1u << 1 | 1u << 6},
                 [LOST] = {.name = "mortal",
                           .program = TEST_SERVER,
                           .arguments = ARGUMENTS("lost"),
                           .variants = 1u << 2},
                 [NEVER] = {.name = "late",
                            .program = TEST_SERVER,
                            .arguments = ARGUMENTS("never"),
                            .ready_s = 0.2,
                            .variants = 1u << 3},
                 [ROOTLESS] = {.name = "proud",
                               .program = TEST_SERVER,
                               .arguments = ARGUMENTS("rootless"),
                               .ready = "is listening",
                               .variants = 1u << 4,
                               .refuses_root = 1}},
};
