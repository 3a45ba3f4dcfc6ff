/* Targets of a service, `slo:` of a case or a file of its own: what its latency, errors and resources may be. */
#ifndef STORE_SLO_H
#define STORE_SLO_H

#include "base/problem.h"

#include <stddef.h>

#define SLO_TARGETS 16 /**< at the most */

/** What a target is about, and what a load measures. */
enum slo_quantity {
    SLO_THROUGHPUT,  /**< requests a second at saturation */
    SLO_P50,         /**< latency from the intended start, ns */
    SLO_P99,         /**< the same */
    SLO_P999,        /**< the same */
    SLO_ERROR_RATE,  /**< share of the requests */
    SLO_PEAK_MEMORY, /**< bytes */
    SLO_CPU_SHARE,   /**< CPUs busy at saturation */
    SLO_QUANTITIES
};
/** "throughput", "latency-p50", "latency-p99", "latency-p99.9", "error-rate", "peak-memory", "cpu-share". */
const char *slo_quantity_name(enum slo_quantity quantity);

struct slo_target {
    enum slo_quantity quantity;
    double bound;  /**< at the most; of a throughput, at the least */
    char text[48]; /**< as written: "< 500 us" */
};

struct slo {
    struct slo_target targets[SLO_TARGETS];
    size_t count;
};

struct yaml_reader;
struct yaml_entry;

/**
 * Reads a mapping of quantities to bounds: latencies "< 500 us" (ns, us, ms, s), error-rate and cpu-share "< 0.1 %" or
 * "< 0.001", peak-memory "< 64 MiB" (KiB, MiB, GiB, bytes), throughput "> 20000" or "> 20000 /s". Private to store/.
 */
int slo_read(struct yaml_reader *reader, const struct yaml_entry *entry, struct slo *slo);

/** Reads a file that holds such a mapping and nothing else. 0 or -errno with the problem: file, line, what is expected. */
int slo_load(struct slo *slo, const char *path, struct problem *problem);

#endif
