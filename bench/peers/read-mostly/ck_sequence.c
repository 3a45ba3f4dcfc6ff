#include "peer.h"
#include "read-mostly.h"

#include <ck_sequence.h>

static uint64_t read_consistent(const ck_sequence_t *sequence, const uint64_t *words, uint32_t word,
                                uint64_t *retries) {
    for (;; ++*retries) {
        unsigned before = ck_sequence_read_begin(sequence);
        uint64_t rate = ck_pr_load_64(&words[word]) - ck_pr_load_64(&words[0]);
        if (!ck_sequence_read_retry(sequence, before))
            return rate;
    }
}

static void write_marked(struct board *board, ck_sequence_t *sequence, uint64_t more) {
    uint64_t *words = board->rates->words;
    pthread_mutex_lock(board->mutex);
    ck_sequence_write_begin(sequence);
    for (size_t i = 0; i < WORDS; i++)
        ck_pr_store_64(&words[i], words[i] + more);
    ck_sequence_write_end(sequence);
    pthread_mutex_unlock(board->mutex);
}

static void serve(struct board *board, struct own *own, size_t i, size_t end) {
    ck_sequence_t *sequence = *(ck_sequence_t **)peer_state(board);
    uint64_t sum = 0, writes = 0, retries = 0;
    for (; i < end; i++) {
        const struct request *request = &board->requests[i];
        if (request->word) {
            sum += read_consistent(sequence, board->rates->words, request->word, &retries);
        } else {
            write_marked(board, sequence, request->more);
            writes++;
        }
    }
    own->sum = sum;
    own->writes = writes;
    own->retries = retries;
}

static void run(void *state) {
    struct board *board = state;
    *board->rates = board->start;
    share_out(board, serve);
    collect(board, VARIANTS, board->rates);
}

static int prepare(const struct cs_env *env, void *state) {
    ck_sequence_t **sequence = peer_state(state);
    *sequence = cs_array(env, "sequence", 1, ck_sequence_t);
    ck_sequence_init(*sequence);
    return 0;
}

PEER(ck_sequence) = {
    .name = "ck_sequence", .run = run, .flags = CS_PARALLEL, .summary = "ck_sequence", .prepare = prepare};
