#include "compile/called.h"

#include "compile/cache.h"
#include "compile/code_hash.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_SHOWN 6
/* Kinds of nm: functions that a file defines (weak and indirect ones, too), and what it leaves to others. */
#define DEFINED "TtWi"
#define UNDEFINED "U"

static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_cxx(const struct source_call *call) {
    return call->source && strstr(call->source, ".cpp");
}

/* Whether a tool ended well; and what it printed (to be freed), if that is wanted. */
static bool ends_well(const struct words *command, const struct command_limits *limits, char **out) {
    struct command_result result = {0};
    struct problem problem;
    bool well = command_run(command, limits, &result, &problem) == 0 && result.exit_status == 0;
    if (well && out) {
        *out = result.out;
        result.out = NULL;
    }
    command_result_clear(&result);
    return well;
}

/* Whether the compiler's command does so with `flags` (split) and files behind; `object` may be NULL. */
static bool compiles(const struct words *compile, const char *flags, const char *source, const char *object,
                     const struct command_limits *limits) {
    struct words command = {0};
    int status = words_add_all(&command, compile);
    if (status == 0)
        status = words_split(&command, flags);
    if (status == 0)
        status = words_add(&command, source);
    if (status == 0 && object)
        status = words_add(&command, "-o");
    if (status == 0 && object)
        status = words_add(&command, object);
    bool well = status == 0 && ends_well(&command, limits, NULL);
    words_clear(&command);
    return well;
}

/* What nm prints; NULL where it cannot be had. */
static char *list_symbols(const char *flags, const char *path, const struct command_limits *limits) {
    const char *nm = getenv("NM");
    struct words command = {0};
    char *out = NULL;
    int status = words_split(&command, nm && *nm ? nm : "nm");
    if (status == 0)
        status = words_split(&command, flags);
    if (status == 0)
        status = words_add(&command, path);
    if (status || !ends_well(&command, limits, &out))
        out = NULL;
    words_clear(&command);
    return out;
}

/* The next line "[ADDRESS] KIND NAME" of nm's, name up to its version or parameters. */
static bool next_symbol(char **rest, char *kind, char **name) {
    for (char *line; (line = strsep(rest, "\n"));) {
        char *at = line + strspn(line, "0123456789abcdef");
        at += strspn(at, " ");
        if (!at[0] || at[1] != ' ')
            continue;
        *kind = at[0];
        *name = at + 2;
        (*name)[strcspn(*name, "(@")] = '\0';
        return true;
    }
    return false;
}

static bool is_listed(const char *symbols, const char *kinds, const char *function) {
    char *copy = symbols ? strdup(symbols) : NULL, *rest = copy, *name, kind;
    bool found = false;
    while (copy && !found && next_symbol(&rest, &kind, &name))
        found = strchr(kinds, kind) && !strcmp(name, function);
    free(copy);
    return found;
}

/* Letters that two names have in common at both ends: enough to put the likely one before the others. */
static size_t nearness(const char *a, const char *b) {
    size_t front = 0, back = 0, length = strlen(a), other = strlen(b);
    size_t shorter = length < other ? length : other;
    while (front < shorter && a[front] == b[front])
        front++;
    while (back < shorter - front && a[length - 1 - back] == b[other - 1 - back])
        back++;
    return front + back;
}

static void sort_by_nearness(struct words *names, const char *function) {
    for (size_t i = 1; i < names->count; i++)
        for (size_t j = i;
             j > 0 && nearness(names->items[j], function) > nearness(names->items[j - 1], function); j--) {
            char *swap = names->items[j];
            names->items[j] = names->items[j - 1];
            names->items[j - 1] = swap;
        }
}

/* "f, g, …", the nearest first; empty where there are none. What begins with _ is the toolchain's. */
static void list_functions(char *symbols, const char *function, char *text, size_t size) {
    struct words names = {0};
    char *rest = symbols, *name, kind;
    size_t used = 0;
    text[0] = '\0';
    while (symbols && next_symbol(&rest, &kind, &name))
        if (strchr(DEFINED, kind) && name[0] != '_' && words_add(&names, name))
            break;
    sort_by_nearness(&names, function);
    for (size_t i = 0; i < names.count && i <= NAMES_SHOWN && used + 80 < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%.64s", i ? ", " : "",
                                 i == NAMES_SHOWN ? "…" : names.items[i]);
    words_clear(&names);
}

static int tell_library(const struct source_call *call, char *symbols, struct problem *problem) {
    char names[320];
    list_functions(symbols, call->function, names, sizeof names);
    return problem_set(
        problem, ENOEXEC,
        "%.200s (%s): exports no function %s, which --call names; it exports %s. What is static "
        "or hidden is not exported; a name that is mangled (C++) is told by --symbol",
        call->path, call->variant, call->function, names[0] ? names : "none at all");
}

int called_check_libraries(const struct source_rules *rules, const struct command_limits *limits,
                           struct problem *problem) {
    int status = 0;
    for (size_t i = 0; i < rules->call_count && status == 0; i++) {
        const struct source_call *call = &rules->calls[i];
        char *symbols = call->source ? NULL : list_symbols("-D --defined-only", call->path, limits);
        if (symbols && !is_listed(symbols, DEFINED, call->function))
            status = tell_library(call, symbols, problem);
        free(symbols);
    }
    return status;
}

/* By a translation unit that does nothing but name the function; true where that cannot be asked. */
static bool is_declared(const struct source_call *call, const struct words *compile, const char *scratch,
                        const struct command_limits *limits) {
    char path[8192];
    snprintf(path, sizeof path, "%s.%s", scratch, is_cxx(call) ? "cpp" : "c");
    FILE *file = fopen(path, "we");
    if (!file)
        return true;
    fprintf(file, "#include \"%s\"\n", call->path);
    if (is_cxx(call))
        fprintf(file, "namespace countersign_called { using ::%s; }\n", call->function);
    else
        fprintf(file, "void countersign_called(void);\nvoid countersign_called(void) { (void)&%s; }\n",
                call->function);
    bool written = fclose(file) == 0;
    bool declared = !written || compiles(compile, "-w -fsyntax-only", path, NULL, limits);
    unlink(path);
    return declared;
}

static void tell_source(const struct source_call *call, bool declared, const char *names,
                        struct problem *problem) {
    problem_set(problem, ENOEXEC,
                "%.200s: %s %s, which --call names; it defines %s. Every file must define the function under "
                "that name (static or not)%s",
                call->path, declared ? "declares but does not define" : "does not define", call->function,
                names[0] ? names : "no function",
                declared ? "; an object that defines it can be linked with --ldflags" : "");
}

bool called_is_missing(const struct source_call *call, const struct words *compile, const char *object,
                       const char *scratch, const struct command_limits *limits, struct problem *problem) {
    char own[8192], names[320] = "", *symbols = object ? list_symbols("-u -C", object, limits) : NULL;
    bool declared = is_listed(symbols, UNDEFINED, call->function);
    free(symbols);
    if (object ? !declared
               : !compiles(compile, "-w -fsyntax-only", call->path, NULL, limits) ||
                     is_declared(call, compile, scratch, limits))
        return false;
    snprintf(own, sizeof own, "%s.o", scratch);
    if (compiles(compile, "-w -O0 -c", call->path, own, limits)) {
        symbols = list_symbols("-C --defined-only", own, limits);
        list_functions(symbols, call->function, names, sizeof names);
        free(symbols);
    }
    unlink(own);
    tell_source(call, declared, names, problem);
    return true;
}

uint64_t called_key(const struct source_rules *rules, uint64_t key) {
    char hash[17];
    uint64_t bytes;
    for (size_t i = 0; i < rules->call_count; i++)
        if (!rules->calls[i].source && code_hash_library(rules->calls[i].path, hash, &bytes) == 0)
            key = hash_text(key, hash);
    return key;
}

static const char *object_of(const struct words *sources, const struct words *objects, const char *source) {
    for (size_t i = 0; source && i < sources->count && i < objects->count; i++)
        if (!strcmp(file_name(sources->items[i]), source))
            return objects->items[i];
    return NULL;
}

int called_write(const struct source_rules *rules, const struct words *sources, const struct words *objects,
                 const char *file, struct problem *problem) {
    FILE *stream = fopen(file, "we");
    if (!stream)
        return problem_set(problem, errno, "%s: %s", file, strerror(errno));
    for (size_t i = 0; i < rules->call_count; i++) {
        const struct source_call *call = &rules->calls[i];
        const char *object = object_of(sources, objects, call->source);
        const char *symbol = object ? source_rules_symbol(rules, call->source) : NULL;
        char hash[17];
        uint64_t bytes = 0;
        int status = !call->source ? code_hash_library(call->path, hash, &bytes)
                     : symbol      ? code_hash_object(object, symbol, 0, hash, &bytes)
                                   : -ENODATA;
        if (status == 0)
            fprintf(stream, "%s %s %" PRIu64 "\n", call->variant, hash, bytes);
    }
    bool failed = ferror(stream);
    if (fclose(stream) == 0 && !failed)
        return 0;
    int error = errno ? errno : EIO;
    return problem_set(problem, error, "%s: %s", file, strerror(error));
}
