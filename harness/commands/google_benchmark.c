#include "commands/google_benchmark.h"

#include "base/command.h"
#include "base/numbers.h"
#include "base/option_name.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LIST_S 60.0
/* Console output, and what the benchmark itself prints, is no part of the JSON. */
#define RUN_WITH_JSON "exec \"$0\" \"$@\" --benchmark_out=/dev/fd/3 3>&1 >/dev/null"
#define NOTHING_MATCHES "^$" /* a name has a character */

/* How lines begin that it writes to standard error in every run. */
bool google_benchmark_always_says(const char *line) {
    static const char *const beginnings[] = {"***WARNING***", "Load Average:", "Run on (", "CPU Caches:"};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (!strncmp(line, beginnings[i], strlen(beginnings[i])))
            return true;
    return false;
}

/* What is no counter of the benchmark's own among the numbers of an entry. */
static bool is_counter(const char *key) {
    static const char *const others[] = {"family_index", "per_family_instance_index",
                                         "repetitions",  "repetition_index",
                                         "threads",      "iterations",
                                         "real_time",    "cpu_time"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(key, others[i]))
            return false;
    return strlen(key) < RESULT_NAME;
}

/* It writes NaN and Infinity as numbers, which JSON does not have: they become texts, which are no counters. */
static void mask_non_numbers(char *text) {
    static const char *const words[] = {"NaN", "Infinity"};
    for (char *at = text; (at = strstr(at, "\": "));) {
        at += 3;
        char *word = at + (*at == '-');
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (!strncmp(word, words[i], strlen(words[i]))) {
                memset(at, ' ', (size_t)(word - at) + strlen(words[i]));
                at[0] = at[1] = '"';
            }
    }
}

static double unit_ns(const json_t *entry) {
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    const char *unit = json_string_value(json_object_get(entry, "time_unit"));
    for (size_t i = 0; unit && i < sizeof units / sizeof *units; i++)
        if (!strcmp(unit, units[i].name))
            return units[i].ns;
    return NAN;
}

/* Adds `value` / `share` to the counter of that name. */
static void add_counter(struct command_sample *sample, const char *name, double value, double share) {
    size_t i = 0;
    while (i < sample->count && strcmp(sample->names[i], name))
        i++;
    if (i == RESULT_APP_COUNTERS)
        return;
    if (i == sample->count) {
        sample->values[sample->count++] = 0;
        snprintf(sample->names[i], RESULT_NAME, "%s", name);
    }
    sample->values[i] += value / share;
}

static void add_entry(json_t *entry, double share, struct command_sample *sample) {
    double ns = unit_ns(entry);
    double cpu_ns = json_number_value(json_object_get(entry, "cpu_time")) * ns;
    json_int_t iterations = json_integer_value(json_object_get(entry, "iterations"));
    const char *key;
    json_t *value;
    sample->time_ns += json_number_value(json_object_get(entry, "real_time")) * ns / share;
    sample->cpu_ns += cpu_ns / share;
    sample->items = iterations > 0 ? (uint64_t)iterations : 1;
    add_counter(sample, "cpu-time-ns", cpu_ns, share);
    json_object_foreach(entry, key, value) if (json_is_number(value) && is_counter(key))
        add_counter(sample, key, json_number_value(value), share);
}

static const char *text_of(const json_t *entry, const char *key) {
    const char *text = json_string_value(json_object_get(entry, key));
    return text ? text : "";
}

/* Versions before 1.5 write no run_type; theirs are told by the suffix of an aggregate's name. */
static bool is_sample(const json_t *entry, bool aggregated) {
    if (aggregated)
        return !strcmp(text_of(entry, "aggregate_name"), "mean");
    return strcmp(text_of(entry, "run_type"), "aggregate") != 0;
}

static int refuse_failed(const json_t *entry, struct problem *problem) {
    bool skipped = json_is_true(json_object_get(entry, "skipped"));
    if (!skipped && !json_is_true(json_object_get(entry, "error_occurred")))
        return 0;
    return problem_set(problem, EINVAL, "%s: %.200s", skipped ? "skips it" : "reports an error",
                       text_of(entry, skipped ? "skip_message" : "error_message"));
}

static int read_entries(json_t *entries, struct command_sample *sample, struct problem *problem) {
    size_t index, count = 0;
    json_t *entry;
    const char *name = NULL;
    bool aggregated = true;
    json_array_foreach(entries, index, entry) {
        int status = refuse_failed(entry, problem);
        if (status)
            return status;
        aggregated &= !is_sample(entry, false);
    }
    json_array_foreach(entries, index, entry) count += is_sample(entry, aggregated);
    if (count == 0)
        return problem_set(problem, EINVAL, "measured nothing");
    json_array_foreach(entries, index, entry) {
        const char *run = text_of(entry, json_object_get(entry, "run_name") ? "run_name" : "name");
        if (!is_sample(entry, aggregated))
            continue;
        if (name && strcmp(name, run))
            return problem_set(problem, EINVAL, "ran two benchmarks for one name: %.80s and %.80s", name,
                               run);
        name = run;
        add_entry(entry, (double)count, sample);
    }
    return sample->time_ns > 0 && isfinite(sample->time_ns)
               ? 0
               : problem_set(problem, EINVAL, "gives no time of an iteration above 0");
}

int google_benchmark_sample(const void *context, const struct command_output *output,
                            struct command_sample *sample, struct problem *problem) {
    json_error_t error;
    (void)context;
    *sample = (struct command_sample){.latency = {NAN, NAN, NAN, NAN}};
    char *text = strndup(output->bytes ? output->bytes : "", output->size);
    if (!text)
        return problem_set(problem, ENOMEM, "printed more than there is memory for");
    mask_non_numbers(text);
    json_t *root = json_loads(text, 0, &error);
    free(text);
    json_t *entries = json_object_get(root, "benchmarks");
    int status = json_is_array(entries)
                     ? read_entries(entries, sample, problem)
                     : problem_set(problem, EINVAL, "wrote no JSON of Google Benchmark (--benchmark_out)");
    json_decref(root);
    return status;
}

/* A regular expression for the name, in every dialect that Google Benchmark is built with: POSIX extended,
 * ECMAScript. Closing brackets may be escaped in one and must be in the other: a dot is both's. */
static char *name_pattern(const char *name) {
    char *pattern = malloc(2 * strlen(name) + 3), *to = pattern;
    if (!pattern)
        return NULL;
    *to++ = '^';
    for (; *name; name++) {
        if (strchr(".[(){*+?^$|\\", *name))
            *to++ = '\\';
        *to++ = *name == ']' || *name == '}' ? '.' : *name;
    }
    *to++ = '$';
    *to = '\0';
    return pattern;
}

int google_benchmark_command(const struct words *program, const char *name, double min_time,
                             struct words *command, char **text) {
    char *pattern = name_pattern(name);
    struct words shown = {0};
    int status = pattern ? words_add_all(&shown, program) : -ENOMEM;
    status = status ? status : words_addf(&shown, "--benchmark_filter=%s", pattern);
    *text = status ? NULL : words_join(&shown);
    const char *const shell[] = {"/bin/sh", "-c", RUN_WITH_JSON};
    for (size_t i = 0; i < 3 && status == 0; i++)
        status = words_add(command, shell[i]);
    status = status ? status : words_add_all(command, &shown);
    status = status ? status : words_addf(command, "--benchmark_min_time=%s", BRIEF(min_time, 6));
    status = status ? status : words_add(command, "--benchmark_repetitions=1");
    status = status ? status : words_add(command, "--benchmark_out_format=json");
    words_clear(&shown);
    free(pattern);
    return status ? status : *text ? 0 : -ENOMEM;
}

static int run_list(const struct words *program, const char *filter, const volatile sig_atomic_t *interrupted,
                    struct command_result *result, struct problem *problem) {
    const struct command_limits limits = {.time_s = LIST_S, .interrupted = interrupted};
    struct words command = {0};
    *result = (struct command_result){0};
    int status = words_add_all(&command, program);
    status = status ? status : words_add(&command, "--benchmark_list_tests=true");
    if (filter)
        status = status ? status : words_addf(&command, "--benchmark_filter=%s", filter);
    status = status ? problem_set(problem, ENOMEM, "out of memory")
                    : command_run(&command, &limits, result, problem);
    words_clear(&command);
    return status;
}

/* A program that prints the same whatever it is asked (echo, cat) lists no benchmarks. */
static int check_listing(const struct words *program, const volatile sig_atomic_t *interrupted,
                         struct problem *problem) {
    struct command_result result;
    int status = run_list(program, NOTHING_MATCHES, interrupted, &result, problem);
    bool prints = status == 0 && result.out_size > 0;
    command_result_clear(&result);
    return !prints ? status
                   : problem_set(problem, EINVAL,
                                 "%s is no executable of Google Benchmark: it prints something where a "
                                 "--benchmark_filter leaves nothing to list",
                                 program->items[0]);
}

static int refuse_listing(const struct words *program, const char *filter,
                          const struct command_result *result, struct problem *problem) {
    struct command_output errors = {.bytes = result->err, .size = result->err_size};
    char said[160];
    output_last_line(&errors, said, sizeof said);
    if (filter && result->err && strstr(result->err, "Failed to match any benchmarks"))
        return problem_set(problem, EINVAL, "no benchmark of %s matches %s '%s'", program->items[0],
                           option_name(SETTING_FILTER), filter);
    return problem_set(
        problem, EINVAL,
        "%s is no executable of Google Benchmark, or has no benchmarks: asked to list them, it "
        "ended with exit status %d%s%s",
        program->items[0], result->exit_status, said[0] ? " and said: " : " and named none", said);
}

int google_benchmark_list(const struct words *program, const char *filter,
                          const volatile sig_atomic_t *interrupted, struct words *names,
                          struct problem *problem) {
    struct command_result result;
    char *rest = NULL;
    size_t before = names->count;
    int status = run_list(program, filter, interrupted, &result, problem);
    if (status == 0 && result.exit_status == 0)
        for (char *line = strtok_r(result.out, "\n", &rest); line && status == 0;
             line = strtok_r(NULL, "\n", &rest))
            status = words_add(names, line) ? problem_set(problem, ENOMEM, "out of memory") : 0;
    if (status == 0 && names->count == before)
        status = refuse_listing(program, filter, &result, problem);
    command_result_clear(&result);
    return status ? status : check_listing(program, interrupted, problem);
}
