#include "cli/calibrate_tries.h"

#include "cli/progress.h"
#include "report/format.h"
#include "report/style.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAMPLE_US 20 /* as `run` */
/* Bytes a second at which a fresh process fills memory, for the forecast alone. */
#define FILL_RATE 4e9
/* Seconds a process takes beyond starting: verification twice, sizing, the second link. Forecast alone. */
#define PREPARATION_S 0.005

static const char *const kernel_names[CALIBRATE_KERNELS] = {"planted", "twins"};

static enum calibrate_kernel kernel_of(const struct calibrate_kind *kind) {
    return kind->planted ? CALIBRATE_PLANTED : CALIBRATE_TWINS;
}

static const char *choice_of(const struct calibrate_kind *kind) {
    return kind->choice ? kind->choice : kind->name;
}

static int find_choice(const struct module_description *module, const char *parameter, const char *choice,
                       size_t *index) {
    for (size_t p = 0; p < module->parameter_count; p++)
        for (size_t c = 0;
             !strcmp(module->parameters[p].name, parameter) && c < module->parameters[p].choice_count; c++)
            if (!strcmp(module->parameters[p].choices[c], choice)) {
                *index = p;
                return (int)c;
            }
    return -1;
}

static int find_parameter(const struct module_description *module, const char *name) {
    for (size_t p = 0; p < module->parameter_count; p++)
        if (!strcmp(module->parameters[p].name, name))
            return (int)p;
    return -1;
}

/* Everything that calibrate names must be in the kernel that was found. */
static int check_module(const struct module_description *module, enum calibrate_kernel kernel,
                        struct problem *problem) {
    size_t parameter;
    bool complete = find_parameter(module, "bytes") >= 0 && module_find_variant(module, "base") >= 0;
    for (const struct calibrate_kind *kind = calibrate_kinds; kind->name; kind++)
        if (kernel_of(kind) == kernel)
            complete = complete && find_choice(module, "kind", choice_of(kind), &parameter) >= 0;
    for (size_t i = 0; calibrate_sizes[i].variant; i++)
        if (kernel == CALIBRATE_PLANTED || calibrate_sizes[i].planted == 0)
            complete = complete && module_find_variant(module, calibrate_sizes[i].variant) >= 0;
    return complete ? 0
                    : problem_set(problem, EINVAL,
                                  "%s is not the kernel that calibrate needs; build countersign again",
                                  module->path);
}

/*
 * Memory far beyond the last-level cache, a power of two: four times it, or twice where four times is more
 * than a quarter of the machine's. 0 where even that is too much.
 */
static uint64_t choose_dram_bytes(const struct topology_facts *facts, uint64_t limit) {
    uint64_t cache = facts->l3_bytes ? facts->l3_bytes : (uint64_t)32 << 20, bytes = (uint64_t)64 << 20;
    if (facts->memory_bytes && facts->memory_bytes / 4 < limit)
        limit = facts->memory_bytes / 4;
    while (bytes < 4 * cache)
        bytes *= 2;
    if (bytes > limit && bytes / 2 >= 2 * cache)
        bytes /= 2;
    return bytes <= limit ? bytes : 0;
}

/*
 * A quarter of the second cache, a power of two: of half of it some lines miss, as pages lie where they lie.
 * 0 where it is not known, or not clearly beyond the first.
 */
static uint64_t choose_l2_bytes(const struct topology_facts *facts) {
    uint64_t bytes = (uint64_t)1 << 16;
    while (bytes * 2 <= facts->l2_bytes / 4)
        bytes *= 2;
    return bytes <= facts->l2_bytes / 4 && bytes >= 2 * facts->l1d_bytes ? bytes : 0;
}

static void choose_l2(struct calibration *calibration, struct calibration_kind *kind) {
    const struct topology_facts *facts = &calibration->host.topology;
    calibration->l2_bytes = choose_l2_bytes(facts);
    if (calibration->l2_bytes == 0)
        snprintf(kind->skipped, sizeof kind->skipped, "%s",
                 facts->l2_bytes ? "a quarter of this machine's second cache is less than twice its first"
                                 : "the size of this machine's second cache is not known");
}

static void choose_dram(const struct calibrate_tries *tries, struct calibration_kind *kind) {
    struct calibration *calibration = tries->calibration;
    calibration->dram_bytes =
        choose_dram_bytes(&calibration->host.topology, tries->supervisor->limits.memory_bytes / 2);
    if (calibration->dram_bytes == 0)
        snprintf(kind->skipped, sizeof kind->skipped,
                 "a quarter of this machine's memory is less than twice its last-level cache");
}

static void choose_memory(const struct calibrate_tries *tries, struct calibration_kind *kind) {
    switch (calibrate_kind_find(kind->name)->memory) {
    case MEMORY_L2:
        choose_l2(tries->calibration, kind);
        break;
    case MEMORY_DRAM:
    case MEMORY_FAR:
        choose_dram(tries, kind);
        break;
    case MEMORY_AS_IT_IS:
        break;
    }
}

/* Memory of a kind; 0: what the kernel has by default. A copy has a source and a target, so that half is
 * enough. */
static uint64_t memory_of(const struct calibration *calibration, const struct calibration_kind *kind) {
    enum calibrate_memory memory = calibrate_kind_find(kind->name)->memory;
    return memory == MEMORY_L2     ? calibration->l2_bytes
           : memory == MEMORY_DRAM ? calibration->dram_bytes
           : memory == MEMORY_FAR  ? calibration->dram_bytes / 2
                                   : 0;
}

static void choose_kinds(struct calibrate_tries *tries) {
    struct calibration *calibration = tries->calibration;
    const char *cpus = calibration->settings.cpus[0] ? calibration->settings.cpus : NULL;
    for (size_t i = 0; i < calibration->kind_count; i++) {
        struct calibration_kind *kind = &calibration->kinds[i];
        struct cpu_choice choice;
        struct problem problem = {""};
        if (topology_choose(tries->supervisor->topology, kind->threads, cpus, &choice, &problem))
            snprintf(kind->skipped, sizeof kind->skipped, "%.*s", (int)sizeof kind->skipped - 1,
                     problem.text);
        else
            choose_memory(tries, kind);
    }
}

static int describe_kernel(struct calibrate_tries *tries, const char *kernels, enum calibrate_kernel kernel,
                           struct problem *problem) {
    struct plan_case *plan_case = &tries->kernels[kernel];
    const char *name = kernel_names[kernel];
    char path[4096 + 64];
    plan_case->file = (struct case_file){.name = "calibrate", .target = 1.25};
    snprintf(plan_case->file.kernel, sizeof plan_case->file.kernel, "%s", name);
    snprintf(path, sizeof path, "%s/%s.%s.so", kernels, name, tries->calibration->settings.build);
    if (access(path, F_OK) != 0)
        return problem_set(problem, ENOENT, "no kernel '%s' (%s is not there); build countersign again", name,
                           path);
    uint64_t start = monotonic_ns();
    int status = supervisor_describe(tries->supervisor, path, &plan_case->module, problem);
    tries->startup_s = (double)(monotonic_ns() - start) / 1e9;
    return status ? status : check_module(&plan_case->module, kernel, problem);
}

int calibrate_tries_open(struct calibrate_tries *tries, struct supervisor *supervisor, const char *kernels,
                         struct calibration *calibration, struct problem *problem) {
    *tries = (struct calibrate_tries){.supervisor = supervisor, .calibration = calibration};
    tries->kernels = calloc(CALIBRATE_KERNELS, sizeof *tries->kernels);
    tries->plan.cases = calloc(1, sizeof *tries->plan.cases);
    tries->plan.points = calloc(1, sizeof *tries->plan.points);
    if (!tries->kernels || !tries->plan.cases || !tries->plan.points)
        return problem_set(problem, ENOMEM, "out of memory");
    tries->plan.case_count = tries->plan.point_count = 1;
    for (int kernel = 0; kernel < CALIBRATE_KERNELS; kernel++) {
        int status = describe_kernel(tries, kernels, (enum calibrate_kernel)kernel, problem);
        if (status)
            return status;
    }
    choose_kinds(tries);
    return 0;
}

void calibrate_tries_close(struct calibrate_tries *tries) {
    plan_clear(&tries->plan);
    free(tries->kernels);
    tries->kernels = NULL;
}

/* Of one kind. */
static size_t tries_a_kind(const struct calibration *calibration, size_t kind) {
    size_t count = 0;
    for (size_t size = 0; !calibration->kinds[kind].skipped[0] && size < calibration->size_count; size++)
        count += calibration_tries_of(calibration, kind, size);
    return count;
}

size_t calibrate_tries_count(const struct calibrate_tries *tries) {
    const struct calibration *calibration = tries->calibration;
    size_t count = 0;
    for (size_t kind = 0; kind < calibration->kind_count; kind++)
        count += tries_a_kind(calibration, kind);
    return count;
}

double calibrate_tries_seconds(const struct calibrate_tries *tries) {
    const struct calibration *calibration = tries->calibration;
    const struct run_settings *settings = &calibration->settings;
    double seconds = 0;
    for (size_t i = 0; i < calibration->kind_count; i++) {
        double process = tries->startup_s + PREPARATION_S +
                         (double)memory_of(calibration, &calibration->kinds[i]) / FILL_RATE;
        seconds +=
            (settings->budget_s + process * settings->replicates) * (double)tries_a_kind(calibration, i);
    }
    return seconds;
}

static void name_value(struct point *point, const char *name, int64_t value, const char *choice,
                       const char *unit) {
    struct point_value *to = &point->values[point->count++];
    to->value = value;
    snprintf(to->name, sizeof to->name, "%s", name);
    snprintf(to->choice, sizeof to->choice, "%s", choice);
    snprintf(to->unit, sizeof to->unit, "%s", unit);
}

static const char *variant_of(double planted) {
    size_t i = 0;
    while (calibrate_sizes[i + 1].variant && calibrate_sizes[i].planted != planted)
        i++;
    return calibrate_sizes[i].variant;
}

/* Makes the plan's point that of one kind and size. */
static void plan_try(struct calibrate_tries *tries, const struct calibration_kind *kind, double planted) {
    const struct calibrate_kind *row = calibrate_kind_find(kind->name);
    struct plan_point *plan_point = &tries->plan.points[0];
    tries->plan.cases[0] = tries->kernels[kernel_of(row)];
    const struct module_description *module = &tries->plan.cases[0].module;
    size_t kind_parameter = 0, bytes_parameter = (size_t)find_parameter(module, "bytes");
    int choice = find_choice(module, "kind", choice_of(row), &kind_parameter);
    *plan_point = (struct plan_point){.threads = kind->threads, .variant_count = 2};
    for (size_t p = 0; p < module->parameter_count; p++)
        plan_point->value[p] = module->parameters[p].def;
    plan_point->value[kind_parameter] = choice;
    name_value(&plan_point->point, "kind", choice, choice_of(row), "");
    uint64_t bytes = memory_of(tries->calibration, kind);
    if (bytes) {
        plan_point->value[bytes_parameter] = (int64_t)bytes;
        name_value(&plan_point->point, "bytes", plan_point->value[bytes_parameter], "", "bytes");
    }
    plan_point->variants[kind->swapped] = (unsigned)module_find_variant(module, "base");
    plan_point->variants[!kind->swapped] = (unsigned)module_find_variant(module, variant_of(planted));
}

static void take_comparison(const struct comparison *comparison, struct calibration_try *item) {
    item->verdict = comparison->verdict;
    item->speedup = comparison->speedup;
    item->placebo = comparison->placebo;
    memcpy(item->noise_text, comparison->noise_text, sizeof item->noise_text);
    if (comparison->verdict == VERDICT_INVALID)
        memcpy(item->reason, comparison->reason, sizeof item->reason);
}

/* One whole comparison, as `run` makes it, in a run of its own. 0, also where it was interrupted; -errno. */
static int run_try(struct calibrate_tries *tries, struct calibration_try *item, struct problem *problem) {
    struct calibration *calibration = tries->calibration;
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        return problem_set(problem, ENOMEM, "out of memory");
    run->host = calibration->host;
    run->settings = calibration->settings;
    run->settings.seed = item->seed;
    struct runner_options options = {.settings = run->settings, .sample_us = SAMPLE_US};
    plan_try(tries, &calibration->kinds[item->kind], calibration->sizes[item->size]);
    int status = runner_run(tries->supervisor, &tries->plan, &options, run, problem);
    item->duration_s = run->duration_s;
    if (status == 0 && run->complete && run->comparison_count == 1) {
        take_comparison(&run->comparisons[0], item);
        if (calibration_add(calibration, item))
            status = problem_set(problem, ENOMEM, "no memory for another try");
    }
    run_clear(run);
    free(run);
    return status;
}

/* The line on a terminal: how far, how long still, and what now. */
struct try_progress {
    bool terminal;
    struct report_style style;
    size_t done, all;
    double forecast_s;
    uint64_t start;
};

static struct try_progress start_progress(const struct calibrate_tries *tries) {
    return (struct try_progress){.terminal = progress_wanted(tries->quiet),
                                 .style = report_style_for(stderr),
                                 .all = calibrate_tries_count(tries),
                                 .forecast_s = calibrate_tries_seconds(tries),
                                 .start = monotonic_ns()};
}

static void show_progress(const struct try_progress *progress, const struct calibrate_tries *tries,
                          const struct calibration_try *item) {
    if (!progress->terminal)
        return;
    const struct calibration *calibration = tries->calibration;
    char line[256], clean[512], size[FORMAT_SIZE];
    double elapsed = (double)(monotonic_ns() - progress->start) / 1e9;
    double done = (double)progress->done, all = (double)progress->all;
    double left = progress->done ? elapsed / done * (all - done) : progress->forecast_s;
    format_percent(calibration->sizes[item->size], size);
    snprintf(line, sizeof line, "[%zu/%zu] %u:%02u left · %s +%s", progress->done + 1, progress->all,
             (unsigned)(left + 0.5) / 60, (unsigned)(left + 0.5) % 60, calibration->kinds[item->kind].name,
             size);
    style_clean(&progress->style, line, clean, sizeof clean);
    style_cut(&progress->style, clean, progress->style.width - 1);
    fprintf(stderr, "\r\033[K%s", clean);
    fflush(stderr);
}

/* Passes over the pairs: as many as the pair tried most often has tries. */
static unsigned count_passes(const struct calibration *calibration) {
    unsigned passes = 0;
    for (size_t kind = 0; kind < calibration->kind_count; kind++)
        for (size_t size = 0; size < calibration->size_count; size++) {
            unsigned tries = calibration_tries_of(calibration, kind, size);
            passes = passes < tries ? tries : passes;
        }
    return passes;
}

/* Tries of a kind and size up to and including that pass, spread evenly over all. */
static unsigned tries_until(const struct calibration *calibration, size_t kind, size_t size, unsigned pass) {
    uint64_t tries = calibration_tries_of(calibration, kind, size);
    return tries ? (unsigned)(pass * tries / count_passes(calibration)) : 0;
}

/*
 * The pairs of kind and size that are due in a pass, as kind * CALIBRATION_SIZES + size. *settled counts
 * those that are due and left out, as more tries would answer nothing.
 */
static size_t list_pairs(const struct calibration *calibration, const struct calibration_summary *summary,
                         unsigned pass, uint32_t pairs[CALIBRATION_KINDS * CALIBRATION_SIZES],
                         size_t *settled) {
    size_t count = 0;
    for (size_t kind = 0; kind < calibration->kind_count; kind++)
        for (size_t size = 0; !calibration->kinds[kind].skipped[0] && size < calibration->size_count;
             size++) {
            if (tries_until(calibration, kind, size, pass) == tries_until(calibration, kind, size, pass - 1))
                continue;
            if (summary && calibration_settled(calibration, summary, kind, size))
                ++*settled;
            else
                pairs[count++] = (uint32_t)(kind * CALIBRATION_SIZES + size);
        }
    return count;
}

/* The tries of one pass, in random order. */
static int run_pairs(struct calibrate_tries *tries, struct cs_random *random, unsigned pass,
                     const uint32_t *pairs, size_t pair_count, struct try_progress *progress,
                     struct problem *problem) {
    struct calibration *calibration = tries->calibration;
    int status = 0;
    for (size_t i = 0; i < pair_count && !status && !*tries->supervisor->interrupted; i++) {
        struct calibration_try item = {.kind = pairs[i] / CALIBRATION_SIZES,
                                       .size = pairs[i] % CALIBRATION_SIZES,
                                       .seed = cs_random_u64(random)};
        item.number = tries_until(calibration, item.kind, item.size, pass);
        show_progress(progress, tries, &item);
        status = run_try(tries, &item, problem);
        progress->done++;
    }
    return status;
}

int calibrate_tries_run(struct calibrate_tries *tries, struct problem *problem) {
    struct calibration *calibration = tries->calibration;
    struct cs_random random = cs_random_seed(calibration->settings.seed);
    uint32_t pairs[CALIBRATION_KINDS * CALIBRATION_SIZES];
    struct try_progress progress = start_progress(tries);
    struct calibration_summary *summary = calibration->until_settled ? malloc(sizeof *summary) : NULL;
    int status = calibration->until_settled && !summary ? problem_set(problem, ENOMEM, "out of memory") : 0;
    for (unsigned pass = 1; pass <= count_passes(calibration) && !status; pass++) {
        size_t settled = 0;
        if (*tries->supervisor->interrupted)
            break;
        if (summary && calibration_summarize(calibration, summary))
            status = problem_set(problem, ENOMEM, "out of memory");
        size_t pair_count = list_pairs(calibration, status ? NULL : summary, pass, pairs, &settled);
        progress.all -= settled;
        cs_random_shuffle(&random, pairs, pair_count);
        if (!status)
            status = run_pairs(tries, &random, pass, pairs, pair_count, &progress, problem);
    }
    free(summary);
    if (progress.terminal)
        fputs("\r\033[K", stderr);
    calibration->duration_s = (double)(monotonic_ns() - progress.start) / 1e9;
    calibration->complete = !status && calibration->try_count == progress.all;
    return status;
}
