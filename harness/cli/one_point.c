#include "cli/one_point.h"

#include "profile/profile.h"

#include <string.h>

int one_point_supervise(const struct one_point *asked,
                        int (*work)(struct supervisor *supervisor, const struct paths *paths, void *context),
                        void *context) {
    struct topology *topology = NULL;
    struct paths paths;
    struct problem problem;
    struct cpu_choice choice;
    if (topology_open(&topology, NULL, &problem))
        return fail(EXIT_NOTHING, "%s", problem.text);
    struct supervisor supervisor = {
        .topology = topology, .limits = asked->limits, .interrupted = &caught_signal};
    int status;
    catch_signals();
    if (topology_choose(topology, 1, asked->cpus, &choice, &problem) || paths_find(&paths, &problem) ||
        supervisor_open(&supervisor, asked->scratch, &problem))
        status = fail(EXIT_USAGE, "%s", problem.text);
    else {
        memcpy(supervisor.program, paths.worker, sizeof supervisor.program);
        status = work(&supervisor, &paths, context);
        supervisor_close(&supervisor);
    }
    topology_close(topology);
    return status;
}

int one_point_of_case(const struct one_point *asked, struct supervisor *supervisor, const struct paths *paths,
                      struct case_file *file, struct module_description *module, struct plan_point *point,
                      struct problem *problem) {
    struct topology_facts facts;
    struct plan_point from;
    topology_get_facts(supervisor->topology, &facts);
    struct plan_options planning = {.points = "quick", .allowed_threads = facts.allowed_cpus};
    struct case_sources sources = {.paths = paths,
                                   .build = "native",
                                   .supervisor = supervisor,
                                   .options = &planning,
                                   .quiet = asked->quiet};
    int status = plan_first_point(&sources, asked->subject, file, module, &from, problem);
    return status ? status
                  : profile_point_make(module, &from, asked->where, asked->where_count, facts.allowed_cpus,
                                       point, problem);
}
