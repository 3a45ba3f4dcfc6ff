#include "huge-pages.h"

/* /proc/self/smaps: a line with the addresses of a mapping, and then one a property. */
size_t huge_pages_held(const void *address) {
    FILE *file = fopen("/proc/self/smaps", "re");
    char line[512];
    unsigned long begin, end, held = 0;
    int here = 0;
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
            here = begin <= (uintptr_t)address && (uintptr_t)address < end;
        else if (here && sscanf(line, "AnonHugePages: %lu kB", &held) == 1)
            break;
    }
    if (file)
        fclose(file);
    return (size_t)held << 10;
}

void huge_pages_tell(const struct huge_pages *all, const uint64_t *numbers, char *text, size_t size) {
    size_t held = huge_pages_held(numbers), whole = all->n * sizeof *numbers / CS_HUGE_PAGE * CS_HUGE_PAGE;
    snprintf(text, size, "%s of the numbers in huge pages\n",
             held == 0      ? "none"
             : held < whole ? "a part"
                            : "all");
}
