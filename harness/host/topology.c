#include "host/topology.h"

#include "host/hwloc_environment.h"
#include "host/proc_text.h"
#include "host/text_file.h"
#include "host/topology_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_CPU 65535 /* beyond any machine that Linux runs on; a damaged file can name more */

static const char *const xml_prefix = "xml:";

static bool is_file(const char *source) {
    return source && !strncmp(source, xml_prefix, strlen(xml_prefix));
}

static int set_source(hwloc_topology_t hwloc, const char *source, struct problem *problem) {
    if (!is_file(source)) {
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

#define ODD "%s: %s; write the topology again with `lstopo FILE.xml`"

/* hwloc takes from a file what it says; what the choice relies on is looked at here. */
static int check_sets(const struct topology *topology, struct problem *problem) {
    hwloc_obj_t root = hwloc_get_root_obj(topology->hwloc);
    if (!root || !root->cpuset || !root->complete_cpuset || hwloc_bitmap_iszero(root->cpuset))
        return problem_set(problem, EINVAL, ODD, topology->source, "the topology has no processing unit");
    if (hwloc_bitmap_last(root->cpuset) < 0 || hwloc_bitmap_last(root->cpuset) > MOST_CPU ||
        hwloc_bitmap_last(root->complete_cpuset) < 0 || hwloc_bitmap_last(root->complete_cpuset) > MOST_CPU)
        return problem_set(problem, EINVAL, ODD, topology->source,
                           "the topology has processing units without end");
    for (int cpu = -1; (cpu = hwloc_bitmap_next(root->cpuset, cpu)) >= 0;) {
        hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(topology->hwloc, (unsigned)cpu);
        if (!pu || !pu->cpuset || hwloc_bitmap_weight(pu->cpuset) != 1 ||
            !hwloc_bitmap_isset(pu->cpuset, (unsigned)cpu))
            return problem_set(problem, EINVAL,
                               "%s: the topology names CPU %d, but describes none of that number; write it "
                               "again with `lstopo FILE.xml`",
                               topology->source, cpu);
    }
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
    int status = check_sets(topology, problem);
    if (status)
        return status;
    hwloc_obj_t root = hwloc_get_root_obj(topology->hwloc);
    topology->online = hwloc_bitmap_dup(root->cpuset);
    topology->offline = hwloc_bitmap_dup(root->complete_cpuset);
    topology->allowed = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(topology->hwloc));
    if (!topology->online || !topology->offline || !topology->allowed)
        return problem_set(problem, ENOMEM, "no memory for the topology of %s", topology->source);
    hwloc_bitmap_andnot(topology->offline, topology->offline, topology->online);
    hwloc_bitmap_and(topology->allowed, topology->allowed, topology->online);
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
    if (cpu_kinds_read(topology))
        return problem_set(problem, ENOMEM, "no memory for the topology of %s", topology->source);
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

#define TRIAL_S 20 /* no topology takes so long to read */

/* A damaged file can crash hwloc (2.9) itself, or keep it for ever: a child reads it first. */
static int try_file(const struct topology *topology, const char *source, struct problem *problem) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct topology trial = {.hwloc = NULL};
        const struct rlimit none = {0, 0};
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        static const int fatal[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGALRM};
        for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
            signal(fatal[i], SIG_DFL);
        setrlimit(RLIMIT_CORE, &none);
        dup2(null, STDERR_FILENO);
        alarm(TRIAL_S);
        load(&trial, source, NULL);
        _exit(0);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return problem_set(problem, errno, "%s: reading it cannot be tried: %s", topology->source,
                               strerror(errno));
    if (child < 0)
        return problem_set(problem, errno, "%s: reading it cannot be tried: %s", topology->source,
                           strerror(errno));
    return status == 0 ? 0
                       : problem_set(problem, EINVAL, ODD, topology->source,
                                     "hwloc breaks down over it, so that the file must be damaged");
}

int topology_open(struct topology **opened, const char *source, struct problem *problem) {
    *opened = NULL;
    struct topology *topology = calloc(1, sizeof *topology);
    if (!topology)
        return problem_set(problem, ENOMEM, "no memory for a topology");
    snprintf(topology->source, sizeof topology->source, "%s", source ? source : "this machine");
    struct words hidden;
    int status = hwloc_environment_hide(&hidden, topology->ignored, sizeof topology->ignored);
    if (status)
        problem_set(problem, ENOMEM, "no memory for a topology");
    else
        status = is_file(source) ? try_file(topology, source, problem) : 0;
    if (status == 0)
        status = load(topology, source, problem);
    hwloc_environment_restore(&hidden);
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
    free(topology->speeds);
    if (topology->hwloc)
        hwloc_topology_destroy(topology->hwloc);
    free(topology);
}

const char *topology_ignored(const struct topology *topology) {
    return topology->ignored;
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

/* Whether memory may be taken from a node. Of a topology that tells no sizes at all, every node counts. */
static bool has_memory(const struct topology *topology, hwloc_obj_t node) {
    bool sizes = hwloc_get_root_obj(topology->hwloc)->total_memory > 0;
    return (!sizes || node->attr->numanode.local_memory > 0) &&
           hwloc_bitmap_isset(hwloc_topology_get_allowed_nodeset(topology->hwloc), node->os_index);
}

/* The nearest NUMA node: of those whose CPUs include the PU, the one with the fewest; of several of the same
 * CPUs the first that has memory. */
static hwloc_obj_t node_of(const struct topology *topology, unsigned cpu) {
    hwloc_obj_t nearest = NULL;
    int fewest = 0;
    for (hwloc_obj_t node = NULL;
         (node = hwloc_get_next_obj_by_type(topology->hwloc, HWLOC_OBJ_NUMANODE, node)) != NULL;) {
        int cpus = hwloc_bitmap_weight(node->cpuset);
        if (!hwloc_bitmap_isset(node->cpuset, cpu))
            continue;
        if (!nearest || cpus < fewest ||
            (cpus == fewest && has_memory(topology, node) && !has_memory(topology, nearest))) {
            nearest = node;
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

/* What hardware threads share: a core, or where a machine tells nothing of cores, a level 1 data cache. Where
 * it tells of neither, each PU counts as a core. */
static hwloc_obj_t core_of(const struct topology *topology, hwloc_obj_t pu) {
    hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology->hwloc, HWLOC_OBJ_CORE, pu);
    hwloc_obj_t l1 = core ? NULL : data_cache_above(pu, 1);
    return core ? core : l1 ? l1 : pu;
}

/* Allowed hardware threads of a core that come before `pu` in hwloc's order, whatever lies between the core
 * and them: virtual machines show an L1 for each. */
static unsigned threads_before(const struct topology *topology, hwloc_obj_t core, hwloc_obj_t pu) {
    unsigned before = 0;
    for (hwloc_obj_t other = NULL; (other = hwloc_get_next_obj_inside_cpuset_by_type(
                                        topology->hwloc, core->cpuset, HWLOC_OBJ_PU, other)) != NULL &&
                                   other != pu;)
        before += hwloc_bitmap_isset(topology->allowed, other->os_index) != 0;
    return before;
}

void topology_describe_pu(const struct topology *topology, unsigned cpu, struct processing_unit *unit) {
    hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(topology->hwloc, cpu);
    hwloc_obj_t core = core_of(topology, pu), node = node_of(topology, cpu);
    hwloc_obj_t l3 = data_cache_above(pu, 3),
                package = hwloc_get_ancestor_obj_by_type(topology->hwloc, HWLOC_OBJ_PACKAGE, pu);
    *unit = (struct processing_unit){
        .cpu = cpu,
        .logical = pu->logical_index,
        .core = core->gp_index,
        .thread = threads_before(topology, core, pu),
        .kind = (int)cpu_speed(topology, cpu),
        .node = node ? (int)node->logical_index : -1,
        .l3 = l3        ? (int)l3->logical_index
              : package ? -2 - (int)package->logical_index
                        : -1,
        .has_memory = node && has_memory(topology, node),
        .beside_cpu0 = hwloc_bitmap_isset(core->cpuset, 0),
    };
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
    facts->cpu_kinds = topology->kinds;
    for (int cpu = -1; (cpu = hwloc_bitmap_next(topology->online, cpu)) >= 0;)
        facts->performance_cpus += cpu_speed(topology, (unsigned)cpu) + 1 == topology->kinds;
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

/* The kernel's own figure where the machine is this one: NUMA nodes, which hwloc adds up, may leave out what
 * a hypervisor plugged in later. */
static uint64_t memory_of(const struct topology *topology) {
    char *text;
    uint64_t kilobytes = 0;
    if (topology->this_machine && !text_file_read("/proc/meminfo", &text)) {
        if (!text_number(text, "MemTotal", ':', &kilobytes))
            kilobytes = 0;
        free(text);
    }
    return kilobytes ? kilobytes * 1024 : hwloc_get_root_obj(topology->hwloc)->total_memory;
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
        .memory_bytes = memory_of(topology),
    };
    facts->cores = cores ? cores : facts->cpus;
    get_cpu_facts(topology, facts);
    get_cache_facts(topology, facts);
}
