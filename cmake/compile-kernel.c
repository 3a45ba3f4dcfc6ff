/*
 * compile-kernel: compiles a kernel as `countersign run FOLDER` does, for a build system: the kernels that come
 * with the program, and those of countersign_add_kernel (KernelModule.cmake). The environment's CFLAGS,
 * CXXFLAGS and LDFLAGS are not looked at: a build takes minutes to be repeated, and what was in force when it
 * began is not what is in force when it goes on.
 */
#include "compile/kernel_build.h"

#include "base/folder.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOOL_TIME_S 600.0

static const char usage[] =
    "usage: compile-kernel --output FOLDER --cache FOLDER --include FOLDER [option…] FOLDER [SOURCE…]\n\n"
    "Compiles the kernel in FOLDER, or the sources that are named, for this processor and for any,\n"
    "and leaves NAME.native.so, NAME.portable.so and what they are linked from in --output. Without a\n"
    "package or library that it needs, it leaves NAME.missing there, which says so, and ends well.\n\n"
    "  --output FOLDER     where the modules go\n"
    "  --cache FOLDER      where objects are kept, this kernel's alone\n"
    "  --include FOLDER    of countersign.h\n"
    "  --name NAME         of the modules (default: the folder's)\n"
    "  --stamp FILE        is made, or renewed, once the modules are there; removed where one is missing\n"
    "  --depfile FILE      make's rule of what the stamp depends on\n"
    "  --cc, --cxx WORDS   compilers (default: cc, c++)\n"
    "  --flags WORDS       of the native build (default: -O3 -g -march=native)\n"
    "  --portable WORDS    processor of the portable build (default: this architecture's)\n"
    "  --warnings WORDS, --warnings-cxx WORDS\n"
    "                      flags that change no code, and are not recorded\n"
    "  --launcher WORDS    before the compiler where it compiles, as ccache\n"
    "  --package NAME, --library NAME, --openmp\n"
    "                      what the sources need; without any of them kernel.cmake in FOLDER says so\n";

struct arguments {
    struct kernel_build_request request;
    struct kernel_needs needs;
    struct words sources;
    const char *output, *stamp, *depfile;
};

static int fail(const char *text) {
    fprintf(stderr, "compile-kernel: %s\n", text);
    return 1;
}

/* The environment is how the toolchain is told (toolchain.h). */
static void clear_environment(void) {
    static const char *const names[] = {"CC",       "CXX",     "CFLAGS",
                                        "CXXFLAGS", "LDFLAGS", "COUNTERSIGN_PORTABLE_FLAGS"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

static int set_flags(const char *flags) {
    return setenv("CFLAGS", flags, 1) || setenv("CXXFLAGS", flags, 1);
}

static int read_option(int option, struct arguments *arguments) {
    struct kernel_build_request *request = &arguments->request;
    const char **const texts[] = {
        ['o'] = &arguments->output, ['c'] = &request->cache,    ['i'] = &request->include,
        ['n'] = &request->name,     ['s'] = &arguments->stamp,  ['d'] = &arguments->depfile,
        ['w'] = &request->flags[0], ['W'] = &request->flags[1], ['l'] = &request->launcher};
    switch (option) {
    case 'C':
        return setenv("CC", optarg, 1);
    case 'X':
        return setenv("CXX", optarg, 1);
    case 'f':
        return set_flags(optarg);
    case 'p':
        return setenv("COUNTERSIGN_PORTABLE_FLAGS", optarg, 1);
    case 'P':
        request->needs = &arguments->needs;
        return words_add(&arguments->needs.packages, optarg);
    case 'L':
        request->needs = &arguments->needs;
        return words_add(&arguments->needs.libraries, optarg);
    case 'O':
        request->needs = &arguments->needs;
        arguments->needs.openmp = true;
        return 0;
    case '?':
        return -1;
    default:
        *texts[option] = *optarg ? optarg : NULL;
        return 0;
    }
}

static int read_arguments(int argc, char **argv, struct arguments *arguments) {
    static const struct option options[] = {
        {"output", 1, NULL, 'o'},   {"cache", 1, NULL, 'c'},    {"include", 1, NULL, 'i'},
        {"name", 1, NULL, 'n'},     {"stamp", 1, NULL, 's'},    {"depfile", 1, NULL, 'd'},
        {"cc", 1, NULL, 'C'},       {"cxx", 1, NULL, 'X'},      {"flags", 1, NULL, 'f'},
        {"portable", 1, NULL, 'p'}, {"warnings", 1, NULL, 'w'}, {"warnings-cxx", 1, NULL, 'W'},
        {"launcher", 1, NULL, 'l'}, {"package", 1, NULL, 'P'},  {"library", 1, NULL, 'L'},
        {"openmp", 0, NULL, 'O'},   {NULL, 0, NULL, 0}};
    int status = 0;
    for (int option; status == 0 && (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        status = read_option(option, arguments);
    if (status || optind >= argc || !arguments->output || !arguments->request.cache ||
        !arguments->request.include) {
        fputs(usage, stderr);
        return -1;
    }
    arguments->request.folder = argv[optind];
    for (int i = optind + 1; i < argc && status == 0; i++)
        status = words_add(&arguments->sources, argv[i]);
    if (arguments->sources.count) {
        arguments->request.sources = &arguments->sources;
        arguments->request.needs = &arguments->needs;
    }
    return status;
}

/* Files that are not there are none of make's business: kernel.cmake, say. */
static int write_depfile(const struct arguments *arguments, const struct words *read) {
    FILE *file = fopen(arguments->depfile, "we");
    if (!file)
        return -1;
    fprintf(file, "%s:", arguments->stamp);
    for (size_t i = 0; i < read->count; i++) {
        if (access(read->items[i], F_OK) != 0)
            continue;
        fputs(" \\\n ", file);
        for (const char *c = read->items[i]; *c; c++) {
            if (*c == ' ' || *c == '#')
                putc('\\', file);
            if (*c == '$')
                putc('$', file);
            putc(*c, file);
        }
    }
    putc('\n', file);
    bool failed = ferror(file);
    return fclose(file) || failed ? -1 : 0;
}

static int touch(const char *path) {
    FILE *file = fopen(path, "we");
    return file && fclose(file) == 0 ? 0 : -1;
}

static const char *name_of(const struct arguments *arguments) {
    const char *folder = arguments->request.folder, *slash = strrchr(folder, '/');
    return arguments->request.name ? arguments->request.name : slash ? slash + 1 : folder;
}

static int finish(const struct arguments *arguments, const struct kernel_build *build, int status,
                  struct problem *problem) {
    if (build->messages)
        fputs(build->messages, stderr);
    if (status == -ENOPKG) {
        fprintf(stderr, "kernel %s is left out: %s\n", name_of(arguments), problem->text);
        if (arguments->stamp)
            unlink(arguments->stamp);
        status = kernel_build_leave_out(arguments->output, name_of(arguments), problem->text, problem);
    } else if (status == 0) {
        status = kernel_build_publish(build, arguments->output, problem);
        if (status == 0 && ((arguments->depfile && write_depfile(arguments, &build->read)) ||
                            (arguments->stamp && touch(arguments->stamp))))
            status = problem_set(problem, errno, "%s: %s", arguments->stamp, strerror(errno));
    }
    return status ? fail(problem->text) : 0;
}

int main(int argc, char **argv) {
    struct arguments arguments = {.request = {.kind = BUILD_NATIVE, .time_s = TOOL_TIME_S}};
    struct kernel_build build;
    struct problem problem;
    clear_environment();
    if (read_arguments(argc, argv, &arguments))
        return 2;
    int made = folder_make(arguments.output);
    if (made == 0)
        made = folder_make(arguments.request.cache);
    if (made) {
        fprintf(stderr, "compile-kernel: %s or %s: %s\n", arguments.output, arguments.request.cache,
                strerror(-made));
        return 1;
    }
    int status = kernel_build(&arguments.request, &build, &problem);
    status = finish(&arguments, &build, status, &problem);
    kernel_build_clear(&build);
    kernel_needs_clear(&arguments.needs);
    words_clear(&arguments.sources);
    return status;
}
