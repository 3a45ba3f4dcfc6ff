/* A run as JUnit XML, which CI systems show. */
#include "report/case_view.h"
#include "report/details.h"
#include "report/format.h"
#include "report/html.h"
#include "report/markdown.h"

#include <string.h>

/* What a comparison counts as; nothing: it passed. */
static const char *outcome_of(const struct comparison *comparison) {
    if (comparison->verdict == VERDICT_INVALID)
        return "error";
    if (comparison->mechanism == MECHANISM_UNEXPLAINED)
        return "failure";
    return comparison->verdict == VERDICT_INCONCLUSIVE ? "skipped" : NULL;
}

static size_t count_outcome(const struct run *run, const char *outcome) {
    size_t count = 0;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const char *of = outcome_of(&run->comparisons[i]);
        count += of && strcmp(of, outcome) == 0;
    }
    return count;
}

static void add_attribute(struct text *out, const char *name, const char *value) {
    text_printf(out, " %s=\"", name);
    html_add(out, value);
    text_add(out, "\"");
}

static void open_testcase(struct text *out, const char *case_name, const char *candidate,
                          const struct point *point) {
    struct text name = {0};
    text_add(&name, candidate);
    text_add(&name, *candidate && point->count ? ", " : "");
    format_point(point, &name);
    text_add(out, "  <testcase");
    add_attribute(out, "classname", case_name);
    add_attribute(out, "name", name.length ? text_string(&name) : "whole case");
    text_add(out, ">\n");
    out->failed |= name.failed;
    text_clear(&name);
}

static void add_comparison(struct text *out, const struct comparison *comparison) {
    const char *outcome = outcome_of(comparison);
    struct text verdict = {0};
    details_print_verdict(comparison, &markdown_style, &verdict);
    open_testcase(out, comparison->case_name, comparison->candidate, &comparison->point);
    if (outcome) {
        bool predicted = strcmp(outcome, "failure") == 0;
        text_printf(out, "    <%s", outcome);
        if (strcmp(outcome, "skipped") != 0)
            add_attribute(out, "type", predicted ? "prediction" : "invalid");
        add_attribute(out, "message", predicted ? comparison->mechanism_text : text_string(&verdict));
        text_add(out, "/>\n");
    }
    text_add(out, "    <system-out>");
    html_add(out, text_string(&verdict));
    text_add(out, "</system-out>\n  </testcase>\n");
    out->failed |= verdict.failed;
    text_clear(&verdict);
}

int report_junit(const struct run *run, FILE *stream) {
    struct text out = {0};
    text_add(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n <testsuite");
    add_attribute(&out, "name", run->id);
    text_printf(&out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\"",
                run->comparison_count + run->skipped_count, count_outcome(run, "failure"),
                count_outcome(run, "error"), count_outcome(run, "skipped") + run->skipped_count,
                run->duration_s);
    add_attribute(&out, "timestamp", run->started);
    text_add(&out, ">\n");
    for (size_t i = 0; i < run->comparison_count; i++)
        add_comparison(&out, &run->comparisons[i]);
    for (size_t i = 0; i < run->skipped_count; i++) {
        const struct skipped *skipped = &run->skipped[i];
        open_testcase(&out, skipped->case_name, skipped->variant, &skipped->point);
        text_add(&out, "    <skipped");
        add_attribute(&out, "message", skipped->reason);
        text_add(&out, "/>\n  </testcase>\n");
    }
    text_add(&out, " </testsuite>\n</testsuites>\n");
    int status = text_write(&out, stream);
    text_clear(&out);
    return status;
}
