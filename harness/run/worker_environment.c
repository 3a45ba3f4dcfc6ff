#include "run/worker_environment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A name that ends with _ stands for all that begin so. */
static const char *const passed[] = {"PATH",
                                     "LANG",
                                     "LC_",
                                     "TZ",
                                     "LD_",
                                     "MALLOC_",
                                     "ASAN_OPTIONS",
                                     "LSAN_OPTIONS",
                                     "UBSAN_OPTIONS",
                                     "TSAN_OPTIONS",
                                     "LIBPFM_",
                                     "PAPI_",
                                     "GLIBC_TUNABLES",
                                     "COUNTERSIGN_",
                                     NULL};
static const char *const reproducibly[] = {"LD_LIBRARY_PATH", "VALGRIND_LIB", NULL};

static bool is_listed(const char *entry, const char *const *names) {
    size_t length = strcspn(entry, "=");
    for (; *names; names++) {
        size_t own = strlen(*names);
        if (!strncmp(entry, *names, own) && (length == own || (*names)[own - 1] == '_'))
            return true;
    }
    return false;
}

void worker_environment_keep(bool reproducible) {
    size_t count = 0;
    for (char **entry = environ; entry && *entry; entry++)
        if (is_listed(*entry, reproducible ? reproducibly : passed))
            environ[count++] = *entry;
    if (environ)
        environ[count] = NULL;
    if (!reproducible)
        return;
    setenv("PATH", "/usr/bin:/bin", 1);
    setenv("TMPDIR", ".", 1);                /* the worker's folder, whatever its name */
    setenv("OMP_WAIT_POLICY", "passive", 1); /* a tool that runs one thread at a time would count spinning */
}
