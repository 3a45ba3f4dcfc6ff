/* countersign list: kernels, cases and events. */
#include "cli/cli.h"

#include "cli/newest.h"

#include "counters/callgrind.h"
#include "measure/runner.h"
#include "report/report.h"
#include "report/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row rows[] = {OPTIONS_END};

static const struct verb_options options = {
    .usage =
        "usage: countersign list [cases|kernels|events] [WORD...]\n\n"
        "Lists what there is; without an argument, all three. With words, the cases or kernels\n"
        "that have all of them: a group (memory, io ...), a tag, a technique, or a part of a name\n"
        "or summary. The words wins and loses ask this machine's newest result of each case, among the\n"
        "64 newest files of the results folder: a candidate is faster somewhere, or slower somewhere; and\n"
        "unmeasured, the cases of which there is no result. Events marked sim can be simulated.\n\n",
    .rows = rows,
    .operands = VALUE_WORD,
    .words = (const char *const[]){"cases", "kernels", "events", NULL}};

const struct verb_options *list_options(void) {
    return &options;
}

static void list_points(FILE *out, const struct case_axis *axes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "      %s:", axes[i].parameter);
        for (size_t v = 0; v < axes[i].count; v++)
            if (axes[i].values[v].text[0])
                fprintf(out, " %s", axes[i].values[v].text);
            else
                fprintf(out, " %" PRId64, axes[i].values[v].number);
        putc('\n', out);
    }
}

/* Words that what is listed must have; upper and lower case are one. */
struct search {
    char *const *words;
    size_t count;
    size_t found;
};

/* What this machine's newest result of a case says. */
struct outcome {
    const char *case_name;
    size_t points, wins, losses; /* comparisons; points 0: there is no result */
    char started[32];
};

/* A word that is about results is no part of a text. */
enum result_word { WORD_TEXT, WORD_WINS, WORD_LOSES, WORD_UNMEASURED };

static enum result_word result_word(const char *word) {
    static const char *const words[] = {
        [WORD_WINS] = "wins", [WORD_LOSES] = "loses", [WORD_UNMEASURED] = "unmeasured"};
    for (int i = WORD_WINS; i <= WORD_UNMEASURED; i++)
        if (strcasecmp(word, words[i]) == 0)
            return (enum result_word)i;
    return WORD_TEXT;
}

static bool asks_results(const struct search *search) {
    for (size_t i = 0; i < search->count; i++)
        if (result_word(search->words[i]) != WORD_TEXT)
            return true;
    return false;
}

static bool outcome_matches(const struct search *search, const struct outcome *outcome) {
    bool match = true;
    for (size_t i = 0; i < search->count; i++) {
        enum result_word word = result_word(search->words[i]);
        match &= word == WORD_TEXT || (word == WORD_WINS    ? outcome->wins > 0
                                       : word == WORD_LOSES ? outcome->losses > 0
                                                            : outcome->points == 0);
    }
    return match;
}

/* Of one run: cases that a newer one had stay as they are. Returns how many got theirs. */
static size_t take_outcomes(const struct run *run, struct outcome *outcomes, size_t count) {
    size_t taken = 0;
    for (size_t i = 0; i < count; i++) {
        if (outcomes[i].points)
            continue;
        for (size_t c = 0; c < run->comparison_count; c++) {
            const struct comparison *comparison = &run->comparisons[c];
            if (strcmp(comparison->case_name, outcomes[i].case_name) != 0)
                continue;
            outcomes[i].points++;
            outcomes[i].wins += comparison->verdict == VERDICT_FASTER;
            outcomes[i].losses += comparison->verdict == VERDICT_SLOWER;
        }
        taken += outcomes[i].points > 0;
        snprintf(outcomes[i].started, sizeof outcomes[i].started, "%s", run->started);
    }
    return taken;
}

/* The outcome of each case, to be freed; NULL after a message. */
static struct outcome *read_outcomes(char **folders, size_t count) {
    struct outcome *outcomes = calloc(count + 1, sizeof *outcomes);
    struct run *run = calloc(1, sizeof *run);
    struct newest newest = {.names = NULL};
    struct problem problem = {"out of memory"};
    char path[8192];
    int status = outcomes && run ? newest_open(&newest, &problem) : -ENOMEM;
    for (size_t i = 0; i < count && status == 0; i++)
        outcomes[i].case_name = case_folder_name(folders[i]);
    for (size_t known = 0; status == 0 && known < count && newest_next(&newest, NULL, run, path) == 0;) {
        known += take_outcomes(run, outcomes, count);
        run_clear(run);
    }
    newest_close(&newest);
    free(run);
    if (status == 0)
        return outcomes;
    fail(EXIT_NOTHING, "list: %s", problem.text);
    free(outcomes);
    return NULL;
}

/* "here: wins at 3 of 8 comparisons, loses at 2 (2026-11-27)" */
static void list_outcome(FILE *out, const struct outcome *outcome) {
    if (!outcome->points)
        fprintf(out, "      here: no result; `countersign run %s` makes one\n", outcome->case_name);
    else
        fprintf(out, "      here: wins at %zu of %zu comparisons, loses at %zu (%.10s)\n", outcome->wins,
                outcome->points, outcome->losses, outcome->started);
}

/* Takes `text`. */
static bool matches(struct search *search, struct text *text) {
    bool match = !text->failed;
    for (size_t i = 0; i < search->count; i++)
        match &=
            result_word(search->words[i]) != WORD_TEXT || strcasestr(text->data, search->words[i]) != NULL;
    search->found += match;
    text_clear(text);
    return match;
}

/* `outcome`: NULL where nothing is asked of results. */
static bool case_matches(struct search *search, const struct case_file *file, const struct outcome *outcome) {
    struct text text = {0};
    if (outcome && !outcome_matches(search, outcome))
        return false;
    text_printf(&text, "%s %s %s %s %s effort:%s risk:%s %s %s", file->group, file->name, file->title,
                file->kernel, file->technique, file->effort, file->risk, file->rollback, file->cost);
    for (size_t i = 0; i < file->tag_count; i++)
        text_printf(&text, " %s", file->tags[i]);
    return matches(search, &text);
}

/* "data-layout; memory, bandwidth; effort medium; risk low" */
static void list_traits(FILE *out, const struct case_file *file) {
    struct text text = {0};
    if (file->technique[0])
        text_printf(&text, "; %s", file->technique);
    for (size_t i = 0; i < file->tag_count; i++)
        text_printf(&text, "%s%s", i ? ", " : "; ", file->tags[i]);
    if (file->effort[0])
        text_printf(&text, "; effort %s", file->effort);
    if (file->risk[0])
        text_printf(&text, "; risk %s", file->risk);
    if (text.data)
        fprintf(out, "      %s\n", text.data + 2);
    text_clear(&text);
}

static int list_cases(FILE *out, const struct paths *paths, struct search *search) {
    size_t count;
    char **folders = case_folders(paths, &count), path[8192], group[RESULT_NAME] = "";
    struct case_file *file = calloc(1, sizeof *file);
    struct outcome *outcomes = folders && asks_results(search) ? read_outcomes(folders, count) : NULL;
    int status = asks_results(search) && !outcomes ? EXIT_NOTHING : EXIT_DONE;
    if (!search->count)
        fprintf(out, "cases (%s)\n", paths->cases);
    for (size_t i = 0; folders && file && i < count && status != EXIT_NOTHING; i++) {
        struct problem problem;
        snprintf(path, sizeof path, "%s/%s", paths->cases, folders[i]);
        if (case_file_load(file, path, &problem)) {
            status = fail(EXIT_USAGE, "%s", problem.text);
            continue;
        }
        if (!case_matches(search, file, outcomes ? &outcomes[i] : NULL))
            continue;
        if (strcmp(group, file->group))
            fprintf(out, "%s\n", file->group);
        memcpy(group, file->group, sizeof group);
        fprintf(out, "  %-24s %s (kernel %s)\n", file->name, file->title, file->kernel);
        list_traits(out, file);
        if (outcomes)
            list_outcome(out, &outcomes[i]);
        list_points(out, file->sweep, file->sweep_count);
    }
    free(outcomes);
    free(file);
    names_free(folders);
    return status;
}

static void list_kernel(FILE *out, const struct module_description *module) {
    fprintf(out, "  %-24s %s (item: %s)\n", module->name, module->summary, module->item);
    if (!module->supported)
        fprintf(out, "      not supported here: %s\n", module->reason);
    for (size_t i = 0; i < module->variant_count; i++)
        fprintf(out, "      %-20s %s%s%s%s\n", module->variants[i].name, module->variants[i].summary,
                i == 0 ? " (baseline)" : "",
                module->variants[i].supported ? "" : "; not supported here: ", module->variants[i].reason);
    for (size_t i = 0; i < module->parameter_count; i++) {
        fprintf(out, "      %s = ", module->parameters[i].name);
        for (size_t c = 0; c < module->parameters[i].choice_count; c++)
            fprintf(out, "%s%s", c ? "|" : "", module->parameters[i].choices[c]);
        if (!module->parameters[i].choice_count)
            fprintf(out, "%" PRId64 "..%" PRId64 " %s", module->parameters[i].min, module->parameters[i].max,
                    module->parameters[i].unit);
        fprintf(out, "%s%s\n", module->parameters[i].summary[0] ? ": " : "", module->parameters[i].summary);
    }
    for (size_t i = 0; i < module->service_count; i++)
        fprintf(out, "      server %s (%s)%s\n", module->services[i].name, module->services[i].program,
                module->services[i].variants ? ", of some variants" : "");
    if (module_is_parallel(module))
        fputs("      threads = 1..all\n", out);
}

static bool kernel_matches(struct search *search, const struct module_description *module) {
    struct text text = {0};
    text_printf(&text, "%s %s %s", module->name, module->summary, module->item);
    for (size_t i = 0; i < module->variant_count; i++)
        text_printf(&text, " %s %s", module->variants[i].name, module->variants[i].summary);
    return matches(search, &text);
}

static void list_left_out(FILE *out, const struct paths *paths, struct search *search) {
    size_t count;
    char **names = names_with_suffix(paths->kernels, ".missing", &count), reason[1024];
    for (size_t i = 0; i < count; i++) {
        struct text text = {0};
        if (!read_missing(paths, names[i], reason, sizeof reason))
            continue;
        text_printf(&text, "%s %s", names[i], reason);
        if (matches(search, &text))
            fprintf(out, "  %-24s left out of the build: %s\n", names[i], reason);
    }
    names_free(names);
}

static int list_kernels(FILE *out, const struct paths *paths, struct search *search) {
    struct problem problem;
    struct supervisor supervisor = {
        .limits = {.memory_bytes = 1u << 30, .stall_s = 10, .file_bytes = 1u << 30}};
    memcpy(supervisor.program, paths->worker, sizeof supervisor.program);
    if (supervisor_open(&supervisor, NULL, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    size_t count;
    int status = EXIT_DONE;
    char **names = names_with_suffix(paths->kernels, ".native.so", &count), path[8192];
    struct module_description *module = calloc(1, sizeof *module);
    if (!search->count)
        fprintf(out, "kernels (%s)\n", paths->kernels);
    for (size_t i = 0; module && i < count; i++) {
        snprintf(path, sizeof path, "%s/%s.native.so", paths->kernels, names[i]);
        if (supervisor_describe(&supervisor, path, module, &problem))
            status = fail(EXIT_USAGE, "%s", problem.text);
        else if (kernel_matches(search, module))
            list_kernel(out, module);
    }
    free(module);
    names_free(names);
    supervisor_close(&supervisor);
    list_left_out(out, paths, search);
    return status;
}

static void list_events(FILE *out) {
    struct callgrind_tool tool;
    int absent = callgrind_find(&tool);
    fputs("events (`countersign doctor` says which are counted here)\n", out);
    for (int event = 0; event < COUNTER_VOCABULARY; event++)
        fprintf(out, "  %-24s %-3s  %s\n", counter_event_info[event].name,
                callgrind_simulates((enum counter_event)event) ? "sim" : "",
                counter_event_info[event].summary);
    if (absent)
        fprintf(out, "  sim: could be simulated where nothing counts it: %s\n", tool.reason);
    else
        fprintf(out, "  sim: simulated by %s as well, and so known where nothing counts it\n", tool.version);
}

static int list_all(bool cases, bool kernels, bool events, struct search *search) {
    struct paths paths;
    struct problem problem;
    char *text = NULL;
    size_t size = 0;
    if (paths_find(&paths, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return fail(EXIT_NOTHING, "out of memory");
    int status = cases ? list_cases(out, &paths, search) : EXIT_DONE;
    if (cases && kernels && (!search->count || search->found))
        putc('\n', out);
    int kernel_status = kernels ? list_kernels(out, &paths, search) : EXIT_DONE;
    if (kernels && events)
        putc('\n', out);
    if (events)
        list_events(out);
    int error = fclose(out) ? -ENOMEM : print_rows(text, stdout);
    free(text);
    return finish_output(error, status ? status : kernel_status);
}

static int refuse_search(const char *what, const struct search *search) {
    struct text words = {0};
    for (size_t i = 0; i < search->count; i++)
        text_printf(&words, "%s'%s'", i ? " and " : "", search->words[i]);
    fail(EXIT_USAGE, "list: no %s with %s; `countersign list` shows all", what, words.data ? words.data : "");
    text_clear(&words);
    return EXIT_USAGE;
}

int verb_list(int argc, char **argv) {
    struct given_option given;
    if (next_option(argc, argv, &options, &given) != -1)
        return EXIT_USAGE;
    const char *what = optind < argc ? argv[optind] : "";
    bool cases = !strcmp(what, "cases"), kernels = !strcmp(what, "kernels"), events = !strcmp(what, "events");
    bool kind = cases || kernels || events;
    struct search search = {argv + optind + kind, (size_t)(argc - optind - kind), 0};
    if (events && search.count)
        return fail(EXIT_USAGE, "list: events are not searched: unexpected '%s'", search.words[0]);
    if (kernels && asks_results(&search))
        return fail(EXIT_USAGE,
                    "list: results are of cases: `countersign list cases` with wins, loses or unmeasured");
    int status = list_all(cases || !kind, (kernels || !kind) && !asks_results(&search),
                          events || (!kind && !search.count), &search);
    if (status || !search.count || search.found)
        return status;
    return refuse_search(cases ? "case" : kernels ? "kernel" : "case or kernel", &search);
}
