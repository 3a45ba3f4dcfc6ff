/* How a worker ended, in words. */
#ifndef RUN_OUTCOME_H
#define RUN_OUTCOME_H

#include "run/supervisor.h"

#define OUTCOME_MOST_OUTPUT ((off_t)16 << 20) /**< bytes a worker may print: they are kept in memory */

/* AddressSanitizer reserves terabytes of shadow memory, which a limit on private memory would refuse. */
#if defined(__SANITIZE_ADDRESS__)
#define OUTCOME_LIMITS_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OUTCOME_LIMITS_MEMORY 0
#endif
#endif
#ifndef OUTCOME_LIMITS_MEMORY
#define OUTCOME_LIMITS_MEMORY 1 /**< whether limits.memory_bytes holds for private memory too */
#endif

/** Whether more than OUTCOME_MOST_OUTPUT was written to `output`, the file that a worker prints to. */
bool outcome_printed_too_much(int output);

/** "; it said: …", the last line at `output`, or which exception nobody caught, or that the disk is full; empty if there is none. */
void outcome_last_line(int output, char *text, size_t size);

/**
 * Fills *outcome for a worker that has ended: `end` says why it was ended, WORKER_COMPLETED that it did so by
 * itself, `wait_status` as waitpid gave it, `output` what it printed.
 */
void outcome_explain(const struct supervisor *supervisor, const struct worker_page *page, enum worker_end end,
                     int wait_status, int output, struct worker_outcome *outcome);

/** The reason of an outcome behind whom it is of: `variant`, or the kernel where that is NULL. */
void outcome_words(const struct worker_outcome *outcome, const char *variant, char reason[RESULT_REASON]);

#endif
