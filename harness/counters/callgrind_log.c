/* What Valgrind says in its log before it gives up. */
#include "counters/callgrind.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LINE 256

/* "==1234== words" without its mark and line end. */
static const char *strip(char *line) {
    line[strcspn(line, "\r\n")] = '\0';
    const char *words = line;
    if (strspn(line, "=-*") == 2) {
        words += 2 + strspn(line + 2, "0123456789");
        words += strspn(words, "=-*");
    }
    while (isspace((unsigned char)*words))
        words++;
    return words;
}

static bool speaks_of_debug_data(const char *words) {
    return strcasestr(words, "dwarf") || strstr(words, "debuginfo");
}

/* What tells the reason, of what kind it may be; each the first of its kind. */
struct last_words {
    char instruction[LINE], debug[LINE], fatal[LINE];
};

static void keep(char kept[LINE], const char *words) {
    if (!kept[0])
        snprintf(kept, LINE, "%.*s", LINE - 1, words);
}

static void read_log(FILE *file, struct last_words *last) {
    char line[2 * LINE];
    while (fgets(line, sizeof line, file)) {
        const char *words = strip(line), *unhandled = strstr(words, "unhandled instruction");
        if (unhandled)
            keep(last->instruction, unhandled);
        else if (speaks_of_debug_data(words))
            keep(last->debug, words);
        else if (!strncasecmp(words, "valgrind:", 9) || !strncmp(words, "FATAL", 5) ||
                 strstr(words, "out of memory"))
            keep(last->fatal, words);
    }
}

void callgrind_last_words(const char *path, const char *otherwise, char *text, size_t size) {
    struct last_words last = {"", "", ""};
    FILE *file = fopen(path, "re");
    if (file) {
        read_log(file, &last);
        fclose(file);
    }
    if (last.instruction[0])
        snprintf(text, size, "Valgrind does not know an instruction of it (%.100s)", last.instruction);
    else if (last.debug[0])
        snprintf(text, size,
                 "Valgrind cannot read its debug data, compile it with -gdwarf-4 (%.60s; it %.50s)",
                 last.debug, otherwise);
    else if (last.fatal[0])
        snprintf(text, size, "%.80s; it said: %.90s", otherwise, last.fatal);
    else
        snprintf(text, size, "%s", otherwise);
}
