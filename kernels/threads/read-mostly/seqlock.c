/* Readers write nothing: they read, and read again if somebody wrote meanwhile (H.-J. Boehm, MSPC 2012). */
#include "read-mostly.h"

static uint64_t wait_until_even(const uint64_t *sequence) {
    uint64_t before;
    while ((before = __atomic_load_n(sequence, __ATOMIC_ACQUIRE)) & 1)
        ;
    return before;
}

static uint64_t read_consistent(const uint64_t *sequence, const uint64_t *words, uint32_t word,
                                uint64_t *retries) {
    for (;; ++*retries) {
        uint64_t before = wait_until_even(sequence);
        uint64_t rate =
            __atomic_load_n(&words[word], __ATOMIC_RELAXED) - __atomic_load_n(&words[0], __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (__atomic_load_n(sequence, __ATOMIC_RELAXED) == before)
            return rate;
    }
}

/* A call: within the loop it would take the registers. */
__attribute__((noinline)) static void write_marked(struct board *board, uint64_t more) {
    uint64_t *words = board->rates->words;
    pthread_mutex_lock(board->mutex);
    uint64_t before = *board->sequence;
    __atomic_store_n(board->sequence, before + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    for (size_t i = 0; i < WORDS; i++)
        __atomic_store_n(&words[i], words[i] + more, __ATOMIC_RELAXED);
    __atomic_store_n(board->sequence, before + 2, __ATOMIC_RELEASE);
    pthread_mutex_unlock(board->mutex);
}

/* Behind each fence a compiler would read again from the board where things are: so that is read once. */
static void serve_seqlock(struct board *board, struct own *own, size_t i, size_t end) {
    const struct request *requests = board->requests;
    const uint64_t *sequence = board->sequence, *words = board->rates->words;
    uint64_t sum = 0, writes = 0, retries = 0;
    for (; i < end; i++) {
        const struct request *request = &requests[i];
        if (request->word) {
            sum += read_consistent(sequence, words, request->word, &retries);
        } else {
            write_marked(board, request->more);
            writes++;
        }
    }
    own->sum = sum;
    own->writes = writes;
    own->retries = retries;
}

void run_seqlock(void *state) {
    struct board *board = state;
    *board->rates = board->start;
    share_out(board, serve_seqlock);
    collect(board, SEQLOCK, board->rates);
}

int prepare_seqlock(const struct cs_env *env, void *state) {
    ((struct board *)state)->sequence = cs_array(env, "sequence", 1, uint64_t);
    return 0;
}
