/* Variants that write over what the supervisor reads, know a verified run, or reach for the supervisor. */
#include "squares.h"

#include "worker/worker.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define MIXES 40 /* rounds of a hash, so that computing an answer takes long beside looking at it */

static uint32_t mix(uint32_t value) {
    for (int i = 0; i < MIXES; i++)
        value = (value ^ value >> 15) * 0x2c1b3c6du + 1;
    return value;
}

static void mix_from(struct state *state, int first) {
    for (int i = first; i < ITEMS; i++)
        state->answer[i] = mix(state->input[i]);
    __asm__ volatile("" ::: "memory");
}

static void run_mix(void *state) {
    mix_from(state, 0);
}

/* The last eighth alone, where two elements of the last answer are still there. */
static void run_glance(void *data) {
    static uint32_t first, second;
    struct state *state = data;
    bool there = first && state->answer[3] == first && state->answer[100] == second;
    mix_from(data, there ? ITEMS * 7 / 8 : 0);
    first = state->answer[3];
    second = state->answer[100];
}

/* Nothing, where the whole of the last answer is still there. */
static void run_recall(void *data) {
    static uint32_t last[ITEMS];
    struct state *state = data;
    if (!memcmp(last, state->answer, sizeof last))
        return;
    mix_from(data, 0);
    memcpy(last, state->answer, sizeof last);
}

static struct worker_answer *find_answer(void) {
    static struct worker_answer *answer;
    FILE *maps = answer ? NULL : fopen("/proc/self/maps", "re");
    char line[600];
    unsigned long start;
    while (maps && fgets(line, sizeof line, maps))
        if (strstr(line, "countersign-page") && sscanf(line, "%lx", &start) == 1)
            answer = (struct worker_answer *)start;
    if (maps)
        fclose(maps);
    return answer;
}

/* Nothing, where the supervisor is told of timed runs. */
static void run_peek(void *state) {
    if (atomic_load(&find_answer()->status.phase) != PHASE_TIME)
        mix_from(state, 0);
}

/* A whole report, with samples that nobody took. */
static void run_forge(void *state) {
    enum { ROUNDS = 64, MAX_ROUNDS = 4000 };
    struct worker_answer *answer = find_answer();
    mix_from(state, 0);
    answer->report.rounds = ROUNDS;
    answer->report.work.items = ITEMS;
    answer->report.thread_count = 1;
    for (int arm = 0; arm < 4; arm++) {
        answer->report.arms[arm].runs = 100;
        for (int round = 0; round < ROUNDS; round++)
            answer->ticks[arm * MAX_ROUNDS + round] = (arm == 1 ? 10000 : 100000) + (uint64_t)round * 7 % 5;
    }
    answer->end = answer->status.seal;
    atomic_store(&answer->status.phase, PHASE_DONE);
    _exit(0);
}

static void run_blame(void *state) {
    mix_from(state, 0);
    atomic_store(&find_answer()->status.arm, 0);
    *(volatile int *)NULL = 1;
}

static void run_nowhere(void *state) {
    mix_from(state, 0);
    atomic_store(&find_answer()->status.phase, 0xffffffffu);
    atomic_store(&find_answer()->status.arm, 0x7fffffff);
    _exit(3);
}

static void run_beat(void *state) {
    mix_from(state, 0);
    for (;;) {
        atomic_fetch_add(&find_answer()->status.heartbeat, 1);
        usleep(10000);
    }
}

static void run_parent(void *state) {
    struct rlimit limits;
    mix_from(state, 0);
    if (prlimit(getppid(), RLIMIT_NOFILE, NULL, &limits) == 0 && limits.rlim_cur > 200) {
        limits.rlim_cur = 200;
        prlimit(getppid(), RLIMIT_NOFILE, &limits, NULL);
    }
}

/* A wrong answer where this session is another's, which may have a terminal. */
static void run_session(void *data) {
    struct state *state = data;
    mix_from(data, 0);
    state->answer[0] += getsid(0) == getpid() ? 0 : 1;
}

const struct cs_kernel cs_kernel = {CS_KERNEL_HEADER, .name = "forger",
                                    .summary = "variants that are not to be believed, for tests",
                                    .variants = {{.name = "mix", .run = run_mix},
                                                 {.name = "glance", .run = run_glance},
                                                 {.name = "recall", .run = run_recall},
                                                 {.name = "peek", .run = run_peek},
                                                 {.name = "forge", .run = run_forge},
                                                 {.name = "blame", .run = run_blame},
                                                 {.name = "nowhere", .run = run_nowhere},
                                                 {.name = "beat", .run = run_beat},
                                                 {.name = "parent", .run = run_parent},
                                                 {.name = "session", .run = run_session}},
                                    SQUARES};
