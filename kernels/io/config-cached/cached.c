/* A bounded cache: the files used last, each trusted for some calls before anybody looks whether it has changed. */
#include "config-cached.h"

/* The tenant's entry, or the one to be given up for it: a free one, else the one used longest ago. */
static struct entry *find_entry(struct configs *configs, uint32_t tenant) {
    struct entry *oldest = configs->cache;
    for (struct entry *entry = configs->cache; entry < configs->cache + CACHED; entry++) {
        if (entry->used && entry->tenant == tenant)
            return entry;
        if (entry->called < oldest->called)
            oldest = entry;
    }
    oldest->used = 0;
    oldest->tenant = tenant;
    return oldest;
}

static void look_at_file(struct configs *configs, struct entry *entry) {
    struct stat file;
    if (has_changed(configs, entry, &file) || !entry->used) {
        entry->file = file;
        entry->used = parse_config(configs, entry->tenant, &entry->config) == 0;
    }
    entry->trusted = TRUSTED;
}

void run_cached(void *state) {
    struct configs *configs = state;
    const struct call *calls = begin_run(configs);
    for (uint32_t i = 0; i < configs->calls; i++) {
        struct entry *entry = find_entry(configs, calls[i].tenant);
        entry->called = ++configs->now;
        if (!entry->used || entry->trusted == 0)
            look_at_file(configs, entry);
        entry->trusted--;
        if (configs->error)
            return;
        answer(configs, i, calls[i], &entry->config);
    }
}
