/*
 * What every kernel's test needs: load the built module, make an environment, run a variant the way the
 * harness does before it times one, and compare answers wherever they lie.
 *
 *     static struct module module; // in main: module_load(&module, "lookup")
 *     struct cs_env env = MODULE_ENV(&module, seed, {"n", 64}, {"hit", 50});
 *     void *state = module_setup(&module, &env);
 *     struct answer linear = module_answer(&module, state, 0), hash = module_answer(&module, state, 1);
 *     assert_answers_equal(&hash, &linear, 0);
 *     module_check(&module, state, 1);
 *     answer_free(&linear), answer_free(&hash);
 *     module_teardown(&module, state);
 *
 * Everything here fails the running cmocka test with a message instead of returning an error.
 */
#ifndef TESTS_KERNELS_MODULE_H
#define TESTS_KERNELS_MODULE_H

#include "base/find_program.h"
#include "worker/kernel_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <inttypes.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/** One that module_setup made, with its arrays. */
struct module_state {
    struct kernel_host host;
    void *state;
    struct module_state *next;
};

struct module {
    const struct cs_kernel *kernel;
    struct module_state *states;
    void *handle;
    char servers[CS_MAX_SERVICES][108]; /**< paths of the sockets of cs_kernel.services; empty: none */
    uint16_t ports[CS_MAX_SERVICES];    /**< that they were given at loopback */
    pid_t server_ids[CS_MAX_SERVICES];
    char scratch[4096]; /**< the folder that cs_env.scratch names; removed by module_unload */
    char reason[512];   /**< what the kernel last said by cs_fail */
};

/** A parameter's value by name; a choice is given as the index of its name (module_choice). */
struct module_setting {
    const char *parameter;
    int64_t value;
};

/** Exit status of a test that cannot run here; the reason goes to stderr. */
#define MODULE_SKIP 77

/** The portable x86-64 build needs AVX2, FMA and BMI2 (x86-64-v3). */
static inline void module_require_cpu(void) {
#ifdef __x86_64__
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
        !__builtin_cpu_supports("bmi2")) {
        fprintf(stderr, "skipped: portable kernels are built for x86-64-v3, which this CPU is not\n");
        exit(MODULE_SKIP);
    }
#endif
}

/** `text` with what each placeholder stands for in its place. */
static inline char *module_fill(const char *text, const struct module *module, const char *folder,
                                const char *path, unsigned port) {
    char number[16], *filled = NULL;
    const char *const names[] = {"{folder}", "{socket}", "{port}", "{scratch}"};
    const char *const values[] = {folder, path, number, module->scratch};
    size_t size = 0;
    FILE *stream = open_memstream(&filled, &size);
    snprintf(number, sizeof number, "%u", port);
    while (stream && *text) {
        size_t i = 0;
        while (i < 4 && strncmp(text, names[i], strlen(names[i])))
            i++;
        fputs(i < 4 ? values[i] : (char[]){*text, '\0'}, stream);
        text += i < 4 ? strlen(names[i]) : 1;
    }
    if (!stream || fclose(stream))
        exit(1);
    return filled;
}

/** An argument of a server, filled in; of "{config}TEXT" the path of a file with the text. The caller's. */
static inline char *module_argument(const char *argument, const struct module *module, const char *folder,
                                    const char *path, unsigned port) {
    size_t config = strncmp(argument, "{config}", 8) ? 0 : 8;
    char *filled = module_fill(argument + config, module, folder, path, port), *name = NULL;
    if (!config)
        return filled;
    FILE *file = asprintf(&name, "%s/config", folder) > 0 ? fopen(name, "we") : NULL;
    if (!file || fputs(filled, file) < 0 || fclose(file))
        exit(1);
    free(filled);
    return name;
}

/** A TCP port of loopback that is free now. */
static inline uint16_t module_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) ||
        getsockname(fd, (struct sockaddr *)&address, &length))
        exit(1);
    close(fd);
    return ntohs(address.sin_port);
}

/** The server's program: where an absolute path says, in PATH, or the last of its folders. */
static inline int module_find_server(const struct cs_service *service, char *path, size_t size) {
    glob_t found = {0};
    char pattern[512];
    if (service->program[0] == '/') {
        snprintf(path, size, "%s", service->program);
        return access(path, X_OK) == 0;
    }
    if (find_program(service->program, path, size) == 0)
        return 1;
    snprintf(pattern, sizeof pattern, "%s/%s", service->folders ? service->folders : "", service->program);
    int there = service->folders && glob(pattern, 0, NULL, &found) == 0;
    if (there)
        snprintf(path, size, "%s", found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return there;
}

/** Whether the user nobody, as whom servers that refuse root run, can start a program: not where a folder above is private. */
static inline int module_nobody_can_start(const char *program) {
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(setgroups(0, NULL) || setgid(65534) || setuid(65534) || access(program, X_OK));
    return waitpid(child, &status, 0) == child && status == 0;
}

/** Starts a program of server i, which ends with this process; as nobody where the server refuses root. */
static inline pid_t module_start_program(const struct module *module, size_t i, const char *program,
                                         const char *const *words, const char *folder) {
    const char *arguments[33] = {program}; /* with its folder, where some look for what lies beside them */
    for (size_t word = 0; words && words[word]; word++)
        arguments[word + 1] =
            module_argument(words[word], module, folder, module->servers[i], module->ports[i]);
    char *output = module_fill("{folder}/output", module, folder, "", 0);
    pid_t parent = getpid(), child = fork();
    if (child) {
        free(output);
        return child;
    }
    if (module->kernel->services[i].refuses_root && geteuid() == 0 &&
        (setgroups(0, NULL) || setgid(65534) || setuid(65534)))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent && freopen(output, "w", stdout) && dup2(STDOUT_FILENO, STDERR_FILENO) >= 0)
        execv(program, (char **)(uintptr_t)arguments);
    _exit(127);
}

/** Has the folder made that server i begins with, by a program beside it. */
static inline void module_make_folder(const struct module *module, size_t i, const char *program,
                                      const char *folder) {
    const struct cs_service *service = &module->kernel->services[i];
    char path[8300], *real = realpath(program, NULL);
    int status = -1;
    if (!service->make || !real)
        return free(real);
    snprintf(path, sizeof path, "%.*s/%s", (int)(strrchr(real, '/') - real), real, service->make[0]);
    free(real);
    pid_t child = module_start_program(module, i, path, service->make + 1, folder);
    if (waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "%s failed\n", path);
        exit(1);
    }
}

/** Whether what was started has printed so. */
static inline int module_has_printed(const char *folder, const char *text) {
    char line[512], path[128];
    int found = 0;
    snprintf(path, sizeof path, "%s/output", folder);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        found |= strstr(line, text) != NULL;
    if (file)
        fclose(file);
    return found;
}

/** Whether somebody listens at the socket. */
static inline int module_accepts(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int well = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return well;
}

/**
 * Starts the servers that the kernel needs, in folders of their own below /tmp, where paths are short enough for sockets, and
 * waits for them. They end with this process. Leaves the program with 77 where one is not installed.
 */
static inline void module_start_servers(struct module *module) {
    for (size_t i = 0; i < CS_MAX_SERVICES && module->kernel->services[i].name; i++) {
        const struct cs_service *service = &module->kernel->services[i];
        char program[4096], folder[64] = "/tmp/module-server.XXXXXX";
        if (!module_find_server(service, program, sizeof program)) {
            fprintf(stderr, "skipped: %s is not installed\n", service->program);
            rmdir(module->scratch);
            exit(MODULE_SKIP);
        }
        if (service->refuses_root && geteuid() == 0 && !module_nobody_can_start(program)) {
            fprintf(stderr, "skipped: %s refuses root, and the user nobody cannot start it here\n", program);
            rmdir(module->scratch);
            exit(MODULE_SKIP);
        }
        if (!mkdtemp(folder) || (service->refuses_root && geteuid() == 0 && chown(folder, 65534, 65534)))
            exit(1);
        snprintf(module->servers[i], sizeof module->servers[i], "%s/%s", folder,
                 service->socket ? service->socket : "s");
        module->ports[i] = module_port();
        module_make_folder(module, i, program, folder);
        module->server_ids[i] = module_start_program(module, i, program, service->arguments, folder);
        while (service->ready ? !module_has_printed(folder, service->ready)
                              : !module_accepts(module->servers[i])) {
            if (waitpid(module->server_ids[i], NULL, WNOHANG) != 0) {
                fprintf(stderr, "%s has ended\n", program);
                exit(1);
            }
            usleep(1000);
        }
    }
}

/**
 * Loads NAME.portable.so from the build folder and makes the scratch folder; leaves the program with a
 * message if it cannot, with status 77 if the kernel was left out of the build or says that it is not
 * supported here. Call it in main, before the tests.
 */
static inline void module_load(struct module *module, const char *name) {
    module_require_cpu();
    memset(module, 0, sizeof *module);
    char path[4096];
    snprintf(path, sizeof path, "%s/lib/countersign/kernels/%s.portable.so", TEST_BUILD, name);
    module->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module->handle) {
        snprintf(path, sizeof path, "%s/lib/countersign/kernels/%s.missing", TEST_BUILD, name);
        if (access(path, F_OK) == 0) {
            fprintf(stderr, "skipped: a library of %s is not installed\n", name);
            exit(MODULE_SKIP);
        }
        fprintf(stderr, "%s; build the target %s.portable\n", dlerror(), name);
        exit(1);
    }
    module->kernel = dlsym(module->handle, "cs_kernel");
    if (!module->kernel || module->kernel->abi != CS_ABI ||
        module->kernel->size != sizeof(struct cs_kernel)) {
        fprintf(stderr, "%s: no cs_kernel of this interface; build the target %s.portable again\n", path,
                name);
        exit(1);
    }
    if (module->kernel->supported && !module->kernel->supported(module->reason, sizeof module->reason)) {
        fprintf(stderr, "skipped: %s\n", module->reason);
        exit(MODULE_SKIP);
    }
    snprintf(module->scratch, sizeof module->scratch, "%s/scratch.XXXXXX", TEST_BUILD);
    if (!mkdtemp(module->scratch)) {
        perror(module->scratch);
        exit(1);
    }
    module_start_servers(module);
}

static inline int module_remove_entry(const char *path, const struct stat *status, int kind,
                                      struct FTW *walk) {
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

/** Removes the scratch folder with what is in it, and unloads the module. */
static inline void module_unload(struct module *module) {
    for (size_t i = 0; i < CS_MAX_SERVICES && module->server_ids[i]; i++) {
        kill(module->server_ids[i],
             SIGINT); /* after SIGKILL PostgreSQL leaves shared memory; SIGTERM awaits clients */
        waitpid(module->server_ids[i], NULL, 0);
        *strrchr(module->servers[i], '/') = '\0';
        nftw(module->servers[i], module_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
    nftw(module->scratch, module_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    dlclose(module->handle);
    module->handle = NULL;
    module->kernel = NULL;
}

/** Index of a parameter by name. */
static inline size_t module_parameter(const struct module *module, const char *name) {
    for (size_t i = 0; i < CS_MAX_PARAMETERS && module->kernel->parameters[i].name; i++)
        if (!strcmp(module->kernel->parameters[i].name, name))
            return i;
    fail_msg("%s has no parameter %s", module->kernel->name, name);
    return 0;
}

/** Value of a choice by name, for a module_setting. */
static inline int64_t module_choice(const struct module *module, const char *parameter, const char *choice) {
    const char *const *choices = module->kernel->parameters[module_parameter(module, parameter)].choices;
    for (int64_t i = 0; choices && choices[i]; i++)
        if (!strcmp(choices[i], choice))
            return i;
    fail_msg("%s: parameter %s has no choice %s", module->kernel->name, parameter, choice);
    return 0;
}

/** Index of a variant by name. */
static inline size_t module_variant(const struct module *module, const char *name) {
    for (size_t i = 0; i < CS_MAX_VARIANTS && module->kernel->variants[i].name; i++)
        if (!strcmp(module->kernel->variants[i].name, name))
            return i;
    fail_msg("%s has no variant %s", module->kernel->name, name);
    return 0;
}

static inline size_t module_variants(const struct module *module) {
    size_t count = 0;
    while (count < CS_MAX_VARIANTS && module->kernel->variants[count].name)
        count++;
    return count;
}

/**
 * An environment with every parameter at its default but those in `settings`. The name "threads" sets
 * cs_env.threads where the kernel has no parameter of that name.
 */
static inline struct cs_env module_env(struct module *module, uint64_t seed,
                                       const struct module_setting *settings, size_t count) {
    struct cs_env env = {.seed = seed,
                         .threads = 1,
                         .scratch = module->scratch,
                         .reason = module->reason,
                         .reason_size = sizeof module->reason};
    for (size_t i = 0; i < CS_MAX_PARAMETERS && module->kernel->parameters[i].name; i++)
        env.value[i] = module->kernel->parameters[i].def;
    for (size_t i = 0; i < CS_MAX_SERVICES; i++) {
        env.service[i] = module->server_ids[i] ? module->servers[i] : NULL;
        env.port[i] = module->ports[i];
    }
    for (size_t i = 0; i < count; i++)
        if (!strcmp(settings[i].parameter, "threads"))
            env.threads = (uint32_t)settings[i].value;
        else
            env.value[module_parameter(module, settings[i].parameter)] = settings[i].value;
    return env;
}

/** MODULE_ENV(&module, seed, {"n", 64}, {"hit", 50}); at least one setting. */
#define MODULE_ENV(module, seed, ...)                                                                        \
    module_env(module, seed, (const struct module_setting[]){__VA_ARGS__},                                   \
               sizeof((const struct module_setting[]){__VA_ARGS__}) / sizeof(struct module_setting))

static inline void module_no_memory(void *context, const char *name, size_t bytes) {
    (void)context;
    fail_msg("no memory for %s: %zu bytes", name, bytes);
}

/** What stands behind the environment that setup was given, of a state that module_setup made. */
static inline struct kernel_host *module_host(const struct module *module, const void *state) {
    struct module_state *found = module->states;
    while (found && found->state != state)
        found = found->next;
    assert_non_null(found);
    return &found->host;
}

/** How much a run does. */
static inline struct cs_work module_work(const struct module *module, const void *state) {
    return kernel_host_work(module_host(module, state), module->kernel, state);
}

/** Totals of the kernel's counters, CS_MAX_COUNTERS of them. */
static inline void module_count(const struct module *module, const void *state, uint64_t *values) {
    kernel_host_count(module_host(module, state), module->kernel, state, values);
}

/** What the harness is told of a run: 0, or -errno where it failed. */
static inline int module_status(const struct module *module, void *state, size_t variant) {
    struct cs_output outputs[CS_MAX_OUTPUTS];
    size_t count = 0;
    return kernel_host_outputs(module_host(module, state), module->kernel, state, variant, outputs, &count);
}

/** Puts a state back to what setup made, as the harness does before a verified run. */
static inline void module_reset(const struct module *module, void *state) {
    kernel_host_reset(module_host(module, state), module->kernel, state);
}

/** Forgets a state, the last one made or not, without teardown. */
static inline void module_forget(struct module *module, void *state) {
    struct module_state **place = &module->states;
    while (*place && (*place)->state != state)
        place = &(*place)->next;
    struct module_state *found = *place;
    assert_non_null(found);
    *place = found->next;
    kernel_host_end(&found->host);
    free(found->state);
    free(found);
}

/** What setup returns; *state is NULL then unless that is 0. No variant is prepared. */
static inline int module_try_setup(struct module *module, const struct cs_env *env, void **state) {
    struct module_state *made = calloc(1, sizeof *made);
    assert_non_null(made);
    kernel_host_start(&made->host, module_no_memory, NULL);
    made->state = kernel_host_make_state(module->kernel);
    assert_non_null(made->state);
    made->next = module->states;
    module->states = made;
    struct cs_env own = *env;
    own.host = &made->host.functions;
    module->reason[0] = '\0';
    struct problem problem = {""};
    int status = module->kernel->setup(&own, made->state);
    if (status == 0 && kernel_host_settle(&made->host, module->kernel, &problem))
        fail_msg("%s: setup: %s", module->kernel->name, problem.text);
    *state = status ? NULL : made->state;
    if (status)
        module_forget(module, made->state);
    return status;
}

/** What prepare returns of a variant, in the state that was made last; 0 where it has none. */
static inline int module_try_prepare(struct module *module, const struct cs_env *env, size_t variant) {
    struct cs_env own = *env;
    own.host = &module->states->host.functions;
    return module->kernel->variants[variant].prepare
               ? module->kernel->variants[variant].prepare(&own, module->states->state)
               : 0;
}

/** setup and the prepare of all variants, which must succeed. */
static inline void *module_setup(struct module *module, const struct cs_env *env) {
    void *state = NULL;
    int status = module_try_setup(module, env, &state);
    for (size_t v = 0; status == 0 && v < module_variants(module); v++)
        status = module_try_prepare(module, env, v);
    if (status != 0)
        fail_msg("%s: setup failed: %s: %s", module->kernel->name, strerror(-status), module->reason);
    return state;
}

/** The release of all variants and teardown. */
static inline void module_teardown(struct module *module, void *state) {
    for (size_t v = 0; v < module_variants(module); v++)
        if (module->kernel->variants[v].release)
            module->kernel->variants[v].release(state);
    if (module->kernel->teardown)
        module->kernel->teardown(state);
    module_forget(module, state);
}

static inline size_t output_element_size(enum cs_type type) {
    switch (type) {
    case CS_U8:
        return 1;
    case CS_U32:
    case CS_I32:
    case CS_F32:
        return 4;
    default:
        return 8;
    }
}

/** Address of element i of an output. */
static inline unsigned char *output_element(const struct cs_output *output, size_t i) {
    size_t stride = output->stride ? output->stride : output_element_size(output->type);
    size_t offset =
        output->block ? i / output->block * output->block_stride + i % output->block * stride : i * stride;
    return (unsigned char *)output->data + offset;
}

/** Answers copied out of a kernel's memory: compact arrays, one an output. */
struct answer {
    size_t count;
    struct {
        char name[64];
        enum cs_type type;
        size_t count;
        unsigned char *data;
    } outputs[CS_MAX_OUTPUTS];
};

/** Calls the kernel's `outputs`, which must succeed. Returns the number of outputs. */
static inline size_t module_outputs(struct module *module, void *state, size_t variant,
                                    struct cs_output outputs[CS_MAX_OUTPUTS]) {
    size_t count = 0;
    assert_int_equal(
        kernel_host_outputs(module_host(module, state), module->kernel, state, variant, outputs, &count), 0);
    assert_in_range(count, 1, CS_MAX_OUTPUTS);
    return count;
}

/** Copies what `variant` has left, without running it. */
static inline struct answer module_read_answer(struct module *module, void *state, size_t variant) {
    struct cs_output outputs[CS_MAX_OUTPUTS];
    struct answer answer = {.count = module_outputs(module, state, variant, outputs)};
    for (size_t k = 0; k < answer.count; k++) {
        size_t size = output_element_size(outputs[k].type);
        assert_non_null(outputs[k].name);
        snprintf(answer.outputs[k].name, sizeof answer.outputs[k].name, "%s", outputs[k].name);
        answer.outputs[k].type = outputs[k].type;
        answer.outputs[k].count = outputs[k].count;
        answer.outputs[k].data = malloc(outputs[k].count * size + 1);
        assert_non_null(answer.outputs[k].data);
        for (size_t i = 0; i < outputs[k].count; i++)
            memcpy(answer.outputs[k].data + i * size, output_element(&outputs[k], i), size);
    }
    return answer;
}

static inline void answer_free(struct answer *answer) {
    for (size_t k = 0; k < answer->count; k++)
        free(answer->outputs[k].data);
    answer->count = 0;
}

/** Fills the memory in which `variant` leaves its answer with `byte`, and calls the kernel's own poison. */
static inline void module_poison(struct module *module, void *state, size_t variant, int byte) {
    struct cs_output outputs[CS_MAX_OUTPUTS];
    size_t count = module_outputs(module, state, variant, outputs);
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < outputs[k].count; i++)
            memset(output_element(&outputs[k], i), byte, output_element_size(outputs[k].type));
    if (module->kernel->poison)
        assert_int_equal(module->kernel->poison(state, variant), 0);
}

/**
 * Poisons, resets and runs `variant`. The poison comes before reset, so that a variant that updates its input
 * in place finds its input again, and one that does nothing is still found out: reset puts back what is not
 * yet the answer.
 */
static inline void module_run(struct module *module, void *state, size_t variant) {
    module_poison(module, state, variant, 0xa5);
    module_reset(module, state);
    module->kernel->variants[variant].run(state);
}

/** module_run, then the answer; freed by the caller with answer_free. */
static inline struct answer module_answer(struct module *module, void *state, size_t variant) {
    module_run(module, state, variant);
    return module_read_answer(module, state, variant);
}

/** Value of element i as a double, for messages and tolerant comparison. */
static inline double answer_value(const struct answer *answer, size_t output, size_t i) {
    const unsigned char *data = answer->outputs[output].data;
    switch (answer->outputs[output].type) {
    case CS_U8:
        return data[i];
    case CS_U32:
        return ((const uint32_t *)data)[i];
    case CS_I32:
        return ((const int32_t *)data)[i];
    case CS_U64:
        return (double)((const uint64_t *)data)[i];
    case CS_I64:
        return (double)((const int64_t *)data)[i];
    case CS_F32:
        return ((const float *)data)[i];
    default:
        return ((const double *)data)[i];
    }
}

static inline int answer_element_agrees(const struct answer *a, const struct answer *b, size_t output,
                                        size_t i, double tolerance) {
    enum cs_type type = a->outputs[output].type;
    size_t size = output_element_size(type);
    if (!memcmp(a->outputs[output].data + i * size, b->outputs[output].data + i * size, size))
        return 1;
    if ((type != CS_F32 && type != CS_F64) || tolerance == 0)
        return 0;
    double x = answer_value(a, output, i), y = answer_value(b, output, i);
    return fabs(x - y) <= tolerance * fmax(fabs(x), fabs(y));
}

/** Whether two answers have the same shape and elements, floating-point ones within `tolerance` (0: the same
 * bits). */
static inline int answers_agree(const struct answer *got, const struct answer *expected, double tolerance) {
    if (got->count != expected->count)
        return 0;
    for (size_t k = 0; k < got->count; k++) {
        if (got->outputs[k].type != expected->outputs[k].type ||
            got->outputs[k].count != expected->outputs[k].count)
            return 0;
        for (size_t i = 0; i < got->outputs[k].count; i++)
            if (!answer_element_agrees(got, expected, k, i, tolerance))
                return 0;
    }
    return 1;
}

/** Fails the test at the first difference, naming `what`, output and element. */
static inline void assert_answers_equal_at(const struct answer *got, const struct answer *expected,
                                           double tolerance, const char *what, const char *file, int line) {
    if (got->count != expected->count)
        fail_msg("%s:%d: %s: %zu outputs instead of %zu", file, line, what, got->count, expected->count);
    for (size_t k = 0; k < got->count; k++) {
        if (got->outputs[k].type != expected->outputs[k].type ||
            got->outputs[k].count != expected->outputs[k].count)
            fail_msg("%s:%d: %s: output %s has another type or count", file, line, what,
                     got->outputs[k].name);
        for (size_t i = 0; i < got->outputs[k].count; i++)
            if (!answer_element_agrees(got, expected, k, i, tolerance))
                fail_msg("%s:%d: %s: %s[%zu] is %.17g instead of %.17g", file, line, what,
                         got->outputs[k].name, i, answer_value(got, k, i), answer_value(expected, k, i));
    }
}
#define assert_answers_equal(got, expected, tolerance)                                                       \
    assert_answers_equal_at(got, expected, tolerance, #got, __FILE__, __LINE__)

/** Whether the kernel's independent check takes what `variant` has left; it must have one. */
static inline int module_check_passes(struct module *module, void *state, size_t variant,
                                      struct cs_mismatch *mismatch) {
    assert_non_null(module->kernel->check);
    memset(mismatch, 0, sizeof *mismatch);
    int wrong = module->kernel->check(state, variant, mismatch) || mismatch->output;
    if (wrong)
        assert_non_null(mismatch->output);
    return !wrong;
}

/** Fails the test if the kernel's independent check refuses what `variant` has left. */
static inline void module_check(struct module *module, void *state, size_t variant) {
    struct cs_mismatch mismatch;
    if (!module_check_passes(module, state, variant, &mismatch))
        fail_msg("%s.%s: %s[%zu] is %s instead of %s", module->kernel->name,
                 module->kernel->variants[variant].name, mismatch.output, mismatch.index, mismatch.got,
                 mismatch.expected);
}

/** Runs every variant of one point and compares each with variant 0 and with the independent check, if there
 * is one. */
static inline void module_check_point(struct module *module, const struct cs_env *env) {
    void *state = module_setup(module, env);
    struct answer baseline = module_answer(module, state, 0);
    for (size_t v = 0; v < module_variants(module); v++) {
        struct answer answer = module_answer(module, state, v);
        assert_answers_equal_at(&answer, &baseline, module->kernel->tolerance,
                                module->kernel->variants[v].name, __FILE__, __LINE__);
        if (module->kernel->check)
            module_check(module, state, v);
        answer_free(&answer);
    }
    answer_free(&baseline);
    module_teardown(module, state);
}

/** The same seed must give the same answer from a new state, another seed another; and reset must make runs
 * repeat. */
static inline void module_check_repeatable(struct module *module, const struct cs_env *env, size_t variant) {
    struct cs_env other_env = *env;
    other_env.seed = env->seed + 1;
    void *first = module_setup(module, env), *second = module_setup(module, env);
    void *other = module_setup(module, &other_env);
    struct answer a = module_answer(module, first, variant), again = module_answer(module, first, variant);
    struct answer b = module_answer(module, second, variant), c = module_answer(module, other, variant);
    assert_answers_equal(&again, &a, 0);
    assert_answers_equal(&b, &a, 0);
    assert_false(answers_agree(&c, &a, 0));
    struct answer *answers[] = {&a, &again, &b, &c};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        answer_free(answers[i]);
    module_teardown(module, first);
    module_teardown(module, second);
    module_teardown(module, other);
}

#endif
