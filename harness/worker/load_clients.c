#include "worker/load_clients.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#define LEAD_NS 20000    /* before the first request */
#define WAKING_NS 300000 /* that the others may take to wake up; it only has to be about right */
#define LOOK_NS 50000000 /* how often those that are waited for are looked at */

static void *share(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* Touched now, so that no request pays for a fault. */
static void touch(double *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        values[i] = NAN;
}

static struct load_clients *make(const struct worker *worker, size_t most) {
    size_t bytes = sizeof(struct load_clients) + 3 * most * sizeof(double);
    struct load_clients *clients = share(bytes);
    if (!clients)
        return NULL;
    clients->bytes = bytes;
    clients->count = worker->job->load.clients;
    clients->share_cpus = worker->job->load.clients > worker->job->load.cpu_count;
    clients->most = most;
    clients->starts = (double *)(clients + 1);
    clients->latency = clients->starts + most;
    clients->service = clients->latency + most;
    touch(clients->starts, 3 * most);
    sem_init(&clients->reached, 1, 0);
    return clients;
}

static void wait_for(sem_t *semaphore) {
    while (sem_wait(semaphore) != 0)
        continue;
}

/* Where the worker's answer was is nothing in a child; what this one says is taken from its own. */
static int become_client(struct worker *worker, size_t number) {
    struct load_client *client = &worker->clients->clients[number];
    struct worker_job *own = malloc(sizeof *own);
    unsigned cpu = worker->job->load.cpus[number % worker->job->load.cpu_count];
    cpu_set_t set;
    if (!own)
        return -ENOMEM;
    *own = *worker->job;
    own->cpus.cpus[0] = cpu;
    own->seed ^= number * UINT64_C(0x9e3779b97f4a7c15);
    worker->job = own;
    worker->client = number;
    worker->answer = client->answer;
    worker->original = worker_mark_original();
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!worker->original || sched_setaffinity(0, sizeof set, &set) != 0)
        return -errno;
    wait_for(&client->start);
    return 0;
}

int load_clients_fork(struct worker *worker, size_t most) {
    worker->clients = make(worker, most);
    if (!worker->clients)
        return worker_fail(worker, FAILURE_HARNESS, ENOMEM, "no memory for latencies");
    if (worker->clients->share_cpus)
        prctl(PR_SET_TIMERSLACK, 1);
    for (size_t i = 1; i < worker->clients->count; i++) {
        struct load_client *client = &worker->clients->clients[i];
        client->answer = share(worker->answer_bytes);
        sem_init(&client->start, 1, 0);
        sem_init(&client->go, 1, 0);
        pid_t process = client->answer ? fork() : -1; /* what is shared the child must not write */
        if (process < 0)
            return worker_fail(worker, FAILURE_HARNESS, errno, "cannot make client %zu of the load: %s",
                               i + 1, strerror(errno));
        if (process == 0) {
            int status = become_client(worker, i);
            return status ? worker_fail(worker, FAILURE_HARNESS, -status, "client %zu of the load: %s", i + 1,
                                        strerror(-status))
                          : 0;
        }
        client->process = process;
    }
    return 0;
}

/* Takes over why an ended client is no good. Returns whether it is. */
static bool take_faults(struct worker *worker, size_t number, int ending) {
    const struct load_client *client = &worker->clients->clients[number];
    const struct worker_answer *answer = client->answer;
    const struct worker_report *report = &answer->report;
    int arm = atomic_load(&answer->status.arm);
    bool any = false;
    if (answer->end != worker->secret[2]) {
        if (arm < 0 || (size_t)arm >= worker->job->arm_count)
            worker_fail(worker, FAILURE_SETUP, EIO, "client %zu of the load ended in %s", number + 1,
                        worker_phase_name((enum worker_phase)atomic_load(&answer->status.phase)));
        else {
            struct arm_why why = {.cause = CAUSE_CLIENT_ENDED, .client = (unsigned)number + 1};
            snprintf(why.said, sizeof why.said, "%s",
                     WIFSIGNALED(ending) ? strsignal(WTERMSIG(ending)) : "itself");
            worker_invalidate(worker, (size_t)arm, &why);
        }
        return true;
    }
    if (report->failure != FAILURE_NONE)
        worker_fail(worker, report->failure, report->error, "client %zu of the load: %s", number + 1,
                    report->failure_text);
    for (size_t i = 0; i < worker->job->arm_count; i++) {
        if (!report->arms[i].invalid || worker->report->arms[i].invalid)
            continue;
        struct arm_why why = report->arms[i].why;
        why.client = (unsigned)number + 1;
        worker_invalidate(worker, i, &why);
        any = true;
    }
    return any || report->failure != FAILURE_NONE;
}

/* A client that is gone before it was told so. */
static bool is_any_lost(struct worker *worker) {
    struct load_clients *clients = worker->clients;
    int ending = 0;
    for (size_t i = 1; i < clients->count; i++) {
        pid_t ended =
            clients->clients[i].process ? waitpid(clients->clients[i].process, &ending, WNOHANG) : 0;
        if (ended == 0 || (ended < 0 && errno == EINTR))
            continue;
        clients->clients[i].process = 0;
        if (!take_faults(worker, i, ending))
            worker_fail(worker, FAILURE_HARNESS, ECHILD, "client %zu of the load ended early", i + 1);
        worker->report->repeat = true;
        return true;
    }
    return false;
}

/* Until so many have reached what they were told to do. */
static int wait_for_clients(struct worker *worker, size_t count) {
    while (count > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        if (sem_timedwait(&worker->clients->reached, &until) == 0)
            count--;
        else if (is_any_lost(worker))
            return 1;
    }
    return 0;
}

int load_clients_ready(struct worker *worker) {
    for (size_t i = 1; i < worker->clients->count; i++) {
        worker_announce(worker, PHASE_SETUP, -1);
        sem_post(&worker->clients->clients[i].start);
        if (wait_for_clients(worker, 1))
            return 1;
    }
    return 0;
}

int load_clients_run(struct worker *worker, const struct load_task *task,
                     void (*work)(struct worker *worker)) {
    struct load_clients *clients = worker->clients;
    const struct sample_clock *clock = &worker->job->clock;
    size_t others = clients->count - 1;
    clients->task = *task;
    atomic_store(&clients->next, 0);
    for (size_t i = 1; i <= others; i++)
        sem_post(&clients->clients[i].start);
    worker_announce(worker, PHASE_TIME, (int)task->arm);
    if (wait_for_clients(worker, others))
        return 1;
    worker_prepare(worker, task->arm, 2);
    clients->zero =
        sample_clock_now(clock) + (uint64_t)((LEAD_NS + (others ? WAKING_NS : 0)) * clock->ticks_per_ns);
    for (size_t i = 1; i <= others; i++)
        sem_post(&clients->clients[i].go);
    work(worker);
    return wait_for_clients(worker, others);
}

void load_clients_serve(struct worker *worker, void (*work)(struct worker *worker)) {
    struct load_clients *clients = worker->clients;
    struct load_client *own = &clients->clients[worker->client];
    for (;;) {
        sem_post(&clients->reached);
        wait_for(&own->start);
        if (clients->task.kind == LOAD_TASK_END)
            return;
        worker_announce(worker, PHASE_TIME, (int)clients->task.arm);
        worker_prepare(worker, clients->task.arm, 2);
        sem_post(&clients->reached);
        wait_for(&own->go);
        work(worker);
    }
}

/* Those that nobody has told to set up are not asked. */
void load_clients_end(struct worker *worker) {
    struct load_clients *clients = worker->clients;
    bool well = !worker->report->repeat && worker->report->failure == FAILURE_NONE;
    clients->task.kind = LOAD_TASK_END;
    worker_announce(worker, PHASE_VERIFY_AGAIN, -1);
    for (size_t i = 1; i < clients->count; i++) {
        struct load_client *client = &clients->clients[i];
        int ending = 0;
        if (!client->process)
            continue;
        if (well)
            sem_post(&client->start);
        else
            kill(client->process, SIGKILL);
        while (waitpid(client->process, &ending, 0) < 0 && errno == EINTR)
            continue;
        if (well)
            take_faults(worker, i, ending);
    }
    munmap(clients, clients->bytes);
    worker->clients = NULL;
}
