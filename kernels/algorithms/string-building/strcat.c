#include "string-building.h"

static void build(struct strings *strings, const char *const *pieces, char *handed) {
    char *text = strings->strcat_text;
    *text = 0;
    for (size_t i = 0; i < strings->n; i++)
        strcat(text, pieces[i]);
    memcpy(handed, text, strlen(text) + 1);
}

void run_strcat(void *state) {
    strings_run(state, build);
}

int prepare_strcat(const struct cs_env *env, void *state) {
    struct strings *strings = state;
    strings->strcat_text = cs_array(env, "text of strcat", strings->bytes + 1, char);
    return 0;
}
