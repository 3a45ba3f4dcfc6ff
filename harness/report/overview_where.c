#include "report/overview_where.h"

#include "report/format.h"

#include <math.h>
#include <string.h>

#define POINTS_COLUMNS 13 /* of "1 of 2 points" */

size_t verdict_count(const struct case_view *view, enum verdict verdict) {
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++)
        count += view->rows[i]->verdict == verdict;
    return count;
}

static double factor_of(const struct comparison *row) {
    return row->verdict == VERDICT_SLOWER ? 1 / row->speedup.estimate : row->speedup.estimate;
}

void factors_print(const struct case_view *view, enum verdict verdict, struct text *text) {
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < view->count; i++) {
        if (view->rows[i]->verdict != verdict)
            continue;
        least = fmin(least, factor_of(view->rows[i]));
        most = fmax(most, factor_of(view->rows[i]));
    }
    char low[FORMAT_SIZE], high[FORMAT_SIZE];
    format_factor(least, low);
    format_factor(most, high);
    format_range(low, high, "–", text);
}

const struct comparison *telling_row(const struct case_view *view) {
    static const enum verdict order[] = {VERDICT_FASTER, VERDICT_SLOWER, VERDICT_EQUIVALENT,
                                         VERDICT_INCONCLUSIVE, VERDICT_INVALID};
    const struct comparison *most = NULL;
    for (size_t kind = 0; !most && kind < sizeof order / sizeof *order; kind++)
        for (size_t i = 0; i < view->count; i++)
            if (view->rows[i]->verdict == order[kind] &&
                (!most || factor_of(view->rows[i]) > factor_of(most)))
                most = view->rows[i];
    return most;
}

static bool same_value(const struct point_value *first, const struct point_value *second) {
    return first && second ? first->value == second->value && !strcmp(first->choice, second->choice)
                           : first == second;
}

static const struct point_value *value_of(const struct case_view *view, size_t row,
                                          const struct case_parameter *parameter) {
    return point_find(&view->rows[row]->point, parameter->name);
}

/* Whether no value of the parameter has rows with the verdict and others. */
static bool parameter_tells(const struct case_view *view, const struct case_parameter *parameter,
                            enum verdict verdict) {
    for (size_t i = 0; i < view->count; i++)
        for (size_t k = 0; k < i; k++)
            if ((view->rows[i]->verdict == verdict) != (view->rows[k]->verdict == verdict) &&
                same_value(value_of(view, i, parameter), value_of(view, k, parameter)))
                return false;
    return true;
}

/* The row that has the smallest value of the parameter above that of row `after`; view->count: none. Of choices the
 * value is their place in the kernel's list. */
static size_t next_value(const struct case_view *view, const struct case_parameter *parameter, size_t after) {
    size_t next = view->count;
    for (size_t i = 0; i < view->count; i++) {
        const struct point_value *value = value_of(view, i, parameter);
        bool above =
            value && (after == view->count || value->value > value_of(view, after, parameter)->value);
        if (above && (next == view->count || value->value < value_of(view, next, parameter)->value))
            next = i;
    }
    return next;
}

/* Neighbouring values that have rows with the verdict. */
struct range {
    size_t first, last, length, printed; /* rows; values; ranges before it */
};

static void end_range(const struct case_view *view, const struct case_parameter *parameter,
                      struct range *range, struct text *text) {
    if (!range->length)
        return;
    text_add(text, range->printed++ ? ", " : "");
    format_point_value(value_of(view, range->first, parameter), text);
    if (range->length > 1) {
        text_add(text, range->length > 2 ? "…" : ", ");
        format_point_value(value_of(view, range->last, parameter), text);
    }
    range->length = 0;
}

/* "n = 4, 16…256", "order = shuffled, random": choices have no neighbours. */
static void print_values(const struct case_view *view, const struct case_parameter *parameter,
                         enum verdict verdict, struct text *text) {
    struct range range = {.length = 0};
    text_printf(text, "%s = ", parameter->name);
    for (size_t row = next_value(view, parameter, view->count); row < view->count;
         row = next_value(view, parameter, row)) {
        bool has = view->rows[row]->verdict == verdict;
        if (!has || !parameter->numeric)
            end_range(view, parameter, &range, text);
        if (!has)
            continue;
        range.first = range.length++ ? range.first : row;
        range.last = row;
    }
    end_range(view, parameter, &range, text);
}

void where_print(const struct case_view *view, enum verdict verdict, size_t columns, struct text *text) {
    size_t count = verdict_count(view, verdict);
    struct text values = {0};
    if (!count)
        return;
    if (count == view->count) {
        text_add(text, view->count == 1 ? "the one point" : "all points");
        return;
    }
    for (size_t i = view->parameter_count; i-- > 0 && !values.length;)
        if (view->parameters[i].varies && parameter_tells(view, &view->parameters[i], verdict)) {
            print_values(view, &view->parameters[i], verdict, &values);
            if (style_width(text_string(&values)) > columns)
                text_clear(&values);
        }
    if (values.length)
        text_add(text, text_string(&values));
    else
        text_printf(text, "%zu of %zu%s", count, view->count, columns < POINTS_COLUMNS ? "" : " points");
    text->failed |= values.failed;
    text_clear(&values);
}
