#include "report/profile.h"

#include "base/option_name.h"
#include "countersign.h"
#include "report/format.h"
#include "report/markdown.h"
#include "report/sheet.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_LINES 5
#define SHOWN_FUNCTIONS 3
#define ABSENT "–"

struct writer {
    struct text text;
    const struct report_style *style;
    struct sheet sheet;
    bool markdown;
};

/* Begins another table, of which column i is text where `left` has an "l" there. */
static void start_sheet(struct sheet *sheet, const char *const *headers, const char *left) {
    sheet_clear(sheet);
    for (size_t i = 0; headers[i]; i++)
        sheet_add_column(sheet, headers[i], left[i] == 'l');
}

static void add_number(struct sheet *sheet, double value) {
    char text[FORMAT_SIZE];
    format_number(value, text);
    sheet_add(sheet, PAINT_NONE, text);
}

/* Shares to a whole percent: none of them is known better. */
static void format_share(double share, char text[FORMAT_SIZE]) {
    if (isnan(share))
        snprintf(text, FORMAT_SIZE, ABSENT);
    else
        snprintf(text, FORMAT_SIZE, "%.0f %%", 100 * share);
}

static void add_share(struct sheet *sheet, double share) {
    char text[FORMAT_SIZE];
    format_share(share, text);
    sheet_add(sheet, PAINT_NONE, text);
}

/* A line of its own kind, "- " or "### ", with what ends it. */
static void add_markdown(struct writer *writer, const char *before, const char *string, const char *after) {
    text_add(&writer->text, before);
    markdown_add(&writer->text, string);
    text_add(&writer->text, after);
}

static void write_sheet(struct writer *writer) {
    if (writer->markdown && writer->sheet.row_count)
        text_add(&writer->text, "\n");
    if (writer->markdown)
        sheet_print_markdown(&writer->text, &writer->sheet);
    else
        sheet_print(&writer->text, writer->style, &writer->sheet);
}

static void write_line(struct writer *writer, enum paint paint, const char *string) {
    if (writer->markdown)
        add_markdown(writer, "- ", string, "\n");
    else
        text_wrap(&writer->text, writer->style, writer->style->unicode ? "→ " : "-> ", paint, string);
}

static void write_heading(struct writer *writer, const struct profile *profile) {
    struct text title = {0}, facts = {0};
    bool command = profile->command[0];
    text_add(&title, command                 ? profile->command
                     : profile->case_name[0] ? profile->case_name
                                             : profile->kernel);
    if (profile->title[0])
        text_printf(&title, ": %s", profile->title);
    format_point(&profile->point, &facts);
    if (command)
        text_add(&facts, profile->module);
    else if (!isnan(profile->items))
        text_printf(&facts, "%s%.15g items per run", facts.length ? "; " : "", profile->items);
    if (profile->caches[0]) /* the times of what is simulated are times of the same build */
        text_printf(&facts, "; %stimed and simulated: %s", command ? "" : "portable build, ",
                    profile->caches);
    if (profile->scaled)
        text_printf(&facts, "; smaller than asked for, as simulating that takes too long (%s)",
                    option_name(SETTING_SIMULATION_BUDGET));
    if (writer->markdown) {
        add_markdown(writer, "### ", text_string(&title), "\n\n");
        add_markdown(writer, "", text_string(&facts), "\n");
    } else {
        text_wrap(&writer->text, writer->style, "", PAINT_BOLD, text_string(&title));
        text_wrap(&writer->text, writer->style, "", PAINT_DIM, text_string(&facts));
    }
    writer->text.failed |= title.failed || facts.failed;
    text_clear(&title);
    text_clear(&facts);
}

static enum paint bound_paint(enum bound bound) {
    return bound == BOUND_NOT_CLEAR ? PAINT_YELLOW : PAINT_CYAN;
}

static void add_memory(struct sheet *sheet, const struct bound_shares *shares) {
    char text[2 * FORMAT_SIZE], least[FORMAT_SIZE], most[FORMAT_SIZE];
    format_share(shares->memory_least, least);
    format_share(shares->memory_most, most);
    if (isnan(shares->memory_least) || isnan(shares->memory_most))
        snprintf(text, sizeof text, ABSENT);
    else if (shares->memory_least > 1)
        snprintf(text, sizeof text, "> 100 %%");
    else if (shares->memory_most > 1) /* how much more than all of the time says nothing */
        snprintf(text, sizeof text, "≥ %s", least);
    else if (!strcmp(least, most))
        snprintf(text, sizeof text, "%s", least);
    else
        snprintf(text, sizeof text, "%.0f to %s", 100 * shares->memory_least, most);
    sheet_add(sheet, PAINT_NONE, text);
}

/* What counts could explain is told of variants that compute: of others, the user time is too short. */
static void add_counts(struct sheet *sheet, const struct profile_variant *variant) {
    const struct bound_shares *shares = &variant->judgement.shares;
    static const struct bound_shares none = {NAN, NAN, NAN, NAN, NAN, NAN};
    bool computes = variant->evidence.user >= 0.5;
    add_number(sheet, computes ? variant->evidence.instructions.value / shares->cycles : NAN);
    add_share(sheet, computes ? shares->branches : NAN);
    add_memory(sheet, computes ? shares : &none);
}

/* A row a variant. */
static void fill_overview(const struct profile *profile, struct sheet *sheet) {
    static const char *const headers[] = {"variant", "time", "likely bound", "IPC",     "branches",
                                          "memory",  "user", "system",       "waiting", NULL};
    start_sheet(sheet, headers, "lrlrrrrrr");
    for (size_t i = 0; i < profile->variant_count; i++) {
        const struct profile_variant *variant = &profile->variants[i];
        const struct bound_evidence *evidence = &variant->evidence;
        char time[FORMAT_SIZE], unused[FORMAT_SIZE];
        sheet_add_row(sheet);
        sheet_add(sheet, variant->baseline ? PAINT_BOLD : PAINT_NONE, variant->variant);
        if (variant->invalid[0]) {
            sheet_add(sheet, PAINT_NONE, "");
            sheet_add(sheet, PAINT_MAGENTA, "invalid");
            continue;
        }
        format_times(evidence->time_ns, evidence->time_ns, time, unused);
        sheet_add(sheet, PAINT_NONE, time);
        sheet_add(sheet, bound_paint(variant->judgement.bound), bound_name(variant->judgement.bound));
        add_counts(sheet, variant);
        add_share(sheet, evidence->user);
        add_share(sheet, evidence->system);
        add_share(sheet, evidence->waiting);
    }
}

/* File and the folder it is in: whole paths leave no room for anything else. */
static const char *short_path(const char *path) {
    const char *last = strrchr(path, '/');
    if (!last || last == path)
        return path;
    const char *before = last - 1;
    while (before > path && *before != '/')
        before--;
    return *before == '/' ? before + 1 : before;
}

static void format_place(const struct profile_place *place, char *text, size_t size) {
    if (place->line)
        snprintf(text, size, "%.150s:%u", short_path(place->file), place->line);
    else
        snprintf(text, size, "%s", strcmp(place->file, "???") ? short_path(place->file) : ABSENT);
}

static void fill_functions(const struct profile_variant *variant, struct sheet *sheet) {
    static const char *const headers[] = {"share", "function", "file", NULL};
    char text[SHEET_CELL];
    start_sheet(sheet, headers, "rll");
    for (size_t i = 0; i < variant->function_count && i < SHOWN_FUNCTIONS; i++) {
        const struct profile_place *place = &variant->functions[i];
        sheet_add_row(sheet);
        add_share(sheet, place->share);
        sheet_add(sheet, PAINT_NONE, place->function);
        format_place(place, text, sizeof text);
        sheet_add(sheet, PAINT_NONE, text);
    }
}

static void fill_lines(const struct profile_variant *variant, struct sheet *sheet) {
    static const char *const counted[] = {"share", "instructions", "L1D misses", "mispredictions",
                                          "line",  "source",       NULL},
                             *const sampled[] = {"share", "line", "source", NULL};
    bool counts = variant->source == SOURCE_SIM;
    char text[SHEET_CELL];
    start_sheet(sheet, counts ? counted : sampled, counts ? "rrrrll" : "rll");
    for (size_t i = 0; i < variant->line_count && i < SHOWN_LINES; i++) {
        const struct profile_place *place = &variant->lines[i];
        enum paint paint = i < 3 ? PAINT_BOLD : PAINT_NONE;
        sheet_add_row(sheet);
        add_share(sheet, place->share);
        if (counts) {
            add_number(sheet, place->instructions);
            add_number(sheet, place->l1d_misses);
            add_number(sheet, place->branch_misses);
        }
        format_place(place, text, sizeof text);
        sheet_add(sheet, paint, text);
        sheet_add(sheet, PAINT_NONE, place->source);
    }
}

static void write_variant(struct writer *writer, const struct profile *profile,
                          const struct profile_variant *variant) {
    char line[RESULT_NAME + 2 * RESULT_REASON];
    text_add(&writer->text, "\n");
    if (variant->invalid[0])
        snprintf(line, sizeof line, "%s: invalid", variant->variant);
    else
        snprintf(line, sizeof line, "%s: likely bound: %s", variant->variant,
                 bound_name(variant->judgement.bound));
    if (writer->markdown)
        add_markdown(writer, "#### ", line, "\n\n");
    else
        text_wrap(&writer->text, writer->style, "", PAINT_BOLD, line);
    write_line(writer, variant->invalid[0] ? PAINT_MAGENTA : PAINT_NONE,
               variant->invalid[0] ? variant->invalid : variant->judgement.text);
    if (variant->invalid[0])
        return;
    for (size_t i = 0; i < variant->note_count; i++)
        write_line(writer, PAINT_NONE, variant->notes[i]);
    if (variant->source == SOURCE_NONE) {
        snprintf(line, sizeof line, "no functions and lines: %s",
                 variant->reason[0] ? variant->reason : "nothing was counted");
        write_line(writer, PAINT_YELLOW, line);
        return;
    }
    if (variant->source == SOURCE_SIM)
        snprintf(line, sizeof line, "by %s (%s): shares of estimated cycles, counts per %s", variant->tool,
                 counter_source_name(variant->source), profile->item);
    else
        snprintf(line, sizeof line, "by %s (%s): shares of %zu samples", variant->tool,
                 counter_source_name(variant->source), variant->samples);
    write_line(writer, PAINT_NONE, line);
    fill_functions(variant, &writer->sheet);
    write_sheet(writer);
    if (variant->line_count == 0) {
        snprintf(line, sizeof line, "no source lines: the %s has no debug data; compile it with -g",
                 profile->command[0] ? "program" : "module");
        write_line(writer, PAINT_YELLOW, line);
        return;
    }
    fill_lines(variant, &writer->sheet);
    write_sheet(writer);
}

/* What the marks of the sources stand for, where they stand for anything here. */
static void write_legend(struct writer *writer, const struct profile *profile) {
    bool simulated = false, valid = false;
    char line[512];
    for (size_t i = 0; i < profile->variant_count; i++) {
        simulated |= profile->variants[i].source == SOURCE_SIM;
        valid |= !profile->variants[i].invalid[0];
    }
    if (!valid)
        return;
    text_add(&writer->text, "\n");
    snprintf(
        line, sizeof line,
        "time per %s (clock), and the shares of user, system and waiting (sw), are measured%s", profile->item,
        simulated ? "; IPC, branches and memory are estimates: instructions a cycle, and the part of the "
                    "user time that simulated mispredictions and misses (sim) could take. docs/PROFILE.md "
                    "has the rules"
                  : "");
    write_line(writer, PAINT_DIM, line);
}

static int write_report(const struct profile *profile, struct writer *writer, FILE *stream) {
    write_heading(writer, profile);
    text_add(&writer->text, writer->markdown ? "" : "\n");
    fill_overview(profile, &writer->sheet);
    write_sheet(writer);
    for (size_t i = 0; i < profile->variant_count; i++)
        write_variant(writer, profile, &profile->variants[i]);
    write_legend(writer, profile);
    int status = text_write(&writer->text, stream);
    text_clear(&writer->text);
    sheet_clear(&writer->sheet);
    return status;
}

int report_profile(const struct profile *profile, const struct report_style *style, FILE *stream) {
    struct writer writer = {.style = style};
    return write_report(profile, &writer, stream);
}

int report_profile_markdown(const struct profile *profile, FILE *stream) {
    static const struct report_style plain = {.unicode = true, .width = 100};
    struct writer writer = {.style = &plain, .markdown = true};
    return write_report(profile, &writer, stream);
}
