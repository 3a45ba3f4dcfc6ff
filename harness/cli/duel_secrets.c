#include "cli/duel_secrets.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START "{env:"
#define LEAST_VALUE 4 /* characters that are worth to be masked */
#define LEAST_PIECE 6

/* Length of the name in a placeholder at `text`; 0 where there is none. Its end is '}' where it is whole. */
static size_t name_at(const char *text) {
    const char *name = text + strlen(START);
    size_t length = 0;
    if (strncmp(text, START, strlen(START)) != 0)
        return 0;
    while (isalnum((unsigned char)name[length]) || name[length] == '_')
        length++;
    return isdigit((unsigned char)name[0]) ? 0 : length;
}

static size_t placeholder_at(const char *text) {
    size_t length = name_at(text);
    return length && text[strlen(START) + length] == '}' ? strlen(START) + length + 1 : 0;
}

int duel_secrets_collect(struct duel_secrets *secrets, const char *text, struct problem *problem) {
    char name[256];
    for (const char *at = text; (at = strstr(at, START)); at++) {
        size_t length = name_at(at);
        if (!placeholder_at(at) || length >= sizeof name)
            return problem_set(problem, EINVAL, "'%.60s': expected {env:NAME}, the name of a variable", at);
        snprintf(name, sizeof name, "%.*s", (int)length, at + strlen(START));
        const char *value = getenv(name);
        if (!value)
            return problem_set(problem, EINVAL,
                               "{env:%s}: the environment has no variable %s; set and export it", name, name);
        bool known = false;
        for (size_t i = 0; i < secrets->pairs.count; i += 2)
            known |= !strcmp(secrets->pairs.items[i], name);
        if (!known && (words_add(&secrets->pairs, name) || words_add(&secrets->pairs, value)))
            return problem_set(problem, ENOMEM, "out of memory");
    }
    return 0;
}

char *duel_secrets_for_shell(const char *text) {
    char *result = NULL, quote = '\0';
    size_t size = 0;
    FILE *stream = open_memstream(&result, &size);
    while (stream && *text) {
        size_t length = placeholder_at(text);
        if (length) {
            fprintf(stream, "%.1s\"$%.*s\"%.1s", quote ? &quote : "", (int)name_at(text),
                    text + strlen(START), quote ? &quote : "");
            text += length;
            continue;
        }
        if (*text == '\\' && quote != '\'' && text[1])
            putc(*text++, stream);
        else if (quote ? *text == quote : *text == '\'' || *text == '"')
            quote = quote ? '\0' : *text;
        putc(*text++, stream);
    }
    return stream && fclose(stream) == 0 ? result : NULL;
}

static const char *value_of(const struct duel_secrets *secrets, const char *name, size_t length) {
    for (size_t i = 0; i < secrets->pairs.count; i += 2)
        if (strlen(secrets->pairs.items[i]) == length && !strncmp(secrets->pairs.items[i], name, length))
            return secrets->pairs.items[i + 1];
    return "";
}

char *duel_secrets_reveal(const struct duel_secrets *secrets, const char *word) {
    char *result = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&result, &size);
    while (stream && *word) {
        size_t length = placeholder_at(word);
        if (length)
            fputs(value_of(secrets, word + strlen(START), name_at(word)), stream);
        else
            putc(*word, stream);
        word += length ? length : 1;
    }
    return stream && fclose(stream) == 0 ? result : NULL;
}

/* Characters at `text` that are a piece of the value, the longest one. */
static size_t piece_at(const char *text, const char *value) {
    size_t longest = 0, all = strlen(value);
    for (size_t start = 0; start < all; start++) {
        size_t length = 0;
        while (value[start + length] && value[start + length] == text[length])
            length++;
        longest = length > longest ? length : longest;
    }
    return longest >= (all < LEAST_PIECE ? all : LEAST_PIECE) ? longest : 0;
}

void duel_secrets_mask(const struct duel_secrets *secrets, char *text, size_t size) {
    char *masked = NULL;
    size_t length = 0;
    FILE *stream = secrets->pairs.count ? open_memstream(&masked, &length) : NULL;
    for (const char *from = text; stream && *from;) {
        size_t piece = 0, of = 0;
        for (size_t i = 0; i < secrets->pairs.count; i += 2) {
            const char *value = secrets->pairs.items[i + 1];
            size_t found = strlen(value) < LEAST_VALUE ? 0 : piece_at(from, value);
            of = found > piece ? i : of;
            piece = found > piece ? found : piece;
        }
        if (piece)
            fprintf(stream, START "%s}", secrets->pairs.items[of]);
        else
            putc(*from, stream);
        from += piece ? piece : 1;
    }
    bool done = stream && fclose(stream) == 0;
    if (secrets->pairs.count) /* without memory, nothing is told rather than too much */
        snprintf(text, size, "%s", done ? masked : "");
    free(masked);
}
