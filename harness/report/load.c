#include "report/load.h"

#include "report/format.h"
#include "report/markdown.h"
#include "report/sheet.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ABSENT "–"

struct writer {
    struct text text;
    const struct report_style *style;
    struct sheet sheet;
    bool markdown;
};

static bool is_time(enum slo_quantity quantity) {
    return quantity >= SLO_P50 && quantity <= SLO_P999;
}

static void format_value(enum slo_quantity quantity, double value, char text[FORMAT_SIZE]) {
    char other[FORMAT_SIZE];
    if (!isfinite(value))
        snprintf(text, FORMAT_SIZE, ABSENT);
    else if (is_time(quantity))
        format_times(value, value, text, other);
    else if (quantity == SLO_PEAK_MEMORY)
        format_bytes(value, text);
    else if (quantity == SLO_ERROR_RATE)
        format_percent(value, text);
    else
        format_number(value, text);
}

static void format_share(double share, char text[FORMAT_SIZE]) {
    if (share > 0)
        snprintf(text, FORMAT_SIZE, "%s %%", BRIEF(100 * share, 3));
    else
        snprintf(text, FORMAT_SIZE, "back to back");
}

/* "30 %, 12.4K/s". */
static void add_load(struct sheet *sheet, const struct load *load, double share) {
    char text[2 * FORMAT_SIZE + 8];
    format_share(share, text);
    if (share > 0)
        snprintf(text + strlen(text), FORMAT_SIZE, ", %s/s", PADDED(share * load->saturation, 3));
    sheet_add(sheet, PAINT_NONE, text);
}

static void write_sheet(struct writer *writer) {
    if (writer->markdown)
        sheet_print_markdown(&writer->text, &writer->sheet);
    else
        sheet_print(&writer->text, writer->style, &writer->sheet);
    sheet_clear(&writer->sheet);
}

/* A line of words. */
static void write_line(struct writer *writer, const char *lead, const char *string) {
    if (!writer->markdown) {
        text_wrap(&writer->text, writer->style, lead, PAINT_NONE, string);
        return;
    }
    text_add(&writer->text, "- ");
    markdown_add(&writer->text, lead);
    markdown_add(&writer->text, string);
    text_add(&writer->text, "\n");
}

static void write_head(struct writer *writer, const struct load *load) {
    struct text line = {0};
    text_printf(&line, "%s", load->case_name[0] ? load->case_name : load->kernel);
    if (load->point.count)
        text_add(&line, " at ");
    format_point(&load->point, &line);
    if (writer->markdown) {
        text_add(&writer->text, "## ");
        markdown_add(&writer->text, text_string(&line));
        text_add(&writer->text, "\n\n");
    } else
        text_wrap(&writer->text, writer->style, "", PAINT_BOLD, text_string(&line));
    text_clear(&line);
    text_printf(
        &line,
        "a request is one run, %s %s%s; %s arrivals, whatever the variant does; latency counts from when a "
        "request should have started; %zu processes; shares are of %s requests a second, what %s serves back "
        "to back",
        BRIEF(load->items, 4), load->item, load->items == 1 ? "" : "s",
        load->poisson ? "random (Poisson)" : "evenly spaced", load->replicate_count,
        PADDED(load->saturation, 3), load->arms[0].variant);
    write_line(writer, "", text_string(&line));
    writer->text.failed |= line.failed;
    text_clear(&line);
    text_add(&writer->text, "\n");
}

static void add_comparison(struct sheet *sheet, const struct load *load,
                           const struct load_comparison *comparison) {
    char values[2][FORMAT_SIZE], estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE], ratio[3 * FORMAT_SIZE];
    static const char *const names[] = {
        [SLO_THROUGHPUT] = "requests/s", [SLO_P50] = "p50", [SLO_P99] = "p99", [SLO_P999] = "p99.9"};
    sheet_add_row(sheet);
    sheet_add(sheet, PAINT_NONE, load->arms[comparison->arm].variant);
    add_load(sheet, load, comparison->share);
    sheet_add(sheet, PAINT_NONE, comparison->quantity <= SLO_P999 ? names[comparison->quantity] : "");
    if (is_time(comparison->quantity) && isfinite(comparison->baseline) && isfinite(comparison->candidate))
        format_times(comparison->baseline, comparison->candidate, values[0], values[1]);
    else {
        format_value(comparison->quantity, comparison->baseline, values[0]);
        format_value(comparison->quantity, comparison->candidate, values[1]);
    }
    sheet_add(sheet, PAINT_NONE, values[0]);
    sheet_add(sheet, PAINT_NONE, values[1]);
    format_speedup(comparison->ratio, estimate, interval);
    snprintf(ratio, sizeof ratio, "%s %s", estimate, interval);
    sheet_add(sheet, PAINT_NONE, comparison->reason[0] ? ABSENT : ratio);
    sheet_add(sheet, style_verdict_paint(comparison->verdict),
              comparison->reason[0] ? comparison->reason : verdict_name(comparison->verdict));
}

static void write_comparisons(struct writer *writer, const struct load *load) {
    static const char *const headers[] = {"candidate", "load", "latency", NULL};
    for (size_t i = 0; headers[i]; i++)
        sheet_add_column(&writer->sheet, headers[i], true);
    sheet_add_column(&writer->sheet, load->arms[0].variant, false);
    sheet_add_column(&writer->sheet, "its own", false);
    sheet_add_column(&writer->sheet, "better by", false);
    sheet_add_column(&writer->sheet, "verdict", true);
    for (size_t i = 0; i < load->comparison_count; i++)
        if (!load->arms[load->comparisons[i].arm].invalid[0])
            add_comparison(&writer->sheet, load, &load->comparisons[i]);
    write_sheet(writer);
}

static void write_targets(struct writer *writer, const struct load *load) {
    static const enum paint paints[] = {PAINT_YELLOW, PAINT_GREEN, PAINT_RED};
    char value[FORMAT_SIZE], text[128];
    if (!load->judgement_count)
        return;
    text_add(&writer->text, "\n");
    sheet_add_column(&writer->sheet, "target", true);
    sheet_add_column(&writer->sheet, "load", true);
    sheet_add_column(&writer->sheet, "variant", true);
    sheet_add_column(&writer->sheet, "measured", false);
    sheet_add_column(&writer->sheet, "outcome", true);
    for (size_t i = 0; i < load->judgement_count; i++) {
        const struct load_judgement *judgement = &load->judgements[i];
        const struct slo_target *target = &load->slo.targets[judgement->target];
        sheet_add_row(&writer->sheet);
        snprintf(text, sizeof text, "%s %s", slo_quantity_name(target->quantity), target->text);
        sheet_add(&writer->sheet, PAINT_NONE, text);
        if (target->quantity == SLO_PEAK_MEMORY)
            sheet_add(&writer->sheet, PAINT_NONE, "any");
        else
            add_load(&writer->sheet, load, judgement->share);
        sheet_add(&writer->sheet, PAINT_NONE, load->arms[judgement->arm].variant);
        format_value(target->quantity, judgement->value.estimate, value);
        sheet_add(&writer->sheet, PAINT_NONE, value);
        sheet_add(&writer->sheet, paints[judgement->outcome], load_outcome_name(judgement->outcome));
    }
    write_sheet(writer);
}

/* Errors and the unserved of an arm, over all processes and rates. */
static void count_failures(const struct load *load, size_t arm, size_t *errors, size_t *unserved,
                           size_t *requests) {
    *errors = *unserved = *requests = 0;
    for (size_t i = 0; i < load->reading_count; i++)
        if (load->readings[i].arm == arm) {
            *errors += load->readings[i].errors;
            *unserved += load->readings[i].unserved;
            *requests += load->readings[i].requests;
        }
}

static void write_failures(struct writer *writer, const struct load *load, size_t arm) {
    size_t errors, unserved, requests;
    char line[512];
    count_failures(load, arm, &errors, &unserved, &requests);
    if (errors) {
        snprintf(line, sizeof line, "%s: %zu of %zu %s; nothing is claimed where they did",
                 load->arms[arm].variant, errors, requests,
                 load->arms[arm].errors_by_block ? "requests failed at the least (asked once a block)"
                                                 : "requests failed");
        write_line(writer, "errors: ", line);
    }
    if (unserved) {
        snprintf(
            line, sizeof line,
            "%s: %zu of %zu requests were not begun when their block was given up, three times as long as planned: it "
            "cannot serve that rate, and its latency there is more than what was seen",
            load->arms[arm].variant, unserved, requests);
        write_line(writer, "overload: ", line);
    }
}

/* Of the latency at the highest rate, what the service itself took: what a client that waits for its answers would say. */
static void write_service(struct writer *writer, const struct load *load, size_t arm) {
    double share = load->share_count ? load->shares[load->share_count - 1] : 0, latency = 0, service = 0;
    size_t count = 0;
    char texts[3][FORMAT_SIZE], line[512];
    for (size_t i = 0; i < load->reading_count; i++) {
        const struct load_reading *reading = &load->readings[i];
        if (reading->arm != arm || reading->share != share || !(reading->p99 > 0) ||
            !(reading->service_p99 > 0))
            continue;
        latency += log(reading->p99);
        service += log(reading->service_p99);
        count++;
    }
    if (!count || !(share > 0))
        return;
    format_times(exp(latency / (double)count), exp(service / (double)count), texts[0], texts[1]);
    format_share(share, texts[2]);
    snprintf(
        line, sizeof line,
        "%s at %s: p99 of latency %s, of the service alone %s; the rest is waiting in line, which a client that "
        "sends when it has its answer does not see",
        load->arms[arm].variant, texts[2], texts[0], texts[1]);
    write_line(writer, "waiting: ", line);
}

static void write_notes(struct writer *writer, const struct load *load) {
    text_add(&writer->text, "\n");
    for (size_t arm = 0; arm < load->arm_count; arm++) {
        if (load->arms[arm].role == ARM_PLACEBO)
            continue;
        if (load->arms[arm].invalid[0])
            write_line(writer, "invalid: ", load->arms[arm].invalid);
        else {
            write_service(writer, load, arm);
            write_failures(writer, load, arm);
        }
    }
    if (load->servers[0])
        write_line(writer, "server: ", load->servers);
    if (load->cpus[0])
        write_line(writer, "cpus: ", load->cpus);
}

static int write_all(struct writer *writer, const struct load *load, FILE *stream) {
    write_head(writer, load);
    if (load->replicate_count) {
        write_comparisons(writer, load);
        write_targets(writer, load);
    }
    write_notes(writer, load);
    int status = text_write(&writer->text, stream);
    text_clear(&writer->text);
    return status;
}

int report_load(const struct load *load, const struct report_style *style, FILE *stream) {
    struct writer writer = {.style = style};
    return write_all(&writer, load, stream);
}

int report_load_markdown(const struct load *load, FILE *stream) {
    struct writer writer = {.markdown = true};
    return write_all(&writer, load, stream);
}
