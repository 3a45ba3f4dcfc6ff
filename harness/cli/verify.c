/* countersign verify: does a result file follow from its own samples? */
#include "cli/cli.h"

#include "measure/comparison.h"
#include "measure/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: countersign verify FILE [--rewrite NEW]\n\n"
    "Concludes every comparison of a result file again from the raw samples that it holds (intervals, "
    "placebo,\n"
    "corrections, verdicts, times, counters) and says where the file disagrees. FILE may be gzip-compressed, "
    "or -\n"
    "for standard input. Of the predictions only crossovers are in the file and judged again; a point that "
    "was\n"
    "left out with all its samples leaves no trace.\n\n"
    "  --rewrite NEW     write the file anew with the conclusions that this version draws from its samples,\n"
    "                    for files of a version with other rules; NEW must not exist\n"
    "  --help            this text\n\n"
    "exit status: 0 all of it follows from the samples; 1 something does not; 2 the file cannot be read\n";

#define SHOWN 50

static void print_disagreement(const struct run *run, const struct disagreement *found, FILE *stream) {
    const struct measurement *measurement = &run->measurements[found->measurement];
    char point[256];
    point_text(&measurement->point, point, sizeof point);
    fprintf(stream, "%s %s", measurement->case_name, point);
    if (found->comparison != SIZE_MAX)
        fprintf(stream, ", %s against %s", run->comparisons[found->comparison].candidate,
                run->comparisons[found->comparison].baseline);
    fprintf(stream, ": %s: the file says %s, its samples say %s\n", found->what,
            found->file[0] ? found->file : "nothing", found->samples[0] ? found->samples : "nothing");
}

/* The whole answer as text; NULL when there is no memory. */
static char *describe(const struct run *run, const char *path, const struct disagreement *found, long count) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return NULL;
    for (long i = 0; i < count && i < SHOWN; i++)
        print_disagreement(run, &found[i], stream);
    if (count > SHOWN)
        fprintf(stream, "and %ld more\n", count - SHOWN);
    if (count == 0 && run->comparison_count == 1)
        fprintf(stream, "%s: the comparison follows from the samples\n", path);
    else if (count == 0)
        fprintf(stream, "%s: all %zu comparisons follow from the samples\n", path, run->comparison_count);
    fclose(stream);
    return text;
}

static int verify_run(const struct run *run, const char *path) {
    struct disagreement *found = calloc(SHOWN, sizeof *found);
    long count = found ? run_verify(run, found, SHOWN) : -ENOMEM;
    char *text = count < 0 ? NULL : describe(run, path, found, count);
    free(found);
    if (!text)
        return fail(EXIT_NOTHING, "%s: out of memory", path);
    int status = finish_output(print_text(text, stdout), EXIT_DONE);
    free(text);
    if (status || count == 0)
        return status;
    return fail(EXIT_NOT_MET, "%s: %ld conclusion%s not follow from the samples", path, count,
                count == 1 ? " does" : "s do");
}

static int rewrite_run(struct run *run, const char *path, const char *to) {
    struct problem problem;
    if (access(to, F_OK) == 0)
        return fail(EXIT_USAGE, "%s: there already; name a new file", to);
    int status = run_conclude_again(run);
    if (status == -EBADMSG)
        return fail(EXIT_NOT_MET, "%s: its samples were changed after they were taken; nothing was written",
                    path);
    if (status)
        return fail(EXIT_NOTHING, "%s: out of memory", path);
    return run_save(run, to, &problem) ? fail(EXIT_USAGE, "%s", problem.text) : EXIT_DONE;
}

int verb_verify(int argc, char **argv) {
    static const struct option options[] = {
        {"rewrite", required_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const char *rewrite = NULL;
    for (int option; (option = next_option(argc, argv, options)) != -1;) {
        if (option == 'h')
            return finish_output(print_help(help, stdout), EXIT_DONE);
        if (option != 'r')
            return EXIT_USAGE;
        rewrite = optarg;
    }
    if (argc - optind != 1)
        return fail(EXIT_USAGE, "verify: expected one result file, got %d", argc - optind);
    struct problem problem;
    struct run *run = calloc(1, sizeof *run);
    if (!run || run_load(run, argv[optind], &problem)) {
        int status = fail(EXIT_USAGE, "%s", run ? problem.text : "out of memory");
        free(run);
        return status;
    }
    int status = rewrite ? rewrite_run(run, argv[optind], rewrite) : verify_run(run, argv[optind]);
    run_clear(run);
    free(run);
    return status;
}
