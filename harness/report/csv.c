#include "report/csv_field.h"

#include "report/case_view.h"
#include "report/grid.h"
#include "report/markdown.h"
#include "report/text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Names in the order of their first appearance; they point into the run. */
struct names {
    const char **items;
    size_t count;
};

static bool add_name(struct names *names, const char *name) {
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    const char **items = realloc(names->items, (names->count + 1) * sizeof *items);
    if (!items)
        return false;
    names->items = items;
    names->items[names->count++] = name;
    return true;
}

/* What the columns of varying number hold. What was simulated has columns of its own. */
struct columns {
    struct names parameters, counters, simulated;
};

static bool collect_names(const struct run *run, struct columns *columns) {
    bool added = true;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct comparison *comparison = &run->comparisons[i];
        for (size_t k = 0; k < comparison->point.count; k++)
            added &= add_name(&columns->parameters, comparison->point.values[k].name);
        for (size_t k = 0; k < comparison->counter_count; k++)
            added &= add_name(comparison->counters[k].source == SOURCE_SIM ? &columns->simulated
                                                                           : &columns->counters,
                              comparison->counters[k].name);
    }
    return added;
}

/* Spreadsheets take such text for a formula; an apostrophe before it tells them that it is text. */
static bool looks_like_formula(const char *string) {
    string += strspn(string, " ");
    return *string &&
           (strchr("=+-@|%", *string) || strncmp(string, "＝", 3) == 0 || strncmp(string, "＋", 3) == 0 ||
            strncmp(string, "－", 3) == 0 || strncmp(string, "＠", 3) == 0);
}

void csv_add_field(struct text *out, bool first, const char *string) {
    size_t size = style_clean_size(string);
    char *clean = malloc(size);
    text_add(out, first ? "" : ",");
    if (!clean) {
        out->failed = true;
        return;
    }
    style_clean(&markdown_style, string, clean, size);
    bool quoted = clean[strcspn(clean, "\",;")];
    text_add(out, quoted ? "\"" : "");
    text_add(out, looks_like_formula(clean) ? "'" : "");
    for (const char *c = clean; *c; c++)
        text_add_bytes(out, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    text_add(out, quoted ? "\"" : "");
    free(clean);
}

void csv_add_number(struct text *out, double value) {
    if (isfinite(value))
        text_printf(out, ",%.12g", value);
    else
        text_add(out, ",");
}

static void add_interval(struct text *out, struct interval interval) {
    csv_add_number(out, interval.estimate);
    csv_add_number(out, interval.low);
    csv_add_number(out, interval.high);
}

static void add_times(struct text *out, struct time_summary times) {
    csv_add_number(out, times.median);
    csv_add_number(out, times.p5);
    csv_add_number(out, times.p95);
    csv_add_number(out, times.min);
}

static void add_latency(struct text *out, struct arm_latency latency) {
    csv_add_number(out, latency.p50);
    csv_add_number(out, latency.p95);
    csv_add_number(out, latency.p99);
    csv_add_number(out, latency.max);
}

static const char *const fixed_headers =
    "speedup,speedup_low,speedup_high,confidence,placebo,placebo_low,placebo_high,target,target_met,verified,"
    "verdict,"
    "reason,mechanism,mechanism_text,baseline_median_ns,baseline_p5_ns,baseline_p95_ns,baseline_min_ns,"
    "candidate_median_ns,candidate_p5_ns,candidate_p95_ns,candidate_min_ns,within_half,between_half,"
    "baseline_cpu_share,baseline_peak_rss_bytes,candidate_cpu_share,candidate_peak_rss_bytes,"
    "baseline_latency_p50_ns,baseline_latency_p95_ns,baseline_latency_p99_ns,baseline_latency_max_ns,"
    "candidate_latency_p50_ns,candidate_latency_p95_ns,candidate_latency_p99_ns,candidate_latency_max_ns,"
    "noise,carry_over,identical_code,spread_round_share,spread_process_share,spread_layout_share";

static void add_suffixed(struct text *out, const char *prefix, const char *name, const char *suffix) {
    struct text field = {0};
    text_printf(&field, "%s%s%s", prefix, name, suffix);
    csv_add_field(out, false, text_string(&field));
    out->failed |= field.failed;
    text_clear(&field);
}

static void add_counter_headers(struct text *out, const struct names *counters, bool simulated) {
    static const char *const suffixes[][6] = {
        {"_baseline", "_candidate", "_ratio", "_ratio_low", "_ratio_high", "_source"},
        {"_sim_baseline", "_sim_candidate", "_sim_ratio", "_sim_ratio_low", "_sim_ratio_high", "_sim_point"}};
    for (size_t i = 0; i < counters->count; i++)
        for (size_t k = 0; k < sizeof *suffixes / sizeof **suffixes; k++)
            add_suffixed(out, "", counters->items[i], suffixes[simulated][k]);
}

static void add_headers(struct text *out, const struct columns *columns) {
    text_add(out, "run,case,title,kernel,item,baseline,candidate");
    for (size_t i = 0; i < columns->parameters.count; i++)
        add_suffixed(out, "point_", columns->parameters.items[i], "");
    text_printf(out, ",%s", fixed_headers);
    add_counter_headers(out, &columns->counters, false);
    add_counter_headers(out, &columns->simulated, true);
    text_add(out, "\r\n");
}

void csv_add_parameter(struct text *out, const struct point *point, const char *name) {
    const struct point_value *value = point_find(point, name);
    if (!value)
        text_add(out, ",");
    else if (value->choice[0])
        csv_add_field(out, false, value->choice);
    else
        text_printf(out, ",%" PRId64, value->value);
}

/* Of what was simulated, whether it was at the comparison's point or at a smaller one. */
static const char *simulated_point(const struct run *run, const struct comparison *comparison) {
    const struct measurement *measurement = measurement_of(run, comparison);
    return measurement && measurement->simulation.scaled ? "smaller" : "same";
}

static void add_counter(struct text *out, const struct run *run, const struct comparison *comparison,
                        const char *name, bool simulated) {
    const struct counter_result *counter = NULL;
    for (size_t i = 0; i < comparison->counter_count && !counter; i++)
        if ((comparison->counters[i].source == SOURCE_SIM) == simulated &&
            strcmp(comparison->counters[i].name, name) == 0)
            counter = &comparison->counters[i];
    /* An untrusted counter counts nonsense: it is named, never shown. */
    bool shown = counter && counter->source != SOURCE_NONE && counter->trust != TRUST_UNTRUSTED;
    csv_add_number(out, shown ? counter->baseline : NAN);
    csv_add_number(out, shown ? counter->candidate : NAN);
    add_interval(out, shown ? counter->ratio : (struct interval){NAN, NAN, NAN});
    if (simulated)
        csv_add_field(out, false,
                      shown && isfinite(counter->baseline) ? simulated_point(run, comparison) : "");
    else
        csv_add_field(out, false, shown ? counter_source_name(counter->source) : "");
}

static void add_record(struct text *out, const struct run *run, const struct comparison *comparison,
                       const struct columns *columns) {
    const struct names *parameters = &columns->parameters;
    struct spread spread = comparison_spread(comparison);
    bool valid = comparison->verdict != VERDICT_INVALID;
    struct interval none = {NAN, NAN, NAN};
    csv_add_field(out, true, run->id);
    csv_add_field(out, false, comparison->case_name);
    csv_add_field(out, false, comparison->case_title);
    csv_add_field(out, false, comparison->kernel);
    csv_add_field(out, false, comparison->item);
    csv_add_field(out, false, comparison->baseline);
    csv_add_field(out, false, comparison->candidate);
    for (size_t i = 0; i < parameters->count; i++)
        csv_add_parameter(out, &comparison->point, parameters->items[i]);
    add_interval(out, valid ? comparison->speedup : none);
    csv_add_number(out, comparison->confidence);
    add_interval(out, comparison->placebo);
    csv_add_number(out, comparison->target);
    csv_add_field(out, false, valid && earns_star(comparison) ? "true" : "false");
    csv_add_field(out, false, verified_name(comparison->verified));
    csv_add_field(out, false, verdict_name(comparison->verdict));
    csv_add_field(out, false, comparison->reason);
    csv_add_field(out, false, mechanism_name(comparison->mechanism));
    csv_add_field(out, false, comparison->mechanism_text);
    add_times(out, comparison->baseline_time);
    add_times(out, comparison->candidate_time);
    csv_add_number(out, comparison->within_half);
    csv_add_number(out, comparison->between_half);
    csv_add_number(out, comparison->baseline_resources.cpu_share);
    csv_add_number(out, comparison->baseline_resources.peak_rss_bytes);
    csv_add_number(out, comparison->candidate_resources.cpu_share);
    csv_add_number(out, comparison->candidate_resources.peak_rss_bytes);
    add_latency(out, comparison->baseline_latency);
    add_latency(out, comparison->candidate_latency);
    csv_add_field(out, false, comparison->noise_text);
    csv_add_field(out, false, comparison->carry_over_text);
    csv_add_field(out, false, comparison->identical_code ? "true" : "false");
    csv_add_number(out, spread.round);
    csv_add_number(out, spread.process);
    csv_add_number(out, spread.layout);
    for (size_t i = 0; i < columns->counters.count; i++)
        add_counter(out, run, comparison, columns->counters.items[i], false);
    for (size_t i = 0; i < columns->simulated.count; i++)
        add_counter(out, run, comparison, columns->simulated.items[i], true);
    text_add(out, "\r\n");
}

int report_csv(const struct run *run, FILE *stream) {
    struct columns columns = {0};
    struct text out = {0};
    int error = -ENOMEM;
    if (collect_names(run, &columns)) {
        add_headers(&out, &columns);
        for (size_t i = 0; i < run->comparison_count; i++)
            add_record(&out, run, &run->comparisons[i], &columns);
        error = text_write(&out, stream);
    }
    free(columns.parameters.items);
    free(columns.counters.items);
    free(columns.simulated.items);
    text_clear(&out);
    return error;
}
