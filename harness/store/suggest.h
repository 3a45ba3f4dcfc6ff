/* "Did you mean …?" for a name that is not known. */
#ifndef STORE_SUGGEST_H
#define STORE_SUGGEST_H

#include <stddef.h>

/** Names to choose from; `name` returns NULL beyond the last. */
struct name_list {
    const char *(*name)(const void *data, size_t index);
    const void *data;
};

/** Damerau-Levenshtein distance (optimal string alignment) of two texts; texts above 63 bytes are far from
 * all. */
size_t edit_distance(const char *a, const char *b);

/**
 * Writes "; did you mean n?" where one name is near, then "; allowed: n, hit", into `text`, and returns it.
 * Of very long lists the end is cut with "…".
 */
const char *suggest_names(const char *wrong, const struct name_list *names, char *text, size_t size);

/** A list over an array of strings ended by NULL. */
struct name_list name_list_of(const char *const *names);

#endif
