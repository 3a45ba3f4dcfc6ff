#include "run/service.h"

#include "base/folder.h"
#include "base/hash.h"
#include "base/option_name.h"
#include "base/orphans.h"
#include "base/process_stat.h"
#include "host/text_file.h"
#include "run/outcome.h"
#include "run/service_task.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <pwd.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE_MS 2000
#define POLL_MS 2
#define MOST_TASK_S 60.0 /* that making or copying what a server begins with may take */
#define TASK_POLL_MS 10

void services_find(struct module_description *module) {
    char path[SERVICE_PATH], reason[MODULE_TEXT], place[96];
    for (size_t i = 0; i < module->service_count; i++) {
        const struct module_service *service = &module->services[i];
        if (service_find_program(service, path, sizeof path))
            continue;
        if (service->program[0] == '/')
            place[0] = '\0';
        else if (service->folders[0])
            snprintf(place, sizeof place, " (neither in PATH nor in %.60s)", service->folders);
        else
            strcpy(place, " (not in PATH)");
        snprintf(reason, sizeof reason, "needs the server %.50s, which is not installed%s", service->program,
                 place);
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

size_t services_describe(const struct worker_job *job, struct service *services) {
    size_t count = 0;
    for (size_t i = 0; i < CS_MAX_SERVICES; i++) {
        if (!job->services[i].needed)
            continue;
        services[count] = (struct service){.cpu = job->services[i].cpu};
        memcpy(services[count].name, job->services[i].declared.name, sizeof services[count].name);
        memcpy(services[count].program, job->services[i].declared.program, sizeof services[count].program);
        if (service_is_nobody(&job->services[i]))
            strcpy(services[count].user, SERVICE_NOBODY);
        count++;
    }
    return count;
}

static void name_folder(const struct supervisor *supervisor, const struct worker_service *service,
                        char *path) {
    snprintf(path, SERVICE_PATH, "%s/%s.server", supervisor->scratch, service->declared.name);
}

/* A folder that begins as a copy serves the next as well, which costs what was changed in it: ext4 makes files slowly where many
 * have just been removed. It goes with the supervisor's. */
static bool is_kept(const struct worker_service *service) {
    return service->declared.make.count;
}

/* Who is nobody must get through the supervisor's folder, whose name alone is a secret then. */
static int give_away(const struct supervisor *supervisor, const char *folder) {
    const struct passwd *nobody = getpwnam(SERVICE_NOBODY);
    if (!nobody)
        return -ENOENT;
    return chmod(supervisor->scratch, 0711) || chown(folder, nobody->pw_uid, nobody->pw_gid) ? -errno : 0;
}

static bool mentions(const struct module_service *service, const char *placeholder) {
    const char *argument = service->arguments.text;
    for (size_t i = 0; i < service->arguments.count; i++, argument += strlen(argument) + 1)
        if (strstr(argument, placeholder))
            return true;
    return false;
}

static int at_loopback(uint16_t port, int (*call)(int fd, const struct sockaddr *address, socklen_t length)) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && call(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int error = errno;
    if (fd >= 0)
        close(fd);
    return -error;
}

/* A port that was free just now. Nobody keeps it for the server: one who takes it in between is told of by the server's last
 * words. */
static int choose_port(uint16_t *port) {
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    int fd = at_loopback(0, bind);
    if (fd < 0)
        return fd;
    int error = getsockname(fd, (struct sockaddr *)&address, &length) ? -errno : 0;
    close(fd);
    *port = ntohs(address.sin_port);
    return error;
}

int services_make_folders(const struct supervisor *supervisor, struct worker_job *job,
                          struct problem *problem) {
    for (size_t i = 0; i < CS_MAX_SERVICES; i++) {
        struct worker_service *service = &job->services[i];
        char folder[SERVICE_PATH];
        service->socket[0] = '\0';
        service->port = 0;
        if (!service->needed)
            continue;
        int chosen = mentions(&service->declared, "{port}") ? choose_port(&service->port) : 0;
        if (chosen)
            return problem_set(problem, -chosen, "no TCP port of 127.0.0.1 for the server %s: %s",
                               service->declared.name, strerror(-chosen));
        name_folder(supervisor, service, folder);
        if (!is_kept(service))
            folder_remove(folder);
        if (snprintf(service->socket, sizeof service->socket, "%s/%s", folder, service->declared.socket) >=
            (int)sizeof service->socket)
            return problem_set(
                problem, ENAMETOOLONG,
                "%s: the folder's name is too long for a socket, which may have %zu characters; name a "
                "shorter one with %s",
                folder, sizeof service->socket - 1, option_name(SETTING_SCRATCH));
        int error = mkdir(folder, 0700) != 0 && (errno != EEXIST || !is_kept(service)) ? -errno : 0;
        if (error == 0 && service_is_nobody(service))
            error = give_away(supervisor, folder);
        if (error)
            return problem_set(problem, -error, "cannot make %s for the server %s: %s", folder,
                               service->declared.name, strerror(-error));
    }
    return 0;
}

void services_remove_folders(const struct supervisor *supervisor, const struct worker_job *job) {
    char folder[SERVICE_PATH];
    for (size_t i = 0; i < CS_MAX_SERVICES; i++)
        if (job->services[i].needed && !is_kept(&job->services[i])) {
            name_folder(supervisor, &job->services[i], folder);
            folder_remove(folder);
        }
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

static bool accepts_at(uint16_t port) {
    int fd = at_loopback(port, connect);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
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
    if (service->declared.ready[0])
        return has_printed(output, service->declared.ready);
    bool socket = !service->port || mentions(&service->declared, "{socket}");
    return (!socket || accepts(service->socket)) && (!service->port || accepts_at(service->port));
}

/* Its end, or that it has none within so many seconds, and its last words. */
static void explain(struct service_set *set, const struct worker_service *service,
                    const struct service_process *process, const char *before, double seconds) {
    char said[200], how[48], end[64] = "it did not come in time";
    outcome_last_line(process->output, said, sizeof said);
    child_describe_end(&process->child, how, sizeof how);
    if (how[0])
        snprintf(end, sizeof end, "it %s", how);
    else if (!process->ended)
        snprintf(end, sizeof end, "not after %g s", seconds);
    snprintf(set->reason, sizeof set->reason, "%s its server %.63s: %s%s", before, service->declared.name,
             end, said);
}

static int await(const struct worker_service *service, struct service_process *process,
                 struct service_set *set, const volatile sig_atomic_t *told) {
    uint64_t end = monotonic_ns() + (uint64_t)(service->declared.ready_s * 1e9);
    while (!is_ready(service, process->output)) {
        if (*told)
            return -EINTR;
        process->ended = child_has_ended(&process->child, POLL_MS);
        if (process->ended || monotonic_ns() > end) {
            explain(set, service, process, "did not get", service->declared.ready_s);
            return -ESRCH;
        }
    }
    return 0;
}

/* Of its memory as it is: what wait4(2) tells of the peak includes what it was started from. */
static double read_peak(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    return text_file_kib(path, "VmHWM:");
}

/*
 * Segments of System V's shared memory, which PostgreSQL marks its folder with, outlive a process that is killed. One is the
 * server's where it made it, nobody is attached, and it is no older than the server, whose number was another's before.
 */
static void remove_segments(const struct service_process *process) {
    char line[512];
    FILE *file = fopen("/proc/sysvipc/shm", "re");
    while (file && fgets(line, sizeof line, file)) {
        int id, creator;
        unsigned long attached;
        long changed;
        if (sscanf(line, "%*d %d %*o %*u %d %*d %lu %*u %*u %*u %*u %*d %*d %ld", &id, &creator, &attached,
                   &changed) == 4 &&
            creator == process->child.pid && attached == 0 && changed >= process->since)
            shmctl(id, IPC_RMID, NULL);
    }
    if (file)
        fclose(file);
}

static void stop(struct service_process *process, struct service_use *use) {
    struct rusage usage;
    int wait_status;
    const struct child *child = &process->child;
    use->peak_rss_bytes = read_peak(child->pid);
    child_tell_to_end(child, child->pid);
    if (orphans_end_child(NULL, child->pid, child->pidfd, &wait_status, &usage) == 0)
        use->cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    remove_segments(process);
}

static void close_process(struct service_process *process, struct service_use *use) {
    if (process->child.pid) {
        stop(process, use);
        close(process->child.pidfd);
    }
    if (process->child.pid || process->output > 0)
        close(process->output);
    *process = (struct service_process){{0, -1}, 0, -1, false};
}

/* A task that ends by itself. 0, -EINTR or -ESRCH, as services_start. */
static int complete(const struct service_start *start, struct service_set *set,
                    const volatile sig_atomic_t *told) {
    struct service_process process;
    struct service_use use;
    char how[48];
    int status = service_begin(start, &process);
    uint64_t end = monotonic_ns() + (uint64_t)(MOST_TASK_S * 1e9);
    while (status == 0 && !process.ended && !*told && monotonic_ns() < end)
        process.ended = child_has_ended(&process.child, TASK_POLL_MS);
    if (status)
        snprintf(set->reason, sizeof set->reason, "did not get its server %.63s: %s",
                 start->service->declared.name, strerror(-status));
    bool well = process.ended && child_describe_end(&process.child, how, sizeof how);
    if (status == 0 && !*told && !well)
        explain(set, start->service, &process, "did not get what is to be there for", MOST_TASK_S);
    close_process(&process, &use);
    return *told ? -EINTR : well ? 0 : -ESRCH;
}

/* Where what servers of this kind begin with is kept: another command makes another. */
static void name_template(const struct service_start *start, char *path) {
    const struct module_service *declared = &start->service->declared;
    uint64_t hash = hash_bytes(HASH_START, declared->make.text, sizeof declared->make.text);
    hash = hash_bytes(hash, declared->program, sizeof declared->program);
    snprintf(path, SERVICE_PATH, "%s/%s.%08x", start->supervisor->scratch, declared->name, (unsigned)hash);
}

/* Makes what servers begin with, unless it is there, under a name of its own until it is whole. */
static int make_template(struct service_start *start, struct service_set *set,
                         const volatile sig_atomic_t *told) {
    struct stat facts;
    name_template(start, start->template_path);
    if (stat(start->template_path, &facts) == 0)
        return 0;
    snprintf(start->folder, sizeof start->folder, "%.4000s.making", start->template_path);
    start->task = MAKE;
    int error = mkdir(start->folder, 0700) != 0 ? -errno : 0;
    if (error == 0 && service_is_nobody(start->service))
        error = give_away(start->supervisor, start->folder);
    int status = error ? 0 : complete(start, set, told);
    if (error == 0 && status == 0 && rename(start->folder, start->template_path) != 0)
        error = -errno;
    if (error)
        snprintf(set->reason, sizeof set->reason, "did not get its server %.63s: cannot make %.200s: %s",
                 start->service->declared.name, start->folder, strerror(-error));
    if (error || status)
        folder_remove(start->folder);
    return error ? -ESRCH : status;
}

/* What the server begins with, in its folder. */
static int fill_folder(struct service_start *start, struct service_set *set,
                       const volatile sig_atomic_t *told) {
    int status = make_template(start, set, told);
    start->task = COPY;
    name_folder(start->supervisor, start->service, start->folder);
    return status ? status : complete(start, set, told);
}

int services_start(const struct supervisor *supervisor, const struct worker_job *job, struct service_set *set,
                   const volatile sig_atomic_t *told) {
    int status = 0;
    for (size_t i = 0; i < CS_MAX_SERVICES; i++)
        set->used[i] = (struct service_use){NAN, NAN};
    for (size_t i = 0; i < CS_MAX_SERVICES && status == 0; i++) {
        struct service_start start = {.supervisor = supervisor, .job = job, .service = &job->services[i]};
        if (!job->services[i].needed)
            continue;
        if (job->services[i].declared.make.count)
            status = fill_folder(&start, set, told);
        if (status)
            break;
        start.task = SERVE;
        name_folder(supervisor, start.service, start.folder);
        status = service_begin(&start, &set->running[i]);
        if (status)
            snprintf(set->reason, sizeof set->reason, "did not get its server %.63s: %s",
                     start.service->declared.name, strerror(-status));
        status = status ? -ESRCH : await(start.service, &set->running[i], set, told);
    }
    return status;
}

/* A server's socket is closed before its end shows, and a client that sees that is not to be blamed. */
static bool has_ended_or_will(const struct service_process *process) {
    char path[64];
    struct process_stat stat;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)process->child.pid);
    bool exiting = process_stat_read(path, &stat) == 0 && (stat.flags & PROCESS_EXITING);
    return child_has_ended(&process->child, exiting ? GRACE_MS : 0);
}

bool services_have_ended(const struct worker_job *job, struct service_set *set) {
    for (size_t i = 0; i < CS_MAX_SERVICES && !set->reason[0]; i++)
        if (set->running[i].child.pid && has_ended_or_will(&set->running[i])) {
            set->running[i].ended = true;
            explain(set, &job->services[i], &set->running[i], "lost", 0);
        }
    return set->reason[0];
}

void services_stop(struct service_set *set) {
    for (size_t i = 0; i < CS_MAX_SERVICES; i++)
        close_process(&set->running[i], &set->used[i]);
}
