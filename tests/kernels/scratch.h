/* What the tests of kernels that keep a file need: what is open, what lies in a folder, and what a run asks
 * of the kernel. */
#ifndef TESTS_KERNELS_SCRATCH_H
#define TESTS_KERNELS_SCRATCH_H

#include "module.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

/** Entries of a folder, "." and ".." left out; the path of the last one in `path` (4096 bytes) unless it is
 * NULL. */
static inline size_t folder_entries(const char *folder, char *path) {
    size_t count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        count++;
        if (path)
            assert_in_range(snprintf(path, 4096, "%s/%s", folder, entry->d_name), 1, 4095);
    }
    closedir(directory);
    return count;
}

/** Open file descriptors of this process, the one that counts them included. */
static inline size_t open_descriptors(void) {
    return folder_entries("/proc/self/fd", NULL);
}

/** Sets the soft limit of a resource and returns the one before. */
static inline rlim_t set_limit(int resource, rlim_t soft) {
    struct rlimit limit;
    assert_int_equal(getrlimit(resource, &limit), 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = soft;
    assert_int_equal(setrlimit(resource, &limit), 0);
    return before;
}

/** Lets this process open one more file and no second. Returns the limit before, for set_limit(RLIMIT_NOFILE,
 * ...). */
static inline rlim_t leave_one_descriptor(void) {
    int lowest = dup(STDIN_FILENO);
    assert_true(lowest >= 0);
    close(lowest);
    return set_limit(RLIMIT_NOFILE, (rlim_t)lowest + 1);
}

/** A limit on file sizes whose crossing is an error, EFBIG, and not a signal. */
static inline rlim_t set_file_limit(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    return set_limit(RLIMIT_FSIZE, bytes);
}

/** setup that must fail with `error`, a reason that contains `word`, and nothing left open or in the scratch
 * folder. */
static inline void assert_setup_fails(struct module *module, const struct cs_env *env, int error,
                                      const char *word) {
    size_t descriptors = open_descriptors();
    void *state = NULL;
    int status = module_try_setup(module, env, &state);
    if (status == 0)
        module_teardown(module, state);
    assert_int_equal(status, -error);
    if (!strstr(module->reason, word))
        fail_msg("the reason should name %s: %s", word, module->reason);
    assert_int_equal(open_descriptors(), descriptors);
    assert_int_equal(folder_entries(module->scratch, NULL), 0);
}

/** Read-like and write-like system calls of this process so far (proc(5), /proc/PID/io). Returns 0 if it
 * keeps none. */
static inline int system_calls(uint64_t *reads, uint64_t *writes) {
    char line[128];
    int found = 0;
    FILE *file = fopen("/proc/self/io", "re");
    while (file && fgets(line, sizeof line, file)) {
        found += sscanf(line, "syscr: %" SCNu64, reads) == 1;
        found += sscanf(line, "syscw: %" SCNu64, writes) == 1;
    }
    if (file)
        fclose(file);
    return found == 2;
}

/** System calls of one run of `variant`, those of counting itself taken off. */
static inline void count_system_calls(struct module *module, void *state, const char *variant,
                                      uint64_t *reads, uint64_t *writes) {
    uint64_t read_at[3], write_at[3];
    size_t index = module_variant(module, variant);
    if (!system_calls(&read_at[0], &write_at[0])) {
        print_message("skipped: this kernel keeps no /proc/self/io\n");
        module_teardown(module, state);
        skip();
    }
    system_calls(&read_at[1], &write_at[1]);
    module->kernel->variants[index].run(state);
    system_calls(&read_at[2], &write_at[2]);
    *reads = read_at[2] - read_at[1] - (read_at[1] - read_at[0]);
    *writes = write_at[2] - write_at[1] - (write_at[1] - write_at[0]);
}

#endif
