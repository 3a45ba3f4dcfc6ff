#include "compile/dependencies.h"

#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FORMAT "countersign.uses/2\n"
#define END "end"               /* the last line: a file that was cut short holds nothing */
#define COARSEST_NS 2000000000u /* of times of files: FAT's */

static bool has(const struct words *words, const char *word) {
    for (size_t i = 0; i < words->count; i++)
        if (!strcmp(words->items[i], word))
            return true;
    return false;
}

static int add_once(struct words *words, const char *word) {
    return has(words, word) ? 0 : words_add(words, word);
}

static char *read_file(const char *path) {
    FILE *file = fopen(path, "re");
    struct stat facts;
    char *text = NULL;
    if (file && fstat(fileno(file), &facts) == 0 && (text = malloc((size_t)facts.st_size + 1)))
        text[fread(text, 1, (size_t)facts.st_size, file)] = '\0';
    if (file)
        fclose(file);
    return text;
}

/* A rule of make: "TARGET: FILE… \", blanks and # behind a backslash, $ doubled. */
static int read_rule(struct words *files, char *text) {
    char *from = strstr(text, ": ");
    int status = from ? 0 : -ENODATA;
    for (from = from ? from + 2 : text; status == 0;) {
        while (*from == ' ' || *from == '\n' || (from[0] == '\\' && from[1] == '\n'))
            from += *from == '\\' ? 2 : 1;
        if (!*from)
            break;
        char *to = from, *name = from;
        for (; *from && *from != ' ' && *from != '\n' && !(from[0] == '\\' && from[1] == '\n'); from++) {
            if ((from[0] == '\\' && (from[1] == ' ' || from[1] == '#')) || (from[0] == '$' && from[1] == '$'))
                from++;
            *to++ = *from;
        }
        char *next = *from ? from + 1 : from;
        *to = '\0';
        if (*name)
            status = add_once(files, name);
        from = next;
    }
    return status;
}

/* Behind `#include "…" search starts here:` a folder a line; before it those that are left out as they are not
 * there, which they may be tomorrow. */
static int read_searched(struct words *folders, const char *said) {
    static const char absent[] = "ignoring nonexistent directory \"";
    bool searched = false;
    int status = 0;
    for (const char *line = said, *end; status == 0 && *line; line = *end ? end + 1 : end) {
        end = line + strcspn(line, "\n");
        int length = (int)(end - line);
        if (!strncmp(line, absent, sizeof absent - 1) && length > (int)sizeof absent)
            status = words_addf(folders, "%.*s", length - (int)sizeof absent, line + sizeof absent - 1);
        else if (!strncmp(line, "#include ", 9))
            searched = true;
        else if (searched && *line == ' ')
            status = words_addf(folders, "%.*s", length - 1, line + 1);
        else if (searched)
            break;
    }
    return status ? status : searched ? 0 : -ENODATA;
}

/* "sys" of "sys/stat.h", "" of "stdio.h". */
static int add_part(struct words *parts, const char *name) {
    const char *slash = strrchr(name, '/');
    char part[4096];
    snprintf(part, sizeof part, "%.*s", slash ? (int)(slash - name) : 0, name);
    return add_once(parts, part);
}

/* "stat.h" of "sys/stat.h". */
static int add_name(struct dependencies *dependencies, const char *path) {
    const char *slash = strrchr(path, '/');
    return add_once(&dependencies->names, slash ? slash + 1 : path);
}

/* `__has_include (<sys/x.h>)` depends on a file that may not have been read. */
static int read_questions(struct dependencies *dependencies, struct words *parts, const char *text) {
    static const char question[] = "__has_include";
    int status = 0;
    for (const char *at = text; status == 0 && (at = strstr(at, question));) {
        at += strlen(question);
        at += !strncmp(at, "_next", 5) ? 5 : 0;
        at += strspn(at, " \t");
        if (*at != '(')
            continue;
        at += 1 + strspn(at + 1, " \t");
        char name[1024];
        if (*at == '<' || *at == '"') {
            snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 1, *at == '<' ? ">\n" : "\"\n"), at + 1);
            status = add_part(parts, name);
            if (status == 0)
                status = add_name(dependencies, name);
        } else
            dependencies->uncertain = true;
    }
    return status;
}

static int look_inside(struct dependencies *dependencies, struct words *parts) {
    static const char *const moments[] = {"__DATE__", "__TIME__"};
    int status = 0;
    for (size_t i = 0; i < dependencies->files.count && status == 0; i++) {
        char *text = read_file(dependencies->files.items[i]);
        if (!text)
            return -ENODATA;
        for (size_t m = 0; m < sizeof moments / sizeof *moments; m++)
            dependencies->uncertain |= strstr(text, moments[m]) != NULL;
        status = read_questions(dependencies, parts, text);
        free(text);
    }
    return status;
}

/*
 * A file that was found as FOLDER/PART/NAME might be found in PART below any other folder that is searched, or
 * in which a file lies that includes it.
 */
static int find_folders(struct dependencies *dependencies, struct words *searched) {
    struct words parts = {0};
    const struct words *files = &dependencies->files;
    char folder[8192];
    int status = add_once(&parts, "");
    for (size_t i = 0; i < files->count && status == 0; i++) {
        const char *slash = strrchr(files->items[i], '/');
        snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - files->items[i]) : 1,
                 slash ? files->items[i] : ".");
        status = add_once(searched, folder);
        if (status == 0)
            status = add_name(dependencies, files->items[i]);
    }
    for (size_t i = 0; i < files->count && status == 0; i++)
        for (size_t s = 0; s < searched->count && status == 0; s++) {
            size_t length = strlen(searched->items[s]);
            if (!strncmp(files->items[i], searched->items[s], length) && files->items[i][length] == '/')
                status = add_part(&parts, files->items[i] + length + 1);
        }
    if (status == 0)
        status = look_inside(dependencies, &parts);
    for (size_t s = 0; s < searched->count && status == 0; s++)
        for (size_t p = 0; p < parts.count && status == 0; p++) {
            snprintf(folder, sizeof folder, "%s%s%s", searched->items[s], parts.items[p][0] ? "/" : "",
                     parts.items[p]);
            status = add_once(&dependencies->folders, folder);
        }
    words_clear(&parts);
    return status;
}

int dependencies_read(struct dependencies *dependencies, const char *depfile, const char *said) {
    struct words searched = {0};
    char *rule = read_file(depfile);
    int status = rule ? read_rule(&dependencies->files, rule) : -ENODATA;
    free(rule);
    if (status == 0)
        status = read_searched(&searched, said);
    if (status == 0)
        status = find_folders(dependencies, &searched);
    words_clear(&searched);
    return status;
}

static void remove_below(struct words *paths, const char *folder) {
    size_t length = strlen(folder), kept = 0;
    for (size_t i = 0; i < paths->count; i++)
        if (!strncmp(paths->items[i], folder, length) && strchr("/", paths->items[i][length]))
            free(paths->items[i]);
        else
            paths->items[kept++] = paths->items[i];
    paths->count = kept;
    if (paths->items)
        paths->items[kept] = NULL;
}

void dependencies_leave_out(struct dependencies *dependencies, const char *folder) {
    remove_below(&dependencies->files, folder);
    remove_below(&dependencies->folders, folder);
}

static uint64_t nanoseconds(const struct timespec *time) {
    return (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec;
}

uint64_t dependencies_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return nanoseconds(&now);
}

/* All that changes with a file: "absent", or numbers. */
static void describe(const char *path, char *text, size_t size, uint64_t *changed) {
    struct stat facts;
    *changed = 0;
    if (stat(path, &facts) != 0) {
        snprintf(text, size, "absent");
        return;
    }
    uint64_t modified = nanoseconds(&facts.st_mtim), status = nanoseconds(&facts.st_ctim);
    *changed = modified > status ? modified : status;
    snprintf(text, size, "%jd %" PRIu64 " %" PRIu64 " %ju %ju", (intmax_t)facts.st_size, modified, status,
             (uintmax_t)facts.st_dev, (uintmax_t)facts.st_ino);
}

/*
 * Which of the names are there, and headers that were compiled for them: what the compiler finds in the folder. All else
 * that lies there, or comes and goes, changes the folder and nothing that is made.
 */
static uint64_t key_names(const char *folder, const struct words *names) {
    static const char *const compiled[] = {"", ".gch", ".pch"};
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    uint64_t key = HASH_START;
    char name[4096];
    for (size_t i = 0; i < names->count; i++)
        for (size_t c = 0; c < sizeof compiled / sizeof *compiled; c++) {
            snprintf(name, sizeof name, "%s%s", names->items[i], compiled[c]);
            unsigned char there = fd >= 0 && faccessat(fd, name, F_OK, 0) == 0;
            key = hash_bytes(key, &there, 1);
        }
    if (fd >= 0)
        close(fd);
    return key;
}

/* "KIND FACTS" and the path on the next line, of a folder with the key of its names. False where it changed too late, or
 * cannot be written. */
static bool print_facts(FILE *stream, const char *kind, const struct words *paths, const struct words *names,
                        uint64_t begun_ns) {
    for (size_t i = 0; i < paths->count; i++) {
        char facts[160];
        uint64_t changed;
        describe(paths->items[i], facts, sizeof facts, &changed);
        if (changed + COARSEST_NS > begun_ns || strchr(paths->items[i], '\n'))
            return false;
        fprintf(stream, "%s %s", kind, facts);
        if (names)
            fprintf(stream, " %016" PRIx64, key_names(paths->items[i], names));
        fprintf(stream, "\n%s\n", paths->items[i]);
    }
    return true;
}

static bool print_names(FILE *stream, const struct words *names) {
    for (size_t i = 0; i < names->count; i++) {
        if (strchr(names->items[i], '\n'))
            return false;
        fprintf(stream, "name\n%s\n", names->items[i]);
    }
    return true;
}

int dependencies_save(const struct dependencies *dependencies, const char *path, uint64_t begun_ns,
                      uint64_t key) {
    char part[8300];
    unlink(path);
    if (dependencies->uncertain)
        return 0;
    snprintf(part, sizeof part, "%s.%ld.part", path, (long)getpid());
    FILE *stream = fopen(part, "we");
    if (!stream)
        return -errno;
    fprintf(stream, FORMAT "%016" PRIx64 "\n", key);
    bool sure = print_names(stream, &dependencies->names) &&
                print_facts(stream, "file", &dependencies->files, NULL, begun_ns) &&
                print_facts(stream, "folder", &dependencies->folders, &dependencies->names, begun_ns);
    fputs(END "\n", stream);
    bool written = !ferror(stream);
    written &= fclose(stream) == 0;
    int status = !written ? -EIO : !sure ? 0 : rename(part, path) ? -errno : 0;
    unlink(part);
    return status;
}

static bool read_line(FILE *stream, char *line, size_t size) {
    if (!fgets(line, (int)size, stream) || !strchr(line, '\n'))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

/* "file FACTS", "folder FACTS KEY" or "name". */
static bool holds_still(struct dependencies *dependencies, char *noted, const char *path) {
    char facts[160], *key = strrchr(noted, ' '), *at = strchr(noted, ' ');
    uint64_t changed;
    if (!strcmp(noted, "name"))
        return words_add(&dependencies->names, path) == 0;
    if (!at)
        return false;
    describe(path, facts, sizeof facts, &changed);
    if (!strncmp(noted, "file ", 5))
        return !strcmp(at + 1, facts) && words_add(&dependencies->files, path) == 0;
    *key = '\0';
    bool holds = at < key && (!strcmp(at + 1, facts) ||
                              strtoull(key + 1, NULL, 16) == key_names(path, &dependencies->names));
    return holds && words_add(&dependencies->folders, path) == 0;
}

bool dependencies_hold(struct dependencies *dependencies, const char *path, uint64_t *key) {
    char line[256], noted_path[8192];
    uint64_t noted_key;
    FILE *stream = fopen(path, "re");
    if (!stream)
        return false;
    bool hold = fgets(line, sizeof line, stream) && !strcmp(line, FORMAT) &&
                read_line(stream, line, sizeof line) && sscanf(line, "%" SCNx64, &noted_key) == 1;
    bool ended = false;
    while (hold && read_line(stream, line, sizeof line) && !(ended = !strcmp(line, END)))
        hold =
            read_line(stream, noted_path, sizeof noted_path) && holds_still(dependencies, line, noted_path);
    hold &= ended;
    fclose(stream);
    if (hold)
        *key = noted_key;
    return hold;
}

void dependencies_clear(struct dependencies *dependencies) {
    words_clear(&dependencies->files);
    words_clear(&dependencies->folders);
    words_clear(&dependencies->names);
    *dependencies = (struct dependencies){0};
}
