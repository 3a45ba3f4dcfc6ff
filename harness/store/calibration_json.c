/* JSON form of a calibration. */
#include "store/calibration.h"

#include "store/json_file.h"
#include "store/result_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const states[] = {"warm", "cold", "mixed", NULL};
static const char *const layouts[] = {"random", "fixed", NULL};
static const char *const builds[] = {"native", "portable", NULL};

static const struct field settings_fields[] = {
    {FIELD(NUMBER, struct run_settings, budget_s, "budget_s"), .high = INFINITY,
     .about = "Seconds of timing a comparison."},
    {FIELD(NUMBER, struct run_settings, delta, "delta"), .high = 1,
     .about = "Smallest difference worth a word, as a share."},
    {FIELD(NUMBER, struct run_settings, confidence, "confidence"), .high = 1,
     .about = "Of the speedups' intervals."},
    {FIELD(UNSIGNED, struct run_settings, replicates, "replicates"), .low = 2, .high = INFINITY,
     .about = "Processes a comparison."},
    {FIELD(SEED, struct run_settings, seed, "seed"), .about = "Of the order of tries and of their seeds."},
    {FIELD(TEXT, struct run_settings, state, "state"), .choices = states,
     .about = "State of caches before a sample."},
    {FIELD(TEXT, struct run_settings, layout, "layout"), .choices = layouts,
     .about = "Whether several links of each module were drawn from."},
    {FIELD(TEXT, struct run_settings, build, "build"), .choices = builds, .about = "Build of the modules."},
    {FIELD(TEXT, struct run_settings, cpus, "cpus"),
     .about = "--cpus as given; empty for the program's choice."},
    {FIELD(TEXT, struct run_settings, cpu_reason, "cpu_reason"), .about = "Why these CPUs were chosen."},
    {0},
};

/* What the schema promises of files that are written; readers take those of other versions as well. */
static const char *const kind_names[] = {
    "core",     "latency",      "division",    "swapped", "l1",    "l2",         "dram",       "copy",
    "copy-far", "placement",    "string",      "fill",    "list",  "forwarding", "branchy",    "dead-code",
    "helper",   "indirect",     "interpreter", "sort",    "hash",  "skewed",     "allocation", "heap-history",
    "warm-up",  "thread-local", "atomic",      "syscall", "pread", "write",      "calls",      "openmp",
    NULL};
static const char *const group_names[] = {"arithmetic", "memory", "code", "state", "kernel", "threads", NULL};

static json_t *words_schema(const char *const *words) {
    json_t *all = json_array();
    int error = all ? 0 : -ENOMEM;
    for (size_t i = 0; !error && words[i]; i++)
        error = json_append(all, json_string(words[i]));
    return json_pack("{s:o}", "enum", all);
}

static json_t *kind_schema(void) {
    return words_schema(kind_names);
}

static json_t *group_schema(void) {
    return words_schema(group_names);
}

static const struct field kind_fields[] = {
    {FIELD(TEXT, struct calibration_kind, name, "kind"), .schema = kind_schema,
     .about = "See docs/METHOD.md."},
    {FIELD(TEXT, struct calibration_kind, group, "group"), .schema = group_schema, .optional = true,
     .about = "Group of kinds, as --kinds takes it; absent in earlier files."},
    {FIELD(UNSIGNED, struct calibration_kind, threads, "threads"), .low = 1, .high = INFINITY,
     .about = "Threads that it ran with."},
    {FIELD(BOOL, struct calibration_kind, sized, "sized"), .optional = true,
     .about = "Has planted sizes; false: identical code alone was tried. Absent: true."},
    {FIELD(BOOL, struct calibration_kind, swapped, "swapped"), .optional = true,
     .about = "The baseline did the planted work, so that faster is the right claim; counts below "
              "are of the mirror image. Absent: false."},
    {FIELD(TEXT, struct calibration_kind, skipped, "skipped"),
     .about = "Why it was not tried here; empty: it was."},
    {0},
};

static json_t *planted_schema(void) {
    return json_pack("{s:s, s:i}", "type", "number", "minimum", 0);
}

static const struct field try_fields[] = {
    {.key = "kind", .type = FIELD_BESIDE, .schema = kind_schema, .about = "See docs/METHOD.md."},
    {.key = "planted",
     .type = FIELD_BESIDE,
     .schema = planted_schema,
     .about = "The candidate does this share more work than the baseline; 0: identical code."},
    {FIELD(UNSIGNED, struct calibration_try, number, "number"), .low = 1, .high = INFINITY,
     .about = "Which try of its kind and size."},
    {FIELD(SEED, struct calibration_try, seed, "seed"),
     .about = "Of the comparison, as settings.seed of countersign.run/1."},
    {FIELD(NAME, struct calibration_try, verdict, "verdict"), .names = &verdict_names,
     .about = "The verdict."},
    {FIELD(OBJECT, struct calibration_try, speedup, "speedup"), .fields = interval_fields,
     .about = "Baseline time / candidate time, also where the roles were swapped; null where "
              "invalid."},
    {FIELD(OBJECT, struct calibration_try, placebo, "placebo"), .fields = interval_fields,
     .about = "Of the baseline against a second copy of itself; null where there is none."},
    {FIELD(NUMBER, struct calibration_try, duration_s, "duration_s"), .high = INFINITY,
     .about = "Of the whole comparison, s."},
    {FIELD(TEXT, struct calibration_try, noise_text, "noise_text"),
     .about = "What disturbed it; empty: nothing that mattered."},
    {FIELD(TEXT, struct calibration_try, reason, "reason"), .about = "Why invalid; empty otherwise."},
    {0},
};

static const struct field cell_fields[] = {
    {.key = "planted",
     .type = FIELD_BESIDE,
     .schema = planted_schema,
     .about = "The candidate does this share more work than the baseline; 0: identical code."},
    {FIELD(SIZE, struct calibration_cell, tries, "tries"), .about = "Valid tries."},
    {FIELD(SIZE, struct calibration_cell, invalid, "invalid"),
     .about = "Invalid tries: a wrong answer, a crash; never to be expected."},
    {FIELD(SIZE, struct calibration_cell, told_apart, "told_apart"),
     .about = "Tries whose whole interval lies beyond the placebo's floor, whatever delta is: as "
              "slower; of identical code as either."},
    {FIELD(SIZE, struct calibration_cell, claimed, "claimed"),
     .about = "Tries with the verdict slower; of identical code faster or slower."},
    {FIELD(SIZE, struct calibration_cell, wrong, "wrong_direction"),
     .about = "Tries with the verdict faster, where more work was planted."},
    {FIELD(NUMBER_OR_NULL, struct calibration_cell, measured, "measured"),
     .about = "Median over the tries of the share of time that the candidate took more; null: none, "
              "or several kinds together."},
    {FIELD(NUMBER_OR_NULL, struct calibration_cell, half_width, "half_width"), .high = INFINITY,
     .about = "Median half-width of the speedup's interval, as a logarithm; null as above."},
    {0},
};

static json_t *sizes_schema(void) {
    return schema_array(schema_of_fields(cell_fields));
}

static const struct field row_fields[] = {
    {FIELD(OBJECT, struct calibration_row, false_claims, "false_claim_rate"), .fields = interval_fields,
     .about = "Share of tries on identical code with a verdict faster or slower, with a 95 % "
              "interval: Clopper and Pearson's, or, until_settled, one that holds at every look; "
              "null where it was not tried."},
    {FIELD(SIZE, struct calibration_row, wrong, "wrong_direction"),
     .about = "Verdicts faster of a candidate that does more work (swapped: slower of one that does "
              "less), all sizes."},
    {FIELD(SIZE, struct calibration_row, invalid, "invalid"), .about = "Tries that were invalid, all sizes."},
    {FIELD(NUMBER_OR_NULL, struct calibration_row, smallest, "smallest"), .high = INFINITY,
     .about = "Least planted size from which on every size tried was told apart in at least 95 % of "
              "its tries; null: none."},
    {FIELD(NUMBER_OR_NULL, struct calibration_row, try_s, "seconds_a_try"), .high = INFINITY,
     .about = "Mean length of a comparison, starting of processes included; null: none was made."},
    {.key = "sizes", .type = FIELD_BESIDE, .schema = sizes_schema, .about = "By planted size, rising."},
    {0},
};

/* A kind and what follows from its tries, in one object. */
static json_t *kinds_schema(void) {
    struct field
        fields[sizeof kind_fields / sizeof *kind_fields + sizeof row_fields / sizeof *row_fields - 1];
    memcpy(fields, kind_fields, sizeof kind_fields);
    memcpy(fields + sizeof kind_fields / sizeof *kind_fields - 1, row_fields, sizeof row_fields);
    return schema_array(schema_of_fields(fields));
}

static json_t *kept_schema(void) {
    return json_pack("{s:s}", "type", "boolean");
}

static json_t *all_schema(void) {
    return schema_of_fields(row_fields);
}

static const struct field summary_fields[] = {
    {.key = "kept",
     .type = FIELD_BESIDE,
     .schema = kept_schema,
     .about = "No claim in the wrong direction, and no rate of false claims, of a kind or of all, "
              "whose interval lies above 1 %."},
    {.key = "kinds", .type = FIELD_BESIDE, .schema = kinds_schema, .about = "By kind."},
    {.key = "all", .type = FIELD_BESIDE, .schema = all_schema, .about = "All kinds together."},
    {0},
};

static json_t *summary_schema(void) {
    return schema_of_fields(summary_fields);
}

static json_t *tries_schema(void) {
    return schema_array(schema_of_fields(try_fields));
}

static json_t *name_schema(void) {
    return json_pack("{s:s}", "const", CALIBRATION_SCHEMA);
}

const struct field calibration_fields[] = {
    {.key = "schema",
     .type = FIELD_BESIDE,
     .schema = name_schema,
     .about = "Name and version of this format."},
    {FIELD(TEXT, struct calibration, id, "id"),
     .about = "Identity: UTC time and a random part; the file's usual name without .json."},
    {FIELD(TEXT, struct calibration, started, "started"), .about = "Start, ISO 8601, UTC."},
    {FIELD(NUMBER, struct calibration, duration_s, "duration_s"), .high = INFINITY,
     .about = "Length of all comparisons, s."},
    {FIELD(TEXT, struct calibration, version, "version"), .about = "Version of countersign."},
    {FIELD(BOOL, struct calibration, complete, "complete"),
     .about = "false: interrupted or failed; what was complete is here."},
    {FIELD(OBJECT, struct calibration, host, "host"), .fields = fingerprint_fields,
     .about = "The machine: no host name, no user name. Text is empty and numbers are 0 where not "
              "known."},
    {FIELD(OBJECT, struct calibration, settings, "settings"), .fields = settings_fields,
     .about = "Of every comparison."},
    {FIELD(BOOL, struct calibration, neighbour, "neighbour"),
     .about = "Beside a load that was busy and idle in turn, on every core that could be used."},
    {FIELD(UINT64, struct calibration, l2_bytes, "l2_bytes"), .optional = true,
     .about = "Memory that the kind l2 went through; 0 where it was not tried."},
    {FIELD(UINT64, struct calibration, dram_bytes, "dram_bytes"),
     .about = "Memory that the kind dram went through, and copy-far through half of it; 0 where "
              "neither was tried."},
    {FIELD(UNSIGNED, struct calibration, tries_a_pair, "tries_a_pair"), .low = 1, .high = INFINITY,
     .about = "Tries planned for each kind with planted sizes and each size above 0."},
    {FIELD(UNSIGNED, struct calibration, placebo_tries, "placebo_tries"), .optional = true, .low = 1,
     .high = INFINITY,
     .about = "Tries planned for each kind with identical code; absent: as many as of other sizes."},
    {FIELD(BOOL, struct calibration, until_settled, "until_settled"), .optional = true,
     .about = "The numbers of tries were limits: a kind and size ended once more of them would have "
              "answered nothing. Intervals of rates hold at every look then; absent: false."},
    {.key = "summary",
     .type = FIELD_BESIDE,
     .schema = summary_schema,
     .about = "What follows from the tries."},
    {.key = "tries",
     .type = FIELD_BESIDE,
     .schema = tries_schema,
     .about = "Complete comparisons, in the order in which they were made. Raw samples are not "
              "kept; a seed repeats inputs and orders."},
    {.key = "digest", .type = FIELD_BESIDE, .schema = digest_schema, .optional = true, .about = DIGEST_ABOUT},
    {0},
};

/* Appends `fields` of an object to `json`. */
static int add_fields(json_t *json, const struct field *fields, const void *object, struct problem *problem) {
    json_t *more = NULL;
    int error = fields_write(fields, object, &more, NULL, problem);
    if (!error && json_object_update(json, more))
        error = -ENOMEM;
    json_decref(more);
    return error;
}

static int add_tries(const struct calibration *calibration, json_t *array, struct problem *problem) {
    int error = 0;
    for (size_t i = 0; !error && i < calibration->try_count; i++) {
        const struct calibration_try *item = &calibration->tries[i];
        json_t *entry = json_object();
        error = json_append(array, entry);
        if (!error)
            error = json_put(entry, "kind", json_string(calibration->kinds[item->kind].name));
        if (!error)
            error = json_put(entry, "planted", json_real(calibration->sizes[item->size]));
        if (!error)
            error = add_fields(entry, try_fields, item, problem);
    }
    return error;
}

static int add_row(const struct calibration *calibration, const struct calibration_row *row, json_t *json,
                   struct problem *problem) {
    json_t *sizes = json_array();
    int error = add_fields(json, row_fields, row, problem);
    if (!error)
        error = json_put(json, "sizes", json_incref(sizes));
    for (size_t size = 0; !error && size < calibration->size_count; size++) {
        json_t *entry = json_object();
        error = json_append(sizes, entry);
        if (!error)
            error = json_put(entry, "planted", json_real(calibration->sizes[size]));
        if (!error)
            error = add_fields(entry, cell_fields, &row->cells[size], problem);
    }
    json_decref(sizes);
    return error;
}

static int add_summary(const struct calibration *calibration, const struct calibration_summary *summary,
                       json_t *json, struct problem *problem) {
    json_t *kinds = json_array(), *all = json_object();
    int error = json_put(json, "kept", json_boolean(summary->kept));
    for (size_t kind = 0; !error && kind < calibration->kind_count; kind++) {
        json_t *entry = json_object();
        error = json_append(kinds, entry);
        if (!error)
            error = add_fields(entry, kind_fields, &calibration->kinds[kind], problem);
        if (!error)
            error = add_row(calibration, &summary->kinds[kind], entry, problem);
    }
    if (!error)
        error = json_put(json, "kinds", json_incref(kinds));
    if (!error)
        error = add_row(calibration, &summary->all, all, problem);
    if (!error)
        error = json_put(json, "all", json_incref(all));
    json_decref(kinds);
    json_decref(all);
    return error;
}

/* The whole document; *json is the caller's, on failure too (and may be NULL). */
static int to_json(const struct calibration *calibration, json_t **json, struct problem *problem) {
    struct calibration_summary *summary = malloc(sizeof *summary);
    int error = summary ? calibration_summarize(calibration, summary) : -ENOMEM;
    json_t *conclusions = json_object(), *tries = json_array();
    *json = json_object();
    if (!error)
        error = *json && conclusions && tries ? 0 : -ENOMEM;
    if (!error)
        error = json_put(*json, "schema", json_string(CALIBRATION_SCHEMA));
    if (!error)
        error = add_fields(*json, calibration_fields, calibration, problem);
    if (!error)
        error = add_summary(calibration, summary, conclusions, problem);
    if (!error)
        error = json_put(*json, "summary", json_incref(conclusions));
    if (!error)
        error = add_tries(calibration, tries, problem);
    if (!error)
        error = json_put(*json, "tries", json_incref(tries));
    if (!error)
        error = digest_write(&calibration->digest, *json);
    json_decref(conclusions);
    json_decref(tries);
    free(summary);
    return error == -ENOMEM ? problem_set(problem, ENOMEM, "out of memory") : error;
}

static int read_kinds(const json_t *json, struct calibration *calibration, const struct json_place *place,
                      struct problem *problem) {
    size_t count = json_array_size(json);
    if (!json_is_array(json))
        return json_type_problem(place, json, "an array", problem);
    if (count > CALIBRATION_KINDS)
        return json_problem(place, problem, "expected at most %d kinds, got %zu", CALIBRATION_KINDS, count);
    int error = 0;
    for (size_t i = 0; i < count && !error; i++) {
        struct json_place inner = {place, NULL, i};
        /* Older files say neither: all kinds had sizes, and one was of swapped roles, by its name. */
        calibration->kinds[i].sized = true;
        error = fields_read(kind_fields, json_array_get(json, i), &calibration->kinds[i], &inner, problem);
        if (!json_object_get(json_array_get(json, i), "swapped"))
            calibration->kinds[i].swapped = strcmp(calibration->kinds[i].name, "swapped") == 0;
        calibration->kind_count++;
    }
    return error;
}

static int read_planted(const json_t *entry, double *planted, const struct json_place *place,
                        struct problem *problem) {
    const json_t *value = NULL;
    struct json_place inner = {place, "planted", 0};
    int error = json_get(entry, "planted", &value, place, problem);
    if (!error)
        error = json_read_number(value, planted, &inner, problem);
    return !error && *planted < 0 ? json_problem(&inner, problem, "impossible: %g", *planted) : error;
}

static int read_sizes(const json_t *json, struct calibration *calibration, const struct json_place *place,
                      struct problem *problem) {
    size_t count = json_array_size(json);
    if (!json_is_array(json))
        return json_type_problem(place, json, "an array", problem);
    if (count > CALIBRATION_SIZES)
        return json_problem(place, problem, "expected at most %d sizes, got %zu", CALIBRATION_SIZES, count);
    int error = 0;
    for (size_t i = 0; i < count && !error; i++) {
        struct json_place inner = {place, NULL, i};
        error = read_planted(json_array_get(json, i), &calibration->sizes[i], &inner, problem);
        calibration->size_count++;
    }
    return error;
}

/* One try; its kind and size are among those of the summary. */
static int read_try(const json_t *json, struct calibration *calibration, const struct json_place *place,
                    struct problem *problem) {
    struct calibration_try item = {0};
    char kind[RESULT_NAME];
    double planted = 0;
    const json_t *value = NULL;
    struct json_place named = {place, "kind", 0};
    int error = fields_read(try_fields, json, &item, place, problem);
    if (!error)
        error = json_get(json, "kind", &value, place, problem);
    if (!error)
        error = json_read_text(value, kind, sizeof kind, &named, problem);
    if (!error)
        error = read_planted(json, &planted, place, problem);
    if (error)
        return error;
    while (item.kind < calibration->kind_count && strcmp(calibration->kinds[item.kind].name, kind) != 0)
        item.kind++;
    while (item.size < calibration->size_count && calibration->sizes[item.size] != planted)
        item.size++;
    if (item.kind == calibration->kind_count || item.size == calibration->size_count)
        return json_problem(place, problem, "kind %.40s and size %g are not in the summary", kind, planted);
    return calibration_add(calibration, &item) ? problem_set(problem, ENOMEM, "out of memory") : 0;
}

static int read_tries(const json_t *json, struct calibration *calibration, struct problem *problem) {
    struct json_place place = {NULL, "tries", 0};
    if (!json_is_array(json))
        return json_type_problem(&place, json, "an array", problem);
    int error = 0;
    for (size_t i = 0; i < json_array_size(json) && !error; i++) {
        struct json_place inner = {&place, NULL, i};
        error = read_try(json_array_get(json, i), calibration, &inner, problem);
    }
    return error;
}

static int read_summary(const json_t *summary, struct calibration *calibration, struct problem *problem) {
    const json_t *kinds = NULL, *all = NULL, *sizes = NULL;
    struct json_place place = {NULL, "summary", 0}, kinds_place = {&place, "kinds", 0},
                      all_place = {&place, "all", 0}, sizes_place = {&all_place, "sizes", 0};
    int error = json_get(summary, "kinds", &kinds, &place, problem);
    if (!error)
        error = read_kinds(kinds, calibration, &kinds_place, problem);
    if (!error)
        error = json_get(summary, "all", &all, &place, problem);
    if (!error)
        error = json_get(all, "sizes", &sizes, &all_place, problem);
    return error ? error : read_sizes(sizes, calibration, &sizes_place, problem);
}

/* Numbers pass through text with 17 digits and the same arithmetic; what differs more was changed. */
static bool is_same_number(const json_t *one, const json_t *other) {
    double a = json_number_value(one), b = json_number_value(other);
    return json_is_number(one) && json_is_number(other) && fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static void disagree(struct calibration *calibration, const struct json_place *place, const json_t *file,
                     const json_t *fresh) {
    struct problem problem;
    char *says = file ? json_dumps(file, JSON_ENCODE_ANY) : NULL,
         *follows = json_dumps(fresh, JSON_ENCODE_ANY);
    json_problem(place, &problem, "the file says %.60s, its tries say %.60s", says ? says : "nothing",
                 follows ? follows : "something else");
    if (calibration->disagreements++ == 0)
        snprintf(calibration->disagreement, sizeof calibration->disagreement, "%.*s",
                 (int)sizeof calibration->disagreement - 1, problem.text);
    free(says);
    free(follows);
}

/* Counts the leaves of `fresh` that the file says otherwise. */
static void compare(const json_t *file, const json_t *fresh, const struct json_place *place,
                    struct calibration *calibration) {
    const char *key = NULL;
    json_t *value = NULL;
    size_t i = 0;
    if (!file && calibration->digest.state == DIGEST_ABSENT)
        return; /* what an older version did not write */
    if (json_is_object(fresh) && json_is_object(file)) {
        json_object_foreach((json_t *)fresh, key, value) {
            struct json_place inner = {place, key, 0};
            compare(json_object_get(file, key), value, &inner, calibration);
        }
    } else if (json_is_array(fresh) && json_array_size(file) == json_array_size(fresh)) {
        json_array_foreach(fresh, i, value) {
            struct json_place inner = {place, NULL, i};
            compare(json_array_get(file, i), value, &inner, calibration);
        }
    } else if (!file || (!json_equal(file, fresh) && !is_same_number(file, fresh))) {
        disagree(calibration, place, file, fresh);
    }
}

static int summarize_again(const json_t *file, struct calibration *calibration, struct problem *problem) {
    struct calibration_summary *summary = malloc(sizeof *summary);
    struct json_place place = {NULL, "summary", 0};
    json_t *fresh = json_object();
    int error = summary && fresh ? calibration_summarize(calibration, summary) : -ENOMEM;
    if (!error)
        error = add_summary(calibration, summary, fresh, problem);
    if (!error)
        compare(file, fresh, &place, calibration);
    json_decref(fresh);
    free(summary);
    return error == -ENOMEM ? problem_set(problem, ENOMEM, "out of memory") : error;
}

int calibration_from_json(const json_t *json, struct calibration *calibration, struct problem *problem) {
    const json_t *summary = NULL, *tries = NULL;
    *calibration = (struct calibration){0};
    int error = fields_read(calibration_fields, json, calibration, NULL, problem);
    if (!json_object_get(json, "placebo_tries"))
        calibration->placebo_tries = calibration->tries_a_pair;
    if (!error)
        error = check_started(calibration->started, problem);
    if (!error)
        error = json_get(json, "summary", &summary, NULL, problem);
    if (!error)
        error = read_summary(summary, calibration, problem);
    if (!error)
        error = json_get(json, "tries", &tries, NULL, problem);
    if (!error)
        error = read_tries(tries, calibration, problem);
    if (!error)
        error = digest_read(json, calibration->version, &calibration->digest, problem);
    if (!error)
        error = summarize_again(summary, calibration, problem);
    if (error)
        calibration_clear(calibration);
    return error;
}

int calibration_save(const struct calibration *calibration, const char *path, struct problem *problem) {
    json_t *json = NULL;
    int error = to_json(calibration, &json, problem);
    if (!error)
        error = json_file_save(json, path, problem);
    json_decref(json);
    return error;
}

int calibration_print_json(const struct calibration *calibration, FILE *stream) {
    json_t *json = NULL;
    int error = to_json(calibration, &json, NULL);
    if (!error)
        error = json_file_print(json, stream);
    json_decref(json);
    return error;
}
