#include "huge-pages.h"

#include <string.h>

#define SETTING "/sys/kernel/mm/transparent_hugepage/enabled"

int support_huge(char *reason, size_t reason_size) {
    char words[64] = "";
    FILE *file = fopen(SETTING, "re");
    int known = file && fgets(words, sizeof words, file);
    if (file)
        fclose(file);
    if (known && !strstr(words, "[never]"))
        return 1;
    snprintf(reason, reason_size, "transparent huge pages are off: " SETTING " %s",
             known ? "says never" : "is not there");
    return 0;
}

/* An array of this alignment is asked for by madvise(MADV_HUGEPAGE) before it is first touched. */
int prepare_huge(const struct cs_env *env, void *state) {
    struct huge_pages *all = state;
    all->huge = cs_aligned_array(env, "numbers", all->n, uint64_t, CS_HUGE_PAGE);
    huge_pages_fill(all, all->huge);
    return 0;
}

void run_huge(void *state) {
    struct huge_pages *all = state;
    huge_pages_read(all, all->huge);
}

void tell_huge(void *state, char *text, size_t size) {
    const struct huge_pages *all = state;
    huge_pages_tell(all, all->huge, text, size);
}
