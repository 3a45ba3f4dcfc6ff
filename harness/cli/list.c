/* countersign list: kernels, cases and events. */
#include "cli/cli.h"

#include "counters/callgrind.h"
#include "measure/runner.h"
#include "report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row rows[] = {OPTIONS_END};

static const struct verb_options options = {
    .usage = "usage: countersign list [cases|kernels|events]\n\n"
             "Lists what there is; without an argument, all three. Events marked sim can be\n"
             "simulated.\n\n",
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

static int list_cases(FILE *out, const struct paths *paths) {
    size_t count;
    char **names = names_of_folders(paths->cases, "case.yaml", &count);
    int status = EXIT_DONE;
    struct case_file *file = calloc(1, sizeof *file);
    fprintf(out, "cases (%s)\n", paths->cases);
    for (size_t i = 0; file && i < count; i++) {
        struct problem problem;
        if (load_case(paths, names[i], file, &problem)) {
            status = fail(EXIT_USAGE, "%s", problem.text);
            continue;
        }
        fprintf(out, "  %-24s %s (kernel %s)\n", file->name, file->title, file->kernel);
        list_points(out, file->sweep, file->sweep_count);
    }
    free(file);
    names_free(names);
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
    if (module_is_parallel(module))
        fputs("      threads = 1..all\n", out);
}

static int list_kernels(FILE *out, const struct paths *paths) {
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
    fprintf(out, "kernels (%s)\n", paths->kernels);
    for (size_t i = 0; module && i < count; i++) {
        snprintf(path, sizeof path, "%s/%s.native.so", paths->kernels, names[i]);
        if (supervisor_describe(&supervisor, path, module, &problem))
            status = fail(EXIT_USAGE, "%s", problem.text);
        else
            list_kernel(out, module);
    }
    free(module);
    names_free(names);
    supervisor_close(&supervisor);
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

static int list_all(bool cases, bool kernels, bool events) {
    struct paths paths;
    struct problem problem;
    char *text = NULL;
    size_t size = 0;
    if (paths_find(&paths, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return fail(EXIT_NOTHING, "out of memory");
    int status = cases ? list_cases(out, &paths) : EXIT_DONE;
    if (cases && kernels)
        putc('\n', out);
    int kernel_status = kernels ? list_kernels(out, &paths) : EXIT_DONE;
    if (kernels && events)
        putc('\n', out);
    if (events)
        list_events(out);
    int error = fclose(out) ? -ENOMEM : print_rows(text, stdout);
    free(text);
    return finish_output(error, status ? status : kernel_status);
}

int verb_list(int argc, char **argv) {
    struct given_option given;
    if (next_option(argc, argv, &options, &given) != -1)
        return EXIT_USAGE;
    const char *what = optind < argc ? argv[optind] : "all";
    bool all = !strcmp(what, "all"), cases = !strcmp(what, "cases"), kernels = !strcmp(what, "kernels"),
         events = !strcmp(what, "events");
    if (!(all || cases || kernels || events) || argc - optind > 1)
        return fail(EXIT_USAGE, "list: expected cases, kernels or events, got '%s'",
                    argc - optind > 1 ? argv[optind + 1] : what);
    return list_all(all || cases, all || kernels, all || events);
}
