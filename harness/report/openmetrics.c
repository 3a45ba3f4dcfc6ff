/* A run as OpenMetrics text (openmetrics.io, version 1.0), for Prometheus and its like. Types are gauges alone, so that
 * readers of Prometheus' older text format take it as well. */
#include "report/format.h"
#include "report/markdown.h"
#include "report/report.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* A label's value: foreign text in one line, with quotes and backslashes escaped. */
static void add_value(struct text *out, const char *string) {
    size_t size = style_clean_size(string);
    char *clean = malloc(size);
    if (!clean) {
        out->failed = true;
        return;
    }
    style_clean(&markdown_style, string, clean, size);
    for (const char *c = clean; *c; c++) {
        if (*c == '"' || *c == '\\')
            text_add(out, "\\");
        text_add_bytes(out, c, 1);
    }
    free(clean);
}

static void add_label(struct text *out, const char *name, const char *value) {
    text_printf(out, "%s%s=\"", out->data[out->length - 1] == '{' ? "" : ",", name);
    add_value(out, value);
    text_add(out, "\"");
}

static void add_labels(struct text *out, const struct comparison *comparison) {
    struct text point = {0};
    format_point(&comparison->point, &point);
    text_add(out, "{");
    add_label(out, "case", comparison->case_name);
    add_label(out, "baseline", comparison->baseline);
    add_label(out, "candidate", comparison->candidate);
    add_label(out, "point", text_string(&point));
    out->failed |= point.failed;
    text_clear(&point);
}

static void add_sample(struct text *out, const char *metric, const struct comparison *comparison,
                       double value) {
    if (!isfinite(value) || comparison->verdict == VERDICT_INVALID)
        return;
    text_add(out, metric);
    add_labels(out, comparison);
    text_printf(out, "} %.12g\n", value);
}

/* Numbers of a comparison, and how they are called. */
static const struct {
    const char *name, *help;
    size_t offset;
    double scale;
} metrics[] = {
    {"countersign_speedup_ratio", "baseline time divided by candidate time",
     offsetof(struct comparison, speedup.estimate), 1},
    {"countersign_speedup_low_ratio", "lower end of its interval", offsetof(struct comparison, speedup.low),
     1},
    {"countersign_speedup_high_ratio", "upper end of its interval", offsetof(struct comparison, speedup.high),
     1},
    {"countersign_baseline_time_seconds", "median time an item of the baseline",
     offsetof(struct comparison, baseline_time.median), 1e-9},
    {"countersign_candidate_time_seconds", "median time an item of the candidate",
     offsetof(struct comparison, candidate_time.median), 1e-9},
};

static void add_verdicts(struct text *out, const struct run *run) {
    text_add(
        out,
        "# TYPE countersign_verdict gauge\n# HELP countersign_verdict 1 for what was concluded, 0 for the other verdicts\n");
    for (size_t i = 0; i < run->comparison_count; i++)
        for (int verdict = VERDICT_INVALID; verdict <= VERDICT_INCONCLUSIVE; verdict++) {
            text_add(out, "countersign_verdict");
            add_labels(out, &run->comparisons[i]);
            add_label(out, "verdict", verdict_name((enum verdict)verdict));
            text_printf(out, "} %d\n", run->comparisons[i].verdict == (enum verdict)verdict);
        }
}

int report_openmetrics(const struct run *run, FILE *stream) {
    struct text out = {0};
    text_add(
        &out,
        "# TYPE countersign_run_info gauge\n# HELP countersign_run_info the run that all is from\ncountersign_run_info{");
    add_label(&out, "id", run->id);
    add_label(&out, "started", run->started);
    add_label(&out, "machine", run->host.machine);
    add_label(&out, "cpu", run->host.cpu_model);
    add_label(&out, "version", run->version);
    text_add(&out, "} 1\n");
    for (size_t metric = 0; metric < sizeof metrics / sizeof *metrics; metric++) {
        const char *unit = strrchr(metrics[metric].name, '_') + 1;
        text_printf(&out, "# TYPE %s gauge\n# UNIT %s %s\n# HELP %s %s\n", metrics[metric].name,
                    metrics[metric].name, unit, metrics[metric].name, metrics[metric].help);
        for (size_t i = 0; i < run->comparison_count; i++) {
            double value;
            memcpy(&value, (const char *)&run->comparisons[i] + metrics[metric].offset, sizeof value);
            add_sample(&out, metrics[metric].name, &run->comparisons[i], value * metrics[metric].scale);
        }
    }
    add_verdicts(&out, run);
    text_add(&out, "# EOF\n");
    int status = text_write(&out, stream);
    text_clear(&out);
    return status;
}
