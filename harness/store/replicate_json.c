/* JSON form of one replicate: what one process sampled, and what happened around it. */
#include "store/result_json.h"
#include "store/thread_counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct field thread_fields[] = {
    {FIELD(INT, struct thread_binding, thread, "thread"),
     .about = "0: main; the OpenMP thread number otherwise."},
    {FIELD(INT, struct thread_binding, cpu, "cpu"),
     .about = "OS index of its processing unit; -1 where it may run on several."},
    {0},
};

static const struct field service_use_fields[] = {
    {FIELD(NUMBER_OR_NULL, struct service_use, cpu_s, "cpu_s"), .high = INFINITY,
     .about = "CPU time of it and of children that it waited for, s."},
    {FIELD(NUMBER_OR_NULL, struct service_use, peak_rss_bytes, "peak_rss_bytes"), .high = INFINITY,
     .about = "Peak resident memory of its own process, bytes."},
    {0},
};

/* What one arm has of a replicate, and what is needed to read it. */
struct sample {
    const struct measurement *measurement;
    const struct replicate *replicate; /* whose thread_counts are written and filled */
    size_t slot;                       /* of the arm in the replicate */
    size_t rounds;
    size_t arm;
    uint64_t runs;
    double preempted;
    uint64_t *ticks;
    double counters[COUNTER_EVENTS];
    double app[RESULT_APP_COUNTERS];
    struct arm_resources resources;
    struct arm_latency latency;
};

/* Ticks as one string: a JSON integer takes 40 bytes of memory, and a run has millions of samples. */
static json_t *ticks_text(const uint64_t *ticks, size_t rounds) {
    char *text = malloc(rounds * 21 + 1);
    if (!text)
        return NULL;
    char *end = text;
    for (size_t i = 0; i < rounds; i++) {
        char digits[20];
        size_t count = 0;
        uint64_t value = ticks[i];
        do
            digits[count++] = (char)('0' + value % 10);
        while (value /= 10);
        if (i)
            *end++ = ' ';
        while (count)
            *end++ = digits[--count];
    }
    json_t *json = json_stringn_nocheck(text, (size_t)(end - text));
    free(text);
    return json;
}

static int ticks_write(const void *object, json_t **json, const struct json_place *place,
                       struct problem *problem) {
    (void)place;
    (void)problem;
    const struct sample *sample = object;
    *json = sample->ticks ? ticks_text(sample->ticks, sample->rounds) : json_null();
    return 0;
}

/* One decimal number without sign or leading zero; returns what follows it, or NULL. */
static const char *read_tick(const char *text, uint64_t *tick) {
    uint64_t value = 0;
    const char *digit = text;
    for (; *digit >= '0' && *digit <= '9'; digit++) {
        uint64_t next = (uint64_t)(*digit - '0');
        if (value > (UINT64_MAX - next) / 10)
            return NULL;
        value = value * 10 + next;
    }
    *tick = value;
    return digit == text || (text[0] == '0' && digit > text + 1) ? NULL : digit;
}

static int ticks_read(const json_t *json, void *object, const struct json_place *place,
                      struct problem *problem) {
    struct sample *sample = object;
    size_t rounds = sample->rounds;
    if (json_is_null(json))
        return 0;
    if (!json_is_string(json))
        return json_type_problem(place, json, "a string of integers, or null", problem);
    const char *text = json_string_value(json);
    /* Each number takes a digit and a space, so a wrong count is found before memory is taken for it. */
    if (rounds > (json_string_length(json) + 1) / 2)
        return json_problem(place, problem, "expected %zu integers, got fewer", rounds);
    uint64_t *row = calloc(rounds ? rounds : 1, sizeof *row);
    if (!row)
        return problem_set(problem, ENOMEM, "out of memory");
    sample->ticks = row;
    for (size_t i = 0; i < rounds; i++) {
        const char *rest = read_tick(text, &row[i]);
        if (!rest || (*rest && *rest != ' '))
            return json_problem(place, problem,
                                "expected an unsigned 64-bit integer as number %zu, got \"%.20s\"", i + 1,
                                text);
        if (!*rest && i + 1 < rounds)
            return json_problem(place, problem, "expected %zu integers, got %zu", rounds, i + 1);
        text = *rest && i + 1 < rounds ? rest + 1 : rest;
    }
    return *text ? json_problem(place, problem, "expected %zu integers, got more", rounds) : 0;
}

static int app_write(const void *object, json_t **json, const struct json_place *place,
                     struct problem *problem) {
    (void)place;
    (void)problem;
    const struct sample *sample = object;
    const struct measurement *measurement = sample->measurement;
    if (!(*json = json_object()))
        return -ENOMEM;
    int error = 0;
    for (size_t i = 0; !error && i < RESULT_APP_COUNTERS && *measurement->app_counters[i]; i++)
        if (number_is_possible(sample->app[i]))
            error = json_put(*json, measurement->app_counters[i], json_real(sample->app[i]));
    return error;
}

static size_t find_app_counter(const struct measurement *measurement, const char *name) {
    size_t i = 0;
    while (i < RESULT_APP_COUNTERS && *measurement->app_counters[i] &&
           strcmp(measurement->app_counters[i], name) != 0)
        i++;
    return i < RESULT_APP_COUNTERS && *measurement->app_counters[i] ? i : RESULT_APP_COUNTERS;
}

static int app_read(const json_t *json, void *object, const struct json_place *place,
                    struct problem *problem) {
    struct sample *sample = object;
    if (!json_is_object(json))
        return json_type_problem(place, json, "an object", problem);
    for (size_t i = 0; i < RESULT_APP_COUNTERS; i++)
        sample->app[i] = NAN;
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)json, key, value) {
        struct json_place inner = {place, key, 0};
        size_t i = find_app_counter(sample->measurement, key);
        if (i == RESULT_APP_COUNTERS)
            return json_problem(&inner, problem, "not among the measurement's app_counters");
        int error = json_read_number(value, &sample->app[i], &inner, problem);
        if (error)
            return error;
    }
    return 0;
}

static int events_write(const void *object, json_t **json, const struct json_place *place,
                        struct problem *problem) {
    (void)place;
    (void)problem;
    const struct sample *sample = object;
    return counts_write_named(sample->counters, sample->measurement->native_events, json);
}

static int events_read(const json_t *json, void *object, const struct json_place *place,
                       struct problem *problem) {
    struct sample *sample = object;
    return counts_read_named(json, sample->counters, sample->measurement->native_events, place, problem);
}

static bool has_counts(const struct sample *sample, size_t event) {
    for (size_t i = 0; i < sample->replicate->thread_count; i++)
        if (!isfinite(thread_counts(sample->replicate, sample->slot, i)[event]))
            return false;
    return sample->replicate->thread_count > 1;
}

/* Event to an array of counts, one a thread; an event whose threads are not told apart has no key. */
static int threads_write(const void *object, json_t **json, const struct json_place *place,
                         struct problem *problem) {
    (void)place;
    (void)problem;
    const struct sample *sample = object;
    if (!(*json = json_object()))
        return -ENOMEM;
    int error = 0;
    for (size_t event = 0; !error && event < RESULT_THREAD_EVENTS; event++) {
        if (!has_counts(sample, event))
            continue;
        json_t *counts = json_array();
        error = json_put(*json, counter_event_info[thread_events[event]].name, counts);
        for (size_t i = 0; !error && i < sample->replicate->thread_count; i++)
            error = json_append(counts, json_real(thread_counts(sample->replicate, sample->slot, i)[event]));
    }
    return error;
}

static int read_thread_event(const json_t *json, const struct sample *sample, size_t event,
                             const struct json_place *place, struct problem *problem) {
    size_t threads = sample->replicate->thread_count;
    if (!json_is_array(json))
        return json_type_problem(place, json, "an array", problem);
    if (json_array_size(json) != threads)
        return json_problem(place, problem, "expected a number for each of %zu threads, got %zu", threads,
                            json_array_size(json));
    for (size_t i = 0; i < threads; i++) {
        struct json_place inner = {place, NULL, i};
        double *count = &thread_counts(sample->replicate, sample->slot, i)[event];
        int error = json_read_number(json_array_get(json, i), count, &inner, problem);
        if (!error && *count < 0)
            error = json_problem(&inner, problem, "impossible: a count of %g", *count);
        if (error)
            return error;
    }
    return 0;
}

static int threads_read(const json_t *json, void *object, const struct json_place *place,
                        struct problem *problem) {
    const struct sample *sample = object;
    const char *key = NULL;
    json_t *value = NULL;
    if (!json_is_object(json))
        return json_type_problem(place, json, "an object", problem);
    json_object_foreach((json_t *)json, key, value) {
        struct json_place inner = {place, key, 0};
        size_t event = thread_event_index(counter_event_by_name(key));
        if (event == RESULT_THREAD_EVENTS)
            return json_problem(&inner, problem, "not an event that is counted thread by thread");
        int error = read_thread_event(value, sample, event, &inner, problem);
        if (error)
            return error;
    }
    return 0;
}

static json_t *ticks_schema(void) {
    return json_pack("{s:[s, s], s:s}", "type", "string", "null", "pattern",
                     "^((0|[1-9][0-9]*)( (0|[1-9][0-9]*))*)?$");
}

static json_t *threads_schema(void) {
    json_t *properties = json_object();
    int error = properties ? 0 : -ENOMEM;
    for (size_t event = 0; !error && event < RESULT_THREAD_EVENTS; event++)
        error = json_put(properties, counter_event_info[thread_events[event]].name,
                         json_pack("{s:s, s:s, s:{s:s, s:i}}", "type", "array", "description",
                                   "A number for each thread.", "items", "type", "number", "minimum", 0));
    json_t *json = error ? NULL
                         : json_pack("{s:s, s:O, s:b}", "type", "object", "properties", properties,
                                     "additionalProperties", 0);
    json_decref(properties);
    return json;
}

static json_t *app_schema(void) {
    return json_pack("{s:s, s:{s:s}, s:i}", "type", "object", "additionalProperties", "type", "number",
                     "maxProperties", RESULT_APP_COUNTERS);
}

static const struct field sample_fields[] = {
    {FIELD(SIZE, struct sample, arm, "arm"), .about = "Index into the measurement's arms."},
    {FIELD(UINT64, struct sample, runs, "runs"), .about = "Runs in each sample (k)."},
    {FIELD(NUMBER_OR_NULL, struct sample, preempted, "preempted"), .high = INFINITY, .optional = true,
     .about = "Samples that the scheduler broke into; they were taken again, or kept after three "
              "tries. null or absent: not known."},
    {.key = "ticks",
     .type = FIELD_CUSTOM,
     .write = ticks_write,
     .read = ticks_read,
     .schema = ticks_schema,
     .about = "Length of the sample in every round, in clock ticks: decimal integers separated by "
              "single blanks, `rounds` of them. One string, since arrays of millions of numbers are "
              "slow to read everywhere. null: the arm is invalid, or needed no more samples."},
    {.key = "counters",
     .type = FIELD_CUSTOM,
     .write = events_write,
     .read = events_read,
     .schema = counts_reference,
     .about = "Counts a run by event; an event that was not counted has no key. Keys beside the "
              "vocabulary are the measurement's native_events."},
    {.key = "threads",
     .type = FIELD_CUSTOM,
     .write = threads_write,
     .read = threads_read,
     .schema = threads_schema,
     .optional = true,
     .about = "Counts a run thread by thread, in the order of the replicate's threads, of the "
              "events whose source tells threads apart; no key where there is one thread or it does "
              "not."},
    {.key = "app",
     .type = FIELD_CUSTOM,
     .write = app_write,
     .read = app_read,
     .schema = app_schema,
     .about = "Counts a run by the kernel's own counters (app_counters); an absent one has no key."},
    {FIELD(OBJECT, struct sample, resources, "resources"), .fields = resources_fields,
     .about = "Use of resources by the arm in this replicate."},
    {FIELD(OBJECT, struct sample, latency, "latency_ns"), .fields = latency_fields,
     .about = "Latencies of the arm in this replicate, ns."},
    {0},
};

static json_t *samples_schema(void) {
    return schema_array(schema_of_fields(sample_fields));
}

const struct field replicate_fields[] = {
    {FIELD(SEED, struct replicate, seed, "seed"),
     .about = "Seed of inputs and schedule. An unsigned 64-bit integer in decimal, as text, since "
              "JSON numbers are not exact there."},
    {FIELD(INT, struct replicate, layout, "layout"),
     .about = "Which link of the module was drawn; 0 for the only one."},
    {FIELD(NUMBER_OR_NULL, struct replicate, startup_ms, "startup_ms"), .high = INFINITY,
     .about = "From spawn to the first sample, ms."},
    {FIELD_ELEMENTS(struct replicate, threads, thread_count, "threads"), .fields = thread_fields,
     .about = "Binding of every thread, read back."},
    {FIELD(INT, struct replicate, memory_node, "memory_node"),
     .about = "NUMA node that memory was bound to; -1 for none."},
    {FIELD(NUMBER_OR_NULL, struct replicate, core_ghz, "core_ghz"), .high = INFINITY,
     .about = "Core frequency calibrated in this replicate, GHz; 0 or null where not known."},
    {FIELD(OBJECT, struct replicate, noise, "noise"), .fields = noise_fields,
     .about = "What disturbed this replicate."},
    {FIELD(TEXT, struct replicate, noise_text, "noise_text"),
     .about = "What stood out, in words; empty where nothing did."},
    {FIELD(SIZE, struct replicate, rounds, "rounds"), .about = "Rounds: samples of each arm."},
    {FIELD_ELEMENTS(struct replicate, services, service_count, "services"), .fields = service_use_fields,
     .optional = true,
     .about = "What each server used, from its start to its end, in the measurement's order."},
    {.key = "samples",
     .type = FIELD_BESIDE,
     .schema = samples_schema,
     .about = "One element for each arm, in the order of the arms."},
    {0},
};

static int sample_write(const struct replicate *replicate, const struct measurement *measurement, size_t arm,
                        json_t **json, const struct json_place *place, struct problem *problem) {
    struct sample sample = {
        .measurement = measurement,
        .replicate = replicate,
        .slot = arm,
        .rounds = replicate->rounds,
        .arm = arm,
        .runs = replicate->runs[arm],
        .preempted = replicate->preempted[arm],
        .ticks = replicate->ticks[arm],
        .resources = replicate->resources[arm],
        .latency = replicate->latency[arm],
    };
    memcpy(sample.counters, replicate->counters[arm], sizeof sample.counters);
    memcpy(sample.app, replicate->app[arm], sizeof sample.app);
    return fields_write(sample_fields, &sample, json, place, problem);
}

static int sample_read(const json_t *json, const struct measurement *measurement, struct replicate *replicate,
                       size_t arm, const struct json_place *place, struct problem *problem) {
    struct sample sample = {
        .measurement = measurement, .replicate = replicate, .slot = arm, .rounds = replicate->rounds};
    int error = fields_read(sample_fields, json, &sample, place, problem);
    replicate->ticks[arm] = sample.ticks;
    if (error)
        return error;
    if (sample.arm != arm)
        return json_problem(place, problem, "expected the sample of arm %zu, got arm %zu", arm, sample.arm);
    replicate->runs[arm] = sample.runs;
    replicate->preempted[arm] = sample.preempted;
    replicate->resources[arm] = sample.resources;
    replicate->latency[arm] = sample.latency;
    memcpy(replicate->counters[arm], sample.counters, sizeof sample.counters);
    memcpy(replicate->app[arm], sample.app, sizeof sample.app);
    return 0;
}

static int samples_write(const struct replicate *replicate, const struct measurement *measurement,
                         json_t *samples, const struct json_place *place, struct problem *problem) {
    int error = 0;
    for (size_t i = 0; !error && i < measurement->arm_count; i++) {
        struct json_place inner = {place, NULL, i};
        json_t *sample = NULL;
        error = sample_write(replicate, measurement, i, &sample, &inner, problem);
        if (!error)
            error = json_append(samples, sample);
    }
    return error;
}

int replicate_write(const struct replicate *replicate, const struct measurement *measurement, json_t **json,
                    const struct json_place *place, struct problem *problem) {
    struct json_place inner = {place, "samples", 0};
    json_t *samples = json_array();
    int error = samples ? fields_write(replicate_fields, replicate, json, place, problem) : -ENOMEM;
    if (!error)
        error = samples_write(replicate, measurement, samples, &inner, problem);
    if (!error)
        error = json_object_set(*json, "samples", samples) ? -ENOMEM : 0;
    json_decref(samples);
    return error;
}

/* Takes the head's arrays (threads) over into a replicate with room for every arm, its rows of ticks still
 * NULL. */
static int make_room(struct replicate *replicate, const struct replicate *head, size_t arm_count) {
    int error = replicate_allocate(replicate, arm_count, 0, head->thread_count);
    if (error)
        return error;
    for (size_t i = 0; i < arm_count; i++) {
        free(replicate->ticks[i]);
        replicate->ticks[i] = NULL;
    }
    struct replicate arrays = *replicate;
    free(arrays.threads);
    *replicate = *head;
    replicate->ticks = arrays.ticks;
    replicate->runs = arrays.runs;
    replicate->preempted = arrays.preempted;
    replicate->counters = arrays.counters;
    replicate->app = arrays.app;
    replicate->thread_counts = arrays.thread_counts;
    replicate->resources = arrays.resources;
    replicate->latency = arrays.latency;
    return 0;
}

static int samples_read(const json_t *json, const struct measurement *measurement,
                        struct replicate *replicate, const struct json_place *place,
                        struct problem *problem) {
    const json_t *samples = NULL;
    int error = json_get(json, "samples", &samples, place, problem);
    struct json_place array = {place, "samples", 0};
    if (!error && !json_is_array(samples))
        error = json_type_problem(&array, samples, "an array", problem);
    if (!error && json_array_size(samples) != measurement->arm_count)
        error = json_problem(&array, problem, "expected one element for each of %zu arms, got %zu",
                             measurement->arm_count, json_array_size(samples));
    for (size_t i = 0; !error && i < measurement->arm_count; i++) {
        struct json_place inner = {&array, NULL, i};
        error = sample_read(json_array_get(samples, i), measurement, replicate, i, &inner, problem);
    }
    return error;
}

int replicate_read(const json_t *json, const struct measurement *measurement, struct replicate *replicate,
                   const struct json_place *place, struct problem *problem) {
    struct replicate head = {0};
    memset(replicate, 0, sizeof *replicate);
    int error = fields_read(replicate_fields, json, &head, place, problem);
    if (!error)
        error = make_room(replicate, &head, measurement->arm_count);
    if (error) {
        free(head.threads);
        return error == -ENOMEM ? problem_set(problem, ENOMEM, "out of memory") : error;
    }
    error = samples_read(json, measurement, replicate, place, problem);
    if (error)
        replicate_clear(replicate, measurement->arm_count);
    return error;
}
