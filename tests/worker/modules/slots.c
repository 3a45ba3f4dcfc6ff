/* Requests to a server of some places (tests/run/server.c): what it can serve is known, and one client gets less than that. */
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define STATE_MORE                                                                                           \
    int connections[2], error;                                                                               \
    unsigned client;                                                                                         \
    uint64_t runs;
#include "squares.h"

enum { SLOTS, STALLING };
#define LATE_RUNS 20 /* after which a further client dies */

static int open_connection(const struct cs_env *env, struct state *state, int service) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", env->service[service]);
    state->connections[service] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(state->connections[service], (struct sockaddr *)&address, sizeof address) == 0
               ? 0
               : cs_fail(env, errno, "cannot connect to %s", address.sun_path);
}

static int prepare_slots(const struct cs_env *env, void *state) {
    return open_connection(env, state, SLOTS);
}

static int prepare_stalling(const struct cs_env *env, void *state) {
    return open_connection(env, state, STALLING);
}

static int prepare_unready(const struct cs_env *env, void *state) {
    (void)state;
    return env->client ? cs_fail(env, EMFILE, "one client is enough") : 0;
}

static void ask(struct state *state, int service) {
    square(state);
    if (write(state->connections[service], &state->input[0], 4) != 4 ||
        read(state->connections[service], &state->answer[0], 4) != 4)
        state->error = -EIO;
}

static void run_slots(void *state) {
    ask(state, SLOTS);
}

static void run_stalling(void *state) {
    ask(state, STALLING);
}

static void run_mortal(void *data) {
    struct state *state = data;
    square(state);
    usleep(100);
    if (state->client && ++state->runs == LATE_RUNS)
        raise(SIGKILL);
}

/* A further client alone is refused each third of its requests, which are few where other work keeps it from running. Not where
 * it is verified, which poisons answers before: that it is refused then is another failure. */
static void run_refused(void *data) {
    struct state *state = data;
    int timed = state->answer[0] == state->input[0] * state->input[0];
    square(state);
    usleep(100);
    if (state->client && timed && ++state->runs % 3 == 0)
        state->error = -EIO;
}

/* A further client alone is wrong. */
static void run_wrong(void *data) {
    struct state *state = data;
    square(state);
    usleep(100);
    state->answer[0] += state->client;
}

static int setup_slots(const struct cs_env *env, void *data) {
    struct state *state = data;
    state->client = env->client;
    cs_output(env, "answer", state->answer, ITEMS);
    cs_run_error(env, &state->error);
    return setup(env, data);
}

#define SERVER(number, way)                                                                                  \
    [number] = {                                                                                             \
        .name = way, .program = TEST_SERVER, .arguments = (const char *const[]){"{socket}", way, NULL}}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "slots",
    .summary = "asks a server of known capacity, for tests",
    .item = "number",
    .parameters = {{.name = "after", .unit = "runs", .max = 1000000000}},
    .state_size = sizeof(struct state),
    .setup = setup_slots,
    .work = work,
    .variants = {{.name = "slots", .run = run_slots, .prepare = prepare_slots},
                 {.name = "stalling", .run = run_stalling, .prepare = prepare_stalling},
                 {.name = "unready", .run = run_square, .prepare = prepare_unready},
                 {.name = "mortal", .run = run_mortal},
                 {.name = "refused", .run = run_refused},
                 {.name = "wrong", .run = run_wrong},
                 {.name = "square", .run = run_square}},
    .services = {SERVER(SLOTS, "slots"), SERVER(STALLING, "stalling")},
};
