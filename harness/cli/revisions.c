#include "cli/revisions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUILD_LIMIT_S 3600
#define LOG_LINES 60 /* of a failed build's output: its end, where compilers give up */

int revision_option(struct revision_options *options, const struct given_option *given) {
    switch (given->row->value) {
    case REVISION_GIT:
        options->range = given->text;
        return 0;
    case REVISION_BUILD:
        options->build = given->text;
        return 0;
    case REVISION_REPOSITORY:
        options->folder = given->text;
        return 0;
    default:
        options->build_limit_s = given->number;
        return 0;
    }
}

static void say_unexpected(const struct revisions *revisions) {
    const struct revision *ends = revisions->ends;
    if (revisions->repository.dirty)
        fputs("note: there are changes that are not committed; only what is committed is compared\n", stderr);
    if (ends[0].submodules || ends[1].submodules)
        fputs("note: submodules are not checked out; --build can do it (git submodule update --init)\n",
              stderr);
}

int revisions_open(struct revisions *revisions, const struct revision_options *options, const char *scratch,
                   bool quiet) {
    char names[2][256];
    struct problem problem;
    *revisions = (struct revisions){.options = *options, .quiet = quiet};
    if (options->build_limit_s == 0)
        revisions->options.build_limit_s = BUILD_LIMIT_S;
    if (revision_range_split(options->range, names[0], names[1], sizeof names[0], &problem))
        return fail(EXIT_USAGE, "--git: %s", problem.text);
    catch_signals(); /* from here on there is a folder to remove */
    int status = repository_open(&revisions->repository, options->folder, scratch, &caught_signal, &problem);
    for (size_t i = 0; i < 2 && status == 0; i++)
        status = revision_find(&revisions->repository, names[i], &revisions->ends[i], &problem);
    if (status && caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal, "interrupted; nothing was measured");
    if (status)
        return fail(EXIT_USAGE, "%s", problem.text);
    if (!quiet)
        say_unexpected(revisions);
    return 0;
}

void revisions_close(struct revisions *revisions) {
    repository_close(&revisions->repository);
}

static void say_building(const struct revisions *revisions, const struct revision *revision) {
    if (!revisions->quiet && isatty(STDERR_FILENO)) {
        char text[sizeof *revision + 32];
        snprintf(text, sizeof text, "building %s (%s)\n", revision->name, revision->subject);
        print_text(text, stderr);
    }
}

int revisions_build(struct revisions *revisions, struct revision_place *place, char **log,
                    struct problem *problem) {
    const struct revision_options *options = &revisions->options;
    struct problem why;
    int exit_status = 0;
    *log = NULL;
    int status = worktree_check_out(&revisions->repository, &place->tree, &place->revision, problem);
    if (status || !options->build)
        return status;
    say_building(revisions, &place->revision);
    status = worktree_build(&revisions->repository, &place->tree, options->build, options->build_limit_s,
                            &exit_status, log, &why);
    if (status == -ETIMEDOUT)
        return problem_set(problem, ENOEXEC, "building %s %s", place->revision.name, why.text);
    if (status)
        return problem_set(problem, -status, "building %s: %s", place->revision.name, why.text);
    if (exit_status > 128)
        return problem_set(problem, ENOEXEC, "building %s failed (signal %d)", place->revision.name,
                           exit_status - 128);
    return exit_status ? problem_set(problem, ENOEXEC, "building %s failed (exit %d)", place->revision.name,
                                     exit_status)
                       : 0;
}

static void print_log(const char *log) {
    size_t lines = 0;
    const char *from = log + strlen(log);
    while (from > log && lines <= LOG_LINES)
        lines += *--from == '\n';
    if (from > log)
        print_text("…\n", stderr);
    print_text(from > log ? from + 1 : log, stderr);
    if (*log && log[strlen(log) - 1] != '\n')
        fputc('\n', stderr);
}

int revisions_build_or_say(struct revisions *revisions, struct revision_place *place) {
    struct problem problem;
    char *log = NULL;
    int status = revisions_build(revisions, place, &log, &problem);
    if (status && caught_signal)
        status = EXIT_INTERRUPTED + caught_signal;
    else if (status) {
        if (log)
            print_log(log);
        status = fail(EXIT_USAGE, "%s", problem.text);
    }
    free(log);
    return status;
}

char *revisions_command(const char *text, const char *path) {
    static const char *const marks[] = {"{}", "${COUNTERSIGN_TREE}", "$COUNTERSIGN_TREE"};
    char *command = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&command, &size);
    if (!stream)
        return NULL;
    while (*text) {
        size_t length = 0;
        for (size_t i = 0; i < sizeof marks / sizeof *marks && !length; i++)
            if (!strncmp(text, marks[i], strlen(marks[i])))
                length = strlen(marks[i]);
        if (length)
            fputs(path, stream);
        else
            fputc(*text, stream);
        text += length ? length : 1;
    }
    if (fclose(stream) == 0)
        return command;
    free(command);
    return NULL;
}
