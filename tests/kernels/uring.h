/* What the tests of kernels over io_uring need: a place where it is refused. */
#ifndef TESTS_KERNELS_URING_H
#define TESTS_KERNELS_URING_H

#include "../base/refuse_call.h"
#include "module.h"

#include <sys/syscall.h>

static inline bool is_left_out_with(struct module *module, const char *variant, unsigned error,
                                    const char *word) {
    const struct cs_variant *ring = &module->kernel->variants[module_variant(module, variant)];
    if (refuse_call(SYS_io_uring_setup, error))
        exit(MODULE_SKIP);
    return ring->supported(module->reason, sizeof module->reason) == 0 && strstr(module->reason, word);
}

/** That the variant is not measured where making a ring fails with `error`, and that the reason contains `word`. */
static inline void assert_left_out_with(struct module *module, const char *variant, unsigned error,
                                        const char *word) {
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(is_left_out_with(module, variant, error, word) ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == MODULE_SKIP)
        skip();
    assert_int_equal(status, 0);
}

/** So for each way in which a kernel or a filter refuses. */
static inline void assert_left_out_where_refused(struct module *module, const char *variant) {
    assert_left_out_with(module, variant, EPERM, "forbidden");
    assert_left_out_with(module, variant, ENOSYS, "no io_uring");
    assert_left_out_with(module, variant, ENOMEM, "does not begin");
}

#endif
