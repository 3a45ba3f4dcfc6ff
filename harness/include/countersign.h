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
 *                         -> { outputs? [poison] [reset] run(variant) outputs? check? }*   verification
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
 *
 *     struct sum { double *values; size_t n; double total; };
 *     ...
 *     static int setup(const struct cs_env *env, void *state) {
 *         struct sum *sum = state;
 *         sum->n = cs_size(env, "n");
 *         sum->values = cs_array(env, "values", sum->n, double);
 *         ...
 *         cs_output(env, "total", &sum->total, 1);
 *         cs_work(env, sum->n, sum->n * sizeof *sum->values);
 *         return 0;
 *     }
 *
 *     const struct cs_kernel cs_kernel = {
 *         CS_KERNEL("sum", "element", "add up an array"),
 *         .parameters = {CS_NUMBER("n", "elements", 1, 1 << 24, 4096, "numbers")},
 *         .variants = {CS_VARIANT("loop", run_loop, "a loop"), CS_VARIANT("unrolled", run_unrolled, "unrolled")},
 *         CS_STATE(struct sum, setup),
 *     };
 */
#ifndef COUNTERSIGN_H
#define COUNTERSIGN_H

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Version of this interface. Modules of version 2, which lacks what setup may say of outputs, work and counters, run as
 * well; one of another version is refused with both numbers in the message.
 */
#define CS_ABI 3u

/** Limits of a descriptor's fixed arrays; the first entry whose name is NULL ends a shorter array. */
#define CS_MAX_PARAMETERS 8
#define CS_MAX_VARIANTS 16
#define CS_MAX_COUNTERS 8
#define CS_MAX_OUTPUTS 16
#define CS_MAX_SERVICES 4
#define CS_EVIDENCE 2048 /**< bytes of a text of evidence, its end included; the rest is cut */

/** Type of the elements of an output; decides how a mismatch is compared and printed. */
enum cs_type { CS_U8, CS_U32, CS_I32, CS_U64, CS_I64, CS_F32, CS_F64, CS_U16, CS_I16 };

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
 * Kernels call them by the inline functions and macros below (cs_array, cs_free, cs_output).
 */
struct cs_output;

struct cs_host {
    uint32_t size; /**< sizeof(struct cs_host) of the program: later functions come at the end */
    /** See cs_array. Never NULL. */
    void *(*allocate)(const struct cs_host *host, const char *name, size_t count, size_t size,
                      size_t alignment);
    /** See cs_free. */
    void (*give_back)(const struct cs_host *host, void *array);
    /** See cs_recorder. Never NULL. */
    struct cs_recorder *(*recorder)(const struct cs_host *host, size_t capacity);
    /** See cs_output. */
    void (*add_output)(const struct cs_host *host, const struct cs_output *output);
    /** See cs_work and cs_flops. What is below 0 stays as it was. */
    void (*set_work)(const struct cs_host *host, double items, double bytes, double flops);
    /** See cs_rewind. */
    void (*rewind)(const struct cs_host *host, size_t *next);
    /** See cs_run_error. */
    void (*watch_error)(const struct cs_host *host, int *error);
    /** See cs_count. */
    void (*add_count)(const struct cs_host *host, const char *name, const uint64_t *total);
};

/** What a point asks of setup and prepare; valid until that returns, except `scratch`, valid until teardown. */
struct cs_env {
    const struct cs_host *host; /**< for cs_array */
    uint64_t seed;              /**< for cs_random_seed: the only source of randomness a kernel may use */
    int64_t value[CS_MAX_PARAMETERS]; /**< in the order of cs_kernel.parameters; by name: cs_value, cs_size */
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
    /** TCP port on 127.0.0.1 of cs_kernel.services[i] that has "{port}" in its arguments; 0 where it has none or is not needed. */
    uint16_t port[CS_MAX_SERVICES];
    int simulated; /**< 1: a simulator counts what the runs do, and nothing is timed */
    /**
     * 0; in further clients of a load, which are processes of their own with the same servers: which of them, from 1. Each has
     * another seed, and a scratch folder within that of the first, CS_CLIENT_FOLDER.
     */
    unsigned client;
};

/** As printf has it: the scratch folder of a client above 0, below that of the first. */
#define CS_CLIENT_FOLDER "client-%u"

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
     * socket that the server is to listen at, "{folder}" that of its private folder, which is empty or as `make` made
     * it, "{scratch}" that of cs_env.scratch, and "{port}" a TCP port of 127.0.0.1 that was free just before. An argument
     * "{config}TEXT" is a file with that text, in which the same is put in place, and becomes its path: at most one.
     */
    const char *const *arguments;
    const char *
        ready; /**< NULL: it is ready when the socket, the port or both accept; else once it has printed this text */
    double ready_s;    /**< seconds that may take; 0: 10 */
    uint32_t variants; /**< bit i: variant i needs it; 0: all do, and without it the kernel is skipped */
    int refuses_root;  /**< 1: run it as the user nobody where countersign runs as root */
    /**
     * NULL, or a pattern of folders as of glob(7), in which the program is looked for where $PATH has none; of several
     * matches the one that sorts last by version. Debian has PostgreSQL's in a folder a version below /usr/lib/postgresql.
     */
    const char *folders;
    const char *socket; /**< NULL: "s"; else the name that the server gives its socket in "{folder}" */
    /**
     * NULL, or a command, ended by NULL, that makes what "{folder}" holds when a server starts: at most 31 words, of which
     * the first names a program beside the server's. It runs once a run, as the server's user; each server has a copy.
     */
    const char *const *make;
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
     * leave its answer where cs_output or `outputs` says. Must not print, exit, keep memory it allocates, or leave the
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

/** First place at which an answer is wrong, for `check` and `compare`. */
struct cs_mismatch {
    const char *output; /**< name of the output, or what was checked */
    size_t index;       /**< element */
    char got[48];       /**< what the variant left there, as text */
    char expected[48];  /**< what should be there, as text */
    char advice[160];   /**< what would make it right, in words; or "" */
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

/*
 * One element of an answer and what it should be, of any type of number, in `check`:
 *     for (size_t i = 0; i < state->n; i++)
 *         cs_expect(mismatch, "sum", i, state->sums[i], expected_sum(state, i));
 *     return 0;
 * Notes the first that differs, by the type of what is there; one that was noted is wrong, whatever the check returns.
 * Floating-point numbers must be equal: for a tolerance, cs_wrong.
 */
static inline void cs_expect_unsigned(struct cs_mismatch *mismatch, const char *where, size_t at,
                                      unsigned long long is, unsigned long long should) {
    if (is != should && !mismatch->output)
        (void)cs_wrong(mismatch, where, at, "%llu", is, should);
}
static inline void cs_expect_signed(struct cs_mismatch *mismatch, const char *where, size_t at, long long is,
                                    long long should) {
    if (is != should && !mismatch->output)
        (void)cs_wrong(mismatch, where, at, "%lld", is, should);
}
static inline void cs_expect_real(struct cs_mismatch *mismatch, const char *where, size_t at, double is,
                                  double should) {
    if (!(is == should) && !mismatch->output)
        (void)cs_wrong(mismatch, where, at, "%.17g", is, should);
}
#ifndef __cplusplus
#define cs_expect(mismatch, where, at, is, should)                                                           \
    (_Generic((is), float                                                                                    \
              : cs_expect_real, double                                                                       \
              : cs_expect_real, char                                                                         \
              : cs_expect_signed, signed char                                                                \
              : cs_expect_signed, short                                                                      \
              : cs_expect_signed, int                                                                        \
              : cs_expect_signed, long                                                                       \
              : cs_expect_signed, long long                                                                  \
              : cs_expect_signed, default                                                                    \
              : cs_expect_unsigned)(mismatch, where, at, is, should))
#endif

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
     * again. Before every timed run too (outside the timed stretch) if reset_each_run is set. Where only the
     * next window is to be the first one again, cs_rewind does it.
     */
    void (*reset)(void *state);
    int reset_each_run; /**< 1 if a run changes how much work the next one does (sorting in place, say) */

    /**
     * NULL, or: spoils an answer that is not in memory (a file) before a verified run of `variant`. Memory
     * that `outputs` gives is spoiled by the harness itself.
     */
    int (*poison)(void *state, size_t variant);

    /**
     * NULL where setup says by cs_output where all variants leave their answer, or: says where `variant` leaves
     * it: fills at most CS_MAX_OUTPUTS entries, sets *count, and returns 0, or -errno. Called before a verified
     * run (to poison) and again after it (to compare), untimed; an answer in a file is read back into memory
     * here, and one that may have any order is put into one. It finds the outputs of setup there already.
     */
    int (*outputs)(void *state, size_t variant, struct cs_output *outputs, size_t *count);

    /** NULL where setup says it by cs_work, or: fills *work for the current point. */
    void (*work)(const void *state, struct cs_work *work);

    /**
     * NULL, or an independent check of the answer `variant` has just left: computed another way than any
     * variant does. Returns 0 if right, CS_WRONG with *mismatch filled if wrong (see cs_expect, cs_wrong), or
     * CS_UNCHECKED if nothing is wrong but the answer itself was not computed in another way. *mismatch is
     * zeros before.
     */
    int (*check)(void *state, size_t variant, struct cs_mismatch *mismatch);

    /**
     * NULL where setup says by cs_count where each total lies, or: fills values[i] with the total of counters[i]
     * since setup. Called between runs, untimed.
     */
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

    /**
     * NULL, or: whether two answers are as good as each other whose elements differ by more than `tolerance`: the same
     * in another order, say. Both are copies of what `outputs` gave, one element behind the other, without stride and
     * blocks. Returns 0 if they are, or CS_WRONG; *mismatch tells the first element that differs, and may be told
     * another, and advice.
     */
    int (*compare)(const void *state, const struct cs_output *expected, const struct cs_output *got,
                   size_t count, struct cs_mismatch *mismatch);
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

/** First line of every descriptor, by CS_KERNEL. */
#define CS_KERNEL_HEADER                                                                                     \
    .abi = CS_ABI, .size = (uint32_t)sizeof(struct cs_kernel), .compiler = CS_COMPILER,                      \
    .flags = CS_BUILD_FLAGS

/*
 * The rows of a descriptor, in C and in C++; what is not said is 0:
 *     CS_KERNEL("lookup", "lookup", "find the index of an id among n ids"),
 *     .parameters = {CS_NUMBER("n", "ids", 4, 4194304, 1024, "ids that are searched"),
 *                    CS_CHOICE("order", 0, "of the ids", "random", "sorted")},
 *     .variants = {CS_VARIANT("linear", run_linear, "scans the ids"),
 *                  CS_VARIANT("hash", run_hash, "a table", .prepare = prepare_hash)},
 *     .counters = {CS_COUNTER("comparisons", "comparison")},
 *     CS_STATE(struct lookup, setup),
 */
/** Name, item and summary of the kernel: first line of a descriptor. */
#define CS_KERNEL(name_, item_, summary_) CS_KERNEL_HEADER, .name = name_, .summary = summary_, .item = item_
/** A parameter that is a number: its name, unit, least and largest value, default and summary. */
#define CS_NUMBER(name_, unit_, min_, max_, def_, summary_)                                                  \
    {                                                                                                        \
        .name = name_, .unit = unit_, .min = min_, .max = max_, .def = def_, .choices = NULL,                \
        .summary = summary_                                                                                  \
    }
/** A parameter that is an enumeration: its name, the index of the default, its summary, and the names of the choices. */
#define CS_CHOICE(name_, def_, summary_, ...)                                                                \
    {                                                                                                        \
        .name = name_, .unit = NULL, .min = 0, .max = 0, .def = def_, .choices = CS_NAMES(__VA_ARGS__),      \
        .summary = summary_                                                                                  \
    }
/** A variant: its name, the function that runs it, its summary, and further fields in the order of struct cs_variant. */
#define CS_VARIANT(name_, run_, ...)                                                                         \
    { .name = name_, .run = run_, .summary = __VA_ARGS__ }
/** A counter: its name, and what is counted, singular. */
#define CS_COUNTER(name_, unit_)                                                                             \
    { .name = name_, .unit = unit_ }
/** The type of the state, and the function that fills it: cs_kernel.state_size and .setup. */
#define CS_STATE(type_, setup_) .state_size = sizeof(type_), .setup = setup_
#ifdef __cplusplus
#define CS_NAMES(...)                                                                                        \
    []() -> const char *const * {                                                                            \
        static const char *const names[] = {__VA_ARGS__, NULL};                                              \
        return names;                                                                                        \
    }()
#else
#define CS_NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#endif

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

/** Value of the parameter of this name, in setup or prepare: a number, or the index of a choice. */
static inline int64_t cs_value(const struct cs_env *env, const char *name) {
    for (size_t i = 0; i < CS_MAX_PARAMETERS && cs_kernel.parameters[i].name; i++)
        if (strcmp(cs_kernel.parameters[i].name, name) == 0)
            return env->value[i];
    fprintf(stderr, "cs_kernel.parameters has none that is named %s\n", name);
    abort();
}

/** The same as a size. */
static inline size_t cs_size(const struct cs_env *env, const char *name) {
    return (size_t)cs_value(env, name);
}

/** In setup: an answer that lies as cs_output and cs_field cannot say. */
static inline void cs_add_output(const struct cs_env *env, struct cs_output output) {
    env->host->add_output(env->host, &output);
}

/* Of cs_output, cs_field and cs_answer. */
static inline void cs_add_array(const struct cs_env *env, const char *name, void *data, size_t count,
                                enum cs_type type, size_t stride) {
    struct cs_output output = {name, data, count, type, stride, 0, 0};
    env->host->add_output(env->host, &output);
}

/*
 * Where all variants leave an answer, in setup, which says it of every answer in the order in which they are told:
 *     cs_output(env, "total", &state->total, 1);                   of the state, or of an array
 *     state->sums = cs_answer(env, "sum", state->n, uint64_t);      an array, as of cs_array, that is an answer
 *     cs_field(env, "sum", state->rows, state->n, sum);            a field of each struct of an array
 * The type of the elements is that of the pointer: uint8_t, char, uint32_t, int32_t, uint64_t, int64_t, float or double.
 * No elements are no output. What depends on the variant, or must be fetched after each run, is for cs_kernel.outputs.
 */
#ifndef __cplusplus
#define cs_type_of(data)                                                                                     \
    _Generic((data), uint8_t *                                                                               \
             : CS_U8, char *                                                                                 \
             : CS_U8, uint32_t *                                                                             \
             : CS_U32, int32_t *                                                                             \
             : CS_I32, uint64_t *                                                                            \
             : CS_U64, int64_t *                                                                             \
             : CS_I64, float *                                                                               \
             : CS_F32, double *                                                                              \
             : CS_F64)
#define cs_answer(env, name, count, type)                                                                    \
    ((type *)cs_add_answer((env), (name), (count), sizeof(type), cs_type_of((type *)0)))
#else
#define cs_answer(env, name, count, type)                                                                    \
    (static_cast<type *>(                                                                                    \
        cs_add_answer((env), (name), (count), sizeof(type), cs_type_of(static_cast<type *>(nullptr)))))
#endif
#define cs_output(env, name, data, count) cs_add_array((env), (name), (data), (count), cs_type_of(data), 0)
#define cs_field(env, name, array, count, field)                                                             \
    cs_add_array((env), (name), &(array)->field, (count), cs_type_of(&(array)->field), sizeof *(array))

/* Of cs_answer. */
static inline void *cs_add_answer(const struct cs_env *env, const char *name, size_t count, size_t size,
                                  enum cs_type type) {
    void *data = cs_allocate(env, name, count, size, CS_LINE);
    cs_add_array(env, name, data, count, type, 0);
    return data;
}

/**
 * How much one run does, in setup: items, above 0, and the bytes that it must move at the least, 0 where that says nothing.
 * See struct cs_work.
 */
#define cs_work(env, items, bytes) ((env)->host->set_work((env)->host, (double)(items), (double)(bytes), -1))

/** Floating-point operations of one run, in setup, where that says something. */
static inline void cs_flops(const struct cs_env *env, double flops) {
    env->host->set_work(env->host, -1, -1, flops);
}

/**
 * In setup, of a kernel whose runs take one window of their input after the other (cs_window): *next is 0 again wherever
 * cs_kernel.reset is, or would be, called.
 */
static inline void cs_rewind(const struct cs_env *env, size_t *next) {
    env->host->rewind(env->host, next);
}

/**
 * The same, and how much such an input has: whole windows of `size`, one and `least` at the least.
 *     state->all = cs_windows(env, &state->next, LEAST_POOL, state->n);
 */
static inline size_t cs_windows(const struct cs_env *env, size_t *next, size_t least, size_t size) {
    cs_rewind(env, next);
    return least ? (least + size - 1) / size * size : size;
}

/**
 * In setup, of a kernel whose runs may fail: a run that does leaves -errno in *error, which makes the variant invalid. It is
 * 0 again before each verified run.
 */
static inline void cs_run_error(const struct cs_env *env, int *error) {
    env->host->watch_error(env->host, error);
}

/** In setup: the counter of this name, of cs_kernel.counters, has its total since setup at *total. */
static inline void cs_count(const struct cs_env *env, const char *name, const uint64_t *total) {
    env->host->add_count(env->host, name, total);
}

/** An array with the path of a file in env->scratch, whose name is told as by printf. The file is the kernel's to remove. */
__attribute__((format(printf, 2, 3), returns_nonnull)) static inline char *
cs_scratch_path(const struct cs_env *env, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t folder = strlen(env->scratch), name = (size_t)vsnprintf(NULL, 0, format, again);
    char *path = (char *)cs_allocate(env, "path of a file", folder + 1 + name + 1, 1, CS_LINE);
    memcpy(path, env->scratch, folder);
    path[folder] = '/';
    vsnprintf(path + folder + 1, name + 1, format, arguments);
    va_end(again);
    va_end(arguments);
    return path;
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

/** Shuffles `count` values in place (Fisher and Yates), count below 2^32. See cs_random_order. */
static inline void cs_random_shuffle(struct cs_random *random, uint32_t *values, size_t count) {
    for (size_t i = count; i > 1; i--) {
        size_t j = cs_random_below(random, (uint32_t)i);
        uint32_t swap = values[i - 1];
        values[i - 1] = values[j];
        values[j] = swap;
    }
}

/** Fills an array of uint32_t or uint64_t with the low bits of as many cs_random_u64. */
#ifndef __cplusplus
#define cs_random_fill(random, array, count)                                                                 \
    (_Generic((array), uint32_t *                                                                            \
              : cs_random_fill_u32, uint64_t *                                                               \
              : cs_random_fill_u64)(random, array, count))
#endif
static inline void cs_random_fill_u32(struct cs_random *random, uint32_t *array, size_t count) {
    for (size_t i = 0; i < count; i++)
        array[i] = (uint32_t)cs_random_u64(random);
}
static inline void cs_random_fill_u64(struct cs_random *random, uint64_t *array, size_t count) {
    for (size_t i = 0; i < count; i++)
        array[i] = cs_random_u64(random);
}

/** Fills `order` with 0 to count - 1 in random order, count below 2^32. */
static inline void cs_random_order(struct cs_random *random, uint32_t *order, size_t count) {
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    cs_random_shuffle(random, order, count);
}

#ifdef __cplusplus
}

/* What _Generic is in C. */
static inline cs_type cs_type_of(const uint8_t *) {
    return CS_U8;
}
static inline cs_type cs_type_of(const char *) {
    return CS_U8;
}
static inline cs_type cs_type_of(const uint32_t *) {
    return CS_U32;
}
static inline cs_type cs_type_of(const int32_t *) {
    return CS_I32;
}
static inline cs_type cs_type_of(const uint64_t *) {
    return CS_U64;
}
static inline cs_type cs_type_of(const int64_t *) {
    return CS_I64;
}
static inline cs_type cs_type_of(const float *) {
    return CS_F32;
}
static inline cs_type cs_type_of(const double *) {
    return CS_F64;
}

static inline void cs_random_fill(cs_random *random, uint32_t *array, size_t count) {
    cs_random_fill_u32(random, array, count);
}
static inline void cs_random_fill(cs_random *random, uint64_t *array, size_t count) {
    cs_random_fill_u64(random, array, count);
}

template <class T, class U>
static inline void cs_expect(cs_mismatch *mismatch, const char *where, size_t at, T is, U should) {
    if (static_cast<T>(0.5) != 0)
        cs_expect_real(mismatch, where, at, static_cast<double>(is), static_cast<double>(should));
    else if (static_cast<T>(-1) < static_cast<T>(0))
        cs_expect_signed(mismatch, where, at, static_cast<long long>(is), static_cast<long long>(should));
    else
        cs_expect_unsigned(mismatch, where, at, static_cast<unsigned long long>(is),
                           static_cast<unsigned long long>(should));
}
#endif

#endif
