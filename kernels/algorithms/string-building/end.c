#include "string-building.h"

static void build(struct strings *strings, const char *const *pieces, char *handed) {
    char *text = strings->end_text, *end = text;
    for (size_t i = 0; i < strings->n; i++) {
        size_t length = strlen(pieces[i]);
        memcpy(end, pieces[i], length);
        end += length;
    }
    *end = 0;
    memcpy(handed, text, (size_t)(end - text) + 1);
}

void run_end(void *state) {
    strings_run(state, build);
}

int prepare_end(const struct cs_env *env, void *state) {
    struct strings *strings = state;
    strings->end_text = cs_array(env, "text with a known end", strings->bytes + 1, char);
    return 0;
}
