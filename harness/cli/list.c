/* countersign list: kernels, cases and events. */
#include "cli/cli.h"

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
    .usage = "usage: countersign list [cases|kernels|events] [WORD...]\n\n"
             "Lists what there is; without an argument, all three. With words, the cases or kernels\n"
             "that have all of them: a group (memory, io ...), a tag, a technique, or a part of a name\n"
             "or summary. Events marked sim can be simulated.\n\n",
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

/* Takes `text`. */
static bool matches(struct search *search, struct text *text) {
    bool match = !text->failed;
    for (size_t i = 0; i < search->count; i++)
        match &= strcasestr(text->data, search->words[i]) != NULL;
    search->found += match;
    text_clear(text);
    return match;
}

static bool case_matches(struct search *search, const struct case_file *file) {
    struct text text = {0};
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
    int status = EXIT_DONE;
    struct case_file *file = calloc(1, sizeof *file);
    if (!search->count)
        fprintf(out, "cases (%s)\n", paths->cases);
    for (size_t i = 0; folders && file && i < count; i++) {
        struct problem problem;
        snprintf(path, sizeof path, "%s/%s", paths->cases, folders[i]);
        if (case_file_load(file, path, &problem)) {
            status = fail(EXIT_USAGE, "%s", problem.text);
            continue;
        }
        if (!case_matches(search, file))
            continue;
        if (strcmp(group, file->group))
            fprintf(out, "%s\n", file->group);
        memcpy(group, file->group, sizeof group);
        fprintf(out, "  %-24s %s (kernel %s)\n", file->name, file->title, file->kernel);
        list_traits(out, file);
        list_points(out, file->sweep, file->sweep_count);
    }
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
    memcpy(supervisor.program, paths->program, sizeof supervisor.program);
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
    int status = list_all(cases || !kind, kernels || !kind, events || (!kind && !search.count), &search);
    if (status || !search.count || search.found)
        return status;
    return refuse_search(cases ? "case" : kernels ? "kernel" : "case or kernel", &search);
}
