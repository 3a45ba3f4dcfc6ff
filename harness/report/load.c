#include "report/load.h"

#include "report/format.h"
#include "report/load_words.h"
#include "report/markdown.h"
#include "report/sheet.h"

#define ABSENT "–"

struct writer {
    struct text text;
    const struct report_style *style;
    struct sheet sheet;
    bool markdown;
};

static void add_load(struct sheet *sheet, const struct load *load, double share) {
    char text[LOAD_WORDS];
    load_format_rate(load, share, text);
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
    load_print_setup(load, &line);
    write_line(writer, "", text_string(&line));
    writer->text.failed |= line.failed;
    text_clear(&line);
    text_add(&writer->text, "\n");
}

static void add_comparison(struct sheet *sheet, const struct load *load,
                           const struct load_comparison *comparison) {
    char values[2][FORMAT_SIZE], estimate[FORMAT_SIZE], interval[2 * FORMAT_SIZE], ratio[3 * FORMAT_SIZE];
    sheet_add_row(sheet);
    sheet_add(sheet, PAINT_NONE, load->arms[comparison->arm].variant);
    add_load(sheet, load, comparison->share);
    sheet_add(sheet, PAINT_NONE, load_quantity_word(comparison->quantity));
    load_format_values(comparison->quantity, comparison->baseline, comparison->candidate, values[0],
                       values[1]);
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
        load_format_value(target->quantity, judgement->value.estimate, value);
        sheet_add(&writer->sheet, PAINT_NONE, value);
        sheet_add(&writer->sheet, paints[judgement->outcome], load_outcome_name(judgement->outcome));
    }
    write_sheet(writer);
}

static int write_notes(struct writer *writer, const struct load *load) {
    struct notes notes;
    char lead[16];
    int status = load_notes_open(&notes, load);
    if (status)
        return status;
    text_add(&writer->text, "\n");
    for (size_t i = 0; i < notes.count; i++) {
        snprintf(lead, sizeof lead, "%s: ", notes.items[i].label);
        write_line(writer, lead, text_string(&notes.items[i].text));
    }
    notes_close(&notes);
    return 0;
}

static int write_all(struct writer *writer, const struct load *load, FILE *stream) {
    write_head(writer, load);
    if (load->replicate_count) {
        write_comparisons(writer, load);
        write_targets(writer, load);
    }
    int status = write_notes(writer, load);
    if (status == 0)
        status = text_write(&writer->text, stream);
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
