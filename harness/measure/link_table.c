#include "measure/link_table.h"

#include "base/option_name.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The first case whose module is that of case `index`. */
static size_t find_owner(const struct plan *plan, size_t index) {
    size_t i = 0;
    while (strcmp(plan->cases[i].module.path, plan->cases[index].module.path))
        i++;
    return i;
}

int module_links_open(struct links **links, const char *module, size_t index, uint64_t seed,
                      const char *scratch, const char *worker, struct problem *problem) {
    char folder[4096 + 32], link_recipe[4096 + 64];
    snprintf(link_recipe, sizeof link_recipe, "%.*s/link-recipe", (int)(strrchr(worker, '/') - worker),
             worker);
    snprintf(folder, sizeof folder, "%s/links-%zu", scratch, index);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return problem_set(problem, errno,
                           "cannot make %s: %s; free some space, or name another folder with %s", folder,
                           strerror(errno), option_name(SETTING_SCRATCH));
    int status = links_open(links, module, folder, seed, link_recipe, problem);
    return status == -ENOENT ? 0 : status;
}

uint64_t link_table_seed(const struct run_settings *settings) {
    struct cs_random random = cs_random_seed(settings->seed ^ 0x6c696e6b73u);
    return cs_random_u64(&random);
}

/* What was opened ahead, if it is of that module. */
static struct links *take_ahead(struct links_ahead *ahead, const char *module) {
    if (!ahead || !ahead->links || strcmp(ahead->module, module) != 0)
        return NULL;
    struct links *links = ahead->links;
    ahead->links = NULL;
    return links;
}

int link_table_open(struct link_table *table, const struct plan *plan, const struct run_settings *settings,
                    const char *scratch, const char *worker, struct links_ahead *ahead,
                    struct problem *problem) {
    uint64_t seed = link_table_seed(settings);
    table->links = calloc(plan->case_count + 1, sizeof *table->links);
    if (!table->links)
        return problem_set(problem, ENOMEM, "no memory for links of the kernels");
    table->count = plan->case_count;
    if (strcmp(settings->layout, "random"))
        return 0;
    for (size_t i = 0; i < table->count; i++) {
        size_t owner = find_owner(plan, i);
        if (owner < i) {
            table->links[i] = table->links[owner];
            continue;
        }
        const char *module = plan->cases[i].module.path;
        table->links[i] = take_ahead(ahead, module);
        if (table->links[i])
            continue;
        int status = module_links_open(&table->links[i], module, i, seed, scratch, worker, problem);
        if (status)
            return status;
    }
    return 0;
}

void link_table_close(struct link_table *table) {
    for (size_t i = 0; i < table->count; i++) {
        bool first = true;
        for (size_t j = 0; j < i; j++)
            first &= table->links[j] != table->links[i];
        if (first)
            links_close(table->links[i]);
    }
    free(table->links);
    *table = (struct link_table){0};
}
