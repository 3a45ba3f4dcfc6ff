#include "host/hwloc_environment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "HWLOC_"
#define OURS "HWLOC_HIDE_ERRORS=" /* set by topology_open: it changes what is printed, not what is found */

static size_t name_length(const char *entry) {
    return strcspn(entry, "=");
}

/* A name of other characters would find no way into a message or a file unharmed. */
static bool can_be_named(const char *entry) {
    return strspn(entry, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
           name_length(entry);
}

int hwloc_environment_hide(struct words *hidden, char *names, size_t size) {
    size_t used = 0;
    *hidden = (struct words){0};
    names[0] = '\0';
    for (char **entry = environ; entry && *entry; entry++) {
        if (strncmp(*entry, PREFIX, strlen(PREFIX)) || !strncmp(*entry, OURS, strlen(OURS)) ||
            !strchr(*entry, '='))
            continue;
        int status = words_add(hidden, *entry);
        if (status) {
            words_clear(hidden);
            return status;
        }
        if (can_be_named(*entry) && used + name_length(*entry) + 3 < size)
            used += (size_t)snprintf(names + used, size - used, "%s%.*s", used ? ", " : "",
                                     (int)name_length(*entry), *entry);
    }
    for (size_t i = 0; i < hidden->count; i++) {
        char *entry = hidden->items[i];
        entry[name_length(entry)] = '\0';
        unsetenv(entry);
        entry[strlen(entry)] = '=';
    }
    return 0;
}

void hwloc_environment_restore(struct words *hidden) {
    for (size_t i = 0; i < hidden->count; i++) {
        char *entry = hidden->items[i], *value = entry + name_length(entry);
        *value = '\0';
        setenv(entry, value + 1, 1);
    }
    words_clear(hidden);
}
