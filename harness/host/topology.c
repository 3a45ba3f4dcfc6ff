#include "host/topology.h"

#include "host/text_file.h"
#include "host/topology_internal.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const xml_prefix = "xml:";

static int set_source(hwloc_topology_t hwloc, const char *source, struct problem *problem) {
    if (strncmp(source, xml_prefix, strlen(xml_prefix)) != 0) {
        if (hwloc_topology_set_synthetic(hwloc, source))
            return problem_set(problem, EINVAL,
                               "\"%s\" is not an hwloc synthetic topology; expected for example "
                               "\"pack:2 core:4 pu:2\", or xml:FILE for a file of `lstopo FILE.xml`",
                               source);
        return 0;
    }
    const char *path = source + strlen(xml_prefix);
    if (access(path, R_OK))
        return problem_set(problem, errno, "%s: the topology cannot be read: %s", path, strerror(errno));
    if (hwloc_topology_set_xml(hwloc, path))
        return problem_set(problem, EINVAL, "%s is not a topology in hwloc's XML; write one with `lstopo %s`",
                           path, path);
    return 0;
}

/* The affinity mask of the calling thread (taskset), which hwloc's allowed cpuset knows nothing of. */
static void intersect_affinity(hwloc_bitmap_t allowed) {
    for (int cpus = TOPOLOGY_MAX_CPUS; cpus <= 1 << 17; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        if (!set)
            return;
        size_t size = CPU_ALLOC_SIZE(cpus);
        CPU_ZERO_S(size, set);
        int failed = sched_getaffinity(0, size, set) ? errno : 0;
        if (!failed)
            for (int cpu = 0; cpu < cpus; cpu++)
                if (!CPU_ISSET_S(cpu, size, set))
                    hwloc_bitmap_clr(allowed, (unsigned)cpu);
        CPU_FREE(set);
        if (failed != EINVAL) /* EINVAL: the kernel's masks are longer than ours */
            return;
    }
}

/* Present but not online, by the kernel; hwloc's complete cpuset does not hold every such CPU. */
static void add_offline_of_kernel(hwloc_bitmap_t offline, hwloc_const_bitmap_t online) {
    char text[1024];
    if (text_file_line("/sys/devices/system/cpu/present", text, sizeof text))
        return;
    hwloc_bitmap_t present = hwloc_bitmap_alloc();
    if (!present)
        return;
    if (hwloc_bitmap_list_sscanf(present, text) == 0 && hwloc_bitmap_weight(present) > 0) {
        hwloc_bitmap_andnot(present, present, online);
        hwloc_bitmap_or(offline, offline, present);
    }
    hwloc_bitmap_free(present);
}

static int fill_sets(struct topology *topology, bool live, struct problem *problem) {
    hwloc_obj_t root = hwloc_get_root_obj(topology->hwloc);
    topology->online = hwloc_bitmap_dup(root->cpuset);
    topology->offline = hwloc_bitmap_dup(root->complete_cpuset);
    topology->allowed = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(topology->hwloc));
    if (!topology->online || !topology->offline || !topology->allowed)
        return problem_set(problem, ENOMEM, "no memory for the topology of %s", topology->source);
    hwloc_bitmap_andnot(topology->offline, topology->offline, topology->online);
    hwloc_bitmap_and(topology->allowed, topology->allowed, topology->online);
    /* HWLOC_XMLFILE or HWLOC_SYNTHETIC in the environment make hwloc answer for another machine. */
    topology->this_machine = live && hwloc_topology_is_thissystem(topology->hwloc);
    if (topology->this_machine) {
        add_offline_of_kernel(topology->offline, topology->online);
        intersect_affinity(topology->allowed);
    }
    if (hwloc_bitmap_iszero(topology->allowed))
        return problem_set(
            problem, EINVAL,
            "%s: no processing unit is both online and allowed; look at the cpuset of the cgroup "
            "and at `taskset -p $$`",
            topology->source);
    return 0;
}

static int load(struct topology *topology, const char *source, struct problem *problem) {
    /* Broken firmware tables of some virtual machines make hwloc print paragraphs; we report in our own
     * words. */
    setenv("HWLOC_HIDE_ERRORS", "2", 0);
    if (hwloc_topology_init(&topology->hwloc)) {
        topology->hwloc = NULL;
        return problem_set(problem, ENOMEM, "hwloc cannot be initialized");
    }
    if (source) {
        int status = set_source(topology->hwloc, source, problem);
        if (status)
            return status;
    }
    /* Disallowed PUs stay in the topology, so that a message can tell them from PUs that do not exist. */
    hwloc_topology_set_flags(topology->hwloc, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    /* hwloc leaves instruction caches out unless asked. */
    hwloc_topology_set_icache_types_filter(topology->hwloc, HWLOC_TYPE_FILTER_KEEP_ALL);
    errno = 0;
    if (hwloc_topology_load(topology->hwloc))
        return problem_set(problem, errno ? errno : EINVAL,
                           "%s: hwloc cannot load the topology; does `lstopo` work here?", topology->source);
    return fill_sets(topology, !source, problem);
}

int topology_open(struct topology **opened, const char *source, struct problem *problem) {
    *opened = NULL;
    struct topology *topology = calloc(1, sizeof *topology);
    if (!topology)
        return problem_set(problem, ENOMEM, "no memory for a topology");
    snprintf(topology->source, sizeof topology->source, "%s", source ? source : "this machine");
    int status = load(topology, source, problem);
    if (status)
        topology_close(topology);
    else
        *opened = topology;
    return status;
}

void topology_close(struct topology *topology) {
    if (!topology)
        return;
    hwloc_bitmap_free(topology->online);
    hwloc_bitmap_free(topology->offline);
    hwloc_bitmap_free(topology->allowed);
    if (topology->hwloc)
        hwloc_topology_destroy(topology->hwloc);
    free(topology);
}

int topology_restrict(struct topology *topology, const char *cpus, struct problem *problem) {
    unsigned list[TOPOLOGY_MAX_CPUS];
    size_t count;
    int status = topology_parse_list(topology, cpus, list, &count, problem);
    if (status)
        return status;
    hwloc_bitmap_zero(topology->allowed);
    for (size_t i = 0; i < count; i++)
        hwloc_bitmap_set(topology->allowed, list[i]);
    return 0;
}

/* The efficiency of a PU's kind, hwloc's word for speed: higher is faster; -1 where hwloc could not rank
 * kinds. */
static int kind_of(const struct topology *topology, hwloc_const_cpuset_t cpuset) {
    int efficiency = -1;
    int kind = hwloc_cpukinds_get_by_cpuset(topology->hwloc, cpuset, 0);
    if (kind < 0 ||
        hwloc_cpukinds_get_info(topology->hwloc, (unsigned)kind, NULL, &efficiency, NULL, NULL, 0))
        return -1;
    return efficiency;
}

unsigned topology_ranked_kinds(const struct topology *topology) {
    int count = hwloc_cpukinds_get_nr(topology->hwloc, 0);
    int efficiency = -1;
    if (count < 2 || hwloc_cpukinds_get_info(topology->hwloc, 0, NULL, &efficiency, NULL, NULL, 0) ||
        efficiency < 0)
        return 1;
    return (unsigned)count;
}

/* The nearest NUMA node: of those whose CPUs include the PU, the one with the fewest. */
static int node_of(const struct topology *topology, unsigned cpu) {
    int nearest = -1, fewest = 0;
    for (hwloc_obj_t node = NULL;
         (node = hwloc_get_next_obj_by_type(topology->hwloc, HWLOC_OBJ_NUMANODE, node)) != NULL;) {
        int cpus = hwloc_bitmap_weight(node->cpuset);
        if (hwloc_bitmap_isset(node->cpuset, cpu) && (nearest < 0 || cpus < fewest)) {
            nearest = (int)node->logical_index;
            fewest = cpus;
        }
    }
    return nearest;
}

static hwloc_obj_t data_cache_above(hwloc_obj_t object, unsigned level) {
    for (; object; object = object->parent)
        if (hwloc_obj_type_is_dcache(object->type) && object->attr->cache.depth == level)
            return object;
    return NULL;
}

void topology_describe_pu(const struct topology *topology, unsigned cpu, struct processing_unit *unit) {
    hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(topology->hwloc, cpu);
    hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology->hwloc, HWLOC_OBJ_CORE, pu);
    hwloc_obj_t l3 = data_cache_above(pu, 3);
    /* Where the machine tells nothing of its cores, each PU counts as one. */
    hwloc_const_cpuset_t siblings = core ? core->cpuset : pu->cpuset;
    *unit = (struct processing_unit){
        .cpu = cpu,
        .logical = pu->logical_index,
        .core = core ? core->logical_index : pu->logical_index,
        .node = node_of(topology, cpu),
        .l3 = l3 ? (int)l3->logical_index : -1,
        .beside_cpu0 = hwloc_bitmap_isset(siblings, 0),
    };
    int kind = kind_of(topology, pu->cpuset);
    unit->kind = kind > 0 ? kind : 0;
    for (hwloc_obj_t before = pu->prev_sibling; core && before; before = before->prev_sibling)
        if (before->type == HWLOC_OBJ_PU && hwloc_bitmap_isset(siblings, before->os_index) &&
            hwloc_bitmap_isset(topology->allowed, before->os_index))
            unit->thread++;
}

size_t topology_allowed_cpus(const struct topology *topology, unsigned *cpus, size_t max) {
    size_t count = 0;
    int cpu = -1;
    while (count < max && (cpu = hwloc_bitmap_next(topology->allowed, cpu)) >= 0)
        cpus[count++] = (unsigned)cpu;
    return count;
}

void topology_allowed_text(const struct topology *topology, char *text, size_t size) {
    hwloc_bitmap_list_snprintf(text, size, topology->allowed);
}

static unsigned count_objects(const struct topology *topology, hwloc_obj_type_t type) {
    int count = hwloc_get_nbobjs_by_type(topology->hwloc, type);
    return count > 0 ? (unsigned)count : 0;
}

static void get_cpu_facts(const struct topology *topology, struct topology_facts *facts) {
    facts->threads_per_core = 1;
    for (hwloc_obj_t core = NULL;
         (core = hwloc_get_next_obj_by_type(topology->hwloc, HWLOC_OBJ_CORE, core)) != NULL;) {
        unsigned threads = (unsigned)hwloc_bitmap_weight(core->cpuset);
        if (threads > facts->threads_per_core)
            facts->threads_per_core = threads;
    }
    facts->cpu_kinds = topology_ranked_kinds(topology);
    facts->performance_cpus = facts->cpus;
    if (facts->cpu_kinds == 1)
        return;
    hwloc_bitmap_t fastest = hwloc_bitmap_alloc();
    if (fastest &&
        !hwloc_cpukinds_get_info(topology->hwloc, facts->cpu_kinds - 1, fastest, NULL, NULL, NULL, 0)) {
        hwloc_bitmap_and(fastest, fastest, topology->online);
        facts->performance_cpus = (unsigned)hwloc_bitmap_weight(fastest);
    }
    hwloc_bitmap_free(fastest);
}

static void get_cache_facts(const struct topology *topology, struct topology_facts *facts) {
    hwloc_obj_t pu =
        hwloc_get_pu_obj_by_os_index(topology->hwloc, (unsigned)hwloc_bitmap_first(topology->allowed));
    hwloc_obj_t l1 = data_cache_above(pu, 1), l2 = data_cache_above(pu, 2), l3 = data_cache_above(pu, 3);
    facts->line_bytes = l1 && l1->attr->cache.linesize ? l1->attr->cache.linesize : 64;
    facts->l1d_bytes = l1 ? l1->attr->cache.size : 0;
    facts->l2_bytes = l2 ? l2->attr->cache.size : 0;
    facts->l3_bytes = l3 ? l3->attr->cache.size : 0;
    facts->l3_sharing_cpus = l3 ? (unsigned)hwloc_bitmap_weight(l3->cpuset) : 0;
}

static hwloc_obj_t instruction_cache_above(hwloc_obj_t object) {
    for (; object; object = object->parent)
        if (object->type == HWLOC_OBJ_L1ICACHE ||
            (object->type == HWLOC_OBJ_L1CACHE && object->attr->cache.type == HWLOC_OBJ_CACHE_UNIFIED))
            return object;
    return NULL;
}

static struct cache_geometry geometry_of(hwloc_obj_t cache) {
    struct cache_geometry geometry = {0};
    if (!cache)
        return geometry;
    geometry.bytes = cache->attr->cache.size;
    geometry.line_bytes = cache->attr->cache.linesize;
    int ways = cache->attr->cache.associativity; /* -1: fully associative, 0: not known (hwloc.h) */
    if (ways > 0)
        geometry.ways = (unsigned)ways;
    else if (ways < 0 && geometry.line_bytes)
        geometry.ways = (unsigned)(geometry.bytes / geometry.line_bytes);
    return geometry;
}

void topology_get_caches(const struct topology *topology, unsigned cpu, struct cpu_caches *caches) {
    hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(topology->hwloc, cpu);
    hwloc_obj_t last = NULL;
    for (unsigned level = 4; !last && level > 1; level--)
        last = data_cache_above(pu, level);
    *caches = (struct cpu_caches){.l1i = geometry_of(instruction_cache_above(pu)),
                                  .l1d = geometry_of(data_cache_above(pu, 1)),
                                  .last = geometry_of(last)};
}

void topology_get_facts(const struct topology *topology, struct topology_facts *facts) {
    unsigned packages = count_objects(topology, HWLOC_OBJ_PACKAGE);
    unsigned cores = count_objects(topology, HWLOC_OBJ_CORE);
    *facts = (struct topology_facts){
        .packages = packages ? packages : 1,
        .numa_nodes = count_objects(topology, HWLOC_OBJ_NUMANODE),
        .cpus = (unsigned)hwloc_bitmap_weight(topology->online),
        .allowed_cpus = (unsigned)hwloc_bitmap_weight(topology->allowed),
        .offline_cpus = (unsigned)hwloc_bitmap_weight(topology->offline),
        .memory_bytes = hwloc_get_root_obj(topology->hwloc)->total_memory,
    };
    facts->cores = cores ? cores : facts->cpus;
    get_cpu_facts(topology, facts);
    get_cache_facts(topology, facts);
}
