/* Where a run's result goes, and what is said at its end. */
#include "cli/run_output.h"

#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether a file can be made in the folder, found out by making one. */
static int try_folder(const char *folder, const char *id) {
    char probe[2 * PATH_MAX];
    int status = folder_make(folder);
    if (status)
        return status;
    snprintf(probe, sizeof probe, "%s/.%s.probe", folder, id);
    int fd = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    close(fd);
    unlink(probe);
    return 0;
}

int choose_output(const char *output, const struct paths *paths, const char *id, char *path, size_t size,
                  struct problem *problem) {
    struct stat facts;
    char folder[PATH_MAX];
    if (!output)
        output = paths->results;
    size_t length = strlen(output);
    if (length >= sizeof folder - RESULT_NAME)
        return problem_set(problem, ENAMETOOLONG, "results folder: the name is too long (%zu bytes)", length);
    memcpy(folder, output, length + 1);
    while (length > 1 && folder[length - 1] == '/')
        folder[--length] = '\0';
    if (length > 5 && !strcmp(output + length - 5, ".json") &&
        (stat(output, &facts) != 0 || !S_ISDIR(facts.st_mode))) {
        snprintf(path, size, "%s", output);
        char *slash = strrchr(folder, '/');
        if (slash)
            slash[slash == folder] = '\0'; /* "/run.json" is in "/" */
        else
            memcpy(folder, ".", 2);
    } else
        snprintf(path, size, "%s/%s.json", folder, id);
    int status = try_folder(folder, id);
    return status ? problem_set(problem, -status, "results folder %s: %s; name another with --output", folder,
                                strerror(-status))
                  : 0;
}

/* Samples that cannot be stored where they should be are not thrown away. */
static int save_elsewhere(const struct run *run, const struct problem *why) {
    char path[PATH_MAX];
    struct problem problem;
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/%s.json", folder && *folder ? folder : "/var/tmp", run->id);
    if (run_save(run, path, &problem))
        return fail(EXIT_USAGE, "%s; nor could it be kept elsewhere: %s", why->text, problem.text);
    return fail(EXIT_USAGE, "%s; the result was kept in %s", why->text, path);
}

/* The last line, and the exit status that goes with it. */
static int judge(const struct run *run, const char *path, const struct problem *failure) {
    if (failure)
        return fail(EXIT_NOTHING, "%s; the points that were complete are in %s", failure->text, path);
    if (caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal, "interrupted; the points that were complete are in %s",
                    path);
    if (run->comparison_count == 0)
        return fail(EXIT_NOTHING, "every point was skipped; the table says why; it is in %s too", path);
    for (size_t i = 0; i < run->comparison_count; i++)
        if (run->comparisons[i].verdict == VERDICT_INVALID)
            return EXIT_INVALID;
    return EXIT_DONE;
}

int conclude_run(const struct run *run, const struct table_request *request, const char *path,
                 const struct problem *failure) {
    struct problem problem;
    if (run->comparison_count == 0 && failure)
        return fail(EXIT_NOTHING, "%s", failure->text);
    if (run->comparison_count == 0 && caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal,
                    "interrupted before a point was complete; nothing was written");
    if (run->comparison_count == 0 && run->skipped_count == 0)
        return fail(EXIT_NOTHING, "nothing was measured");
    if (run_save(run, path, &problem)) {
        print_run(run, request);
        return save_elsewhere(run, &problem);
    }
    int error = print_run(run, request);
    if (error == 0 && request->format == FORMAT_TABLE) {
        printf("\nresult file: %s\n", path);
        error = fflush(stdout) ? -errno : 0;
    }
    if (error && !reader_left(error))
        return fail(EXIT_USAGE, "standard output: %s; the result is complete in %s", output_problem(error),
                    path);
    int status = judge(run, path, failure);
    if (request->format != FORMAT_TABLE && (status == EXIT_DONE || status == EXIT_INVALID))
        fprintf(stderr, "result file: %s\n", path);
    return status;
}
