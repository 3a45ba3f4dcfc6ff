/* The harness's side of cs_host: arrays and recorders that belong to it. In the worker, and in tests of kernels. */
#ifndef WORKER_KERNEL_HOST_H
#define WORKER_KERNEL_HOST_H

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

/** What stands behind cs_env.host. */
struct kernel_host {
    struct cs_host functions;          /**< first: the functions find the rest by it */
    struct kernel_block *blocks;       /**< arrays, the last one first */
    size_t bytes;                      /**< of the arrays, as asked for */
    struct kernel_recorder *recorders; /**< the last one first */
    /** Called where there is no memory for an array; must not return. */
    void (*no_memory)(void *context, const char *name, size_t bytes);
    void *context; /**< of no_memory */
};

/** Starts one without arrays; end it with kernel_host_end. */
void kernel_host_start(struct kernel_host *host, void (*no_memory)(void *, const char *, size_t),
                       void *context);

/** Empties all recorders, and switches them on, to read `clock`, or off (NULL). */
void kernel_host_record(struct kernel_host *host, const struct sample_clock *clock);

/** Frees all arrays and recorders. */
void kernel_host_end(struct kernel_host *host);

/** Zeroed memory for a kernel's state, to be freed with free(); NULL where there is none. */
void *kernel_host_make_state(const struct cs_kernel *kernel);

#endif
