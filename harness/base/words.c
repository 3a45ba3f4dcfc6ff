#include "base/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int take(struct words *words, char *word) {
    char **grown = word ? realloc(words->items, (words->count + 2) * sizeof *grown) : NULL;
    if (!grown) {
        free(word);
        return -ENOMEM;
    }
    words->items = grown;
    words->items[words->count++] = word;
    words->items[words->count] = NULL;
    return 0;
}

int words_add(struct words *words, const char *word) {
    return take(words, strdup(word));
}

int words_add_all(struct words *words, const struct words *more) {
    int status = 0;
    for (size_t i = 0; i < more->count && status == 0; i++)
        status = words_add(words, more->items[i]);
    return status;
}

int words_addf(struct words *words, const char *format, ...) {
    char *word = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&word, format, arguments) < 0)
        word = NULL;
    va_end(arguments);
    return take(words, word);
}

/* One word from *text on into `word`, which has room for all of it. 0 or -EINVAL. */
static int read_word(const char **text, char *word) {
    char quote = 0;
    const char *c = *text;
    for (; *c && (quote || !strchr(" \t\r\n", *c)); c++) {
        if (quote && *c == quote)
            quote = 0;
        else if (!quote && (*c == '\'' || *c == '"'))
            quote = *c;
        else if (*c == '\\' && c[1] && (!quote || (quote == '"' && strchr("\"\\$`", c[1]))))
            *word++ = *++c;
        else
            *word++ = *c;
    }
    *word = '\0';
    *text = c;
    return quote ? -EINVAL : 0;
}

int words_split(struct words *words, const char *text) {
    char *word = malloc(strlen(text) + 1);
    int status = word ? 0 : -ENOMEM;
    while (status == 0 && *(text += strspn(text, " \t\r\n"))) {
        status = read_word(&text, word);
        if (status == 0)
            status = words_add(words, word);
    }
    free(word);
    return status;
}

char *words_join(const struct words *words) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return NULL;
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];
        bool plain = word[0] && !strpbrk(word, " \t\r\n'\"\\$`*?[]{}()<>|&;#~!");
        fputs(i ? " " : "", stream);
        fputs(plain ? "" : "'", stream);
        for (const char *c = word; *c; c++)
            fputs(*c == '\'' ? "'\\''" : (char[]){*c, '\0'}, stream);
        fputs(plain ? "" : "'", stream);
    }
    if (fclose(stream) == 0)
        return text;
    free(text);
    return NULL;
}

static int compare_words(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void words_sort(struct words *words) {
    if (words->count)
        qsort(words->items, words->count, sizeof *words->items, compare_words);
}

void words_clear(struct words *words) {
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i]);
    free(words->items);
    *words = (struct words){0};
}
