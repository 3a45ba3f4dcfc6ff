/* countersign new: a kernel and a case of one's own, from a template or another case. */
#include "cli/new.h"

#include "report/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NEW_KERNEL_ONLY = OPTION_FIRST, NEW_CXX, NEW_FROM, NEW_DIRECTORY, NEW_QUIET };

static const struct option_row rows[] = {
    {"kernel-only", NULL, NEW_KERNEL_ONLY,
     "no case.yaml and no README.md: measured at the kernel's default parameters", FLAG},
    {"cxx", NULL, NEW_CXX, "in C++ instead of C", FLAG},
    {"from", "CASE", NEW_FROM,
     "a copy of this case and of its kernel instead of the template, both named NAME (default: my-CASE)",
     .kind = VALUE_CASE},
    {"dir", "FOLDER", NEW_DIRECTORY, "where to make it (default: here)", .kind = VALUE_FOLDER},
    {"quiet", NULL, NEW_QUIET, "do not say what was made", FLAG},
    OPTIONS_END};

static const struct verb_options options = {
    .usage =
        "usage: countersign new NAME [option…]\n"
        "       countersign new --from CASE [NAME] [option…]\n\n"
        "Makes the folder NAME: a kernel with a baseline and a candidate, and a case that measures them. It "
        "works as it is\n"
        "(`countersign run ./NAME`); put your own problem and your own change in its place. NAME is made of "
        "a-z, 0-9, - and _.\n\n",
    .rows = rows,
    .operands = VALUE_NONE};

const struct verb_options *new_options(void) {
    return &options;
}

struct new_arguments {
    const char *name, *folder, *from; /* from: NULL for the template */
    char own_name[RESULT_NAME];
    bool kernel_only, cxx, quiet;
};

/* "my-" and the case's name, the last of a folder's. */
static void name_after(const char *from, char name[RESULT_NAME]) {
    size_t length = strlen(from);
    while (length > 1 && from[length - 1] == '/')
        length--;
    size_t start = length;
    while (start > 0 && from[start - 1] != '/')
        start--;
    snprintf(name, RESULT_NAME, "my-%.*s", (int)(length - start), from + start);
}

static int read_arguments(int argc, char **argv, struct new_arguments *arguments) {
    struct given_option given;
    *arguments = (struct new_arguments){.folder = "."};
    for (int option; (option = next_option(argc, argv, &options, &given)) != -1;) {
        if (option == '?')
            return -1;
        arguments->kernel_only |= option == NEW_KERNEL_ONLY;
        arguments->cxx |= option == NEW_CXX;
        arguments->quiet |= option == NEW_QUIET;
        if (option == NEW_FROM)
            arguments->from = given.text;
        if (option == NEW_DIRECTORY)
            arguments->folder = *given.text ? given.text : ".";
    }
    if (arguments->from && (arguments->kernel_only || arguments->cxx)) {
        fail(EXIT_USAGE, "new: --from copies what there is; --%s is for the template",
             arguments->cxx ? "cxx" : "kernel-only");
        return -1;
    }
    if (argc - optind == 0 && arguments->from) {
        name_after(arguments->from, arguments->own_name);
        arguments->name = arguments->own_name;
        return 0;
    }
    if (argc - optind != 1) {
        fail(EXIT_USAGE, "new: expected one name, got %d; see `countersign new --help`", argc - optind);
        return -1;
    }
    arguments->name = argv[optind];
    return 0;
}

/* What the harness takes for the name of a kernel, and no option and no hidden folder. */
static int check_name(const char *name, struct problem *problem) {
    static const char legal[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = strlen(name);
    if (length && length < RESULT_NAME && strspn(name, legal) == length && *name != '-' && *name != '_')
        return 0;
    return problem_set(
        problem, EINVAL,
        "new: expected a name of a-z, 0-9, - and _ that begins with a letter or a digit, of at most "
        "%d characters, got '%.100s'; --dir says where it is made",
        RESULT_NAME - 1, name);
}

int new_read(const char *path, char **text, struct problem *problem) {
    size_t size = 0;
    FILE *file = fopen(path, "re");
    char *whole = NULL, piece[4096];
    FILE *stream = file ? open_memstream(&whole, &size) : NULL;
    int status = stream ? 0 : -errno;
    for (size_t got; status == 0 && (got = fread(piece, 1, sizeof piece, file)) > 0;)
        fwrite(piece, 1, got, stream);
    if (status == 0 && ferror(file))
        status = -EIO;
    if (stream && fclose(stream) != 0 && status == 0)
        status = -ENOMEM;
    if (file)
        fclose(file);
    *text = whole;
    return status ? problem_set(problem, -status, "%s: %s; countersign is not completely installed", path,
                                strerror(-status))
                  : 0;
}

int new_write(const char *path, const char *text, struct problem *problem) {
    FILE *file = fopen(path, "wxe");
    if (!file)
        return problem_set(problem, errno, "%s: %s", path, strerror(errno));
    fputs(text, file);
    int error = ferror(file) ? EIO : 0;
    if (fclose(file) != 0)
        error = errno;
    return error ? problem_set(problem, error, "%s: %s", path, strerror(error)) : 0;
}

/* Writes a template with the name in the place of @NAME@. */
static int write_template(const char *path, const char *text, const char *name, struct problem *problem) {
    static const char mark[] = "@NAME@";
    struct text named = {0};
    for (const char *found; (found = strstr(text, mark)); text = found + sizeof mark - 1) {
        text_add_bytes(&named, text, (size_t)(found - text));
        text_add(&named, name);
    }
    text_add(&named, text);
    int status = named.failed ? problem_set(problem, ENOMEM, "out of memory")
                              : new_write(path, text_string(&named), problem);
    text_clear(&named);
    return status;
}

/* Copies the templates of one folder into `to`. */
static int copy_templates(const char *from, const char *to, const char *name, struct problem *problem) {
    size_t count;
    char **names = names_with_suffix(from, "", &count);
    int status = count ? 0
                       : problem_set(problem, ENOENT,
                                     "%s: no templates; countersign is not completely installed", from);
    for (size_t i = 0; i < count && status == 0; i++) {
        char source[8192], target[8192], *text = NULL;
        snprintf(source, sizeof source, "%s/%s", from, names[i]);
        snprintf(target, sizeof target, "%s/%s", to, names[i]);
        status = new_read(source, &text, problem);
        if (status == 0)
            status = write_template(target, text, name, problem);
        free(text);
    }
    names_free(names);
    return status;
}

static void remove_files(const char *folder) {
    size_t count;
    char **names = names_with_suffix(folder, "", &count), path[8192];
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    names_free(names);
    rmdir(folder);
}

static int refuse_existing(const char *path, struct problem *problem) {
    return problem_set(problem, EEXIST, "%s is there already; choose another name, or remove it", path);
}

/* Puts the whole folder into place, or nothing. */
static int settle(const char *part, const char *path, struct problem *problem) {
    mode_t mask = umask(0);
    umask(mask);
    if (caught_signal)
        return problem_set(problem, EINTR, "interrupted; nothing was written");
    if (chmod(part, 0777 & ~mask) != 0)
        return problem_set(problem, errno, "%s: %s", part, strerror(errno));
    int status = renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE);
    if (status != 0 &&
        (errno == EINVAL || errno == ENOSYS)) { /* some file systems cannot look and move at once */
        struct stat facts;
        status = lstat(path, &facts) == 0 ? (errno = EEXIST, -1) : rename(part, path);
    }
    if (status == 0)
        return 0;
    return errno == EEXIST || errno == ENOTEMPTY
               ? refuse_existing(path, problem)
               : problem_set(problem, errno, "%s: %s", path, strerror(errno));
}

static int make_folder(const struct paths *paths, const struct new_arguments *arguments, const char *path,
                       struct problem *problem) {
    char part[4096 + 128], from[4200];
    struct stat facts;
    if (lstat(path, &facts) == 0)
        return refuse_existing(path, problem);
    if (snprintf(part, sizeof part, "%s/.%s-XXXXXX", arguments->folder, arguments->name) >= 4096)
        return problem_set(problem, ENAMETOOLONG, "%s: the path is too long", arguments->folder);
    if (!mkdtemp(part))
        return problem_set(problem, errno, "cannot make a folder in %s: %s", arguments->folder,
                           strerror(errno));
    snprintf(from, sizeof from, "%s/%s", paths->templates, arguments->cxx ? "cxx" : "c");
    int status = arguments->from ? new_copy_case(paths, arguments->from, part, arguments->name, problem)
                                 : copy_templates(from, part, arguments->name, problem);
    snprintf(from, sizeof from, "%s/case", paths->templates);
    if (status == 0 && !arguments->kernel_only && !arguments->from)
        status = copy_templates(from, part, arguments->name, problem);
    if (status == 0)
        status = settle(part, path, problem);
    if (status)
        remove_files(part);
    return status;
}

static int tell(const struct new_arguments *arguments, const char *path) {
    const char *slash = strchr(path, '/') ? "" : "./";
    char text[4096 * 2 + 512];
    if (arguments->from) {
        snprintf(text, sizeof text, "%s%s\nnext: countersign run %s%s --quick\n", slash, path, slash, path);
        return finish_output(print_text(text, stdout), EXIT_DONE);
    }
    snprintf(text, sizeof text,
             "%s%s\n%s%s"
             "next: countersign run %s%s%s\n",
             slash, path,
             arguments->cxx ? "  kernel.cpp      the problem, its input, what there is, and your change\n"
                            : "  kernel.c        the problem, its input, where the answer lies\n"
                              "  baseline.c      what there is\n"
                              "  candidate.c     your change\n",
             arguments->kernel_only ? ""
                                    : "  case.yaml       sizes, and what is predicted\n"
                                      "  README.md       the lesson\n",
             slash, path, arguments->kernel_only ? "" : " --quick");
    return finish_output(print_text(text, stdout), EXIT_DONE);
}

int verb_new(int argc, char **argv) {
    struct new_arguments arguments;
    struct paths paths;
    struct problem problem;
    char path[4096];
    if (read_arguments(argc, argv, &arguments))
        return EXIT_USAGE;
    bool here = !strcmp(arguments.folder, ".");
    size_t length = strlen(arguments.folder);
    if (check_name(arguments.name, &problem) || paths_find(&paths, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    if (snprintf(path, sizeof path, "%s%s%s", here ? "" : arguments.folder,
                 here || arguments.folder[length - 1] == '/' ? "" : "/", arguments.name) >= (int)sizeof path)
        return fail(EXIT_USAGE, "%s: the path is too long", arguments.folder);
    catch_signals();
    int status = make_folder(&paths, &arguments, path, &problem);
    if (status == -EINTR && caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal, "%s", problem.text);
    if (status)
        return fail(EXIT_USAGE, "%s", problem.text);
    return arguments.quiet ? EXIT_DONE : tell(&arguments, path);
}
