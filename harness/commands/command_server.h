/*
 * A server that a command asks: started anew before each execution on CPUs of its own, ready before the execution is
 * timed, and ended after it, with all that it started. It is the nursery's child, which ends it should this program die.
 */
#ifndef COMMANDS_COMMAND_SERVER_H
#define COMMANDS_COMMAND_SERVER_H

#include "base/child.h"
#include "base/orphans.h"
#include "base/problem.h"
#include "commands/command_sample.h"
#include "host/topology.h"

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

struct command_job;

/** The one that runs. Private; in memory that the nursery shares. */
struct command_server {
    size_t arm;
    struct child child; /* of the nursery */
    int output;         /* file that it writes to */
    unsigned port;      /* $COUNTERSIGN_PORT of this execution */
    char words[256];    /* what went wrong, without a subject; empty: nothing */
    struct orphans orphans;
};

/**
 * Which CPUs the client and the server get: those of the lists, or else, where there are two cores or more, half of the cores each;
 * with one core they share it. `text` says so. 0, or -EINVAL with the problem for a list.
 */
int command_server_cpus(const struct topology *topology, unsigned cores, const char *client_list,
                        const char *server_list, cpu_set_t *client, cpu_set_t *server, char *text,
                        size_t size, struct problem *problem);

/** The same for the point of a job, whose client may be bound to `listed` (NULL: as above). */
int command_server_bind(struct command_job *job, const char *listed, struct problem *problem);

/** Chooses a free port for the next execution, and puts it into its environment. 0 or -errno with the problem. */
int command_server_choose_port(struct command_job *job, struct problem *problem);

/**
 * Starts the arm's server and waits until it is ready. 0; with `reason` not empty it did not come. -EINTR, or another
 * -errno with the problem. Stop it in any case.
 */
int command_server_start(struct command_job *job, size_t arm, char *reason, size_t size,
                         struct problem *problem);

/** Ends it; does nothing where none runs. `reason` is filled where it had ended before. 0 or -errno with the problem. */
int command_server_stop(struct command_job *job, char *reason, size_t size, struct problem *problem);

/** What a client's output tells: how fast it was served, if that is asked for. */
struct client_words {
    const char *rate; /**< NULL, or: what stands before the number of requests a second */
};

/**
 * A command_sampler of a client's output; `context`: struct client_words. Latencies are read from lines such as
 * "  99%  1.26ms" (wrk, hey).
 */
int client_sample(const void *context, const struct command_output *output, struct command_sample *sample,
                  struct problem *problem);

#endif
