#include "compile/linker_words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What follows the first of the marks, up to one of `ends`; "" where none is there. */
static void find_name(const char *said, const char *const *marks, const char *ends, char *name, size_t size) {
    name[0] = '\0';
    for (; said && *marks && !name[0]; marks++) {
        const char *found = strstr(said, *marks);
        if (found)
            snprintf(name, size, "%.*s", (int)strcspn(found + strlen(*marks), ends), found + strlen(*marks));
    }
}

void linker_words_explain(const char *said, const char *folder, bool by_option, struct problem *problem) {
    static const char *const libraries[] = {"cannot find -l", "unable to find library -l", NULL},
                             *const functions[] = {"undefined reference to `", "undefined reference to '",
                                                   "undefined symbol: ", NULL};
    char name[128];
    find_name(said, libraries, "'\n:", name, sizeof name);
    if (name[0]) {
        problem_set(problem, ENOEXEC,
                    "cannot link %s: there is no library for -l%s; install it, or name its folder with "
                    "%s-LFOLDER",
                    folder, name, by_option ? "--ldflags=" : "LDFLAGS=");
        return;
    }
    find_name(said, functions, "'\n", name, sizeof name);
    if (name[0])
        problem_set(
            problem, ENOEXEC,
            "cannot link %s: %s is defined neither in its sources nor in a library that is named; name "
            "the library with %s",
            folder, name,
            by_option ? "--ldflags, as --ldflags=-lz"
                      : "KERNEL_LIBRARIES in kernel.cmake, or with LDFLAGS, as LDFLAGS=-lz");
}
