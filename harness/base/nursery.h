/*
 * A process between this program and what it starts. What loses its parent there becomes its child, so that
 * nothing escapes it; and it ends all of that when this program dies, be it by SIGKILL, which nobody else is
 * told of.
 */
#ifndef BASE_NURSERY_H
#define BASE_NURSERY_H

#include "base/orphans.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NURSERY_GRACE_S (1.5 * ORPHANS_PATIENCE_S) /**< that work may take to stop */

/** What a nursery is asked to do. `told` becomes non-zero when it is to stop. Returns a status of its own. */
typedef int nursery_work(void *argument, const volatile sig_atomic_t *told);

/** An open nursery. Private. */
struct nursery {
    pid_t pid; /* 0: there is none, or no more */
    int pidfd, channel;
    struct nursery_page *page;
    struct orphans orphans;
};

/** Memory that this program and its nurseries share, zeroed; NULL where there is none. Free with
 * nursery_unshare. */
void *nursery_share(size_t size);
void nursery_unshare(void *memory, size_t size);

/**
 * Starts a nursery: a copy of this process, in a session of its own, with all memory as it is now. Returns 0,
 * or -errno with *nursery empty. Close it in any case.
 */
int nursery_open(struct nursery *nursery);

/**
 * Does `work` in the nursery and waits for it. What both read must have been there when the nursery was
 * opened, or lie in shared memory, as results must. Once `interrupted` (NULL: never) is set, the work is told
 * to stop. Returns its status; -EPIPE where the nursery was killed, and -ETIMEDOUT where the work did not
 * stop within half a minute of being told, or within `time_s`: then all that it started was ended.
 */
int nursery_call(struct nursery *nursery, nursery_work *work, void *argument, double time_s,
                 const volatile sig_atomic_t *interrupted);

/** CPU time of the nursery and of all that it waited for so far, in ns. */
uint64_t nursery_cpu_ns(const struct nursery *nursery);

/** Ends all that is left in the nursery, and the nursery. Within a minute. Does nothing where it is empty. */
void nursery_close(struct nursery *nursery);

#endif
