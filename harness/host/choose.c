#include "host/topology_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An allowed PU while the choice goes on. */
struct candidate {
    struct processing_unit unit;
    bool eligible; /* of the tier that is being filled */
    bool chosen;
};

struct pool {
    struct candidate *candidates; /* in hwloc's logical order */
    size_t count;
};

enum group_level { GROUP_NODE, GROUP_L3 };

#define ANY_NODE INT_MIN /* no NUMA node has this number; -1 stands for a PU that has none */

static int group_of(const struct candidate *candidate, enum group_level level) {
    return level == GROUP_NODE ? candidate->unit.node : candidate->unit.l3;
}

static bool is_open(const struct candidate *candidate, int node) {
    return candidate->eligible && !candidate->chosen && (node == ANY_NODE || candidate->unit.node == node);
}

/* What a group of PUs (a NUMA node, or an L3 within one) has to offer. */
struct group {
    int id;
    unsigned open;   /* eligible and not yet chosen */
    unsigned clear;  /* of them, those off CPU 0's core */
    unsigned one_l3; /* of them, those of the L3 that has most */
    unsigned chosen; /* chosen already, by an earlier tier */
    bool memory;     /* there is memory near it */
};

static bool is_of(const struct candidate *candidate, int node, enum group_level level, int id) {
    return is_open(candidate, node) && group_of(candidate, level) == id;
}

/* Whether no open PU of its group stands before it. */
static bool opens_group(const struct pool *pool, size_t index, int node, enum group_level level) {
    int id = group_of(&pool->candidates[index], level);
    for (size_t i = 0; i < index; i++)
        if (is_of(&pool->candidates[i], node, level, id))
            return false;
    return true;
}

/* Open PUs of the L3 that has most of them, within a node. */
static unsigned largest_l3(const struct pool *pool, int node) {
    unsigned most = 0;
    for (size_t i = 0; i < pool->count; i++) {
        if (!is_open(&pool->candidates[i], node) || !opens_group(pool, i, node, GROUP_L3))
            continue;
        unsigned open = 0;
        for (size_t k = i; k < pool->count; k++)
            open += is_of(&pool->candidates[k], node, GROUP_L3, pool->candidates[i].unit.l3);
        most = open > most ? open : most;
    }
    return most;
}

static struct group count_group(const struct pool *pool, int node, enum group_level level, int id) {
    struct group group = {.id = id};
    for (size_t i = 0; i < pool->count; i++) {
        const struct candidate *candidate = &pool->candidates[i];
        if (group_of(candidate, level) != id)
            continue;
        group.chosen += candidate->chosen;
        group.memory |= candidate->unit.has_memory;
        group.open += is_open(candidate, node);
        group.clear += is_open(candidate, node) && !candidate->unit.beside_cpu0;
    }
    group.one_l3 = level == GROUP_NODE ? largest_l3(pool, id) : group.open;
    return group;
}

static unsigned least(unsigned left, unsigned right) {
    return left < right ? left : right;
}

/* One group before several, then the one in use already, then one that has memory, then one where a single
 * L3 will do, then one that can do without CPU 0. */
static bool better_group(const struct group *left, const struct group *right, unsigned wanted) {
    bool left_fits = left->open >= wanted, right_fits = right->open >= wanted;
    if (left_fits != right_fits)
        return left_fits;
    if (!left_fits && left->open != right->open)
        return left->open > right->open;
    if ((left->chosen > 0) != (right->chosen > 0))
        return left->chosen > 0;
    if (left->memory != right->memory)
        return left->memory;
    if ((left->one_l3 >= wanted) != (right->one_l3 >= wanted))
        return left->one_l3 >= wanted;
    bool left_clear = left->clear >= least(wanted, left->open);
    bool right_clear = right->clear >= least(wanted, right->open);
    return left_clear && !right_clear;
}

/* The best group with anything open; its `open` is 0 where there is none. */
static struct group best_group(const struct pool *pool, int node, enum group_level level, unsigned wanted) {
    struct group best = {0};
    for (size_t i = 0; i < pool->count; i++) {
        if (!is_open(&pool->candidates[i], node) || !opens_group(pool, i, node, level))
            continue;
        struct group group = count_group(pool, node, level, group_of(&pool->candidates[i], level));
        if (!best.open || better_group(&group, &best, wanted))
            best = group;
    }
    return best;
}

/* Takes `wanted` PUs of one L3 in logical order, those on CPU 0's core last. */
static void take_from_l3(struct pool *pool, int node, int l3, unsigned wanted) {
    for (int beside_cpu0 = 0; beside_cpu0 <= 1; beside_cpu0++)
        for (size_t i = 0; i < pool->count && wanted; i++) {
            struct candidate *candidate = &pool->candidates[i];
            if (is_open(candidate, node) && candidate->unit.l3 == l3 &&
                candidate->unit.beside_cpu0 == beside_cpu0) {
                candidate->chosen = true;
                wanted--;
            }
        }
}

static void take_from_node(struct pool *pool, int node, unsigned wanted) {
    while (wanted) {
        struct group l3 = best_group(pool, node, GROUP_L3, wanted);
        unsigned share = least(wanted, l3.open);
        take_from_l3(pool, node, l3.id, share);
        wanted -= share;
    }
}

/* Fills one tier, the PUs of one kind that are the same hardware thread of their cores. */
static void take_from_tier(struct pool *pool, unsigned thread, int kind, unsigned wanted,
                           struct cpu_choice *choice) {
    unsigned open = 0;
    for (size_t i = 0; i < pool->count; i++) {
        struct candidate *candidate = &pool->candidates[i];
        candidate->eligible = candidate->unit.thread == thread && candidate->unit.kind == kind;
        open += candidate->eligible;
    }
    for (unsigned left = least(wanted, open); left;) {
        struct group node = best_group(pool, ANY_NODE, GROUP_NODE, left);
        unsigned share = least(left, node.open);
        take_from_node(pool, node.id, share);
        left -= share;
    }
    for (size_t i = 0; i < pool->count; i++)
        if (pool->candidates[i].eligible && pool->candidates[i].chosen)
            choice->cpus[choice->count++] = pool->candidates[i].unit.cpu;
}

static void choose_by_rule(struct pool *pool, unsigned threads, struct cpu_choice *choice) {
    unsigned last_thread = 0;
    int fastest = 0;
    for (size_t i = 0; i < pool->count; i++) {
        const struct processing_unit *unit = &pool->candidates[i].unit;
        last_thread = unit->thread > last_thread ? unit->thread : last_thread;
        fastest = unit->kind > fastest ? unit->kind : fastest;
    }
    for (unsigned thread = 0; thread <= last_thread; thread++)
        for (int kind = fastest; kind >= 0 && choice->count < threads; kind--)
            take_from_tier(pool, thread, kind, threads - (unsigned)choice->count, choice);
}

static int compare_logical(const void *left, const void *right) {
    const struct candidate *a = left, *b = right;
    return (a->unit.logical > b->unit.logical) - (a->unit.logical < b->unit.logical);
}

static int pool_fill(struct pool *pool, const struct topology *topology, struct problem *problem) {
    pool->count = 0;
    pool->candidates = calloc((size_t)hwloc_bitmap_weight(topology->allowed), sizeof *pool->candidates);
    if (!pool->candidates)
        return problem_set(problem, ENOMEM, "no memory for choosing processing units");
    for (int cpu = -1; (cpu = hwloc_bitmap_next(topology->allowed, cpu)) >= 0;)
        topology_describe_pu(topology, (unsigned)cpu, &pool->candidates[pool->count++].unit);
    qsort(pool->candidates, pool->count, sizeof *pool->candidates, compare_logical);
    return 0;
}

/* Distinct values of what the chosen PUs sit in. */
struct spread {
    unsigned cores, nodes, l3s, kinds, fast, without_node;
    bool cpu0;
};

static struct spread measure_spread(const struct processing_unit *units, size_t count, int fastest) {
    struct spread spread = {0};
    for (size_t i = 0; i < count; i++) {
        bool new_core = true, new_node = true, new_l3 = true, new_kind = true;
        for (size_t j = 0; j < i; j++) {
            new_core &= units[j].core != units[i].core;
            new_node &= units[j].node != units[i].node;
            new_l3 &= units[j].l3 != units[i].l3;
            new_kind &= units[j].kind != units[i].kind;
        }
        spread.cores += new_core;
        spread.nodes += new_node;
        spread.l3s += new_l3;
        spread.kinds += new_kind;
        spread.fast += units[i].kind == fastest;
        spread.without_node += units[i].node < 0;
        spread.cpu0 |= units[i].cpu == 0;
    }
    return spread;
}

__attribute__((format(printf, 2, 3))) static void add_reason(struct cpu_choice *choice, const char *format,
                                                             ...) {
    size_t used = strlen(choice->reason);
    if (used && used + 3 < sizeof choice->reason) {
        strcat(choice->reason, ", ");
        used += 2;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(choice->reason + used, sizeof choice->reason - used, format, arguments);
    va_end(arguments);
}

static void describe_choice(const struct topology *topology, const struct processing_unit *units,
                            bool by_rule, struct cpu_choice *choice) {
    struct topology_facts facts;
    topology_get_facts(topology, &facts);
    int fastest = facts.cpu_kinds > 1 ? (int)facts.cpu_kinds - 1 : 0;
    struct spread spread = measure_spread(units, choice->count, fastest);
    choice->shared_core = spread.cores < choice->count;
    choice->node = -1;
    if (spread.nodes == 1 && !spread.without_node && units[0].has_memory) {
        hwloc_obj_t node =
            hwloc_get_obj_by_type(topology->hwloc, HWLOC_OBJ_NUMANODE, (unsigned)units[0].node);
        choice->node = (int)node->os_index;
    }
    if (!by_rule)
        add_reason(choice, "as listed");
    if (choice->shared_core)
        add_reason(choice, "%zu threads on %u physical core%s", choice->count, spread.cores,
                   spread.cores == 1 ? "" : "s");
    else
        add_reason(choice, "one per physical core");
    if (facts.cpu_kinds > 1 && spread.fast == choice->count)
        add_reason(choice, "performance cores");
    else if (facts.cpu_kinds > 1)
        add_reason(choice, "%u of %zu on performance cores", spread.fast, choice->count);
    if (facts.numa_nodes > 1 && spread.nodes == 1 && !spread.without_node)
        add_reason(choice, "one NUMA node");
    else if (spread.nodes > 1)
        add_reason(choice, "spanning %u NUMA nodes", spread.nodes);
    if (units[0].l3 >= 0 && hwloc_get_nbobjs_by_type(topology->hwloc, HWLOC_OBJ_L3CACHE) > 1)
        add_reason(choice, spread.l3s == 1 ? "one shared L3" : "spanning %u L3 caches", spread.l3s);
    if (by_rule && !spread.cpu0 && hwloc_bitmap_isset(topology->allowed, 0))
        add_reason(choice, "CPU 0 left to interrupts");
    if (topology->ignored[0])
        add_reason(choice, "%s not followed", topology->ignored);
}

static int choose_from_list(const struct topology *topology, unsigned threads, const char *list,
                            struct cpu_choice *choice, struct problem *problem) {
    size_t count;
    int status = topology_parse_list(topology, list, choice->cpus, &count, problem);
    if (status)
        return status;
    if (count < threads)
        return problem_set(
            problem, EINVAL,
            "CPU list \"%s\" names %zu CPU%s for %u threads; name at least one CPU a thread, or ask "
            "for fewer threads",
            list, count, count == 1 ? "" : "s", threads);
    choice->count = threads;
    return 0;
}

static int choose_from_allowed(const struct topology *topology, unsigned threads, struct cpu_choice *choice,
                               struct problem *problem) {
    unsigned allowed = (unsigned)hwloc_bitmap_weight(topology->allowed);
    unsigned most = least(allowed, TOPOLOGY_MAX_CPUS);
    if (threads > most) {
        char text[256];
        topology_allowed_text(topology, text, sizeof text);
        return problem_set(
            problem, ERANGE,
            "%u threads do not fit: %u processing unit%s may be used (%s), one thread each; ask for "
            "at most %u thread%s",
            threads, most, most == 1 ? "" : "s", text, most, most == 1 ? "" : "s");
    }
    struct pool pool;
    int status = pool_fill(&pool, topology, problem);
    if (!status)
        choose_by_rule(&pool, threads, choice);
    free(pool.candidates);
    return status;
}

int topology_choose(const struct topology *topology, unsigned threads, const char *cpu_list,
                    struct cpu_choice *choice, struct problem *problem) {
    *choice = (struct cpu_choice){.node = -1};
    if (!threads)
        return problem_set(problem, EINVAL, "0 threads cannot run anything; ask for at least 1");
    int status = cpu_list ? choose_from_list(topology, threads, cpu_list, choice, problem)
                          : choose_from_allowed(topology, threads, choice, problem);
    if (status)
        return status;
    struct processing_unit *units = calloc(choice->count, sizeof *units);
    if (!units)
        return problem_set(problem, ENOMEM, "no memory for choosing processing units");
    for (size_t i = 0; i < choice->count; i++)
        topology_describe_pu(topology, choice->cpus[i], &units[i]);
    describe_choice(topology, units, !cpu_list, choice);
    free(units);
    return 0;
}
