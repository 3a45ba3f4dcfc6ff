/* A record of a cache line that several threads read, and now and then write, by four ways of keeping it whole. */
#include "read-mostly.h"

#include <string.h>

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
    board->n = cs_size(env, "n");
    board->own = cs_aligned_array(env, "a thread's own", board->threads, struct own, 2 * CS_LINE);
    board->rates = cs_array(env, "rates", 1, struct rates);
    board->mutex = cs_array(env, "lock", 1, pthread_mutex_t);
    struct request *requests = cs_array(env, "requests", board->n, struct request);
    for (size_t i = 0; i < WORDS; i++)
        board->start.words[i] = cs_random_u64(&random);
    draw(board, requests, &random, cs_size(env, "reads") + 1);
    board->requests = requests;
    expect(board);
    cs_output(env, "sum", &board->sum, 1);
    cs_output(env, "rates", board->last.words, WORDS);
    cs_work(env, board->n, board->n * sizeof(struct request));
    cs_count(env, "locks", &board->locks);
    cs_count(env, "retries", &board->retries);
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

/* A race spoils one run in thousands: none since setup may have been wrong. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct board *board = state;
    cs_expect(mismatch, "sum", 0, board->sum, board->sum_expected);
    for (size_t word = 0; word < WORDS; word++)
        cs_expect(mismatch, "rates", word, board->last.words[word], board->last_expected.words[word]);
    cs_expect(mismatch, "wrong runs", 0, board->wrong[variant], 0);
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("read-mostly", "request", "threads read a record of eight words and write it now and then"),
    .parameters = {CS_NUMBER("n", "requests", 1, 1 << 22, 4096, "requests, shared out among the threads"),
                   CS_NUMBER("reads", "reads", 0, 1000000, 100, "reads to a write; more than n: no writes")},
    .variants = {CS_VARIANT("rwlock", run_rwlock, "a lock that readers share (pthread_rwlock_t)",
                            .flags = CS_PARALLEL, .prepare = prepare_rwlock),
                 CS_VARIANT("mutex", run_mutex, "a lock for one at a time", .flags = CS_PARALLEL),
                 CS_VARIANT("seqlock", run_seqlock, "readers read again where somebody wrote meanwhile",
                            .flags = CS_PARALLEL, .prepare = prepare_seqlock),
                 CS_VARIANT("rcu", run_rcu, "writers publish a copy and wait until nobody reads the old one",
                            .flags = CS_PARALLEL, .prepare = prepare_rcu)},
    .counters = {CS_COUNTER("locks", "acquisition"), CS_COUNTER("retries", "retry")},
    CS_STATE(struct board, setup),
    .check = check,
    .scale = "n",
};
