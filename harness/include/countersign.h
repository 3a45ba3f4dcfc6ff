/*
 * countersign.h: everything a kernel may see of countersign.
 *
 * A kernel is one problem with several implementations of its answer. It is built as a loadable module that
 * exports one object, `cs_kernel`, and is loaded by the worker process alone. A kernel never reads a clock, a
 * counter or a random device: the harness times, counts and seeds, and it decides whether two variants agree.
 * Where single items have latencies worth telling, a run marks them by cs_begin and cs_end.
 *
 * The order of calls in one process, all from the thread that loaded the module:
 *
 *     supported? -> setup -> { prepare(variant) }*          in random order, variants that are measured alone
 *                         -> { outputs [poison] [reset] run(variant) outputs check? }*   verification
 *                         -> { [reset] run(variant) ... }*                              timing, counting
 *                         -> { release(variant) }* -> teardown?
 *
 * All variants share one state, so they read the same inputs at the same addresses. The harness makes it, of
 * .state_size zero bytes, and owns every array that setup or prepare asks for by cs_array: a kernel frees
 * none of them. What only one variant needs (a hash table, a sorted copy) is made by that variant's prepare
 * and not by setup: it is not part of the timed work, unless building it is what the case is about, and its
 * time and memory are told for that variant alone. Usable from C17 and from C++20 (C++17 with GNU designated
 * initializers).
 *
 * A whole kernel, one file:
 *
 *     #include <countersign.h>
 *     ...
 *     const struct cs_kernel cs_kernel = {
 *         CS_KERNEL_HEADER,
 *         .name = "sum", .summary = "add up an array", .item = "element",
 *         .parameters = {{.name = "n", .unit = "elements", .min = 1, .max = 1 << 24, .def = 4096}},
 *         .variants = {{.name = "loop", .run = run_loop}, {.name = "unrolled", .run = run_unrolled}},
 *         .state_size = sizeof(struct sum), .setup = setup, .work = work, .outputs = outputs,
 *     };
 */
#ifndef COUNTERSIGN_H
#define COUNTERSIGN_H

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of this interface. A module of another version is refused with both numbers in the message. */
#define CS_ABI 2u

/** Limits of a descriptor's fixed arrays; the first entry whose name is NULL ends a shorter array. */
#define CS_MAX_PARAMETERS 8
#define CS_MAX_VARIANTS 16
#define CS_MAX_COUNTERS 8
#define CS_MAX_OUTPUTS 16
#define CS_MAX_SERVICES 4
#define CS_EVIDENCE 2048 /**< bytes of a text of evidence, its end included; the rest is cut */

/** Type of the elements of an output; decides how a mismatch is compared and printed. */
enum cs_type { CS_U8, CS_U32, CS_I32, CS_U64, CS_I64, CS_F32, CS_F64 };

/**
 * One parameter of a kernel: an axis that a case may sweep. Values are integers; a parameter with `choices`
 * is an enumeration, written by name in a case file and handed to setup as the index of the name. The name
 * `threads` is reserved: it exists for every kernel with a CS_PARALLEL variant and reaches setup as
 * cs_env.threads.
 */
struct cs_parameter {
    const char *name;           /**< lower case, as in a case file: "n", "hit" */
    const char *unit;           /**< what one unit of the value is: "ids", "%", "bytes"; NULL for a choice */
    int64_t min, max;           /**< inclusive limits of a legal value; ignored where choices are given */
    int64_t def;                /**< value where a case does not set the parameter (index for a choice) */
    const char *const *choices; /**< NULL, or names ended by NULL */
    const char *summary;        /**< one line for `countersign list`; may be NULL */
};

/** Records latencies of single items; see cs_recorder. Its fields are the harness's and the functions' below. */
struct cs_recorder {
    uint64_t on;           /**< 1 in rounds that record; 0 in all that are verified, timed or counted */
    uint64_t (*now)(void); /**< NULL: the time stamp counter */
    uint64_t *ticks;       /**< what one run recorded */
    size_t capacity;       /**< of ticks */
    size_t count;          /**< recorded, more than capacity where there was no room */
};

/**
 * What the harness does for a kernel: functions by pointer, since a module needs no symbol of the program.
 * Kernels call them by the inline functions and macros below (cs_array, cs_free).
 */
struct cs_host {
    uint32_t size; /**< sizeof(struct cs_host) of the program: later functions come at the end */
    /** See cs_array. Never NULL. */
    void *(*allocate)(const struct cs_host *host, const char *name, size_t count, size_t size,
                      size_t alignment);
    /** See cs_free. */
    void (*give_back)(const struct cs_host *host, void *array);
    /** See cs_recorder. Never NULL. */
    struct cs_recorder *(*recorder)(const struct cs_host *host, size_t capacity);
};

/** What a point asks of setup and prepare; valid until that returns, except `scratch`, valid until teardown. */
struct cs_env {
    const struct cs_host *host; /**< for cs_array */
    uint64_t seed;              /**< for cs_random_seed: the only source of randomness a kernel may use */
    int64_t value[CS_MAX_PARAMETERS]; /**< parameter values, in the order of cs_kernel.parameters */
    uint32_t threads;                 /**< threads a CS_PARALLEL variant must use; 1 for other kernels */
    const char *scratch; /**< an empty folder on a real file system, the worker's own, removed after */
    char *reason;        /**< where cs_fail puts the reason of a failure, reason_size bytes */
    size_t reason_size;  /**< bytes at `reason` */
    /** Path of the socket of cs_kernel.services[i]; NULL where no variant that is measured needs it. */
    const char *service[CS_MAX_SERVICES];
    /**
     * The point's CPUs, one for each of `threads`, as sched_setaffinity(2) numbers them; NULL where nothing is bound
     * (simulation). setup and the runs have the first, and so has whatever thread or process they start: bind the
     * i-th to cpus[i % threads], or all share one. Threads of OpenMP are bound already, and those that prepare
     * starts are before anything is timed.
     */
    const unsigned *cpus;
};

/**
 * A server that a kernel, or some of its variants, need. The harness starts one for each replicate, on a CPU of its own
 * where there is one to spare, and hands its socket to setup and prepare; a kernel starts and stops none.
 * The server runs in the foreground, writes below its private folder alone, and is ended with the replicate.
 * One that ends before that makes the comparison invalid. Kernels with services are not simulated.
 */
struct cs_service {
    const char *name; /**< lower case: "redis" */
    const char
        *program; /**< searched in $PATH, or an absolute path; what needs it is skipped where it is missing */
    /**
     * NULL, or what follows the program, ended by NULL: at most 31. "{socket}" in it becomes the path of the
     * socket that the server is to listen at, "{folder}" that of its private folder, which is empty.
     */
    const char *const *arguments;
    const char *ready; /**< NULL: it is ready when the socket accepts; else once it has printed this text */
    double ready_s;    /**< seconds that may take; 0: 10 */
    uint32_t variants; /**< bit i: variant i needs it; 0: all do, and without it the kernel is skipped */
    int refuses_root;  /**< 1: run it as the user nobody where countersign runs as root */
};

/** Properties of a variant, or-ed together. */
enum cs_variant_flags {
    CS_PARALLEL = 1u << 0, /**< uses cs_env.threads threads (OpenMP threads are bound by the harness) */
    CS_IO = 1u << 1,       /**< spends its time in system calls; its read and write counts are shown */
    /** With CS_PARALLEL: may use fewer than cs_env.threads threads, or one; processes that it forks are none. */
    CS_UP_TO = 1u << 2
};

/** One implementation. Variant 0 of a kernel is the baseline unless the case names another. */
struct cs_variant {
    const char *name; /**< lower case, as in a case file: "linear", "hash" */
    /**
     * One whole pass over the point's items. Must do the same work at every call (see cs_kernel.reset) and
     * leave its answer where `outputs` says. Must not print, exit, keep memory it allocates, or leave the
     * process changed for the other variants (FPU mode, signals, working directory, threads …).
     */
    void (*run)(void *state);
    const char *summary; /**< one line: what it does differently */
    unsigned flags;      /**< enum cs_variant_flags */
    /**
     * NULL, or: may this variant run here? Returns 1 for yes; 0 for no, with the reason in `reason` ("needs
     * AVX2", "redis-server is not installed"). Called once, before setup.
     */
    int (*supported)(char *reason, size_t reason_size);
    /**
     * NULL, or: makes what this variant alone needs and keeps it in fields of the state that no other variant
     * reads: its table, its index, its sorted copy, its connection. Called once, after setup, before any run;
     * which variant is prepared first is drawn in each process, and variants that are not measured are not
     * prepared. Its time is told as `prepare-time`, what it asks for as `memory`. Returns 0, or -errno (see
     * cs_fail) with nothing left behind: the variant is invalid then, and the others go on.
     */
    int (*prepare)(const struct cs_env *env, void *state);
    /** NULL, or: undoes what prepare did beside taking arrays of the harness, which frees those. */
    void (*release)(void *state);
    /**
     * NULL, or: tells in words how this variant does its work, such as the plan of its query, in lines that end with
     * '\n', at most `size` bytes (CS_EVIDENCE). Called once in each process, after the variant was verified, untimed. It is
     * stored and shown with the variant, and a case may predict what it contains. Where its first line begins with
     * "note: ", that stands below the table, too.
     */
    void (*evidence)(void *state, char *text, size_t size);
};

/** How much one run does; used for time an item, bandwidth and flop rates. */
struct cs_work {
    double items; /**< items one run handles, in units of cs_kernel.item; above 0 */
    double bytes; /**< bytes one run must move at the least, 0 where that is not meaningful */
    double flops; /**< floating-point operations one run does, 0 where that is not meaningful */
};

/**
 * Where a variant leaves an answer: `count` elements, element i at
 *     data + (i / block) * block_stride + (i % block) * stride        (block > 0)
 *     data + i * stride                                               (block == 0)
 * so that an array, one field of an array of structs and a lane of blocked structs are each one output.
 * stride 0 means the element's own size.
 */
struct cs_output {
    const char *name; /**< for messages: "position.x" */
    void *data;       /**< first element; memory the harness may overwrite (it poisons it before a run) */
    size_t count;     /**< elements; variants must agree on it */
    enum cs_type type;
    size_t stride;       /**< bytes from one element to the next; 0: sizeof the type */
    size_t block;        /**< elements a block, 0 for none */
    size_t block_stride; /**< bytes from one block to the next */
};

/** First place at which an answer is wrong, for `check`. */
struct cs_mismatch {
    const char *output; /**< name of the output, or what was checked */
    size_t index;       /**< element */
    char got[48];       /**< what the variant left there, as text */
    char expected[48];  /**< what should be there, as text */
};

/** What `check` returns besides 0. */
enum cs_check { CS_WRONG = 1, CS_UNCHECKED = 2 };

/**
 * Ends a check: says where the answer is wrong, with what is there and what should be by one format, as printf's.
 *     return cs_wrong(mismatch, "index", i, "%u", answers[i], expected);
 * Is CS_WRONG.
 */
#define cs_wrong(mismatch, where, at, format, is, should)                                                    \
    ((mismatch)->output = (where), (mismatch)->index = (at),                                                 \
     (void)snprintf((mismatch)->got, sizeof(mismatch)->got, format, is),                                     \
     (void)snprintf((mismatch)->expected, sizeof(mismatch)->expected, format, should), CS_WRONG)

/**
 * A count the kernel keeps of itself: comparisons, cache hits, statements run. Source `app` in the tables.
 */
struct cs_counter {
    const char *name; /**< "comparisons" */
    const char *unit; /**< what is counted, singular: "comparison" */
};

/** The descriptor; export exactly one, named cs_kernel. */
struct cs_kernel {
    uint32_t abi;         /**< CS_ABI, by CS_KERNEL_HEADER */
    uint32_t size;        /**< sizeof(struct cs_kernel), by CS_KERNEL_HEADER: later fields come at the end */
    const char *compiler; /**< by CS_KERNEL_HEADER */
    const char *flags;    /**< compiler flags, by CS_KERNEL_HEADER; "unknown" where the build gives none */

    const char *name;    /**< the folder's name */
    const char *summary; /**< one line */
    const char *item;    /**< what is counted, singular: "lookup", "row", "record" */
    struct cs_parameter parameters[CS_MAX_PARAMETERS];
    struct cs_variant variants[CS_MAX_VARIANTS];
    struct cs_counter counters[CS_MAX_COUNTERS];

    /**
     * Largest relative difference at which two floating-point elements are equal, |a-b| <=
     * tolerance*max(|a|,|b|). 0 (the default) means bit-exact. Set it only where variants may legally round
     * differently, and say why.
     */
    double tolerance;

    /** NULL, or as cs_variant.supported for the whole kernel. */
    int (*supported)(char *reason, size_t reason_size);

    /**
     * Bytes of the state, which the harness makes, zeroed and aligned to CS_LINE, and frees: above 0. In C++ a
     * state whose members have constructors is constructed by setup (`new (state) struct mine`) and destroyed
     * by teardown; one of arrays and numbers needs neither.
     */
    size_t state_size;

    /**
     * Fills the state for one point, inputs from cs_env.seed alone: what all variants need. Returns 0, or
     * -errno (see cs_fail) with nothing left behind but arrays of the harness; teardown is not called then.
     */
    int (*setup)(const struct cs_env *env, void *state);

    /**
     * NULL, or: puts the state back to what setup made, so that the next run repeats the first. Called before
     * every verified run, after the outputs were poisoned: a variant that works in place finds its inputs
     * again. Before every timed run too (outside the timed stretch) if reset_each_run is set.
     */
    void (*reset)(void *state);
    int reset_each_run; /**< 1 if a run changes how much work the next one does (sorting in place, say) */

    /**
     * NULL, or: spoils an answer that is not in memory (a file) before a verified run of `variant`. Memory
     * that `outputs` gives is spoiled by the harness itself.
     */
    int (*poison)(void *state, size_t variant);

    /**
     * Says where `variant` leaves its answer: fills at most CS_MAX_OUTPUTS entries, sets *count, and returns
     * 0, or -errno. Called before a verified run (to poison) and again after it (to compare), untimed; an
     * answer in a file is read back into memory here.
     */
    int (*outputs)(void *state, size_t variant, struct cs_output *outputs, size_t *count);

    /** Fills *work for the current point. */
    void (*work)(const void *state, struct cs_work *work);

    /**
     * NULL, or an independent check of the answer `variant` has just left: computed another way than any
     * variant does. Returns 0 if right, CS_WRONG with *mismatch filled if wrong, or CS_UNCHECKED if nothing
     * is wrong but the answer itself was not computed in another way.
     */
    int (*check)(void *state, size_t variant, struct cs_mismatch *mismatch);

    /** NULL, or: fills values[i] with the total of counters[i] since setup. Called between runs, untimed. */
    void (*count)(const void *state, uint64_t *values);

    /** NULL, or: undoes what setup did beside taking arrays of the harness: closes files, ends connections. */
    void (*teardown)(void *state);

    /**
     * NULL, or the name of the parameter that sets how many items a run handles and nothing else of the
     * problem: it is lowered where the case does not sweep it and a run would take longer than a sample, and
     * first where a run would take too long to be simulated.
     */
    const char *scale;

    /** Servers that it needs; see cs_service. */
    struct cs_service services[CS_MAX_SERVICES];
};

/** What a module exports. */
extern __attribute__((visibility("default"))) const struct cs_kernel cs_kernel;

#ifndef CS_BUILD_FLAGS
#define CS_BUILD_FLAGS "unknown"
#endif
#ifdef __clang__
#define CS_COMPILER "clang " __clang_version__
#else
#define CS_COMPILER "gcc " __VERSION__
#endif

/** First line of every descriptor. */
#define CS_KERNEL_HEADER                                                                                     \
    .abi = CS_ABI, .size = (uint32_t)sizeof(struct cs_kernel), .compiler = CS_COMPILER,                      \
    .flags = CS_BUILD_FLAGS

/**
 * Explains a failure: `return cs_fail(env, ENOSPC, "cannot write %s", path);` Returns -error, and leaves the
 * message in env->reason, cut to its size.
 */
__attribute__((format(printf, 3, 4))) static inline int cs_fail(const struct cs_env *env, int error,
                                                                const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (env->reason && env->reason_size)
        vsnprintf(env->reason, env->reason_size, format, arguments);
    va_end(arguments);
    return -error;
}

/** Bytes of a cache line, to which arrays of the harness and the state are aligned at the least. */
#define CS_LINE 64
/** An alignment from which on an array is asked for in huge pages, where the system has any. */
#define CS_HUGE_PAGE ((size_t)2 << 20)

/** As cs_array, without the type: `count` elements of `size` bytes, aligned to `alignment`, a power of two. */
__attribute__((returns_nonnull)) static inline void *
cs_allocate(const struct cs_env *env, const char *name, size_t count, size_t size, size_t alignment) {
    return env->host->allocate(env->host, name, count, size, alignment);
}

/**
 * An array of `count` elements of `type`, aligned to CS_LINE, in setup or prepare:
 *     state->ids = cs_array(env, "ids", state->n, uint32_t);
 * It belongs to the harness, which frees it after teardown. Every byte is 0 and has been written, so that no
 * run takes the page faults of the first one and no read finds the system's one page of zeros. Never NULL:
 * where memory is short, the process ends, and the harness says "no memory for ids: 16777216 bytes" of the
 * kernel, or of the variant whose prepare asked.
 */
#ifdef __cplusplus
#define cs_array(env, name, count, type) cs_aligned_array(env, name, count, type, CS_LINE)
#define cs_aligned_array(env, name, count, type, alignment)                                                  \
    (static_cast<type *>(cs_allocate((env), (name), (count), sizeof(type), (alignment))))
#else
#define cs_array(env, name, count, type) cs_aligned_array(env, name, count, type, CS_LINE)
/** The same aligned to more: a power of two. From CS_HUGE_PAGE on, huge pages are asked for. */
#define cs_aligned_array(env, name, count, type, alignment)                                                  \
    ((type *)cs_allocate((env), (name), (count), sizeof(type), (alignment)))
#endif

/** Gives an array back early: what prepare or setup needed on the way. NULL is nothing. */
static inline void cs_free(const struct cs_env *env, void *array) {
    env->host->give_back(env->host, array);
}

/**
 * A recorder of the latencies of up to `capacity` items a run, in setup or prepare; the harness frees it. Around an
 * item, in `run`:
 *     uint64_t begun = cs_begin(state->recorder);
 *     answer = look_up(state, id);
 *     cs_end(state->recorder, begun);
 * Begun and not yet ended may be as many as you like: requests in flight, say. Threads each have a recorder of their
 * own. Variants may share one or have their own; those that record nothing have no latencies. A run that records
 * more than `capacity` makes its variant invalid.
 *
 * It records in rounds of its own, after those that are timed and counted: there it is off, costs one branch that is
 * always predicted, and reads no clock. What two readings of the clock take by themselves is subtracted. Tables and
 * predictions have latency-p50, latency-p95, latency-p99 and latency-max.
 */
__attribute__((returns_nonnull)) static inline struct cs_recorder *cs_recorder(const struct cs_env *env,
                                                                               size_t capacity) {
    return env->host->recorder(env->host, capacity);
}

/** Ticks of the harness's clock, after all earlier instructions and before all later ones. Of cs_begin and cs_end. */
static inline uint64_t cs_recorder_now(const struct cs_recorder *recorder) {
#if defined(__x86_64__)
    if (!recorder->now) {
        __builtin_ia32_lfence();
        uint64_t ticks = __builtin_ia32_rdtsc();
        __builtin_ia32_lfence();
        return ticks;
    }
#endif
    return recorder->now();
}

/** An item begins. What cs_end wants to be told; 0 while nothing is recorded. */
static inline uint64_t cs_begin(const struct cs_recorder *recorder) {
    return __builtin_expect(recorder->on != 0, 0) ? cs_recorder_now(recorder) : 0;
}

/** The item that began at `begun` is done. */
static inline void cs_end(struct cs_recorder *recorder, uint64_t begun) {
    if (__builtin_expect(recorder->on != 0, 0)) {
        uint64_t ticks = cs_recorder_now(recorder) - begun;
        if (recorder->count < recorder->capacity)
            recorder->ticks[recorder->count] = ticks;
        recorder->count++;
    }
}

/**
 * The generator of all inputs: xoshiro256++ seeded through SplitMix64 (Blackman and Vigna, "Scrambled linear
 * pseudorandom number generators", ACM TOMS 47(4), 2021). The same seed gives the same inputs on every
 * machine.
 */
struct cs_random {
    uint64_t s[4];
};

/** Starts a generator. Different streams of one seed: cs_random_seed(seed ^ stream). */
static inline struct cs_random cs_random_seed(uint64_t seed) {
    struct cs_random random;
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        random.s[i] = z ^ (z >> 31);
    }
    return random;
}

/** 64 uniform bits. */
static inline uint64_t cs_random_u64(struct cs_random *random) {
    uint64_t *s = random->s;
    uint64_t sum = s[0] + s[3], result = ((sum << 23) | (sum >> 41)) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return result;
}

/** Uniform in [0, bound), bound above 0, without modulo bias (Lemire, ACM TOMACS 29(1), 2019). */
static inline uint32_t cs_random_below(struct cs_random *random, uint32_t bound) {
    uint64_t product = (cs_random_u64(random) >> 32) * bound;
    if ((uint32_t)product < bound) {
        uint32_t threshold = (uint32_t)(-bound) % bound;
        while ((uint32_t)product < threshold)
            product = (cs_random_u64(random) >> 32) * bound;
    }
    return (uint32_t)(product >> 32);
}

/** Uniform in [0, 1), 53 bits. */
static inline double cs_random_unit(struct cs_random *random) {
    return (double)(cs_random_u64(random) >> 11) * 0x1p-53;
}

/**
 * Inputs that a predictor does not learn by heart: a pool of `all`, of which each run takes the next window of `size`, and begins
 * again at its end; `all` is a whole number of windows. Returns where the window begins; *next, 0 at first, moves on.
 */
static inline size_t cs_window(size_t *next, size_t size, size_t all) {
    size_t begin = *next;
    *next = begin + size == all ? 0 : begin + size;
    return begin;
}

/** Where the window began that was taken last. */
static inline size_t cs_last_window(size_t next, size_t size, size_t all) {
    return (next ? next : all) - size;
}

/** Shuffles `count` values in place (Fisher and Yates), count below 2^32. */
static inline void cs_random_shuffle(struct cs_random *random, uint32_t *values, size_t count) {
    for (size_t i = count; i > 1; i--) {
        size_t j = cs_random_below(random, (uint32_t)i);
        uint32_t swap = values[i - 1];
        values[i - 1] = values[j];
        values[j] = swap;
    }
}

#ifdef __cplusplus
}
#endif

#endif
