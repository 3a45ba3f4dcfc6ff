/* JSON form of the machine and of what disturbed it. */
#include "store/result_json.h"

static const struct field topology_fields[] = {
    {FIELD(UNSIGNED, struct topology_facts, packages, "packages")},
    {FIELD(UNSIGNED, struct topology_facts, numa_nodes, "numa_nodes")},
    {FIELD(UNSIGNED, struct topology_facts, cores, "cores")},
    {FIELD(UNSIGNED, struct topology_facts, cpus, "cpus")},
    {FIELD(UNSIGNED, struct topology_facts, allowed_cpus, "allowed_cpus")},
    {FIELD(UNSIGNED, struct topology_facts, threads_per_core, "threads_per_core")},
    {FIELD(UNSIGNED, struct topology_facts, cpu_kinds, "cpu_kinds")},
    {FIELD(UNSIGNED, struct topology_facts, performance_cpus, "performance_cpus")},
    {FIELD(UNSIGNED, struct topology_facts, offline_cpus, "offline_cpus")},
    {FIELD(UINT64, struct topology_facts, l1d_bytes, "l1d_bytes")},
    {FIELD(UINT64, struct topology_facts, l2_bytes, "l2_bytes")},
    {FIELD(UINT64, struct topology_facts, l3_bytes, "l3_bytes")},
    {FIELD(UNSIGNED, struct topology_facts, line_bytes, "line_bytes")},
    {FIELD(UNSIGNED, struct topology_facts, l3_sharing_cpus, "l3_sharing_cpus")},
    {FIELD(UINT64, struct topology_facts, memory_bytes, "memory_bytes")},
    {0},
};

static const struct field clock_fields[] = {
    {FIELD(BOOL, struct sample_clock, tsc, "tsc")},
    {FIELD(NUMBER, struct sample_clock, ticks_per_ns, "ticks_per_ns"), .high = INFINITY},
    {FIELD(TEXT, struct sample_clock, name, "name")},
    {FIELD(TEXT, struct sample_clock, reason, "reason")},
    {0},
};

static const struct field core_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct core_clock, cycles_per_tick, "cycles_per_tick"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct core_clock, ghz, "ghz"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct core_clock, disagreement, "disagreement")},
    {0},
};

const struct field fingerprint_fields[] = {
    {FIELD(TEXT, struct fingerprint, machine, "machine")},
    {FIELD(TEXT, struct fingerprint, cpu_model, "cpu_model")},
    {FIELD(TEXT, struct fingerprint, cpu_vendor, "cpu_vendor")},
    {FIELD(INT, struct fingerprint, cpu_family, "cpu_family")},
    {FIELD(INT, struct fingerprint, cpu_model_number, "cpu_model_number")},
    {FIELD(INT, struct fingerprint, cpu_stepping, "cpu_stepping")},
    {FIELD(TEXT, struct fingerprint, microcode, "microcode")},
    {FIELD(TEXT, struct fingerprint, architecture, "architecture")},
    {FIELD(TEXT, struct fingerprint, kernel, "kernel")},
    {FIELD(TEXT, struct fingerprint, distribution, "distribution")},
    {FIELD(TEXT, struct fingerprint, hypervisor, "hypervisor")},
    {FIELD(TEXT, struct fingerprint, container, "container")},
    {FIELD(TEXT, struct fingerprint, governor, "governor")},
    {FIELD(TEXT, struct fingerprint, turbo, "turbo")},
    {FIELD(TEXT, struct fingerprint, transparent_huge_pages, "transparent_huge_pages")},
    {FIELD(TEXT, struct fingerprint, clocksource, "clocksource")},
    {FIELD(TEXT, struct fingerprint, libc, "libc")},
    {FIELD(INT, struct fingerprint, aslr, "aslr")},
    {FIELD(INT, struct fingerprint, perf_event_paranoid, "perf_event_paranoid")},
    {FIELD(OBJECT, struct fingerprint, topology, "topology"), .fields = topology_fields},
    {FIELD(OBJECT, struct fingerprint, clock, "clock"), .fields = clock_fields},
    {FIELD(OBJECT, struct fingerprint, core, "core_clock"), .fields = core_fields},
    {0},
};

const struct field noise_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct noise, wall_s, "wall_s"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct noise, steal_share, "steal_share"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct noise, other_load_share, "other_load_share"), .high = INFINITY},
    {FIELD(UINT64, struct noise, involuntary_switches, "involuntary_switches")},
    {FIELD(UINT64, struct noise, voluntary_switches, "voluntary_switches")},
    {FIELD(UINT64, struct noise, migrations, "migrations")},
    {FIELD(UINT64, struct noise, minor_faults, "minor_faults")},
    {FIELD(UINT64, struct noise, major_faults, "major_faults")},
    {FIELD(NUMBER_OR_NULL, struct noise, throttled_s, "throttled_s"), .high = INFINITY},
    {FIELD(NUMBER_OR_NULL, struct noise, frequency_drift, "frequency_drift")},
    {0},
};
