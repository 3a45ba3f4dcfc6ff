/* What every choice keeps to, whatever the machine: on made topologies, on the recorded ones, and on those of
 * the folder that COUNTERSIGN_TOPOLOGIES names (XML files, such as hwloc's own tests have). */
#include "host/topology_internal.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t random_state = 20240607;

static unsigned draw(unsigned below) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % below;
}

/* What is asked about at the moment, for the message of what fails. */
static struct {
    const char *source;
    unsigned threads;
    const struct topology *topology;
    struct cpu_choice choice;
} asked;

__attribute__((format(printf, 1, 2), noreturn)) static void refuse(const char *format, ...) {
    char what[256], allowed[256], cpus[512] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    topology_allowed_text(asked.topology, allowed, sizeof allowed);
    for (size_t i = 0; i < asked.choice.count && strlen(cpus) + 8 < sizeof cpus; i++)
        snprintf(cpus + strlen(cpus), sizeof cpus - strlen(cpus), " %u", asked.choice.cpus[i]);
    fail_msg("%s, allowed %s, %u threads: %s; chosen:%s (%s)", asked.source, allowed, asked.threads, what,
             cpus, asked.choice.reason);
    abort();
}

static bool is_chosen(unsigned cpu) {
    for (size_t i = 0; i < asked.choice.count; i++)
        if (asked.choice.cpus[i] == cpu)
            return true;
    return false;
}

/* Of the PUs of an object: how many are allowed, and how many were chosen. */
struct share {
    unsigned allowed, chosen;
};

static struct share share_of(hwloc_const_cpuset_t set) {
    struct share share = {0, 0};
    for (int cpu = -1; (cpu = hwloc_bitmap_next(set, cpu)) >= 0;) {
        share.allowed += hwloc_bitmap_isset(asked.topology->allowed, (unsigned)cpu) != 0;
        share.chosen += is_chosen((unsigned)cpu);
    }
    return share;
}

static hwloc_obj_t next_of(hwloc_obj_type_t type, hwloc_obj_t object) {
    return hwloc_get_next_obj_by_type(asked.topology->hwloc, type, object);
}

static void every_unit_is_allowed_and_there_once(void) {
    if (asked.choice.count != asked.threads)
        refuse("%zu were chosen", asked.choice.count);
    for (size_t i = 0; i < asked.choice.count; i++) {
        if (!hwloc_bitmap_isset(asked.topology->allowed, asked.choice.cpus[i]))
            refuse("CPU %u is not allowed", asked.choice.cpus[i]);
        for (size_t k = 0; k < i; k++)
            if (asked.choice.cpus[i] == asked.choice.cpus[k])
                refuse("CPU %u is there twice", asked.choice.cpus[i]);
    }
}

/* No core gets another thread while one that could take it has fewer. */
static void threads_are_spread_over_cores(void) {
    unsigned most = 0;
    for (hwloc_obj_t core = NULL; (core = next_of(HWLOC_OBJ_CORE, core)) != NULL;) {
        struct share share = share_of(core->cpuset);
        most = share.chosen > most ? share.chosen : most;
    }
    for (hwloc_obj_t core = NULL; (core = next_of(HWLOC_OBJ_CORE, core)) != NULL;) {
        struct share share = share_of(core->cpuset);
        if (share.chosen < share.allowed && share.chosen + 1 < most)
            refuse("core %u has %u of %u threads, another has %u", core->logical_index, share.chosen,
                   share.allowed, most);
    }
    if (next_of(HWLOC_OBJ_CORE, NULL) && asked.choice.shared_core != (most > 1))
        refuse("shared_core is %d", asked.choice.shared_core);
}

/* Allowed cores of the fastest kind that lie in `set`. */
static unsigned fast_cores_in(hwloc_const_cpuset_t set) {
    unsigned count = 0;
    for (hwloc_obj_t core = NULL; (core = next_of(HWLOC_OBJ_CORE, core)) != NULL;) {
        unsigned cpu = (unsigned)hwloc_bitmap_first(core->cpuset);
        count += hwloc_bitmap_isincluded(core->cpuset, set) && share_of(core->cpuset).allowed > 0 &&
                 cpu_speed(asked.topology, cpu) + 1 == asked.topology->kinds;
    }
    return count;
}

static void fast_cores_come_first(void) {
    unsigned fast = fast_cores_in(asked.topology->online), chosen = 0;
    for (size_t i = 0; i < asked.choice.count; i++)
        chosen += cpu_speed(asked.topology, asked.choice.cpus[i]) + 1 == asked.topology->kinds;
    if (chosen < (fast < asked.threads ? fast : asked.threads))
        refuse("%u fast cores are allowed, %u were taken", fast, chosen);
}

/* Where one object of a type has cores enough, all threads are in one; `within`: of those inside it. */
static bool fits_in_one(hwloc_obj_type_t type, hwloc_const_cpuset_t within) {
    bool fits = false, holds = false;
    for (hwloc_obj_t object = NULL; (object = next_of(type, object)) != NULL;) {
        if (within && !hwloc_bitmap_isincluded(object->cpuset, within))
            continue;
        fits |= fast_cores_in(object->cpuset) >= asked.threads;
        holds |= share_of(object->cpuset).chosen == asked.threads;
    }
    return !fits || holds;
}

/* Some machines tell of the L3 or the NUMA node of some processors alone. */
static bool all_have(hwloc_obj_type_t type) {
    hwloc_bitmap_t covered = hwloc_bitmap_alloc();
    for (hwloc_obj_t object = NULL; (object = next_of(type, object)) != NULL;)
        hwloc_bitmap_or(covered, covered, object->cpuset);
    bool all = hwloc_bitmap_isincluded(asked.topology->allowed, covered);
    hwloc_bitmap_free(covered);
    return all;
}

static void one_node_and_one_l3_hold_what_fits(void) {
    if (all_have(HWLOC_OBJ_NUMANODE) && !fits_in_one(HWLOC_OBJ_NUMANODE, NULL))
        refuse("a NUMA node had room for all");
    for (hwloc_obj_t node = NULL;
         all_have(HWLOC_OBJ_L3CACHE) && (node = next_of(HWLOC_OBJ_NUMANODE, node)) != NULL;)
        if ((int)node->os_index == asked.choice.node && !fits_in_one(HWLOC_OBJ_L3CACHE, node->cpuset))
            refuse("an L3 of node %d had room for all", asked.choice.node);
}

static void the_node_holds_all_of_them(void) {
    for (hwloc_obj_t node = NULL; (node = next_of(HWLOC_OBJ_NUMANODE, node)) != NULL;)
        if ((int)node->os_index == asked.choice.node) {
            if (share_of(node->cpuset).chosen != asked.threads)
                refuse("node %d does not hold them", asked.choice.node);
            return;
        }
    if (asked.choice.node != -1)
        refuse("there is no node %d", asked.choice.node);
}

static void ask(const struct topology *topology, const char *source, unsigned threads) {
    struct problem problem = {""};
    asked.topology = topology;
    asked.source = source;
    asked.threads = threads;
    if (topology_choose(topology, threads, NULL, &asked.choice, &problem))
        fail_msg("%s, %u threads: %s", source, threads, problem.text);
    every_unit_is_allowed_and_there_once();
    threads_are_spread_over_cores();
    fast_cores_come_first();
    one_node_and_one_l3_hold_what_fits();
    the_node_holds_all_of_them();
}

/* 1, 2, 3, 4, 6, 8 … threads, and as many as there are. */
static void ask_all(const struct topology *topology, const char *source) {
    struct topology_facts facts;
    topology_get_facts(topology, &facts);
    unsigned most = facts.allowed_cpus < TOPOLOGY_MAX_CPUS ? facts.allowed_cpus : TOPOLOGY_MAX_CPUS;
    for (unsigned threads = 1; threads < most; threads += 1 + threads / 3)
        ask(topology, source, threads);
    ask(topology, source, most);
}

/* Takes away each allowed PU with a chance of one in three, but never all. */
static void restrict_at_random(struct topology *topology) {
    hwloc_bitmap_t kept = hwloc_bitmap_dup(topology->allowed);
    for (int cpu = -1; (cpu = hwloc_bitmap_next(topology->allowed, cpu)) >= 0;)
        if (draw(3) == 0)
            hwloc_bitmap_clr(kept, (unsigned)cpu);
    if (!hwloc_bitmap_iszero(kept))
        hwloc_bitmap_copy(topology->allowed, kept);
    hwloc_bitmap_free(kept);
}

/* A machine as hwloc describes them: what virtual machines show between a core and its threads included. */
static void make_source(char *source, size_t size) {
    static const char *const nodes[] = {"", "[numa] ", "[numa] [numa(memory=0)] "};
    const char *package_node = nodes[draw(3)], *l3_node = package_node[0] ? "" : nodes[draw(2)];
    char l3[32] = "", l2[32] = "", l1[32] = "";
    if (draw(4))
        snprintf(l3, sizeof l3, "l3:%u ", 1 + draw(3));
    if (draw(2))
        snprintf(l2, sizeof l2, "l2:%u ", 1 + draw(3));
    unsigned threads = 1 + draw(4), above = draw(3);
    if (above == 0)
        snprintf(l1, sizeof l1, "l1d:%u ", threads); /* an L1 for each thread */
    snprintf(source, size, "pack:%u %s%s%s%score:%u %s%spu:%u", 1 + draw(4), package_node, l3,
             l3[0] ? l3_node : "", l2, 1 + draw(6),
             above != 1 ? ""
             : l2[0]    ? "l1d:1 "
                        : "l2:1 l1d:1 ",
             l1, l1[0] ? 1 : threads);
}

static struct topology *open_or_fail(const char *source) {
    struct topology *topology;
    struct problem problem = {""};
    if (topology_open(&topology, source, &problem))
        fail_msg("%s: %s", source, problem.text);
    return topology;
}

static void made_machines(void **state) {
    (void)state;
    for (int i = 0; i < 400; i++) {
        char source[256];
        make_source(source, sizeof source);
        struct topology *topology = open_or_fail(source);
        ask_all(topology, source);
        restrict_at_random(topology);
        ask_all(topology, source);
        topology_close(topology);
    }
}

static void ask_folder(const char *folder) {
    struct dirent *entry;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        char source[1024];
        struct topology *topology;
        struct problem problem = {""};
        const char *end = strrchr(entry->d_name, '.');
        if (!end || strcmp(end, ".xml"))
            continue;
        snprintf(source, sizeof source, "xml:%s/%s", folder, entry->d_name);
        if (topology_open(&topology, source, &problem)) {
            assert_true(problem.text[0]);
            print_message("%s\n", problem.text);
            continue;
        }
        ask_all(topology, entry->d_name);
        restrict_at_random(topology);
        ask_all(topology, entry->d_name);
        topology_close(topology);
    }
    closedir(directory);
}

static void recorded_machines(void **state) {
    (void)state;
    ask_folder(TEST_DATA "/topologies");
}

static void machines_of_a_folder(void **state) {
    (void)state;
    const char *folder = getenv("COUNTERSIGN_TOPOLOGIES");
    if (folder)
        ask_folder(folder);
    else
        skip();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_machines),
        cmocka_unit_test(recorded_machines),
        cmocka_unit_test(machines_of_a_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
