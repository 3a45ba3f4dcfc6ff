#include "report/profile.h"

#include "base/option_name.h"
#include "countersign.h"
#include "report/format.h"
#include "report/markdown.h"
#include "report/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 9
#define ROWS (PROFILE_PLACES + 1 + CS_MAX_VARIANTS)
#define CELL 240
#define SHOWN_LINES 5
#define SHOWN_FUNCTIONS 3
#define ABSENT "–"

/* A table of text; first row: headers. The last column of text may be cut to the width. */
struct sheet {
    char cells[ROWS][COLUMNS][CELL];
    enum paint paints[ROWS][COLUMNS];
    bool left[COLUMNS];
    size_t rows, columns;
};

struct writer {
    struct text text;
    const struct report_style *style;
    struct sheet *sheet;
    bool markdown;
};

static void start_sheet(struct sheet *sheet, const char *const *headers, const bool *left) {
    memset(sheet, 0, sizeof *sheet);
    for (; headers[sheet->columns]; sheet->columns++) {
        snprintf(sheet->cells[0][sheet->columns], CELL, "%s", headers[sheet->columns]);
        sheet->paints[0][sheet->columns] = PAINT_DIM;
        sheet->left[sheet->columns] = left[sheet->columns];
    }
    sheet->rows = 1;
}

static void set_cell(struct sheet *sheet, size_t column, enum paint paint, const char *string) {
    snprintf(sheet->cells[sheet->rows][column], CELL, "%s", string);
    sheet->paints[sheet->rows][column] = paint;
}

static void set_number(struct sheet *sheet, size_t column, double value) {
    char text[FORMAT_SIZE];
    format_number(value, text);
    set_cell(sheet, column, PAINT_NONE, text);
}

/* Shares to a whole percent: none of them is known better. */
static void format_share(double share, char text[FORMAT_SIZE]) {
    if (isnan(share))
        snprintf(text, FORMAT_SIZE, ABSENT);
    else
        snprintf(text, FORMAT_SIZE, "%.0f %%", 100 * share);
}

static void set_share(struct sheet *sheet, size_t column, double share) {
    char text[FORMAT_SIZE];
    format_share(share, text);
    set_cell(sheet, column, PAINT_NONE, text);
}

/* Columns of a sheet that stand beside each other. */
struct part {
    size_t columns[COLUMNS], count, width;
};

#define GAP 2
#define CUT_LEAST 10

/* Text in the last column may be cut. */
static bool may_be_cut(const struct sheet *sheet, size_t column) {
    return column + 1 == sheet->columns && sheet->left[column];
}

static size_t column_width(const struct writer *writer, size_t column) {
    char clean[2 * CELL];
    size_t width = 0;
    for (size_t row = 0; row < writer->sheet->rows; row++) {
        style_clean(writer->style, writer->sheet->cells[row][column], clean, sizeof clean);
        width = style_width(clean) > width ? style_width(clean) : width;
    }
    return width;
}

static void write_part_row(struct writer *writer, const struct part *part, size_t row) {
    const struct sheet *sheet = writer->sheet;
    size_t pending = 0,
           used = 0; /* blanks are written with what follows them, so that no line ends in some */
    char clean[2 * CELL];
    for (size_t i = 0; i < part->count; i++) {
        size_t column = part->columns[i], width = column_width(writer, column);
        style_clean(writer->style, sheet->cells[row][column], clean, sizeof clean);
        if (may_be_cut(sheet, column) && used + GAP + width > writer->style->width) {
            width = writer->style->width - used - GAP;
            style_cut(writer->style, clean, width);
        }
        size_t blank = width - style_width(clean);
        pending += GAP + (sheet->left[column] ? 0 : blank);
        if (clean[0]) {
            text_repeat(&writer->text, " ", pending);
            text_paint(&writer->text, writer->style, sheet->paints[row][column], clean);
            pending = 0;
        }
        pending += sheet->left[column] ? blank : 0;
        used += GAP + width;
    }
    text_add(&writer->text, "\n");
}

static void write_part(struct writer *writer, const struct part *part) {
    for (size_t row = 0; row < writer->sheet->rows; row++)
        write_part_row(writer, part, row);
}

/* In as many parts as the width demands, each with the first column. */
static void write_terminal_sheet(struct writer *writer) {
    const struct sheet *sheet = writer->sheet;
    struct part part = {.columns = {0}, .count = 1, .width = GAP + column_width(writer, 0)}, first = part;
    for (size_t column = 1; column < sheet->columns; column++) {
        size_t width = GAP + column_width(writer, column);
        size_t least = may_be_cut(sheet, column) && width > GAP + CUT_LEAST ? GAP + CUT_LEAST : width;
        if (part.width + least > writer->style->width) {
            write_part(writer, &part);
            part = first;
        }
        part.columns[part.count++] = column;
        part.width += width;
    }
    write_part(writer, &part);
}

/* A line of its own kind, "- " or "### ", with what ends it. */
static void add_markdown(struct writer *writer, const char *before, const char *string, const char *after) {
    text_add(&writer->text, before);
    markdown_add(&writer->text, string);
    text_add(&writer->text, after);
}

static void write_markdown_sheet(struct writer *writer) {
    const struct sheet *sheet = writer->sheet;
    text_add(&writer->text, "\n");
    for (size_t row = 0; row < sheet->rows; row++) {
        for (size_t column = 0; column < sheet->columns; column++)
            add_markdown(writer, "| ", sheet->cells[row][column], " ");
        text_add(&writer->text, "|\n");
        for (size_t column = 0; row == 0 && column < sheet->columns; column++)
            text_add(&writer->text, sheet->left[column] ? "| :-- " : "| --: ");
        text_add(&writer->text, row == 0 ? "|\n" : "");
    }
}

static void write_sheet(struct writer *writer) {
    if (writer->sheet->rows < 2)
        return;
    if (writer->markdown)
        write_markdown_sheet(writer);
    else
        write_terminal_sheet(writer);
}

static void write_line(struct writer *writer, enum paint paint, const char *string) {
    if (writer->markdown)
        add_markdown(writer, "- ", string, "\n");
    else
        text_wrap(&writer->text, writer->style, writer->style->unicode ? "→ " : "-> ", paint, string);
}

static void write_heading(struct writer *writer, const struct profile *profile) {
    struct text title = {0}, facts = {0};
    text_add(&title, profile->case_name[0] ? profile->case_name : profile->kernel);
    if (profile->title[0])
        text_printf(&title, ": %s", profile->title);
    format_point(&profile->point, &facts);
    if (!isnan(profile->items))
        text_printf(&facts, "%s%.15g items per run", facts.length ? "; " : "", profile->items);
    if (profile->caches[0]) /* the times of what is simulated are times of the same build */
        text_printf(&facts, "; portable build, timed and simulated: %s", profile->caches);
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

static void set_memory(struct sheet *sheet, size_t column, const struct bound_shares *shares) {
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
    set_cell(sheet, column, PAINT_NONE, text);
}

/* What counts could explain is told of variants that compute: of others, the user time is too short. */
static void set_counts(struct sheet *sheet, const struct profile_variant *variant) {
    const struct bound_shares *shares = &variant->judgement.shares;
    static const struct bound_shares none = {NAN, NAN, NAN, NAN, NAN, NAN};
    bool computes = variant->evidence.user >= 0.5;
    set_number(sheet, 3, computes ? variant->evidence.instructions.value / shares->cycles : NAN);
    set_share(sheet, 4, computes ? shares->branches : NAN);
    set_memory(sheet, 5, computes ? shares : &none);
}

/* A row a variant. */
static void fill_overview(const struct profile *profile, struct sheet *sheet) {
    static const char *const headers[] = {"variant", "time", "likely bound", "IPC",     "branches",
                                          "memory",  "user", "system",       "waiting", NULL};
    static const bool left[COLUMNS] = {true, false, true};
    start_sheet(sheet, headers, left);
    for (size_t i = 0; i < profile->variant_count; i++) {
        const struct profile_variant *variant = &profile->variants[i];
        const struct bound_evidence *evidence = &variant->evidence;
        char time[FORMAT_SIZE], unused[FORMAT_SIZE];
        set_cell(sheet, 0, variant->baseline ? PAINT_BOLD : PAINT_NONE, variant->variant);
        if (variant->invalid[0]) {
            set_cell(sheet, 2, PAINT_MAGENTA, "invalid");
            sheet->rows++;
            continue;
        }
        format_times(evidence->time_ns, evidence->time_ns, time, unused);
        set_cell(sheet, 1, PAINT_NONE, time);
        set_cell(sheet, 2, bound_paint(variant->judgement.bound), bound_name(variant->judgement.bound));
        set_counts(sheet, variant);
        set_share(sheet, 6, evidence->user);
        set_share(sheet, 7, evidence->system);
        set_share(sheet, 8, evidence->waiting);
        sheet->rows++;
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
    static const bool left[COLUMNS] = {false, true, true};
    char text[CELL];
    start_sheet(sheet, headers, left);
    for (size_t i = 0; i < variant->function_count && i < SHOWN_FUNCTIONS; i++) {
        const struct profile_place *place = &variant->functions[i];
        set_share(sheet, 0, place->share);
        set_cell(sheet, 1, PAINT_NONE, place->function);
        format_place(place, text, sizeof text);
        set_cell(sheet, 2, PAINT_NONE, text);
        sheet->rows++;
    }
}

static void fill_lines(const struct profile_variant *variant, struct sheet *sheet) {
    static const char *const counted[] = {"share", "instructions", "L1D misses", "mispredictions",
                                          "line",  "source",       NULL},
                             *const sampled[] = {"share", "line", "source", NULL};
    static const bool left_counted[COLUMNS] = {false, false, false, false, true, true},
                      left_sampled[COLUMNS] = {false, true, true};
    bool counts = variant->source == SOURCE_SIM;
    char text[CELL];
    start_sheet(sheet, counts ? counted : sampled, counts ? left_counted : left_sampled);
    for (size_t i = 0; i < variant->line_count && i < SHOWN_LINES; i++) {
        const struct profile_place *place = &variant->lines[i];
        size_t column = 0;
        enum paint paint = i < 3 ? PAINT_BOLD : PAINT_NONE;
        set_share(sheet, column++, place->share);
        if (counts) {
            set_number(sheet, column++, place->instructions);
            set_number(sheet, column++, place->l1d_misses);
            set_number(sheet, column++, place->branch_misses);
        }
        format_place(place, text, sizeof text);
        set_cell(sheet, column++, paint, text);
        set_cell(sheet, column, PAINT_NONE, place->source);
        sheet->rows++;
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
    fill_functions(variant, writer->sheet);
    write_sheet(writer);
    if (variant->line_count == 0) {
        write_line(writer, PAINT_YELLOW, "no source lines: the module has no debug data; compile it with -g");
        return;
    }
    fill_lines(variant, writer->sheet);
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
    int status = -ENOMEM;
    writer->sheet = malloc(sizeof *writer->sheet);
    if (writer->sheet) {
        write_heading(writer, profile);
        text_add(&writer->text, writer->markdown ? "" : "\n");
        fill_overview(profile, writer->sheet);
        write_sheet(writer);
        for (size_t i = 0; i < profile->variant_count; i++)
            write_variant(writer, profile, &profile->variants[i]);
        write_legend(writer, profile);
        status = text_write(&writer->text, stream);
    }
    text_clear(&writer->text);
    free(writer->sheet);
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
