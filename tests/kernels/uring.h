/* What the tests of kernels over io_uring need: a place where it is refused. */
#ifndef TESTS_KERNELS_URING_H
#define TESTS_KERNELS_URING_H

#include "module.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

/** From now on, as containers do. */
static inline int refuse_io_uring(unsigned error) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static inline bool is_left_out_with(struct module *module, const char *variant, unsigned error,
                                    const char *word) {
    const struct cs_variant *ring = &module->kernel->variants[module_variant(module, variant)];
    if (refuse_io_uring(error))
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
