/* A case against the kernel it names: do the things that it speaks of exist? */
#include "store/case_file.h"

#include "store/suggest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What every check needs. */
struct check {
    const struct case_file *file;
    const struct cs_kernel *kernel;
    struct problem *problem;
};

__attribute__((format(printf, 3, 4))) static int refuse(const struct check *check, int line,
                                                        const char *format, ...) {
    char text[640];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return problem_set(check->problem, EINVAL, "%s:%d: %s", check->file->path, line, text);
}

static const char *variant_name(const void *data, size_t index) {
    const struct cs_kernel *kernel = data;
    return index < CS_MAX_VARIANTS ? kernel->variants[index].name : NULL;
}

static bool is_parallel(const struct cs_kernel *kernel) {
    for (size_t i = 0; variant_name(kernel, i); i++)
        if (kernel->variants[i].flags & CS_PARALLEL)
            return true;
    return false;
}

/* The kernel's own, then threads where the kernel has a parallel variant. */
static const char *parameter_name(const void *data, size_t index) {
    const struct cs_kernel *kernel = data;
    size_t own = 0;
    while (own < CS_MAX_PARAMETERS && kernel->parameters[own].name)
        own++;
    if (index < own)
        return kernel->parameters[index].name;
    return index == own && is_parallel(kernel) ? "threads" : NULL;
}

static const char *counter_name(const void *data, size_t index) {
    const struct check *check = data;
    if (index < COUNTER_VOCABULARY)
        return counter_event_info[index].name;
    index -= COUNTER_VOCABULARY;
    if (index == 0)
        return "ipc";
    if (index <= check->file->event_count)
        return check->file->events[index - 1];
    index -= 1 + check->file->event_count;
    return index < CS_MAX_COUNTERS ? check->kernel->counters[index].name : NULL;
}

static bool has_name(const struct name_list *names, const char *name) {
    for (size_t i = 0; names->name(names->data, i); i++)
        if (strcmp(names->name(names->data, i), name) == 0)
            return true;
    return false;
}

/* Refuses a name that is not in a list. `what` is "variant", `where` the key. */
static int check_name(const struct check *check, const struct name_list *names, int line, const char *where,
                      const char *what, const char *name) {
    if (has_name(names, name))
        return 0;
    char suggestion[400];
    return refuse(check, line, "%s: kernel %s has no %s %s%s", where, check->kernel->name, what, name,
                  suggest_names(name, names, suggestion, sizeof suggestion));
}

static const struct cs_parameter *find_parameter(const struct cs_kernel *kernel, const char *name) {
    for (size_t i = 0; i < CS_MAX_PARAMETERS && kernel->parameters[i].name; i++)
        if (strcmp(kernel->parameters[i].name, name) == 0)
            return &kernel->parameters[i];
    return NULL;
}

static int check_choice(const struct check *check, const struct cs_parameter *parameter, int line,
                        const char *where, const char *text) {
    struct name_list choices = name_list_of(parameter->choices);
    char suggestion[256];
    const char *said = *text ? text : "a number";
    if (*text && has_name(&choices, text))
        return 0;
    return refuse(check, line, "%s: expected one of the names of %s, got %s%s", where, parameter->name, said,
                  suggest_names(said, &choices, suggestion, sizeof suggestion));
}

static int check_limits(const struct check *check, const struct cs_parameter *parameter, int line,
                        const char *where, int64_t number, const char *text) {
    if (*text)
        return refuse(check, line, "%s: expected a whole number from %" PRId64 " to %" PRId64 ", got %s",
                      where, parameter->min, parameter->max, text);
    if (number < parameter->min || number > parameter->max)
        return refuse(check, line, "%s: expected %" PRId64 " to %" PRId64 "%s%s, got %" PRId64, where,
                      parameter->min, parameter->max, parameter->unit ? " " : "",
                      parameter->unit ? parameter->unit : "", number);
    return 0;
}

static int check_threads(const struct check *check, int line, const char *where, int64_t number,
                         const char *text) {
    bool right = *text ? strcmp(text, "all") == 0 : number >= 1 && number <= TOPOLOGY_MAX_CPUS;
    if (right)
        return 0;
    char got[24];
    snprintf(got, sizeof got, "%" PRId64, number);
    return refuse(check, line, "%s: expected 1 to %d threads, or all, got %s", where, TOPOLOGY_MAX_CPUS,
                  *text ? text : got);
}

static int check_value(const struct check *check, const char *name, int line, const char *where,
                       int64_t number, const char *text) {
    const struct cs_parameter *parameter = find_parameter(check->kernel, name);
    if (!parameter)
        return check_threads(check, line, where, number, text);
    if (parameter->choices)
        return check_choice(check, parameter, line, where, text);
    return check_limits(check, parameter, line, where, number, text);
}

static int check_axes(const struct check *check, const char *key, const struct case_axis *axes,
                      size_t count) {
    struct name_list parameters = {parameter_name, check->kernel};
    for (size_t i = 0; i < count; i++) {
        const struct case_axis *axis = &axes[i];
        char where[RESULT_NAME + 16];
        snprintf(where, sizeof where, "%s.%s", key, axis->parameter);
        int error = check_name(check, &parameters, axis->line, where, "parameter", axis->parameter);
        for (size_t j = 0; !error && j < axis->count; j++)
            error = check_value(check, axis->parameter, axis->line, where, axis->values[j].number,
                                axis->values[j].text);
        if (error)
            return error;
    }
    return 0;
}

static int check_variants(const struct check *check) {
    const struct case_file *file = check->file;
    struct name_list variants = {variant_name, check->kernel};
    if (!variant_name(check->kernel, 0) || !variant_name(check->kernel, 1))
        return refuse(check, file->kernel_line, "kernel: %s has no two variants to compare",
                      check->kernel->name);
    const char *baseline = *file->baseline ? file->baseline : check->kernel->variants[0].name;
    int error = check_name(check, &variants, file->baseline_line, "baseline", "variant", baseline);
    for (size_t i = 0; !error && i < file->candidate_count; i++) {
        error =
            check_name(check, &variants, file->candidates_line, "candidates", "variant", file->candidates[i]);
        if (!error && strcmp(file->candidates[i], baseline) == 0)
            error = refuse(
                check, file->candidates_line,
                "candidates: %s is the kernel's first variant and so the baseline; name another baseline "
                "or leave it out",
                baseline);
    }
    return error;
}

static bool is_swept(const struct case_file *file, const char *parameter) {
    for (size_t i = 0; i < file->sweep_count; i++)
        if (strcmp(file->sweep[i].parameter, parameter) == 0)
            return true;
    return false;
}

/* A prediction about a parameter that no point has would never be asked. */
static int check_swept(const struct check *check, int line, const char *where, const char *name) {
    struct name_list parameters = {parameter_name, check->kernel};
    int error = check_name(check, &parameters, line, where, "parameter", name);
    if (!error && !is_swept(check->file, name))
        error =
            refuse(check, line, "%s: %s is not in sweep, so this prediction would never apply", where, name);
    return error;
}

static int check_where(const struct check *check, const struct case_condition *condition, const char *where) {
    int error = check_swept(check, condition->line, where, condition->name);
    if (error)
        return error;
    const struct cs_parameter *parameter = find_parameter(check->kernel, condition->name);
    if (parameter && parameter->choices)
        return check_choice(check, parameter, condition->line, where, condition->text);
    if (*condition->text)
        return refuse(check, condition->line, "%s: expected a condition such as \">= 1024\", got %s", where,
                      condition->text);
    return 0;
}

static int check_prediction_candidate(const struct check *check, const struct case_prediction *prediction,
                                      const char *where) {
    const struct case_file *file = check->file;
    struct name_list variants = {variant_name, check->kernel};
    const char *name = prediction->candidate;
    if (!*name)
        return 0;
    int error = check_name(check, &variants, prediction->line, where, "variant", name);
    if (error)
        return error;
    const char *baseline = *file->baseline ? file->baseline : check->kernel->variants[0].name;
    bool compared = !file->candidate_count && strcmp(name, baseline) != 0;
    for (size_t i = 0; i < file->candidate_count; i++)
        compared = compared || strcmp(file->candidates[i], name) == 0;
    return compared
               ? 0
               : refuse(check, prediction->line, "%s: %s is not among the case's candidates", where, name);
}

/* `what` has a word for the prediction. */
static int check_order(const struct check *check, const struct case_prediction *prediction, const char *name,
                       const char *what, const char *where) {
    if (!*name)
        return 0;
    int error = check_swept(check, prediction->line, where, name);
    const struct cs_parameter *parameter = find_parameter(check->kernel, name);
    if (!error && parameter && parameter->choices)
        error = refuse(check, prediction->line, "%s: %s has names, not numbers; %s needs an order", where,
                       name, what);
    /* What it is about has to be one stretch of its parameter. */
    for (size_t i = 0; !error && i < prediction->where_count; i++)
        if (strcmp(prediction->where[i].name, name) == 0 && prediction->where[i].operator[0] == '!')
            error = refuse(
                check, prediction->where[i].line,
                "%s: where may bound %s with <, <=, > and >=, not leave out a value with !=", where, name);
    return error;
}

/* Whether no number satisfies both: "> 2" and "< 1". */
static bool exclude_each_other(const struct case_condition *first, const struct case_condition *second) {
    if (first->operator[0] == '=')
        return !case_condition_holds(second, first->value);
    if (second->operator[0] == '=')
        return !case_condition_holds(first, second->value);
    const struct case_condition *above = first->operator[0] == '>' ? first : second;
    const struct case_condition *below = above == first ? second : first;
    if (above->operator[0] != '>' || below->operator[0] != '<')
        return false;
    bool both_touch = above->operator[1] == '=' && below->operator[1] == '=';
    return both_touch ? above->value > below->value : above->value >= below->value;
}

static int check_counter(const struct check *check, const struct case_prediction *prediction, size_t index,
                         size_t condition_index) {
    static const char *const keys[] = {"counters", "per-item.baseline", "per-item.candidate"};
    struct name_list counters = {counter_name, check};
    const struct case_condition *condition = &prediction->counters[condition_index];
    char where[RESULT_NAME + 64];
    snprintf(where, sizeof where, "predict[%zu].%s.%s", index, keys[condition->subject], condition->name);
    int error = check_name(check, &counters, condition->line, where, "counter", condition->name);
    for (size_t i = 0; !error && i < condition_index; i++) {
        const struct case_condition *other = &prediction->counters[i];
        if (other->subject == condition->subject && strcmp(other->name, condition->name) == 0 &&
            exclude_each_other(other, condition))
            error = refuse(check, condition->line, "%s: no number is both %s %g and %s %g", where,
                           other->operator, other->value, condition->operator, condition->value);
    }
    return error;
}

static int check_prediction(const struct check *check, const struct case_prediction *prediction,
                            size_t index) {
    char where[RESULT_NAME + 48];
    snprintf(where, sizeof where, "predict[%zu].candidate", index);
    int error = check_prediction_candidate(check, prediction, where);
    for (size_t i = 0; !error && i < prediction->where_count; i++) {
        snprintf(where, sizeof where, "predict[%zu].where.%s", index, prediction->where[i].name);
        error = check_where(check, &prediction->where[i], where);
    }
    for (size_t i = 0; !error && i < prediction->counter_count; i++)
        error = check_counter(check, prediction, index, i);
    snprintf(where, sizeof where, "predict[%zu].crossover.%s", index, prediction->crossover_parameter);
    if (!error)
        error = check_order(check, prediction, prediction->crossover_parameter, "a crossover", where);
    snprintf(where, sizeof where, "predict[%zu].growth.%s", index, prediction->growth_parameter);
    return error ? error : check_order(check, prediction, prediction->growth_parameter, "growth", where);
}

int case_file_check(const struct case_file *file, const struct cs_kernel *kernel, struct problem *problem) {
    struct check check = {file, kernel, problem};
    if (strcmp(file->kernel, kernel->name) != 0)
        return refuse(&check, file->kernel_line, "kernel: expected %s, the module is kernel %s", file->kernel,
                      kernel->name);
    int error = check_variants(&check);
    if (!error)
        error = check_axes(&check, "sweep", file->sweep, file->sweep_count);
    if (!error)
        error = check_axes(&check, "quick", file->quick, file->quick_count);
    if (!error)
        error = check_axes(&check, "full", file->full, file->full_count);
    for (size_t i = 0; !error && i < file->prediction_count; i++)
        error = check_prediction(&check, &file->predictions[i], i);
    return error;
}
