#include "report/gate.h"

#include "report/format.h"
#include "report/html.h"
#include "report/markdown.h"
#include "report/sheet.h"

#include <math.h>
#include <string.h>

static enum paint paint_of(enum gate_outcome outcome) {
    return outcome == GATE_REFUTED ? PAINT_RED : outcome == GATE_OPEN ? PAINT_YELLOW : PAINT_GREEN;
}

static void fill_sheet(const struct gate *gate, struct sheet *sheet) {
    static const char *const headers[] = {"subject", "required", "outcome", "found"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        sheet_add_column(sheet, headers[i], true);
    for (size_t i = 0; i < gate->count; i++) {
        const struct gate_check *check = &gate->checks[i];
        sheet_add_row(sheet);
        sheet_add(sheet, PAINT_NONE, check->subject);
        sheet_add(sheet, PAINT_NONE, check->requirement);
        sheet_add(sheet, paint_of(check->outcome), gate_outcome_name(check->outcome));
        sheet_add(sheet, PAINT_NONE, check->finding);
    }
}

/* What "passed" is worth. */
static void detectable_text(const struct gate *gate, char *text, size_t size) {
    char percent[FORMAT_SIZE];
    double detectable = gate_detectable(gate);
    format_percent(detectable, percent);
    snprintf(text, size,
             isnan(detectable)
                 ? "nothing was measured in pairs, so that no slowdown could have been refuted"
                 : "the smallest slowdown that each of these measurements would have refuted with 95 %%: %s",
             percent);
}

static void answer_text(const struct gate *gate, char *text, size_t size) {
    size_t refuted = 0, open = 0;
    for (size_t i = 0; i < gate->count; i++) {
        refuted += gate->checks[i].outcome == GATE_REFUTED;
        open += gate->checks[i].outcome == GATE_OPEN;
    }
    int length =
        snprintf(text, size, "%s: %s against %s: %zu of %zu requirements refuted",
                 gate_fails(gate) ? "failed" : "passed", gate->head, gate->base, refuted, gate->count);
    if (open)
        snprintf(text + length, size - (size_t)length, ", %zu open, which %s (--inconclusive)", open,
                 gate->policy == GATE_FAIL ? "fails" : "passes");
}

int report_gate(const struct gate *gate, const struct report_style *style, FILE *stream) {
    char line[2 * sizeof((struct gate_check *)0)->finding];
    struct text out = {0};
    for (size_t i = 0; i < gate->count; i++) {
        const struct gate_check *check = &gate->checks[i];
        if (i == 0 || strcmp(check->subject, check[-1].subject))
            text_wrap(&out, style, "", PAINT_BOLD, check->subject);
        snprintf(line, sizeof line, "%s: %s; %s", gate_outcome_name(check->outcome), check->requirement,
                 check->finding);
        text_wrap(&out, style, "  ", paint_of(check->outcome), line);
    }
    detectable_text(gate, line, sizeof line);
    text_wrap(&out, style, "", PAINT_NONE, line);
    answer_text(gate, line, sizeof line);
    text_wrap(&out, style, "", gate_fails(gate) ? PAINT_RED : PAINT_GREEN, line);
    int status = text_write(&out, stream);
    text_clear(&out);
    return status;
}

int report_gate_markdown(const struct gate *gate, FILE *stream) {
    char line[512];
    struct text out = {0};
    struct sheet sheet = {0};
    answer_text(gate, line, sizeof line);
    text_add(&out, "**Performance gate ");
    markdown_add(&out, line);
    text_add(&out, "**\n\n");
    fill_sheet(gate, &sheet);
    sheet_print_markdown(&out, &sheet);
    text_add(&out, "\n");
    detectable_text(gate, line, sizeof line);
    markdown_add(&out, line);
    text_add(&out, "\n");
    out.failed |= sheet.failed;
    int status = text_write(&out, stream);
    text_clear(&out);
    sheet_clear(&sheet);
    return status;
}

static bool check_fails(const struct gate *gate, const struct gate_check *check) {
    return check->outcome == GATE_REFUTED || (check->outcome == GATE_OPEN && gate->policy == GATE_FAIL);
}

static void add_testcase(struct text *out, const struct gate *gate, const struct gate_check *check) {
    text_add(out, "    <testcase classname=\"countersign.gate\" name=\"");
    html_add(out, check->subject);
    text_add(out, ": ");
    html_add(out, check->requirement);
    text_printf(out, "\" time=\"%.3f\">\n", check->seconds);
    if (check_fails(gate, check) || check->outcome == GATE_OPEN) {
        bool fails = check_fails(gate, check);
        text_printf(out, "      <%s ", fails ? "failure" : "skipped");
        text_add(out, "message=\"");
        html_add(out, check->finding);
        text_printf(out, fails ? "\" type=\"%s\"/>\n" : "\"/>\n", gate_outcome_name(check->outcome));
    } else {
        text_add(out, "      <system-out>");
        html_add(out, check->finding);
        text_add(out, "</system-out>\n");
    }
    text_add(out, "    </testcase>\n");
}

int report_gate_junit(const struct gate *gate, FILE *stream) {
    struct text out = {0};
    size_t failures = 0, skipped = 0;
    double seconds = 0;
    for (size_t i = 0; i < gate->count; i++) {
        bool fails = check_fails(gate, &gate->checks[i]);
        failures += fails;
        skipped += !fails && gate->checks[i].outcome == GATE_OPEN;
        seconds += gate->checks[i].seconds;
    }
    text_printf(
        &out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
        "time=\"%.3f\">\n",
        gate->count, failures, seconds);
    text_printf(
        &out,
        "  <testsuite name=\"countersign gate\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" "
        "time=\"%.3f\">\n",
        gate->count, failures, skipped, seconds);
    for (size_t i = 0; i < gate->count; i++)
        add_testcase(&out, gate, &gate->checks[i]);
    text_add(&out, "  </testsuite>\n</testsuites>\n");
    int status = text_write(&out, stream);
    text_clear(&out);
    return status;
}

/* As GitHub's runner unescapes it: in a property ':' and ',' end something, too. */
static void add_escaped(struct text *out, const char *string, bool property) {
    char clean[2 * sizeof((struct gate_check *)0)->finding];
    style_clean(&markdown_style, string, clean, sizeof clean);
    for (const char *c = clean; *c; c++)
        if (*c == '%' || (property && (*c == ':' || *c == ',')))
            text_printf(out, "%%%02X", (unsigned)*c);
        else
            text_add_bytes(out, c, 1);
}

int report_gate_annotations(const struct gate *gate, FILE *stream) {
    struct text out = {0};
    for (size_t i = 0; i < gate->count; i++) {
        const struct gate_check *check = &gate->checks[i];
        if (!check_fails(gate, check) && check->outcome != GATE_OPEN)
            continue;
        text_printf(&out, "::%s title=", check_fails(gate, check) ? "error" : "warning");
        add_escaped(&out, check->subject, true);
        text_add(&out, "::");
        add_escaped(&out, check->requirement, false);
        text_printf(&out, ": %s: ", gate_outcome_name(check->outcome));
        add_escaped(&out, check->finding, false);
        text_add(&out, "\n");
    }
    int status = text_write(&out, stream);
    text_clear(&out);
    return status;
}
