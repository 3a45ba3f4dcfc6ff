#include "host/proc_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Copies without what stands in parentheses ("(R)", "(TM)") and up to the frequency or the graphics unit. */
static void strip_marks(const char *model, char *plain, size_t size) {
    size_t used = 0;
    for (; *model && used + 1 < size; model++) {
        if (*model == '@' || strncasecmp(model, " with ", 6) == 0 || strncasecmp(model, " w/ ", 4) == 0)
            break;
        const char *close = *model == '(' ? strchr(model, ')') : NULL;
        plain[used++] = close ? ' ' : *model;
        model = close ? close : model;
    }
    plain[used] = '\0';
}

static bool is_filler(const char *word) {
    const char *digits_end = word + strspn(word, "0123456789");
    if (digits_end > word && (strcasecmp(digits_end, "-core") == 0 || strcasecmp(digits_end, "th") == 0 ||
                              strcasecmp(digits_end, "-cores") == 0))
        return true;
    return strcasecmp(word, "cpu") == 0 || strcasecmp(word, "processor") == 0 || strcasecmp(word, "gen") == 0;
}

/* Appends the word in lower case, each run of other characters than [a-z0-9] made one dash. */
static void append_word(char *name, size_t size, const char *word) {
    size_t used = strlen(name);
    bool dash = used > 0;
    for (; *word && used + dash + 1 < size; word++) {
        if (!isalnum((unsigned char)*word)) {
            dash = used > 0;
            continue;
        }
        if (dash)
            name[used++] = '-';
        dash = false;
        name[used++] = (char)tolower((unsigned char)*word);
    }
    name[used] = '\0';
}

void machine_name(const struct cpu_identity *identity, const char *architecture, unsigned cpus, char *name,
                  size_t size) {
    char plain[sizeof identity->model], suffix[24], *rest = NULL;
    strip_marks(identity->model, plain, sizeof plain);
    snprintf(suffix, sizeof suffix, "-%ucpu", cpus);
    size_t room = size > strlen(suffix) ? size - strlen(suffix) : 1;
    name[0] = '\0';
    for (char *word = strtok_r(plain, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest))
        if (!is_filler(word))
            append_word(name, room, word);
    if (!name[0])
        append_word(name, room, architecture);
    else if (!strpbrk(name, "0123456789") && identity->family) {
        char numbers[48];
        snprintf(numbers, sizeof numbers, "family%d-model%d", identity->family, identity->model_number);
        append_word(name, room, numbers);
    }
    size_t used = strlen(name);
    snprintf(name + used, size - used, "%s", name[0] ? suffix : suffix + 1);
}
