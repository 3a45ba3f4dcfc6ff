#include "compile/link_recipe.h"

#include "base/find_program.h"
#include "base/hash.h"
#include "compile/cache.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a compiler's update took away, a recipe that was kept still names. */
static bool is_outdated(const char *recipe) {
    char path[8192], line[8192];
    bool outdated = false;
    snprintf(path, sizeof path, "%s/recipe", recipe);
    FILE *file = fopen(path, "re");
    if (!file)
        return true;
    while (!outdated && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        outdated = line[0] == '/' && access(line, F_OK) != 0;
    }
    fclose(file);
    return outdated;
}

/* The objects in NAME.link, in the order of their names. */
static int list_objects(const char *kept, struct words *objects) {
    DIR *stream = opendir(kept);
    int status = stream ? 0 : -errno;
    for (struct dirent *entry; status == 0 && (entry = readdir(stream));) {
        size_t length = strlen(entry->d_name);
        if (length > 2 && !strcmp(entry->d_name + length - 2, ".o"))
            status = words_addf(objects, "%s/%s", kept, entry->d_name);
    }
    if (stream)
        closedir(stream);
    words_sort(objects);
    return status;
}

/* What follows `--` in the command is appended to `arguments`, what stands before it to `compiler`. */
static int read_command(const char *kept, struct words *compiler, struct words *arguments,
                        struct problem *problem) {
    char path[4200], line[8192];
    snprintf(path, sizeof path, "%s/command", kept);
    FILE *file = fopen(path, "re");
    if (!file)
        return problem_set(problem, errno, "%s: %s", path, strerror(errno));
    int status = fgets(line, sizeof line, file) && !strcmp(line, LINK_COMMAND "\n") ? 0 : -EPROTO;
    struct words *part = compiler;
    while (status == 0 && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (part == compiler && !strcmp(line, "--"))
            part = arguments;
        else
            status = words_add(part, line);
    }
    fclose(file);
    return status == -EPROTO || (status == 0 && !compiler->count)
               ? problem_set(problem, EPROTO, "%s: expected \"%s\" in the first line; build the kernel again",
                             path, LINK_COMMAND)
           : status ? problem_set(problem, ENOMEM, "no memory for links of the kernel")
                    : 0;
}

/* Of all that decides what the recipe is: which compiler it is, too. */
static uint64_t key_of(const char *script, const struct words *compiler, const struct words *objects,
                       const struct words *arguments) {
    const struct words *const lists[] = {compiler, arguments};
    uint64_t key = HASH_START;
    char program[4096];
    struct stat facts;
    for (size_t list = 0; list < 2; list++)
        for (size_t i = 0; i < lists[list]->count; i++)
            key = hash_text(key, lists[list]->items[i]);
    for (size_t i = 0; i < objects->count; i++)
        hash_file(objects->items[i], &key);
    hash_file(script, &key);
    if (strchr(compiler->items[0], '/'))
        snprintf(program, sizeof program, "%s", compiler->items[0]);
    else
        find_program(compiler->items[0], program, sizeof program);
    if (stat(program, &facts) == 0) {
        key = hash_bytes(key, &facts.st_size, sizeof facts.st_size);
        key = hash_bytes(key, &facts.st_mtim, sizeof facts.st_mtim);
    }
    return key;
}

/* `home` is where it will be, and a name of our own beside it where it is made. */
static int run_script(const char *kept, const char *script, const char *home, const struct words *compiler,
                      const struct words *objects, const struct words *arguments,
                      const struct command_limits *limits, struct problem *problem) {
    struct words command = {0};
    struct command_result result = {0};
    struct problem cause;
    char part[8192], made[8300];
    snprintf(part, sizeof part, "%s.part-XXXXXX", home);
    if (!mkdtemp(part))
        return problem_set(problem, errno, "cannot make %s: %s", part, strerror(errno));
    snprintf(made, sizeof made, "%s/link", part);
    int status = words_add(&command, script);
    if (status == 0)
        status = words_add(&command, made);
    if (status == 0)
        status = words_add_all(&command, objects);
    if (status == 0)
        status = words_add(&command, "--");
    if (status == 0)
        status = words_add_all(&command, compiler);
    if (status == 0)
        status = words_add(&command, "--");
    if (status == 0)
        status = words_add_all(&command, arguments);
    status = status ? problem_set(problem, ENOMEM, "no memory for links of the kernel")
                    : command_run(&command, limits, &result, &cause);
    if (status == -EINTR)
        status = problem_set(problem, EINTR, "interrupted");
    else if (status != -ENOMEM && (status || result.exit_status))
        status = problem_set(problem, status ? -status : ENOEXEC,
                             "cannot tell how to link %s: %.500s; --layout fixed measures the one link there "
                             "is",
                             kept,
                             status            ? cause.text
                             : result.err_size ? result.err
                                               : script);
    /* Another program may have been faster: then its is as good. */
    if (status == 0 && rename(made, home) != 0 && errno != EEXIST && errno != ENOTEMPTY)
        status = problem_set(problem, errno, "%s: %s", home, strerror(errno));
    cache_remove(part);
    command_result_clear(&result);
    words_clear(&command);
    return status;
}

int link_recipe_make(const char *kept, const char *script, const char *otherwise,
                     const struct command_limits *limits, char *recipe, size_t size,
                     struct problem *problem) {
    struct words compiler = {0}, objects = {0}, arguments = {0};
    char cache[4096];
    int status = read_command(kept, &compiler, &arguments, problem);
    if (status == 0 && (status = list_objects(kept, &objects)))
        problem_set(problem, -status, "%s: %s", kept, strerror(-status));
    if (status == 0) {
        bool cached = cache_folder("links", cache, sizeof cache, NULL) == 0 && access(cache, W_OK) == 0;
        uint64_t key = key_of(script, &compiler, &objects, &arguments);
        if (cached)
            cache_prune(cache);
        if (snprintf(recipe, size, "%s/%016llx", cached ? cache : otherwise, (unsigned long long)key) >=
            (int)size)
            status = problem_set(problem, ENAMETOOLONG, "%s: the path is too long", recipe);
        else if (is_outdated(recipe)) {
            cache_remove(recipe);
            status = run_script(kept, script, recipe, &compiler, &objects, &arguments, limits, problem);
        } else
            cache_use(recipe);
    }
    words_clear(&compiler);
    words_clear(&objects);
    words_clear(&arguments);
    return status;
}
