/* A kernel whose variants set something of the process by a call, or leave something in the system. */
#include "squares.h"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <unistd.h>

static void run_slack(void *state) {
    if (!is_good(state))
        prctl(PR_SET_TIMERSLACK, 1000000, 0, 0, 0);
}

static void run_pages(void *state) {
    if (!is_good(state))
        prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

static void run_malloc(void *state) {
    if (!is_good(state))
        mallopt(M_ARENA_MAX, 1);
}

static void run_lock(void *state) {
    if (!is_good(state))
        mlockall(MCL_CURRENT);
}

static void run_personality(void *state) {
    if (!is_good(state))
        personality(ADDR_NO_RANDOMIZE);
}

static void run_user(void *state) {
    if (!is_good(state) && setresuid((uid_t)-1, 65534, (uid_t)-1) != 0)
        abort();
}

static void run_clock(void *state) {
#ifdef PR_SET_TSC
    if (!is_good(state))
        prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
#else
    is_good(state);
#endif
}

static void run_shared(void *state) {
    if (is_good(state))
        return;
    int fd = open("/dev/shm/countersign-test-left", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

static int prepare_bound(const struct cs_env *env, void *state) {
    (void)state;
    if (!env->cpus)
        return cs_fail(env, EINVAL, "no CPUs are told");
    int here = sched_getcpu();
    return here == (int)env->cpus[0]
               ? 0
               : cs_fail(env, EINVAL, "CPU %u is told, and %d it is", env->cpus[0], here);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "settings",
    .summary = "variants that set something of the process, for tests",
    SQUARES,
    .variants = {{.name = "square", .run = run_square},
                 {.name = "slack", .run = run_slack},
                 {.name = "pages", .run = run_pages},
                 {.name = "malloc", .run = run_malloc},
                 {.name = "lock", .run = run_lock},
                 {.name = "personality", .run = run_personality},
                 {.name = "user", .run = run_user},
                 {.name = "clock", .run = run_clock},
                 {.name = "shared", .run = run_shared},
                 {.name = "bound", .prepare = prepare_bound, .run = run_square}},
};
