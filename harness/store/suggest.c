#include "store/suggest.h"

#include <stdio.h>
#include <string.h>

#define LONGEST 63

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

size_t edit_distance(const char *a, const char *b) {
    size_t rows = strlen(a), columns = strlen(b);
    if (rows > LONGEST || columns > LONGEST)
        return (size_t)-1;
    size_t distance[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= rows; i++)
        distance[i][0] = i;
    for (size_t j = 0; j <= columns; j++)
        distance[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            size_t change = distance[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            size_t best = least(change, least(distance[i - 1][j], distance[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = least(best, distance[i - 2][j - 2] + 1);
            distance[i][j] = best;
        }
    }
    return distance[rows][columns];
}

/* Near enough to be a slip: a third of the letters, two at the most for short names. */
static const char *nearest_name(const char *wrong, const struct name_list *names) {
    const char *nearest = NULL;
    size_t best = strlen(wrong) / 3 + 1;
    for (size_t i = 0; names->name(names->data, i); i++) {
        const char *name = names->name(names->data, i);
        size_t distance = edit_distance(wrong, name);
        if (distance <= best && distance < strlen(name) && (!nearest || distance < best)) {
            best = distance;
            nearest = name;
        }
    }
    return nearest;
}

const char *suggest_names(const char *wrong, const struct name_list *names, char *text, size_t size) {
    const char *nearest = nearest_name(wrong, names);
    size_t used = (size_t)snprintf(text, size, "%s%s%s", nearest ? "; did you mean " : "",
                                   nearest ? nearest : "", nearest ? "?" : "");
    const char *name;
    for (size_t i = 0; used < size && (name = names->name(names->data, i)); i++) {
        size_t left = size - used, room = sizeof ", …";
        if (strlen(name) + 2 * room + sizeof "; allowed: " > left) {
            snprintf(text + used, left, ", …");
            break;
        }
        used += (size_t)snprintf(text + used, left, "%s%s", i ? ", " : "; allowed: ", name);
    }
    return text;
}

static const char *array_name(const void *data, size_t index) {
    return ((const char *const *)data)[index];
}

struct name_list name_list_of(const char *const *names) {
    return (struct name_list){array_name, names};
}
