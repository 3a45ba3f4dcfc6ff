#include "base/nursery.h"

#include "base/child.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define POLL_MS 50

struct nursery_page {
    nursery_work *work;
    void *argument;
    int status;
    uint64_t cpu_ns;
};

/* In the nursery: SIGINT stops the work alone, SIGTERM the nursery too. */
static volatile sig_atomic_t told;

static void note_order(int number) {
    if (told != SIGTERM)
        told = number;
}

static uint64_t cpu_ns(void) {
    static const int whose[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
    uint64_t sum = 0;
    for (size_t i = 0; i < 2; i++) {
        struct rusage usage;
        if (getrusage(whose[i], &usage) == 0)
            sum += (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000u +
                   (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000u;
    }
    return sum;
}

/* The session keeps away what is sent to the program's whole group, as a key on the terminal or timeout(1)
 * does. */
__attribute__((noreturn)) static void tend(struct nursery_page *page, int channel, const sigset_t *mask) {
    struct orphans orphans = {.known_count = 0};
    struct sigaction action = {.sa_handler = note_order};
    char byte = 0;
    pid_t parent = getppid();
    setsid();
    prctl(PR_SET_NAME, "nursery");
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    told = 0;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigprocmask(SIG_SETMASK, mask, NULL);
    while (told != SIGTERM && getppid() == parent) {
        /*
         * Nothing comes of the program's death but the signal and, if that came before, the end of the file.
         */
        ssize_t got = read(channel, &byte, 1);
        if (got == 0 || (got < 0 && errno != EINTR))
            break;
        if (got < 0)
            continue;
        if (told == SIGINT) /* it was meant for the work before; one for this work comes again */
            told = 0;
        page->status = page->work(page->argument, &told);
        page->cpu_ns = cpu_ns();
        if (send(channel, &byte, 1, MSG_NOSIGNAL) != 1)
            break;
    }
    orphans_end(&orphans);
    _exit(0);
}

void *nursery_share(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void nursery_unshare(void *memory, size_t size) {
    if (memory)
        munmap(memory, size);
}

int nursery_open(struct nursery *nursery) {
    int ends[2];
    sigset_t orders, mask;
    *nursery = (struct nursery){.pidfd = -1, .channel = -1, .page = nursery_share(sizeof *nursery->page)};
    if (!nursery->page)
        return -ENOMEM;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
        int error = errno;
        nursery_close(nursery);
        return -error;
    }
    nursery->channel = ends[0];
    orphans_adopt(&nursery->orphans);
    struct child child;
    const char *call;
    /* One that is told to stop before it can listen, as on a busy machine, hears of it once it does. */
    sigemptyset(&orders);
    sigaddset(&orders, SIGINT);
    sigaddset(&orders, SIGTERM);
    sigprocmask(SIG_BLOCK, &orders, &mask);
    pid_t pid = child_fork(&child, &call);
    if (pid == 0) {
        close(ends[0]);
        tend(nursery->page, ends[1], &mask);
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
    close(ends[1]);
    nursery->pid = child.pid;
    nursery->pidfd = child.pidfd;
    if (pid < 0)
        nursery_close(nursery);
    return pid < 0 ? (int)pid : 0;
}

/* Whatever it started becomes this process's, and ends too. */
static void end_nursery(struct nursery *nursery) {
    int wait_status;
    orphans_end_child(&nursery->orphans, nursery->pid, nursery->pidfd, &wait_status, NULL);
    nursery->pid = 0;
}

int nursery_call(struct nursery *nursery, nursery_work *work, void *argument, double time_s,
                 const volatile sig_atomic_t *interrupted) {
    double end = monotonic_s() + time_s;
    bool stopping = false;
    char byte = 0;
    if (!nursery->pid)
        return -EPIPE;
    nursery->page->work = work;
    nursery->page->argument = argument;
    if (send(nursery->channel, &byte, 1, MSG_NOSIGNAL) != 1)
        return -EPIPE;
    for (;;) {
        struct pollfd ends[] = {{.fd = nursery->channel, .events = POLLIN},
                                {.fd = nursery->pidfd, .events = POLLIN}};
        if (poll(ends, 2, POLL_MS) > 0) {
            if (ends[0].revents && read(nursery->channel, &byte, 1) == 1)
                return nursery->page->status;
            end_nursery(nursery); /* it is gone, or hung up */
            return -EPIPE;
        }
        kill(nursery->pid, SIGCONT); /* whoever it watches may have stopped it */
        if (interrupted && *interrupted) {
            end = stopping ? end : monotonic_s() + NURSERY_GRACE_S;
            stopping = true;
            kill(nursery->pid, SIGINT);
        }
        if (monotonic_s() > end) {
            end_nursery(nursery);
            return -ETIMEDOUT;
        }
    }
}

uint64_t nursery_cpu_ns(const struct nursery *nursery) {
    return nursery->page ? nursery->page->cpu_ns : 0;
}

void nursery_close(struct nursery *nursery) {
    if (!nursery->page)
        return;
    if (nursery->channel >= 0)
        close(nursery->channel); /* upon which it ends by itself */
    if (nursery->pid && nursery->pidfd >= 0)
        poll(&(struct pollfd){.fd = nursery->pidfd, .events = POLLIN}, 1, (int)(NURSERY_GRACE_S * 1e3));
    if (nursery->pid)
        end_nursery(nursery);
    if (nursery->pidfd >= 0)
        close(nursery->pidfd);
    nursery_unshare(nursery->page, sizeof *nursery->page);
    *nursery = (struct nursery){.pidfd = -1, .channel = -1};
}
