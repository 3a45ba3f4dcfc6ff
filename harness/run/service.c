#include "run/service.h"

#include "base/find_program.h"
#include "base/folder.h"
#include "base/option_name.h"
#include "base/orphans.h"
#include "base/soft_limit.h"
#include "host/text_file.h"
#include "run/confinement.h"
#include "run/outcome.h"
#include "run/worker_environment.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <math.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY "nobody"
#define GRACE_MS 2000
#define POLL_MS 2
#define MOST_PATH 4200

static bool find(const struct module_service *service, char *path, size_t size) {
    if (service->program[0] != '/')
        return find_program(service->program, path, size) == 0;
    snprintf(path, size, "%s", service->program);
    return access(path, X_OK) == 0;
}

void services_find(struct module_description *module) {
    char path[MOST_PATH], reason[MODULE_TEXT];
    for (size_t i = 0; i < module->service_count; i++) {
        const struct module_service *service = &module->services[i];
        if (find(service, path, sizeof path))
            continue;
        snprintf(reason, sizeof reason, "needs the server %.60s, which is not installed%s", service->program,
                 service->program[0] == '/' ? "" : " (not in PATH)");
        if (service->variants == 0) {
            module->supported = false;
            memcpy(module->reason, reason, sizeof module->reason);
        }
        for (unsigned v = 0; service->variants && v < module->variant_count; v++)
            if (module_service_is_needed(service, v)) {
                module->variants[v].supported = false;
                memcpy(module->variants[v].reason, reason, sizeof module->variants[v].reason);
            }
    }
}

int services_place(const struct topology *topology, const char *cpus, const struct module_description *module,
                   const unsigned *variants, size_t count, struct worker_job *job, struct problem *problem) {
    struct cpu_choice all;
    unsigned needed = 0;
    for (size_t i = 0; i < module->service_count; i++) {
        job->services[i].declared = module->services[i];
        job->services[i].cpu = -1;
        job->services[i].needed = false;
        for (size_t v = 0; v < count; v++)
            job->services[i].needed |= module_service_is_needed(&module->services[i], variants[v]);
        needed += job->services[i].needed;
    }
    int status = topology_choose(topology, job->threads, cpus, &job->cpus, problem);
    if (status || !needed || topology_choose(topology, job->threads + needed, cpus, &all, NULL) != 0)
        return status;
    /* The worker's come first; what is left is the servers'. */
    for (size_t i = 0, next = job->threads; i < module->service_count; i++)
        if (job->services[i].needed)
            job->services[i].cpu = (int)all.cpus[next++];
    memcpy(job->cpus.cpus, all.cpus, job->threads * sizeof *all.cpus);
    job->cpus.node = all.node;
    return 0;
}

static bool runs_as_nobody(const struct worker_service *service) {
    return service->declared.refuses_root && geteuid() == 0;
}

size_t services_describe(const struct worker_job *job, struct service *services) {
    size_t count = 0;
    for (size_t i = 0; i < CS_MAX_SERVICES; i++) {
        if (!job->services[i].needed)
            continue;
        services[count] = (struct service){.cpu = job->services[i].cpu};
        memcpy(services[count].name, job->services[i].declared.name, sizeof services[count].name);
        memcpy(services[count].program, job->services[i].declared.program, sizeof services[count].program);
        if (runs_as_nobody(&job->services[i]))
            strcpy(services[count].user, NOBODY);
        count++;
    }
    return count;
}

static void name_folder(const struct supervisor *supervisor, const struct worker_service *service,
                        char *path) {
    snprintf(path, MOST_PATH, "%s/%s.server", supervisor->scratch, service->declared.name);
}

/* Who is nobody must get through the supervisor's folder, whose name alone is a secret then. */
static int give_away(const struct supervisor *supervisor, const char *folder) {
    const struct passwd *nobody = getpwnam(NOBODY);
    if (!nobody)
        return -ENOENT;
    return chmod(supervisor->scratch, 0711) || chown(folder, nobody->pw_uid, nobody->pw_gid) ? -errno : 0;
}

int services_make_folders(const struct supervisor *supervisor, struct worker_job *job,
                          struct problem *problem) {
    for (size_t i = 0; i < CS_MAX_SERVICES; i++) {
        struct worker_service *service = &job->services[i];
        char folder[MOST_PATH];
        service->socket[0] = '\0';
        if (!service->needed)
            continue;
        name_folder(supervisor, service, folder);
        folder_remove(folder);
        if (snprintf(service->socket, sizeof service->socket, "%s/s", folder) >= (int)sizeof service->socket)
            return problem_set(
                problem, ENAMETOOLONG,
                "%s: the folder's name is too long for a socket, which may have %zu characters; name a "
                "shorter one with %s",
                folder, sizeof service->socket - 1, option_name(SETTING_SCRATCH));
        int error = mkdir(folder, 0700) != 0 ? -errno : 0;
        if (error == 0 && runs_as_nobody(service))
            error = give_away(supervisor, folder);
        if (error)
            return problem_set(problem, -error, "cannot make %s for the server %s: %s", folder,
                               service->declared.name, strerror(-error));
    }
    return 0;
}

void services_remove_folders(const struct supervisor *supervisor, const struct worker_job *job) {
    char folder[MOST_PATH];
    for (size_t i = 0; i < CS_MAX_SERVICES; i++)
        if (job->services[i].needed) {
            name_folder(supervisor, &job->services[i], folder);
            folder_remove(folder);
        }
}

/* Puts the path in place of each "{folder}" and "{socket}". NULL: no memory. */
static char *fill_in(const char *argument, const char *folder, const char *socket) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    while (stream && *argument) {
        bool is_folder = !strncmp(argument, "{folder}", 8), is_socket = !strncmp(argument, "{socket}", 8);
        if (is_folder || is_socket) {
            fputs(is_folder ? folder : socket, stream);
            argument += 8;
        } else
            putc(*argument++, stream);
    }
    return stream && fclose(stream) == 0 ? text : NULL;
}

static int bind_server(const struct worker_job *job, const struct worker_service *service) {
    cpu_set_t *set = CPU_ALLOC(TOPOLOGY_MAX_CPUS);
    size_t size = CPU_ALLOC_SIZE(TOPOLOGY_MAX_CPUS);
    if (!set)
        return -1;
    CPU_ZERO_S(size, set);
    if (service->cpu >= 0)
        CPU_SET_S((size_t)service->cpu, size, set);
    for (size_t i = 0; service->cpu < 0 && i < job->cpus.count; i++)
        CPU_SET_S(job->cpus.cpus[i], size, set);
    return sched_setaffinity(0, size, set);
}

static int become_nobody(void) {
    const struct passwd *nobody = getpwnam(NOBODY);
    return !nobody || setgroups(0, NULL) || setgid(nobody->pw_gid) || setuid(nobody->pw_uid) ? -1 : 0;
}

/* In the child, which may do what a worker may and no more: what it starts was named by measured code. Returns what failed. */
static const char *become_server(const struct supervisor *supervisor, const struct worker_job *job,
                                 const struct worker_service *service, const char *folder) {
    static const int defaults[] = {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP};
    static char program[MOST_PATH];
    char *arguments[MODULE_SERVICE_ARGUMENTS + 2] = {(char *)service->declared.program};
    const char *argument = service->declared.arguments;
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        signal(defaults[i], SIG_DFL);
    for (size_t i = 0; i < service->declared.argument_count; i++) {
        arguments[i + 1] = fill_in(argument, folder, service->socket);
        argument += strlen(argument) + 1;
        if (!arguments[i + 1])
            return "its arguments";
    }
    errno = ENOENT;
    if (!find(&service->declared, program, sizeof program))
        return service->declared.program;
    if (chdir(folder) != 0)
        return folder;
    if (bind_server(job, service) != 0)
        return "its processing units";
    worker_environment_keep(false);
    setenv("HOME", folder, 1);
    setenv("TMPDIR", folder, 1);
    const struct worker_limits *limits = &supervisor->limits;
    if (soft_limit(RLIMIT_CORE, 1) || (limits->file_bytes && soft_limit(RLIMIT_FSIZE, limits->file_bytes)) ||
        (OUTCOME_LIMITS_MEMORY && limits->memory_bytes && soft_limit(RLIMIT_DATA, limits->memory_bytes)))
        return "its limits";
    if (runs_as_nobody(service) && become_nobody() != 0)
        return "the user " NOBODY;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* again: another user's was forgotten */
    confine_writes(folder);           /* where the system can */
    execv(program, arguments);
    return program;
}

static void start_server(const struct supervisor *supervisor, const struct worker_job *job,
                         const struct worker_service *service, pid_t parent, int output) {
    char folder[MOST_PATH];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (getppid() != parent || setsid() < 0 || null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 ||
        dup2(output, 2) < 0)
        _exit(126);
    close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    name_folder(supervisor, service, folder);
    const char *what = become_server(supervisor, job, service, folder);
    dprintf(2, "cannot start %s: %s\n", what, strerror(errno));
    _exit(127);
}

static bool accepts(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return connected;
}

static bool has_printed(int output, const char *text) {
    struct stat facts;
    bool found = false;
    if (fstat(output, &facts) != 0 || facts.st_size == 0)
        return false;
    void *memory = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_SHARED, output, 0);
    if (memory != MAP_FAILED) {
        found = memmem(memory, (size_t)facts.st_size, text, strlen(text)) != NULL;
        munmap(memory, (size_t)facts.st_size);
    }
    return found;
}

static bool is_ready(const struct worker_service *service, int output) {
    return service->declared.ready[0] ? has_printed(output, service->declared.ready)
                                      : accepts(service->socket);
}

/* Its end, or that it has none, and its last words. */
static void explain(struct service_set *set, const struct worker_service *service,
                    const struct service_process *process, const char *before) {
    siginfo_t how = {0};
    char said[200], end[64] = "it did not come in time";
    outcome_last_line(process->output, said, sizeof said);
    if (waitid(P_PID, (id_t)process->pid, &how, WEXITED | WNOHANG | WNOWAIT) == 0 && how.si_pid) {
        if (how.si_code == CLD_EXITED)
            snprintf(end, sizeof end, "it ended with exit status %d", how.si_status);
        else
            snprintf(end, sizeof end, "it was ended by SIG%.16s", sigabbrev_np(how.si_status));
    } else if (!process->ended)
        snprintf(end, sizeof end, "not after %g s", service->declared.ready_s);
    snprintf(set->reason, sizeof set->reason, "%s its server %.63s: %s%s", before, service->declared.name,
             end, said);
}

static bool has_ended(int pidfd, int wait_ms) {
    return poll(&(struct pollfd){.fd = pidfd, .events = POLLIN}, 1, wait_ms) > 0;
}

static int await(const struct worker_service *service, struct service_process *process,
                 struct service_set *set, const volatile sig_atomic_t *told) {
    uint64_t end = monotonic_ns() + (uint64_t)(service->declared.ready_s * 1e9);
    while (!is_ready(service, process->output)) {
        if (*told)
            return -EINTR;
        process->ended = has_ended(process->pidfd, POLL_MS);
        if (process->ended || monotonic_ns() > end) {
            explain(set, service, process, "did not get");
            return -ESRCH;
        }
    }
    return 0;
}

int services_start(const struct supervisor *supervisor, const struct worker_job *job, struct service_set *set,
                   const volatile sig_atomic_t *told) {
    int status = 0;
    for (size_t i = 0; i < CS_MAX_SERVICES; i++)
        set->used[i] = (struct service_use){NAN, NAN};
    for (size_t i = 0; i < CS_MAX_SERVICES && status == 0; i++) {
        struct service_process *process = &set->running[i];
        if (!job->services[i].needed)
            continue;
        int output = memfd_create("countersign-server", MFD_CLOEXEC);
        pid_t parent = getpid(), pid = output < 0 ? -1 : fork();
        if (pid == 0)
            start_server(supervisor, job, &job->services[i], parent, output);
        int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
        *process = (struct service_process){pid > 0 ? pid : 0, pidfd, output, false};
        if (pidfd < 0)
            snprintf(set->reason, sizeof set->reason, "did not get its server %.63s: %s",
                     job->services[i].declared.name, strerror(errno));
        status = pidfd < 0 ? -ESRCH : await(&job->services[i], process, set, told);
    }
    return status;
}

bool services_have_ended(const struct worker_job *job, struct service_set *set) {
    for (size_t i = 0; i < CS_MAX_SERVICES && !set->reason[0]; i++)
        if (set->running[i].pid && has_ended(set->running[i].pidfd, 0)) {
            set->running[i].ended = true;
            explain(set, &job->services[i], &set->running[i], "lost");
        }
    return set->reason[0];
}

/* Of its memory as it is: what wait4(2) tells of the peak includes what it was started from. */
static double read_peak(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    return text_file_kib(path, "VmHWM:");
}

static void stop(struct service_process *process, struct service_use *use) {
    struct rusage usage;
    int wait_status;
    use->peak_rss_bytes = read_peak(process->pid);
    kill(process->pid, SIGTERM);
    if (process->pidfd >= 0)
        has_ended(process->pidfd, GRACE_MS);
    if (orphans_end_child(NULL, process->pid, process->pidfd, &wait_status, &usage) == 0)
        use->cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

void services_stop(struct service_set *set) {
    for (size_t i = 0; i < CS_MAX_SERVICES; i++) {
        struct service_process *process = &set->running[i];
        if (process->pid)
            stop(process, &set->used[i]);
        if (process->pid && process->pidfd >= 0)
            close(process->pidfd);
        if (process->pid || process->output > 0)
            close(process->output);
        *process = (struct service_process){0, -1, -1, false};
    }
}
