#include "worker/thread_census.h"

#include "base/process_stat.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define ENDED_NS 20000 /* of CPU time that no thread tells of: some thread has ended */

static _Atomic uint64_t started;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* A thread that was joined leaves no trace; so calls of modules, and of the runtimes they bring, come here
 * first, as a program's symbols come before a library's. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *context) {
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    atomic_fetch_add(&started, 1);
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    return real ? real(thread, attributes, run, context) : ENOSYS;
}
#endif

/* The clock of a thread by its number (clock_getres(2): CPUCLOCK_PERTHREAD_MASK, CPUCLOCK_SCHED). */
static uint64_t read_cpu_ns(clockid_t clock) {
    struct timespec now;
    return clock_gettime(clock, &now) == 0 ? (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec : 0;
}

static uint64_t read_thread_ns(pid_t thread) {
    return read_cpu_ns((clockid_t)((~(unsigned)thread << 3) | 6));
}

void thread_census_take(struct thread_census *census) {
    census->count = counter_list_threads(census->threads, WORKER_THREADS);
    census->count = census->count > WORKER_THREADS ? -1 : census->count;
    for (int i = 0; i < census->count; i++)
        census->ns[i] = read_thread_ns(census->threads[i]);
    census->process_ns = read_cpu_ns(CLOCK_PROCESS_CPUTIME_ID);
    census->started = atomic_load(&started);
}

/* One that has ended meanwhile is at rest, too. */
static bool is_asleep(pid_t thread) {
    char path[64];
    struct process_stat stat;
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    return process_stat_read(path, &stat) || stat.state == 'S';
}

bool thread_census_settle(unsigned patience_ms) {
    pid_t threads[WORKER_THREADS];
    for (unsigned tries = 0; tries < patience_ms; tries++) {
        int count = counter_list_threads(threads, WORKER_THREADS);
        bool asleep = count > 0 && count <= WORKER_THREADS;
        for (int i = 0; i < count && asleep; i++)
            asleep = threads[i] == gettid() || is_asleep(threads[i]);
        if (asleep)
            return true;
        usleep(1000);
    }
    return false;
}

static uint64_t find_ns(const struct thread_census *census, pid_t thread) {
    for (int i = 0; i < census->count; i++)
        if (census->threads[i] == thread)
            return census->ns[i];
    return 0;
}

/* Threads are read around the process, and so tell of more time than it does, if none has ended. */
unsigned thread_census_ran(const struct thread_census *before) {
    pid_t threads[WORKER_THREADS];
    uint64_t process_ns = read_cpu_ns(CLOCK_PROCESS_CPUTIME_ID) - before->process_ns, sum = 0;
    int count = counter_list_threads(threads, WORKER_THREADS);
    unsigned ran = 0;
    if (before->count < 0 || count < 0 || count > WORKER_THREADS)
        return 0;
    for (int i = 0; i < count; i++) {
        uint64_t was = find_ns(before, threads[i]), now = read_thread_ns(threads[i]);
        ran += now > was;
        sum += now > was ? now - was : 0;
    }
    return process_ns > sum + ENDED_NS ? 0 : ran;
}

uint64_t thread_census_started(const struct thread_census *before) {
    return atomic_load(&started) - before->started;
}
