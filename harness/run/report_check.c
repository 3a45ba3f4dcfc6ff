#include "run/report_check.h"

#include "base/plain_text.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define MOST 1e20              /* that any count, size or time in a report comes to */
#define MOST_RUNS (1ull << 48) /* of a sample */
#define CLOCKS_APART 1.02      /* by which two clocks of one machine differ at the most */

/* A byte that a `bool` cannot be is undefined to look at as one. */
#define IS_BOOL(field) (*(const unsigned char *)&(field) <= 1)

static bool is_text(char *text, size_t size) {
    if (!memchr(text, '\0', size))
        return false;
    plain_text(text);
    return true;
}
#define IS_TEXT(field) is_text(field, sizeof(field))

/* A text in lines, each of which is made plain; a cut within a character leaves '?'. */
static bool are_lines(char *text, size_t size) {
    char *to = text;
    if (!memchr(text, '\0', size))
        return false;
    for (char *line = text; *line;) {
        char *end = strchrnul(line, '\n');
        bool more = *end;
        *end = '\0';
        plain_text(line);
        size_t length = strlen(line);
        memmove(to, line, length);
        to += length;
        if (more)
            *to++ = '\n';
        line = more ? end + 1 : end;
    }
    *to = '\0';
    return true;
}

/* Not known, or a number that can be counted with. */
static bool is_number(double value) {
    return isnan(value) || fabs(value) <= MOST;
}

static bool is_amount(double value) {
    return isnan(value) || (value >= 0 && value <= MOST);
}

static bool are_numbers(const double *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!is_number(values[i]))
            return false;
    return true;
}

static bool is_hash(const char *text, size_t size) {
    size_t length = strnlen(text, size);
    if (length != 0 && length != 16)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    return true;
}

static const char *check_variants(struct module_description *description) {
    for (size_t i = 0; i < description->variant_count; i++) {
        if (!IS_TEXT(description->variants[i].name) || !IS_TEXT(description->variants[i].summary) ||
            !IS_TEXT(description->variants[i].reason) ||
            !module_is_legal_name(description->variants[i].name) ||
            !IS_BOOL(description->variants[i].supported))
            return "a variant";
        for (size_t j = 0; j < i; j++)
            if (!strcmp(description->variants[i].name, description->variants[j].name))
                return "two variants of one name";
    }
    return NULL;
}

static const char *check_parameters(struct module_description *description) {
    for (size_t i = 0; i < description->parameter_count; i++) {
        if (!IS_TEXT(description->parameters[i].name) || !IS_TEXT(description->parameters[i].unit) ||
            !IS_TEXT(description->parameters[i].summary) ||
            !module_is_legal_name(description->parameters[i].name) ||
            description->parameters[i].choice_count > MODULE_CHOICES)
            return "a parameter";
        for (size_t c = 0; c < description->parameters[i].choice_count; c++)
            if (!IS_TEXT(description->parameters[i].choices[c]))
                return "a parameter's choices";
        int64_t choices = (int64_t)description->parameters[i].choice_count;
        if (choices && (description->parameters[i].def < 0 || description->parameters[i].def >= choices))
            return "a parameter's default";
    }
    return NULL;
}

/* Whether all words end within their array. */
static bool are_words(struct module_words *words) {
    const char *end = words->text + sizeof words->text;
    char *word = words->text;
    if (words->count > MODULE_SERVICE_ARGUMENTS)
        return false;
    for (size_t i = 0; i < words->count; i++) {
        char *last = word < end ? memchr(word, '\0', (size_t)(end - word)) : NULL;
        if (!last)
            return false;
        word = last + 1;
    }
    return true;
}

static const char *check_service(struct module_service *service) {
    if (!IS_TEXT(service->name) || !IS_TEXT(service->program) || !IS_TEXT(service->ready) ||
        !module_is_legal_name(service->name) || !service->program[0] || !IS_BOOL(service->refuses_root) ||
        !is_amount(service->ready_s) || !(service->ready_s <= 3600) || !IS_TEXT(service->folders) ||
        !IS_TEXT(service->socket) || !service->socket[0] || strchr(service->socket, '/'))
        return "a service";
    if (!are_words(&service->arguments) || !are_words(&service->make) ||
        (service->make.count && strchr(service->make.text, '/')))
        return "a service's arguments";
    return NULL;
}

static const char *check_description(const struct worker_job *job, struct module_description *description) {
    memcpy(description->path, job->module, sizeof description->path);
    if (!IS_TEXT(description->name) || !IS_TEXT(description->summary) || !IS_TEXT(description->item) ||
        !IS_TEXT(description->compiler) || !IS_TEXT(description->flags) || !IS_TEXT(description->reason) ||
        !module_is_legal_name(description->name))
        return "the kernel's texts";
    if (!IS_BOOL(description->supported) || !IS_BOOL(description->has_check) ||
        description->parameter_count > CS_MAX_PARAMETERS || description->counter_count > CS_MAX_COUNTERS ||
        description->variant_count == 0 || description->variant_count > CS_MAX_VARIANTS ||
        description->scale < -1 || description->scale >= (int)description->parameter_count)
        return "the kernel's counts";
    for (size_t i = 0; i < description->counter_count; i++)
        if (!IS_TEXT(description->counters[i].name) || !IS_TEXT(description->counters[i].unit))
            return "a counter";
    const char *wrong = check_variants(description);
    if (description->service_count > CS_MAX_SERVICES)
        wrong = "the kernel's counts";
    for (size_t i = 0; i < description->service_count && !wrong; i++)
        wrong = check_service(&description->services[i]);
    return wrong ? wrong : check_parameters(description);
}

static const char *check_threads(const struct worker_job *job, struct worker_report *report) {
    if (report->thread_count > WORKER_THREADS || (report->rounds && !report->thread_count))
        return "thread count";
    if (report->counted_threads != 0 && report->counted_threads != report->thread_count)
        return "count of threads that were counted";
    for (size_t i = 0; i < report->thread_count; i++)
        if (report->threads[i].thread != (int)i || report->threads[i].cpu >= TOPOLOGY_MAX_CPUS ||
            report->threads[i].cpu < -10000) /* an errno below -1000 */
            return "a thread's binding";
    for (size_t arm = 0; arm < job->arm_count; arm++)
        if (report->counted_threads &&
            !are_numbers(report->thread_counts[arm][0], report->counted_threads * RESULT_THREAD_EVENTS))
            return "a thread's counts";
    return NULL;
}

/* A text that is not plain is made so, and the words of the cause with it. */
static bool is_why(struct arm_why *why) {
    struct arm_answer *answer = &why->answer;
    const double numbers[] = {why->run_ns, why->other_ns, why->runs, why->other_runs,
                              why->items,  why->count,    why->most};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!(numbers[i] >= 0 && numbers[i] <= MOST))
            return false;
    return (unsigned)why->cause < CAUSES && IS_TEXT(why->variant) && IS_TEXT(why->said) &&
           IS_TEXT(answer->output) && IS_TEXT(answer->got) && IS_TEXT(answer->expected) &&
           IS_TEXT(answer->advice) && IS_BOOL(why->placebo) && IS_BOOL(answer->by_check) &&
           IS_BOOL(answer->among_timed) && IS_BOOL(answer->from_before) && answer->index <= INT64_MAX &&
           why->client <= LOAD_CLIENTS;
}

static const char *check_arm(const struct worker_job *job, struct worker_report *report, size_t arm) {
    const struct arm_resources *resources = &report->arms[arm].resources;
    const struct arm_latency *latency = &report->arms[arm].latency;
    struct arm_why *why = &report->arms[arm].why;
    if (!IS_BOOL(report->arms[arm].invalid) || !IS_BOOL(report->arms[arm].checked) ||
        !IS_TEXT(report->arms[arm].reason))
        return "the reason of an arm";
    if (!are_lines(report->arms[arm].evidence, sizeof report->arms[arm].evidence))
        return "the evidence of an arm";
    if (!is_why(why) || report->arms[arm].invalid != (why->cause != CAUSE_NONE))
        return "the cause of an arm";
    if (report->arms[arm].invalid)
        arm_words(why, report->arms[arm].reason, sizeof report->arms[arm].reason);
    plain_text(report->arms[arm].reason); /* a cut within a character */
    if (!is_hash(report->arms[arm].code_hash, sizeof report->arms[arm].code_hash) ||
        report->arms[arm].code_bytes > (1u << 30))
        return "a hash of code";
    if (report->arms[arm].runs > MOST_RUNS || report->arms[arm].preempted > MOST_RUNS)
        return "runs of a sample";
    bool timed = job->mode != WORKER_PATH && job->arms[arm].active && !report->arms[arm].invalid &&
                 report->rounds; /* its ticks are no times */
    if (timed && report->arms[arm].runs == 0)
        return "runs of a sample";
    if (!are_numbers(report->arms[arm].counters, COUNTER_EVENTS) ||
        !are_numbers(report->arms[arm].app, CS_MAX_COUNTERS))
        return "a count";
    if (!is_amount(resources->cpu_share) || !is_amount(resources->peak_rss_bytes) ||
        !is_amount(latency->p50) || !is_amount(latency->p95) || !is_amount(latency->p99) ||
        !is_amount(latency->max))
        return "a resource";
    return NULL;
}

static const char *check_noise(const struct noise *noise) {
    return IS_BOOL(noise->migrations_known) && is_amount(noise->wall_s) && is_number(noise->steal_share) &&
                   is_number(noise->other_load_share) && is_amount(noise->throttled_s) &&
                   is_number(noise->frequency_drift)
               ? NULL
               : "noise";
}

static const char *check_usage(const struct worker_usage *usage) {
    return usage->stop_ns >= usage->start_ns && is_amount(usage->runs) && is_amount(usage->user_s) &&
                   is_amount(usage->system_s) && is_number(usage->queued_s) && usage->threads <= (1 << 22) &&
                   usage->threads >= -4095 && is_amount(usage->voluntary_switches) &&
                   is_amount(usage->faults) && is_amount(usage->working_set_bytes) &&
                   is_amount(usage->ordered_ns) && is_amount(usage->chained_ns)
               ? NULL
               : "use of the processor";
}

/* A quantile is no larger than the next; those of few requests are not known. */
static bool are_quantiles(double p50, double p99, double p999, double max) {
    return is_amount(p50) && is_amount(p99) && is_amount(p999) && is_amount(max) && !(p50 > p99) &&
           !(p99 > p999) && !(p999 > max) && !(p50 > max) && !(p99 > max);
}

static const char *check_load(const struct worker_report *report) {
    for (size_t arm = 0; arm < SCHEDULE_MAX_ARMS; arm++) {
        if (!IS_BOOL(report->errors_by_block[arm]))
            return "how errors were counted";
        for (size_t i = 0; i < 1 + LOAD_SHARES; i++) {
            const struct load_reading *reading = &report->load[arm][i];
            if (reading->requests > MOST_RUNS || reading->errors > reading->requests ||
                reading->unserved > reading->requests || !is_amount(reading->offered) ||
                !is_amount(reading->served) || !is_amount(reading->cpu_share))
                return "counts of a load";
            if (!are_quantiles(reading->p50, reading->p99, reading->p999, reading->max) ||
                !are_quantiles(reading->service_p50, reading->service_p99, reading->service_p999,
                               reading->service_max))
                return "latencies of a load";
        }
    }
    return NULL;
}

static const char *check_work(const struct worker_job *job, const struct worker_report *report) {
    bool needed = job->mode != WORKER_DESCRIBE && report->failure == FAILURE_NONE;
    if ((needed || report->work.items != 0) && !(report->work.items > 0 && report->work.items <= MOST))
        return report->failure == FAILURE_SETUP ? NULL : "items of a run";
    return is_amount(report->work.bytes) && is_amount(report->work.flops) ? NULL : "bytes or flops of a run";
}

const char *report_check(const struct worker_job *job, struct worker_report *report) {
    unsigned failure = (unsigned)report->failure;
    if (failure > FAILURE_HARNESS || report->error < 0 || report->error > 4095 ||
        !IS_TEXT(report->failure_text) || (failure && (!report->error || !report->failure_text[0])))
        return "failure";
    if (report->rounds > job->max_rounds)
        return "rounds";
    if (!IS_BOOL(report->repeat) || !IS_TEXT(report->counter_problem))
        return "texts";
    if (!is_amount(report->core_ghz) || report->core_ghz > 100 || !is_amount(report->startup_ms) ||
        !is_amount(report->timing_s))
        return "clocks";
    const char *wrong = check_work(job, report);
    wrong = wrong ? wrong : check_threads(job, report);
    wrong = wrong ? wrong : check_noise(&report->noise);
    wrong = wrong ? wrong : check_usage(&report->usage);
    wrong = wrong ? wrong : check_load(report);
    for (size_t arm = 0; arm < SCHEDULE_MAX_ARMS && !wrong; arm++)
        wrong = check_arm(job, report, arm);
    if (!wrong && job->mode == WORKER_DESCRIBE && !failure)
        wrong = check_description(job, &report->description);
    return wrong;
}

const char *report_check_ticks(const struct worker_job *job, const struct worker_report *report,
                               const uint64_t *ticks, double alive_s) {
    double sum = 0, most = (alive_s * CLOCKS_APART + 1e-4) * 1e9 * job->clock.ticks_per_ns;
    if (report->rounds == 0)
        return NULL;
    for (size_t arm = 0; arm < job->arm_count; arm++)
        for (size_t round = 0; round < report->rounds && report->arms[arm].runs; round++)
            sum += (double)ticks[arm * job->max_rounds + round];
    if (sum > most)
        return "samples take longer than the process lived";
    if (report->timing_s > alive_s * CLOCKS_APART || report->startup_ms / 1e3 > alive_s * CLOCKS_APART)
        return "times beyond the life of the process";
    bool cut_short = report->rounds < job->min_rounds ||
                     (report->rounds < job->max_rounds && alive_s * CLOCKS_APART < job->seconds);
    return cut_short ? "fewer rounds than were asked for" : NULL;
}
