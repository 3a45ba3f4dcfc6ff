/* JSON form of a load. */
#include "store/load.h"

#include "stats/schedule.h"
#include "store/json_file.h"
#include "store/result_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *role_text(int value) {
    static const char *const names[] = {"baseline", "candidate", "placebo"};
    return names[value];
}
static const struct field_names role_names = {role_text, ARM_PLACEBO + 1};

static const char *quantity_text(int value) {
    return slo_quantity_name((enum slo_quantity)value);
}
static const struct field_names quantity_names = {quantity_text, SLO_QUANTITIES};

static const char *outcome_text(int value) {
    return load_outcome_name((enum load_outcome)value);
}
static const struct field_names outcome_names = {outcome_text, LOAD_MISSED + 1};

static const struct field arm_fields[] = {
    {FIELD(TEXT, struct load_arm, variant, "variant"), .about = "Name."},
    {FIELD(NAME, struct load_arm, role, "role"), .names = &role_names,
     .about = "The placebo is the baseline of a second loaded copy."},
    {FIELD(TEXT, struct load_arm, invalid, "invalid"),
     .about = "Why nothing is claimed of it; empty otherwise."},
    {FIELD(NUMBER_OR_NULL, struct load_arm, peak_memory, "peak_memory"), .high = INFINITY,
     .about = "Bytes that it takes beside what all variants have in common."},
    {FIELD(BOOL, struct load_arm, errors_by_block, "errors_by_block"),
     .about =
         "errors are blocks with a failed request at the least, as asking after each would take too long."},
    {0},
};

#define OF_READING(member, text)                                                                             \
    { FIELD(NUMBER_OR_NULL, struct load_reading, member, #member), .high = INFINITY, .about = text }
#define LATENCY(member)                                                                                      \
    OF_READING(member,                                                                                       \
               "ns from the intended start to the end; of the unserved, until the block was given up.")
#define SERVICE(member) OF_READING(member, "ns from the real start to the end.")

static const struct field reading_fields[] = {
    {FIELD(SIZE, struct load_reading, replicate, "replicate"), .about = "Process, from 0."},
    {FIELD(SIZE, struct load_reading, arm, "arm"), .about = "Place in arms."},
    {FIELD(NUMBER, struct load_reading, share, "share"), .high = INFINITY,
     .about = "Of saturation; 0: back to back, each client one request after the other."},
    OF_READING(offered, "Requests a second of the schedule; null back to back."),
    OF_READING(served, "Requests a second that ended."),
    {FIELD(SIZE, struct load_reading, requests, "requests"), .about = "Scheduled, or made back to back."},
    {FIELD(SIZE, struct load_reading, errors, "errors"), .about = "Failed; see errors_by_block."},
    {FIELD(SIZE, struct load_reading, unserved, "unserved"),
     .about = "Not begun when the block was given up, three times as long as it should be."},
    LATENCY(p50),
    LATENCY(p99),
    LATENCY(p999),
    LATENCY(max),
    SERVICE(service_p50),
    SERVICE(service_p99),
    SERVICE(service_p999),
    SERVICE(service_max),
    OF_READING(cpu_share, "CPUs busy by the clients' processes, back to back."),
    {0},
};

static const struct field target_fields[] = {
    {FIELD(NAME, struct slo_target, quantity, "quantity"), .names = &quantity_names,
     .about = "What is limited."},
    {FIELD(NUMBER, struct slo_target, bound, "bound"), .high = INFINITY,
     .about = "ns, share, bytes: at the most; requests a second: at the least."},
    {FIELD(TEXT, struct slo_target, text, "text"), .about = "As written."},
    {0},
};

static const struct field comparison_table[] = {
    {FIELD(SIZE, struct load_comparison, arm, "arm"), .about = "The candidate's place in arms."},
    {FIELD(NUMBER, struct load_comparison, share, "share"), .high = INFINITY, .about = "As of readings."},
    {FIELD(NAME, struct load_comparison, quantity, "quantity"), .names = &quantity_names,
     .about = "What is compared."},
    {FIELD(NUMBER_OR_NULL, struct load_comparison, baseline, "baseline"), .high = INFINITY,
     .about = "Geometric mean over processes."},
    {FIELD(NUMBER_OR_NULL, struct load_comparison, candidate, "candidate"), .high = INFINITY,
     .about = "Geometric mean over processes."},
    {FIELD(OBJECT, struct load_comparison, ratio, "ratio"), .fields = interval_fields,
     .check = interval_check, .about = "Above 1 the candidate is better."},
    {FIELD(OBJECT, struct load_comparison, placebo, "placebo"), .fields = interval_fields,
     .check = interval_check, .about = "The same of the baseline against its copy."},
    {FIELD(NAME, struct load_comparison, verdict, "verdict"), .names = &verdict_names,
     .about = "Corrected for all comparisons of the file."},
    {FIELD(TEXT, struct load_comparison, reason, "reason"),
     .about = "Why there is no verdict; empty if there is."},
    {0},
};

static const struct field judgement_fields[] = {
    {FIELD(SIZE, struct load_judgement, target, "target"), .about = "Place in targets."},
    {FIELD(SIZE, struct load_judgement, arm, "arm"), .about = "Place in arms."},
    {FIELD(NUMBER, struct load_judgement, share, "share"), .high = INFINITY, .about = "As of readings."},
    {FIELD(OBJECT, struct load_judgement, value, "value"), .fields = interval_fields, .check = interval_check,
     .about = "Over processes, in the units of the bound."},
    {FIELD(NAME, struct load_judgement, outcome, "outcome"), .names = &outcome_names,
     .about = "By the whole interval."},
    {0},
};

static json_t *shares_schema(void) {
    return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "number");
}

static int shares_write(const void *object, json_t **json, const struct json_place *place,
                        struct problem *problem) {
    const struct load *load = object;
    int error = (*json = json_array()) ? 0 : -ENOMEM;
    (void)place, (void)problem;
    for (size_t i = 0; i < load->share_count && !error; i++)
        error = json_append(*json, json_real(load->shares[i]));
    return error;
}

static int shares_read(const json_t *json, void *object, const struct json_place *place,
                       struct problem *problem) {
    struct load *load = object;
    if (!json_is_array(json) || json_array_size(json) > LOAD_SHARES)
        return json_problem(place, problem, "expected at most %d numbers", LOAD_SHARES);
    int error = 0;
    for (size_t i = 0; i < json_array_size(json) && !error; i++) {
        struct json_place inner = {place, NULL, i};
        error =
            json_read_number(json_array_get(json, i), &load->shares[load->share_count++], &inner, problem);
    }
    return error;
}

static json_t *targets_schema(void) {
    json_t *items = schema_of_fields(target_fields);
    return items ? schema_array(items) : NULL;
}

static int targets_write(const void *object, json_t **json, const struct json_place *place,
                         struct problem *problem) {
    const struct slo *slo = object;
    int error = (*json = json_array()) ? 0 : -ENOMEM;
    for (size_t i = 0; i < slo->count && !error; i++) {
        json_t *target = NULL;
        error = fields_write(target_fields, &slo->targets[i], &target, place, problem);
        if (!error)
            error = json_append(*json, target);
    }
    return error;
}

static int targets_read(const json_t *json, void *object, const struct json_place *place,
                        struct problem *problem) {
    struct slo *slo = object;
    if (!json_is_array(json) || json_array_size(json) > SLO_TARGETS)
        return json_problem(place, problem, "expected at most %d targets", SLO_TARGETS);
    int error = 0;
    for (size_t i = 0; i < json_array_size(json) && !error; i++) {
        struct json_place inner = {place, NULL, i};
        error =
            fields_read(target_fields, json_array_get(json, i), &slo->targets[slo->count++], &inner, problem);
    }
    return error;
}

static json_t *name_schema(void) {
    return json_pack("{s:s}", "const", LOAD_SCHEMA);
}

const struct field load_fields[] = {
    {.key = "schema",
     .type = FIELD_BESIDE,
     .schema = name_schema,
     .about = "Name and version of this format."},
    {FIELD(TEXT, struct load, id, "id"), .about = "Name of the file without .json."},
    {FIELD(TEXT, struct load, started, "started"), .about = "ISO 8601, UTC."},
    {FIELD(TEXT, struct load, version, "version"), .about = "Of countersign."},
    {FIELD(STRING, struct load, command, "command"), .about = "Command line, quoted for a shell."},
    {FIELD(NUMBER, struct load, duration_s, "duration_s"), .high = INFINITY, .about = "Of all of it."},
    {FIELD(OBJECT, struct load, host, "host"), .fields = fingerprint_fields, .about = "The machine."},
    {FIELD(TEXT, struct load, case_name, "case"), .about = "Name of the case."},
    {FIELD(TEXT, struct load, title, "title"), .about = "Its title."},
    {FIELD(TEXT, struct load, kernel, "kernel"), .about = "Name of the kernel."},
    {FIELD(TEXT, struct load, item, "item"), .about = "What is counted as one item, singular."},
    {FIELD(CUSTOM, struct load, point, "point"), .write = point_write, .read = point_read,
     .schema = point_reference, .about = "All parameters of the kernel."},
    {FIELD(NUMBER, struct load, items, "items"), .high = INFINITY, .about = "Of a run, which is a request."},
    {FIELD(BOOL, struct load, poisson, "poisson"),
     .about = "Requests arrive by a Poisson process; false: at fixed distances."},
    {FIELD(NUMBER, struct load, seconds, "seconds"), .high = INFINITY,
     .about = "Of a variant at one rate in one process."},
    {FIELD(NUMBER, struct load, delta, "delta"), .high = 1, .about = "Smallest difference worth a word."},
    {FIELD(SEED, struct load, seed, "seed"), .about = "Of inputs, orders, links and schedules."},
    {.key = "shares",
     .type = FIELD_CUSTOM,
     .write = shares_write,
     .read = shares_read,
     .schema = shares_schema,
     .about = "Rates, as shares of the saturation."},
    {FIELD(NUMBER, struct load, saturation, "saturation"), .high = INFINITY,
     .about = "Requests a second of the baseline back to back in a first process: what shares are of."},
    {FIELD(SIZE, struct load, clients, "clients"), .low = 1, .high = LOAD_CLIENTS, .optional = true,
     .about = "Processes that sent requests at one time, each with connections of its own. Absent: 1."},
    {FIELD(SIZE, struct load, client_cpus, "client_cpus"), .low = 1, .high = LOAD_CLIENTS, .optional = true,
     .about = "CPUs that they had. Absent: 1."},
    {FIELD(TEXT, struct load, cpus, "cpus"), .about = "Where it ran, and why there."},
    {FIELD(TEXT, struct load, servers, "servers"), .about = "Where servers ran; empty: none."},
    {FIELD(SIZE, struct load, replicate_count, "replicates"), .low = 1, .high = LOAD_REPLICATES,
     .about = "Processes that were complete."},
    {FIELD_ELEMENTS(struct load, arms, arm_count, "arms"), .fields = arm_fields,
     .about = "The baseline first, the placebo last."},
    {FIELD(CUSTOM, struct load, slo, "targets"), .write = targets_write, .read = targets_read,
     .schema = targets_schema, .about = "Of the case's slo, or of --slo."},
    {FIELD_ELEMENTS(struct load, comparisons, comparison_count, "comparisons"), .fields = comparison_table,
     .about = "What was concluded."},
    {FIELD_ELEMENTS(struct load, judgements, judgement_count, "judgements"), .fields = judgement_fields,
     .about = "Targets, judged."},
    {FIELD_ELEMENTS(struct load, readings, reading_count, "readings"), .fields = reading_fields,
     .about = "What was measured: one for each process, variant and rate."},
    {.key = "digest", .type = FIELD_BESIDE, .schema = digest_schema, .optional = true, .about = DIGEST_ABOUT},
    {0},
};

/* Every reader indexes by these. */
static int check(const struct load *load, struct problem *problem) {
    size_t placebos = 0;
    if (!load->arm_count || load->arm_count > SCHEDULE_MAX_ARMS || load->arms[0].role != ARM_BASELINE)
        return problem_set(problem, EINVAL, "arms: expected a baseline first, and at most %d",
                           SCHEDULE_MAX_ARMS);
    for (size_t i = 1; i < load->arm_count; i++)
        placebos += load->arms[i].role == ARM_PLACEBO || load->arms[i].role == ARM_BASELINE;
    if (placebos > 1 || (placebos && load->arms[load->arm_count - 1].role != ARM_PLACEBO))
        return problem_set(problem, EINVAL, "arms: expected one placebo at the most, the last");
    for (size_t i = 0; i < load->reading_count; i++)
        if (load->readings[i].arm >= load->arm_count ||
            load->readings[i].replicate >= load->replicate_count ||
            load->readings[i].errors > load->readings[i].requests ||
            load->readings[i].unserved > load->readings[i].requests)
            return problem_set(problem, EINVAL, "readings[%zu]: of what is not there, or impossible", i);
    for (size_t i = 0; i < load->comparison_count; i++)
        if (load->comparisons[i].arm >= load->arm_count)
            return problem_set(problem, EINVAL, "comparisons[%zu].arm: there is no such arm", i);
    for (size_t i = 0; i < load->judgement_count; i++)
        if (load->judgements[i].arm >= load->arm_count || load->judgements[i].target >= load->slo.count)
            return problem_set(problem, EINVAL, "judgements[%zu]: of what is not there", i);
    return 0;
}

static int to_json(const struct load *load, json_t **json, struct problem *problem) {
    json_t *body = NULL, *document = NULL;
    int error = check(load, problem);
    if (!error)
        error = fields_write(load_fields, load, &body, NULL, problem);
    if (!error) {
        document = json_object();
        error = json_put(document, "schema", json_string(LOAD_SCHEMA));
    }
    if (!error)
        error = json_object_update(document, body) ? -ENOMEM : 0;
    if (!error)
        error = digest_write(&load->digest, document);
    json_decref(body);
    if (!error) {
        *json = document;
        return 0;
    }
    json_decref(document);
    return error == -ENOMEM ? problem_set(problem, ENOMEM, "out of memory") : error;
}

int load_save(const struct load *load, const char *path, struct problem *problem) {
    json_t *json = NULL;
    int error = to_json(load, &json, problem);
    if (!error)
        error = json_file_save(json, path, problem);
    json_decref(json);
    return error;
}

int load_print_json(const struct load *load, FILE *stream) {
    struct problem problem;
    json_t *json = NULL;
    int error = to_json(load, &json, &problem);
    if (!error)
        error = json_file_print(json, stream);
    json_decref(json);
    return error;
}

int load_from_json(const json_t *json, struct load *load, struct problem *problem) {
    memset(load, 0, sizeof *load);
    int error = fields_read(load_fields, json, load, NULL, problem);
    load->clients = load->clients ? load->clients : 1; /* files from before there were several */
    load->client_cpus = load->client_cpus ? load->client_cpus : 1;
    if (!error)
        error = check_started(load->started, problem);
    if (!error)
        error = check(load, problem);
    if (!error)
        error = digest_read(json, load->version, &load->digest, problem);
    if (error)
        load_clear(load);
    return error;
}
