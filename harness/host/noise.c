#include "host/noise.h"

#include "base/numbers.h"
#include "host/cgroup.h"
#include "host/clock.h"
#include "host/proc_text.h"
#include "host/text_file.h"

#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void read_cpu_times(struct noise_reading *reading, const unsigned *cpus, size_t count) {
    char *text;
    long ticks_per_second = sysconf(_SC_CLK_TCK);
    if (!count || ticks_per_second <= 0 || text_file_read("/proc/stat", &text))
        return;
    struct cpu_ticks sum = {0};
    reading->cpu_times_known = true;
    for (size_t i = 0; i < count; i++) {
        struct cpu_ticks ticks = {0};
        if (!stat_cpu_ticks(text, cpus[i], &ticks))
            reading->cpu_times_known = false;
        sum.busy += ticks.busy;
        sum.steal += ticks.steal;
    }
    reading->busy_ms = sum.busy * 1000 / (uint64_t)ticks_per_second;
    reading->steal_ms = sum.steal * 1000 / (uint64_t)ticks_per_second;
    free(text);
}

static void read_migrations(struct noise_reading *reading) {
    DIR *tasks = opendir("/proc/self/task");
    if (!tasks)
        return;
    for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
        char path[64], *text;
        uint64_t migrations;
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%.20s/sched", entry->d_name);
        if (text_file_read(path, &text)) /* a thread that has just ended, or a kernel that does not tell */
            continue;
        if (sched_migrations(text, &migrations)) {
            reading->migrations += migrations;
            reading->migrations_known = true;
        }
        free(text);
    }
    closedir(tasks);
}

void noise_read(struct noise_reading *reading, const unsigned *cpus, size_t count) {
    struct rusage usage;
    struct timespec own;
    struct cgroup_place place;
    struct cgroup_cpu cgroup;
    *reading = (struct noise_reading){0};
    read_cpu_times(reading, cpus, count);
    read_migrations(reading);
    cgroup_find_own(&place);
    cgroup_read_cpu(&place, &cgroup);
    reading->throttled_us = cgroup.throttled_us;
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        reading->involuntary_switches = (uint64_t)usage.ru_nivcsw;
        reading->voluntary_switches = (uint64_t)usage.ru_nvcsw;
        reading->minor_faults = (uint64_t)usage.ru_minflt;
        reading->major_faults = (uint64_t)usage.ru_majflt;
    }
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own) == 0)
        reading->own_cpu_ns = (uint64_t)own.tv_sec * 1000000000u + (uint64_t)own.tv_nsec;
    reading->monotonic_ns = monotonic_ns();
}

/* Counters of threads that ended, or of a CPU that came back, can fall. */
static uint64_t grown(uint64_t first, uint64_t last) {
    return last > first ? last - first : 0;
}

static double share_of(double part, double whole) {
    return part <= 0 ? 0 : part >= whole ? 1 : part / whole;
}

void noise_between(const struct noise_reading *first, const struct noise_reading *last, size_t count,
                   struct noise *noise) {
    *noise = (struct noise){
        .wall_s = (double)grown(first->monotonic_ns, last->monotonic_ns) * 1e-9,
        .steal_share = NAN,
        .other_load_share = NAN,
        .involuntary_switches = grown(first->involuntary_switches, last->involuntary_switches),
        .voluntary_switches = grown(first->voluntary_switches, last->voluntary_switches),
        .migrations = grown(first->migrations, last->migrations),
        .migrations_known = first->migrations_known && last->migrations_known,
        .minor_faults = grown(first->minor_faults, last->minor_faults),
        .major_faults = grown(first->major_faults, last->major_faults),
        .throttled_s = (double)grown(first->throttled_us, last->throttled_us) * 1e-6,
    };
    double cpu_time = noise->wall_s * (double)count;
    if (cpu_time > 0 && first->cpu_times_known && last->cpu_times_known) {
        double own = (double)grown(first->own_cpu_ns, last->own_cpu_ns) * 1e-9;
        double busy = (double)grown(first->busy_ms, last->busy_ms) * 1e-3;
        noise->steal_share = share_of((double)grown(first->steal_ms, last->steal_ms) * 1e-3, cpu_time);
        noise->other_load_share = share_of(busy - own, cpu_time);
    }
    if (first->core_ghz > 0 && last->core_ghz > 0)
        noise->frequency_drift = last->core_ghz / first->core_ghz - 1;
}

static double average(double first, double first_weight, double second, double second_weight) {
    double weight = first_weight + second_weight;
    return weight > 0 ? (first * first_weight + second * second_weight) / weight : 0;
}

void noise_add(struct noise *sum, const struct noise *other) {
    bool first = sum->wall_s == 0;
    sum->steal_share = average(sum->steal_share, sum->wall_s, other->steal_share, other->wall_s);
    sum->other_load_share =
        average(sum->other_load_share, sum->wall_s, other->other_load_share, other->wall_s);
    sum->frequency_drift = average(sum->frequency_drift, sum->wall_s, other->frequency_drift, other->wall_s);
    sum->wall_s += other->wall_s;
    sum->involuntary_switches += other->involuntary_switches;
    sum->voluntary_switches += other->voluntary_switches;
    sum->migrations += other->migrations;
    sum->migrations_known = other->migrations_known && (first || sum->migrations_known);
    sum->minor_faults += other->minor_faults;
    sum->major_faults += other->major_faults;
    sum->throttled_s += other->throttled_s;
}

__attribute__((format(printf, 3, 4))) static void add_word(char *text, size_t size, const char *format, ...) {
    size_t used = strlen(text);
    if (used && used + 3 < size) {
        strcpy(text + used, ", ");
        used += 2;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

/* NAN compares false: what is not known does not stand out. */
static bool stands_out(double share, double resolution_s, double wall_s) {
    return share > 0.02 && share * wall_s > resolution_s;
}

bool noise_has_steal(const struct noise *noise) {
    return stands_out(noise->steal_share, 0.015, noise->wall_s);
}

bool noise_has_other_load(const struct noise *noise) {
    return stands_out(noise->other_load_share, 0.025, noise->wall_s);
}

void noise_describe(const struct noise *noise, char *text, size_t size) {
    if (!size)
        return;
    text[0] = '\0';
    if (noise_has_steal(noise))
        add_word(text, size, "steal %.1f %%", 100 * noise->steal_share);
    if (noise_has_other_load(noise))
        add_word(text, size, "other load %.1f %%", 100 * noise->other_load_share);
    if (noise->throttled_s > 0)
        add_word(text, size, "throttled for %s s by the CPU quota", BRIEF(noise->throttled_s, 3));
    if (noise->frequency_drift > 0.02 || noise->frequency_drift < -0.02)
        add_word(text, size, "core frequency %+.1f %%", 100 * noise->frequency_drift);
    if ((double)noise->involuntary_switches > 50 * noise->wall_s)
        add_word(text, size, "%llu involuntary switches", (unsigned long long)noise->involuntary_switches);
    if (noise->major_faults)
        add_word(text, size, "%llu major page fault%s", (unsigned long long)noise->major_faults,
                 noise->major_faults == 1 ? "" : "s");
}
