/* Which processing units to run on, and binding threads and memory to them (hwloc). */
#ifndef HOST_TOPOLOGY_H
#define HOST_TOPOLOGY_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TOPOLOGY_MAX_CPUS 1024

struct topology; /* an hwloc topology and what was asked of it */

/** Facts of a topology, for `doctor` and result files. */
struct topology_facts {
    unsigned packages, numa_nodes, cores, cpus; /**< cpus: processing units that are online */
    unsigned allowed_cpus;                      /**< of them, those this process may use (cpuset, affinity) */
    unsigned threads_per_core;                  /**< the most of any core: 2 with SMT */
    unsigned cpu_kinds;        /**< 1, or more on hybrid machines; cores that differ in boost alone are one */
    unsigned performance_cpus; /**< PUs of the fastest kind; = cpus where kinds = 1 */
    unsigned offline_cpus;     /**< known to the machine but not online */
    uint64_t l1d_bytes, l2_bytes, l3_bytes; /**< of the first allowed PU; 0 where not known */
    unsigned line_bytes;                    /**< cache line; 64 where not known */
    unsigned l3_sharing_cpus; /**< PUs that share the first allowed PU's L3; 0 where not known */
    uint64_t memory_bytes;    /**< of the whole machine */
};

/** Shape of a cache. */
struct cache_geometry {
    uint64_t bytes;      /**< 0: there is none, or it is not known */
    unsigned ways;       /**< associativity; 0: not known; as many as lines: fully associative */
    unsigned line_bytes; /**< 0: not known */
};

/** Caches that one processing unit sees. */
struct cpu_caches {
    struct cache_geometry l1i, l1d;
    struct cache_geometry last; /**< of the highest level there is beyond L1: L3, or L2 without an L3 */
};

/** Why a processing unit was chosen; see topology_choose. */
struct cpu_choice {
    unsigned cpus[TOPOLOGY_MAX_CPUS]; /**< OS indexes, one a thread, thread i on cpus[i] */
    size_t count;
    int node;         /**< OS index of the NUMA node that holds all of them; -1 if they span nodes, or if that
                           one has no memory that this process may use */
    bool shared_core; /**< two of them are hardware threads of one core */
    char reason[256]; /**< in words: "one per physical core, performance cores, one NUMA node" */
};

/**
 * Reads a topology. `source` NULL: this machine, with the process's allowed cpuset and the calling thread's
 * affinity (so open it before binding that thread). Otherwise "xml:PATH" (a file of `lstopo file.xml`) or an
 * hwloc synthetic string ("pack:2 core:4 pu:2"); such a topology can be chosen from but not bound to. The
 * environment has no say: HWLOC_ variables are put aside while hwloc reads (topology_ignored); not while
 * other threads run. Returns 0 and *topology (free with topology_close), or -errno with the problem filled.
 */
int topology_open(struct topology **topology, const char *source, struct problem *problem);

void topology_close(struct topology *topology);

/** The HWLOC_ variables of the environment that were put aside: "HWLOC_XMLFILE, HWLOC_COMPONENTS"; "" for
 * none. */
const char *topology_ignored(const struct topology *topology);

void topology_get_facts(const struct topology *topology, struct topology_facts *facts);

/** The caches of the processing unit with OS index `cpu`; all 0 for one that is not in the topology. */
void topology_get_caches(const struct topology *topology, unsigned cpu, struct cpu_caches *caches);

/**
 * Narrows the allowed set to `cpus` ("0,2-3"), as a cpuset would: for tests on recorded topologies.
 * Returns 0 or -EINVAL.
 */
int topology_restrict(struct topology *topology, const char *cpus, struct problem *problem);

/**
 * Chooses `threads` (1..) processing units. Without `cpu_list`: from the allowed cpuset; performance cores
 * before efficiency cores; one per physical core before a second hardware thread; one NUMA node and one
 * shared L3 before a second; a node that has memory before one that has none; never the same PU twice. Where
 * these conflict, separate cores come first, then kind, then node, then L3. CPU 0's core is left for last
 * among equals where there are more cores than threads, since interrupts favour it. With `cpu_list` ("0,2-3",
 * --cpus): its first `threads` in the order written. Returns 0; -EINVAL for a list that cannot be parsed,
 * names a PU twice, one that does not exist, is offline or is not allowed, or is shorter than `threads`;
 * -ERANGE for more threads than allowed PUs. The problem says which and what is allowed.
 */
int topology_choose(const struct topology *topology, unsigned threads, const char *cpu_list,
                    struct cpu_choice *choice, struct problem *problem);

/** The allowed processing units as text, "0-3,6", for messages. Cut to `size`. */
void topology_allowed_text(const struct topology *topology, char *text, size_t size);

/** Binds thread `tid` (0: the caller) to one PU and reads the binding back. 0 or -errno. */
int topology_bind_thread(const struct topology *topology, pid_t tid, unsigned cpu, struct problem *problem);

/**
 * Binds later memory of the calling thread, and of threads it starts from then on, to the node of `choice`,
 * strictly: call it before threads are started and memory is touched. 0, or -errno (-ENOTSUP where there is
 * nothing to do: one node, or a choice that spans nodes).
 */
int topology_bind_memory(const struct topology *topology, const struct cpu_choice *choice,
                         struct problem *problem);

/**
 * Tries what a measurement will do: binds the calling thread to each allowed PU in turn, and where there are
 * several NUMA nodes its memory to that PU's, then puts both back. 0, or -errno of the first that was
 * refused.
 */
int topology_try_binding(const struct topology *topology, struct problem *problem);

#endif
