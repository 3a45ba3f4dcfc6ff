#include "worker/process_settings.h"

#include "worker/process_state.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_GET_TSC
#define PR_GET_TSC 25
#endif

static int64_t mallopt_calls;

#if !defined(__SANITIZE_ADDRESS__) && defined(__GLIBC__)
/* The C library tells nobody what was set: so calls of modules come here first, as a program's symbols come
 * before a library's. */
int mallopt(int parameter, int value) {
    int (*real)(int, int);
    mallopt_calls++;
    *(void **)&real = dlsym(RTLD_NEXT, "mallopt");
    return real ? real(parameter, value) : 0;
}
#endif

static int64_t read_users(void) {
    uid_t real, effective, saved;
    return getresuid(&real, &effective, &saved) == 0
               ? ((int64_t)real << 32 ^ (int64_t)effective << 16 ^ saved)
               : -1;
}

static int64_t read_groups(void) {
    gid_t real, effective, saved;
    return getresgid(&real, &effective, &saved) == 0
               ? ((int64_t)real << 32 ^ (int64_t)effective << 16 ^ saved)
               : -1;
}

static bool is_resident(void *page) {
    unsigned char resident = 0;
    return mincore(page, 1, &resident) == 0 && resident & 1;
}

/* A page that nobody touches is there only where all memory was locked; so is a new one where later memory
 * will be (mlockall(2)). */
static int64_t read_locking(void) {
    static void *untouched;
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    if (!untouched)
        untouched = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *fresh = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (untouched == MAP_FAILED || fresh == MAP_FAILED)
        return -1;
    int64_t locking = is_resident(untouched) | is_resident(fresh) << 1;
    munmap(fresh, size);
    return locking;
}

static int64_t read_clock_permission(void) {
    int permission = 0;
    return prctl(PR_GET_TSC, &permission, 0, 0, 0) == 0 ? permission : -1;
}

static int64_t read_adoption(void) {
    int adopts = 0;
    return prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0) == 0 ? adopts : -1;
}

static int64_t read_memory_policy(void) {
    int mode = 0;
    return syscall(SYS_get_mempolicy, &mode, NULL, 0, NULL, 0) == 0 ? mode : -1;
}

void process_settings_read(int64_t *settings) {
    const int64_t values[PROCESS_STATE_SETTINGS] = {read_users(),
                                                    read_groups(),
                                                    prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0),
                                                    prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0),
                                                    personality(0xffffffff),
                                                    read_clock_permission(),
                                                    prctl(PR_GET_SECCOMP, 0, 0, 0, 0),
                                                    read_locking(),
                                                    mallopt_calls,
                                                    syscall(SYS_ioprio_get, 1, 0),
                                                    read_memory_policy(),
                                                    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0),
                                                    read_adoption()};
    for (int i = 0; i < PROCESS_STATE_SETTINGS; i++)
        settings[i] = values[i];
}

const char *process_setting_name(int setting) {
    static const char *const names[PROCESS_STATE_SETTINGS] = {"the user (setuid)",
                                                              "the group (setgid)",
                                                              "huge pages (PR_SET_THP_DISABLE)",
                                                              "the timer slack (PR_SET_TIMERSLACK)",
                                                              "the personality",
                                                              "reading the time stamp counter (PR_SET_TSC)",
                                                              "system calls that are allowed (seccomp)",
                                                              "locked memory (mlockall)",
                                                              "how malloc works (mallopt)",
                                                              "the I/O priority",
                                                              "the memory policy (set_mempolicy)",
                                                              "whether it may be dumped (PR_SET_DUMPABLE)",
                                                              "who adopts orphans (PR_SET_CHILD_SUBREAPER)"};
    return names[setting];
}
