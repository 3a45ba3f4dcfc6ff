/* The file is read and parsed at each call. */
#include "config-cached.h"

void run_parse_each(void *state) {
    struct configs *configs = state;
    const struct call *calls = begin_run(configs);
    for (uint32_t i = 0; i < configs->calls; i++) {
        struct config config;
        if (parse_config(configs, calls[i].tenant, &config))
            return;
        answer(configs, i, calls[i], &config);
    }
}
