/*
 * Counts a loop of known length through the program's own counters, and prints one line an event:
 *     EVENT SOURCE TRUST NATIVE TOTAL DIFFERENCE [# REASON]
 * TOTAL is of the longer of two stretches, DIFFERENCE is longer minus shorter: constant costs cancel in it.
 * After the events, with --threads, a line `thread INDEX EVENT DIFFERENCE` for each thread that is told
 * apart.
 *
 * Exit status: 0 counted; 1 a session could not be opened, started or read ("failed: ..." says which); 2
 * wrong usage.
 */
#include "base/problem.h"
#include "counters/counters.h"
#include "host/clock.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHORT_ITERATIONS 1000000ul
#define LONG_ITERATIONS (2 * SHORT_ITERATIONS)
#define THREADS_MAX 8

struct options {
    unsigned hold;    /* hardware counters taken by somebody else before the probe */
    unsigned crowd;   /* the same, but after the session is open */
    unsigned files;   /* limit of file descriptors, set before the session is opened; 0 none */
    unsigned threads; /* that run the loop, the main thread included */
    unsigned disabled_sources;
    bool self_test;
    char events[COUNTER_NATIVE_EVENTS][COUNTER_NAME]; /* native events by name */
    size_t event_count;
};

struct team {
    pthread_barrier_t barrier;
    unsigned long iterations; /* of the next stretch; 0: leave */
    pid_t threads[THREADS_MAX];
    size_t count;
};

struct member {
    struct team *team;
    size_t index;
    pthread_t handle;
};

struct stretch {
    struct counter_reading total;
    double thread[THREADS_MAX][COUNTER_EVENTS];
};

/* Two instructions an iteration, one of them a branch. */
static void known_loop(unsigned long iterations) {
#if defined(__aarch64__)
    __asm__ volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(iterations) : : "cc");
#elif defined(__x86_64__)
    __asm__ volatile("1: sub $1, %0\n\tjnz 1b" : "+r"(iterations) : : "cc");
#else
#error "no loop of known length for this architecture"
#endif
}

/* A pinned event on CPU 0 always has its hardware counter, as the kernel's NMI watchdog or another profiler
 * has. */
static int hold_hardware_counters(unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        struct perf_event_attr attributes = {.size = sizeof(attributes),
                                             .type = PERF_TYPE_HARDWARE,
                                             .config = PERF_COUNT_HW_INSTRUCTIONS,
                                             .pinned = 1};
        if (syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC) < 0) {
            return -errno;
        }
    }
    return 0;
}

static void *run_member(void *argument) {
    struct member *member = argument;
    struct team *team = member->team;
    team->threads[member->index] = (pid_t)syscall(SYS_gettid);
    pthread_barrier_wait(&team->barrier);
    for (;;) {
        pthread_barrier_wait(&team->barrier);
        if (team->iterations == 0) {
            return NULL;
        }
        known_loop(team->iterations);
        pthread_barrier_wait(&team->barrier);
    }
}

static int start_team(struct team *team, struct member *members, unsigned count) {
    *team = (struct team){.count = count};
    int error = pthread_barrier_init(&team->barrier, NULL, count);
    if (error != 0) {
        return -error;
    }
    team->threads[0] = getpid();
    for (size_t i = 1; i < count; i++) {
        members[i] = (struct member){.team = team, .index = i};
        error = pthread_create(&members[i].handle, NULL, run_member, &members[i]);
        if (error != 0) {
            return -error;
        }
    }
    pthread_barrier_wait(&team->barrier);
    return 0;
}

/* Every thread runs the loop once; returns when all are through. */
static void run_team(struct team *team, unsigned long iterations) {
    team->iterations = iterations;
    pthread_barrier_wait(&team->barrier);
    known_loop(iterations);
    pthread_barrier_wait(&team->barrier);
}

static void stop_team(struct team *team, struct member *members) {
    team->iterations = 0;
    pthread_barrier_wait(&team->barrier);
    for (size_t i = 1; i < team->count; i++) {
        pthread_join(members[i].handle, NULL);
    }
    pthread_barrier_destroy(&team->barrier);
}

static int measure_set(struct counter_session *session, const struct counter_plan *plan, unsigned set,
                       struct team *team, unsigned long iterations, struct stretch *stretch) {
    int error = counter_session_start(session, set);
    if (error != 0) {
        printf("failed: start of set %u: %s\n", set, strerror(-error));
        return error;
    }
    run_team(team, iterations);
    struct counter_reading reading;
    error = counter_session_stop(session, &reading);
    if (error != 0) {
        printf("failed: stop of set %u: %s\n", set, strerror(-error));
        return error;
    }
    for (enum counter_event event = 0; event < COUNTER_EVENTS; event++) {
        if (plan->entries[event].source == SOURCE_NONE || plan->entries[event].set != set) {
            continue;
        }
        stretch->total.total[event] = reading.total[event];
        for (size_t i = 0; i < team->count; i++) {
            stretch->thread[i][event] = counter_session_thread_value(session, i, event);
        }
    }
    return 0;
}

static int measure_all(struct counter_session *session, const struct counter_plan *plan, struct team *team,
                       struct stretch *shorter, struct stretch *longer) {
    for (unsigned set = 0; set < plan->sets; set++) {
        struct stretch warm_up;
        int error = measure_set(session, plan, set, team, SHORT_ITERATIONS, &warm_up);
        if (error == 0) {
            error = measure_set(session, plan, set, team, SHORT_ITERATIONS, shorter);
        }
        if (error == 0) {
            error = measure_set(session, plan, set, team, LONG_ITERATIONS, longer);
        }
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

static void print_number(double value) {
    if (isnan(value)) {
        printf(" -");
    } else {
        printf(" %.0f", value);
    }
}

static void print_entry(const char *name, const struct counter_plan_entry *entry, double total,
                        double difference) {
    printf("%s %s %s ", name, counter_source_name(entry->source), counter_trust_name(entry->trust));
    for (const char *c = entry->native[0] != '\0' ? entry->native : "-"; *c != '\0'; c++) {
        putchar(*c == ' ' ? '_' : *c);
    }
    print_number(total);
    print_number(difference);
    if (entry->reason[0] != '\0') {
        printf(" # %s", entry->reason);
    }
    putchar('\n');
}

static void print_counts(const struct counter_plan *plan, const struct team *team,
                         const struct stretch *shorter, const struct stretch *longer) {
    for (enum counter_event event = 0; event < COUNTER_EVENTS; event++) {
        bool counted = plan->entries[event].source != SOURCE_NONE;
        if (!counter_plan_has(plan, event)) {
            continue;
        }
        print_entry(counter_plan_name(plan, event), &plan->entries[event],
                    counted ? longer->total.total[event] : NAN,
                    counted ? longer->total.total[event] - shorter->total.total[event] : NAN);
    }
    for (size_t i = 0; i < team->count && team->count > 1; i++) {
        for (enum counter_event event = 0; event < COUNTER_EVENTS; event++) {
            if (plan->entries[event].source == SOURCE_NONE || isnan(longer->thread[i][event])) {
                continue;
            }
            printf("thread %zu %s %.0f\n", i, counter_plan_name(plan, event),
                   longer->thread[i][event] - shorter->thread[i][event]);
        }
    }
}

static int count_with_session(const struct options *options, const struct counter_plan *plan,
                              const struct sample_clock *clock, struct team *team) {
    if (options->files > 0) {
        struct rlimit limit = {.rlim_cur = options->files, .rlim_max = options->files};
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            return -errno;
        }
    }
    struct problem problem = {0};
    struct counter_session *session = NULL;
    int error = counter_session_open(plan, clock, team->threads, team->count, &session, &problem);
    if (error != 0) {
        printf("failed: open: %s: %s\n", strerror(-error), problem.text);
        return error;
    }
    error = hold_hardware_counters(options->crowd);
    if (error != 0) {
        printf("failed: the rival counters: %s\n", strerror(-error));
    } else {
        struct stretch shorter, longer;
        error = measure_all(session, plan, team, &shorter, &longer);
        if (error == 0) {
            print_counts(plan, team, &shorter, &longer);
        }
    }
    counter_session_close(session);
    return error;
}

static int parse_options(int argc, char **argv, struct options *options) {
    *options = (struct options){.threads = 1, .self_test = true};
    for (int i = 1; i < argc; i++) {
        char *value = i + 1 < argc ? argv[i + 1] : "";
        char *end = value;
        unsigned long number = strtoul(value, &end, 10);
        bool is_number = end != value && *end == '\0' && number <= 1000;
        if (strcmp(argv[i], "--no-self-test") == 0) {
            options->self_test = false;
            continue;
        }
        if (strcmp(argv[i], "--event") == 0 && counter_is_native_name(value) &&
            options->event_count < COUNTER_NATIVE_EVENTS) {
            snprintf(options->events[options->event_count++], COUNTER_NAME, "%s", value);
        } else if (strcmp(argv[i], "--without") == 0 && counter_source_by_name(value) > 0) {
            options->disabled_sources |= 1u << counter_source_by_name(value);
        } else if (strcmp(argv[i], "--hold") == 0 && is_number) {
            options->hold = (unsigned)number;
        } else if (strcmp(argv[i], "--crowd") == 0 && is_number) {
            options->crowd = (unsigned)number;
        } else if (strcmp(argv[i], "--files") == 0 && is_number) {
            options->files = (unsigned)number;
        } else if (strcmp(argv[i], "--threads") == 0 && is_number && number >= 1 && number <= THREADS_MAX) {
            options->threads = (unsigned)number;
        } else {
            return -EINVAL;
        }
        i++;
    }
    return 0;
}

int main(int argc, char **argv) {
    struct options options;
    if (parse_options(argc, argv, &options) != 0) {
        fprintf(stderr,
                "usage: %s [--no-self-test] [--without SOURCE] [--hold COUNTERS] [--crowd COUNTERS] "
                "[--files LIMIT] [--threads 1..%d] [--event NAME]...\n",
                argv[0], THREADS_MAX);
        return 2;
    }
    struct sample_clock clock;
    sample_clock_open(&clock);
    int error = hold_hardware_counters(options.hold);
    if (error != 0) {
        printf("failed: holding %u hardware counters: %s\n", options.hold, strerror(-error));
        return 1;
    }
    struct counter_options probe = {
        .self_test = options.self_test,
        .clock = &clock,
        .disabled_sources = options.disabled_sources,
        .native_events = options.events,
        .native_event_count = options.event_count,
    };
    struct counter_plan plan;
    error = counter_probe(&probe, &plan);
    if (error != 0) {
        printf("failed: probe: %s\n", strerror(-error));
        return 1;
    }
    printf("papi %s\npapi-reason %s\npmu %s\nsets %u\n", plan.papi_version, plan.papi_reason, plan.pmu,
           plan.sets);
    struct team team;
    struct member members[THREADS_MAX];
    error = start_team(&team, members, options.threads);
    if (error != 0) {
        printf("failed: threads: %s\n", strerror(-error));
        return 1;
    }
    error = count_with_session(&options, &plan, &clock, &team);
    stop_team(&team, members);
    return error == 0 ? 0 : 1;
}
