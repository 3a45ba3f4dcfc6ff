/* State of the read-mostly kernel: a record that threads read all the time and write now and then. */
#ifndef READ_MOSTLY_H
#define READ_MOSTLY_H

#include <countersign.h>

#include <omp.h>
#include <pthread.h>

#define WORDS 8

/** Exchange rates, which change together: words[k] - words[0] is the same before and after every write. */
struct rates {
    _Alignas(CS_LINE) uint64_t words[WORDS];
};

struct request {
    uint32_t word; /**< to be read, and the first one with it; 0: a write */
    uint32_t more; /**< what a write adds to all words */
};

/** In the order of the descriptor. */
enum { RWLOCK, MUTEX, SEQLOCK, RCU, VARIANTS };

/** What a thread has alone, on lines of its own. */
struct own {
    _Alignas(2 * CS_LINE) uint64_t sum; /**< of what it read */
    uint64_t writes, retries;
    uint64_t seen; /**< of `rcu`: the latest version that it knows of; 0 while it reads nothing */
};

struct board {
    const struct request *requests;
    size_t n;
    unsigned threads;
    struct rates start;  /**< the record as every run finds it */
    struct own *own;     /**< threads */
    struct rates *rates; /**< the record of all variants but `rcu` */
    pthread_rwlock_t *rwlock;
    pthread_mutex_t *mutex; /**< of `mutex`, and between writers */
    uint64_t *sequence;     /**< of `seqlock`: odd while somebody writes */
    struct rates *copies;   /**< of `rcu`: two */
    struct rates **current; /**< one of them */
    uint64_t *version;      /**< of `rcu`: how often `current` changed, plus 1 */
    struct rates last;      /**< answer: the record in the end */
    uint64_t sum;           /**< answer: of all that was read */
    struct rates last_expected;
    uint64_t sum_expected;
    uint64_t wrong[CS_MAX_VARIANTS]; /**< runs whose answer was another, of all runs: a race shows in few */
    uint64_t locks, retries;         /**< of all runs */
};

/** Where the requests of thread `t` begin. */
static inline size_t part_start(const struct board *board, unsigned t) {
    return board->n * t / board->threads;
}

static inline uint64_t read_rate(const struct rates *rates, uint32_t word) {
    return rates->words[word] - rates->words[0];
}

static inline void raise_rates(struct rates *rates, uint64_t more) {
    for (size_t i = 0; i < WORDS; i++)
        rates->words[i] += more;
}

/** Lets each thread of a team serve its part; `serve` leaves sum, writes and retries in board->own[t]. */
static inline void share_out(struct board *board,
                             void (*serve)(struct board *board, struct own *own, size_t i, size_t end)) {
#pragma omp parallel num_threads(board->threads) firstprivate(board, serve)
    {
        unsigned t = (unsigned)omp_get_thread_num();
        serve(board, &board->own[t], part_start(board, t), part_start(board, t + 1));
    }
}

/** Adds up what the threads left, takes the record over as the answer, and looks at it. */
void collect(struct board *board, size_t variant, const struct rates *last);

int prepare_mutex(const struct cs_env *env, void *state);
int prepare_rwlock(const struct cs_env *env, void *state);
int prepare_seqlock(const struct cs_env *env, void *state);
int prepare_rcu(const struct cs_env *env, void *state);
void run_mutex(void *state);
void run_rwlock(void *state);
void run_seqlock(void *state);
void run_rcu(void *state);

#endif
