#include "report/case_view.h"

#include "report/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct measurement *measurement_of(const struct run *run, const struct comparison *comparison) {
    return comparison->measurement < run->measurement_count ? &run->measurements[comparison->measurement]
                                                            : NULL;
}

struct spread comparison_spread(const struct comparison *comparison) {
    double round = comparison->spread_round, process = comparison->spread_process,
           layout = comparison->spread_layout;
    return spread_shares((struct spread){round * round, process * process, layout * layout});
}

const struct point_value *point_find(const struct point *point, const char *name) {
    for (size_t i = 0; i < point->count; i++)
        if (strcmp(point->values[i].name, name) == 0)
            return &point->values[i];
    return NULL;
}

bool point_has_values(const struct point *point, const struct point *others) {
    for (size_t i = 0; i < others->count; i++) {
        const struct point_value *value = point_find(point, others->values[i].name);
        if (!value || value->value != others->values[i].value ||
            strcmp(value->choice, others->values[i].choice) != 0)
            return false;
    }
    return true;
}

/* Order of values; a point without the parameter comes first. */
static int compare_values(const struct point_value *first, const struct point_value *second) {
    if (!first || !second)
        return (first != NULL) - (second != NULL);
    return (first->value > second->value) - (first->value < second->value);
}

static size_t find_parameter(const struct case_view *view, const char *name) {
    size_t i = 0;
    while (i < view->parameter_count && strcmp(view->parameters[i].name, name) != 0)
        i++;
    return i;
}

static void collect_parameters(struct case_view *view) {
    for (size_t row = 0; row < view->count; row++) {
        const struct point *point = &view->rows[row]->point;
        for (size_t i = 0; i < point->count; i++) {
            size_t found = find_parameter(view, point->values[i].name);
            if (found == view->parameter_count && found < CASE_VIEW_PARAMETERS)
                view->parameters[view->parameter_count++] = (struct case_parameter){
                    .name = point->values[i].name, .numeric = !point->values[i].choice[0]};
        }
    }
}

static void count_values(struct case_view *view, struct case_parameter *parameter) {
    for (size_t row = 0; row < view->count; row++) {
        const struct point_value *value = point_find(&view->rows[row]->point, parameter->name);
        bool seen = false;
        for (size_t earlier = 0; earlier < row && !seen; earlier++)
            seen = compare_values(value, point_find(&view->rows[earlier]->point, parameter->name)) == 0;
        parameter->distinct += !seen;
        if (value && value->choice[0])
            parameter->numeric = false;
    }
    parameter->varies = parameter->distinct > 1;
}

/* Moves the axis to the end: rows are compared and columns are shown in this order. */
static void choose_axis(struct case_view *view) {
    size_t best = view->parameter_count;
    for (size_t i = 0; i < view->parameter_count; i++) {
        const struct case_parameter *parameter = &view->parameters[i];
        if (!parameter->varies)
            continue;
        if (best == view->parameter_count || (parameter->numeric && !view->parameters[best].numeric) ||
            (parameter->numeric == view->parameters[best].numeric &&
             parameter->distinct > view->parameters[best].distinct))
            best = i;
    }
    view->has_axis = best < view->parameter_count;
    if (!view->has_axis)
        return;
    struct case_parameter axis = view->parameters[best];
    memmove(&view->parameters[best], &view->parameters[best + 1],
            (view->parameter_count - best - 1) * sizeof axis);
    view->parameters[view->parameter_count - 1] = axis;
}

static size_t first_index_of_candidate(const struct run *run, const struct comparison *comparison) {
    size_t i = 0;
    while (strcmp(run->comparisons[i].case_name, comparison->case_name) != 0 ||
           strcmp(run->comparisons[i].candidate, comparison->candidate) != 0)
        i++;
    return i;
}

static int compare_rows(const void *first_row, const void *second_row, void *context) {
    const struct case_view *view = context;
    const struct comparison *first = *(const struct comparison *const *)first_row;
    const struct comparison *second = *(const struct comparison *const *)second_row;
    size_t first_candidate = first_index_of_candidate(view->run, first);
    size_t second_candidate = first_index_of_candidate(view->run, second);
    if (first_candidate != second_candidate)
        return first_candidate < second_candidate ? -1 : 1;
    for (size_t i = 0; i < view->parameter_count; i++) {
        const char *name = view->parameters[i].name;
        int order = compare_values(point_find(&first->point, name), point_find(&second->point, name));
        if (order)
            return order;
    }
    return (first > second) - (first < second);
}

int case_view_open(struct case_view *view, const struct run *run, const char *case_name,
                   const char *candidate) {
    *view = (struct case_view){.run = run};
    view->rows = malloc((run->comparison_count + 1) * sizeof *view->rows);
    if (!view->rows)
        return -ENOMEM;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct comparison *comparison = &run->comparisons[i];
        if (strcmp(comparison->case_name, case_name) == 0 &&
            (!candidate || strcmp(comparison->candidate, candidate) == 0))
            view->rows[view->count++] = comparison;
    }
    collect_parameters(view);
    for (size_t i = 0; i < view->parameter_count; i++)
        count_values(view, &view->parameters[i]);
    choose_axis(view);
    qsort_r(view->rows, view->count, sizeof *view->rows, compare_rows, view);
    return 0;
}

void case_view_close(struct case_view *view) {
    free(view->rows);
    *view = (struct case_view){0};
}

const struct case_parameter *case_view_axis(const struct case_view *view) {
    return view->has_axis ? &view->parameters[view->parameter_count - 1] : NULL;
}

bool case_view_same_group(const struct case_view *view, const struct point *first,
                          const struct point *second) {
    size_t others = view->parameter_count - (view->has_axis ? 1 : 0);
    for (size_t i = 0; i < others; i++) {
        const char *name = view->parameters[i].name;
        if (compare_values(point_find(first, name), point_find(second, name)) != 0)
            return false;
    }
    return true;
}

void case_view_point_text(const struct case_view *view, const struct point *point, bool with_axis,
                          struct text *text) {
    bool started = false;
    for (size_t i = 0; i < view->parameter_count; i++) {
        const struct case_parameter *parameter = &view->parameters[i];
        const struct point_value *value = point_find(point, parameter->name);
        bool is_axis = view->has_axis && i == view->parameter_count - 1;
        if (!parameter->varies || !value || (is_axis && !with_axis))
            continue;
        text_printf(text, "%s%s = ", started ? ", " : "", parameter->name);
        format_point_value(value, text);
        started = true;
    }
}

bool has_several_cases(const struct run *run) {
    for (size_t i = 1; i < run->comparison_count; i++)
        if (strcmp(run->comparisons[i].case_name, run->comparisons[0].case_name) != 0)
            return true;
    return false;
}

size_t first_of_case(const struct run *run, size_t index) {
    size_t i = 0;
    while (strcmp(run->comparisons[i].case_name, run->comparisons[index].case_name) != 0)
        i++;
    return i;
}

size_t first_of_candidate(const struct case_view *view, size_t row) {
    size_t i = 0;
    while (strcmp(view->rows[i]->candidate, view->rows[row]->candidate) != 0)
        i++;
    return i;
}
