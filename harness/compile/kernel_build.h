/*
 * From a kernel's folder to the modules that a worker loads. What was compiled is kept in the user's cache by
 * the contents of all that went into it (the preprocessed sources, flags, compiler, processor), so that
 * nothing stale is taken and nothing is compiled twice.
 */
#ifndef COMPILE_KERNEL_BUILD_H
#define COMPILE_KERNEL_BUILD_H

#include "base/problem.h"
#include "compile/toolchain.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/** What to build, and with what. */
struct kernel_build_request {
    const char *folder;      /**< holds kernel.c or kernel.cpp and a source file a variant */
    enum build_kind kind;    /**< which module must be there; the other is built too where it compiles */
    const char *include;     /**< folder of countersign.h */
    const char *link_recipe; /**< path of the script cmake/link-recipe */
    double time_s;           /**< longest time a single tool may take */
    const volatile sig_atomic_t *interrupted; /**< NULL, or: stop once this is set */
};

/** What was built. */
struct kernel_build {
    char module[4096]; /**< NAME.KIND.so; its sibling and NAME.KIND.link, what each is linked from, lie beside
                          it */
    char *messages;    /**< what the tools said, warnings or why they failed; NULL: nothing; free it */
    size_t compiled;   /**< translation units that were compiled now; 0 where all was there */
};

/** Whether a folder holds kernel.c or kernel.cpp. */
bool kernel_folder_is(const char *folder);

/**
 * Builds. Returns 0, or -errno with the problem: -ENOEXEC where a tool refused the sources (the problem says
 * which file was compiled and how, build->messages what the tool said), -EINTR when interrupted, -ETIMEDOUT,
 * others where a tool, a file or the cache could not be had. Free build->messages in any case.
 */
int kernel_build(const struct kernel_build_request *request, struct kernel_build *build,
                 struct problem *problem);

#endif
