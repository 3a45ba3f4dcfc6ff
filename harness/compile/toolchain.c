#include "compile/toolchain.h"

#include "base/child.h"
#include "base/find_program.h"
#include "base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define ASKED_SECONDS 10 /* a compiler may be replaced while a run goes on */

static const char optimization[] = "-O3 -g";
static const char *const processor[BUILD_KINDS] = {
    [BUILD_NATIVE] = "-march=native",
#ifdef __x86_64__
    [BUILD_PORTABLE] = "-march=x86-64-v3",
#else
    [BUILD_PORTABLE] = "",
#endif
};

const char *build_kind_name(enum build_kind kind) {
    return kind == BUILD_NATIVE ? "native" : "portable";
}

static int split_variable(struct words *words, const char *variable, const char *value,
                          struct problem *problem) {
    int status = words_split(words, value);
    if (status == -EINVAL)
        return problem_set(problem, EINVAL, "%s: a quote is not closed in: %s", variable, value);
    return status ? problem_set(problem, -status, "out of memory") : 0;
}

static int read_command(struct words *words, const char *variable, const char *given, const char *otherwise,
                        struct problem *problem) {
    int status = split_variable(words, variable, given ? given : "", problem);
    return status == 0 && words->count == 0 ? split_variable(words, variable, otherwise, problem) : status;
}

bool toolchain_is_native_alone(const char *flag) {
    /* -g, -g3, -ggdb, -gdwarf-5, -gsplit-dwarf, -gz: all that begins so is about debug data. */
    static const char *const options[] = {
        "-march=", "-mcpu=", "-mtune=", "-mavx512", "-mavx10", "-g", "-fdebug-default-version"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (!strncmp(flag, options[i], strlen(options[i])))
            return true;
    return false;
}

/*
 * Valgrind up to 3.19 gives up on the DWARF 5 that clang writes. The portable build is only simulated, so it
 * gets what every Valgrind reads, whatever the flags, or the words of $CC before them, ask for.
 */
static int make_portable(struct words *portable, const struct words *native) {
    int status = 0;
    for (size_t i = 0; i < native->count && status == 0; i++)
        if (!toolchain_is_native_alone(native->items[i]))
            status = words_add(portable, native->items[i]);
    if (status == 0)
        status = words_add(portable, "-gdwarf-4");
    const char *other = getenv("COUNTERSIGN_PORTABLE_FLAGS");
    return status ? status : words_split(portable, other ? other : processor[BUILD_PORTABLE]);
}

static int read_flags(struct words flags[BUILD_KINDS], const char *variable, const char *given,
                      const char *standard, struct problem *problem) {
    int status = words_add(&flags[BUILD_NATIVE], standard);
    if (status == 0 && given && *given)
        status = split_variable(&flags[BUILD_NATIVE], variable, given, problem);
    else if (status == 0) {
        status = words_split(&flags[BUILD_NATIVE], optimization);
        if (status == 0)
            status = words_split(&flags[BUILD_NATIVE], processor[BUILD_NATIVE]);
    }
    if (status == 0 && make_portable(&flags[BUILD_PORTABLE], &flags[BUILD_NATIVE]))
        status = problem_set(problem, ENOMEM, "out of memory");
    return status;
}

int toolchain_read(struct toolchain *toolchain, struct problem *problem) {
    *toolchain = (struct toolchain){0};
    const char *ldflags = getenv("LDFLAGS");
    int status = read_command(&toolchain->cc, "CC", getenv("CC"), "cc", problem);
    if (status == 0)
        status = read_command(&toolchain->cxx, "CXX", getenv("CXX"), "c++", problem);
    if (status == 0)
        status =
            read_command(&toolchain->pkg_config, "PKG_CONFIG", getenv("PKG_CONFIG"), "pkg-config", problem);
    if (status == 0)
        status = read_flags(toolchain->cflags, "CFLAGS", getenv("CFLAGS"), "-std=gnu17", problem);
    if (status == 0)
        status = read_flags(toolchain->cxxflags, "CXXFLAGS", getenv("CXXFLAGS"), "-std=gnu++20", problem);
    if (status == 0)
        status = split_variable(&toolchain->ldflags, "LDFLAGS", ldflags ? ldflags : "", problem);
    return status;
}

void toolchain_clear(struct toolchain *toolchain) {
    words_clear(&toolchain->cc);
    words_clear(&toolchain->cxx);
    words_clear(&toolchain->pkg_config);
    words_clear(&toolchain->ldflags);
    for (int kind = 0; kind < BUILD_KINDS; kind++) {
        words_clear(&toolchain->cflags[kind]);
        words_clear(&toolchain->cxxflags[kind]);
    }
}

/* The user may not know that there is such a variable, nor that it is set. */
static int explain_compiler(const char *variable, const struct problem *why, int status,
                            struct problem *problem) {
    const char *given = getenv(variable);
    return given && *given
               ? problem_set(problem, -status, "%s; it is the compiler that %s names", why->text, variable)
               : problem_set(problem, -status, "%s; install a compiler, or name yours with %s", why->text,
                             variable);
}

/* What a compiler said last. */
struct asked {
    uint64_t key; /* of the command, and of the file that is run */
    double when_s;
    char *version; /* NULL: nothing yet */
};

static uint64_t key_asked(const struct words *command) {
    char path[4096];
    struct stat facts = {0};
    uint64_t key = HASH_START;
    for (size_t i = 0; i < command->count; i++)
        key = hash_text(key, command->items[i]);
    const char *program = strchr(command->items[0], '/')                            ? command->items[0]
                          : find_program(command->items[0], path, sizeof path) == 0 ? path
                                                                                    : NULL;
    if (program && stat(program, &facts) == 0) {
        const int64_t numbers[] = {(int64_t)facts.st_dev, (int64_t)facts.st_ino, facts.st_size,
                                   facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec};
        key = hash_bytes(key, numbers, sizeof numbers);
    }
    return key;
}

/* command_run, of a command that says the same each time, and starts nothing that stays. */
static int run_once(struct asked *asked, const struct words *command, const struct command_limits *limits,
                    struct command_result *result, struct problem *problem) {
    uint64_t key = key_asked(command);
    if (asked->version && asked->key == key && monotonic_s() - asked->when_s < ASKED_SECONDS) {
        *result = (struct command_result){.out = strdup(asked->version), .out_size = strlen(asked->version)};
        return result->out ? 0 : problem_set(problem, ENOMEM, "out of memory");
    }
    struct command_begun begun;
    *result = (struct command_result){0};
    int status = command_begin(&begun, command, problem);
    if (status == 0)
        status = command_end(&begun, command->items[0], limits, result, problem);
    free(asked->version);
    *asked = (struct asked){.key = key, .when_s = monotonic_s()};
    if (status == 0 && result->exit_status == 0)
        asked->version = strdup(result->out);
    return status;
}

int toolchain_ask(const struct toolchain *toolchain, bool cxx, const struct command_limits *limits,
                  struct command_result *result, struct problem *problem) {
    const char *variable = cxx ? "CXX" : "CC";
    static struct asked asked[2];
    struct words command = {0};
    struct problem why;
    int status = words_add_all(&command, cxx ? &toolchain->cxx : &toolchain->cc);
    if (status == 0)
        status = words_add(&command, "--version");
    if (status)
        status = problem_set(problem, ENOMEM, "out of memory");
    else if ((status = run_once(&asked[cxx], &command, limits, result, &why)))
        status = explain_compiler(variable, &why, status, problem);
    else if (result->exit_status) {
        char *line = words_join(&command);
        problem_set(&why, ENOEXEC, "exit status %d of: %s", result->exit_status, line ? line : "a compiler");
        free(line);
        status = explain_compiler(variable, &why, -ENOEXEC, problem);
    }
    words_clear(&command);
    return status;
}

static int refuse(const char *path, int line, struct problem *problem) {
    return problem_set(
        problem, EINVAL,
        "%s:%d: expected set(KERNEL_PACKAGES …), set(KERNEL_LIBRARIES …), set(KERNEL_OPENMP ON) "
        "or a comment; what needs more is built with the CMake package, see docs/YOUR-CODE.md",
        path, line);
}

static int set_openmp(struct kernel_needs *needs, const struct words *values) {
    static const char *const truths[] = {"ON", "TRUE", "YES", "1"}, *const lies[] = {"OFF", "FALSE", "NO",
                                                                                     "0"};
    for (size_t i = 0; values->count == 1 && i < sizeof truths / sizeof *truths; i++) {
        needs->openmp |= !strcasecmp(values->items[0], truths[i]);
        if (!strcasecmp(values->items[0], truths[i]) || !strcasecmp(values->items[0], lies[i]))
            return 0;
    }
    return -EINVAL;
}

/* `set(NAME value…)` in `text`, which has neither comments nor line ends any more. */
static int read_set(struct kernel_needs *needs, char *text) {
    struct words values = {0};
    char *open = strchr(text, '('), *close = strrchr(text, ')');
    *open = *close = '\0';
    for (char *c = open + 1; *c; c++)
        *c = *c == ';' ? ' ' : *c;
    text += strspn(text, " \t");
    text[strcspn(text, " \t")] = '\0';
    int status = strcasecmp(text, "set") || strchr(open + 1, '$') ? -EINVAL : words_split(&values, open + 1);
    if (status == 0 && values.count == 0)
        status = -EINVAL;
    if (status == 0) {
        struct words rest = {values.items + 1, values.count - 1};
        if (!strcmp(values.items[0], "KERNEL_PACKAGES"))
            status = words_add_all(&needs->packages, &rest);
        else if (!strcmp(values.items[0], "KERNEL_LIBRARIES"))
            status = words_add_all(&needs->libraries, &rest);
        else
            status = strcmp(values.items[0], "KERNEL_OPENMP") ? -EINVAL : set_openmp(needs, &rest);
    }
    words_clear(&values);
    return status;
}

/* One command may stretch over lines: collected until its bracket closes. */
static int read_commands(struct kernel_needs *needs, FILE *file, const char *path, struct problem *problem) {
    char line[1024], command[4096] = "";
    int status = 0, number = 0, start = 0;
    while (status == 0 && fgets(line, sizeof line, file)) {
        number++;
        line[strcspn(line, "#\r\n")] = '\0';
        if (!command[0])
            start = number;
        const char *text = command[0] ? line : line + strspn(line, " \t");
        if (strlen(command) + strlen(text) + 2 > sizeof command)
            return refuse(path, start, problem);
        strcat(command, text);
        if (command[0])
            strcat(command, " ");
        const char *close = strchr(command, ')');
        if (!close)
            continue;
        if (close[1 + strspn(close + 1, " \t")] || !strchr(command, '(') || strchr(command, '(') > close)
            return refuse(path, start, problem);
        status = read_set(needs, command);
        command[0] = '\0';
    }
    if (status == -ENOMEM)
        return problem_set(problem, ENOMEM, "out of memory");
    return status || command[0] ? refuse(path, start, problem) : 0;
}

int kernel_needs_read(struct kernel_needs *needs, const char *folder, struct problem *problem) {
    char path[4096];
    *needs = (struct kernel_needs){0};
    if (snprintf(path, sizeof path, "%s/kernel.cmake", folder) >= (int)sizeof path)
        return problem_set(problem, ENAMETOOLONG, "%s: the path is too long", folder);
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? 0 : problem_set(problem, errno, "%s: %s", path, strerror(errno));
    int status = read_commands(needs, file, path, problem);
    fclose(file);
    return status;
}

void kernel_needs_clear(struct kernel_needs *needs) {
    words_clear(&needs->packages);
    words_clear(&needs->libraries);
    needs->openmp = false;
}
