#include "store/calibration.h"

#include "stats/proportion.h"
#include "stats/quantile.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void calibration_clear(struct calibration *calibration) {
    free(calibration->tries);
    *calibration = (struct calibration){0};
}

unsigned calibration_tries_of(const struct calibration *calibration, size_t kind, size_t size) {
    if (calibration->sizes[size] > 0)
        return calibration->kinds[kind].sized ? calibration->tries_a_pair : 0;
    return calibration->placebo_tries;
}

int calibration_add(struct calibration *calibration, const struct calibration_try *item) {
    void *grown = reallocarray(calibration->tries, calibration->try_count + 1, sizeof *item);
    if (!grown)
        return -ENOMEM;
    calibration->tries = grown;
    calibration->tries[calibration->try_count++] = *item;
    return 0;
}

int calibration_direction(const struct calibration_try *item) {
    switch (verdict_of(item->speedup, item->placebo, 0)) {
    case VERDICT_FASTER:
        return 1;
    case VERDICT_SLOWER:
        return -1;
    default:
        return 0;
    }
}

static struct interval invert(struct interval ratio) {
    return (struct interval){1 / ratio.estimate, 1 / ratio.high, 1 / ratio.low};
}

/* As if the candidate did the planted work. */
static struct calibration_try unswap(const struct calibration *calibration,
                                     const struct calibration_try *item) {
    struct calibration_try mirror = *item;
    if (!calibration->kinds[item->kind].swapped)
        return mirror;
    mirror.speedup = invert(item->speedup);
    mirror.placebo = invert(item->placebo);
    if (item->verdict == VERDICT_FASTER)
        mirror.verdict = VERDICT_SLOWER;
    if (item->verdict == VERDICT_SLOWER)
        mirror.verdict = VERDICT_FASTER;
    return mirror;
}

/* Counts one try into its cell. */
static void count_try(const struct calibration_try *item, bool identical, struct calibration_cell *cell) {
    if (item->verdict == VERDICT_INVALID) {
        cell->invalid++;
        return;
    }
    int direction = calibration_direction(item);
    bool faster = item->verdict == VERDICT_FASTER, slower = item->verdict == VERDICT_SLOWER;
    cell->tries++;
    cell->told_apart += identical ? direction != 0 : direction < 0;
    cell->claimed += slower || (identical && faster);
    cell->wrong += faster && !identical;
}

/* Medians over the tries of a cell; `values` has room for all tries. */
static void take_medians(const struct calibration *calibration, size_t kind, size_t size, double *values,
                         struct calibration_cell *cell) {
    size_t count = 0, halves = 0;
    for (size_t i = 0; i < calibration->try_count; i++) {
        struct calibration_try item = unswap(calibration, &calibration->tries[i]);
        if (item.kind == kind && item.size == size && isfinite(item.speedup.estimate))
            values[count++] = 1 / item.speedup.estimate - 1;
    }
    cell->measured = quantile(values, count, 0.5);
    for (size_t i = 0; i < calibration->try_count; i++) {
        const struct calibration_try *item = &calibration->tries[i];
        if (item->kind == kind && item->size == size && isfinite(item->speedup.low) &&
            isfinite(item->speedup.high))
            values[halves++] = log(item->speedup.high / item->speedup.low) / 2;
    }
    cell->half_width = quantile(values, halves, 0.5);
}

/* The least planted size from which on every size tried was told apart often enough. */
static double find_smallest(const struct calibration *calibration, const struct calibration_row *row) {
    double smallest = NAN;
    for (size_t size = calibration->size_count; size-- > 0;) {
        const struct calibration_cell *cell = &row->cells[size];
        if (calibration->sizes[size] == 0 || cell->tries == 0)
            continue;
        if ((double)cell->told_apart < CALIBRATION_POWER * (double)cell->tries)
            break;
        smallest = calibration->sizes[size];
    }
    return smallest;
}

static void conclude_row(const struct calibration *calibration, struct calibration_row *row) {
    size_t identical = 0, claims = 0;
    for (size_t size = 0; size < calibration->size_count; size++) {
        row->wrong += row->cells[size].wrong;
        row->invalid += row->cells[size].invalid;
        if (calibration->sizes[size] == 0) {
            identical += row->cells[size].tries;
            claims += row->cells[size].claimed;
        }
    }
    row->false_claims = calibration->until_settled
                            ? calibration_running_interval(claims, identical, CALIBRATION_PROMISED_RATE)
                            : proportion_interval(claims, identical, CALIBRATION_CONFIDENCE);
}

static double mean_duration(const struct calibration *calibration, size_t kind, bool any_kind) {
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < calibration->try_count; i++)
        if (any_kind || calibration->tries[i].kind == kind) {
            sum += calibration->tries[i].duration_s;
            count++;
        }
    return count ? sum / (double)count : NAN;
}

static void add_cells(const struct calibration_row *from, struct calibration_row *to) {
    for (size_t size = 0; size < CALIBRATION_SIZES; size++) {
        to->cells[size].tries += from->cells[size].tries;
        to->cells[size].invalid += from->cells[size].invalid;
        to->cells[size].told_apart += from->cells[size].told_apart;
        to->cells[size].claimed += from->cells[size].claimed;
        to->cells[size].wrong += from->cells[size].wrong;
        to->cells[size].measured = to->cells[size].half_width = NAN;
    }
}

/* More false claims than promised, beyond what chance explains. */
static bool breaks_promise(const struct calibration_row *row) {
    return row->wrong > 0 || row->false_claims.low > CALIBRATION_PROMISED_RATE;
}

int calibration_summarize(const struct calibration *calibration, struct calibration_summary *summary) {
    double *values = malloc((calibration->try_count + 1) * sizeof *values);
    if (!values)
        return -ENOMEM;
    *summary = (struct calibration_summary){.kept = true};
    for (size_t i = 0; i < calibration->try_count; i++) {
        struct calibration_try item = unswap(calibration, &calibration->tries[i]);
        count_try(&item, calibration->sizes[item.size] == 0, &summary->kinds[item.kind].cells[item.size]);
    }
    bool all_have = true; /* of those that have sizes */
    double largest = NAN;
    for (size_t kind = 0; kind < calibration->kind_count; kind++) {
        struct calibration_row *row = &summary->kinds[kind];
        for (size_t size = 0; size < calibration->size_count; size++)
            take_medians(calibration, kind, size, values, &row->cells[size]);
        conclude_row(calibration, row);
        row->smallest = find_smallest(calibration, row);
        row->try_s = mean_duration(calibration, kind, false);
        add_cells(row, &summary->all);
        summary->kept = summary->kept && !breaks_promise(row);
        if (isnan(row->try_s) || !calibration->kinds[kind].sized)
            continue;
        all_have = all_have && !isnan(row->smallest);
        largest = fmax(largest, row->smallest);
    }
    conclude_row(calibration, &summary->all);
    summary->all.smallest = all_have ? largest : NAN;
    summary->all.try_s = mean_duration(calibration, 0, true);
    summary->kept = summary->kept && !breaks_promise(&summary->all);
    free(values);
    return 0;
}
