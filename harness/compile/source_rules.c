#include "compile/source_rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_call(struct source_rules *rules, const struct words *words) {
    struct source_call *call = &rules->calls[rules->call_count];
    if (words->count < 4 || words->count > 5 || rules->call_count == SOURCE_RULES ||
        strlen(words->items[1]) >= sizeof call->variant)
        return -EINVAL;
    rules->call_count++;
    strcpy(call->variant, words->items[1]);
    call->function = strdup(words->items[2]);
    call->path = strdup(words->items[3]);
    call->source = words->count == 5 ? strdup(words->items[4]) : NULL;
    return call->function && call->path && (call->source || words->count == 4) ? 0 : -ENOMEM;
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int find_rule(const struct source_rules *rules, const char *source) {
    for (size_t i = 0; i < rules->count; i++)
        if (!strcmp(rules->rules[i].source, last_part(source)))
            return (int)i;
    return -1;
}

static int read_part(struct source_rules *rules, const struct words *words) {
    struct source_part *part = &rules->parts[rules->part_count];
    if (words->count < 4 || rules->part_count == SOURCE_PARTS ||
        strlen(words->items[1]) >= sizeof part->source || strlen(words->items[2]) >= sizeof part->owner)
        return -EINVAL;
    rules->part_count++;
    strcpy(part->source, words->items[1]);
    strcpy(part->owner, words->items[2]);
    part->path = strdup(words->items[3]);
    const struct words flags = {words->items + 4, words->count - 4};
    return part->path ? words_add_all(&part->flags, &flags) : -ENOMEM;
}

static int read_rule(struct source_rules *rules, const struct words *words) {
    struct words flags = {words->items + 1, words->count - 1};
    if (!strcmp(words->items[0], "calls"))
        return read_call(rules, words);
    if (!strcmp(words->items[0], "alone") && words->count == 2) {
        int rule = find_rule(rules, words->items[1]);
        if (rule >= 0)
            rules->rules[rule].alone = true;
        return rule < 0 ? -EINVAL : 0;
    }
    if (!strcmp(words->items[0], "part"))
        return read_part(rules, words);
    if (!strcmp(words->items[0], "link"))
        return words_add_all(&rules->link, &flags);
    if (words->count < 2 || rules->count == SOURCE_RULES ||
        strlen(words->items[0]) >= sizeof rules->rules[0].source ||
        strlen(words->items[1]) >= sizeof rules->rules[0].symbol)
        return -EINVAL;
    flags = (struct words){words->items + 2, words->count - 2};
    strcpy(rules->rules[rules->count].source, words->items[0]);
    strcpy(rules->rules[rules->count].symbol, words->items[1]);
    return words_add_all(&rules->rules[rules->count++].flags, &flags);
}

int source_rules_read(struct source_rules *rules, const char *folder, struct problem *problem) {
    *rules = (struct source_rules){0};
    char path[8192], *line = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/kernel.sources", folder);
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? 0 : problem_set(problem, errno, "%s: %s", path, strerror(errno));
    int status = 0;
    for (int number = 1; status == 0 && getline(&line, &size, file) >= 0; number++) {
        struct words words = {0};
        if (line[0] == '#')
            continue;
        status = words_split(&words, line);
        if (status == 0 && words.count)
            status = read_rule(rules, &words);
        if (status == -EINVAL)
            problem_set(
                problem, EINVAL,
                "%s:%d: expected SOURCE SYMBOL FLAG…, alone SOURCE, part SOURCE OWNER PATH FLAG…, link FLAG… or calls "
                "VARIANT FUNCTION PATH [SOURCE]",
                path, number);
        else if (status)
            problem_set(problem, -status, "out of memory");
        words_clear(&words);
    }
    free(line);
    fclose(file);
    return status;
}

void source_rules_clear(struct source_rules *rules) {
    for (size_t i = 0; i < rules->count; i++)
        words_clear(&rules->rules[i].flags);
    for (size_t i = 0; i < rules->part_count; i++) {
        free(rules->parts[i].path);
        words_clear(&rules->parts[i].flags);
    }
    words_clear(&rules->link);
    for (size_t i = 0; i < rules->call_count; i++) {
        free(rules->calls[i].function);
        free(rules->calls[i].path);
        free(rules->calls[i].source);
    }
    rules->count = rules->call_count = rules->part_count = 0;
}

const struct source_part *source_rules_part(const struct source_rules *rules, const char *source) {
    for (size_t i = 0; i < rules->part_count; i++)
        if (!strcmp(rules->parts[i].source, last_part(source)))
            return &rules->parts[i];
    return NULL;
}

bool source_rules_alone(const struct source_rules *rules, const char *source) {
    const struct source_part *part = source_rules_part(rules, source);
    int rule = find_rule(rules, part ? part->owner : source);
    return rule >= 0 && rules->rules[rule].alone;
}

bool source_rules_owns(const struct source_part *part, const char *source) {
    return !strcmp(part->owner, last_part(source));
}

const char *source_rules_symbol(const struct source_rules *rules, const char *source) {
    int rule = find_rule(rules, source);
    return rule < 0 ? NULL : rules->rules[rule].symbol;
}

int source_rules_add_flags(const struct source_rules *rules, const char *source, enum build_kind kind,
                           struct words *command) {
    int rule = find_rule(rules, source), status = 0;
    const struct source_part *part = source_rules_part(rules, source);
    const struct words *flags = part ? &part->flags : rule < 0 ? NULL : &rules->rules[rule].flags;
    for (size_t i = 0; flags && i < flags->count && status == 0; i++)
        if (kind == BUILD_NATIVE || !toolchain_is_native_alone(flags->items[i]))
            status = words_add(command, flags->items[i]);
    return status;
}

static int run_tool(const struct words *command, const char *source, const struct command_limits *limits,
                    struct problem *problem) {
    struct command_result result;
    struct problem failure;
    int status = command_run(command, limits, &result, &failure);
    if (status)
        problem_set(problem, -status, "cannot separate %s: %s", source, failure.text);
    else if (result.exit_status)
        status = problem_set(problem, ENOEXEC, "cannot separate %s: exit status %d of %s: %.300s", source,
                             result.exit_status, command->items[0], result.err);
    command_result_clear(&result);
    return status;
}

static int merge(const struct words *linker, const char *source, const struct words *objects,
                 const char *merged, const struct command_limits *limits, struct problem *problem) {
    struct words command = {0};
    int status = words_add_all(&command, linker);
    if (status == 0)
        status = words_split(&command, "-r -nostdlib -nostartfiles -fno-lto -Wl,--force-group-allocation -o");
    if (status == 0)
        status = words_add(&command, merged);
    if (status == 0)
        status = words_add_all(&command, objects);
    status =
        status ? problem_set(problem, ENOMEM, "out of memory") : run_tool(&command, source, limits, problem);
    words_clear(&command);
    return status;
}

static int hide(const char *symbol, const char *source, const char *merged,
                const struct command_limits *limits, struct problem *problem) {
    const char *objcopy = getenv("OBJCOPY");
    struct words command = {0};
    int status = words_split(&command, objcopy && *objcopy ? objcopy : "objcopy");
    if (status == 0)
        status = words_addf(&command, "--keep-global-symbol=%s", symbol);
    if (status == 0)
        status = words_add(&command, merged);
    if (status)
        problem_set(problem, -status, status == -EINVAL ? "OBJCOPY: a quote is not closed" : "out of memory");
    else
        status = run_tool(&command, source, limits, problem);
    words_clear(&command);
    return status;
}

int source_rules_isolate(const struct source_rules *rules, const struct words *linker, const char *source,
                         const struct words *objects, const struct command_limits *limits,
                         struct problem *problem) {
    char merged[8192];
    const char *object = objects->items[0];
    const char *symbol = source_rules_symbol(rules, source);
    if (!symbol)
        return 0;
    if (snprintf(merged, sizeof merged, "%s.merged", object) >= (int)sizeof merged)
        return problem_set(problem, ENAMETOOLONG, "%s: the path is too long", object);
    int status = merge(linker, source, objects, merged, limits, problem);
    if (status == 0)
        status = hide(symbol, source, merged, limits, problem);
    if (status == 0 && rename(merged, object) != 0)
        status = problem_set(problem, errno, "%s: %s", object, strerror(errno));
    unlink(merged);
    return status;
}
