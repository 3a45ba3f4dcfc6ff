/*
 * From a kernel's sources to the modules that a worker loads: the one way for kernels that come with the
 * program and for a user's. What was compiled is kept in a cache by the contents of all that went into it
 * (the preprocessed sources, flags, compiler, processor), so that nothing stale is taken and nothing is
 * compiled twice.
 */
#ifndef COMPILE_KERNEL_BUILD_H
#define COMPILE_KERNEL_BUILD_H

#include "base/problem.h"
#include "compile/toolchain.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/** What to build, and with what. Members that are NULL take the folder's own. */
struct kernel_build_request {
    const char *folder;               /**< holds kernel.c or kernel.cpp and a source file a variant */
    const char *name;                 /**< of the modules; NULL: the folder's */
    const struct words *sources;      /**< NULL: all C and C++ files of the folder */
    const struct kernel_needs *needs; /**< NULL: the folder's kernel.cmake */
    enum build_kind kind; /**< which module must be there; the other is built too where it compiles */
    bool alone;           /**< the other is left out: nothing is simulated */
    const char *include;  /**< folder of countersign.h */
    const char *cache;    /**< folder for what is compiled, which is there; NULL: in the user's cache */
    const char *flags[2]; /**< NULL, or more flags for C and for C++ that change no code: warnings */
    const char *launcher; /**< NULL, or the words before the compiler where it compiles: ccache */
    double time_s;        /**< longest time a single tool may take */
    const volatile sig_atomic_t *interrupted; /**< NULL, or: stop once this is set */
};

/** What was built. */
struct kernel_build {
    char module[4096]; /**< NAME.KIND.so; its sibling and NAME.KIND.link, what each is linked from (links.h),
                          lie beside it */
    char *messages;    /**< what the tools said, warnings or why they failed; NULL: nothing */
    struct words read; /**< every file and folder that decides what is built, headers too */
    size_t compiled;   /**< translation units that were compiled now; 0 where all was there */
    size_t preprocessed; /**< units that the preprocessor was asked about; 0 where nothing had changed */
};

/** Whether a folder holds kernel.c or kernel.cpp. */
bool kernel_folder_is(const char *folder);

/**
 * Builds. Returns 0, or -errno with the problem: -ENOEXEC where a tool refused the sources (the problem says
 * which file was compiled and how, build->messages what the tool said), -ENOPKG where a package or library
 * that the kernel needs is not installed (which one), -EINTR when interrupted, -ETIMEDOUT, others where a
 * tool, a file or the cache could not be had. Clear `build` in any case.
 */
int kernel_build(const struct kernel_build_request *request, struct kernel_build *build,
                 struct problem *problem);

/**
 * Copies what was built into a folder, in which the program finds kernels, in place of what is there of that
 * name. Returns 0 or -errno with the problem.
 */
int kernel_build_publish(const struct kernel_build *build, const char *folder, struct problem *problem);

/** In place of it, FOLDER/NAME.missing: why there is no such kernel. Returns 0 or -errno with the problem. */
int kernel_build_leave_out(const char *folder, const char *name, const char *reason, struct problem *problem);

void kernel_build_clear(struct kernel_build *build);

#endif
