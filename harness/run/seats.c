#include "run/seats.h"

#include "base/child.h"
#include "base/nursery.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 50

/* What the process of a seat tells the program; the job's answer follows. */
struct account {
    bool done; /* it came to its end, with `status` */
    int status;
    struct problem problem;
    _Alignas(64) unsigned char answer[];
};

struct occupied_seat {
    struct seat seat;
    struct account *account; /* shared */
    struct child child;      /* none: the seat is free */
    size_t job;
};

struct queue {
    const struct supervisor *supervisor;
    const struct seated_work *work;
    struct occupied_seat seats[SEATS_MOST];
    unsigned seat_count;
    size_t next;
    int status;
    struct problem *problem;
};

unsigned seats_count(const struct supervisor *supervisor, const char *cpus) {
    struct cpu_choice choice;
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 2;
    double fit = memory / (double)supervisor->limits.memory_bytes;
    unsigned seats = fit < 1 ? 1 : fit > SEATS_MOST ? SEATS_MOST : (unsigned)fit;
    while (seats > 1 &&
           (topology_choose(supervisor->topology, seats, cpus, &choice, NULL) != 0 || choice.shared_core))
        seats--;
    return seats;
}

int seat_choose_cpus(const struct seat *seat, unsigned threads, const char *cpus, struct cpu_choice *choice,
                     struct problem *problem) {
    const struct topology *topology = seat->supervisor->topology;
    char cpu[16];
    if (threads > 1 || seat->count < 2)
        return topology_choose(topology, threads, cpus, choice, problem);
    snprintf(cpu, sizeof cpu, "%u", seat->cpu);
    return topology_choose(topology, 1, cpu, choice, problem);
}

static bool is_interrupted(const struct queue *queue) {
    return queue->supervisor->interrupted && *queue->supervisor->interrupted;
}

/* The first failure is the one that is told. */
static void fail(struct queue *queue, int status, const struct problem *problem) {
    if (queue->status == 0) {
        queue->status = status;
        *queue->problem = *problem;
    }
}

/* In the process of the seat, whose supervisor is a copy: one waits for one worker at a time. */
static int do_job(const struct queue *queue, struct occupied_seat *occupied, struct problem *problem) {
    struct supervisor own = *queue->supervisor;
    int length = snprintf(own.scratch, sizeof own.scratch, "%.4000s/s%u", queue->supervisor->scratch,
                          occupied->seat.number);
    if (length >= (int)sizeof own.scratch || (mkdir(own.scratch, 0700) && errno != EEXIST))
        return problem_set(problem, errno, "cannot make %s: %s", own.scratch, strerror(errno));
    occupied->seat.supervisor = &own;
    return queue->work->work(queue->work->context, occupied->job, &occupied->seat, problem);
}

static void begin(struct queue *queue, struct occupied_seat *occupied) {
    struct account *account = occupied->account;
    struct problem problem;
    memset(account, 0, sizeof *account + queue->work->answer_bytes);
    occupied->job = queue->next++;
    const char *call;
    pid_t pid = child_fork(&occupied->child, &call);
    if (pid == 0) {
        account->status = do_job(queue, occupied, &account->problem);
        account->done = true;
        _exit(0);
    }
    if (pid < 0) {
        problem_set(&problem, -pid, "cannot start a process beside the program: %s: %s", call,
                    strerror(-pid));
        fail(queue, pid, &problem);
    }
}

static void take(struct queue *queue, struct occupied_seat *occupied) {
    const struct account *account = occupied->account;
    struct problem problem = {""};
    int ended = 0, status = account->status;
    waitpid(occupied->child.pid, &ended, 0);
    close(occupied->child.pidfd);
    occupied->child.pid = 0;
    if (!account->done)
        status = problem_set(&problem, ECHILD, "a process beside the program was ended by signal %d",
                             WIFSIGNALED(ended) ? WTERMSIG(ended) : 0);
    else if (status)
        problem = account->problem;
    else
        status = queue->work->take(queue->work->context, occupied->job, account->answer, &problem);
    if (status)
        fail(queue, status, &problem);
}

/* Until a job is done, or the program is interrupted. */
static void wait_for_seats(struct queue *queue, bool *told) {
    struct pollfd ends[SEATS_MOST];
    for (unsigned i = 0; i < queue->seat_count; i++)
        ends[i] = (struct pollfd){.fd = queue->seats[i].child.pid ? queue->seats[i].child.pidfd : -1,
                                  .events = POLLIN};
    int ready = poll(ends, queue->seat_count, POLL_MS);
    for (unsigned i = 0; ready > 0 && i < queue->seat_count; i++)
        if (ends[i].revents)
            take(queue, &queue->seats[i]);
    for (unsigned i = 0; is_interrupted(queue) && !*told && i < queue->seat_count; i++)
        if (queue->seats[i].child.pid)
            kill(queue->seats[i].child.pid, SIGINT); /* the handler that it inherited sets its own flag */
    *told |= is_interrupted(queue);
}

static void do_all(struct queue *queue) {
    bool told = false;
    for (unsigned busy = 1; busy;) {
        busy = 0;
        for (unsigned i = 0; i < queue->seat_count; i++) {
            bool wanted = queue->status == 0 && !is_interrupted(queue) && queue->next < queue->work->count;
            if (!queue->seats[i].child.pid && wanted)
                begin(queue, &queue->seats[i]);
            busy += queue->seats[i].child.pid != 0;
        }
        if (busy)
            wait_for_seats(queue, &told);
    }
}

int seats_work(const struct supervisor *supervisor, const char *cpus, const struct seated_work *work,
               struct problem *problem) {
    struct queue queue = {.supervisor = supervisor, .work = work, .problem = problem};
    struct cpu_choice choice = {.count = 0};
    size_t bytes = sizeof(struct account) + work->answer_bytes;
    unsigned seats = seats_count(supervisor, cpus);
    seats = work->count < seats ? (unsigned)work->count : seats;
    if (seats > 1)
        topology_choose(supervisor->topology, seats, cpus, &choice, NULL);
    for (unsigned i = 0; i < seats; i++) {
        struct occupied_seat *occupied = &queue.seats[i];
        occupied->account = nursery_share(bytes);
        if (!occupied->account)
            break;
        occupied->seat = (struct seat){
            .number = i, .cpu = choice.cpus[i], .count = seats, .answer = occupied->account->answer};
        queue.seat_count++;
    }
    if (work->count && !queue.seat_count)
        return problem_set(problem, ENOMEM, "no memory for work beside the program");
    do_all(&queue);
    for (unsigned i = 0; i < queue.seat_count; i++)
        nursery_unshare(queue.seats[i].account, bytes);
    return queue.status == 0 && is_interrupted(&queue) ? -EINTR : queue.status;
}
