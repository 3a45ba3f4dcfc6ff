#include "run/plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The axes of a point set: `quick` and `full` replace single axes of `sweep`. */
struct axes {
    const struct case_axis *axis[CS_MAX_PARAMETERS + 1]; /* by parameter; threads last; NULL: default */
};

static const struct case_axis *find_axis(const struct case_file *file, const char *points,
                                         const char *parameter) {
    const struct case_axis *lists[2] = {NULL, file->sweep};
    size_t counts[2] = {0, file->sweep_count};
    if (!strcmp(points, "quick")) {
        lists[0] = file->quick;
        counts[0] = file->quick_count;
    } else if (!strcmp(points, "full")) {
        lists[0] = file->full;
        counts[0] = file->full_count;
    }
    for (int l = 0; l < 2; l++)
        for (size_t i = 0; i < counts[l]; i++)
            if (!strcmp(lists[l][i].parameter, parameter))
                return &lists[l][i];
    return NULL;
}

static int64_t choice_index(const struct module_description *module, size_t parameter, const char *text) {
    for (size_t i = 0; i < module->parameters[parameter].choice_count; i++)
        if (!strcmp(module->parameters[parameter].choices[i], text))
            return (int64_t)i;
    return -1;
}

static int append(void **items, size_t *count, size_t size, const void *item) {
    void *grown = realloc(*items, (*count + 1) * size);
    if (!grown)
        return -ENOMEM;
    *items = grown;
    memcpy((char *)grown + *count * size, item, size);
    (*count)++;
    return 0;
}

static int skip(struct plan *plan, const struct case_file *file, const struct point *point,
                const char *variant, const char *reason) {
    struct skipped skipped = {.point = *point};
    snprintf(skipped.case_name, sizeof skipped.case_name, "%s", file->name);
    snprintf(skipped.variant, sizeof skipped.variant, "%s", variant);
    snprintf(skipped.reason, sizeof skipped.reason, "%s", reason);
    return append((void **)&plan->skipped, &plan->skipped_count, sizeof skipped, &skipped);
}

int plan_skip_case(struct plan *plan, const struct case_file *file, const char *reason,
                   struct problem *problem) {
    return skip(plan, file, &(struct point){0}, "", reason) ? problem_set(problem, ENOMEM, "out of memory")
                                                            : 0;
}

/* Fills variants of `plan_point`; those that cannot run here are skipped with their reason. */
static int choose_variants(struct plan *plan, const struct case_file *file,
                           const struct module_description *module, struct plan_point *plan_point,
                           bool *possible) {
    int baseline = file->baseline[0] ? module_find_variant(module, file->baseline) : 0;
    const struct point none = {0};
    *possible = false;
    if (!module->supported)
        return skip(plan, file, &none, "", module->reason);
    if (!module->variants[baseline].supported)
        return skip(plan, file, &none, "", module->variants[baseline].reason);
    plan_point->variants[plan_point->variant_count++] = (unsigned)baseline;
    for (size_t i = 0; i < (file->candidate_count ? file->candidate_count : module->variant_count); i++) {
        int variant = file->candidate_count ? module_find_variant(module, file->candidates[i]) : (int)i;
        if (variant == baseline)
            continue;
        if (module->variants[variant].supported) {
            plan_point->variants[plan_point->variant_count++] = (unsigned)variant;
            continue;
        }
        int status =
            skip(plan, file, &none, module->variants[variant].name, module->variants[variant].reason);
        if (status)
            return status;
    }
    *possible = plan_point->variant_count > 1;
    return 0;
}

/* Whether the case speaks of a parameter, in any set of points; others keep their default and are not worth a
 * column. */
static bool is_named(const struct case_file *file, const char *parameter) {
    return find_axis(file, "quick", parameter) || find_axis(file, "full", parameter);
}

static void set_parameter(const struct case_file *file, const struct module_description *module,
                          size_t parameter, const struct case_axis *axis, size_t index,
                          struct plan_point *plan_point) {
    int64_t value = module->parameters[parameter].def;
    bool choice = module->parameters[parameter].choice_count > 0;
    if (axis)
        value =
            choice ? choice_index(module, parameter, axis->values[index].text) : axis->values[index].number;
    plan_point->value[parameter] = value;
    if (!is_named(file, module->parameters[parameter].name))
        return;
    struct point_value *to = &plan_point->point.values[plan_point->point.count++];
    snprintf(to->name, sizeof to->name, "%s", module->parameters[parameter].name);
    to->value = value;
    if (choice)
        snprintf(to->choice, sizeof to->choice, "%s", module->parameters[parameter].choices[value]);
    else
        snprintf(to->unit, sizeof to->unit, "%s", module->parameters[parameter].unit);
}

static unsigned resolve_threads(const struct case_axis *axis, size_t index,
                                const struct plan_options *options) {
    if (options->threads)
        return options->threads;
    if (!axis || !strcmp(axis->values[index].text, "all"))
        return options->allowed_threads;
    return (unsigned)axis->values[index].number;
}

static void set_threads(struct plan_point *plan_point, unsigned threads) {
    struct point_value *to = &plan_point->point.values[plan_point->point.count++];
    snprintf(to->name, sizeof to->name, "threads");
    to->value = plan_point->threads = threads;
}

static bool same_point(const struct plan_point *a, const struct plan_point *b) {
    return a->case_index == b->case_index && a->threads == b->threads &&
           !memcmp(a->value, b->value, sizeof a->value);
}

/* `all` and a number may name the same thread count. */
static bool is_planned(const struct plan *plan, const struct plan_point *plan_point) {
    for (size_t i = 0; i < plan->point_count; i++)
        if (same_point(&plan->points[i], plan_point))
            return true;
    return false;
}

static int add_point(struct plan *plan, const struct case_file *file, const struct module_description *module,
                     const struct plan_options *options, const struct axes *axes, const size_t *index,
                     const struct plan_point *variants) {
    struct plan_point plan_point = *variants;
    plan_point.threads = 1;
    for (size_t p = 0; p < module->parameter_count; p++)
        set_parameter(file, module, p, axes->axis[p], index[p], &plan_point);
    if (module_is_parallel(module)) {
        unsigned threads =
            resolve_threads(axes->axis[module->parameter_count], index[module->parameter_count], options);
        set_threads(&plan_point, threads);
        if (threads > options->allowed_threads) {
            char reason[RESULT_REASON];
            snprintf(reason, sizeof reason, "%u threads asked for, %u processing units allowed here", threads,
                     options->allowed_threads);
            return skip(plan, file, &plan_point.point, "", reason);
        }
    }
    if (is_planned(plan, &plan_point))
        return 0;
    return append((void **)&plan->points, &plan->point_count, sizeof plan_point, &plan_point);
}

int plan_add_case(struct plan *plan, const struct case_file *file, const struct module_description *module,
                  const struct plan_options *options, struct problem *problem) {
    struct module_view view;
    module_view_of(module, &view);
    int status = case_file_check(file, &view.kernel, problem);
    if (status)
        return status;
    struct plan_case plan_case = {.file = *file, .module = *module};
    status = append((void **)&plan->cases, &plan->case_count, sizeof plan_case, &plan_case);
    struct plan_point variants = {.case_index = plan->case_count - 1};
    bool possible = false;
    if (status == 0)
        status = choose_variants(plan, file, module, &variants, &possible);
    if (status)
        return problem_set(problem, -status, "%s: no memory for the plan", file->path);
    if (!possible)
        return 0;
    struct axes axes = {{NULL}};
    size_t index[CS_MAX_PARAMETERS + 1] = {0}, last = module->parameter_count;
    for (size_t p = 0; p < last; p++)
        axes.axis[p] = find_axis(file, options->points, module->parameters[p].name);
    axes.axis[last] = options->threads ? NULL : find_axis(file, options->points, "threads");
    for (;;) { /* an odometer over the axes, the last turning fastest */
        status = add_point(plan, file, module, options, &axes, index, &variants);
        if (status)
            return problem_set(problem, -status, "%s: no memory for the plan", file->path);
        size_t p = last + 1;
        while (p > 0 && ++index[p - 1] >= (axes.axis[p - 1] ? axes.axis[p - 1]->count : 1))
            index[--p] = 0;
        if (p == 0)
            return 0;
    }
}

void plan_clear(struct plan *plan) {
    free(plan->cases);
    free(plan->points);
    free(plan->skipped);
    *plan = (struct plan){0};
}

size_t plan_comparisons(const struct plan *plan) {
    size_t count = 0;
    for (size_t i = 0; i < plan->point_count; i++)
        count += plan->points[i].variant_count - 1;
    return count;
}
