#include "run/service_task.h"

#include "base/find_program.h"
#include "base/folder.h"
#include "base/soft_limit.h"
#include "run/confinement.h"
#include "run/outcome.h"
#include "run/worker_environment.h"

#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define CONFIG "{config}"

/* The last by version of those that a pattern of folders has. */
static bool find_in(const char *folders, const char *program, char *path, size_t size) {
    char pattern[2 * MODULE_TEXT];
    glob_t found = {0};
    path[0] = '\0';
    snprintf(pattern, sizeof pattern, "%s/%s", folders, program);
    if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            if (access(found.gl_pathv[i], X_OK) == 0 && strverscmp(found.gl_pathv[i], path) > 0)
                snprintf(path, size, "%s", found.gl_pathv[i]);
    globfree(&found);
    return path[0];
}

bool service_find_program(const struct module_service *service, char *path, size_t size) {
    if (service->program[0] != '/')
        return find_program(service->program, path, size) == 0 ||
               (service->folders[0] && find_in(service->folders, service->program, path, size));
    snprintf(path, size, "%s", service->program);
    return access(path, X_OK) == 0;
}

bool service_is_nobody(const struct worker_service *service) {
    return service->declared.refuses_root && geteuid() == 0;
}

/* Puts what each placeholder stands for in its place. NULL: no memory. */
static char *fill_in(const char *argument, const char *folder, const struct worker_job *job,
                     const struct worker_service *service) {
    char *text = NULL, port[8], scratch[sizeof job->scratch + 8];
    const struct {
        const char *name, *value;
    } placeholders[] = {
        {"{folder}", folder}, {"{socket}", service->socket}, {"{port}", port}, {"{scratch}", scratch}};
    size_t size = 0, count = sizeof placeholders / sizeof *placeholders;
    FILE *stream = open_memstream(&text, &size);
    snprintf(port, sizeof port, "%u", service->port);
    snprintf(scratch, sizeof scratch, "%s/files", job->scratch); /* as cs_env.scratch */
    while (stream && *argument) {
        size_t i = 0;
        while (i < count && strncmp(argument, placeholders[i].name, strlen(placeholders[i].name)))
            i++;
        if (i < count) {
            fputs(placeholders[i].value, stream);
            argument += strlen(placeholders[i].name);
        } else
            putc(*argument++, stream);
    }
    return stream && fclose(stream) == 0 ? text : NULL;
}

/* "{config}TEXT" is a file with that text, and becomes its path. NULL with errno: no room, or no memory. */
static char *write_config(const char *text, const char *folder, const struct worker_job *job,
                          const struct worker_service *service) {
    char *filled = fill_in(text, folder, job, service), *path = NULL;
    FILE *file = filled && asprintf(&path, "%s/config", folder) > 0 ? fopen(path, "wxe") : NULL;
    bool written = file && fputs(filled, file) >= 0;
    written = file && fclose(file) == 0 && written;
    free(filled);
    return written ? path : NULL;
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
    const struct passwd *nobody = getpwnam(SERVICE_NOBODY);
    return !nobody || setgroups(0, NULL) || setgid(nobody->pw_gid) || setuid(nobody->pw_uid) ? -1 : 0;
}

/* Beside the server's program, wherever links to that lie. */
static bool find_beside(const struct module_service *service, char *path, size_t size) {
    char program[SERVICE_PATH],
        *real = service_find_program(service, program, sizeof program) ? realpath(program, NULL) : NULL;
    char *slash = real ? strrchr(real, '/') : NULL;
    bool fits =
        slash && snprintf(path, size, "%.*s/%s", (int)(slash - real), real, service->make.text) < (int)size;
    free(real);
    return fits && access(path, X_OK) == 0;
}

/* The program of a task and its arguments, which are never freed. Returns what failed. */
static const char *find_command(const struct service_start *start, char *program, size_t size,
                                char **arguments) {
    const struct module_service *declared = &start->service->declared;
    const struct module_words *words = start->task == MAKE ? &declared->make : &declared->arguments;
    const char *word = words->text;
    size_t count = 0;
    errno = ENOENT;
    if (start->task == MAKE ? !find_beside(declared, program, size)
                            : !service_find_program(declared, program, size))
        return start->task == MAKE ? declared->make.text : declared->program;
    if (start->task == SERVE)
        arguments[count++] = (char *)declared->program;
    for (size_t i = 0; i < words->count; i++, word += strlen(word) + 1) {
        arguments[count] =
            strncmp(word, CONFIG, strlen(CONFIG))
                ? fill_in(word, start->folder, start->job, start->service)
                : write_config(word + strlen(CONFIG), start->folder, start->job, start->service);
        if (!arguments[count++])
            return "its arguments";
    }
    arguments[0] =
        program; /* PostgreSQL's look there for what lies beside them, and in $PATH without a folder */
    return NULL;
}

/* In the child, which may do what a worker may and no more: what it starts was named by measured code. Returns what failed. */
static const char *become(const struct service_start *start) {
    static char program[SERVICE_PATH];
    char *arguments[MODULE_SERVICE_ARGUMENTS + 2] = {NULL};
    const char *missing =
        start->task == COPY ? NULL : find_command(start, program, sizeof program, arguments);
    if (missing)
        return missing;
    if (chdir(start->folder) != 0)
        return start->folder;
    if (bind_server(start->job, start->service) != 0)
        return "its processing units";
    worker_environment_keep(false);
    setenv("HOME", start->folder, 1);
    setenv("TMPDIR", start->folder, 1);
    const struct worker_limits *limits = &start->supervisor->limits;
    if (soft_limit(RLIMIT_CORE, 1) || (limits->file_bytes && soft_limit(RLIMIT_FSIZE, limits->file_bytes)) ||
        (OUTCOME_LIMITS_MEMORY && limits->memory_bytes && soft_limit(RLIMIT_DATA, limits->memory_bytes)))
        return "its limits";
    unshare(
        CLONE_NEWIPC); /* where the system lets it: System V's shared memory then ends with the last who sees it */
    if (service_is_nobody(start->service) && become_nobody() != 0)
        return "the user " SERVICE_NOBODY;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* again: another user's was forgotten */
    confine_writes(start->folder);    /* where the system can */
    if (start->task != COPY)
        execv(program, arguments);
    else if ((errno = -folder_mirror(start->template_path, start->folder)) == 0)
        _exit(0);
    return start->task == COPY ? start->folder : program;
}

static void begin_child(const struct service_start *start, int output) {
    if (child_cut_off(output, output))
        _exit(126);
    close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    const char *what = become(start);
    dprintf(2, "cannot start %s: %s\n", what, strerror(errno));
    _exit(127);
}

/* 0 or -errno; what there is of *process is to be stopped in any case. */
int service_begin(const struct service_start *start, struct service_process *process) {
    int output = memfd_create("countersign-server", MFD_CLOEXEC);
    time_t since = time(NULL);
    const char *call;
    *process = (struct service_process){{0, -1}, since, output, false};
    int pid = output < 0 ? -errno : child_fork(&process->child, &call);
    if (pid == 0)
        begin_child(start, output);
    return pid < 0 ? pid : 0;
}
