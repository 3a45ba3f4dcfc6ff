#include "compile/links.h"

#include "base/hash.h"
#include "compile/link_pad.h"
#include "compile/link_recipe.h"
#include "countersign.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define RECIPE "countersign.link/1"
#define MOST_OBJECTS 99 /* cmake/link-recipe numbers them with two digits */

struct link {
    char *path;                  /* NULL: it is not made yet */
    struct command_begun linker; /* while it is being made */
};

struct links {
    char module[4096];
    char recipe[4096]; /* folder of objects and recipe, or of what one is made of */
    char folder[4096]; /* where links are made */
    char script[4096]; /* that makes recipes */
    bool ready;        /* the recipe is there and read */
    struct words command, objects;
    bool has_tls;
    uint64_t seed;     /* of all that is drawn */
    struct link *each; /* by number - 1 */
    unsigned count;
};

static int no_memory(struct problem *problem) {
    return problem_set(problem, ENOMEM, "no memory for links of the kernel");
}

/* One word a line behind the first line, which names the format. */
static int read_recipe(struct links *links, const char *path, struct problem *problem) {
    FILE *file = fopen(path, "re");
    char line[8192];
    if (!file)
        return problem_set(problem, errno, "%s: %s", path, strerror(errno));
    int status = fgets(line, sizeof line, file) && !strcmp(line, RECIPE "\n") ? 0 : -EPROTO;
    while (status == 0 && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (!strncmp(line, "{folder}", 8))
            status = words_addf(&links->command, "%s%s", links->recipe, line + 8);
        else
            status = words_add(&links->command, line);
    }
    fclose(file);
    return status == -EPROTO
               ? problem_set(problem, EPROTO, "%s: expected \"%s\" in the first line; build the kernel again",
                             path, RECIPE)
           : status ? no_memory(problem)
                    : 0;
}

static int find_objects(struct links *links, struct problem *problem) {
    uint64_t key = hash_bytes(HASH_START, &links->seed, sizeof links->seed);
    for (int number = 1; number <= MOST_OBJECTS; number++) {
        char path[sizeof links->recipe + 16];
        snprintf(path, sizeof path, "%s/%02d.o", links->recipe, number);
        if (access(path, F_OK) != 0)
            break;
        int status = hash_file(path, &key);
        if (status)
            return problem_set(problem, -status, "%s: %s", path, strerror(-status));
        links->has_tls |= link_pad_wants_tls(path);
        if (words_add(&links->objects, path))
            return no_memory(problem);
    }
    links->seed = key;
    return links->objects.count
               ? 0
               : problem_set(problem, ENOENT, "%s: no objects to link; build the kernel again",
                             links->recipe);
}

/* What is loaded from there must be allowed to run. */
static int check_folder(const char *folder, struct problem *problem) {
    struct statvfs facts;
    if (statvfs(folder, &facts) == 0 && facts.f_flag & ST_NOEXEC)
        return problem_set(
            problem, EACCES,
            "%s is mounted noexec, so that no code can be loaded from there; name another folder with "
            "--scratch",
            folder);
    return 0;
}

static int load_recipe(struct links *links, struct problem *problem) {
    char path[sizeof links->recipe + 16];
    snprintf(path, sizeof path, "%s/recipe", links->recipe);
    int status = read_recipe(links, path, problem);
    if (status == 0)
        status = find_objects(links, problem);
    links->ready = status == 0;
    return status;
}

int links_open(struct links **links, const char *module, const char *folder, uint64_t seed,
               const char *link_recipe, struct problem *problem) {
    size_t length = strlen(module);
    int stem = (int)(length > 3 && !strcmp(module + length - 3, ".so") ? length - 3 : length);
    struct links *opened = calloc(1, sizeof *opened);
    *links = NULL;
    if (!opened)
        return no_memory(problem);
    opened->seed = seed;
    snprintf(opened->module, sizeof opened->module, "%s", module);
    char recipe[sizeof opened->recipe + 16], command[sizeof recipe];
    int status = 0;
    if (snprintf(opened->recipe, sizeof opened->recipe, "%.*s.link", stem, module) >=
            (int)sizeof opened->recipe ||
        snprintf(opened->folder, sizeof opened->folder, "%s", folder) >= (int)sizeof opened->folder ||
        snprintf(opened->script, sizeof opened->script, "%s", link_recipe) >= (int)sizeof opened->script)
        status = problem_set(problem, ENAMETOOLONG, "%s: the path is too long", module);
    snprintf(recipe, sizeof recipe, "%s/recipe", opened->recipe);
    snprintf(command, sizeof command, "%s/command", opened->recipe);
    bool ready = access(recipe, F_OK) == 0;
    if (status == 0 && !ready && access(command, F_OK) != 0)
        status = -ENOENT;
    if (status == 0)
        status = check_folder(folder, problem);
    if (status == 0 && ready)
        status = load_recipe(opened, problem);
    if (status)
        links_close(opened);
    else
        *links = opened;
    return status;
}

/* "{folder of links}/0007-pad03.o": links may be made side by side. */
static void name_pad(const struct links *links, unsigned link, size_t number, char *path, size_t size) {
    snprintf(path, size, "%s/%04u-pad%02zu.o", links->folder, link, number);
}

static void remove_pads(const struct links *links, unsigned link) {
    char path[sizeof links->folder + 48];
    for (size_t i = 0; i <= links->objects.count; i++) {
        name_pad(links, link, i, path, sizeof path);
        unlink(path);
    }
}

static int draw_pad(const struct links *links, unsigned link, size_t number, struct cs_random *random,
                    struct words *drawn, struct problem *problem) {
    const char *like = links->objects.items[0];
    uint32_t bytes[LINK_SECTIONS];
    char path[sizeof links->folder + 48];
    for (size_t section = 0; section < LINK_SECTIONS; section++)
        bytes[section] = LINKS_STEP * (uint32_t)cs_random_below(random, LINKS_STEPS);
    if (!links->has_tls)
        bytes[LINK_TLS] = 0;
    name_pad(links, link, number, path, sizeof path);
    int status = link_pad_write(path, like, bytes);
    if (status)
        return problem_set(
            problem, -status,
            "cannot move what is in %s by %s: %s; --layout fixed measures the one link there is", like, path,
            strerror(-status));
    return words_add(drawn, path) ? no_memory(problem) : 0;
}

/* A pad before each object, and one behind the last: relocated constants lie before the end of a page, not
 * behind one's start. */
static int draw_objects(const struct links *links, unsigned link, struct cs_random *random,
                        struct words *drawn, struct problem *problem) {
    uint32_t order[MOST_OBJECTS];
    for (uint32_t i = 0; i < links->objects.count; i++)
        order[i] = i;
    cs_random_shuffle(random, order, links->objects.count);
    for (size_t i = 0; i < links->objects.count; i++) {
        int status = draw_pad(links, link, i, random, drawn, problem);
        if (status)
            return status;
        if (words_add(drawn, links->objects.items[order[i]]))
            return no_memory(problem);
    }
    return draw_pad(links, link, links->objects.count, random, drawn, problem);
}

static void name_link(const struct links *links, unsigned number, char *path, size_t size) {
    snprintf(path, size, "%s/%04u.so", links->folder, number);
}

static int cannot_link(struct problem *problem, int error, const char *why) {
    return problem_set(problem, error,
                       "cannot link the kernel again: %.600s; --layout fixed measures the one link there is",
                       why);
}

static int fill_command(const struct links *links, const struct words *objects, const char *output,
                        struct words *command) {
    int status = 0;
    for (size_t i = 0; i < links->command.count && status == 0; i++) {
        const char *word = links->command.items[i];
        if (!strcmp(word, "{objects}"))
            status = words_add_all(command, objects);
        else
            status = words_add(command, strcmp(word, "{output}") ? word : output);
    }
    return status;
}

/* Starts the linker of link `number`. Its input is the recipe's: nothing in it could start a process that stays. */
static int begin(struct links *links, unsigned number, struct problem *problem) {
    struct cs_random random = cs_random_seed(links->seed ^ number * 0x9e3779b97f4a7c15u);
    struct words objects = {0}, command = {0};
    char output[sizeof links->folder + 32];
    struct problem cause;
    name_link(links, number, output, sizeof output);
    int status = draw_objects(links, number, &random, &objects, problem);
    if (status == 0 && fill_command(links, &objects, output, &command))
        status = no_memory(problem);
    if (status == 0) {
        status = command_begin(&links->each[number - 1].linker, &command, &cause);
        if (status)
            status = cannot_link(problem, -status, cause.text);
    }
    if (status)
        remove_pads(links, number);
    words_clear(&objects);
    words_clear(&command);
    return status;
}

static int finish(struct links *links, unsigned number, const struct command_limits *limits,
                  struct problem *problem) {
    struct link *link = &links->each[number - 1];
    const char *linker = links->command.items[0];
    struct command_result result;
    struct problem cause;
    char output[sizeof links->folder + 32];
    name_link(links, number, output, sizeof output);
    int status = command_end(&link->linker, linker, limits, &result, &cause);
    if (status == -EINTR)
        status = problem_set(problem, EINTR, "interrupted");
    else if (status)
        status = cannot_link(problem, -status, cause.text);
    else if (result.exit_status)
        status = cannot_link(problem, ENOEXEC, result.err_size ? result.err : linker);
    else if (!(link->path = strdup(output)))
        status = no_memory(problem);
    command_result_clear(&result);
    remove_pads(links, number);
    return status;
}

static int prepare(struct links *links, const struct command_limits *limits, struct problem *problem) {
    char recipe[sizeof links->recipe];
    if (links->ready)
        return 0;
    int status =
        link_recipe_make(links->recipe, links->script, links->folder, limits, recipe, sizeof recipe, problem);
    if (status)
        return status;
    strcpy(links->recipe, recipe);
    return load_recipe(links, problem);
}

static int make_room(struct links *links, unsigned number, struct problem *problem) {
    if (number <= links->count)
        return 0;
    struct link *each = realloc(links->each, number * sizeof *each);
    if (!each)
        return no_memory(problem);
    memset(each + links->count, 0, (number - links->count) * sizeof *each);
    links->each = each;
    links->count = number;
    return 0;
}

int links_begin(struct links *links, unsigned number, const struct command_limits *limits,
                struct problem *problem) {
    if (number == 0)
        return 0;
    int status = prepare(links, limits, problem);
    if (status == 0)
        status = make_room(links, number, problem);
    if (status)
        return status;
    const struct link *link = &links->each[number - 1];
    return link->path || link->linker.child.pid ? 0 : begin(links, number, problem);
}

int links_make(struct links *links, unsigned number, const struct command_limits *limits, const char **path,
               struct problem *problem) {
    *path = links->module;
    if (number == 0)
        return 0;
    int status = links_begin(links, number, limits, problem);
    if (status == 0 && !links->each[number - 1].path)
        status = finish(links, number, limits, problem);
    if (status == 0)
        *path = links->each[number - 1].path;
    return status;
}

void links_close(struct links *links) {
    static const volatile sig_atomic_t now = 1;
    const struct command_limits at_once = {0, &now};
    struct problem problem;
    if (!links)
        return;
    for (unsigned i = 0; i < links->count; i++) {
        char output[sizeof links->folder + 32];
        name_link(links, i + 1, output, sizeof output);
        if (links->each[i].linker.child.pid)
            finish(links, i + 1, &at_once, &problem);
        unlink(output);
        free(links->each[i].path);
    }
    words_clear(&links->command);
    words_clear(&links->objects);
    free(links->each);
    free(links);
}
