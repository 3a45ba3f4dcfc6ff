/*
 * Does the simulated run take the path of the timed one? Code that asks the CPU at run time, itself or in a
 * library, takes another under Valgrind, which hides features.
 */
#ifndef COUNTERS_CODE_PATH_H
#define COUNTERS_CODE_PATH_H

#include "counters/callgrind_file.h"

#include <stddef.h>
#include <stdint.h>

/** Samples of an arm at the most, and time for them. */
#define CODE_PATH_SAMPLES 1024
#define CODE_PATH_SECONDS 0.06

/** In a key: the instruction is a repeated string instruction (rep movs and the like). */
#define CODE_PATH_STRING ((uint64_t)1 << 43)

/** One instruction: the object by the name of its file, and the address that the file gives it. Never 0. */
uint64_t code_path_key(const char *object, uint64_t address);

enum code_path { CODE_PATH_SAME, CODE_PATH_OTHER, CODE_PATH_STRINGS };

/**
 * Writes to *path why counts of the simulated run cannot stand for the timed one, or CODE_PATH_SAME: a good part of the
 * time, which *share receives (0 to 1; 0 where it is the same), goes to instructions that were not simulated, or to
 * string instructions, which Callgrind counts at every repetition. `samples`: keys of where the timed code was found,
 * as the worker took them; fewer than 20 show nothing. -ENOMEM, or 0.
 */
int code_path_judge(const struct callgrind_profile *simulated, const uint64_t *samples, size_t count,
                    enum code_path *path, double *share);

#endif
