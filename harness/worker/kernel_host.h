/*
 * The harness's side of cs_host: arrays and recorders that belong to it, and what setup says of outputs, work and counters.
 * In the worker, and in tests of kernels.
 */
#ifndef WORKER_KERNEL_HOST_H
#define WORKER_KERNEL_HOST_H

#include "base/problem.h"
#include "countersign.h"
#include "host/clock.h"

#include <stdbool.h>

struct kernel_block;

/** One of a kernel's recorders; its memory is none of the variant's that asked for it. */
struct kernel_recorder {
    struct cs_recorder recorder; /**< first */
    struct kernel_recorder *next;
    size_t bytes; /**< of all this */
    uint64_t ticks[];
};

/** Places that cs_rewind may name. */
#define KERNEL_HOST_REWINDS 8

/** What stands behind cs_env.host. */
struct kernel_host {
    struct cs_host functions;          /**< first: the functions find the rest by it */
    struct kernel_block *blocks;       /**< arrays, the last one first */
    size_t bytes;                      /**< of the arrays, as asked for */
    struct kernel_recorder *recorders; /**< the last one first */
    /** Called where there is no memory for an array; must not return. */
    void (*no_memory)(void *context, const char *name, size_t bytes);
    void *context;                            /**< of no_memory */
    struct cs_output outputs[CS_MAX_OUTPUTS]; /**< of cs_output */
    size_t output_count;
    struct cs_work work; /**< of cs_work; no items: it said nothing */
    size_t *rewinds[KERNEL_HOST_REWINDS];
    size_t rewind_count;
    int *error; /**< of cs_run_error, or NULL */
    struct kernel_count {
        const char *name;
        const uint64_t *total;
    } counts[CS_MAX_COUNTERS]; /**< of cs_count */
    size_t count_count;
    bool is_settled;      /**< setup is over */
    struct problem fault; /**< what a kernel said that cannot be, and first; empty: nothing */
};

/** Starts one without arrays; end it with kernel_host_end. */
void kernel_host_start(struct kernel_host *host, void (*no_memory)(void *, const char *, size_t),
                       void *context);

/** Empties all recorders, and switches them on, to read `clock`, or off (NULL). */
void kernel_host_record(struct kernel_host *host, const struct sample_clock *clock);

/** Frees all arrays and recorders. */
void kernel_host_end(struct kernel_host *host);

/**
 * Ends what setup may say. 0; -EINVAL where it, or prepare after it, said what cannot be, or where neither it nor the
 * descriptor tells outputs or work: with words in *problem.
 */
int kernel_host_settle(struct kernel_host *host, const struct cs_kernel *kernel, struct problem *problem);

/**
 * Where `variant` leaves its answer, by setup and by cs_kernel.outputs: fills `outputs`, CS_MAX_OUTPUTS of them, and
 * *count. 0; -errno of a run that failed, or of the kernel; -EINVAL where there are more than fit, or none.
 */
int kernel_host_outputs(const struct kernel_host *host, const struct cs_kernel *kernel, void *state,
                        size_t variant, struct cs_output *outputs, size_t *count);

/** How much a run does, by setup and by cs_kernel.work. */
struct cs_work kernel_host_work(const struct kernel_host *host, const struct cs_kernel *kernel,
                                const void *state);

/** Before a run that repeats the first: what cs_rewind and cs_run_error name, and cs_kernel.reset. */
void kernel_host_reset(const struct kernel_host *host, const struct cs_kernel *kernel, void *state);

/** Before every run, where the kernel asks for that: as kernel_host_reset, and a run's error stays. */
void kernel_host_reset_each(const struct kernel_host *host, const struct cs_kernel *kernel, void *state);

/** Forgets that a run failed, once it is known whose: whoever is asked next did not. */
void kernel_host_forgive(const struct kernel_host *host);

/** Whether its counters are counted at all. */
bool kernel_host_counts(const struct kernel_host *host, const struct cs_kernel *kernel);

/** Totals of cs_kernel.counters so far, CS_MAX_COUNTERS of them, by cs_count and cs_kernel.count. */
void kernel_host_count(const struct kernel_host *host, const struct cs_kernel *kernel, const void *state,
                       uint64_t *values);

/** Zeroed memory for a kernel's state, to be freed with free(); NULL where there is none. */
void *kernel_host_make_state(const struct cs_kernel *kernel);

#endif
