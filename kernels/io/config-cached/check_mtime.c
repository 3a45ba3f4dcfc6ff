/* A file is parsed again where inode, size or time of change are others. All files are kept. */
#include "config-cached.h"

void run_check_mtime(void *state) {
    struct configs *configs = state;
    const struct call *calls = begin_run(configs);
    for (uint32_t i = 0; i < configs->calls; i++) {
        struct entry *entry = &configs->known[calls[i].tenant];
        struct stat file;
        entry->tenant = calls[i].tenant;
        if (has_changed(configs, entry,
                        &file)) { /* looked at before it is read: what changes after is seen next time */
            entry->file = file;
            parse_config(configs, entry->tenant, &entry->config);
        }
        if (configs->error)
            return;
        answer(configs, i, calls[i], &entry->config);
    }
}
