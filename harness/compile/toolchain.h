/* With what a kernel's folder is compiled: the environment's compilers and flags, and its kernel.cmake. */
#ifndef COMPILE_TOOLCHAIN_H
#define COMPILE_TOOLCHAIN_H

#include "base/command.h"
#include "base/problem.h"
#include "base/words.h"

#include <stdbool.h>

/** The two builds of every kernel. */
enum build_kind { BUILD_NATIVE, BUILD_PORTABLE };
#define BUILD_KINDS 2
/** "native", "portable". */
const char *build_kind_name(enum build_kind kind);

/**
 * Compilers and flags. $CC and $CXX may hold several words ("ccache gcc"); $CFLAGS and $CXXFLAGS take the
 * place of the default flags of the native build as they are. The portable build has the same without what
 * chooses a processor (-march=, -mcpu=, -mtune=, -mavx512…) or debug data (-g…), and the portable processor's
 * flags and -gdwarf-4 instead. $COUNTERSIGN_PORTABLE_FLAGS, where it is set, are the portable processor's
 * flags: for a compiler that compiles for another machine than this program is for.
 */
struct toolchain {
    struct words cc, cxx;
    struct words cflags[BUILD_KINDS], cxxflags[BUILD_KINDS];
    struct words ldflags;
    struct words pkg_config;
};

/** From $CC, $CXX, $CFLAGS, $CXXFLAGS, $LDFLAGS and $PKG_CONFIG. Returns 0, or -errno with the problem (which
 * variable cannot be split into words). Clear it in any case. */
int toolchain_read(struct toolchain *toolchain, struct problem *problem);
void toolchain_clear(struct toolchain *toolchain);

/**
 * Asks the compiler of C or C++ for its version, which is in result->out; not again within 10 s, while the program that is
 * run is the same file. Returns 0, or -errno with the problem: it cannot
 * be run or does not tell, and the variable that names it. Clear the result in any case.
 */
int toolchain_ask(const struct toolchain *toolchain, bool cxx, const struct command_limits *limits,
                  struct command_result *result, struct problem *problem);

/** Whether a flag chooses a processor or debug data, of which the portable build has its own. */
bool toolchain_is_native_alone(const char *flag);

/**
 * A module is loaded into a program and yet measured as if it were one: what it defines cannot be replaced
 * from outside, so that its own calls are direct and may be inlined, and its thread-local data is reached
 * without a call.
 */
#define TOOLCHAIN_AS_A_PROGRAM                                                                               \
    "-fPIC -fvisibility=hidden -fno-semantic-interposition -ftls-model=initial-exec"
#define TOOLCHAIN_LINK_AS_A_PROGRAM "-Wl,-Bsymbolic"

/** What a kernel needs besides the C library: `kernel.cmake` in its folder. */
struct kernel_needs {
    struct words packages;  /**< KERNEL_PACKAGES: pkg-config modules */
    struct words libraries; /**< KERNEL_LIBRARIES: by name, or as -l… or a path */
    bool openmp;            /**< KERNEL_OPENMP */
};

/**
 * Reads FOLDER/kernel.cmake: comments and `set(KERNEL_… value…)` of the three variables, nothing else. Where
 * there is no such file nothing is needed. Returns 0, or -errno with the problem (file, line, what is
 * allowed). Clear it in any case.
 */
int kernel_needs_read(struct kernel_needs *needs, const char *folder, struct problem *problem);
void kernel_needs_clear(struct kernel_needs *needs);

#endif
