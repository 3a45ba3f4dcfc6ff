/* The point that is profiled, from a case's and from what the user asked for. */
#include "profile/profile.h"

#include "base/numbers.h"
#include "base/option_name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct point_value *add_value(struct plan_point *point, const char *name, int64_t value) {
    struct point_value *to = &point->point.values[point->point.count++];
    *to = (struct point_value){.value = value};
    snprintf(to->name, sizeof to->name, "%s", name);
    return to;
}

/* All parameters are named, so that what is profiled can be made again from the point alone. */
static void name_values(const struct module_description *module, struct plan_point *point) {
    point->point.count = 0;
    for (size_t p = 0; p < module->parameter_count; p++) {
        int64_t value = point->value[p];
        struct point_value *to = add_value(point, module->parameters[p].name, value);
        if (module->parameters[p].choice_count)
            snprintf(to->choice, sizeof to->choice, "%s", module->parameters[p].choices[value]);
        else
            snprintf(to->unit, sizeof to->unit, "%s", module->parameters[p].unit);
    }
    if (module_is_parallel(module))
        add_value(point, "threads", point->threads);
}

static int unknown_parameter(const struct module_description *module, const char *name, size_t length,
                             struct problem *problem) {
    char list[512] = "";
    size_t used = 0;
    for (size_t p = 0; p < module->parameter_count && used < sizeof list; p++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", p ? ", " : "",
                                 module->parameters[p].name);
    if (module_is_parallel(module) && used < sizeof list)
        snprintf(list + used, sizeof list - used, "%sthreads", used ? ", " : "");
    return problem_set(problem, EINVAL, "%s: kernel %s has no parameter \'%.*s\'; it has %s",
                       option_name(SETTING_WHERE), module->name, (int)length, name, list[0] ? list : "none");
}

static int set_choice(const struct module_description *module, size_t p, const char *text, size_t length,
                      struct plan_point *point, struct problem *problem) {
    char list[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < module->parameters[p].choice_count; i++) {
        const char *choice = module->parameters[p].choices[i];
        if (strlen(choice) == length && !strncmp(choice, text, length)) {
            point->value[p] = (int64_t)i;
            return 0;
        }
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", choice);
    }
    return problem_set(problem, EINVAL, "%s: %s: expected one of %s, got \'%.*s\'",
                       option_name(SETTING_WHERE), module->parameters[p].name, list, (int)length, text);
}

static int read_number(const char *name, const char *text, size_t length, int64_t low, int64_t high,
                       int64_t *value, struct problem *problem) {
    int64_t number;
    if (!number_read_whole(text, length, &number) || number < low || number > high)
        return problem_set(problem, EINVAL,
                           "%s: %s: expected a whole number from %" PRId64 " to %" PRId64 ", got \'%.*s\'",
                           option_name(SETTING_WHERE), name, low, high, (int)length, text);
    *value = number;
    return 0;
}

static int set_value(const struct module_description *module, const char *name, size_t name_length,
                     const char *text, size_t length, unsigned allowed_threads, struct plan_point *point,
                     struct problem *problem) {
    for (size_t p = 0; p < module->parameter_count; p++) {
        const char *known = module->parameters[p].name;
        if (strlen(known) != name_length || strncmp(known, name, name_length) != 0)
            continue;
        if (module->parameters[p].choice_count)
            return set_choice(module, p, text, length, point, problem);
        return read_number(known, text, length, module->parameters[p].min, module->parameters[p].max,
                           &point->value[p], problem);
    }
    int64_t threads = 1;
    if (name_length != strlen("threads") || strncmp(name, "threads", name_length) != 0 ||
        !module_is_parallel(module))
        return unknown_parameter(module, name, name_length, problem);
    int status = read_number("threads", text, length, 1, allowed_threads, &threads, problem);
    point->threads = (unsigned)threads;
    return status;
}

static int set_values(const struct module_description *module, const char *where, unsigned allowed_threads,
                      struct plan_point *point, struct problem *problem) {
    for (const char *at = where;; at++) {
        size_t length = strcspn(at, ","), name = strcspn(at, "=,");
        if (name == length || name == 0)
            return problem_set(problem, EINVAL, "%s: expected NAME=VALUE[,NAME=VALUE…], got \'%s\'",
                               option_name(SETTING_WHERE), where);
        int status =
            set_value(module, at, name, at + name + 1, length - name - 1, allowed_threads, point, problem);
        at += length;
        if (status || !*at)
            return status;
    }
}

int profile_point_make(const struct module_description *module, const struct plan_point *from,
                       const char *const *where, size_t where_count, unsigned allowed_threads,
                       struct plan_point *point, struct problem *problem) {
    *point = from ? *from : (struct plan_point){.threads = module_is_parallel(module) ? allowed_threads : 1};
    for (size_t p = 0; p < module->parameter_count && !from; p++)
        point->value[p] = module->parameters[p].def;
    for (size_t i = 0; i < where_count; i++) {
        int status = set_values(module, where[i], allowed_threads, point, problem);
        if (status)
            return status;
    }
    name_values(module, point);
    return 0;
}
