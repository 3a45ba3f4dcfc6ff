#include "conclude/points.h"

#include <string.h>

const struct point_value *point_value_of(const struct point *point, const char *name) {
    for (size_t i = 0; i < point->count; i++)
        if (strcmp(point->values[i].name, name) == 0)
            return &point->values[i];
    return NULL;
}

static bool same_value(const struct point_value *first, const struct point_value *second) {
    return first && second && first->value == second->value && strcmp(first->choice, second->choice) == 0;
}

struct point point_without(const struct point *point, const char *parameter) {
    struct point rest = {.count = 0};
    for (size_t i = 0; i < point->count; i++)
        if (strcmp(point->values[i].name, parameter) != 0)
            rest.values[rest.count++] = point->values[i];
    return rest;
}

bool point_equals(const struct point *first, const struct point *second) {
    bool same = first->count == second->count;
    for (size_t i = 0; same && i < first->count; i++)
        same = same_value(&first->values[i], point_value_of(second, first->values[i].name));
    return same;
}
