#include "compile/kernel_common.h"

#include "base/words.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_FILES 256

/* A file's text from its start; NULL where it cannot be read. */
static char *read_text(const char *path) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    if (getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = ferror(file) ? NULL : strdup("");
    }
    fclose(file);
    return text;
}

/* Tokens, each behind a blank; a line a declaration or a directive. */
struct essence {
    char *text;
    size_t length, statement; /* statement: where the one under way starts */
    unsigned depth;           /* of braces */
    int skipping; /* 0: no; 1: behind .variants; more: that many braces deep in its list, and one */
    bool braced;  /* the statement has a body */
};

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* Ends a statement; a prototype of a function says nothing of the state. */
static void end_statement(struct essence *essence) {
    char *start = essence->text + essence->statement;
    essence->text[essence->length] = '\0';
    bool prototype = !essence->braced && essence->length - essence->statement > 4 &&
                     !strcmp(essence->text + essence->length - 4, " ) ;") &&
                     strncmp(start, " typedef ", 9) != 0;
    if (prototype)
        essence->length = essence->statement;
    else if (essence->length > essence->statement)
        essence->text[essence->length++] = '\n';
    essence->statement = essence->length;
    essence->braced = false;
}

static void add_token(struct essence *essence, const char *token, size_t length) {
    if (essence->skipping == 1 && *token != '=' && *token != '{')
        essence->skipping = 0; /* a service's, which is a number */
    if (essence->skipping) {
        essence->skipping += *token == '{' ? 1 : *token == '}' ? -1 : 0;
        essence->skipping = essence->skipping == 1 && *token == '}' ? 0 : essence->skipping;
        return;
    }
    essence->skipping = length == 9 && !strncmp(token, ".variants", 9);
    essence->text[essence->length++] = ' ';
    memcpy(essence->text + essence->length, token, length);
    essence->length += length;
    if (*token == '{') {
        essence->depth++;
        essence->braced = true;
    } else if (*token == '}' && essence->depth)
        essence->depth--;
    if (essence->depth == 0 && (*token == ';' || *token == '}'))
        end_statement(essence);
}

/* Behind a comment; NULL: there is none at `c`. */
static const char *skip_comment(const char *c) {
    if (c[0] == '/' && c[1] == '/')
        return c + strcspn(c, "\n");
    if (c[0] != '/' || c[1] != '*')
        return NULL;
    const char *end = strstr(c + 2, "*/");
    return end ? end + 2 : c + strlen(c);
}

static const char *skip_literal(const char *c) {
    char quote = *c++;
    while (*c && *c != quote)
        c += *c == '\\' && c[1] ? 2 : 1;
    return *c ? c + 1 : c;
}

static size_t token_length(const char *c) {
    size_t length = 1;
    if (*c == '"' || *c == '\'')
        return (size_t)(skip_literal(c) - c);
    while (is_word(*c) && is_word(c[length]))
        length++;
    return length;
}

/* A directive, up to the end of its line, in a line of its own. */
static const char *add_directive(struct essence *essence, const char *c) {
    while (*c && *c != '\n') {
        const char *comment = skip_comment(c);
        size_t length = token_length(c);
        if (comment)
            c = comment;
        else if (*c == '\\' && c[1] == '\n')
            c += 2;
        else {
            if (!isspace((unsigned char)*c)) {
                essence->text[essence->length++] = ' ';
                memcpy(essence->text + essence->length, c, length);
                essence->length += length;
            }
            c += length;
        }
    }
    essence->text[essence->length++] = '\n';
    if (essence->depth == 0)
        essence->statement = essence->length;
    return c;
}

/* What a source says but for comments, blanks, prototypes and the list of variants. NULL: it cannot be read. */
static char *essence_of(const char *path) {
    char *source = read_text(path);
    struct essence essence = {.text = source ? malloc(2 * strlen(source) + 8) : NULL};
    bool line_start = true;
    for (const char *c = essence.text ? source : NULL; c && *c;) {
        const char *comment = skip_comment(c);
        if (comment)
            c = comment;
        else if (isspace((unsigned char)*c))
            line_start |= *c++ == '\n';
        else if (*c == '#' && line_start && !essence.skipping)
            c = add_directive(&essence, c);
        else {
            size_t length = token_length(c);
            add_token(&essence, c, length);
            line_start = false;
            c += length;
        }
    }
    if (essence.text)
        essence.text[essence.length] = '\0';
    free(source);
    return essence.text;
}

/* Whether both say the same, in *text if so (free it); neither being there is the same. */
static bool same_essence(const char *old_path, const char *new_path, char **text) {
    char *before = essence_of(old_path);
    *text = essence_of(new_path);
    bool same = before && *text ? strcmp(before, *text) == 0 : !before && !*text;
    free(before);
    return same;
}

static bool holds(const struct words *words, const char *word) {
    for (size_t i = 0; i < words->count; i++)
        if (!strcmp(words->items[i], word))
            return true;
    return false;
}

/* Both folders, and what was looked at already, relative to them. */
struct walk {
    const char *old_folder, *new_folder;
    struct words files;
};

static int note_includes(struct walk *walk, const char *name, char *text) {
    const char *slash = strrchr(name, '/');
    int status = 0;
    for (char *line; status == 0 && (line = strsep(&text, "\n"));) {
        char whole[4096];
        if (strncmp(line, " # include \"", 12) != 0)
            continue;
        line += 12;
        line[strcspn(line, "\"")] = '\0';
        if (snprintf(whole, sizeof whole, "%.*s%s", slash ? (int)(slash - name + 1) : 0, name, line) >=
            (int)sizeof whole)
            status = -ENAMETOOLONG;
        else if (!holds(&walk->files, whole))
            status = walk->files.count < MOST_FILES ? words_add(&walk->files, whole) : -E2BIG;
    }
    return status;
}

static void both_paths(const struct walk *walk, const char *name, char paths[2][8192]) {
    snprintf(paths[0], 8192, "%s/%s", walk->old_folder, name);
    snprintf(paths[1], 8192, "%s/%s", walk->new_folder, name);
}

/* kernel.c and the headers that it includes. 1, 0 or -errno. */
static int same_headers(struct walk *walk, char *changed, size_t size) {
    char paths[2][8192];
    int status = words_add(&walk->files, "kernel.c") ? -ENOMEM : 1;
    for (size_t i = 0; i < walk->files.count && status == 1; i++) {
        char *text;
        both_paths(walk, walk->files.items[i], paths);
        if (!same_essence(paths[0], paths[1], &text)) {
            snprintf(changed, size, "%s", walk->files.items[i]);
            status = 0;
        } else if (text) {
            int error = note_includes(walk, walk->files.items[i], text);
            status = error ? error : 1;
        }
        free(text);
    }
    return status;
}

/* Whether `line`, a statement, defines a function that `kernel` names. */
static bool defines_named(char *line, const char *kernel) {
    char *body = strstr(line, " {"), word[512];
    if (!body || !strncmp(line, " static ", 8))
        return false;
    *body = '\0';
    const char *last = NULL;
    for (char *rest = line, *token; (token = strsep(&rest, " "));) {
        if (*token == '(' && last && isalpha((unsigned char)*last) &&
            snprintf(word, sizeof word, " %s ", last) < (int)sizeof word && strstr(kernel, word))
            return true;
        last = token;
    }
    return false;
}

static bool is_used(const char *path, const char *kernel) {
    char *text = essence_of(path), *rest = text;
    bool used = false;
    for (char *line; rest && !used && (line = strsep(&rest, "\n"));)
        used = defines_named(line, kernel);
    free(text);
    return used;
}

static bool ends_in(const char *name, const char *suffix) {
    size_t length = strlen(name), end = strlen(suffix);
    return length > end && !strcmp(name + length - end, suffix);
}

/* Other sources of `folder`, one of both. */
static int same_sources(const struct walk *walk, const char *folder, char *changed, size_t size) {
    char paths[2][8192];
    both_paths(walk, "kernel.c", paths);
    char *kernel = essence_of(paths[1]);
    DIR *directory = kernel ? opendir(folder) : NULL;
    int status = directory ? 1 : -errno;
    for (const struct dirent *entry; status == 1 && (entry = readdir(directory));) {
        char *text = NULL;
        both_paths(walk, entry->d_name, paths);
        bool cxx = ends_in(entry->d_name, ".cpp") || ends_in(entry->d_name, ".cc") ||
                   ends_in(entry->d_name, ".cxx") || !strcmp(entry->d_name, "kernel.sources");
        if (cxx || (ends_in(entry->d_name, ".c") && strcmp(entry->d_name, "kernel.c") != 0 &&
                    !same_essence(paths[0], paths[1], &text) &&
                    (is_used(paths[0], kernel) || is_used(paths[1], kernel)))) {
            snprintf(changed, size, "%s", entry->d_name);
            status = 0;
        }
        free(text);
    }
    if (directory)
        closedir(directory);
    free(kernel);
    return status;
}

static int same_needs(const struct walk *walk, char *changed, size_t size) {
    char paths[2][8192];
    both_paths(walk, "kernel.cmake", paths);
    char *before = read_text(paths[0]), *after = read_text(paths[1]);
    bool same = before && after ? strcmp(before, after) == 0 : !before && !after;
    free(before);
    free(after);
    if (!same)
        snprintf(changed, size, "kernel.cmake");
    return same;
}

int kernel_common_same(const char *old_folder, const char *new_folder, char *changed, size_t size,
                       struct problem *problem) {
    struct walk walk = {.old_folder = old_folder, .new_folder = new_folder};
    char paths[2][8192];
    both_paths(&walk, "kernel.c", paths);
    if (access(paths[0], R_OK) != 0 || access(paths[1], R_OK) != 0) {
        snprintf(changed, size, "kernel.cpp");
        return 0;
    }
    int status = same_headers(&walk, changed, size);
    for (int i = 0; i < 2 && status == 1; i++)
        status = same_sources(&walk, i ? new_folder : old_folder, changed, size);
    if (status == 1)
        status = same_needs(&walk, changed, size);
    words_clear(&walk.files);
    return status < 0 ? problem_set(problem, -status, "%s: %s", new_folder, strerror(-status)) : status;
}
