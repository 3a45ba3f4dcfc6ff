/*
 * What passes between a supervisor and one worker: a job that can only be read, and an answer. Measured code
 * can write all that its worker can, so nothing of the answer is used before it was checked.
 */
#ifndef RUN_EXCHANGE_H
#define RUN_EXCHANGE_H

#include "worker/worker.h"

#define EXCHANGE_FIRST_FD (WORKER_JOB_FD + 1)

/** Two memory files; their descriptors are not below EXCHANGE_FIRST_FD, so that they can be moved to their
 * places. */
struct exchange {
    int job, answer;
    uint64_t secret[WORKER_SECRETS];
    uint64_t heartbeat; /**< the highest that was seen */
};

/** The supervisor's own page for `arms` arms and `rounds` rounds, zeroed; NULL when there is no memory. */
struct worker_page *worker_page_new(size_t arms, size_t rounds);
void worker_page_free(struct worker_page *page);

/**
 * Makes both for the job in `page`, whose secrets are drawn anew. The job is sealed against every change, the
 * answer against another length. Returns 0 or -errno; close with exchange_close in any case.
 */
int exchange_open(struct exchange *exchange, struct worker_page *page);

void exchange_close(struct exchange *exchange);

/**
 * Reads what the worker does now into page->status. Returns whether the worker itself wrote that; otherwise
 * the phase is PHASE_UNKNOWN, the arm -1, and the heartbeat stays as it was.
 */
bool exchange_look(struct exchange *exchange, struct worker_page *page);

/** Whether the worker itself came to its end and handed over its report. */
bool exchange_is_complete(const struct exchange *exchange);

/**
 * Takes report and ticks over into `page`, once no process of the worker is left. `alive_s`: seconds from its
 * start to its end by the supervisor's clock. Returns 0, or -EPROTO for what no worker hands over, in words
 * without a name at `text` ("left a report that no worker writes (thread count): …"); page->report is then
 * zeroed. Sets page->complete.
 */
int exchange_take(const struct exchange *exchange, struct worker_page *page, double alive_s, char *text,
                  size_t size);

#endif
