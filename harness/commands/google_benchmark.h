/* Executables made with Google Benchmark: what they are asked, and what they answer. */
#ifndef COMMANDS_GOOGLE_BENCHMARK_H
#define COMMANDS_GOOGLE_BENCHMARK_H

#include "base/words.h"
#include "commands/command_sample.h"

#include <signal.h>
#include <stdbool.h>

/**
 * A command_sampler, without a context, of the JSON that it writes: real_time, in an iteration; cpu_time as the counter
 * cpu-time-ns, and its own counters. Repetitions that the benchmark asks for itself are averaged.
 */
int google_benchmark_sample(const void *context, const struct command_output *output,
                            struct command_sample *sample, struct problem *problem);

/** Whether a line of standard error is no reason for an end: part of what it says of the machine in every run. */
bool google_benchmark_always_says(const char *line);

/**
 * Appends the command line that runs the benchmark of that name alone, for `min_time` seconds at least, and
 * writes JSON to standard output whatever the benchmark prints there itself. `text`: the same as a reader
 * would type it, free it. 0 or -ENOMEM.
 */
int google_benchmark_command(const struct words *program, const char *name, double min_time,
                             struct words *command, char **text);

/**
 * Appends the names of the benchmarks that match `filter` (NULL: all), as the executable lists them, each
 * once. 0; -EINVAL with the problem where it is no executable of Google Benchmark or lists none; or another
 * -errno with the problem. `interrupted`: NULL, or ends it once it is set.
 */
int google_benchmark_list(const struct words *program, const char *filter,
                          const volatile sig_atomic_t *interrupted, struct words *names,
                          struct problem *problem);

#endif
