#include "host/observation.h"

#include "host/proc_text.h"
#include "host/text_file.h"
#include "host/topology_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <time.h>

/* Reads the core clock ten times over the time to watch, and sleeps in between. */
static void watch_core_clock(const struct sample_clock *clock, double seconds,
                             struct observation *observation) {
    for (int i = 0; i < 10; i++) {
        struct core_clock reading;
        struct timespec pause = {.tv_sec = (time_t)(seconds / 10)};
        pause.tv_nsec = (long)((seconds / 10 - (double)pause.tv_sec) * 1e9);
        nanosleep(&pause, NULL);
        /* Enough repeats that a core that slept is awake at the end: the fastest stretch counts. */
        if (core_clock_measure(clock, 64, &reading))
            continue;
        if (reading.ghz > observation->fastest_ghz)
            observation->fastest_ghz = reading.ghz;
        if (observation->slowest_ghz <= 0 || reading.ghz < observation->slowest_ghz)
            observation->slowest_ghz = reading.ghz;
    }
}

static void read_memory(struct observation *observation) {
    char *text;
    uint64_t kilobytes;
    observation->memory_pressure = NAN;
    if (!text_file_read("/proc/pressure/memory", &text)) {
        observation->memory_pressure = pressure_avg10(text);
        free(text);
    }
    if (!text_file_read("/proc/meminfo", &text)) {
        if (text_number(text, "MemAvailable", ':', &kilobytes))
            observation->memory_available = kilobytes * 1024;
        if (text_number(text, "MemTotal", ':', &kilobytes))
            observation->memory_total = kilobytes * 1024;
        free(text);
    }
}

void host_observe(const struct fingerprint *fingerprint, const struct topology *topology, double seconds,
                  struct observation *observation) {
    unsigned cpus[TOPOLOGY_MAX_CPUS];
    size_t count = topology_allowed_cpus(topology, cpus, TOPOLOGY_MAX_CPUS);
    struct noise_reading first, last;
    struct cgroup_place place;
    *observation = (struct observation){0};
    seconds = seconds > 0.2 ? seconds : 0.2; /* also where it is not a number */
    seconds = seconds < 2 ? seconds : 2;

    noise_read(&first, cpus, count);
    watch_core_clock(&fingerprint->clock, seconds, observation);
    noise_read(&last, cpus, count);
    noise_between(&first, &last, count, &observation->noise);
    cgroup_find_own(&place);
    cgroup_read_cpu(&place, &observation->cgroup);
    read_memory(observation);
    int persona = personality(0xffffffff);
    observation->aslr_off_here = persona != -1 && (persona & ADDR_NO_RANDOMIZE);
    text_file_line("/sys/devices/system/cpu/smt/control", observation->smt, sizeof observation->smt);
    topology_allowed_text(topology, observation->allowed, sizeof observation->allowed);
    snprintf(observation->ignored, sizeof observation->ignored, "%s", topology_ignored(topology));
    observation->binding = topology_try_binding(topology, &observation->binding_problem);
}
