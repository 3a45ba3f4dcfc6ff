/* A record of a cache line that several threads read, and now and then write, by four ways of keeping it whole. */
#include "read-mostly.h"

#include <inttypes.h>
#include <string.h>

enum { PARAMETER_N, PARAMETER_READS };

/* Reads, and in every block of `block` requests a write at some place. */
static void draw(struct board *board, struct request *requests, struct cs_random *random, size_t block) {
    for (size_t i = 0; i < board->n; i++)
        requests[i].word = 1 + cs_random_below(random, WORDS - 1);
    for (size_t start = 0; start + block <= board->n; start += block)
        requests[start + cs_random_below(random, (uint32_t)block)] =
            (struct request){.more = 1 + cs_random_below(random, 1000)};
}

/* How often each word is asked for, and all that is added, wherever among the reads. */
static void expect(struct board *board) {
    const uint64_t *start = board->start.words;
    uint64_t asked[WORDS] = {0}, more = 0;
    for (size_t i = 0; i < board->n; i++) {
        asked[board->requests[i].word]++;
        more += board->requests[i].more;
    }
    for (size_t word = 0; word < WORDS; word++) {
        board->sum_expected += word ? asked[word] * (start[word] - start[0]) : 0;
        board->last_expected.words[word] = start[word] + more;
    }
}

static int setup(const struct cs_env *env, void *state) {
    struct board *board = state;
    struct cs_random random = cs_random_seed(env->seed);
    board->threads = env->threads;
    board->n = (size_t)env->value[PARAMETER_N];
    board->own = cs_aligned_array(env, "a thread's own", board->threads, struct own, 2 * CS_LINE);
    board->rates = cs_array(env, "rates", 1, struct rates);
    board->mutex = cs_array(env, "lock", 1, pthread_mutex_t);
    struct request *requests = cs_array(env, "requests", board->n, struct request);
    for (size_t i = 0; i < WORDS; i++)
        board->start.words[i] = cs_random_u64(&random);
    draw(board, requests, &random, (size_t)env->value[PARAMETER_READS] + 1);
    board->requests = requests;
    expect(board);
    return -pthread_mutex_init(board->mutex, NULL);
}

void collect(struct board *board, size_t variant, const struct rates *last) {
    board->last = *last;
    board->sum = 0;
    for (unsigned t = 0; t < board->threads; t++) {
        struct own *own = &board->own[t];
        board->sum += own->sum;
        board->locks += own->writes;
        board->retries += own->retries;
        own->writes = own->retries = 0;
    }
    board->wrong[variant] += board->sum != board->sum_expected ||
                             memcmp(&board->last, &board->last_expected, sizeof board->last) != 0;
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct board *board = state;
    (void)variant;
    outputs[0] = (struct cs_output){.name = "sum", .data = &board->sum, .count = 1, .type = CS_U64};
    outputs[1] =
        (struct cs_output){.name = "rates", .data = board->last.words, .count = WORDS, .type = CS_U64};
    *count = 2;
    return 0;
}

static void work(const void *state, struct cs_work *work) {
    const struct board *board = state;
    *work = (struct cs_work){.items = (double)board->n, .bytes = (double)(board->n * sizeof(struct request))};
}

/* A race spoils one run in thousands: none since setup may have been wrong. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct board *board = state;
    if (board->sum != board->sum_expected)
        return cs_wrong(mismatch, "sum", 0, "%" PRIu64, board->sum, board->sum_expected);
    for (size_t word = 0; word < WORDS; word++)
        if (board->last.words[word] != board->last_expected.words[word])
            return cs_wrong(mismatch, "rates", word, "%" PRIu64, board->last.words[word],
                            board->last_expected.words[word]);
    if (board->wrong[variant])
        return cs_wrong(mismatch, "wrong runs", 0, "%" PRIu64, board->wrong[variant], (uint64_t)0);
    return 0;
}

static void count(const void *state, uint64_t *values) {
    const struct board *board = state;
    values[0] = board->locks;
    values[1] = board->retries;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "read-mostly",
    .summary = "threads read a record of eight words and write it now and then",
    .item = "request",
    .parameters = {{.name = "n",
                    .unit = "requests",
                    .min = 1,
                    .max = 1 << 22,
                    .def = 4096,
                    .summary = "requests, shared out among the threads"},
                   {.name = "reads",
                    .unit = "reads",
                    .min = 0,
                    .max = 1000000,
                    .def = 100,
                    .summary = "reads to a write; more than n: no writes"}},
    .variants =
        {{.name = "rwlock",
          .prepare = prepare_rwlock,
          .run = run_rwlock,
          .flags = CS_PARALLEL,
          .summary = "a lock that readers share (pthread_rwlock_t)"},
         {.name = "mutex", .run = run_mutex, .flags = CS_PARALLEL, .summary = "a lock for one at a time"},
         {.name = "seqlock",
          .prepare = prepare_seqlock,
          .run = run_seqlock,
          .flags = CS_PARALLEL,
          .summary = "readers read again where somebody wrote meanwhile"},
         {.name = "rcu",
          .prepare = prepare_rcu,
          .run = run_rcu,
          .flags = CS_PARALLEL,
          .summary = "writers publish a copy and wait until nobody reads the old one"}},
    .counters = {{.name = "locks", .unit = "acquisition"}, {.name = "retries", .unit = "retry"}},
    .state_size = sizeof(struct board),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .check = check,
    .count = count,
    .scale = "n",
};
