#include "run/exchange.h"

#include "run/report_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

struct worker_page *worker_page_new(size_t arms, size_t rounds) {
    struct worker_page *page = calloc(1, sizeof *page + arms * rounds * sizeof *page->ticks);
    if (page)
        page->rows = arms * rounds;
    return page;
}

void worker_page_free(struct worker_page *page) {
    free(page);
}

/* Above the places that the worker finds them at. */
static int make_file(const char *name) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int high = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, EXCHANGE_FIRST_FD) : -1;
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return high;
}

int exchange_open(struct exchange *exchange, struct worker_page *page) {
    struct worker_job *job = &page->job;
    *exchange = (struct exchange){.job = -1, .answer = -1};
    page->complete = false;
    memset(&page->status, 0, sizeof page->status);
    memset(&page->report, 0, offsetof(struct worker_report, thread_counts));
    atomic_store(&page->status.arm, -1);
    job->magic = WORKER_MAGIC;
    if (getrandom(job->secret, sizeof job->secret, 0) != (ssize_t)sizeof job->secret)
        return -errno;
    memcpy(exchange->secret, job->secret, sizeof exchange->secret);
    exchange->job = make_file("countersign-job");
    exchange->answer = make_file("countersign-page");
    if (exchange->job < 0 || exchange->answer < 0)
        return -errno;
    size_t rows = job->arm_count * job->max_rounds;
    off_t size = (off_t)(sizeof(struct worker_answer) + rows * sizeof(uint64_t));
    if (rows > page->rows || ftruncate(exchange->answer, size) != 0)
        return rows > page->rows ? -EINVAL : -errno;
    ssize_t length = pwrite(exchange->job, job, sizeof *job, 0);
    if (length != (ssize_t)sizeof *job)
        return length < 0 ? -errno : -ENOSPC;
    return fcntl(exchange->job, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ||
                   fcntl(exchange->answer, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
               ? -errno
               : 0;
}

void exchange_close(struct exchange *exchange) {
    if (exchange->job >= 0)
        close(exchange->job);
    if (exchange->answer >= 0)
        close(exchange->answer);
    exchange->job = exchange->answer = -1;
}

/* By a call, as what is mapped can be taken away below the reader. */
static bool read_answer(const struct exchange *exchange, size_t offset, void *to, size_t size) {
    return pread(exchange->answer, to, size, (off_t)offset) == (ssize_t)size;
}

bool exchange_look(struct exchange *exchange, struct worker_page *page) {
    struct worker_status *to = &page->status, now;
    for (int tries = 0; tries < 3; tries++) { /* it may be writing */
        if (!read_answer(exchange, offsetof(struct worker_answer, status), &now, sizeof now))
            return false;
        uint32_t phase = atomic_load(&now.phase);
        int32_t arm = atomic_load(&now.arm);
        uint64_t heartbeat = atomic_load(&now.heartbeat);
        bool sealed = atomic_load(&now.seal) == worker_seal(exchange->secret, phase, arm, heartbeat) &&
                      phase <= PHASE_DONE && arm >= -1 && arm < (int32_t)page->job.arm_count;
        bool started = heartbeat > 0 || exchange->heartbeat > 0;
        if (started && (!sealed || heartbeat < exchange->heartbeat))
            continue;
        exchange->heartbeat = heartbeat;
        if (started)
            *to = now;
        return true;
    }
    /* The rest is told without whose code ran, and when. */
    atomic_store(&now.phase, PHASE_UNKNOWN);
    atomic_store(&now.heartbeat, exchange->heartbeat);
    atomic_store(&now.arm, -1);
    *to = now;
    return false;
}

bool exchange_is_complete(const struct exchange *exchange) {
    uint64_t end = 0;
    return read_answer(exchange, offsetof(struct worker_answer, end), &end, sizeof end) &&
           end == exchange->secret[2];
}

/* As much of the report as was filled. */
static bool read_report(const struct exchange *exchange, struct worker_page *page) {
    const size_t start = offsetof(struct worker_answer, report);
    struct worker_report *report = &page->report;
    if (!read_answer(exchange, start, report, offsetof(struct worker_report, thread_counts)))
        return false;
    size_t threads = report->counted_threads <= WORKER_THREADS ? report->counted_threads : 0;
    for (size_t arm = 0; arm < page->job.arm_count && threads; arm++)
        if (!read_answer(exchange, start + offsetof(struct worker_report, thread_counts[arm]),
                         report->thread_counts[arm], threads * sizeof report->thread_counts[arm][0]))
            return false;
    return true;
}

static bool read_ticks(const struct exchange *exchange, struct worker_page *page) {
    size_t rounds = page->report.rounds, row = page->job.max_rounds * sizeof(uint64_t);
    for (size_t arm = 0; arm < page->job.arm_count && rounds; arm++)
        if (!read_answer(exchange, sizeof(struct worker_answer) + arm * row,
                         page->ticks + arm * page->job.max_rounds, rounds * sizeof(uint64_t)))
            return false;
    return true;
}

int exchange_take(const struct exchange *exchange, struct worker_page *page, double alive_s, char *text,
                  size_t size) {
    const char *wrong = read_report(exchange, page) ? report_check(&page->job, &page->report) : "its length";
    if (!wrong && !read_ticks(exchange, page))
        wrong = "its length";
    if (!wrong)
        wrong = report_check_ticks(&page->job, &page->report, page->ticks, alive_s);
    page->complete = !wrong;
    if (!wrong)
        return 0;
    memset(&page->report, 0, sizeof page->report);
    snprintf(text, size, "left a report that no worker writes (%s): something wrote over it", wrong);
    return -EPROTO;
}
