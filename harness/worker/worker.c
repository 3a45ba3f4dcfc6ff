#include "worker/worker_context.h"

#include "host/thread_binding.h"

#include <alloca.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#define HEAP_BLOCKS 512 /* that stir_heap makes at the most; some 500 KiB */

static struct worker *crash_worker; /* for the signal handler alone */

const char *worker_phase_name(enum worker_phase phase) {
    static const char *const names[] = {"start-up",
                                        "loading",
                                        "setup",
                                        "preparation",
                                        "verification",
                                        "sizing",
                                        "timing",
                                        "counting",
                                        "simulation",
                                        "final verification",
                                        "teardown",
                                        "the end",
                                        "an unknown phase (its status was written over)"};
    return (size_t)phase < sizeof names / sizeof *names ? names[phase] : "unknown phase";
}

int worker_fail(struct worker *worker, enum worker_failure failure, int error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(worker->report->failure_text, sizeof worker->report->failure_text, format, arguments);
    va_end(arguments);
    worker->report->failure = failure;
    worker->report->error = error;
    return -error;
}

void worker_invalidate(struct worker *worker, size_t arm, const struct arm_why *why) {
    struct arm_why *kept = &worker->report->arms[arm].why;
    *kept = *why;
    snprintf(kept->variant, sizeof kept->variant, "%s", worker_arm_name(worker, arm));
    worker->report->arms[arm].invalid = true;
    for (size_t i = 0; i < worker->live_count; i++)
        if (worker->live[i] == arm) {
            memmove(&worker->live[i], &worker->live[i + 1],
                    (worker->live_count - i - 1) * sizeof *worker->live);
            worker->live_count--;
            break;
        }
}

size_t worker_draw_order(const struct worker *worker, uint64_t salt, size_t arms[SCHEDULE_MAX_ARMS]) {
    struct cs_random random = cs_random_seed(worker->job->seed ^ (salt + 1) * 0x9e3779b97f4a7c15u);
    uint32_t order[SCHEDULE_MAX_ARMS];
    for (size_t i = 0; i < worker->live_count; i++)
        order[i] = (uint32_t)worker->live[i];
    cs_random_shuffle(&random, order, worker->live_count);
    for (size_t i = 0; i < worker->live_count; i++)
        arms[i] = order[i];
    return worker->live_count;
}

/*
 * Data and stack in bytes, the sixth field of /proc/self/statm (proc(5)), with async-signal-safe calls only.
 */
static uint64_t read_data_bytes(void) {
    char text[256];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    int field = 0;
    uint64_t value = 0;
    for (ssize_t i = 0; i < length; i++) {
        if (text[i] == ' ') {
            if (++field == 6)
                break;
            value = 0;
        } else if (text[i] >= '0' && text[i] <= '9')
            value = value * 10 + (uint64_t)(text[i] - '0');
    }
    return field >= 5 ? value * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

/* By a system call, because the instruction may be the last of its mapping. */
static void keep_instruction(struct worker_status *status, void *address) {
    struct iovec to = {status->code, sizeof status->code}, from = {address, sizeof status->code};
    ssize_t length = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
    if (length <= 0) { /* across the end of a mapping nothing is read */
        to.iov_len = from.iov_len = 4;
        length = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
    }
    atomic_store(&status->code_bytes, length > 0 ? (uint32_t)length : 0);
}

static uint64_t read_stack_pointer(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uint64_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    return context->uc_mcontext.sp;
#else
    (void)context;
    return 0;
#endif
}

/* Whose code ran is told from the worker's own memory once more: what is shared, the code could have
 * written. A child has no part in what is shared. */
static void keep_crash(int signal_number, const siginfo_t *info, const void *context) {
    struct worker_status *status = &crash_worker->answer->status;
    int clock = 0;
    worker_write_status(crash_worker);
#ifdef PR_GET_TSC
    if (prctl(PR_GET_TSC, &clock) == 0 && clock == PR_TSC_SIGSEGV)
        atomic_store(&status->clock_off, 1);
#endif
    atomic_store(&status->stack_pointer, read_stack_pointer(context));
    atomic_store(&status->fault_address, (uint64_t)(uintptr_t)info->si_addr);
    atomic_store(&status->data_bytes, read_data_bytes());
    if (signal_number == SIGILL)
        keep_instruction(status, info->si_addr);
    atomic_store(&status->signal, signal_number);
}

static void on_crash(int signal_number, siginfo_t *info, void *context) {
    if (*crash_worker->original)
        keep_crash(signal_number, info, context);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void catch_crashes(struct worker *worker) {
    static char stack[65536];
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXFSZ, SIGSYS};
    crash_worker = worker;
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}

static int load_modules(struct worker *worker) {
    const struct worker_job *job = worker->job;
    struct problem problem;
    worker_announce(worker, PHASE_LOAD, -1);
    int status = module_open(&worker->module, job->module, &problem);
    bool placebo = false;
    for (size_t arm = 0; arm < job->arm_count; arm++)
        placebo |= job->arms[arm].placebo && job->arms[arm].active;
    if (status == 0 && placebo) {
        char copy[sizeof job->scratch + 16];
        snprintf(copy, sizeof copy, "%s/placebo.so", job->scratch);
        status = job->placebo[0] ? module_open(&worker->copy, job->placebo, &problem)
                                 : module_open_copy(&worker->copy, job->module, copy, &problem);
        unlink(copy);
    }
    return status ? worker_fail(worker, FAILURE_MODULE, -status, "%s", problem.text) : 0;
}

static int choose_arms(struct worker *worker) {
    const struct worker_job *job = worker->job;
    for (size_t arm = 0; arm < job->arm_count; arm++) {
        const struct cs_kernel *kernel = (job->arms[arm].placebo ? worker->copy : worker->module).kernel;
        unsigned variant = job->arms[arm].variant;
        if (!job->arms[arm].active)
            continue;
        if (variant >= CS_MAX_VARIANTS || !kernel->variants[variant].name)
            return worker_fail(worker, FAILURE_HARNESS, EINVAL,
                               "%s has no variant %u any more; it was rebuilt "
                               "while it was measured",
                               job->module, variant);
        worker->run[arm] = kernel->variants[variant].run;
        module_hash_function(worker->run[arm], worker->report->arms[arm].code_hash,
                             &worker->report->arms[arm].code_bytes);
        /* The baseline's second is the placebo. */
        if (arm != 0 && !job->arms[arm].placebo && kernel->variants[variant].prepare && worker->copy.kernel)
            worker->second[arm] = worker->copy.kernel->variants[variant].run;
        worker->live[worker->live_count++] = arm;
    }
    return 0;
}

/* What setup and prepare get of the job. */
static struct cs_env make_env(struct worker *worker, const char *files, char *reason, size_t size) {
    const struct worker_job *job = worker->job;
    bool is_bound = job->mode != WORKER_SIMULATE && job->cpus.count >= job->threads;
    struct cs_env env = {.host = &worker->host.functions,
                         .seed = job->seed,
                         .threads = job->threads,
                         .scratch = files,
                         .reason = reason,
                         .reason_size = size,
                         .cpus = is_bound ? job->cpus.cpus : NULL,
                         .simulated = job->mode == WORKER_SIMULATE,
                         .client = (unsigned)worker->client};
    memcpy(env.value, job->value, sizeof env.value);
    for (size_t i = 0; i < CS_MAX_SERVICES; i++) {
        env.service[i] = job->services[i].socket[0] ? job->services[i].socket : NULL;
        env.port[i] = job->services[i].port;
    }
    return env;
}

static const char *error_text(int status) {
    return status == -ENOMEM ? "out of memory" : strerror(status < 0 ? -status : status);
}

static int set_up(struct worker *worker, const struct cs_env *env) {
    const struct cs_kernel *kernel = worker->module.kernel;
    worker_announce(worker, PHASE_SETUP, -1);
    worker->state = kernel_host_make_state(kernel);
    if (!worker->state)
        return worker_fail(worker, FAILURE_SETUP, ENOMEM, "setup: no memory for the state: %zu bytes",
                           kernel->state_size);
    int status = kernel->setup(env, worker->state);
    worker_end_child(worker);
    if (status)
        return worker_fail(worker, FAILURE_SETUP, status < 0 ? -status : status, "setup: %s%s%s",
                           error_text(status), env->reason[0] ? ": " : "", env->reason);
    struct problem problem = {""};
    if (kernel_host_settle(&worker->host, kernel, &problem))
        return worker_fail(worker, FAILURE_SETUP, EINVAL, "setup: %s", problem.text);
    worker->report->work = kernel_host_work(&worker->host, kernel, worker->state);
    if (!(worker->report->work.items > 0))
        return worker_fail(worker, FAILURE_SETUP, EINVAL, "work: a run must handle more than 0 items, got %g",
                           worker->report->work.items);
    return 0;
}

/* In random order: who comes first finds another heap. The placebo runs on what the baseline prepared. */
static void prepare_arms(struct worker *worker, const struct cs_env *env) {
    const struct worker_job *job = worker->job;
    size_t arms[SCHEDULE_MAX_ARMS], count = worker_draw_order(worker, PHASE_PREPARE, arms);
    for (size_t i = 0; i < count; i++) {
        size_t arm = arms[i];
        const struct cs_variant *variant = &worker->module.kernel->variants[job->arms[arm].variant];
        if (!variant->prepare || job->arms[arm].placebo)
            continue;
        worker_announce(worker, PHASE_PREPARE, (int)arm);
        env->reason[0] = '\0';
        uint64_t start = monotonic_ns();
        int status = variant->prepare(env, worker->state);
        if (job->counters && job->plan.entries[COUNTER_PREPARE_TIME].source != SOURCE_NONE)
            worker->report->arms[arm].counters[COUNTER_PREPARE_TIME] = (double)(monotonic_ns() - start);
        worker_end_child(worker);
        if (worker->host.fault.text[0] && status == 0)
            status = cs_fail(env, EINVAL, "%s", worker->host.fault.text);
        worker->host.fault.text[0] = '\0';
        worker->prepared[arm] = status == 0;
        if (status) {
            struct arm_why why = {.cause = CAUSE_PREPARE, .error = abs(status)};
            snprintf(why.said, sizeof why.said, "%s", env->reason);
            worker_invalidate(worker, arm, &why);
        }
    }
    worker_announce(worker, PHASE_PREPARE, -1);
}

static void tear_down(struct worker *worker) {
    const struct cs_kernel *kernel = worker->module.kernel;
    for (size_t arm = 0; arm < worker->job->arm_count; arm++) {
        const struct cs_variant *variant = &kernel->variants[worker->job->arms[arm].variant];
        worker_announce(worker, PHASE_TEARDOWN, worker->prepared[arm] ? (int)arm : -1);
        if (worker->prepared[arm] && variant->release)
            variant->release(worker->state);
    }
    worker_announce(worker, PHASE_TEARDOWN, -1);
    if (kernel->teardown)
        kernel->teardown(worker->state);
    worker_end_child(worker);
}

int worker_bind_threads(struct worker *worker) {
    const struct cpu_choice *cpus = &worker->job->cpus;
    struct worker_report *report = worker->report;
    pid_t threads[WORKER_THREADS];
    int count = counter_list_threads(threads, WORKER_THREADS);
    if (count < 0 || count > WORKER_THREADS)
        return worker_fail(worker, FAILURE_HARNESS, count < 0 ? -count : E2BIG,
                           "cannot list the worker's threads");
    struct problem problem = {""};
    int status = 0;
    report->thread_count = (size_t)count;
    for (int i = 0; i < count && status == 0; i++) {
        unsigned cpu = cpus->cpus[(size_t)i % cpus->count];
        report->threads[i] = (struct thread_binding){.thread = i, .cpu = thread_read_binding(threads[i])};
        if (report->threads[i].cpu == (int)cpu)
            continue;
        status = thread_bind(threads[i], cpu, &problem);
        report->threads[i].cpu = thread_read_binding(threads[i]);
    }
    return status ? worker_fail(worker, FAILURE_HARNESS, -status, "cannot bind a thread: %s", problem.text)
                  : 0;
}

static bool can_time(const struct worker *worker, size_t least) {
    return !worker->report->repeat && !worker->report->arms[0].invalid && worker->live_count >= least;
}

_Static_assert(RESULT_EVIDENCE == CS_EVIDENCE, "as much is stored as a kernel may tell");

/* The placebo has the baseline's. */
static void collect_evidence(struct worker *worker) {
    for (size_t i = 0; i < worker->live_count; i++) {
        size_t arm = worker->live[i];
        const struct cs_variant *variant = &worker->module.kernel->variants[worker->job->arms[arm].variant];
        if (!variant->evidence || worker->job->arms[arm].placebo)
            continue;
        char *text = worker->report->arms[arm].evidence;
        worker_announce(worker, PHASE_VERIFY, (int)arm);
        variant->evidence(worker->state, text, RESULT_EVIDENCE);
        worker_end_child(worker);
        text[RESULT_EVIDENCE - 1] = '\0';
    }
}

/* Pools of threads are made by the first parallel run: verification makes it, then they can be bound. */
int worker_get_ready(struct worker *worker, size_t least) {
    int status = worker_verify(worker, PHASE_VERIFY);
    if (status || !can_time(worker, least))
        return status;
    if (worker->job->mode == WORKER_MEASURE)
        collect_evidence(worker);
    status = worker_bind_threads(worker);
    if (status == 0)
        status = worker_conduct_start(worker);
    if (status)
        return status;
    worker_size(worker);
    return can_time(worker, least);
}

static int measure(struct worker *worker) {
    const struct worker_job *job = worker->job;
    struct noise_reading first, last;
    struct core_clock core = {0};
    int status = worker_get_ready(worker, 2);
    if (status <= 0)
        return status;
    worker_refuse_constant(worker);
    worker_refuse_idle(worker);
    if (!can_time(worker, 2))
        return 0;
    core_clock_measure(&job->clock, 16, &core);
    noise_read(&first, job->cpus.cpus, job->cpus.count);
    first.core_ghz = core.ghz;
    status = worker_time(worker);
    if (status || worker->report->repeat)
        return status;
    core_clock_measure(&job->clock, 16, &core);
    noise_read(&last, job->cpus.cpus, job->cpus.count);
    last.core_ghz = core.ghz;
    noise_between(&first, &last, job->cpus.count, &worker->report->noise);
    worker->report->core_ghz = core.ghz;
    worker_conduct_judge_timed(worker);
    if (worker->report->repeat)
        return 0;
    worker_refuse_idle(worker);
    if (worker->report->arms[0].invalid)
        return 0;
    worker_check_timed(worker);
    if (!job->observe)
        return 0;
    worker_count(worker);
    return worker_verify(worker, PHASE_VERIFY_AGAIN);
}

/* The scratch folder of kernels, and in it one for each further client of a load, so that a server of files finds it. */
static int make_files(struct worker *worker, char *files, size_t size) {
    int length = snprintf(files, size, "%s/files", worker->job->scratch);
    if (worker->client)
        snprintf(files + length, size - (size_t)length, "/" CS_CLIENT_FOLDER, (unsigned)worker->client);
    return mkdir(files, 0700) == 0 || errno == EEXIST
               ? 0
               : worker_fail(worker, FAILURE_HARNESS, errno, "cannot make %s: %s", files, strerror(errno));
}

/* From setup to teardown. */
static int run_kernel(struct worker *worker) {
    char reason[RESULT_REASON - 64] = "", files[sizeof worker->job->scratch + 32];
    int status = worker->job->mode == WORKER_LOAD ? worker_load_fork(worker) : 0;
    if (status == 0)
        status = make_files(worker, files, sizeof files);
    if (status)
        return status;
    struct cs_env env = make_env(worker, files, reason, sizeof reason);
    status = set_up(worker, &env);
    if (status)
        return status;
    if (worker->job->mode == WORKER_MEMORY)
        worker_memory_start(worker);
    prepare_arms(worker, &env);
    if (worker->job->mode == WORKER_MEMORY)
        worker_memory(worker);
    else
        status = worker->job->mode == WORKER_SIMULATE  ? worker_simulate(worker)
                 : worker->job->mode == WORKER_PROFILE ? worker_profile(worker)
                 : worker->job->mode == WORKER_PATH    ? worker_path(worker)
                 : worker->job->mode == WORKER_LOAD    ? worker_load(worker)
                                                       : measure(worker);
    tear_down(worker);
    return status;
}

static int do_job(struct worker *worker) {
    int status = load_modules(worker);
    if (status)
        return status;
    if (worker->job->mode == WORKER_DESCRIBE) {
        module_describe(&worker->module, worker->job->module, &worker->report->description);
        return 0;
    }
    status = choose_arms(worker);
    /* Before setup, so that memory is first touched from where it will be used. */
    if (status == 0 && worker->job->mode != WORKER_SIMULATE)
        status = worker_bind_threads(worker);
    if (status == 0 && worker->job->evict_bytes) {
        worker->evict = calloc(1, worker->job->evict_bytes);
        if (!worker->evict)
            status = worker_fail(worker, FAILURE_HARNESS, ENOMEM, "no memory to evict the caches with");
    }
    if (status == 0)
        status = run_kernel(worker);
    worker_conduct_end(worker);
    kernel_host_end(&worker->host);
    free(worker->state);
    free(worker->evict);
    return status;
}

static void start_report(struct worker_report *report) {
    for (size_t arm = 0; arm < SCHEDULE_MAX_ARMS; arm++) {
        for (int event = 0; event < COUNTER_EVENTS; event++)
            report->arms[arm].counters[event] = NAN;
        for (int i = 0; i < CS_MAX_COUNTERS; i++)
            report->arms[arm].app[i] = NAN;
        report->arms[arm].resources = (struct arm_resources){NAN, NAN};
        report->arms[arm].latency = (struct arm_latency){NAN, NAN, NAN, NAN};
        for (size_t i = 0; i < 1 + LOAD_SHARES; i++)
            report->load[arm][i] = LOAD_NOTHING;
    }
}

/*
 * A heap with a history of its own, as a program's is: blocks of random sizes, of which about half are freed
 * again in random order. What a kernel allocates then lies neither at the same distances nor in the same
 * order in all processes.
 */
static void stir_heap(struct worker *worker, void *kept[HEAP_BLOCKS]) {
    struct cs_random random = cs_random_seed(worker->job->seed + 4);
    size_t count = cs_random_below(&random, HEAP_BLOCKS);
    for (size_t i = 0; i < count; i++) {
        uint32_t most = 16u << cs_random_below(&random, 8); /* small ones as often as large ones */
        kept[i] = malloc(16 + cs_random_below(&random, most));
    }
    for (size_t i = 0; i < count; i++) {
        size_t other = cs_random_below(&random, (uint32_t)count);
        free(kept[other]);
        kept[other] = NULL;
    }
}

/* A random distance between the stack frames of this process and those of the next replicate. */
static int __attribute__((noinline)) run_at_offset(struct worker *worker) {
    static void *kept[HEAP_BLOCKS];
    volatile char *stack = alloca(worker->job->stack_offset + 16);
    stack[0] = 0;
    void *heap = malloc(worker->job->heap_offset + 16);
    if (worker->job->heap_offset)
        stir_heap(worker, kept);
    do_job(worker);
    for (size_t i = 0; i < HEAP_BLOCKS; i++)
        free(kept[i]);
    free(heap);
    return stack[0];
}

/* Memory that fork(2), and clone(2) called alike, leaves empty in the child (Linux 4.14). */
const volatile bool *worker_mark_original(void) {
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    bool *mark = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mark == MAP_FAILED)
        return NULL;
    madvise(mark, size, MADV_WIPEONFORK);
    *mark = true;
    return mark;
}

/* The job is read, not mapped, and its secrets are kept apart from it. 0 or -1. */
static int read_job(struct worker *worker, struct worker_job *job) {
    ssize_t length = pread(WORKER_JOB_FD, job, sizeof *job, 0);
    close(WORKER_JOB_FD);
    if (length != (ssize_t)sizeof *job || job->magic != WORKER_MAGIC)
        return -1;
    memcpy(worker->secret, job->secret, sizeof worker->secret);
    worker->hidden = cs_random_seed(job->secret[0] ^ job->secret[1]);
    worker->poison = cs_random_below(&worker->hidden, 64);
    explicit_bzero(job->secret, sizeof job->secret);
    worker->job = job;
    return 0;
}

/* Children have no part in it: what they outlive the worker with, they could write. */
static int map_answer(struct worker *worker) {
    struct stat facts;
    if (fstat(WORKER_ANSWER_FD, &facts) != 0 || facts.st_size < (off_t)sizeof(struct worker_answer))
        return -1;
    worker->answer_bytes = (size_t)facts.st_size;
    worker->answer =
        mmap(NULL, worker->answer_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, WORKER_ANSWER_FD, 0);
    close(WORKER_ANSWER_FD);
    return worker->answer == MAP_FAILED ? -1 : madvise(worker->answer, worker->answer_bytes, MADV_DONTFORK);
}

/* Somewhere else in each process. Touched now, so that no sample pays for a fault. */
static int make_report(struct worker *worker) {
    size_t rows = worker->job->arm_count * worker->job->max_rounds;
    worker->report = calloc(1, sizeof *worker->report);
    worker->ticks = malloc((rows + 1) * sizeof *worker->ticks);
    if (!worker->report || !worker->ticks)
        return -1;
    memset(worker->ticks, 0, rows * sizeof *worker->ticks);
    start_report(worker->report);
    return 0;
}

/* The end of the worker itself, not of code that it ran: nothing of it may follow. */
static void hand_over(struct worker *worker) {
    const struct worker_report *report = worker->report;
    struct worker_answer *answer = worker->answer;
    size_t rounds = worker->job->max_rounds;
    worker_announce(worker, PHASE_DONE, -1);
    memcpy(&answer->report, report, offsetof(struct worker_report, thread_counts));
    for (size_t arm = 0; arm < SCHEDULE_MAX_ARMS; arm++)
        memcpy(answer->report.thread_counts[arm], report->thread_counts[arm],
               report->counted_threads * sizeof report->thread_counts[arm][0]);
    for (size_t arm = 0; arm < worker->job->arm_count; arm++)
        memcpy(answer->ticks + arm * rounds, worker->ticks + arm * rounds,
               report->rounds * sizeof *worker->ticks);
    answer->end = worker->secret[2];
    munmap(answer, worker->answer_bytes);
}

/* In setup, or in the prepare of one arm, whose fault it is then: the others run again without it. */
static void end_without_memory(void *context, const char *name, size_t bytes) {
    struct worker *worker = context;
    worker_end_child(worker);
    if (worker->phase == PHASE_PREPARE && worker->arm >= 0) {
        struct arm_why why = {.cause = CAUSE_PREPARE_MEMORY, .count = (double)bytes};
        snprintf(why.said, sizeof why.said, "%s", name);
        worker_invalidate(worker, (size_t)worker->arm, &why);
        worker->report->repeat = true;
        worker->report->rounds = 0;
    } else
        worker_fail(worker, FAILURE_SETUP, ENOMEM, "setup: no memory for %s: %zu bytes", name, bytes);
    hand_over(worker);
    _exit(0);
}

int worker_main(void) {
    struct worker *worker = calloc(1, sizeof *worker);
    struct worker_job *job = malloc(sizeof *job);
    if (!worker || !job || read_job(worker, job) || map_answer(worker) || make_report(worker))
        return 2;
    worker->original = worker_mark_original();
    if (!worker->original)
        return 2;
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* a daemon's parent from now on is whoever made it one */
    kernel_host_start(&worker->host, end_without_memory, worker);
    catch_crashes(worker);
    run_at_offset(worker);
    hand_over(worker);
    /* The modules stay loaded, threads of a runtime they brought may still be waiting in its code; so does
     * the worker, for the handler of what may crash on the way out. */
    _exit(0);
}
