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

/* The flag that a compiler's own runtime library comes with, told by how its functions begin. NULL: it is none's. */
static const char *runtime_flag(const char *name) {
    static const struct {
        const char *beginning, *flag;
    } runtimes[] = {{"GOMP_", "-fopenmp"},
                    {"__kmpc_", "-fopenmp"},
                    {"__asan_", "-fsanitize=address"},
                    {"__tsan_", "-fsanitize=thread"},
                    {"__ubsan_", "-fsanitize=undefined"},
                    {"__gcov_", "--coverage"},
                    {"__llvm_profile", "-fprofile-instr-generate"}};
    for (size_t i = 0; i < sizeof runtimes / sizeof *runtimes; i++)
        if (!strncmp(name, runtimes[i].beginning, strlen(runtimes[i].beginning)))
            return runtimes[i].flag;
    return NULL;
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
    const char *flag = runtime_flag(name);
    if (flag)
        problem_set(problem, ENOEXEC,
                    "cannot link %s: it was compiled with %s (%s); link it so too, with %s%s", folder, flag,
                    name, by_option ? "--ldflags=" : "LDFLAGS=", flag);
    else if (name[0])
        problem_set(
            problem, ENOEXEC,
            "cannot link %s: %s is defined neither in its sources nor in a library that is named; name "
            "the library with %s",
            folder, name,
            by_option ? "--ldflags, as --ldflags=-lz"
                      : "KERNEL_LIBRARIES in kernel.cmake, or with LDFLAGS, as LDFLAGS=-lz");
}
