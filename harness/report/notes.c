#include "report/notes.h"

#include "base/option_name.h"
#include "report/case_view.h"
#include "report/commands.h"
#include "report/concerns.h"
#include "report/draws.h"
#include "report/format.h"
#include "report/story.h"
#include "stats/quantile.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct text *notes_add(struct notes *notes, const char *label) {
    if (notes->count == notes->capacity) {
        size_t capacity = 2 * notes->capacity + 8;
        struct note *items = realloc(notes->items, capacity * sizeof *items);
        if (!items) {
            notes->failed = true;
            notes->nowhere.failed = true;
            return &notes->nowhere;
        }
        notes->items = items;
        notes->capacity = capacity;
    }
    notes->items[notes->count] = (struct note){.label = label};
    return &notes->items[notes->count++].text;
}

void notes_close(struct notes *notes) {
    for (size_t i = 0; i < notes->count; i++)
        text_clear(&notes->items[i].text);
    free(notes->items);
    *notes = (struct notes){0};
}

void notes_print_subject(const struct comparison *comparison, struct text *text) {
    text_printf(text, "%s %s%s", comparison->case_name, comparison->candidate,
                comparison->point.count ? ", " : "");
    format_point(&comparison->point, text);
}

/* Text of one kind about a comparison; NULL or empty: none. */
typedef const char *(*comparison_text)(const struct comparison *comparison);

static const char *noise_of(const struct comparison *comparison) {
    return comparison->noise_text;
}

static const char *carry_over_of(const struct comparison *comparison) {
    return comparison->carry_over_text;
}

/* What limits a verdict; those of invalid and inconclusive comparisons stand under their rows. */
static const char *limit_of(const struct comparison *comparison) {
    bool in_table = comparison->verdict == VERDICT_INVALID || comparison->verdict == VERDICT_INCONCLUSIVE;
    return in_table ? NULL : comparison->reason;
}

static const char *identical_of(const struct comparison *comparison) {
    return comparison->identical_code ? "both variants compiled to the same machine code: a difference would "
                                        "be an error of measurement"
                                      : NULL;
}

static bool text_was_told(const struct run *run, size_t index, comparison_text text_of) {
    for (size_t i = 0; i < index; i++) {
        const char *earlier = text_of(&run->comparisons[i]);
        if (earlier && strcmp(earlier, text_of(&run->comparisons[index])) == 0)
            return true;
    }
    return false;
}

/* One line a text, with all comparisons that have it. */
static void note_comparisons(struct notes *notes, const struct run *run, enum note_kind kind,
                             comparison_text text_of) {
    size_t lines = 0, more = 0;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const char *string = text_of(&run->comparisons[i]);
        if (!string || !*string || text_was_told(run, i, text_of))
            continue;
        if (lines == NOTES_MOST) {
            more++;
            continue;
        }
        lines++;
        struct text *text = notes_add_kind(notes, kind);
        notes_print_subject(&run->comparisons[i], text);
        size_t others = 0;
        for (size_t k = i + 1; k < run->comparison_count; k++) {
            const char *other = text_of(&run->comparisons[k]);
            others += other && strcmp(other, string) == 0;
        }
        if (others)
            text_printf(text, " and %zu more", others);
        text_printf(text, ": %s", string);
    }
    if (more)
        text_printf(notes_add_kind(notes, kind), "and %zu more; the result file and the CSV have them all",
                    more);
}

static void note_skipped(struct notes *notes, const struct run *run) {
    for (size_t i = 0; i < run->skipped_count; i++) {
        const struct skipped *skipped = &run->skipped[i];
        struct text *text = notes_add_kind(notes, NOTE_SKIPPED);
        text_printf(text, "%s%s%s%s", skipped->case_name, skipped->variant[0] ? " " : "", skipped->variant,
                    skipped->point.count ? ", " : "");
        format_point(&skipped->point, text);
        text_printf(text, ": %s", format_reason(skipped->reason));
    }
}

/* One line for all of them. */
static void note_layout(struct notes *notes, const struct run *run) {
    struct text *text = NULL;
    size_t told = 0, more = 0;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct comparison *comparison = &run->comparisons[i];
        if (!concern_layout(run, comparison))
            continue;
        if (told == NOTES_MOST) {
            more++;
            continue;
        }
        if (!told++) {
            text = notes_add_kind(notes, NOTE_LAYOUT);
            text_add(
                text,
                "where the linker puts the code makes most of the spread, in intervals wider than delta: ");
        } else {
            text_add(text, "; ");
        }
        notes_print_subject(comparison, text);
        text_printf(text, " (%.0f %%)", 100 * comparison_spread(comparison).layout);
    }
    if (more)
        text_printf(text, "; and %zu more", more);
    if (text)
        text_printf(text, ". More replicates narrow them; %s fixed asks about one link alone",
                    option_name(SETTING_LAYOUT));
}

static void note_overlap(struct notes *notes, const struct run *run) {
    size_t told = 0, more = 0;
    struct text *text = NULL;
    for (size_t i = 0; i < run->comparison_count; i++) {
        if (!concern_overlap(run, &run->comparisons[i]))
            continue;
        if (told == NOTES_MOST) {
            more++;
            continue;
        }
        if (!told++)
            text = notes_add_kind(notes, NOTE_OVERLAP);
        else
            text_add(text, "; ");
        notes_print_subject(&run->comparisons[i], text);
    }
    if (more)
        text_printf(text, "; and %zu more", more);
    if (text)
        text_add(
            text,
            ": one of the two runs takes less than 50 ns; a core works on several runs so short at a time, "
            "and "
            "on few of the longer ones. The speedup is that of many calls in a row: give a run more items");
}

static void note_repeats(struct notes *notes, const struct run *run) {
    size_t told = 0, more = 0;
    struct text *text = NULL;
    for (size_t i = 0; i < run->measurement_count; i++)
        for (size_t arm = 0; arm < run->measurements[i].arm_count; arm++) {
            const struct measurement *measurement = &run->measurements[i];
            if (measurement->arms[arm].invalid || !concern_repeats(measurement, arm))
                continue;
            if (told == NOTES_MOST) {
                more++;
                continue;
            }
            text = told++ ? text : notes_add_kind(notes, NOTE_REPEATS);
            text_printf(text, "%s%s %s%s", told > 1 ? "; " : "", measurement->case_name,
                        measurement->arms[arm].variant, measurement->point.count ? ", " : "");
            format_point(&measurement->point, text);
        }
    if (more)
        text_printf(text, "; and %zu more", more);
    if (text)
        text_add(text, ": faster than its mispredicted branches would allow on new inputs. Inputs "
                       "repeat, and the processor learns them by heart: a larger input tells");
}

/* One line each, as the numbers differ; the more that there is no room for are counted. */
static void note_draws(struct notes *notes, const struct run *run) {
    size_t lines = 0, more = 0;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct comparison *comparison = &run->comparisons[i];
        bool kinds = draws_have_kinds(run, comparison), serial = draws_are_serial(comparison);
        if (comparison->verdict == VERDICT_INVALID || (!kinds && !serial))
            continue;
        if (lines++ >= NOTES_MOST) {
            more++;
            continue;
        }
        struct text *text = notes_add_kind(notes, kinds ? NOTE_KINDS : NOTE_NEIGHBOURS);
        notes_print_subject(comparison, text);
        text_add(text, ": ");
        if (kinds)
            draws_print_kinds(run, comparison, text);
        text_add(text, kinds && serial ? "; " : "");
        if (serial)
            draws_print_serial(comparison, text);
    }
    if (more)
        text_printf(notes_add_kind(notes, NOTE_NEIGHBOURS), "and %zu more; the result file has them all",
                    more);
}

/* The widest placebo, which is what this run may mistake for a difference. */
static void note_placebo(struct notes *notes, const struct run *run) {
    double floor = -1;
    for (size_t i = 0; i < run->comparison_count; i++) {
        const struct interval *placebo = &run->comparisons[i].placebo;
        if (isfinite(placebo->low) && isfinite(placebo->high) && placebo->low > 0)
            floor = fmax(floor, fmax(fabs(log(placebo->low)), fabs(log(placebo->high))));
    }
    if (floor < 0 && run->comparison_count) {
        text_add(notes_add_kind(notes, NOTE_PLACEBO),
                 "none: what the method mistakes for a difference is not known");
    } else if (floor >= 0) {
        char text[FORMAT_SIZE];
        double share = expm1(floor);
        snprintf(text, sizeof text, "%s %%", BRIEF(100 * share, share < 0.995 ? 2 : 3));
        text_printf(notes_add_kind(notes, NOTE_PLACEBO),
                    "the baseline against a copy of itself, in the same rounds: all intervals within ±%s",
                    text);
    }
}

static int compare_cpus(const void *first, const void *second) {
    int a = *(const int *)first, b = *(const int *)second;
    return (a > b) - (a < b);
}

/* Every CPU that a thread was bound to, ascending, once. Returns how many, at most `capacity`. */
static size_t bound_cpus(const struct run *run, int *cpus, size_t capacity) {
    size_t count = 0;
    for (size_t i = 0; i < run->measurement_count; i++)
        for (size_t k = 0; k < run->measurements[i].replicate_count; k++) {
            const struct replicate *replicate = &run->measurements[i].replicates[k];
            for (size_t thread = 0; thread < replicate->thread_count; thread++) {
                int cpu = replicate->threads[thread].cpu;
                size_t seen = 0;
                while (seen < count && cpus[seen] != cpu)
                    seen++;
                if (seen == count && count < capacity && cpu >= 0)
                    cpus[count++] = cpu;
            }
        }
    qsort(cpus, count, sizeof *cpus, compare_cpus);
    return count;
}

static void print_cpus(const struct run *run, struct text *text) {
    enum { MOST = 1024 };
    int *cpus = malloc(MOST * sizeof *cpus);
    if (!cpus) {
        text->failed = true;
        return;
    }
    size_t count = bound_cpus(run, cpus, MOST);
    text_printf(text, count ? "pinned to CPU%s " : "no CPU was pinned", count == 1 ? "" : "s");
    for (size_t i = 0; i < count;) {
        size_t length = 1;
        while (i + length < count && cpus[i + length] == cpus[i] + (int)length)
            length++;
        text_printf(text, "%s%d", i ? "," : "", cpus[i]);
        if (length > 1)
            text_printf(text, "%s%d", length > 2 ? "-" : ",", cpus[i + length - 1]);
        i += length;
    }
    free(cpus);
    if (run->settings.cpus[0])
        text_printf(text, " (%s %s)", option_name(SETTING_CPUS), run->settings.cpus);
    else if (run->settings.cpu_reason[0])
        text_printf(text, " (%s)", run->settings.cpu_reason);
}

double notes_median_use(const struct measurement *measurement, size_t service, size_t member) {
    double *values = calloc(measurement->replicate_count + 1, sizeof *values), median = NAN;
    size_t count = 0;
    for (size_t r = 0; values && r < measurement->replicate_count; r++) {
        const struct replicate *replicate = &measurement->replicates[r];
        double value = NAN;
        if (service < replicate->service_count)
            memcpy(&value, (const char *)&replicate->services[service] + member, sizeof value);
        if (!isnan(value))
            values[count++] = value;
    }
    if (count)
        median = quantile(values, count, 0.5);
    free(values);
    return median;
}

void notes_print_place(const struct service *service, struct text *text) {
    if (service->cpu >= 0)
        text_printf(text, "on CPU %d, its own", service->cpu);
    else
        text_add(
            text,
            "SHARES the CPUs of the variants, as there is none to spare: what they wait for it is part of "
            "their time");
    if (service->user[0])
        text_printf(text, ", as the user %s, since it refuses root", service->user);
}

static void print_server(const struct measurement *measurement, size_t index, struct text *text) {
    const struct service *service = &measurement->services[index];
    double cpu_s = notes_median_use(measurement, index, offsetof(struct service_use, cpu_s));
    double peak = notes_median_use(measurement, index, offsetof(struct service_use, peak_rss_bytes));
    char duration[FORMAT_SIZE], bytes[FORMAT_SIZE];
    format_duration(cpu_s, duration);
    format_bytes(peak, bytes);
    text_printf(text, "%s, %s (%s)", measurement->case_name, service->name, service->program);
    if (measurement->point.count)
        text_add(text, " at ");
    format_point(&measurement->point, text);
    text_add(text, ": ");
    notes_print_place(service, text);
    text_printf(text, "; a replicate took it %s of CPU time and %s at its peak (medians)",
                isnan(cpu_s) ? "–" : duration, isnan(peak) ? "–" : bytes);
}

/* One line for each server and point: what it takes is beside what the variants take. */
static void note_servers(struct notes *notes, const struct run *run) {
    size_t lines = 0, more = 0;
    for (size_t i = 0; i < run->measurement_count; i++)
        for (size_t s = 0; s < run->measurements[i].service_count; s++) {
            if (lines++ >= NOTES_MOST)
                more++;
            else
                print_server(&run->measurements[i], s, notes_add_kind(notes, NOTE_SERVER));
        }
    if (more)
        text_printf(notes_add_kind(notes, NOTE_SERVER), "and %zu more; the result file has them all", more);
}

/* The same variant, two ways to work: what it did is not one thing. */
static void note_evidence(struct notes *notes, const struct run *run) {
    for (size_t i = 0; i < run->measurement_count; i++)
        for (size_t arm = 0; arm < run->measurements[i].arm_count; arm++) {
            const struct measurement *measurement = &run->measurements[i];
            if (!measurement->arms[arm].evidence_changes)
                continue;
            struct text *text = notes_add_kind(notes, NOTE_EVIDENCE);
            text_printf(text, "%s %s%s", measurement->case_name, measurement->arms[arm].variant,
                        measurement->point.count ? ", " : "");
            format_point(&measurement->point, text);
            text_printf(text, ": changed between replicates, in %zu of %zu; --details has both texts",
                        measurement->arms[arm].evidence_changes, measurement->replicate_count);
        }
}

/* What the files of variants of input and output were on, where that says what was measured. */
static void print_files(const struct measurement *measurement, struct text *text) {
    const char *system = measurement->scratch_filesystem;
    double sync_ns = measurement->scratch_sync_ns;
    enum files_concern concern = concern_files(measurement);
    char duration[FORMAT_SIZE];
    format_duration(sync_ns / 1e9, duration);
    text_printf(text, "%s: files were on %s", measurement->case_name,
                system[0] ? system : "a file system of no known type");
    if (concern == FILES_IN_MEMORY) {
        text_printf(
            text,
            ", which is memory: nothing waits for a disk there, and nothing is measured of one; %s names a folder on a disk",
            option_name(SETTING_SCRATCH));
        return;
    }
    if (file_system_is_layer(measurement))
        text_printf(text, ", a layer whose own work is part of the times (%s names another folder)",
                    option_name(SETTING_SCRATCH));
    text_printf(text, "; a write of 4 KiB and its fdatasync took %s there", duration);
    if (concern == FILES_CACHED)
        text_add(
            text,
            ", which is sooner than a disk answers: a cache that says it is done, and may not survive a power failure");
}

/* A line for each case, of its first point that knows. */
static void note_files(struct notes *notes, const struct run *run) {
    const char *told = "";
    for (size_t i = 0; i < run->measurement_count; i++) {
        const struct measurement *measurement = &run->measurements[i];
        if (!(measurement->scratch_sync_ns > 0) || strcmp(told, measurement->case_name) == 0)
            continue;
        told = measurement->case_name;
        print_files(measurement, notes_add_kind(notes, NOTE_FILES));
    }
}

/* Each once, with the first point that has it. */
static void note_own(struct notes *notes, const struct run *run) {
    const struct arm *told = NULL;
    for (size_t i = 0; i < run->measurement_count; i++)
        for (size_t arm = 0; arm < run->measurements[i].arm_count; arm++) {
            const struct measurement *measurement = &run->measurements[i];
            const char *own = arm_own_note(&measurement->arms[arm]);
            if (!own || (told && !strcmp(told->evidence, measurement->arms[arm].evidence)))
                continue;
            told = &measurement->arms[arm];
            struct text *text = notes_add_kind(notes, NOTE_VARIANT);
            text_printf(text, "%s %s%s", measurement->case_name, told->variant,
                        measurement->point.count ? ", " : "");
            format_point(&measurement->point, text);
            text_printf(text, ": %.*s", (int)strcspn(own, "\n"), own);
        }
}

void notes_add_google_benchmark(struct notes *notes, const struct run *run) {
    if (run->measurement_count && !strcmp(run->measurements[0].kernel, RESULT_GOOGLE_BENCHMARK))
        text_add(
            notes_add(notes, "answers"),
            "not compared: Google Benchmark keeps none. Times are its real_time; the code lies where the "
            "linker put it, once: a small difference may be the link's");
}

static void note_machine(struct notes *notes, const struct run *run) {
    struct text *text = notes_add_kind(notes, NOTE_MACHINE);
    text_printf(text, "%s", run->host.cpu_model[0] ? run->host.cpu_model : "CPU not known");
    if (run->host.hypervisor[0])
        text_printf(text, ", under %s", run->host.hypervisor);
    if (run->host.container[0])
        text_printf(text, ", in %s", run->host.container);
    text_add(text, "; ");
    print_cpus(run, text);
}

static void add_layout(const struct run_settings *settings, struct text *text) {
    if (strcmp(settings->layout, "random") == 0)
        text_add(text, "layout random: each replicate drew another link of the code; ");
    else if (strcmp(settings->layout, "fixed") == 0)
        text_add(text, "layout fixed to one link: holds for this binary as it is, another link may differ; ");
    else
        text_printf(text, "layout %s; ", settings->layout);
}

static void note_settings(struct notes *notes, const struct run *run) {
    const struct run_settings *settings = &run->settings;
    char delta[FORMAT_SIZE], budget[FORMAT_SIZE], duration[FORMAT_SIZE];
    format_percent(settings->delta, delta);
    format_duration(settings->budget_s, budget);
    format_duration(run->duration_s, duration);
    struct text *text = notes_add_kind(notes, NOTE_SETTINGS);
    const char *plural = settings->replicates == 1 ? "" : "s";
    const char *at_most = run_is_sequential(settings) ? "up to " : "";
    if (commands_were_measured(run))
        text_printf(
            text,
            "budget %s a comparison, %s%u replicate%s, each with an environment of another size; every "
            "execution is a process of its own, files stay in the page cache; ",
            budget, at_most, settings->replicates, plural);
    else {
        text_printf(text, "points: %s; build: %s; budget %s a comparison, %s%u replicate%s; state %s; ",
                    settings->points, settings->build, budget, at_most, settings->replicates, plural,
                    settings->state);
        add_layout(settings, text);
    }
    text_printf(text, "delta %s; seed %" PRIu64 "; took %s", delta, settings->seed, duration);
}

/* How to read the table, for somebody who has never seen it. */
static void note_reading(struct notes *notes, const struct run *run) {
    char delta[FORMAT_SIZE], confidence[FORMAT_SIZE];
    format_percent(run->settings.delta, delta);
    format_percent(run->settings.confidence, confidence);
    struct text *text = notes_add_kind(notes, NOTE_READING);
    text_printf(
        text,
        "speedup = baseline time ÷ candidate time, above 1× the candidate is faster; the brackets hold its "
        "%s interval%s. faster, slower: the whole interval is beyond %s (or beyond the placebo's, if that is "
        "wider); equivalent: within it; inconclusive: neither; invalid: no claim. Verdicts are corrected "
        "for the number of comparisons",
        confidence, run_is_sequential(&run->settings) ? ", over all looks" : "", delta);
    text_printf(text, " (%zu %s, Holm's procedure).", run->whole ? run->whole : run->comparison_count,
                run->whole ? "in the whole run" : "here");
    text_add(notes_add_kind(notes, NOTE_MARKS),
             "★ target met by the whole interval, among all comparisons; answer: ✓ checked = equal to the "
             "baseline's on every seed and "
             "accepted by an independent check, ✓ yes (=) = equal to the baseline's, ✗ wrong; – not known; "
             "none moved: counted, and no counter that could matter changed");
}

int notes_check(struct notes *notes) {
    for (size_t i = 0; i < notes->count; i++)
        notes->failed |= notes->items[i].text.failed;
    if (notes->failed) {
        notes_close(notes);
        return -ENOMEM;
    }
    return 0;
}

int notes_open(struct notes *notes, const struct run *run) {
    *notes = (struct notes){0};
    if (!run->complete)
        text_add(notes_add_kind(notes, NOTE_INCOMPLETE),
                 "the run was cut short: only what was complete by then is shown");
    notes_add_counters(notes, run, false);
    note_comparisons(notes, run, NOTE_NOISE, noise_of);
    note_comparisons(notes, run, NOTE_CARRY_OVER, carry_over_of);
    note_layout(notes, run);
    note_overlap(notes, run);
    note_repeats(notes, run);
    note_evidence(notes, run);
    note_own(notes, run);
    note_servers(notes, run);
    note_files(notes, run);
    note_draws(notes, run);
    note_comparisons(notes, run, NOTE_SAME_CODE, identical_of);
    note_comparisons(notes, run, NOTE_LIMITS, limit_of);
    note_skipped(notes, run);
    notes_add_google_benchmark(notes, run);
    note_placebo(notes, run);
    note_machine(notes, run);
    note_settings(notes, run);
    note_reading(notes, run);
    return notes_check(notes);
}

int notes_open_details(struct notes *notes, const struct run *run) {
    *notes = (struct notes){0};
    notes_add_counters(notes, run, true);
    note_servers(notes, run);
    note_files(notes, run);
    note_machine(notes, run);
    note_settings(notes, run);
    return notes_check(notes);
}
