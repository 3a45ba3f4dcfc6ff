/* JSON form of the machine and of what disturbed it. */
#include "store/result_json.h"

static const struct field topology_fields[] = {
    {FIELD(UNSIGNED, struct topology_facts, packages, "packages"), .about = "Packages (sockets)."},
    {FIELD(UNSIGNED, struct topology_facts, numa_nodes, "numa_nodes"), .about = "NUMA nodes."},
    {FIELD(UNSIGNED, struct topology_facts, cores, "cores"), .about = "Physical cores."},
    {FIELD(UNSIGNED, struct topology_facts, cpus, "cpus"), .about = "Processing units that are online."},
    {FIELD(UNSIGNED, struct topology_facts, allowed_cpus, "allowed_cpus"),
     .about = "Of them, those the process may use."},
    {FIELD(UNSIGNED, struct topology_facts, threads_per_core, "threads_per_core"),
     .about = "Most hardware threads of any core."},
    {FIELD(UNSIGNED, struct topology_facts, cpu_kinds, "cpu_kinds"),
     .about = "Kinds of core; above 1 on hybrid machines."},
    {FIELD(UNSIGNED, struct topology_facts, performance_cpus, "performance_cpus"),
     .about = "Processing units of the fastest kind."},
    {FIELD(UNSIGNED, struct topology_facts, offline_cpus, "offline_cpus"),
     .about = "Processing units that are known but not online."},
    {FIELD(UINT64, struct topology_facts, l1d_bytes, "l1d_bytes"), .about = "Level-1 data cache, bytes."},
    {FIELD(UINT64, struct topology_facts, l2_bytes, "l2_bytes"), .about = "Level-2 cache, bytes."},
    {FIELD(UINT64, struct topology_facts, l3_bytes, "l3_bytes"), .about = "Level-3 cache, bytes."},
    {FIELD(UNSIGNED, struct topology_facts, line_bytes, "line_bytes"), .about = "Cache line, bytes."},
    {FIELD(UNSIGNED, struct topology_facts, l3_sharing_cpus, "l3_sharing_cpus"),
     .about = "Processing units that share a level-3 cache."},
    {FIELD(UINT64, struct topology_facts, memory_bytes, "memory_bytes"),
     .about = "Memory of the machine, bytes."},
    {0},
};

static const struct field clock_fields[] = {
    {FIELD(BOOL, struct sample_clock, tsc, "tsc"),
     .about = "Whether it is the processor's time stamp counter."},
    {FIELD(NUMBER, struct sample_clock, ticks_per_ns, "ticks_per_ns"), .high = INFINITY,
     .about = "Ticks a nanosecond: time in ns = ticks / ticks_per_ns."},
    {FIELD(TEXT, struct sample_clock, name, "name"), .about = "Name of the clock."},
    {FIELD(TEXT, struct sample_clock, reason, "reason"),
     .about = "Why not the time stamp counter; empty where it is used."},
    {0},
};

static const struct field core_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct core_clock, cycles_per_tick, "cycles_per_tick"), .high = INFINITY,
     .about = "Core cycles a tick of the sample clock."},
    {FIELD(NUMBER_OR_NULL, struct core_clock, ghz, "ghz"), .high = INFINITY, .about = "Core frequency, GHz."},
    {FIELD(NUMBER_OR_NULL, struct core_clock, disagreement, "disagreement"),
     .about = "Relative disagreement of the two chains; above 0.02 the calibration is not to be "
              "trusted."},
    {0},
};

static bool text_says(const void *text) {
    return *(const char *)text;
}

const struct field fingerprint_fields[] = {
    {FIELD(TEXT, struct fingerprint, machine, "machine"),
     .about = "Folder name of this machine under results/: lower case letters, digits and hyphens."},
    {FIELD(TEXT, struct fingerprint, cpu_model, "cpu_model"),
     .about = "Model of the CPU, from /proc/cpuinfo or the Arm part number."},
    {FIELD(TEXT, struct fingerprint, cpu_vendor, "cpu_vendor"), .about = "Vendor string of the CPU."},
    {FIELD(INT, struct fingerprint, cpu_family, "cpu_family"), .about = "CPU family."},
    {FIELD(INT, struct fingerprint, cpu_model_number, "cpu_model_number"), .about = "CPU model number."},
    {FIELD(INT, struct fingerprint, cpu_stepping, "cpu_stepping"), .about = "CPU stepping."},
    {FIELD(TEXT, struct fingerprint, microcode, "microcode"), .about = "Microcode revision."},
    {FIELD(TEXT, struct fingerprint, cpu_flags, "cpu_flags"), .optional = true, .sparse = true,
     .says = text_says,
     .about = "What the CPU can do, as /proc/cpuinfo names it, blanks between. Absent in files from before, "
              "and where not known."},
    {FIELD(TEXT, struct fingerprint, architecture, "architecture"),
     .about = "Machine of uname: x86_64, aarch64."},
    {FIELD(TEXT, struct fingerprint, kernel, "kernel"), .about = "Operating system kernel and release."},
    {FIELD(TEXT, struct fingerprint, distribution, "distribution"), .about = "PRETTY_NAME of os-release."},
    {FIELD(TEXT, struct fingerprint, hypervisor, "hypervisor"), .about = "Hypervisor; empty on bare metal."},
    {FIELD(TEXT, struct fingerprint, container, "container"),
     .about = "Container runtime; empty outside one."},
    {FIELD(TEXT, struct fingerprint, governor, "governor"),
     .about = "cpufreq governor of the first allowed CPU."},
    {FIELD(TEXT, struct fingerprint, turbo, "turbo"), .about = "on, off, or empty."},
    {FIELD(TEXT, struct fingerprint, transparent_huge_pages, "transparent_huge_pages"),
     .about = "always, madvise or never."},
    {FIELD(TEXT, struct fingerprint, clocksource, "clocksource"),
     .about = "The operating system's clock source."},
    {FIELD(TEXT, struct fingerprint, libc, "libc"), .about = "C library and version."},
    {FIELD(INT, struct fingerprint, aslr, "aslr"), .low = -1, .high = INFINITY,
     .about = "kernel.randomize_va_space; -1: not known."},
    {FIELD(INT, struct fingerprint, perf_event_paranoid, "perf_event_paranoid"), .low = -2, .high = INFINITY,
     .about = "kernel.perf_event_paranoid; -2: not known."},
    {FIELD(OBJECT, struct fingerprint, topology, "topology"), .fields = topology_fields,
     .about = "Processors, caches and memory."},
    {FIELD(OBJECT, struct fingerprint, clock, "clock"), .fields = clock_fields,
     .about = "The clock that samples are timed with."},
    {FIELD(OBJECT, struct fingerprint, core, "core_clock"), .fields = core_fields,
     .about = "Core frequency, calibrated on dependent chains; 0 or null where not known."},
    {0},
};

const struct field noise_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct noise, wall_s, "wall_s"), .high = INFINITY, .about = "Wall time, s."},
    {FIELD(NUMBER_OR_NULL, struct noise, steal_share, "steal_share"), .high = INFINITY,
     .about = "Share of the CPUs' time that the hypervisor took, 0 to 1."},
    {FIELD(NUMBER_OR_NULL, struct noise, other_load_share, "other_load_share"), .high = INFINITY,
     .about = "Share of the CPUs' time spent in other processes, 0 to 1."},
    {FIELD(UINT64, struct noise, involuntary_switches, "involuntary_switches"),
     .about = "Involuntary context switches of the process."},
    {FIELD(UINT64, struct noise, voluntary_switches, "voluntary_switches"),
     .about = "Voluntary context switches."},
    {FIELD(UINT64, struct noise, migrations, "migrations"), .about = "Moves of threads between CPUs."},
    {FIELD(UINT64, struct noise, minor_faults, "minor_faults"), .about = "Minor page faults."},
    {FIELD(UINT64, struct noise, major_faults, "major_faults"), .about = "Major page faults."},
    {FIELD(NUMBER_OR_NULL, struct noise, throttled_s, "throttled_s"), .high = INFINITY,
     .about = "Time held back by the cgroup's CPU quota, s."},
    {FIELD(NUMBER_OR_NULL, struct noise, frequency_drift, "frequency_drift"),
     .about = "Last core frequency / first - 1; 0 or null where not known."},
    {0},
};
