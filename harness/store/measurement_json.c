/* JSON form of a measurement: its point, its arms, and its replicates. */
#include "store/result_json.h"

#include "countersign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct field point_value_fields[] = {
    {FIELD(INT64, struct point_value, value, "value"), .about = "The number, or the index of a choice."},
    {FIELD(TEXT, struct point_value, unit, "unit"),
     .about = "What one unit of the value is; empty for a choice."},
    {FIELD(TEXT, struct point_value, choice, "choice"), .about = "Name of the choice; empty for a number."},
    {0},
};

int point_write(const void *object, json_t **json, const struct json_place *place, struct problem *problem) {
    const struct point *point = object;
    if (!(*json = json_object()))
        return -ENOMEM;
    int error = 0;
    for (size_t i = 0; !error && i < point->count; i++) {
        const struct point_value *value = &point->values[i];
        struct json_place inner = {place, value->name, 0};
        json_t *entry = NULL;
        if (json_object_get(*json, value->name))
            return json_problem(&inner, problem, "the point has this parameter twice");
        error = fields_write(point_value_fields, value, &entry, &inner, problem);
        if (!error)
            error = json_put(*json, value->name, entry);
    }
    return error;
}

int point_read(const json_t *json, void *object, const struct json_place *place, struct problem *problem) {
    struct point *point = object;
    if (!json_is_object(json))
        return json_type_problem(place, json, "an object", problem);
    if (json_object_size(json) > RESULT_PARAMETERS)
        return json_problem(place, problem, "expected at most %d parameters, got %zu", RESULT_PARAMETERS,
                            json_object_size(json));
    const char *key = NULL;
    json_t *entry = NULL;
    json_object_foreach((json_t *)json, key, entry) {
        struct json_place inner = {place, key, 0};
        struct point_value *value = &point->values[point->count];
        if (!*key || strlen(key) >= sizeof value->name)
            return json_problem(&inner, problem, "expected a parameter name of 1 to %zu bytes",
                                sizeof value->name - 1);
        memcpy(value->name, key, strlen(key) + 1);
        int error = fields_read(point_value_fields, entry, value, &inner, problem);
        if (error)
            return error;
        point->count++;
    }
    return 0;
}

static const char *role_text(int value) {
    static const char *const names[] = {"baseline", "candidate", "placebo"};
    return names[value];
}

static const struct field_names role_names = {role_text, ARM_PLACEBO + 1};

static const char *fault_text(int value) {
    return arm_fault_name((enum arm_fault)value);
}

const struct field_names fault_names = {fault_text, FAULTS};

static const char *cause_text(int value) {
    return simulation_cause_name((enum simulation_cause)value);
}

static const struct field_names cause_names = {cause_text, SIMULATION_CAUSES};

static const char *arm_cause_text(int value) {
    return arm_cause_name((enum arm_cause)value);
}

static const struct field_names arm_cause_names = {arm_cause_text, CAUSES};

static bool number_says(const void *number) {
    return *(const double *)number > 0 && number_is_possible(*(const double *)number);
}

#define CAUSE_NUMBER(type_, member, key, text)                                                               \
    {                                                                                                        \
        FIELD(NUMBER, type_, member, key), .high = INFINITY, .optional = true, .sparse = true,               \
                                           .says = number_says, .about = text                                \
    }

static const struct field answer_fields[] = {
    {FIELD(TEXT, struct arm_answer, output, "output"), .about = "Name of the output, or what was checked."},
    {FIELD(UINT64, struct arm_answer, index, "index"), .about = "Element of it."},
    {FIELD(TEXT, struct arm_answer, got, "got"),
     .about = "What the variant left there; of another answer the later one."},
    {FIELD(TEXT, struct arm_answer, expected, "expected"),
     .about = "What should be there; of another answer the first one."},
    {FIELD(TEXT, struct arm_answer, advice, "advice"),
     .about = "What would make it right, as the kernel says; empty: it does not."},
    {FIELD(BOOL, struct arm_answer, by_check, "by_check"),
     .about = "Expected by the check of the kernel, not because the baseline has it."},
    {FIELD(BOOL, struct arm_answer, among_timed, "among_timed"),
     .about = "Found among the timed runs, where elements of the last answer were overwritten."},
    {FIELD(BOOL, struct arm_answer, from_before, "from_before"),
     .about = "The answer follows from what its outputs held before."},
    {FIELD(SEED, struct arm_answer, seed, "seed"), .about = "Of the inputs."},
    {0},
};

static bool answer_says(const void *object) {
    return ((const struct arm_answer *)object)->output[0];
}

static bool why_says(const void *object) {
    return ((const struct arm_why *)object)->cause != CAUSE_NONE;
}

static bool unsigned_says(const void *number) {
    return *(const unsigned *)number;
}

static const struct field why_fields[] = {
    {FIELD(NAME, struct arm_why, cause, "cause"), .names = &arm_cause_names,
     .about = "What exactly the worker refused it for; `fault` is of which kind that is."},
    {FIELD(TEXT, struct arm_why, variant, "variant"),
     .about = "Whose run it was; the baseline's makes all variants invalid."},
    {FIELD(BOOL, struct arm_why, placebo, "placebo"),
     .about = "It was the baseline's function in a second loaded copy of the module."},
    {FIELD(UNSIGNED, struct arm_why, client, "client"), .optional = true, .sparse = true,
     .says = unsigned_says, .about = "Which client of a load it happened in, from 2."},
    {FIELD(INT, struct arm_why, error, "error"), .optional = true, .sparse = true, .says = unsigned_says,
     .about = "errno of Linux."},
    CAUSE_NUMBER(struct arm_why, run_ns, "run_ns", "ns that a run took, or all of `runs`."),
    CAUSE_NUMBER(
        struct arm_why, other_ns, "other_ns",
        "ns that it is compared with: of an empty call, of `other_runs`, of a run after elements of the last "
        "answer were overwritten."),
    CAUSE_NUMBER(struct arm_why, runs, "runs", "Runs that took `run_ns`; absent: one."),
    CAUSE_NUMBER(struct arm_why, other_runs, "other_runs", "Runs that took `other_ns`; absent: one."),
    CAUSE_NUMBER(struct arm_why, items, "items", "Items of a run."),
    CAUSE_NUMBER(struct arm_why, count, "count",
                 "Threads that ran, latencies of a run, bytes, or descriptors a run."),
    CAUSE_NUMBER(struct arm_why, most, "most",
                 "Threads that were asked for, or latencies that there is room for."),
    {FIELD(OBJECT, struct arm_why, answer, "answer"), .fields = answer_fields, .optional = true,
     .sparse = true, .says = answer_says, .about = "Where an answer differs."},
    {FIELD(TEXT, struct arm_why, said, "said"), .optional = true, .sparse = true, .says = text_says,
     .about = "What changed, was printed, helped or ended it, in words of the kernel or of the system."},
    {0},
};

static const struct field arm_fields[] = {
    {FIELD(TEXT, struct arm, variant, "variant"), .about = "Name of the variant."},
    {FIELD(NAME, struct arm, role, "role"), .names = &role_names,
     .about = "Baseline, candidate, or placebo: the baseline of a second loaded copy of the module."},
    {.key = "parallel",
     .type = FIELD_FLAG,
     .offset = offsetof(struct arm, flags),
     .size = CS_PARALLEL,
     .about = "Uses the point's threads."},
    {.key = "io",
     .type = FIELD_FLAG,
     .offset = offsetof(struct arm, flags),
     .size = CS_IO,
     .about = "Spends its time in system calls."},
    {FIELD(TEXT, struct arm, code_hash, "code_hash"),
     .about = "64-bit FNV-1a of the variant's machine code, hexadecimal; empty where not known."},
    {FIELD(UINT64, struct arm, code_bytes, "code_bytes"),
     .about = "Size of that machine code, bytes; 0 where not known."},
    {FIELD(TEXT, struct arm, command, "command"), .optional = true,
     .about = "The command line, as it was given, where the arm is a command; empty for a kernel's "
              "variant."},
    {FIELD(BOOL, struct arm, invalid, "invalid"),
     .about = "Crashed, hung, ran out of memory or answered wrong."},
    {FIELD(NAME, struct arm, fault, "fault"), .names = &fault_names, .optional = true, .sparse = true,
     .about = "Why it is invalid; absent where it is valid, and in files from before causes were "
              "kept, which have the words alone."},
    {FIELD(OBJECT, struct arm, why, "why"), .fields = why_fields, .optional = true, .sparse = true,
     .says = why_says,
     .about =
         "What `reason` says, in values, where a worker refused it; absent otherwise, and in files from before."},
    {FIELD(TEXT, struct arm, reason, "reason"), .about = "Why invalid; empty otherwise."},
    {FIELD(TEXT, struct arm, evidence, "evidence"), .optional = true,
     .about =
         "How the variant does its work, in its own words, in lines; of the first replicate. Empty: it says nothing."},
    {FIELD(TEXT, struct arm, other_evidence, "other_evidence"), .optional = true,
     .about = "The same of the first replicate in which it was another text; empty: none."},
    {FIELD(SIZE, struct arm, evidence_changes, "evidence_changes"), .optional = true,
     .about = "Replicates in which it was another than in the first."},
    {0},
};

const struct field resources_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct arm_resources, cpu_share, "cpu_share"), .high = INFINITY,
     .about = "CPU time / wall time over the timed stretches; above 1 for parallel variants."},
    {FIELD(NUMBER_OR_NULL, struct arm_resources, peak_rss_bytes, "peak_rss_bytes"), .high = INFINITY,
     .about = "Peak resident memory of the process while the variant ran, bytes."},
    {0},
};

const struct field latency_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct arm_latency, p50, "p50"), .high = INFINITY, .about = "Median, ns."},
    {FIELD(NUMBER_OR_NULL, struct arm_latency, p95, "p95"), .high = INFINITY,
     .about = "95th percentile, ns."},
    {FIELD(NUMBER_OR_NULL, struct arm_latency, p99, "p99"), .high = INFINITY,
     .about = "99th percentile, ns."},
    {FIELD(NUMBER_OR_NULL, struct arm_latency, max, "max"), .high = INFINITY, .about = "Largest, ns."},
    {0},
};

json_t *point_schema(void) {
    return json_pack("{s:s, s:i, s:{s:i, s:i}, s:o}", "type", "object", "maxProperties", RESULT_PARAMETERS,
                     "propertyNames", "minLength", 1, "maxLength", RESULT_NAME - 1, "additionalProperties",
                     schema_of_fields(point_value_fields));
}

json_t *point_reference(void) {
    return schema_reference("point");
}

json_t *schema_array(json_t *items) {
    return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

static json_t *replicates_schema(void) {
    return schema_array(schema_reference("replicate"));
}

static int replicates_write(const void *object, json_t **json, const struct json_place *place,
                            struct problem *problem) {
    const struct measurement *measurement = object;
    if (!(*json = json_array()))
        return -ENOMEM;
    int error = 0;
    for (size_t i = 0; !error && i < measurement->replicate_count; i++) {
        struct json_place inner = {place, NULL, i};
        json_t *replicate = NULL;
        error = replicate_write(&measurement->replicates[i], measurement, &replicate, &inner, problem);
        if (error)
            json_decref(replicate);
        else
            error = json_append(*json, replicate);
    }
    return error;
}

static int replicates_read(const json_t *json, void *object, const struct json_place *place,
                           struct problem *problem) {
    struct measurement *measurement = object;
    if (!json_is_array(json))
        return json_type_problem(place, json, "an array", problem);
    size_t count = json_array_size(json);
    measurement->replicates = calloc(count ? count : 1, sizeof *measurement->replicates);
    if (!measurement->replicates)
        return problem_set(problem, ENOMEM, "out of memory");
    int error = 0;
    for (size_t i = 0; !error && i < count; i++) {
        struct json_place inner = {place, NULL, i};
        error = replicate_read(json_array_get(json, i), measurement, &measurement->replicates[i], &inner,
                               problem);
        if (!error)
            measurement->replicate_count++;
    }
    return error;
}

/* Names in slots of one size, of which the first empty one ends them. */
_Static_assert(RESULT_NAME == COUNTER_NAME, "app counters and native events have names of one size");

static int names_write(const void *object, json_t **json, size_t limit) {
    const char(*names)[RESULT_NAME] = object;
    *json = json_array();
    int error = 0;
    for (size_t i = 0; *json && !error && i < limit && *names[i]; i++)
        error = json_append(*json, json_text(names[i], sizeof names[i]));
    return error;
}

static int names_read(const json_t *json, void *object, size_t limit, const struct json_place *place,
                      struct problem *problem) {
    char(*names)[RESULT_NAME] = object;
    if (!json_is_array(json))
        return json_type_problem(place, json, "an array", problem);
    size_t count = json_array_size(json);
    if (count > limit)
        return json_problem(place, problem, "expected at most %zu names, got %zu", limit, count);
    int error = 0;
    for (size_t i = 0; !error && i < count; i++) {
        struct json_place inner = {place, NULL, i};
        error = json_read_text(json_array_get(json, i), names[i], sizeof names[i], &inner, problem);
        if (!error && !*names[i])
            error = json_problem(&inner, problem, "expected a name, got an empty string");
    }
    return error;
}

static json_t *names_schema(size_t limit) {
    return json_pack("{s:s, s:{s:s, s:i, s:i}, s:I}", "type", "array", "items", "type", "string", "minLength",
                     1, "maxLength", RESULT_NAME - 1, "maxItems", (json_int_t)limit);
}

static json_t *app_counters_schema(void) {
    return names_schema(RESULT_APP_COUNTERS);
}

static json_t *native_events_schema(void) {
    return names_schema(COUNTER_NATIVE_EVENTS);
}

static int app_counters_write(const void *object, json_t **json, const struct json_place *place,
                              struct problem *problem) {
    (void)place;
    (void)problem;
    return names_write(object, json, RESULT_APP_COUNTERS);
}

static int app_counters_read(const json_t *json, void *object, const struct json_place *place,
                             struct problem *problem) {
    return names_read(json, object, RESULT_APP_COUNTERS, place, problem);
}

static int native_events_write(const void *object, json_t **json, const struct json_place *place,
                               struct problem *problem) {
    (void)place;
    (void)problem;
    return names_write(object, json, COUNTER_NATIVE_EVENTS);
}

static int native_events_read(const json_t *json, void *object, const struct json_place *place,
                              struct problem *problem) {
    return names_read(json, object, COUNTER_NATIVE_EVENTS, place, problem);
}

static const struct field service_fields[] = {
    {FIELD(TEXT, struct service, name, "name"), .about = "Name by which the kernel calls it."},
    {FIELD(TEXT, struct service, program, "program"), .about = "Program, as the kernel names it."},
    {FIELD(INT, struct service, cpu, "cpu"), .low = -1, .high = INFINITY,
     .about = "The CPU of its own that it was bound to; -1: it shared those of the variants."},
    {FIELD(TEXT, struct service, user, "user"),
     .about = "Whom it ran as, where that was not the user of countersign; else empty."},
    {0},
};

static const struct field build_fields[] = {
    {FIELD(TEXT, struct measurement, build, "kind"), .about = "Build of the modules: native or portable."},
    {FIELD(TEXT, struct measurement, compiler, "compiler"), .about = "Compiler and version."},
    {FIELD(TEXT, struct measurement, flags, "flags"), .about = "Compiler flags."},
    {0},
};

static const char *event_text(int value) {
    return counter_event_info[value].name;
}

static const struct field_names event_names = {event_text, COUNTER_VOCABULARY};

static const struct field simulated_arm_fields[] = {
    {FIELD(CUSTOM, struct simulated_arm, counts, "counts"), .write = counts_write, .read = counts_read,
     .schema = counts_reference,
     .about = "Counts of one run, less those of an empty function; an event that was not simulated "
              "has no key."},
    {FIELD(NAME, struct simulated_arm, cause, "cause"), .names = &cause_names, .optional = true,
     .sparse = true,
     .about = "Why nothing was simulated; absent where something was, and in files from before "
              "causes were kept."},
    CAUSE_NUMBER(struct simulated_arm, numbers.threads, "threads", "Of the cause: threads that it has."),
    CAUSE_NUMBER(struct simulated_arm, numbers.seconds, "seconds",
                 "Of the cause: s that simulating the whole point would take."),
    CAUSE_NUMBER(struct simulated_arm, numbers.share, "share",
                 "Of the cause: share of its time, 0 to 1, in code that was not simulated, or in string "
                 "instructions."),
    CAUSE_NUMBER(struct simulated_arm, numbers.rate, "rate",
                 "Of the cause: `event` a cycle; GB/s from memory where that is llc-misses."),
    CAUSE_NUMBER(struct simulated_arm, numbers.portable, "portable",
                 "Of the cause: speedup of the portable build."),
    CAUSE_NUMBER(struct simulated_arm, numbers.native, "native",
                 "Of the cause: speedup of the native build."),
    CAUSE_NUMBER(struct simulated_arm, numbers.count, "count", "Of the cause: `event` an item."),
    CAUSE_NUMBER(struct simulated_arm, numbers.smaller, "smaller",
                 "Of the cause: `event` an item at a smaller point."),
    {FIELD(NAME, struct simulated_arm, numbers.event, "event"), .names = &event_names, .optional = true,
     .sparse = true, .about = "What `rate`, `count` and `smaller` are of."},
    {FIELD(TEXT, struct simulated_arm, reason, "reason"), .about = "Why there are none; empty if there are."},
    {FIELD(NUMBER_OR_NULL, struct simulated_arm, cycles, "cycles"), .high = INFINITY,
     .about = "Core cycles of one run of the same build at the same point without simulation, from "
              "a calibrated clock: the median; null: not known."},
    {FIELD(NUMBER_OR_NULL, struct simulated_arm, cycles_p5, "cycles_p5"), .high = INFINITY,
     .about = "5th percentile of the same."},
    {FIELD(NUMBER_OR_NULL, struct simulated_arm, cycles_p95, "cycles_p95"), .high = INFINITY,
     .about = "95th percentile of the same."},
    {0},
};

static json_t *simulated_arms_schema(void) {
    return schema_array(schema_of_fields(simulated_arm_fields));
}

static json_t *simulation_reference(void) {
    return schema_reference("simulation");
}

const struct field simulation_fields[] = {
    {FIELD(NAME, struct simulation, cause, "cause"), .names = &cause_names, .optional = true, .sparse = true,
     .about = "Why nothing was simulated; absent where something was, and in files from before "
              "causes were kept."},
    CAUSE_NUMBER(struct simulation, numbers.seconds, "seconds",
                 "Of the cause: s within which the simulation did not end."),
    {FIELD(TEXT, struct simulation, reason, "reason"),
     .about = "Why nothing was simulated; empty if something was, and where it was switched off."},
    {FIELD(TEXT, struct simulation, tool, "tool"),
     .about = "Version of Valgrind: \"valgrind-3.19.0\"; empty where simulation was switched off."},
    {FIELD(TEXT, struct simulation, caches, "caches"), .about = "Caches that were simulated, in words."},
    {FIELD(SEED, struct simulation, seed, "seed"),
     .about = "Seed of the inputs, the same in every run. An unsigned 64-bit integer in decimal, as "
              "text."},
    {FIELD(BOOL, struct simulation, scaled, "scaled"),
     .about = "Whether the simulated point is smaller than the measured one."},
    {FIELD(CUSTOM, struct simulation, point, "point"), .write = point_write, .read = point_read,
     .schema = point_reference, .about = "The point that was simulated."},
    {FIELD(NUMBER, struct simulation, items, "items"), .high = INFINITY,
     .about = "Items one run handles at that point; 0 where nothing was simulated."},
    {FIELD(NUMBER, struct simulation, duration_s, "duration_s"), .high = INFINITY,
     .about = "Time it took, s."},
    {.key = "arms",
     .type = FIELD_BESIDE,
     .schema = simulated_arms_schema,
     .about = "One for each arm of the measurement, in its order; empty where nothing was tried."},
    {0},
};

static int simulated_arms_write(const struct measurement *measurement, json_t *simulation,
                                const struct json_place *place, struct problem *problem) {
    json_t *arms = json_array();
    int error = json_put(simulation, "arms", arms);
    for (size_t i = 0; !error && measurement->simulation.arms && i < measurement->arm_count; i++) {
        struct json_place array = {place, "arms", 0}, inner = {&array, NULL, i};
        json_t *arm = NULL;
        error = fields_write(simulated_arm_fields, &measurement->simulation.arms[i], &arm, &inner, problem);
        if (!error)
            error = json_append(arms, arm);
    }
    return error;
}

static int simulation_write(const void *object, json_t **json, const struct json_place *place,
                            struct problem *problem) {
    const struct measurement *measurement = object;
    int error = fields_write(simulation_fields, &measurement->simulation, json, place, problem);
    return error ? error : simulated_arms_write(measurement, *json, place, problem);
}

/* As many as the measurement has arms, in their order, or none. */
static int simulated_arms_read(const json_t *json, struct measurement *measurement,
                               const struct json_place *place, struct problem *problem) {
    struct json_place array = {place, "arms", 0};
    size_t count = json_array_size(json);
    if (!json_is_array(json))
        return json_type_problem(&array, json, "an array", problem);
    if (count && count != measurement->arm_count)
        return json_problem(&array, problem, "expected none or %zu, one for each arm, got %zu",
                            measurement->arm_count, count);
    measurement->simulation.arms = count ? calloc(count, sizeof *measurement->simulation.arms) : NULL;
    if (count && !measurement->simulation.arms)
        return problem_set(problem, ENOMEM, "out of memory");
    int error = 0;
    for (size_t i = 0; !error && i < count; i++) {
        struct json_place inner = {&array, NULL, i};
        error = fields_read(simulated_arm_fields, json_array_get(json, i), &measurement->simulation.arms[i],
                            &inner, problem);
    }
    return error;
}

static int simulation_read(const json_t *json, void *object, const struct json_place *place,
                           struct problem *problem) {
    struct measurement *measurement = object;
    const json_t *arms = NULL;
    int error = fields_read(simulation_fields, json, &measurement->simulation, place, problem);
    if (!error)
        error = json_get(json, "arms", &arms, place, problem);
    return error ? error : simulated_arms_read(arms, measurement, place, problem);
}

/* Arms, app_counters and native_events come before the replicates and the simulation, which refer to them. */
const struct field measurement_fields[] = {
    {FIELD(TEXT, struct measurement, case_name, "case"), .about = "Name of the case."},
    {FIELD(TEXT, struct measurement, kernel, "kernel"), .about = "Name of the kernel."},
    {.key = "build", .type = FIELD_OBJECT, .fields = build_fields, .about = "How the module was compiled."},
    {FIELD(CUSTOM, struct measurement, point, "point"), .write = point_write, .read = point_read,
     .schema = point_reference, .about = "The point."},
    {FIELD(NUMBER, struct measurement, items, "items"), .high = INFINITY, .about = "Items one run handles."},
    {FIELD(NUMBER, struct measurement, bytes, "bytes"), .high = INFINITY,
     .about = "Bytes one run must move at the least; 0 where not meaningful."},
    {FIELD(NUMBER, struct measurement, flops, "flops"), .high = INFINITY,
     .about = "Floating-point operations of one run; 0 where not meaningful."},
    {FIELD(TEXT, struct measurement, scratch_filesystem, "scratch_filesystem"),
     .about = "Type of the file system that scratch files were on."},
    {FIELD(NUMBER_OR_NULL, struct measurement, scratch_sync_ns, "scratch_sync_ns"), .high = INFINITY,
     .optional = true,
     .about =
         "Nanoseconds of a write of 4 KiB and its fdatasync in the folder of scratch files, median of some; null where "
         "no variant is of input and output, or where it is not known."},
    {FIELD(TEXT, struct measurement, digest, "digest"),
     .about = "64-bit FNV-1a, as hex, of seeds, runs and ticks of every replicate in order, each as "
              "eight bytes, lowest first; an arm without samples counts as runs 0. Empty where it "
              "was not taken."},
    {FIELD_ELEMENTS(struct measurement, arms, arm_count, "arms"), .fields = arm_fields,
     .about = "What was sampled: the baseline first, the placebo, if any, last."},
    {FIELD(CUSTOM, struct measurement, app_counters, "app_counters"), .write = app_counters_write,
     .read = app_counters_read, .schema = app_counters_schema,
     .about = "Names of the kernel's own counters."},
    {FIELD(CUSTOM, struct measurement, native_events, "native_events"), .write = native_events_write,
     .read = native_events_read, .schema = native_events_schema, .optional = true,
     .about = "Names of native events that were asked for by name."},
    {FIELD(TEXT, struct measurement, counter_problem, "counter_problem"), .optional = true,
     .about = "Why a replicate could not read its counters; empty where all could."},
    {FIELD_ELEMENTS(struct measurement, services, service_count, "services"), .fields = service_fields,
     .optional = true, .about = "Servers that were started for each replicate."},
    {.key = "replicates",
     .type = FIELD_CUSTOM,
     .write = replicates_write,
     .read = replicates_read,
     .schema = replicates_schema,
     .about = "The processes."},
    {.key = "simulation",
     .type = FIELD_CUSTOM,
     .write = simulation_write,
     .read = simulation_read,
     .schema = simulation_reference,
     .optional = true,
     .about = "What was simulated of the point."},
    {0},
};
