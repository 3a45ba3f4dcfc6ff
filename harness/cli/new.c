/* countersign new: a kernel and a case of one's own, from a template or another case, or a setup from two sources. */
#include "cli/new.h"

#include "report/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NEW_KERNEL_ONLY = OPTION_FIRST,
    NEW_CXX,
    NEW_FROM,
    NEW_DIRECTORY,
    NEW_HEADER,
    NEW_FUNCTION,
    NEW_CFLAGS,
    NEW_QUIET
};

static const struct option_row rows[] = {
    {"kernel-only", NULL, NEW_KERNEL_ONLY,
     "no case.yaml and no README.md: measured at the kernel's default parameters", FLAG},
    {"cxx", NULL, NEW_CXX, "in C++ instead of C", FLAG},
    {"from", "CASE", NEW_FROM,
     "a copy of this case and of its kernel instead of the template, both named NAME (default: my-CASE); or the first of "
     "two sources, for a setup",
     .kind = VALUE_CASE},
    {"function", "NAME", NEW_FUNCTION,
     "with sources: the function, where they have several in common; of overloaded ones with its types, as in "
     "'own::f(const int *, size_t)'",
     ANY_TEXT},
    {"header", "FILE", NEW_HEADER,
     "with sources: a header that the setup includes, <map> or one of yours; may be repeated", ANY_TEXT},
    {"cflags", "FLAGS", NEW_CFLAGS, "with sources: further compiler flags, behind $CFLAGS or $CXXFLAGS",
     ANY_TEXT},
    {"dir", "FOLDER", NEW_DIRECTORY, "where to make it (default: here)", .kind = VALUE_FOLDER},
    {"quiet", NULL, NEW_QUIET, "do not say what was made", FLAG},
    OPTIONS_END};

static const struct verb_options options = {
    .usage =
        "usage: countersign new NAME [option…]\n"
        "       countersign new --from CASE [NAME] [option…]\n"
        "       countersign new --from OLD.cpp NEW.cpp [NAME] [option…]\n\n"
        "Makes the folder NAME: a kernel with a baseline and a candidate, and a case that measures them. It "
        "works as it is\n"
        "(`countersign run ./NAME`); put your own problem and your own change in its place. NAME is made of "
        "a-z, 0-9, - and _.\n"
        "From two sources that define one function, as they are, it makes one file: a setup, NAME.cpp or NAME.c, that makes "
        "inputs of its types,\n"
        "calls it and compares answers (`countersign duel OLD.cpp NEW.cpp --setup NAME.cpp`).\n\n",
    .rows = rows,
    .operands = VALUE_NONE};

const struct verb_options *new_options(void) {
    return &options;
}

struct new_arguments {
    const char *name, *folder, *from; /* from: NULL for the template */
    char own_name[RESULT_NAME];
    bool kernel_only, cxx, quiet;
    struct new_setup setup; /* of two sources; set where `from` is one */
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

/* The second source, and perhaps the setup's name. */
static int read_sources(int count, char **words, struct new_arguments *arguments) {
    if (count < 1 || count > 2) {
        fail(EXIT_USAGE, "new: --from %s: expected another source, and then a name at most; got %d words",
             arguments->from, count);
        return -1;
    }
    struct new_setup *setup = &arguments->setup;
    setup->files[0] = (char *)(uintptr_t)arguments->from;
    setup->files[1] = words[0];
    setup->name = count == 2 ? words[1] : NULL;
    setup->folder = arguments->folder;
    setup->quiet = arguments->quiet;
    return 0;
}

static int take_option(int option, const char *text, struct new_arguments *arguments) {
    arguments->kernel_only |= option == NEW_KERNEL_ONLY;
    arguments->cxx |= option == NEW_CXX;
    arguments->quiet |= option == NEW_QUIET;
    if (option == NEW_FROM)
        arguments->from = text;
    if (option == NEW_DIRECTORY)
        arguments->folder = *text ? text : ".";
    if (option == NEW_FUNCTION)
        arguments->setup.function = text;
    if (option == NEW_CFLAGS)
        arguments->setup.cflags = text;
    return option == NEW_HEADER ? words_add(&arguments->setup.headers, text) : 0;
}

static int read_arguments(int argc, char **argv, struct new_arguments *arguments) {
    struct given_option given;
    *arguments = (struct new_arguments){.folder = "."};
    for (int option; (option = next_option(argc, argv, &options, &given)) != -1;) {
        if (option == '?')
            return -1;
        if (take_option(option, given.text, arguments))
            return fail(-1, "out of memory");
    }
    if (arguments->from && (arguments->kernel_only || arguments->cxx)) {
        fail(EXIT_USAGE, "new: --from copies what there is; --%s is for the template",
             arguments->cxx ? "cxx" : "kernel-only");
        return -1;
    }
    if (arguments->from && new_is_source(arguments->from))
        return read_sources(argc - optind, argv + optind, arguments);
    if (arguments->setup.function || arguments->setup.cflags || arguments->setup.headers.count) {
        fail(EXIT_USAGE, "new: --%s is for two sources: --from OLD.cpp NEW.cpp",
             arguments->setup.function ? "function"
             : arguments->setup.cflags ? "cflags"
                                       : "header");
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
int new_check_name(const char *name, struct problem *problem) {
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

int new_refuse_existing(const char *path, struct problem *problem) {
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
               ? new_refuse_existing(path, problem)
               : problem_set(problem, errno, "%s: %s", path, strerror(errno));
}

static int make_folder(const struct paths *paths, const struct new_arguments *arguments, const char *path,
                       struct problem *problem) {
    char part[4096 + 128], from[4200];
    struct stat facts;
    if (lstat(path, &facts) == 0)
        return new_refuse_existing(path, problem);
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

int new_join_path(const char *folder, const char *name, char path[4096], struct problem *problem) {
    bool here = !strcmp(folder, ".");
    int length = snprintf(path, 4096, "%s%s%s", here ? "" : folder,
                          here || folder[strlen(folder) - 1] == '/' ? "" : "/", name);
    return length < 4096 ? 0 : problem_set(problem, ENAMETOOLONG, "%s: the path is too long", folder);
}

int verb_new(int argc, char **argv) {
    struct new_arguments arguments;
    struct paths paths;
    struct problem problem;
    char path[4096];
    int status = read_arguments(argc, argv, &arguments) ? EXIT_USAGE : 0;
    bool sources = arguments.setup.files[0] != NULL;
    if (status == 0 && sources)
        status = new_write_setup(&arguments.setup);
    words_clear(&arguments.setup.headers);
    if (status || sources)
        return status;
    if (new_check_name(arguments.name, &problem) || paths_find(&paths, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    if (new_join_path(arguments.folder, arguments.name, path, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    catch_signals();
    status = make_folder(&paths, &arguments, path, &problem);
    if (status == -EINTR && caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal, "%s", problem.text);
    if (status)
        return fail(EXIT_USAGE, "%s", problem.text);
    return arguments.quiet ? EXIT_DONE : tell(&arguments, path);
}
