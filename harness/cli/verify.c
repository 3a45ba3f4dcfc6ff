/* countersign verify: is a result file as it was written, and does it follow from its own samples? */
#include "cli/cli.h"

#include "conclude/comparison.h"
#include "conclude/load.h"
#include "run/plan.h"
#include "store/result_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VERIFY_REWRITE = OPTION_FIRST };

static const struct option_row rows[] = {{"rewrite", "NEW", VERIFY_REWRITE,
                                          "write the file anew with the conclusions that this version draws "
                                          "from its samples, for files of a version "
                                          "with other rules; NEW must not exist",
                                          .kind = VALUE_FILE},
                                         OPTIONS_END};

static const struct verb_options options = {
    .usage =
        "usage: countersign verify FILE [--rewrite NEW]\n\n"
        "Says whether a result file is as it was written, by its digest, and concludes every comparison "
        "again "
        "from\n"
        "the raw samples that it holds (intervals, placebo, corrections, verdicts, times, counters, noise): "
        "it "
        "says\n"
        "where the file disagrees. Of a calibration, its rates are counted again from its tries; of a load, its "
        "comparisons and targets are concluded again from the quantiles of each process. FILE may "
        "be\n"
        "gzip-compressed, the page of a report (each result that it holds is verified), or - for standard input. "
        "Of the predictions crossovers and growth are in the file and "
        "judged\n"
        "again. The digest is against accidents and quiet edits; it is no signature: whoever changes a file "
        "can\n"
        "make another. Files of versions before 0.2 have none.\n\n",
    .rows = rows,
    .ending =
        "exit status: 0 it is as it was written, and all of it follows; 1 it is not, or something does not;\n"
        "2 the file cannot be read, or holds what cannot be\n",
    .operands = VALUE_FILE};

const struct verb_options *verify_options(void) {
    return &options;
}

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

/* What of all else, where everything that can be concluded again follows. */
static const char *digest_text(const struct file_digest *digest) {
    switch (digest->state) {
    case DIGEST_HOLDS:
        return "; nothing was changed since it was written";
    case DIGEST_ABSENT:
        return "; no digest: it was written before version 0.2, so that a change of anything else (names, "
               "settings, the machine, what was verified or predicted) would not show";
    default:
        return "; so the change is of what samples do not decide: names, settings, the machine, what was "
               "verified or predicted, texts";
    }
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
        fprintf(stream, "%s: the comparison follows from the samples%s\n", path, digest_text(&run->digest));
    else if (count == 0)
        fprintf(stream, "%s: all %zu comparisons follow from the samples%s\n", path, run->comparison_count,
                digest_text(&run->digest));
    fclose(stream);
    return text;
}

/* The exit status, after a message where something is wrong. */
static int judge(const char *path, const struct file_digest *digest, long count, const char *whence) {
    const char *changed = digest->state == DIGEST_REMOVED
                              ? "it has no digest, though its version writes one"
                              : "its digest says that it was changed after it was written";
    if (count == 0)
        return digest_is_sound(digest) ? EXIT_DONE : fail(EXIT_NOT_MET, "%s: %s", path, changed);
    return fail(EXIT_NOT_MET, "%s: %ld conclusion%s not follow from %s%s", path, count,
                count == 1 ? " does" : "s do", whence,
                !digest_is_sound(digest) ? digest->state == DIGEST_REMOVED ? ", and its digest was removed"
                                                                           : ", and its digest says so too"
                : digest->state == DIGEST_HOLDS
                    ? ", though by its digest it is as it was written: by other rules"
                    : "");
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
    return status ? status : judge(path, &run->digest, count, "the samples");
}

static int verify_calibration(const struct calibration *calibration, const char *path) {
    char text[8192];
    if (calibration->disagreements)
        snprintf(text, sizeof text, "%.300s\n", calibration->disagreement);
    else
        snprintf(text, sizeof text, "%.4000s: all rates follow from its %zu tries%s\n", path,
                 calibration->try_count, digest_text(&calibration->digest));
    int status = finish_output(print_text(text, stdout), EXIT_DONE);
    return status ? status : judge(path, &calibration->digest, (long)calibration->disagreements, "the tries");
}

static int rewrite_run(struct run *run, const char *path, const char *to) {
    struct problem problem;
    if (access(to, F_OK) == 0)
        return fail(EXIT_USAGE, "%s: there already; name a new file", to);
    int status = run_conclude_again(run);
    if (status == -EBADMSG)
        return fail(EXIT_NOT_MET,
                    "%s: its samples were changed after they were taken, or the file after it was "
                    "written; nothing was written",
                    path);
    if (status)
        return fail(EXIT_NOTHING, "%s: out of memory", path);
    return run_save(run, to, &problem) ? fail(EXIT_USAGE, "%s", problem.text) : EXIT_DONE;
}

static int verify_load(const struct load *load, const char *path) {
    char first[512], text[8192];
    long count = load_verify(load, first, sizeof first);
    if (count < 0)
        return fail(EXIT_NOTHING, "%s: out of memory", path);
    if (count)
        snprintf(text, sizeof text, "%s\n", first);
    else
        snprintf(text, sizeof text,
                 "%.4000s: all %zu comparisons and %zu judged targets follow from its readings%s\n", path,
                 load->comparison_count, load->judgement_count, digest_text(&load->digest));
    int status = finish_output(print_text(text, stdout), EXIT_DONE);
    return status ? status : judge(path, &load->digest, count, "the readings");
}

static int verify_file(struct result_file *file, const char *path, const char *rewrite) {
    struct problem problem;
    if (result_file_load(file, path, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    int status = file->kind != RESULT_RUN && rewrite
                     ? fail(EXIT_USAGE, "%s: a %s; --rewrite is for runs", path,
                            file->kind == RESULT_LOAD ? "load" : "calibration")
                 : file->kind == RESULT_CALIBRATION ? verify_calibration(&file->calibration, path)
                 : file->kind == RESULT_LOAD        ? verify_load(&file->load, path)
                 : rewrite                          ? rewrite_run(&file->run, path, rewrite)
                                                    : verify_run(&file->run, path);
    result_file_clear(file);
    return status;
}

/* Of several results in one page each by its number. */
static int verify_numbered(struct result_file *file, const char *path, size_t number, const char *rewrite) {
    char numbered[PATH_MAX + 24];
    snprintf(numbered, sizeof numbered, "%s#%zu", path, number);
    return verify_file(file, number ? numbered : path, rewrite);
}

static int verify_results(struct result_file *file, const char *path, const char *rewrite) {
    size_t results = result_count(path);
    int status = EXIT_DONE;
    if (results > 1 && rewrite)
        return fail(EXIT_USAGE, "%s: the page holds %zu results; name the one to rewrite, as %s#1", path,
                    results, path);
    for (size_t i = 1; i <= results && (status == EXIT_DONE || status == EXIT_NOT_MET); i++) {
        int found = verify_numbered(file, path, results > 1 ? i : 0, rewrite);
        status = found ? found : status;
    }
    return status;
}

int verb_verify(int argc, char **argv) {
    const char *rewrite = NULL;
    struct given_option given;
    for (int option; (option = next_option(argc, argv, &options, &given)) != -1;) {
        if (option == '?')
            return EXIT_USAGE;
        rewrite = given.text;
    }
    if (argc - optind != 1)
        return fail(EXIT_USAGE, "verify: expected one result file, got %d", argc - optind);
    struct result_file *file = calloc(1, sizeof *file);
    if (!file)
        return fail(EXIT_NOTHING, "out of memory");
    int status = verify_results(file, argv[optind], rewrite);
    free(file);
    return status;
}
