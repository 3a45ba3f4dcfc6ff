#include "report/summary.h"

#include "report/format.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Consecutive rows of a view along its axis. */
struct stretch {
    const struct case_view *view;
    size_t first, count;
};

static const struct comparison *stretch_row(const struct stretch *stretch, size_t i) {
    return stretch->view->rows[stretch->first + i];
}

static size_t count_verdict(const struct stretch *stretch, enum verdict verdict) {
    size_t count = 0;
    for (size_t i = 0; i < stretch->count; i++)
        count += stretch_row(stretch, i)->verdict == verdict;
    return count;
}

/* Factors, above 1, of all rows with this verdict: "1.4×" or "1.2× to 1.4×". */
static void print_factors(const struct stretch *stretch, enum verdict verdict, struct text *text) {
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < stretch->count; i++) {
        const struct comparison *row = stretch_row(stretch, i);
        if (row->verdict != verdict)
            continue;
        double factor = verdict == VERDICT_SLOWER ? 1 / row->speedup.estimate : row->speedup.estimate;
        least = fmin(least, factor);
        most = fmax(most, factor);
    }
    char low[FORMAT_SIZE], high[FORMAT_SIZE];
    format_factor(least, low);
    format_factor(most, high);
    format_range(low, high, " to ", text);
}

static void print_axis_value(const struct stretch *stretch, size_t i, struct text *text) {
    const struct case_parameter *axis = case_view_axis(stretch->view);
    const struct point_value *value = axis ? point_find(&stretch_row(stretch, i)->point, axis->name) : NULL;
    if (value)
        format_point_value(value, text);
    else
        text_add(text, "–");
}

/* "n = 4, 8 and 64…1024 (5 points)": where the verdict was this; three neighbours or more are written as a
 * range. */
static void print_where(const struct stretch *stretch, enum verdict verdict, struct text *text) {
    const struct case_parameter *axis = case_view_axis(stretch->view);
    size_t left = count_verdict(stretch, verdict);
    text_printf(text, "%s = ", axis ? axis->name : "point");
    for (size_t i = 0, printed = 0; i < stretch->count;) {
        if (stretch_row(stretch, i)->verdict != verdict) {
            i++;
            continue;
        }
        size_t length = 1;
        while (i + length < stretch->count && stretch_row(stretch, i + length)->verdict == verdict)
            length++;
        bool range = axis && axis->numeric && length >= 3;
        size_t step = range ? length : 1;
        left -= step;
        text_add(text, !printed++ ? "" : left ? ", " : " and ");
        print_axis_value(stretch, i, text);
        if (range) {
            text_add(text, "…");
            print_axis_value(stretch, i + length - 1, text);
            text_printf(text, " (%zu points)", length);
        }
        i += step;
    }
}

static void print_no_difference(const struct stretch *stretch, struct text *text) {
    char delta[FORMAT_SIZE];
    format_percent(stretch->view->run->settings.delta, delta);
    text_printf(text, "no difference beyond %s", delta);
}

/* What holds of rows with this verdict, and where. */
static void print_clause(const struct stretch *stretch, enum verdict verdict, struct text *text) {
    switch (verdict) {
    case VERDICT_FASTER:
        text_add(text, "wins");
        break;
    case VERDICT_SLOWER:
        text_printf(text, "%s is ", stretch_row(stretch, 0)->baseline);
        print_factors(stretch, verdict, text);
        text_add(text, " faster");
        break;
    case VERDICT_EQUIVALENT:
        print_no_difference(stretch, text);
        break;
    case VERDICT_INCONCLUSIVE:
    case VERDICT_INVALID:
        text_add(text, verdict_name(verdict));
        break;
    }
    text_add(text, " at ");
    print_where(stretch, verdict, text);
    if (verdict == VERDICT_FASTER) {
        text_add(text, " (");
        print_factors(stretch, verdict, text);
        text_add(text, ")");
    }
}

/* The clauses of all verdicts but FASTER. */
static void print_rest(const struct stretch *stretch, const char *separator, struct text *text) {
    static const enum verdict order[] = {VERDICT_SLOWER, VERDICT_EQUIVALENT, VERDICT_INCONCLUSIVE,
                                         VERDICT_INVALID};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (!count_verdict(stretch, order[i]))
            continue;
        text_add(text, separator);
        print_clause(stretch, order[i], text);
        separator = "; ";
    }
}

/* One point alone. */
static void print_single(const struct stretch *stretch, struct text *text) {
    const struct comparison *row = stretch_row(stretch, 0);
    char low[FORMAT_SIZE], high[FORMAT_SIZE];
    switch (row->verdict) {
    case VERDICT_FASTER:
    case VERDICT_SLOWER:
        print_factors(stretch, row->verdict, text);
        text_printf(text, " %s", verdict_name(row->verdict));
        break;
    case VERDICT_EQUIVALENT:
        print_no_difference(stretch, text);
        break;
    case VERDICT_INCONCLUSIVE:
        format_factor(row->speedup.low, low);
        format_factor(row->speedup.high, high);
        text_printf(text, "inconclusive, between %s and %s", low, high);
        break;
    case VERDICT_INVALID:
        text_add(text, "invalid, no speedup to tell");
        break;
    }
}

/* All points of the stretch came out alike. */
static void print_uniform(const struct stretch *stretch, struct text *text) {
    enum verdict verdict = stretch_row(stretch, 0)->verdict;
    switch (verdict) {
    case VERDICT_FASTER:
        text_add(text, "wins everywhere measured, ");
        print_factors(stretch, verdict, text);
        break;
    case VERDICT_SLOWER:
        text_printf(text, "never wins where measured: %s is ", stretch_row(stretch, 0)->baseline);
        print_factors(stretch, verdict, text);
        text_add(text, " faster");
        break;
    case VERDICT_EQUIVALENT:
        print_no_difference(stretch, text);
        text_add(text, " anywhere measured");
        break;
    case VERDICT_INCONCLUSIVE:
    case VERDICT_INVALID:
        text_printf(text, "%s everywhere measured", verdict_name(verdict));
        break;
    }
    text_printf(text, " (%zu points)", stretch->count);
}

/* Number of rows at the end (`from_end`) or at the start that are faster without a gap. */
static size_t winning_run(const struct stretch *stretch, bool from_end) {
    size_t length = 0;
    while (length < stretch->count &&
           stretch_row(stretch, from_end ? stretch->count - 1 - length : length)->verdict == VERDICT_FASTER)
        length++;
    return length;
}

/*
 * Wins from some point up, or up to some point. Only measured points are spoken of: "up" and "up to" carry
 * the number of points and the last of them.
 */
static void print_one_sided(const struct stretch *stretch, bool up, size_t wins, struct text *text) {
    const char *axis = case_view_axis(stretch->view)->name;
    size_t edge = up ? stretch->count - wins : wins - 1, last = up ? stretch->count - 1 : 0;
    if (wins == 1)
        text_printf(text, "wins at %s = ", axis);
    else
        text_printf(text, up ? "wins from %s = " : "wins up to %s = ", axis);
    print_axis_value(stretch, edge, text);
    text_add(text, up && wins > 1 ? " up (" : " (");
    print_factors(stretch, VERDICT_FASTER, text);
    if (wins == 1) {
        text_printf(text, "; the %s measured", up ? "largest" : "smallest");
    } else {
        text_printf(text, "; %zu points measured, %s ", wins, up ? "to" : "from");
        print_axis_value(stretch, last, text);
    }
    text_add(text, ")");
    bool one_kind = count_verdict(stretch, stretch_row(stretch, up ? 0 : stretch->count - 1)->verdict) ==
                    stretch->count - wins;
    print_rest(stretch, !one_kind ? "; " : up ? "; below, " : "; above, ", text);
}

static void print_stretch(const struct stretch *stretch, struct text *text) {
    size_t wins = count_verdict(stretch, VERDICT_FASTER);
    size_t doubtful = count_verdict(stretch, VERDICT_INCONCLUSIVE) + count_verdict(stretch, VERDICT_INVALID);
    const struct case_parameter *axis = case_view_axis(stretch->view);
    if (stretch->count == 1) {
        print_single(stretch, text);
    } else if (count_verdict(stretch, stretch_row(stretch, 0)->verdict) == stretch->count) {
        print_uniform(stretch, text);
    } else if (!wins) {
        text_add(text, doubtful ? "no win shown" : "never wins where measured");
        print_rest(stretch, ": ", text);
    } else if (axis && axis->numeric && winning_run(stretch, true) == wins) {
        print_one_sided(stretch, true, wins, text);
    } else if (axis && axis->numeric && winning_run(stretch, false) == wins) {
        print_one_sided(stretch, false, wins, text);
    } else {
        print_clause(stretch, VERDICT_FASTER, text);
        print_rest(stretch, "; ", text);
    }
}

/* Number of rows from `first` on that differ along the axis only. */
static size_t group_length(const struct case_view *view, size_t first) {
    size_t length = 1;
    while (first + length < view->count &&
           case_view_same_group(view, &view->rows[first]->point, &view->rows[first + length]->point))
        length++;
    return length;
}

/* Sentences of all groups; neighbours that say the same are told once. */
static void print_groups(const struct case_view *view, struct text *text) {
    struct text labels = {0}, sentence = {0}, next = {0};
    for (size_t first = 0, printed = 0; first < view->count;) {
        size_t length = group_length(view, first), labelled = 0;
        print_stretch(&(struct stretch){view, first, length}, &sentence);
        for (;;) {
            text_add(&labels, labelled++ ? " and for " : "");
            case_view_point_text(view, &view->rows[first]->point, false, &labels);
            first += length;
            if (first >= view->count)
                break;
            length = group_length(view, first);
            text_clear(&next);
            print_stretch(&(struct stretch){view, first, length}, &next);
            if (strcmp(text_string(&next), text_string(&sentence)) != 0)
                break;
        }
        text_printf(text, "%s %s: %s", printed++ ? ". For" : "for", text_string(&labels),
                    text_string(&sentence));
        text->failed |= labels.failed || sentence.failed || next.failed;
        text_clear(&labels);
        text_clear(&sentence);
    }
    text_clear(&next);
}

/* Whether a sentence about this stretch starts with a verb of which the candidate is the subject. */
static bool candidate_is_subject(const struct stretch *stretch) {
    size_t doubtful = count_verdict(stretch, VERDICT_INCONCLUSIVE) + count_verdict(stretch, VERDICT_INVALID);
    if (stretch->count == 1)
        return false;
    return count_verdict(stretch, VERDICT_FASTER) ||
           (!doubtful && count_verdict(stretch, VERDICT_EQUIVALENT) != stretch->count);
}

void summary_print(const struct case_view *view, struct text *text) {
    if (!view->count)
        return;
    struct stretch all = {view, 0, view->count};
    bool uniform = count_verdict(&all, view->rows[0]->verdict) == view->count;
    text_add(text, view->rows[0]->candidate);
    if (uniform || group_length(view, 0) == view->count) {
        text_add(text, candidate_is_subject(&all) ? " " : ": ");
        print_stretch(&all, text);
    } else {
        text_add(text, ": ");
        print_groups(view, text);
    }
}

const char *mechanism_words(enum mechanism mechanism) {
    static const char *const words[] = {[MECHANISM_NONE] = "none",
                                        [MECHANISM_EXPLAINED] = "explained",
                                        [MECHANISM_UNEXPLAINED] = "failed",
                                        [MECHANISM_UNMEASURED] = "undecided",
                                        [MECHANISM_HELD] = "held without a cause"};
    return words[mechanism];
}

/* Reasons that are told of one candidate. */
#define MOST_DEPARTURES 4

static bool same_departure(const struct comparison *first, const struct comparison *second) {
    return first->mechanism == second->mechanism &&
           strcmp(first->mechanism_text, second->mechanism_text) == 0;
}

static size_t first_departure(const struct case_view *view, size_t row) {
    size_t i = 0;
    while (!same_departure(view->rows[i], view->rows[row]))
        i++;
    return i;
}

/* "; undecided at n = 8 and 3 more points: no PMU": points of one reason are told together. */
static void print_departure(const struct case_view *view, size_t first, struct text *text) {
    const struct comparison *row = view->rows[first];
    size_t others = 0;
    for (size_t i = first + 1; i < view->count; i++)
        others += same_departure(view->rows[i], row);
    text_printf(text, "; %s", mechanism_words(row->mechanism));
    if (view->has_axis) {
        text_add(text, " at ");
        case_view_point_text(view, &row->point, true, text);
    }
    if (others)
        text_printf(text, " and %zu more point%s", others, others == 1 ? "" : "s");
    if (row->mechanism_text[0])
        text_printf(text, ": %s", row->mechanism_text);
}

/* What was refuted comes first; what finds no room is counted. */
static void print_departures(const struct case_view *view, struct text *text) {
    static const enum mechanism order[] = {MECHANISM_UNEXPLAINED, MECHANISM_UNMEASURED, MECHANISM_HELD};
    size_t told = 0, untold = 0;
    for (size_t kind = 0; kind < sizeof order / sizeof *order; kind++)
        for (size_t i = 0; i < view->count; i++) {
            if (view->rows[i]->mechanism != order[kind])
                continue;
            size_t first = first_departure(view, i);
            bool opens = first == i;
            if (opens && told < MOST_DEPARTURES)
                print_departure(view, i, text);
            told += opens;
            untold += opens && told > MOST_DEPARTURES;
        }
    if (untold)
        text_printf(text, "; and %zu more", untold);
}

void mechanism_print(const struct case_view *view, struct text *text) {
    size_t predicted = 0, held = 0;
    for (size_t i = 0; i < view->count; i++) {
        predicted += view->rows[i]->mechanism != MECHANISM_NONE;
        held += view->rows[i]->mechanism == MECHANISM_EXPLAINED || view->rows[i]->mechanism == MECHANISM_HELD;
    }
    if (!predicted)
        return;
    text_printf(text, "prediction: held at %zu of %zu point%s", held, predicted, predicted == 1 ? "" : "s");
    print_departures(view, text);
}

void crossover_print(const struct case_view *view, struct text *text) {
    static const char *const outcomes[] = {
        [MECHANISM_EXPLAINED] = "held", [MECHANISM_UNEXPLAINED] = "refuted", [MECHANISM_UNMEASURED] = "open"};
    size_t told = 0;
    for (size_t i = 0; view->count && i < view->run->crossover_count; i++) {
        const struct crossover_prediction *crossover = &view->run->crossovers[i];
        struct text where = {0};
        if (strcmp(crossover->case_name, view->rows[0]->case_name) != 0 ||
            strcmp(crossover->candidate, view->rows[0]->candidate) != 0 ||
            crossover->outcome == MECHANISM_NONE)
            continue;
        case_view_point_text(view, &crossover->point, true, &where);
        text_add(text, told++ ? ". Crossover" : "crossover");
        text_printf(text, "%s%s: %s; %s", where.length ? " for " : "", text_string(&where),
                    outcomes[crossover->outcome], crossover->text);
        text->failed |= where.failed;
        text_clear(&where);
    }
}

int report_case_summary(const struct run *run, const char *case_name, const char *candidate, char *text,
                        size_t size) {
    struct case_view view;
    struct text sentence = {0};
    int error = case_view_open(&view, run, case_name, candidate);
    if (error)
        return error;
    if (!view.count) {
        error = -ENOENT;
    } else {
        summary_print(&view, &sentence);
        if (sentence.failed)
            error = -ENOMEM;
        else if (sentence.length >= size)
            error = -ERANGE;
    }
    if (size && error != -ENOMEM)
        snprintf(text, size, "%s", text_string(&sentence));
    text_clear(&sentence);
    case_view_close(&view);
    return error;
}
