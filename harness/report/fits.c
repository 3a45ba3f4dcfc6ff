#include "report/fits.h"

#include "report/format.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* More combinations of other parameters than these are told by their kinds alone. */
#define MOST_WHOLE 2

/* Whether a view of one candidate tells of this variant: the candidate, and the baseline with the case's first. */
static bool tells_of(const struct case_view *view, const char *case_name, const char *variant) {
    const struct comparison *row = view->rows[0];
    if (strcmp(row->case_name, case_name) != 0)
        return false;
    if (strcmp(row->candidate, variant) == 0)
        return true;
    if (strcmp(row->baseline, variant) != 0)
        return false;
    for (size_t i = 0; i < view->run->comparison_count; i++)
        if (strcmp(view->run->comparisons[i].case_name, case_name) == 0)
            return strcmp(view->run->comparisons[i].candidate, row->candidate) == 0;
    return false;
}

static const char *outcome_words(enum mechanism outcome) {
    return outcome == MECHANISM_EXPLAINED     ? "held"
           : outcome == MECHANISM_UNEXPLAINED ? "refuted"
                                              : "undecided";
}

/* ", predicted n²: refuted" */
static void print_outcome(const struct growth_fit *growth, struct text *text) {
    if (growth->predicted[0])
        text_printf(text, "; predicted %s: %s", growth->predicted, outcome_words(growth->outcome));
}

/* The possible kinds, without numbers. */
static void print_kinds(const struct growth *fit, struct text *text) {
    size_t told = 0;
    for (int kind = 0; kind < GROWTH_KINDS; kind++)
        if (fit->possible[kind])
            text_printf(text, "%s%s", told++ ? " or " : "", growth_name((enum growth_kind)kind));
    if (!told)
        text_add(text, fit->points ? "none" : "too few sizes");
}

/* Along the axis, and some kind of growth; what is none, as where a cache ends, is for the details. */
static bool is_told(const struct case_view *view, const struct growth_fit *growth) {
    const struct case_parameter *axis = case_view_axis(view);
    return tells_of(view, growth->case_name, growth->variant) &&
           (growth->predicted[0] ||
            (axis && strcmp(axis->name, growth->parameter) == 0 && growth_possible(&growth->fit)));
}

static void print_growth(const struct case_view *view, const struct growth_fit *growth, bool whole,
                         struct text *text) {
    struct text where = {0};
    case_view_point_text(view, &growth->point, true, &where);
    text_printf(text, "%s%s%s, ", growth->variant, where.length ? " for " : "", text_string(&where));
    if (whole)
        text_add(text, growth->text);
    else
        print_kinds(&growth->fit, text);
    print_outcome(growth, text);
    text->failed |= where.failed;
    text_clear(&where);
}

void growth_print(const struct case_view *view, struct text *text) {
    size_t count = 0, told = 0;
    for (size_t i = 0; view->count && i < view->run->growth_count; i++)
        count += is_told(view, &view->run->growth[i]);
    for (size_t i = 0; count && i < view->run->growth_count; i++) {
        const struct growth_fit *growth = &view->run->growth[i];
        if (!is_told(view, growth))
            continue;
        text_add(text, told++ ? ". " : "growth of the time per ");
        if (told == 1)
            text_printf(text, "%s: ", view->rows[0]->item);
        print_growth(view, growth, count <= 2 * MOST_WHOLE, text);
    }
}

void scaling_print(const struct case_view *view, struct text *text) {
    size_t told = 0, too_few = 0;
    for (size_t i = 0; view->count && i < view->run->scaling_count; i++) {
        const struct scaling_fit *scaling = &view->run->scaling[i];
        struct text where = {0};
        if (!tells_of(view, scaling->case_name, scaling->variant))
            continue;
        if (scaling->fit.points < SCALING_USL_POINTS) { /* a law that fits whatever they are says nothing */
            too_few++;
            continue;
        }
        case_view_point_text(view, &scaling->point, true, &where);
        text_printf(text, "%s%s%s%s, %s", told++ ? ". " : "scaling with threads: ", scaling->variant,
                    where.length ? " for " : "", text_string(&where), scaling->text);
        text->failed |= where.failed;
        text_clear(&where);
    }
    if (too_few && !told)
        text_printf(
            text,
            "scaling with threads: %d numbers of threads fit any law, so they cannot tell; from %d on one is told",
            SCALING_AMDAHL_POINTS, SCALING_USL_POINTS);
}

static bool is_variant_of(const struct comparison *comparison, const char *case_name, const char *variant) {
    return strcmp(comparison->case_name, case_name) == 0 &&
           (strcmp(comparison->candidate, variant) == 0 || strcmp(comparison->baseline, variant) == 0);
}

static void line_growth(struct notes *notes, const struct growth_fit *growth) {
    struct text *text = notes_add(notes, "growth");
    text_printf(text, "%s, %s = %" PRId64 " to %" PRId64 ": %s", growth->variant, growth->parameter,
                growth->first, growth->last, growth->text);
    print_outcome(growth, text);
    if (!growth->fit.points)
        return;
    const struct interval *step = &growth->fit.step, *fixed = &growth->fit.fixed;
    if (isfinite(fixed->low))
        text_printf(text, "; fixed part %s to %s ns", BRIEF(fixed->low, 3), BRIEF(fixed->high, 3));
    if (isfinite(step->low))
        text_printf(text, "; step %s to %s ns", BRIEF(step->low, 3), BRIEF(step->high, 3));
    text_add(text, "; off by");
    for (int kind = 0, told = 0; kind < GROWTH_KINDS; kind++)
        if (isfinite(growth->fit.misfit[kind]))
            text_printf(text, "%s %s %s %%", told++ ? "," : "", growth_name((enum growth_kind)kind),
                        BRIEF(100 * growth->fit.misfit[kind], 2));
}

void lines_fits(struct notes *notes, const struct run *run, const struct comparison *comparison) {
    for (size_t i = 0; i < run->growth_count; i++) {
        const struct growth_fit *growth = &run->growth[i];
        if (is_variant_of(comparison, growth->case_name, growth->variant) &&
            point_has_values(&comparison->point, &growth->point))
            line_growth(notes, growth);
    }
    for (size_t i = 0; i < run->scaling_count; i++) {
        const struct scaling_fit *scaling = &run->scaling[i];
        if (is_variant_of(comparison, scaling->case_name, scaling->variant) &&
            point_has_values(&comparison->point, &scaling->point))
            text_printf(notes_add(notes, "scaling"), "%s: %s", scaling->variant, scaling->text);
    }
}
