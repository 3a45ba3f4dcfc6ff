/*
 * Valgrind's Callgrind as a source of counts: where it is, which caches it simulates, and its events as ours.
 */
#ifndef COUNTERS_CALLGRIND_H
#define COUNTERS_CALLGRIND_H

#include "counters/callgrind_file.h"
#include "counters/counters.h"
#include "host/topology.h"

/** The program that simulates. */
struct callgrind_tool {
    char path[4096];  /**< of valgrind; empty if it cannot be used */
    char version[64]; /**< "valgrind-3.19.0", as it says of itself; empty if there is none */
    char reason[192]; /**< why it cannot be used, and what would help; empty if it can */
};

/** Looks for valgrind in PATH and asks its version. Returns 0, or -errno with tool->reason. */
int callgrind_find(struct callgrind_tool *tool);

/** Caches as Callgrind is told them. */
struct callgrind_caches {
    char i1[48], d1[48], ll[48]; /**< options: "--D1=49152,12,64" */
    char text[128]; /**< "I1 32 KiB 8-way, D1 48 KiB 12-way, LL 32 MiB 16-way, 64 B lines"; "assumed" beside
                       what the machine does not tell, and "for …" behind what Callgrind does not accept */
};

/**
 * The nearest caches that Callgrind accepts: its number of sets must be a power of two, so ways change where
 * that of the machine is not; all lines are as long as those of the L1 data cache.
 */
void callgrind_choose_caches(const struct cpu_caches *caches, struct callgrind_caches *chosen);

/**
 * Why Valgrind ended, from its log (--log-file) at `path`, into `text`: an instruction that it does not know,
 * debug data that it cannot read, or the last that it said before it gave up, behind `otherwise`; `otherwise`
 * alone where it said nothing, or only what a crash of the program looks like.
 */
void callgrind_last_words(const char *path, const char *otherwise, char *text, size_t size);

/** Whether Callgrind has this event at all, be there a valgrind here or not. */
bool callgrind_simulates(enum counter_event event);

/** Totals of a profile as events of the vocabulary; NAN where Callgrind has none. */
void callgrind_counts(const struct callgrind_profile *profile, double counts[COUNTER_EVENTS]);

/**
 * Adds what there is to say of simulation: which valgrind and which caches, or why there is none. `topology`
 * and `cpu` as for topology_get_caches.
 */
void callgrind_findings(const struct topology *topology, unsigned cpu, struct findings *findings);

#endif
