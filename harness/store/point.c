#include "store/result.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void point_text(const struct point *point, char *text, size_t size) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < point->count && length < size; i++) {
        const struct point_value *value = &point->values[i];
        length += (size_t)snprintf(text + length, size - length, "%s%s=", i ? " " : "", value->name);
        if (length >= size)
            break;
        length += value->choice[0] ? (size_t)snprintf(text + length, size - length, "%s", value->choice)
                                   : (size_t)snprintf(text + length, size - length, "%" PRId64 "%s",
                                                      value->value, strcmp(value->unit, "%") ? "" : " %");
    }
}
