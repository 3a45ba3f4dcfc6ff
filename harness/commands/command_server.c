#include "commands/command_server.h"

#include "base/option_name.h"
#include "base/soft_limit.h"
#include "commands/command_job.h"
#include "run/outcome.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define POLL_MS 5
#define TRY_S 10.0 /* that the command that looks whether it is ready may take */

static void bind_half(const struct cpu_choice *choice, size_t first, size_t end, cpu_set_t *set, char *text,
                      size_t size) {
    size_t length = 0;
    CPU_ZERO(set);
    text[0] = '\0';
    for (size_t i = first; i < end && i < choice->count; i++) {
        CPU_SET(choice->cpus[i], set);
        if (length < size)
            length +=
                (size_t)snprintf(text + length, size - length, "%s%u", length ? "," : "", choice->cpus[i]);
    }
}

/* All that a list names. */
static int bind_list(const struct topology *topology, const char *list, cpu_set_t *set,
                     struct problem *problem) {
    struct cpu_choice choice;
    char text[64];
    unsigned count = 1;
    int status = topology_choose(topology, count, list, &choice, problem);
    if (status)
        return status;
    while (topology_choose(topology, count + 1, list, &choice, NULL) == 0)
        count++;
    topology_choose(topology, count, list, &choice, NULL);
    bind_half(&choice, 0, choice.count, set, text, sizeof text);
    return 0;
}

int command_server_cpus(const struct topology *topology, unsigned cores, const char *client_list,
                        const char *server_list, cpu_set_t *client, cpu_set_t *server, char *text,
                        size_t size, struct problem *problem) {
    struct cpu_choice all;
    char clients[64] = "", servers[64] = "";
    while (cores > 1 && topology_choose(topology, cores, NULL, &all, NULL) != 0)
        cores--;
    int status = topology_choose(topology, cores ? cores : 1, NULL, &all, problem);
    if (status)
        return status;
    size_t half = all.count / 2;
    bind_half(&all, half, all.count, client, clients, sizeof clients);
    bind_half(&all, 0, half ? half : 1, server, servers, sizeof servers);
    if (client_list)
        status = bind_list(topology, client_list, client, problem);
    if (status == 0 && server_list)
        status = bind_list(topology, server_list, server, problem);
    char own[2][32] = {"", ""};
    if (client_list)
        snprintf(own[0], sizeof own[0], " (%s)", option_name(SETTING_CPUS));
    if (server_list)
        snprintf(own[1], sizeof own[1], " (%s)", option_name(SETTING_SERVER_CPUS));
    snprintf(text, size, "client on %s%s, its server on %s%s%s", client_list ? client_list : clients, own[0],
             server_list ? server_list : servers, own[1],
             all.count < 2 ? ": there is one core for both" : "");
    return status;
}

/* Noise is looked for on both's: what the server used is ours, too. */
int command_server_bind(struct command_job *job, const char *listed, struct problem *problem) {
    char text[sizeof job->options->settings.cpu_reason];
    int status = command_server_cpus(job->supervisor->topology, job->run->host.topology.cores, listed,
                                     job->options->server_cpus, &job->binding, &job->server_binding, text,
                                     sizeof text, problem);
    job->cpu_count = 0;
    for (unsigned cpu = 0; status == 0 && cpu < CPU_SETSIZE && job->cpu_count < TOPOLOGY_MAX_CPUS; cpu++)
        if (CPU_ISSET(cpu, &job->binding) || CPU_ISSET(cpu, &job->server_binding))
            job->cpus[job->cpu_count++] = cpu;
    return status;
}

int command_server_choose_port(struct command_job *job, struct problem *problem) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) ||
                 getsockname(fd, (struct sockaddr *)&address, &length);
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (failed)
        return problem_set(problem, error, "no free port on 127.0.0.1 for a server: %s", strerror(error));
    job->server.port = ntohs(address.sin_port);
    snprintf(job->port_variable, sizeof job->port_variable, "COUNTERSIGN_PORT=%05u", job->server.port);
    return 0;
}

static bool accepts(unsigned port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return connected;
}

static bool is_ready(struct command_job *job, const volatile sig_atomic_t *told) {
    const struct command_arm *arm = command_of(job, job->server.arm);
    struct execution_request request = {.arguments = arm->ready,
                                        .environment = job->environment,
                                        .output = -1,
                                        .errors = -1,
                                        .cpus = &job->binding,
                                        .time_s = TRY_S,
                                        .clock = &job->run->host.clock,
                                        .interrupted = told};
    struct execution execution;
    if (!arm->ready)
        return accepts(job->server.port);
    return execution_run(&request, &execution, NULL) == 0 && execution.end == EXECUTION_EXITED &&
           execution.status == 0;
}

static void become_server(struct command_job *job, const struct command_arm *arm) {
    if (child_cut_off(job->server.output, job->server.output))
        _exit(126);
    close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    uint64_t file_bytes = job->supervisor->limits.file_bytes;
    if (soft_limit(RLIMIT_CORE, 1) || (file_bytes && soft_limit(RLIMIT_FSIZE, file_bytes)) ||
        sched_setaffinity(0, sizeof job->server_binding, &job->server_binding) ||
        (arm->directory && chdir(arm->directory)))
        _exit(126);
    execvpe(arm->server[0], arm->server, job->environment);
    dprintf(2, "%s cannot be run: %s\n", arm->server[0], strerror(errno));
    _exit(127);
}

/* How it ended, and its last words. */
static void explain(struct command_server *server, const char *when) {
    char said[160], how[48];
    outcome_last_line(server->output, said, sizeof said);
    child_describe_end(&server->child, how, sizeof how);
    snprintf(server->words, sizeof server->words, "%s %s%s", how, when, said);
}

static int await(struct command_job *job, const volatile sig_atomic_t *told) {
    struct command_server *server = &job->server;
    uint64_t end = monotonic_ns() + (uint64_t)(job->options->ready_s * 1e9);
    for (;;) {
        bool ready = is_ready(job, told);
        if (child_has_ended(&server->child, ready ? 0 : POLL_MS)) {
            explain(server, "before it was ready");
            return 0;
        }
        if (ready)
            return 0;
        if (*told)
            return -EINTR;
        if (monotonic_ns() > end) {
            char said[160];
            outcome_last_line(server->output, said, sizeof said);
            snprintf(server->words, sizeof server->words, "was not ready after %g s (%s)%s",
                     job->options->ready_s, option_name(SETTING_READY_LIMIT), said);
            return 0;
        }
    }
}

static int do_start(void *argument, const volatile sig_atomic_t *told) {
    struct command_job *job = argument;
    struct command_server *server = &job->server;
    const struct command_arm *arm = command_of(job, server->arm);
    server->words[0] = '\0';
    if (ftruncate(server->output, 0) != 0 || lseek(server->output, 0, SEEK_SET) != 0)
        return -errno;
    if (is_ready(job, told)) { /* of another program, or left over: the client would ask that */
        snprintf(
            server->words, sizeof server->words,
            "was not started: something answers already where it should, as one that has its port; let it listen on "
            "$COUNTERSIGN_PORT");
        return 0;
    }
    orphans_adopt(&server->orphans);
    const char *call;
    pid_t pid = child_fork(&server->child, &call);
    if (pid == 0)
        become_server(job, arm);
    return pid < 0 ? (int)pid : await(job, told);
}

static int do_stop(void *argument, const volatile sig_atomic_t *told) {
    struct command_server *server = &((struct command_job *)argument)->server;
    int wait_status;
    (void)told;
    if (!child_has_ended(&server->child, 0))
        child_tell_to_end(&server->child, server->child.pid);
    else if (!server->words[0])
        explain(server, "while the client ran");
    int status =
        orphans_end_child(&server->orphans, server->child.pid, server->child.pidfd, &wait_status, NULL);
    close(server->child.pidfd);
    server->child = (struct child){0, -1};
    return status;
}

static void take_words(const struct command_job *job, char *reason, size_t size) {
    if (job->server.words[0])
        snprintf(reason, size, "the server of %s %s", command_of(job, job->server.arm)->label,
                 job->server.words);
}

int command_server_start(struct command_job *job, size_t arm, char *reason, size_t size,
                         struct problem *problem) {
    job->server.arm = arm;
    job->server.child = (struct child){0, -1};
    int status =
        nursery_call(&job->nursery, do_start, job, job->options->ready_s + 2 * TRY_S + NURSERY_GRACE_S,
                     job->supervisor->interrupted);
    take_words(job, reason, size);
    return status && status != -EINTR
               ? problem_set(problem, -status, "the server of %s cannot be started: %s",
                             command_of(job, arm)->label, strerror(-status))
               : status;
}

int command_server_stop(struct command_job *job, char *reason, size_t size, struct problem *problem) {
    if (!job->server.child.pid)
        return 0;
    int status = nursery_call(&job->nursery, do_stop, job, NURSERY_GRACE_S, NULL);
    take_words(job, reason, size);
    return status ? problem_set(problem, -status, "the server of %s cannot be ended: %s",
                                command_of(job, job->server.arm)->label, strerror(-status))
                  : 0;
}
