/* The worker that finds out where the timed code spends its time: a timer's signal looks where it is. */
#include "counters/code_path.h"
#include "worker/worker_context.h"

#include <elf.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

#define INTERVAL_NS 97001 /* no round number: runs may have one */
#define MOST_OBJECTS 256

#if defined(__x86_64__)
#define IRELATIVE R_X86_64_IRELATIVE
#elif defined(__aarch64__)
#define IRELATIVE R_AARCH64_IRELATIVE
#else
#define IRELATIVE 0xffffffffu
#endif

/* Executable memory of a library or of the module. */
struct object {
    char path[1024];
    uintptr_t bias, start, end;
    const ElfW(Dyn) * dynamic;
    size_t samples;
};

/* What the signal handler needs; there is one worker a process. */
static struct {
    struct object objects[MOST_OBJECTS];
    size_t object_count;
    uint64_t *samples;
    volatile size_t count;
    volatile sig_atomic_t inside;
} sampler;

static uintptr_t program_counter(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uintptr_t)context->uc_mcontext.pc;
#else
    (void)context;
    return 0;
#endif
}

/* F2 or F3, perhaps REX.W, and one of MOVS, CMPS, STOS, LODS, SCAS (SDM volume 2, REP). */
static bool is_string_instruction(uintptr_t address, uintptr_t end) {
#if defined(__x86_64__)
    const unsigned char *bytes = (const unsigned char *)address;
    if (end - address < 3 || (bytes[0] != 0xf2 && bytes[0] != 0xf3))
        return false;
    unsigned char opcode = (bytes[1] & 0xf0) == 0x40 ? bytes[2] : bytes[1];
    return (opcode >= 0xa4 && opcode <= 0xa7) || (opcode >= 0xaa && opcode <= 0xaf);
#else
    (void)address, (void)end;
    return false;
#endif
}

static void take_sample(int signal_number, siginfo_t *info, void *context) {
    (void)signal_number, (void)info;
    uintptr_t address = program_counter(context);
    size_t i = 0;
    if (!sampler.inside || sampler.count == CODE_PATH_SAMPLES)
        return;
    while (i < sampler.object_count &&
           (address < sampler.objects[i].start || address >= sampler.objects[i].end))
        i++;
    if (i == sampler.object_count)
        return;
    struct object *object = &sampler.objects[i];
    uint64_t key = code_path_key(object->path, address - object->bias);
    object->samples++;
    sampler.samples[sampler.count++] =
        key | (is_string_instruction(address, object->end) ? CODE_PATH_STRING : 0);
}

/* The program itself and the loader are not what is measured. */
static int add_object(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size, (void)context;
    char path[PATH_MAX];
    const ElfW(Dyn) *dynamic = NULL;
    if (!info->dlpi_name[0] || !realpath(info->dlpi_name, path) || strstr(path, "/ld-linux") ||
        strlen(path) >= sizeof sampler.objects->path)
        return 0;
    for (size_t i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
            dynamic = (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    for (size_t i = 0; i < info->dlpi_phnum && sampler.object_count < MOST_OBJECTS; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_LOAD || (header->p_flags & (PF_R | PF_X)) != (PF_R | PF_X))
            continue;
        struct object *object = &sampler.objects[sampler.object_count++];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;
        *object = (struct object){
            .bias = info->dlpi_addr, .start = start, .end = start + header->p_memsz, .dynamic = dynamic};
        memcpy(object->path, path, strlen(path) + 1);
    }
    return 0;
}

/* Whether its code has the instruction that asks: CPUID. Bytes are looked for, not instructions: what is
 * found is named beside a path that was seen to differ, and shows nothing for itself. */
static bool has_cpuid(const struct object *object) {
#if defined(__x86_64__)
    return memmem((const void *)object->start, object->end - object->start, "\x0f\xa2", 2) != NULL;
#else
    (void)object;
    return false;
#endif
}

static const ElfW(Dyn) * find_tag(const struct object *object, ElfW(Sxword) tag) {
    const ElfW(Dyn) *entry = object->dynamic;
    while (entry && entry->d_tag != DT_NULL && entry->d_tag != tag)
        entry++;
    return entry && entry->d_tag == tag ? entry : NULL;
}

/* Whether functions of it are chosen when it is loaded (ifunc, target_clones). */
static bool has_ifunc(const struct object *object) {
    static const ElfW(Sxword) tables[][2] = {{DT_RELA, DT_RELASZ}, {DT_JMPREL, DT_PLTRELSZ}};
    for (size_t i = 0; i < 2; i++) {
        const ElfW(Dyn) *table = find_tag(object, tables[i][0]), *bytes = find_tag(object, tables[i][1]);
        const ElfW(Rela) *entries = table ? (const void *)table->d_un.d_ptr : NULL;
        for (size_t k = 0; entries && bytes && k < bytes->d_un.d_val / sizeof *entries; k++)
            if (ELF64_R_TYPE(entries[k].r_info) == IRELATIVE)
                return true;
    }
    return false;
}

/* "libx.so asks the CPU: CPUID, ifunc" of the object that most samples were in, if it does. */
static void tell_who_asks(char *text, size_t size) {
    const struct object *most = NULL;
    text[0] = '\0';
    for (size_t i = 0; i < sampler.object_count; i++)
        if (sampler.objects[i].samples && (!most || sampler.objects[i].samples > most->samples))
            most = &sampler.objects[i];
    if (!most)
        return;
    bool cpuid = has_cpuid(most), ifunc = has_ifunc(most);
    if (cpuid || ifunc)
        snprintf(text, size, "%.40s asks the CPU: %s%s%s", strrchr(most->path, '/') + 1, cpuid ? "CPUID" : "",
                 cpuid && ifunc ? ", " : "", ifunc ? "ifunc" : "");
}

static bool start_timer(timer_t *timer) {
    struct sigaction action = {.sa_sigaction = take_sample, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};
    struct itimerspec interval = {{0, INTERVAL_NS}, {0, INTERVAL_NS}};
    event._sigev_un._tid = gettid();
    sigemptyset(&action.sa_mask);
    return sigaction(SIGPROF, &action, NULL) == 0 && timer_create(CLOCK_MONOTONIC, &event, timer) == 0 &&
           timer_settime(*timer, 0, &interval, NULL) == 0;
}

static void sample_arm(struct worker *worker, size_t arm) {
    const struct cs_kernel *kernel = worker->module.kernel;
    uint64_t end = monotonic_ns() + (uint64_t)(CODE_PATH_SECONDS * 1e9);
    sampler.samples = worker->ticks + arm * worker->job->max_rounds;
    sampler.count = 0;
    for (size_t i = 0; i < sampler.object_count; i++)
        sampler.objects[i].samples = 0;
    kernel_host_reset(&worker->host, kernel, worker->state);
    do {
        worker_announce(worker, PHASE_COUNT, (int)arm);
        if (kernel->reset_each_run)
            kernel_host_reset_each(&worker->host, kernel, worker->state);
        sampler.inside = 1;
        worker->run[arm](worker->state);
        sampler.inside = 0;
    } while (monotonic_ns() < end && sampler.count < CODE_PATH_SAMPLES);
    tell_who_asks(worker->report->arms[arm].reason, sizeof worker->report->arms[arm].reason);
}

int worker_path(struct worker *worker) {
    timer_t timer;
    int status = worker_verify(worker, PHASE_VERIFY);
    if (status || worker->report->arms[0].invalid || worker->job->max_rounds < CODE_PATH_SAMPLES)
        return status;
    dl_iterate_phdr(add_object, NULL);
    if (!start_timer(&timer))
        return 0;
    for (size_t i = 0; i < worker->live_count; i++)
        sample_arm(worker, worker->live[i]);
    timer_delete(timer);
    worker->report->rounds = CODE_PATH_SAMPLES; /* so that all of them pass to the supervisor */
    worker_announce(worker, PHASE_COUNT, -1);
    return 0;
}
