/* JSON form of a whole run. */
#include "store/json_file.h"
#include "store/result_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const designs[] = {"sequential", "fixed", "", NULL};

const struct field run_settings_fields[] = {
    {FIELD(TEXT, struct run_settings, points, "points"),
     .about = "Which points of the cases: quick, sweep or full."},
    {FIELD(NUMBER, struct run_settings, budget_s, "budget_s"), .high = INFINITY,
     .about = "Budget of a comparison, s."},
    {FIELD(NUMBER, struct run_settings, delta, "delta"), .high = 1,
     .about = "Smallest relative difference worth a word."},
    {FIELD(NUMBER, struct run_settings, confidence, "confidence"), .high = 1,
     .about = "Confidence of the intervals."},
    {FIELD(TEXT, struct run_settings, design, "design"), .choices = designs, .optional = true,
     .about = "sequential: candidates are measured until their verdict holds, at most `replicates`; "
              "fixed, or absent: in all replicates."},
    {FIELD(UNSIGNED, struct run_settings, replicates, "replicates"),
     .about = "Processes a point; of a sequential design the greatest number."},
    {FIELD(UNSIGNED, struct run_settings, looks, "looks"), .low = 1, .high = 5,
     .about = "Of a fixed design: times at which a point may end early, equally spaced over its "
              "replicates; 1: at the end alone. The confidence is corrected for them (Pocock)."},
    {FIELD(SEED, struct run_settings, seed, "seed"),
     .about = "Seed of the run. An unsigned 64-bit integer in decimal, as text, since JSON numbers "
              "are not exact there."},
    {FIELD(TEXT, struct run_settings, state, "state"),
     .about = "State of caches before a sample: warm, cold or mixed."},
    {FIELD(TEXT, struct run_settings, layout, "layout"),
     .about = "fixed, or random where several links of each module were drawn from."},
    {FIELD(TEXT, struct run_settings, cpus, "cpus"),
     .about = "CPUs as given by --cpus; empty for the program's choice."},
    {FIELD(TEXT, struct run_settings, cpu_reason, "cpu_reason"), .about = "Why these CPUs were chosen."},
    {FIELD(BOOL, struct run_settings, counters, "counters"), .about = "Whether counters were read."},
    {FIELD(BOOL, struct run_settings, placebo, "placebo"), .about = "Whether a placebo was sampled."},
    {FIELD(BOOL, struct run_settings, simulate, "simulate"), .optional = true,
     .about = "Whether points were simulated where Valgrind is there. Absent in files from before "
              "there was simulation."},
    {FIELD(NUMBER, struct run_settings, simulation_budget_s, "simulation_budget_s"), .high = INFINITY,
     .optional = true,
     .about = "Seconds a point could be simulated for before it was made smaller; 0: as long as it "
              "was timed, at least 2."},
    {0},
};

/* Compiler and flags belong to each measurement's module; which kind of module was asked for, to the run. */
static const struct field build_fields[] = {
    {FIELD(TEXT, struct run, settings.build, "kind"), .about = "Build of the modules: native or portable."},
    {0},
};

static const struct field skipped_fields[] = {
    {FIELD(TEXT, struct skipped, case_name, "case"), .about = "Name of the case."},
    {FIELD(CUSTOM, struct skipped, point, "point"), .write = point_write, .read = point_read,
     .schema = point_reference, .about = "The point; empty: the whole case."},
    {FIELD(TEXT, struct skipped, variant, "variant"),
     .about = "Name of the variant; empty: the whole point."},
    {FIELD(TEXT, struct skipped, reason, "reason"), .about = "Why it was skipped."},
    {0},
};

static const char *outcome_text(int value) {
    return mechanism_name((enum mechanism)value);
}

const struct field_names several_points_names = {outcome_text, MECHANISM_UNMEASURED + 1};

static int crossover_check(const void *object, const struct json_place *place, struct problem *problem) {
    const struct crossover_prediction *crossover = object;
    if (crossover->low > crossover->high)
        return json_problem(place, problem, "low %g is above high %g", crossover->low, crossover->high);
    if (crossover->first > crossover->last)
        return json_problem(place, problem, "first %" PRId64 " is above last %" PRId64, crossover->first,
                            crossover->last);
    return 0;
}

static const struct field crossover_range_fields[] = {
    {FIELD(TEXT, struct crossover_prediction, parameter, "parameter"), .about = "Name of the parameter."},
    {FIELD(NUMBER, struct crossover_prediction, low, "low"),
     .about = "The candidate starts to win at this value at the least."},
    {FIELD(NUMBER, struct crossover_prediction, high, "high"), .about = "And at this value at the most."},
    {FIELD(INT64, struct crossover_prediction, first, "first"),
     .about = "Smallest measured value that it is about."},
    {FIELD(INT64, struct crossover_prediction, last, "last"),
     .about = "Largest measured value that it is about."},
    {0},
};

static const struct field crossover_fields[] = {
    {FIELD(TEXT, struct crossover_prediction, case_name, "case"), .about = "Name of the case."},
    {FIELD(TEXT, struct crossover_prediction, baseline, "baseline"),
     .about = "Name of the variant compared with."},
    {FIELD(TEXT, struct crossover_prediction, candidate, "candidate"),
     .about = "Name of the variant that starts to win."},
    {FIELD(CUSTOM, struct crossover_prediction, point, "point"), .write = point_write, .read = point_read,
     .schema = point_reference, .about = "The other parameters."},
    {.key = "range",
     .type = FIELD_OBJECT,
     .fields = crossover_range_fields,
     .check = crossover_check,
     .about = "What was predicted, and about which points."},
    {FIELD(NAME, struct crossover_prediction, outcome, "outcome"), .names = &several_points_names,
     .about = "explained: it does; unexplained: it does not; unmeasured: cannot be told."},
    {FIELD(TEXT, struct crossover_prediction, text, "text"), .about = "Prediction and finding in words."},
    {0},
};

static const struct field case_plan_fields[] = {
    {FIELD(TEXT, struct case_plan, case_name, "case"), .about = "Name of the case."},
    {FIELD(OBJECT, struct case_plan, plan, "counter_plan"), .fields = counter_plan_fields,
     .about = "How each event is counted."},
    {0},
};

static json_t *name_schema(void) {
    return json_pack("{s:s}", "const", RESULT_SCHEMA);
}

json_t *digest_schema(void) {
    return json_pack("{s:s, s:s}", "type", "string", "pattern", "^sha256:[0-9a-f]{64}$");
}

const struct field run_fields[] = {
    {.key = "schema",
     .type = FIELD_BESIDE,
     .schema = name_schema,
     .about = "Name and version of this format."},
    {FIELD(TEXT, struct run, id, "id"),
     .about = "Identity of the run: UTC time and a random part; the file's usual name without "
              ".json."},
    {FIELD(TEXT, struct run, started, "started"), .about = "Start, ISO 8601, UTC."},
    {FIELD(NUMBER, struct run, duration_s, "duration_s"), .high = INFINITY,
     .about = "Length of the whole run, s."},
    {FIELD(STRING, struct run, command, "command"), .about = "The command line, quoted for a shell."},
    {FIELD(TEXT, struct run, commit, "commit"), .optional = true, .sparse = true, .says = text_says,
     .about =
         "Commit of the repository that it was started in, or of the newer revision that was measured; -dirty "
         "behind it where files differ from it. Absent where there is none, and in files from before."},
    {FIELD(TEXT, struct run, version, "version"), .about = "Version of countersign."},
    {FIELD(BOOL, struct run, complete, "complete"),
     .about = "false: the run was interrupted; what was complete is here."},
    {FIELD(OBJECT, struct run, host, "host"), .fields = fingerprint_fields,
     .about = "The machine: no host name, no user name. Text is empty and numbers are 0 where not "
              "known."},
    {.key = "build",
     .type = FIELD_OBJECT,
     .fields = build_fields,
     .about = "What was asked of the build; compiler and flags are with each measurement."},
    {FIELD(OBJECT, struct run, settings, "settings"), .fields = run_settings_fields,
     .about = "How it was measured."},
    {FIELD(OBJECT, struct run, counter_plan, "counter_plan"), .fields = counter_plan_fields,
     .about = "How each event is counted on this machine, in cases without a plan of their own."},
    {FIELD_ELEMENTS(struct run, case_plans, case_plan_count, "case_counter_plans"),
     .fields = case_plan_fields, .optional = true,
     .about = "Plans of cases that have native events of their own."},
    {FIELD_ELEMENTS(struct run, comparisons, comparison_count, "comparisons"), .fields = comparison_fields,
     .about = "What was concluded."},
    {FIELD_ELEMENTS(struct run, crossovers, crossover_count, "crossovers"), .fields = crossover_fields,
     .optional = true,
     .about = "Predictions of where a candidate starts to win, judged by the verdicts; one for each "
              "combination of the other parameters. Predictions about one comparison are in its "
              "mechanism."},
    {FIELD_ELEMENTS(struct run, growth, growth_count, "growth"), .fields = growth_fit_fields,
     .optional = true, .sparse = true,
     .about = "How times an item grow along a parameter, one for each variant and combination of the other "
              "parameters with sizes enough, and one for each prediction of it."},
    {FIELD_ELEMENTS(struct run, scaling, scaling_count, "scaling"), .fields = scaling_fit_fields,
     .optional = true, .sparse = true,
     .about = "How times an item fall with threads, one for each parallel variant and combination of the "
              "other parameters with two numbers of threads or more."},
    {FIELD_ELEMENTS(struct run, skipped, skipped_count, "skipped"), .fields = skipped_fields,
     .about = "What was not measured, and why."},
    {FIELD_ELEMENTS(struct run, measurements, measurement_count, "measurements"),
     .fields = measurement_fields, .about = "What was measured, with every raw sample."},
    {.key = "digest", .type = FIELD_BESIDE, .schema = digest_schema, .optional = true, .about = DIGEST_ABOUT},
    {0},
};

/* What came from a file keeps that file's digest, or none: writing it again must not vouch for a change. */
int digest_write(const struct file_digest *digest, json_t *document) {
    char text[JSON_DIGEST];
    if (digest->state == DIGEST_ABSENT || digest->state == DIGEST_REMOVED)
        return 0;
    if (digest->state != DIGEST_NEW)
        return json_put(document, "digest", json_string(digest->text));
    int error = json_digest(document, text);
    return error ? error : json_put(document, "digest", json_string(text));
}

/* Versions from 0.2 on write a digest. */
static bool has_digest(const char *version) {
    unsigned major = 0, minor = 0;
    return sscanf(version, "%u.%u", &major, &minor) != 2 || major > 0 || minor >= 2;
}

int digest_read(const json_t *document, const char *version, struct file_digest *digest,
                struct problem *problem) {
    const json_t *member = json_object_get(document, "digest");
    struct json_place place = {NULL, "digest", 0};
    char text[JSON_DIGEST];
    _Static_assert(sizeof text <= sizeof digest->text, "a file's digest fits");
    if (!member) {
        digest->state = has_digest(version) ? DIGEST_REMOVED : DIGEST_ABSENT;
        return 0;
    }
    int error = json_read_text(member, digest->text, sizeof digest->text, &place, problem);
    if (!error && json_digest(document, text))
        error = problem_set(problem, ENOMEM, "out of memory");
    if (!error)
        digest->state = strcmp(text, digest->text) == 0 ? DIGEST_HOLDS : DIGEST_BROKEN;
    return error;
}

int run_to_json(const struct run *run, json_t **json, struct problem *problem) {
    json_t *body = NULL, *document = NULL;
    int error = check_references(run, problem);
    if (!error)
        error = fields_write(run_fields, run, &body, NULL, problem);
    if (!error) {
        document = json_object();
        error = document ? json_put(document, "schema", json_string(RESULT_SCHEMA)) : -ENOMEM;
    }
    if (!error)
        error = json_object_update(document, body) ? -ENOMEM : 0;
    if (!error)
        error = digest_write(&run->digest, document);
    json_decref(body);
    if (error) {
        json_decref(document);
        return error == -ENOMEM ? problem_set(problem, ENOMEM, "out of memory") : error;
    }
    *json = document;
    return 0;
}

static int check_schema(const json_t *json, struct problem *problem) {
    const json_t *schema = NULL;
    struct json_place place = {NULL, "schema", 0};
    if (!json_is_object(json))
        return json_type_problem(NULL, json, "an object with schema " RESULT_SCHEMA, problem);
    int error = json_get(json, "schema", &schema, NULL, problem);
    if (error)
        return error;
    if (!json_is_string(schema))
        return json_type_problem(&place, schema, "\"" RESULT_SCHEMA "\"", problem);
    if (strcmp(json_string_value(schema), RESULT_SCHEMA) != 0)
        return json_problem(&place, problem, "expected \"" RESULT_SCHEMA "\", got \"%.60s\"%s",
                            json_string_value(schema),
                            strncmp(json_string_value(schema), "countersign.run/", 16) == 0
                                ? ": the file was written by another version of countersign"
                            : strncmp(json_string_value(schema), "countersign.load/", 17) == 0
                                ? ": a load, of which show, verify and report --analysis make a table"
                                : ": this is not a result file of countersign");
    return 0;
}

int run_from_json(const json_t *json, struct run *run, struct problem *problem) {
    memset(run, 0, sizeof *run);
    int error = check_schema(json, problem);
    if (!error)
        error = fields_read(run_fields, json, run, NULL, problem);
    if (!error)
        error = check_references(run, problem);
    if (!error)
        error = check_possible(run, problem);
    if (!error)
        error = digest_read(json, run->version, &run->digest, problem);
    if (error)
        run_clear(run);
    return error;
}
