#include "compile/kernel_pair.h"

#include "base/folder.h"
#include "compile/code_hash.h"
#include "compile/toolchain.h"

#include <countersign.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool ends_in(const char *name, const char *suffix) {
    size_t length = strlen(name), end = strlen(suffix);
    return length > end && !strcmp(name + length - end, suffix);
}

/* Files of a folder whose names end so, sorted. 0 or -errno. */
static int list_files(const char *folder, const char *suffix, struct words *names) {
    DIR *directory = opendir(folder);
    int status = directory ? 0 : -errno;
    for (const struct dirent *entry; status == 0 && (entry = readdir(directory));)
        if (ends_in(entry->d_name, suffix) && words_add(names, entry->d_name))
            status = -ENOMEM;
    if (directory)
        closedir(directory);
    words_sort(names);
    return status;
}

/* Appends the objects that the module was linked from, by path. 0 or -errno. */
static int add_objects(const struct kernel_side *side, struct words *command) {
    char folder[8192];
    struct words names = {0};
    size_t stem = strlen(side->module) - (ends_in(side->module, ".so") ? 3 : 0);
    snprintf(folder, sizeof folder, "%.*s.link", (int)stem, side->module);
    int status = list_files(folder, ".o", &names);
    for (size_t i = 0; i < names.count && status == 0; i++)
        status = words_addf(command, "%s/%s", folder, names.items[i]);
    words_clear(&names);
    return status;
}

static int run_tool(const struct words *command, const struct command_limits *limits, char **out,
                    struct problem *problem) {
    struct command_result result = {0};
    int status = command_run(command, limits, &result, problem);
    if (status == 0 && result.exit_status)
        status = problem_set(problem, ENOEXEC, "exit status %d of %s: %.300s", result.exit_status,
                             command->items[0], result.err ? result.err : "");
    if (status == 0 && out) {
        *out = result.out;
        result.out = NULL;
    }
    command_result_clear(&result);
    return status;
}

int kernel_side_merge(const struct kernel_side *side, const struct command_limits *limits,
                      struct problem *problem) {
    struct words command = {0};
    struct toolchain toolchain;
    int status = toolchain_read(&toolchain, problem);
    if (status == 0) {
        status = words_add_all(&command, &toolchain.cc);
        if (status == 0) /* sections stay apart, as a hash takes them whole */
            status = words_split(&command, "-r -nostdlib -nostartfiles -fno-lto -Wl,--unique=* -o");
        if (status == 0)
            status = words_add(&command, side->merged);
        if (status == 0)
            status = add_objects(side, &command);
        status = status ? problem_set(problem, -status, "%s: %s", side->module, strerror(-status))
                        : run_tool(&command, limits, NULL, problem);
    }
    words_clear(&command);
    toolchain_clear(&toolchain);
    return status;
}

bool kernel_sides_equal(const struct kernel_side *old_side, size_t old_variant,
                        const struct kernel_side *new_side, size_t new_variant) {
    static const size_t members[] = {offsetof(struct cs_variant, run), offsetof(struct cs_variant, prepare),
                                     offsetof(struct cs_variant, release),
                                     offsetof(struct cs_variant, supported)};
    const size_t start = offsetof(struct cs_kernel, variants), size = sizeof(struct cs_variant);
    bool equal = true;
    for (size_t i = 0; i < sizeof members / sizeof *members && equal; i++) {
        char hashes[2][17];
        uint64_t bytes;
        int before = code_hash_object(old_side->merged, "cs_kernel", start + old_variant * size + members[i],
                                      hashes[0], &bytes),
            after = code_hash_object(new_side->merged, "cs_kernel", start + new_variant * size + members[i],
                                     hashes[1], &bytes);
        equal = before == after && (before == 0 ? !strcmp(hashes[0], hashes[1]) : i && before == -ENOENT);
    }
    return equal;
}

static int write_text(const char *folder, const char *name, const char *text, struct problem *problem) {
    char path[8192];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    bool failed = !file || fputs(text, file) == EOF;
    if (file && fclose(file))
        failed = true;
    return failed ? problem_set(problem, errno ? errno : EIO, "%s: %s", path, strerror(errno)) : 0;
}

static bool is_identifier(const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '_')
            return false;
    return length && !isdigit((unsigned char)*name);
}

/* A header that gives every name that the old objects share among them another one, which changes no code. */
static int write_names(const struct kernel_side *side, const char *folder,
                       const struct command_limits *limits, struct problem *problem) {
    const char *nm = getenv("NM");
    struct words command = {0};
    char *out = NULL, *text = NULL;
    size_t size;
    int status = words_split(&command, nm && *nm ? nm : "nm");
    if (status == 0)
        status = words_split(&command, "-g --defined-only -P -A");
    if (status == 0)
        status = add_objects(side, &command);
    status = status ? problem_set(problem, -status, "%s: %s", side->module, strerror(-status))
                    : run_tool(&command, limits, &out, problem);
    FILE *stream = status ? NULL : open_memstream(&text, &size);
    for (char *rest = out, *line; stream && (line = strsep(&rest, "\n"));) {
        char *name = strstr(line, ": "); /* FILE: NAME TYPE VALUE SIZE */
        if (!name)
            continue;
        name += 2;
        name[strcspn(name, " ")] = '\0';
        if (!strcmp(name, "cs_kernel"))
            fputs("#define cs_kernel countersign_old_kernel\n", stream);
        else if (is_identifier(name))
            fprintf(stream, "#define %s countersign_old_%s\n", name, name);
    }
    if (stream && fclose(stream) == 0)
        status = write_text(folder, "old-names.h", text, problem);
    else if (status == 0)
        status = problem_set(problem, ENOMEM, "out of memory");
    free(text);
    free(out);
    words_clear(&command);
    return status;
}

/* A file for each source of a revision, which includes it: both are compiled the same way. */
static int write_sources(const char *from, bool is_old, const char *folder, struct problem *problem) {
    struct words names = {0};
    int status = list_files(from, ".c", &names);
    if (status)
        problem_set(problem, -status, "%s: %s", from, strerror(-status));
    for (size_t i = 0; i < names.count && status == 0; i++) {
        char name[512], text[8400];
        if (!is_old && !strcmp(names.items[i], "kernel.c"))
            continue;
        snprintf(name, sizeof name, "%s-%.255s", is_old ? "old" : "new", names.items[i]);
        snprintf(text, sizeof text, "%s#include \"%s/%s\"\n", is_old ? "#include \"old-names.h\"\n" : "",
                 from, names.items[i]);
        status = write_text(folder, name, text, problem);
    }
    words_clear(&names);
    return status;
}

/* A function of a variant that may be absent: of the old revision's, then of the new one's, each with a state of its own. */
#define MEMBER(type, name, parameters, before, after)                                                        \
    "static " type " countersign_old_" name "(" parameters ") {\n"                                           \
    "    return countersign_pair[0]." name "(" before "countersign_state(state, 0)" after ");\n"             \
    "}\n"                                                                                                    \
    "static " type " countersign_new_" name "(" parameters ") {\n"                                           \
    "    return countersign_pair[1]." name "(" before "countersign_state(state, 1)" after ");\n"             \
    "}\n"

/*
 * The struct is renamed with the object, so that both are of one type. Behind the state that setup fills lie two copies, one
 * for each of the pair: what prepare makes is its revision's own. Which copy is first is drawn with the inputs. Both are called
 * the same way, by a pointer that the compiler does not see through.
 */
static const char kernel[] =
    "#define cs_kernel countersign_new_kernel\n"
    "#include \"%s/kernel.c\"\n"
    "#undef cs_kernel\n"
    "#include <string.h>\n\n"
    "#define OLD_INDEX %zu\n#define NEW_INDEX %zu\n#define PLACE %zu\n#define OLD_NAME \"%s\"\n"
    "extern const struct countersign_new_kernel countersign_old_kernel;\n"
    "extern __attribute__((visibility(\"default\"))) struct countersign_new_kernel cs_kernel;\n"
    "struct countersign_new_kernel cs_kernel;\n\n"
    "static volatile struct cs_variant countersign_pair[2];\n"
    "static volatile size_t countersign_end;\n\n" /* of the three states; behind it lie the offsets of the pair's */
    "static inline void *countersign_state(void *state, int which) {\n"
    "    return (char *)state + ((size_t *)((char *)state + countersign_end))[which];\n"
    "}\n\n"
    "static void *countersign_state_of(void *state, size_t variant) {\n"
    "    return variant == PLACE ? countersign_state(state, 0) : variant == NEW_INDEX ? countersign_state(state, 1) : state;\n"
    "}\n\n" MEMBER("void", "run", "void *state", "",
                   "") MEMBER("int", "prepare", "const struct cs_env *env, void *state", "env, ", "")
        MEMBER("void", "release", "void *state", "", "") MEMBER(
            "void", "evidence", "void *state, char *text, size_t size", "",
            ", text, size") "static size_t countersign_index(size_t variant) {\n"
                            "    return variant == PLACE ? NEW_INDEX : variant;\n"
                            "}\n\n"
                            "static size_t countersign_stride(void) {\n"
                            "    return (countersign_new_kernel.state_size + CS_LINE - 1) / CS_LINE * CS_LINE;\n"
                            "}\n\n"
                            "static int countersign_setup(const struct cs_env *env, void *state) {\n"
                            "    size_t stride = countersign_stride(), size = countersign_new_kernel.state_size;\n"
                            "    int status = countersign_new_kernel.setup(env, state);\n"
                            "    for (size_t i = 0; status == 0 && i + sizeof(uintptr_t) <= size; i += sizeof(uintptr_t)) {\n"
                            "        uintptr_t word;\n"
                            "        memcpy(&word, (char *)state + i, sizeof word);\n"
                            "        if (word - (uintptr_t)state < size) {\n"
                            "            if (countersign_new_kernel.teardown)\n"
                            "                countersign_new_kernel.teardown(state);\n"
                            "            return cs_fail(env, EINVAL, \"the state points into itself, so that no revision can have a copy\");\n"
                            "        }\n"
                            "    }\n"
                            "    for (int i = 0; i < 2; i++) {\n"
                            "        ((size_t *)((char *)state + countersign_end))[i] = ((env->seed & 1) == (uint64_t)i ? 1 : 2) * stride;\n"
                            "        memcpy(countersign_state(state, i), state, size);\n"
                            "    }\n"
                            "    return status;\n"
                            "}\n\n"
                            "static void countersign_reset(void *state) {\n"
                            "    for (int i = 0; i < 2; i++)\n"
                            "        countersign_new_kernel.reset(countersign_state(state, i));\n"
                            "}\n\n"
                            "static void countersign_work(const void *state, struct cs_work *work) {\n"
                            "    countersign_new_kernel.work(countersign_state((void *)(uintptr_t)state, 1), work);\n"
                            "}\n\n"
                            "static void countersign_count(const void *state, uint64_t *values) {\n"
                            "    uint64_t more[CS_MAX_COUNTERS];\n"
                            "    countersign_new_kernel.count(countersign_state((void *)(uintptr_t)state, 0), values);\n"
                            "    countersign_new_kernel.count(countersign_state((void *)(uintptr_t)state, 1), more);\n"
                            "    for (size_t i = 0; i < CS_MAX_COUNTERS && countersign_new_kernel.counters[i].name; i++)\n"
                            "        values[i] += more[i];\n"
                            "}\n\n"
                            "static int countersign_poison(void *state, size_t variant) {\n"
                            "    return countersign_new_kernel.poison(countersign_state_of(state, variant), countersign_index(variant));\n"
                            "}\n\n"
                            "static int countersign_outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {\n"
                            "    return countersign_new_kernel.outputs(countersign_state_of(state, variant), countersign_index(variant), outputs,\n"
                            "                                          count);\n"
                            "}\n\n"
                            "static int countersign_check(void *state, size_t variant, struct cs_mismatch *mismatch) {\n"
                            "    return countersign_new_kernel.check(countersign_state_of(state, variant), countersign_index(variant), mismatch);\n"
                            "}\n\n"
                            "#define WRAP(to, from, which, member) (to)->member = (from)->member ? countersign_##which##_##member : NULL\n"
                            "#define WRAP_KERNEL(member) cs_kernel.member = cs_kernel.member ? countersign_##member : NULL\n"
                            "__attribute__((constructor)) static void countersign_add(void) {\n"
                            "    const struct cs_variant *before = &countersign_old_kernel.variants[OLD_INDEX],\n"
                            "                            *after = &countersign_new_kernel.variants[NEW_INDEX];\n"
                            "    cs_kernel = countersign_new_kernel;\n"
                            "    struct cs_variant *old = &cs_kernel.variants[PLACE], *new = &cs_kernel.variants[NEW_INDEX];\n"
                            "    countersign_pair[0] = *before;\n"
                            "    countersign_pair[1] = *after;\n"
                            "    *old = *before;\n"
                            "    old->name = OLD_NAME;\n"
                            "    WRAP(old, before, old, run);\n    WRAP(old, before, old, prepare);\n"
                            "    WRAP(old, before, old, release);\n    WRAP(old, before, old, evidence);\n"
                            "    WRAP(new, after, new, run);\n    WRAP(new, after, new, prepare);\n"
                            "    WRAP(new, after, new, release);\n    WRAP(new, after, new, evidence);\n"
                            "    countersign_end = 3 * countersign_stride();\n"
                            "    cs_kernel.state_size = countersign_end + CS_LINE;\n"
                            "    WRAP_KERNEL(setup);\n    WRAP_KERNEL(reset);\n    WRAP_KERNEL(work);\n    WRAP_KERNEL(count);\n"
                            "    WRAP_KERNEL(poison);\n    WRAP_KERNEL(outputs);\n    WRAP_KERNEL(check);\n"
                            "    for (size_t i = 0; i < CS_MAX_SERVICES; i++)\n"
                            "        if (cs_kernel.services[i].variants & 1u << NEW_INDEX)\n"
                            "            cs_kernel.services[i].variants |= 1u << PLACE;\n"
                            "}\n";

int kernel_pair_write(const struct kernel_pair *pair, const struct kernel_side *old_side,
                      const struct kernel_side *new_side, const char *folder,
                      const struct command_limits *limits, struct problem *problem) {
    char text[sizeof kernel + 8400], cmake[8192], copy[8192];
    if (mkdir(folder, 0777) != 0)
        return problem_set(problem, errno, "%s: %s", folder, strerror(errno));
    snprintf(text, sizeof text, kernel, new_side->folder, pair->old_variant, pair->new_variant, pair->place,
             pair->old_name);
    int status = write_text(folder, "kernel.c", text, problem);
    if (status == 0)
        status = write_names(old_side, folder, limits, problem);
    if (status == 0)
        status = write_sources(old_side->folder, true, folder, problem);
    if (status == 0)
        status = write_sources(new_side->folder, false, folder, problem);
    snprintf(cmake, sizeof cmake, "%s/kernel.cmake", new_side->folder);
    snprintf(copy, sizeof copy, "%s/kernel.cmake", folder);
    int copied = status == 0 ? file_copy(cmake, copy) : 0;
    return copied && copied != -ENOENT ? problem_set(problem, -copied, "%s: %s", cmake, strerror(-copied))
                                       : status;
}
