/* Memory, writing and reading of runs. With COUNTERSIGN_TEST_SAMPLE=PATH it writes its sample run there and
 * ends. */
#include "sample_run.h"
#include "store/json_file.h"
#include "store/result_json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

static char folder[] = "/tmp/test_store_result.XXXXXX";

static const char *in_folder(const char *name) {
    static char path[2][256];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static char *read_all(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = NULL;
    FILE *memory = open_memstream(&text, size);
    for (int byte; (byte = getc(file)) != EOF;)
        putc(byte, memory);
    fclose(file);
    fclose(memory);
    return text;
}

static void write_all(const char *path, const char *text, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static size_t count_entries(const char *path) {
    DIR *entries = opendir(path);
    assert_non_null(entries);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(entries));)
        count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(entries);
    return count;
}

static void save_sample(const char *path) {
    struct run run;
    struct problem problem = {""};
    assert_int_equal(fill_sample_run(&run), 0);
    int error = run_save(&run, path, &problem);
    run_clear(&run);
    assert_string_equal(problem.text, "");
    assert_int_equal(error, 0);
}

static void test_same_bytes_again(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    save_sample(in_folder("first.json"));
    assert_int_equal(run_load(&run, in_folder("first.json"), &problem), 0);
    assert_int_equal(run_save(&run, in_folder("second.json"), &problem), 0);
    run_clear(&run);
    size_t first_size, second_size;
    char *first = read_all(in_folder("first.json"), &first_size);
    char *second = read_all(in_folder("second.json"), &second_size);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    free(first);
    free(second);
}

static void check_sample_measurement(const struct measurement *measurement) {
    const struct replicate *replicate = &measurement->replicates[0];
    assert_int_equal(measurement->arm_count, 3);
    assert_int_equal(measurement->arms[1].flags, CS_PARALLEL | CS_IO);
    assert_int_equal(measurement->arms[2].flags, CS_IO);
    assert_int_equal(measurement->arms[2].role, ARM_PLACEBO);
    assert_true(measurement->arms[1].invalid);
    assert_true(measurement->point.values[0].value == INT64_MAX);
    assert_string_equal(measurement->point.values[1].choice, "random");
    assert_string_equal(measurement->app_counters[1], "cache hits");
    assert_int_equal(measurement->replicate_count, 3);
    assert_true(replicate->seed == UINT64_MAX);
    assert_true(measurement->replicates[2].seed == UINT64_MAX - 2);
    assert_int_equal(replicate->rounds, 5);
    assert_null(replicate->ticks[1]);
    assert_true(replicate->ticks[2][0] == UINT64_MAX);
    assert_true(replicate->ticks[2][1] == 0);
    assert_true(replicate->ticks[2][4] == 1308);
    assert_int_equal(replicate->runs[1], 14);
    assert_int_equal(replicate->threads[1].cpu, -1);
    assert_int_equal(replicate->memory_node, -1);
    assert_true(replicate->counters[2][COUNTER_PAGE_FAULTS] == 0.1 * 2);
    assert_true(isnan(replicate->counters[2][COUNTER_CYCLES]));
    assert_true(replicate->counters[2][COUNTER_NATIVE_0] == 0.3 * 2);
    assert_string_equal(measurement->native_events[0], "perf::MINOR-FAULTS");
    assert_string_equal(measurement->counter_problem, "no file descriptor left");
    assert_true(thread_counts(replicate, 0, 1)[2] == 1e6 / 4);
    assert_true(isnan(thread_counts(replicate, 0, 1)[0]) && isnan(thread_counts(replicate, 2, 1)[2]));
    assert_true(isnan(replicate->app[0][0]));
    assert_true(replicate->app[0][1] == 1e-9 / 3);
    assert_true(isnan(replicate->resources[1].peak_rss_bytes));
    assert_true(replicate->noise.steal_share == 0.041);
    assert_true(isnan(replicate->noise.frequency_drift));
    assert_non_null(measurement->replicates[1].ticks[0]);
    assert_int_equal(measurement->replicates[1].rounds, 0);
}

static void check_sample_simulation(const struct measurement *measurement) {
    const struct simulation *simulation = &measurement->simulation;
    assert_string_equal(simulation->tool, "valgrind-3.19.0");
    assert_true(simulation->seed == UINT64_MAX);
    assert_true(simulation->scaled);
    assert_true(simulation->point.values[0].value == 4096);
    assert_true(simulation->items == 64);
    assert_non_null(simulation->arms);
    assert_true(simulation->arms[0].counts[COUNTER_INSTRUCTIONS] == 4096.5);
    assert_true(isnan(simulation->arms[0].counts[COUNTER_BRANCHES]));
    assert_true(simulation->arms[0].cycles_p95 == 1100);
    assert_true(isnan(simulation->arms[1].cycles));
    assert_string_equal(simulation->arms[1].reason, "invalid");
}

/* Files from before causes were kept have their words, and are written again as they were. */
static void test_without_causes(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    save_sample(in_folder("older.json"));
    json_t *json = json_load_file(in_folder("older.json"), 0, NULL);
    json_t *measurement = json_array_get(json_object_get(json, "measurements"), 0);
    json_t *arm = json_array_get(json_object_get(measurement, "arms"), 1);
    json_t *simulated =
        json_array_get(json_object_get(json_object_get(measurement, "simulation"), "arms"), 2);
    assert_string_equal(json_string_value(json_object_get(arm, "fault")), "wrong-answer");
    assert_string_equal(json_string_value(json_object_get(simulated, "cause")), "baseline-again");
    json_object_del(arm, "fault");
    json_object_del(simulated, "cause");
    json_object_del(json_array_get(json_object_get(json, "comparisons"), 0), "limit");
    json_object_del(json_array_get(json_object_get(json, "comparisons"), 0), "claims");
    json_object_set_new(arm, "reason", json_string("wrong answer from hash"));
    assert_int_equal(json_dump_file(json, in_folder("older.json"), JSON_REAL_PRECISION(17)), 0);
    assert_int_equal(run_load(&run, in_folder("older.json"), &problem), 0);
    assert_int_equal(arm_fault(&run.measurements[0].arms[1]), FAULT_WRONG_ANSWER);
    assert_int_equal(arm_fault(&run.measurements[0].arms[0]), FAULT_NONE);
    assert_int_equal(simulation_cause(&run.measurements[0].simulation, 2), SIMULATION_BASELINE_AGAIN);
    assert_int_equal(simulation_cause(&run.measurements[0].simulation, 0), SIMULATION_COUNTED);
    assert_int_equal(run.comparisons[0].limit.kind, LIMIT_NONE);
    assert_int_equal(run.comparisons[0].claim_count, 0);
    assert_int_equal(run.comparisons[1].claims[0].basis, CLAIM_NO_SOURCE);
    assert_true(isnan(run.comparisons[0].limit.times));
    assert_int_equal(run_save(&run, in_folder("again.json"), &problem), 0);
    run_clear(&run);
    json_t *again = json_load_file(in_folder("again.json"), 0, NULL);
    assert_true(json_equal(json, again));
    json_decref(again);
    json_decref(json);
}

/* Numbers of a cause are in files where it has them, and nowhere else. */
static void test_numbers_of_causes(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    save_sample(in_folder("numbers.json"));
    assert_int_equal(run_load(&run, in_folder("numbers.json"), &problem), 0);
    struct simulation *simulation = &run.measurements[0].simulation;
    const struct simulation_numbers numbers = {.threads = 2,
                                               .seconds = 3,
                                               .share = 0.25,
                                               .rate = 20.5,
                                               .portable = 4,
                                               .native = 0.5,
                                               .count = 6,
                                               .smaller = 7,
                                               .event = COUNTER_BRANCHES};
    simulation->numbers.seconds = 9;
    simulation->arms[1].numbers = numbers;
    assert_int_equal(run_save(&run, in_folder("numbers.json"), &problem), 0);
    run_clear(&run);
    json_t *json = json_load_file(in_folder("numbers.json"), 0, NULL);
    json_t *written = json_object_get(json_array_get(json_object_get(json, "measurements"), 0), "simulation");
    assert_true(json_number_value(json_object_get(written, "seconds")) == 9);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(written, "arms"), 1), "event")),
        "branches");
    assert_null(json_object_get(json_array_get(json_object_get(written, "arms"), 2), "threads"));
    assert_null(json_object_get(json_array_get(json_object_get(written, "arms"), 2), "event"));
    json_decref(json);
    assert_int_equal(run_load(&run, in_folder("numbers.json"), &problem), 0);
    const struct simulation_numbers *read = &run.measurements[0].simulation.arms[1].numbers;
    assert_memory_equal(read, &numbers, offsetof(struct simulation_numbers, event));
    assert_int_equal(read->event, numbers.event);
    assert_true(run.measurements[0].simulation.numbers.seconds == 9);
    run_clear(&run);
}

/* What an arm was refused for is in a file where it was, and nowhere else. */
static void test_what_an_arm_was_refused_for(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    save_sample(in_folder("refused.json"));
    assert_int_equal(run_load(&run, in_folder("refused.json"), &problem), 0);
    struct arm *arms = run.measurements[0].arms;
    const struct arm_why why = {.cause = CAUSE_ANOTHER_ANSWER,
                                .variant = "b",
                                .placebo = true,
                                .client = 2,
                                .error = 5,
                                .run_ns = 1,
                                .other_ns = 2,
                                .runs = 3,
                                .other_runs = 4,
                                .items = 5,
                                .count = 6,
                                .most = 7,
                                .answer = {.output = "sum",
                                           .index = INT64_MAX,
                                           .got = "8",
                                           .expected = "9",
                                           .advice = "sort",
                                           .by_check = true,
                                           .among_timed = true,
                                           .from_before = true,
                                           .seed = UINT64_MAX},
                                .said = "so"};
    arms[1].why = why;
    arms[2].why = (struct arm_why){.cause = CAUSE_OUTPUTS_EMPTY, .variant = "c"};
    assert_int_equal(run_save(&run, in_folder("refused.json"), &problem), 0);
    run_clear(&run);
    json_t *json = json_load_file(in_folder("refused.json"), 0, NULL);
    json_t *written = json_object_get(json_array_get(json_object_get(json, "measurements"), 0), "arms");
    assert_null(json_object_get(json_array_get(written, 0), "why"));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(json_array_get(written, 1), "why"), "cause")),
        "another-answer");
    assert_int_equal(json_object_size(json_object_get(json_array_get(written, 2), "why")), 3);
    json_decref(json);
    assert_int_equal(run_load(&run, in_folder("refused.json"), &problem), 0);
    const struct arm_why *read = &run.measurements[0].arms[1].why;
    assert_int_equal(read->cause, why.cause);
    assert_string_equal(read->variant, why.variant);
    assert_true(read->placebo && read->client == 2 && read->error == 5);
    assert_memory_equal(&read->run_ns, &why.run_ns,
                        offsetof(struct arm_why, answer) - offsetof(struct arm_why, run_ns));
    assert_memory_equal(&read->answer, &why.answer, sizeof why.answer);
    assert_string_equal(read->said, why.said);
    assert_int_equal(run.measurements[0].arms[0].why.cause, CAUSE_NONE);
    run_clear(&run);
}

/* Files from before there was simulation hold nothing of it. */
static void test_without_simulation(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    save_sample(in_folder("older.json"));
    json_t *json = json_load_file(in_folder("older.json"), 0, NULL);
    json_object_del(json_array_get(json_object_get(json, "measurements"), 0), "simulation");
    json_object_del(json_object_get(json, "settings"), "simulate");
    json_object_del(json_object_get(json, "settings"), "simulation_budget_s");
    assert_int_equal(json_dump_file(json, in_folder("older.json"), JSON_REAL_PRECISION(17)), 0);
    json_decref(json);
    assert_int_equal(run_load(&run, in_folder("older.json"), &problem), 0);
    assert_false(run.settings.simulate);
    assert_null(run.measurements[0].simulation.arms);
    assert_string_equal(run.measurements[0].simulation.tool, "");
    run_clear(&run);
}

/* Nor of crossovers, nor have their counters intervals of their own. */
static void test_without_crossovers(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    save_sample(in_folder("older.json"));
    json_t *json = json_load_file(in_folder("older.json"), 0, NULL);
    json_t *comparison = json_array_get(json_object_get(json, "comparisons"), 0);
    json_t *counter = json_array_get(json_object_get(comparison, "counters"), 1);
    json_object_del(json, "crossovers");
    json_object_del(json, "growth");
    json_object_del(json, "scaling");
    assert_int_equal(json_object_del(counter, "baseline_interval"), 0);
    assert_int_equal(json_object_del(counter, "candidate_interval"), 0);
    assert_int_equal(json_dump_file(json, in_folder("older.json"), JSON_REAL_PRECISION(17)), 0);
    json_decref(json);
    assert_int_equal(run_load(&run, in_folder("older.json"), &problem), 0);
    assert_int_equal(run.crossover_count + run.growth_count + run.scaling_count, 0);
    const struct counter_result *read = &run.comparisons[0].counters[1];
    assert_true(read->baseline == 2 && isnan(read->baseline_interval.estimate));
    assert_true(isnan(read->candidate_interval.low) && isnan(read->candidate_interval.high));
    run_clear(&run);
}

/* Nor of what was drawn: read as not known, and as a fixed design. */
static void test_without_draws(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    save_sample(in_folder("older.json"));
    json_t *json = json_load_file(in_folder("older.json"), 0, NULL);
    json_t *comparison = json_array_get(json_object_get(json, "comparisons"), 0);
    json_t *speedup = json_object_get(comparison, "speedup");
    static const char *const keys[] = {"replicates", "units", "missed_share", "neighbours", "kinds"};
    assert_true(fabs(json_real_value(json_object_get(speedup, "missed_share")) - 0.1707) < 1e-4);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(json_object_del(speedup, keys[i]), 0);
    assert_int_equal(json_object_del(json_object_get(comparison, "target"), "p_value"), 0);
    assert_int_equal(json_object_del(json_object_get(json, "settings"), "design"), 0);
    assert_int_equal(json_dump_file(json, in_folder("older.json"), JSON_REAL_PRECISION(17)), 0);
    json_decref(json);
    assert_int_equal(run_load(&run, in_folder("older.json"), &problem), 0);
    const struct comparison *read = &run.comparisons[0];
    assert_string_equal(run.settings.design, "");
    assert_true(read->replicates == 0 && read->units == 0 && isnan(read->target_p_value));
    assert_true(isnan(read->serial.p_value) && read->kinds.high_count == 0 && isnan(read->kinds.low));
    run_clear(&run);
}

static void check_sample_draws(const struct run *run) {
    const struct comparison *read = &run->comparisons[0];
    assert_string_equal(run->settings.design, "sequential");
    assert_true(read->replicates == 32 && read->units == 16 && read->target_p_value == 0.125);
    assert_true(read->serial.p_value == 0.25 && read->serial.correlation == -0.5);
    assert_true(read->kinds.low_count == 13 && read->kinds.high_count == 3);
    assert_true(read->kinds.low == 1.5 && read->kinds.high == 3);
}

static void check_sample_crossover(const struct run *run) {
    assert_int_equal(run->crossover_count, 1);
    const struct crossover_prediction *crossover = run->crossovers;
    assert_string_equal(crossover->candidate, "hash");
    assert_string_equal(crossover->point.values[0].name, "hit");
    assert_true(crossover->low == 16 && crossover->high == 64.5);
    assert_true(crossover->first == INT64_MIN && crossover->last == 65536);
    assert_int_equal(crossover->outcome, MECHANISM_UNEXPLAINED);
    assert_string_equal(crossover->text, "it wins at n = 8 already");
    assert_true(run->comparisons[0].counters[1].baseline_interval.high == 2.5);
}

static void check_sample_fits(const struct run *run) {
    assert_int_equal(run->growth_count, 1);
    const struct growth_fit *growth = run->growth;
    assert_string_equal(growth->parameter, "n");
    assert_string_equal(growth->point.values[0].name, "hit");
    assert_true(growth->first == 4 && growth->last == 65536 && growth->sizes == 5 && growth->fit.points == 5);
    assert_int_equal(growth->fit.best, GROWTH_LOG);
    assert_true(growth->fit.misfit[GROWTH_LOG] == 0.0625 && growth->fit.possible[GROWTH_LOG]);
    assert_true(isnan(growth->fit.misfit[GROWTH_SQUARE]) && !growth->fit.possible[GROWTH_SQUARE]);
    assert_true(growth->fit.step.low == -0.5 && isnan(growth->fit.fixed.estimate));
    assert_string_equal(growth->predicted, "n²");
    assert_int_equal(growth->outcome, MECHANISM_UNEXPLAINED);
    assert_int_equal(run->scaling_count, 1);
    assert_true(run->scaling->fit.points == 2 && run->scaling->fit.most_threads == 8);
    assert_true(run->scaling->fit.serial.estimate == -0.125 && isnan(run->scaling->fit.serial.low));
    assert_true(isnan(run->scaling->fit.peak.estimate));
    assert_string_equal(run->scaling->text, "Amdahl");
}

static void test_values_come_back(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    save_sample(in_folder("values.json"));
    assert_int_equal(run_load(&run, in_folder("values.json"), &problem), 0);
    assert_string_equal(run.command, "countersign run 'caf\xc3\xa9' ?");
    assert_false(run.complete);
    check_sample_draws(&run);
    assert_true(run.settings.seed == UINT64_MAX);
    assert_string_equal(run.settings.build, "native");
    assert_true(run.host.core.cycles_per_tick == 1.0 / 3);
    assert_true(isnan(run.host.core.disagreement));
    assert_int_equal(run.host.perf_event_paranoid, -1);
    assert_int_equal(run.counter_plan.entries[COUNTER_PAGE_FAULTS].source, SOURCE_SW);
    assert_true(run.counter_plan.entries[COUNTER_PAGE_FAULTS].relative_error == 1e-300);
    assert_ptr_equal(run_plan_of(&run, "lookup-hash-vs-linear"), &run.counter_plan);
    const struct counter_plan *own = run_plan_of(&run, "two-level-cache");
    assert_string_equal(own->native_events[1], "perf::MAJOR-FAULTS");
    assert_string_equal(counter_plan_name(&run.counter_plan, COUNTER_NATIVE_0 + 1), "");
    assert_int_equal(run.measurement_count, 2);
    check_sample_measurement(&run.measurements[0]);
    check_sample_crossover(&run);
    check_sample_fits(&run);
    check_sample_simulation(&run.measurements[0]);
    assert_null(run.measurements[1].simulation.arms);
    assert_int_equal(run.measurements[1].replicate_count, 0);
    assert_int_equal(run.comparison_count, 2);
    assert_int_equal(run.comparisons[0].verdict, VERDICT_INVALID);
    assert_true(isnan(run.comparisons[0].speedup.estimate));
    assert_string_equal(run.comparisons[0].case_title, "Hash table against \"linear\" search\n");
    assert_int_equal(run.comparisons[1].verdict, VERDICT_FASTER);
    assert_true(run.comparisons[1].speedup.low == 1.4);
    assert_true(run.comparisons[1].counters[1].ratio.high == 0.06);
    assert_int_equal(run.skipped_count, 2);
    assert_int_equal(run.skipped[0].point.count, 0);
    assert_string_equal(run.skipped[1].variant, "hash");
    run_clear(&run);
}

static void test_empty_run(void **state) {
    (void)state;
    struct run run = {.settings.looks = 1};
    struct problem problem = {""};
    assert_int_equal(run_save(&run, in_folder("empty_run.json"), &problem), 0);
    assert_int_equal(run_load(&run, in_folder("empty_run.json"), &problem), 0);
    assert_int_equal(run.measurement_count, 0);
    run_clear(&run);
}

static void test_print_is_what_save_writes(void **state) {
    (void)state;
    struct run run;
    char *printed = NULL;
    size_t size, saved_size;
    save_sample(in_folder("saved.json"));
    assert_int_equal(fill_sample_run(&run), 0);
    FILE *memory = open_memstream(&printed, &size);
    assert_int_equal(run_print_json(&run, memory), 0);
    fclose(memory);
    char *saved = read_all(in_folder("saved.json"), &saved_size);
    assert_int_equal(size, saved_size);
    assert_memory_equal(printed, saved, size);
    FILE *full = fopen("/dev/full", "w");
    assert_int_equal(run_print_json(&run, full), -ENOSPC);
    fclose(full);
    run_clear(&run);
    free(printed);
    free(saved);
}

static void test_gzip(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    size_t size;
    save_sample(in_folder("plain.json"));
    char *text = read_all(in_folder("plain.json"), &size);
    gzFile file = gzopen(in_folder("packed.json.gz"), "wb");
    assert_int_equal(gzwrite(file, text, (unsigned)size), size);
    gzclose(file);
    free(text);
    assert_int_equal(run_load(&run, in_folder("packed.json.gz"), &problem), 0);
    assert_int_equal(run.measurement_count, 2);
    run_clear(&run);

    text = read_all(in_folder("packed.json.gz"), &size);
    write_all(in_folder("cut.json.gz"), text, size / 2);
    text[size / 2] ^= 0x55;
    write_all(in_folder("damaged.json.gz"), text, size);
    free(text);
    assert_int_equal(run_load(&run, in_folder("cut.json.gz"), &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "gzip data is damaged or cut short"));
    assert_int_equal(run_load(&run, in_folder("damaged.json.gz"), &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "gzip data is damaged or cut short"));
}

/* Text that compresses to nothing: of more values, or bytes, than any run has. */
static void test_too_large(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    static char zeros[1 << 20];
    gzFile file = gzopen(in_folder("values.json.gz"), "wb1");
    gzputs(file, "{\"schema\": [0");
    for (size_t i = 0; i + 1 < sizeof zeros; i += 2)
        memcpy(zeros + i, ",0", 2);
    for (int i = 0; i < 4; i++)
        gzwrite(file, zeros, sizeof zeros);
    gzclose(file);
    assert_int_equal(run_load(&run, in_folder("values.json.gz"), &problem), -EFBIG);
    assert_non_null(strstr(problem.text, "too many values"));
    file = gzopen(in_folder("bytes.json.gz"), "wb1");
    memset(zeros, ' ', sizeof zeros);
    for (int i = 0; i < 257; i++)
        gzwrite(file, zeros, sizeof zeros);
    gzclose(file);
    assert_int_equal(run_load(&run, in_folder("bytes.json.gz"), &problem), -EFBIG);
    assert_non_null(strstr(problem.text, "too many bytes"));
}

/* A pipe without a writer is not waited for. */
static void test_pipes(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    assert_int_equal(run_load(&run, in_folder("pipe"), &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "empty"));
}

static void test_standard_input(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    save_sample(in_folder("stdin.json"));
    int kept = dup(STDIN_FILENO), file = open(in_folder("stdin.json"), O_RDONLY);
    dup2(file, STDIN_FILENO);
    int error = run_load(&run, "-", &problem);
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(file);
    assert_int_equal(error, 0);
    assert_string_equal(run.id, "20261120T112310Z-4f2a");
    run_clear(&run);
}

/* The value at "comparisons[1].speedup.low", and its parent to replace it in. */
static void replace_at(json_t *json, const char *path, json_t *value) {
    char copy[256], *next = copy;
    strcpy(copy, path);
    for (;;) {
        char *name = next;
        size_t length = *name == '[' ? strcspn(name, "]") + 1 : strcspn(name, ".[");
        bool last = !name[length];
        next = name + length + (name[length] == '.');
        name[length] = 0;
        bool element = *name == '[';
        size_t index = element ? strtoul(name + 1, NULL, 10) : 0;
        if (last) {
            assert_non_null(element ? json_array_get(json, index) : json_object_get(json, name));
            if (!value)
                json_object_del(json, name);
            else
                assert_int_equal(element ? json_array_set_new(json, index, value)
                                         : json_object_set_new(json, name, value),
                                 0);
            return;
        }
        json = element ? json_array_get(json, index) : json_object_get(json, name);
        assert_non_null(json);
        if (next == name + length) /* the byte that was cut is '[': step back onto it */
            *next = '[';
    }
}

/* Loads the sample with one value replaced (by JSON text; NULL: removed) and expects a refusal in these
 * words. */
static void expect_refusal(const char *path, const char *value, const char *expected) {
    struct run run;
    struct problem problem = {""};
    char wanted[512];
    json_t *json = json_load_file(in_folder("sample.json"), 0, NULL);
    assert_non_null(json);
    json_t *replacement = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
    assert_true(!value || replacement);
    replace_at(json, path, replacement);
    assert_int_equal(json_dump_file(json, in_folder("variant.json"), JSON_REAL_PRECISION(17)), 0);
    json_decref(json);
    snprintf(wanted, sizeof wanted, "%s: %s", in_folder("variant.json"), expected);
    int error = run_load(&run, in_folder("variant.json"), &problem);
    assert_string_equal(problem.text, wanted);
    assert_int_equal(error, -EINVAL);
}

static void test_refusals_name_the_place(void **state) {
    (void)state;
    static const struct {
        const char *path, *value, *expected;
    } rows[] = {
        {"schema", "\"countersign.run/2\"",
         "schema: expected \"countersign.run/1\", got \"countersign.run/2\": the file was written by another "
         "version "
         "of countersign"},
        {"schema", "\"other\"",
         "schema: expected \"countersign.run/1\", got \"other\": this is not a result file of countersign"},
        {"schema", "1", "schema: expected \"countersign.run/1\", got an integer"},
        {"schema", NULL, "schema: missing"},
        {"id", "7", "id: expected a string, got an integer"},
        {"started", "\"0123456789012345678901234567890123456789\"",
         "started: expected at most 31 bytes of text, got 40"},
        {"duration_s", "null", "duration_s: expected a number, got null"},
        {"duration_s", "-1", "duration_s: expected a number of at least 0, got -1"},
        {"command", "[]", "command: expected a string, got an array"},
        {"complete", "\"yes\"", "complete: expected true or false, got a string"},
        {"host", "[]", "host: expected an object, got an array"},
        {"host.topology.cores", "-1",
         "host.topology.cores: expected an integer from 0 to 4294967295, got -1"},
        {"host.topology.l3_bytes", "1.5",
         "host.topology.l3_bytes: expected an integer, got a number with a fraction"},
        {"host.aslr", "3000000000",
         "host.aslr: expected an integer from -2147483648 to 2147483647, got 3000000000"},
        {"host.clock.tsc", NULL, "host.clock.tsc: missing"},
        {"settings.seed", "12", "settings.seed: expected a string of decimal digits, got an integer"},
        {"settings.seed", "\"18446744073709551616\"",
         "settings.seed: expected a string of decimal digits below 2^64, got \"18446744073709551616\""},
        {"settings.seed", "\"-1\"",
         "settings.seed: expected a string of decimal digits below 2^64, got \"-1\""},
        {"settings.seed", "\"\"", "settings.seed: expected a string of decimal digits below 2^64, got \"\""},
        {"settings.confidence", "1.5", "settings.confidence: expected a number from 0 to 1, got 1.5"},
        {"counter_plan.events.cycles", NULL, "counter_plan.events.cycles: missing"},
        {"counter_plan.events.cycles.source", "\"magic\"",
         "counter_plan.events.cycles.source: expected one of none, hw, hw-generic, sw, clock, sim, harness, app, got "
         "\"magic\""},
        {"crossovers[0].outcome", "\"held\"",
         "crossovers[0].outcome: expected one of none, explained, unexplained, unmeasured, got \"held\""},
        {"crossovers[0].range.low", "65", "crossovers[0].range: low 65 is above high 64.5"},
        {"crossovers[0].range.first", "65537", "crossovers[0].range: first 65537 is above last 65536"},
        {"crossovers[0].range", NULL, "crossovers[0].range: missing"},
        {"comparisons", "{}", "comparisons: expected an array, got an object"},
        {"comparisons[1]", "3", "comparisons[1]: expected an object, got an integer"},
        {"comparisons[1].speedup.low", "\"1.4\"",
         "comparisons[1].speedup.low: expected a number or null, got a string"},
        {"comparisons[1].speedup.low", "1.9", "comparisons[1].speedup: low 1.9 is above high 1.6"},
        {"comparisons[1].speedup.low", "-2",
         "comparisons[1].speedup.low: expected a number of at least 0, got -2"},
        {"settings.delta", "1e10", "settings.delta: expected a number from 0 to 1, got 1e+10"},
        {"comparisons[1].verdict", "\"best\"",
         "comparisons[1].verdict: expected one of invalid, faster, slower, equivalent, inconclusive, got "
         "\"best\""},
        {"comparisons[1].measurement", "2", "comparisons[1]: measurement 2 does not exist, there are 2"},
        {"comparisons[0].candidate_arm", "3", "comparisons[0]: arms 0 and 3, but measurement 0 has 3"},
        {"comparisons[0].candidate_arm", "0", "comparisons[0]: arm 0 is compared with itself"},
        {"comparisons[0].counters[1].ratio.high", "0.01",
         "comparisons[0].counters[1].ratio: low 0.04 is above high 0.01"},
        {"comparisons[0].point.n.value", "\"many\"",
         "comparisons[0].point.n.value: expected an integer, got a string"},
        {"skipped[1].point", "[1]", "skipped[1].point: expected an object, got an array"},
        {"measurements[0].arms[2].role", "\"twin\"",
         "measurements[0].arms[2].role: expected one of baseline, candidate, placebo, got \"twin\""},
        {"measurements[0].arms[2].io", "1",
         "measurements[0].arms[2].io: expected true or false, got an integer"},
        {"measurements[0].app_counters", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]",
         "measurements[0].app_counters: expected at most 8 names, got 9"},
        {"measurements[1].native_events", "[\"perf::MAJOR-FAULTS\"]",
         "measurements[1].native_events: impossible: not the native events of the counter plan of case "
         "lookup-hash-vs-linear"},
        {"case_counter_plans[0].counter_plan.sets", NULL, "case_counter_plans[0].counter_plan.sets: missing"},
        {"measurements[0].native_events", "[\"A\",\"B\",\"C\",\"D\",\"E\",\"F\",\"G\",\"H\",\"I\"]",
         "measurements[0].native_events: expected at most 8 names, got 9"},
        {"measurements[0].replicates[0].samples[0].threads.task-clock", "[1]",
         "measurements[0].replicates[0].samples[0].threads.task-clock: expected a number for each of 2 "
         "threads, "
         "got 1"},
        {"measurements[0].replicates[0].samples[0].threads", "{\"page-faults\": [1, 2]}",
         "measurements[0].replicates[0].samples[0].threads.page-faults: not an event that is counted thread "
         "by "
         "thread"},
        {"measurements[0].replicates[0].samples[0].counters", "{\"perf::OTHER\": 1}",
         "measurements[0].replicates[0].samples[0].counters.perf::OTHER: no such counter; `countersign list` "
         "shows "
         "them"},
        {"measurements[0].app_counters[0]", "\"\"",
         "measurements[0].app_counters[0]: expected a name, got an empty string"},
        {"measurements[0].replicates[2].rounds", "4",
         "measurements[0].replicates[2].samples[0].ticks: expected 4 integers, got more"},
        {"measurements[0].replicates[2].rounds", "6",
         "measurements[0].replicates[2].samples[0].ticks: expected 6 integers, got 5"},
        {"measurements[0].replicates[2].rounds", "9223372036854775807",
         "measurements[0].replicates[2].samples[0].ticks: expected 9223372036854775807 integers, got fewer"},
        {"measurements[0].replicates[2].threads[1].cpu", "{}",
         "measurements[0].replicates[2].threads[1].cpu: expected an integer, got an object"},
        {"measurements[0].replicates[2].samples", "[]",
         "measurements[0].replicates[2].samples: expected one element for each of 3 arms, got 0"},
        {"measurements[0].replicates[2].samples", "7",
         "measurements[0].replicates[2].samples: expected an array, got an integer"},
        {"measurements[0].replicates[2].samples[1].arm", "2",
         "measurements[0].replicates[2].samples[1]: expected the sample of arm 1, got arm 2"},
        {"measurements[0].replicates[2].samples[0].ticks", "\"1 2 3 4 x\"",
         "measurements[0].replicates[2].samples[0].ticks: expected an unsigned 64-bit integer as number 5, "
         "got "
         "\"x\""},
        {"measurements[0].replicates[2].samples[0].ticks", "\"1  2 3 4 5\"",
         "measurements[0].replicates[2].samples[0].ticks: expected an unsigned 64-bit integer as number 2, "
         "got "
         "\" 2 3 4 5\""},
        {"measurements[0].replicates[2].samples[0].ticks", "\"1 2 3 4 05\"",
         "measurements[0].replicates[2].samples[0].ticks: expected an unsigned 64-bit integer as number 5, "
         "got "
         "\"05\""},
        {"measurements[0].replicates[2].samples[0].ticks", "\"1 2 3 4 18446744073709551616\"",
         "measurements[0].replicates[2].samples[0].ticks: expected an unsigned 64-bit integer as number 5, "
         "got "
         "\"18446744073709551616\""},
        {"measurements[0].replicates[2].samples[0].ticks", "\"1 2 3 4 5 \"",
         "measurements[0].replicates[2].samples[0].ticks: expected 5 integers, got more"},
        {"measurements[0].replicates[2].samples[0].ticks", "[1, 2, 3, 4, 5]",
         "measurements[0].replicates[2].samples[0].ticks: expected a string of integers, or null, got an "
         "array"},
        {"measurements[0].replicates[2].samples[0].counters", "{\"page-fault\": 1}",
         "measurements[0].replicates[2].samples[0].counters.page-fault: no such counter; `countersign list` "
         "shows "
         "them"},
        {"measurements[0].replicates[2].samples[0].counters", "{\"page-faults\": null}",
         "measurements[0].replicates[2].samples[0].counters.page-faults: expected a number, got null"},
        {"measurements[0].replicates[2].samples[0].app", "{\"misses\": 1}",
         "measurements[0].replicates[2].samples[0].app.misses: not among the measurement's app_counters"},
        {"measurements[0].simulation.arms", "[1, 2]",
         "measurements[0].simulation.arms: expected none or 3, one for each arm, got 2"},
        {"measurements[0].simulation.arms[2].cycles", "\"many\"",
         "measurements[0].simulation.arms[2].cycles: expected a number or null, got a string"},
        {"measurements[0].simulation.seed", "7",
         "measurements[0].simulation.seed: expected a string of decimal digits, got an integer"},
        {"measurements[0].replicates[0].noise.wall_s", "true",
         "measurements[0].replicates[0].noise.wall_s: expected a number or null, got a boolean"},
    };
    save_sample(in_folder("sample.json"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refusal(rows[i].path, rows[i].value, rows[i].expected);
}

static void test_impossible_values(void **state) {
    (void)state;
    static const struct {
        const char *path, *value, *expected;
    } rows[] = {
        {"started", "\"2026-20-11 11:23\"",
         "started: impossible: expected a time as 2026-11-20T11:23:10Z, got \"2026-20-11 11:23\""},
        {"comparisons[1].speedup.estimate", "1e300",
         "comparisons[1].speedup.estimate: impossible: expected a number below 2^63, got 1e+300"},
        {"comparisons[1].speedup.estimate", "1e13",
         "comparisons[1].speedup.estimate: expected a number from 1e-12 to 1e+12, got 1e+13"},
        {"comparisons[1].speedup.estimate", "1.3",
         "comparisons[1].speedup: impossible: low 1.4 is above estimate 1.3"},
        {"comparisons[1].speedup.estimate", "null",
         "comparisons[1].speedup: impossible: an interval without its estimate"},
        {"comparisons[1].placebo.estimate", "2",
         "comparisons[1].placebo: impossible: estimate 2 is above high 1.0005"},
        {"comparisons[1].baseline_time_ns.median", "-5",
         "comparisons[1].baseline_time_ns.median: expected a number of at least 0, got -5"},
        {"comparisons[1].baseline_time_ns.median", "3",
         "comparisons[1].baseline_time_ns: impossible: median 3 is above p95 2"},
        {"comparisons[1].counters[1].baseline", "1e20",
         "comparisons[1].counters[1].baseline: impossible: expected a number below 2^63, got 1e+20"},
        {"comparisons[1].counters[1].ratio.estimate", "1",
         "comparisons[1].counters[1].ratio: impossible: estimate 1 is above high 0.06"},
        {"comparisons[0].verdict", "\"faster\"",
         "comparisons[0].verdict: impossible: faster, but measurement 0 says that an arm is invalid"},
        {"comparisons[1].verified", "\"wrong\"",
         "comparisons[1].verdict: impossible: faster with a wrong answer"},
        {"settings.replicates", "2", "measurements[0].replicates: impossible: 3, but the settings allow 2"},
        {"measurements[0].replicates[0].threads[1].cpu", "0",
         "measurements[0].replicates[0].threads[1]: impossible: threads 0 and 1 are both bound to CPU 0"},
        {"measurements[0].replicates[0].threads[1].thread", "-4",
         "measurements[0].replicates[0].threads[1]: impossible: thread -4 on CPU -1"},
        {"measurements[0].replicates[0].samples[2].runs", "0",
         "measurements[0].replicates[0].samples[2]: impossible: samples of 0 runs"},
        {"measurements[0].replicates[0].samples[2].latency_ns.max", "1",
         "measurements[0].replicates[0].samples[2].latency_ns: impossible: p99 1234.5 is above max 1"},
        {"measurements[0].replicates[0].samples[2].counters.page-faults", "-1",
         "measurements[0].replicates[0].samples[2].counters.page-faults: impossible: a count of -1"},
        {"measurements[0].replicates[0].samples[2].counters.page-faults", "9223372036854775807",
         "measurements[0].replicates[0].samples[2].counters.page-faults: impossible: expected a number below "
         "2^63, "
         "got 9.22337e+18"},
        {"measurements[0].replicates[0].samples[0].threads.task-clock[1]", "-1",
         "measurements[0].replicates[0].samples[0].threads.task-clock[1]: impossible: a count of -1"},
        {"measurements[0].replicates[0].noise.wall_s", "-1",
         "measurements[0].replicates[0].noise.wall_s: expected a number of at least 0, got -1"},
        {"measurements[0].items", "1e300",
         "measurements[0].items: impossible: expected a number below 2^63, got 1e+300"},
    };
    save_sample(in_folder("sample.json"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refusal(rows[i].path, rows[i].value, rows[i].expected);
}

/* A pool of as many workers as the point has threads, and the thread that asks them. */
static void test_more_threads_than_cpus_are_read_again(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    assert_int_equal(fill_sample_run(&run), 0);
    struct measurement *measurement = &run.measurements[0];
    struct point_value *threads = &measurement->point.values[measurement->point.count - 1];
    assert_string_equal(threads->name, "threads");
    threads->value = 1;
    for (size_t i = 0; i < measurement->replicates[0].thread_count; i++)
        measurement->replicates[0].threads[i].cpu = 3;
    assert_true(measurement->replicates[0].thread_count > 1);
    assert_int_equal(run_save(&run, in_folder("pool.json"), &problem), 0);
    run_clear(&run);
    if (run_load(&run, in_folder("pool.json"), &problem))
        fail_msg("%s", problem.text);
    run_clear(&run);
}

/* Infinite for whoever reads the file; written as absent, as it can be read then. */
static void test_unbounded_intervals_are_read_again(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    assert_int_equal(fill_sample_run(&run), 0);
    run.comparisons[1].speedup.high = 1e200;
    assert_int_equal(run_save(&run, in_folder("unbounded.json"), &problem), 0);
    run_clear(&run);
    assert_int_equal(run_load(&run, in_folder("unbounded.json"), &problem), 0);
    assert_true(isnan(run.comparisons[1].speedup.high));
    run_clear(&run);
}

/* Another value of the same kind. */
static json_t *changed(const json_t *leaf) {
    char text[4096];
    switch (json_typeof(leaf)) {
    case JSON_STRING:
        snprintf(text, sizeof text, "%sx", json_string_value(leaf));
        return json_string(text);
    case JSON_INTEGER:
        return json_integer(json_integer_value(leaf) ^ 1);
    case JSON_REAL:
        return json_real(json_real_value(leaf) * (1 + 1e-15) + 1e-320);
    case JSON_NULL:
        return json_real(0.5);
    default:
        return json_boolean(!json_is_true(leaf));
    }
}

/* 1 where the whole document is refused, or read and known to be changed. */
static size_t is_noticed(const json_t *document) {
    struct run run;
    struct problem problem = {""};
    assert_int_equal(json_dump_file(document, in_folder("mutant.json"), JSON_REAL_PRECISION(17)), 0);
    if (run_load(&run, in_folder("mutant.json"), &problem))
        return 1;
    bool sound = digest_is_sound(&run.digest);
    run_clear(&run);
    return !sound;
}

/* Changes, and removes, every leaf below `value` in turn. */
static void mutate(json_t *document, json_t *value, size_t *leaves, size_t *noticed) {
    json_t *members = json_is_object(value) ? json_copy(value) : json_object(), *inner = NULL;
    const char *key = NULL;
    size_t i = 0;
    json_object_foreach(members, key, inner) {
        if (json_is_object(inner) || json_is_array(inner)) {
            mutate(document, inner, leaves, noticed);
            continue;
        }
        json_object_set_new(value, key, changed(inner));
        *noticed += is_noticed(document);
        json_object_del(value, key);
        *noticed += is_noticed(document);
        json_object_set(value, key, inner);
        *leaves += 2;
    }
    json_array_foreach(value, i, inner) {
        if (json_is_object(inner) || json_is_array(inner)) {
            mutate(document, inner, leaves, noticed);
            continue;
        }
        json_incref(inner);
        json_array_set_new(value, i, changed(inner));
        *noticed += is_noticed(document);
        json_array_set_new(value, i, inner);
        ++*leaves;
    }
    json_decref(members);
}

/* The version, too: it says whether there has to be a digest. */
static void test_every_change_shows(void **state) {
    (void)state;
    size_t leaves = 0, noticed = 0;
    struct run run;
    struct problem problem = {""};
    assert_int_equal(fill_sample_run(&run), 0);
    strcpy(run.version, "0.2.0");
    assert_int_equal(run_save(&run, in_folder("whole.json"), &problem), 0);
    run_clear(&run);
    json_t *document = json_load_file(in_folder("whole.json"), 0, NULL);
    assert_int_equal(is_noticed(document), 0);
    mutate(document, document, &leaves, &noticed);
    json_decref(document);
    assert_in_range(leaves, 1000, 100000);
    assert_int_equal(noticed, leaves);
}

/* Layout is none of what a digest is of; where it was changed, writing it again does not vouch for it. */
static void test_digests(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    save_sample(in_folder("sound.json"));
    json_t *document = json_load_file(in_folder("sound.json"), 0, NULL);
    json_dump_file(document, in_folder("other.json"), JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
    assert_int_equal(run_load(&run, in_folder("other.json"), &problem), 0);
    assert_int_equal(run.digest.state, DIGEST_HOLDS);
    run_clear(&run);

    json_object_set_new(document, "id", json_string("another"));
    json_dump_file(document, in_folder("broken.json"), JSON_REAL_PRECISION(17));
    assert_int_equal(run_load(&run, in_folder("broken.json"), &problem), 0);
    assert_int_equal(run.digest.state, DIGEST_BROKEN);
    assert_int_equal(run_save(&run, in_folder("again.json"), &problem), 0);
    run_clear(&run);
    assert_int_equal(run_load(&run, in_folder("again.json"), &problem), 0);
    assert_int_equal(run.digest.state, DIGEST_BROKEN);
    run_clear(&run);

    json_object_del(document, "digest");
    json_dump_file(document, in_folder("without.json"), JSON_REAL_PRECISION(17));
    assert_int_equal(run_load(&run, in_folder("without.json"), &problem), 0);
    assert_int_equal(run.digest.state, DIGEST_ABSENT); /* the sample says that it is of 0.1.0 */
    run_clear(&run);
    json_object_set_new(document, "version", json_string("1.0.0"));
    json_dump_file(document, in_folder("removed.json"), JSON_REAL_PRECISION(17));
    assert_int_equal(run_load(&run, in_folder("removed.json"), &problem), 0);
    assert_int_equal(run.digest.state, DIGEST_REMOVED);
    assert_int_equal(run_save(&run, in_folder("again.json"), &problem), 0);
    run_clear(&run);
    assert_int_equal(run_load(&run, in_folder("again.json"), &problem), 0);
    assert_int_equal(run.digest.state, DIGEST_REMOVED);
    run_clear(&run);
    json_decref(document);
}

/* By an implementation of its own: `printf '{"a":"\303\251","b":[1,0.10000000000000001]}' | sha256sum`. */
static void test_digest_is_sha256_of_the_canonical_text(void **state) {
    (void)state;
    char digest[JSON_DIGEST];
    json_t *json = json_loads("{\"b\": [1, 0.1], \"digest\": \"any\", \"a\": \"\\u00e9\"}", 0, NULL);
    assert_int_equal(json_digest(json, digest), 0);
    assert_string_equal(digest, "sha256:1febb3c1d71cb420a84e544f20a65249ca9decce231e6bb3ed9440f912c11eed");
    json_decref(json);
}

/* A later version may add keys; they are left alone. */
static void test_additional_keys(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    save_sample(in_folder("additional.json"));
    json_t *json = json_load_file(in_folder("additional.json"), 0, NULL);
    json_object_set_new(json_object_get(json, "host"), "colour", json_string("beige"));
    assert_int_equal(json_dump_file(json, in_folder("additional.json"), 0), 0);
    json_decref(json);
    assert_int_equal(run_load(&run, in_folder("additional.json"), &problem), 0);
    run_clear(&run);
}

static void expect_load_error(const char *path, int error, const char *words) {
    struct run run;
    struct problem problem = {""};
    assert_int_equal(run_load(&run, path, &problem), error);
    if (!strstr(problem.text, words))
        fail_msg("expected \"%s\" in \"%s\"", words, problem.text);
    assert_int_equal(run.measurement_count, 0);
}

static void expect_text_error(const char *text, size_t size, const char *words) {
    write_all(in_folder("text.json"), text, size);
    expect_load_error(in_folder("text.json"), -EINVAL, words);
}

static void test_not_a_result(void **state) {
    (void)state;
    expect_text_error("", 0, "the file is empty");
    expect_text_error("\x7f"
                      "ELF\x01\x01",
                      6, "text.json:1:");
    expect_text_error("{\"schema\": ", 11, "not JSON");
    expect_text_error("{} {}", 5, "end of file expected");
    expect_text_error("[]", 2, "expected an object with schema countersign.run/1, got an array");
    expect_text_error("{}", 2, "schema: missing");
    expect_text_error("{\"a\":1,\"a\":2}", 13, "duplicate object key");
    expect_text_error("{\"schema\": \"\xff\"}", 15, "not JSON");
    char nesting[100000];
    memset(nesting, '[', sizeof nesting);
    expect_text_error(nesting, sizeof nesting, "maximum parsing depth reached");
    expect_load_error(folder, -EISDIR, "this is a folder");
    expect_load_error(in_folder("absent.json"), -ENOENT, "there is no such file");
}

/* Every prefix of a result is refused with a message, and nothing leaks. */
static void test_truncated(void **state) {
    (void)state;
    size_t size;
    save_sample(in_folder("whole.json"));
    char *text = read_all(in_folder("whole.json"), &size);
    for (size_t length = 1; length + 2 < size; length += 97)
        expect_text_error(text, length, "not JSON");
    free(text);
}

/* Runs `check` as an ordinary user in a child; root reads and writes everything. */
static void as_nobody(int (*check)(void)) {
    if (geteuid() != 0) {
        assert_int_equal(check(), 0);
        return;
    }
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(setgid(65534) || setuid(65534) ? 99 : check());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int check_unreadable(void) {
    struct run run;
    struct problem problem = {""};
    int error = run_load(&run, in_folder("secret.json"), &problem);
    return error == -EACCES && strstr(problem.text, "not readable for this user") ? 0 : 1;
}

static int check_unwritable(void) {
    struct run run = {0};
    struct problem problem = {""};
    int error = run_save(&run, in_folder("locked/run.json"), &problem);
    return error == -EACCES && strstr(problem.text, "not writable for this user") ? 0 : 1;
}

static void test_permissions(void **state) {
    (void)state;
    save_sample(in_folder("secret.json"));
    assert_int_equal(chmod(in_folder("secret.json"), 0), 0);
    assert_int_equal(mkdir(in_folder("locked"), 0555), 0);
    assert_int_equal(chmod(folder, 0755), 0);
    as_nobody(check_unreadable);
    as_nobody(check_unwritable);
    assert_int_equal(count_entries(in_folder("locked")), 0);
}

static void test_bad_targets(void **state) {
    (void)state;
    struct run run = {0};
    struct problem problem = {""};
    assert_int_equal(run_save(&run, in_folder("none/run.json"), &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "create it first"));
    assert_int_equal(mkdir(in_folder("target"), 0755), 0);
    assert_int_equal(run_save(&run, in_folder("target"), &problem), -EISDIR);
    assert_non_null(strstr(problem.text, "name a file, not a folder"));
    assert_int_equal(count_entries(in_folder("target")), 0);
}

static void test_impossible_run_is_not_written(void **state) {
    (void)state;
    struct run run;
    struct problem problem = {""};
    assert_int_equal(fill_sample_run(&run), 0);
    run.comparisons[1].speedup.high = 0.5;
    assert_int_equal(run_save(&run, in_folder("impossible.json"), &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "comparisons[1].speedup: low"));
    run.comparisons[1].speedup.high = 2;
    run.settings.delta = NAN;
    assert_int_equal(run_save(&run, in_folder("impossible.json"), &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "settings.delta: expected a finite number"));
    assert_int_equal(access(in_folder("impossible.json"), F_OK), -1);
    run_clear(&run);
}

/* The old file is intact and no temporary file is beside it. */
static void check_nothing_changed(const char *directory, const char *path, const char *words, int error) {
    struct run run;
    struct problem problem = {""};
    size_t size, size_after;
    char *before = read_all(path, &size);
    assert_int_equal(fill_sample_run(&run), 0);
    assert_int_equal(run_save(&run, path, &problem), error);
    run_clear(&run);
    if (!strstr(problem.text, words))
        fail_msg("expected \"%s\" in \"%s\"", words, problem.text);
    char *after = read_all(path, &size_after);
    assert_int_equal(size, size_after);
    assert_memory_equal(before, after, size);
    assert_int_equal(count_entries(directory), 1);
    free(before);
    free(after);
}

static void test_disk_full(void **state) {
    (void)state;
    char directory[256], path[300];
    snprintf(directory, sizeof directory, "%s", in_folder("small"));
    snprintf(path, sizeof path, "%s/run.json", directory);
    assert_int_equal(mkdir(directory, 0755), 0);
    if (mount("tmpfs", directory, "tmpfs", 0, "size=12k") != 0)
        skip(); /* needs root and a kernel that lets it mount; the size limit below covers the same road */
    write_all(path, "old", 3);
    check_nothing_changed(directory, path, "free some space", -ENOSPC);
    assert_int_equal(umount(directory), 0);
}

static void test_file_size_limit(void **state) {
    (void)state;
    char directory[256], path[300];
    snprintf(directory, sizeof directory, "%s", in_folder("limited"));
    snprintf(path, sizeof path, "%s/run.json", directory);
    assert_int_equal(mkdir(directory, 0755), 0);
    write_all(path, "old", 3);
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 4096;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    check_nothing_changed(directory, path, "ulimit -f", -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
}

/* A replicate needs the arms and counters of its measurement and nothing else. */
static void test_replicate_alone(void **state) {
    (void)state;
    struct measurement measurement;
    struct replicate replicate;
    struct problem problem = {""};
    assert_int_equal(fill_measurement(&measurement, 1), 0);
    json_t *json = NULL, *again = NULL;
    assert_int_equal(replicate_write(&measurement.replicates[0], &measurement, &json, NULL, &problem), 0);
    assert_non_null(json);
    assert_int_equal(replicate_read(json, &measurement, &replicate, NULL, &problem), 0);
    assert_int_equal(replicate_write(&replicate, &measurement, &again, NULL, &problem), 0);
    assert_true(json_equal(json, again));
    replicate_clear(&replicate, measurement.arm_count);
    json_object_del(json_array_get(json_object_get(json, "samples"), 2), "runs");
    assert_int_equal(replicate_read(json, &measurement, &replicate, NULL, &problem), -EINVAL);
    assert_string_equal(problem.text, "samples[2].runs: missing");
    json_decref(json);
    json_decref(again);
    measurement_clear(&measurement);
}

static void test_allocation(void **state) {
    (void)state;
    struct replicate replicate;
    assert_int_equal(replicate_allocate(&replicate, 2, 3, 1), 0);
    assert_true(isnan(replicate.counters[1][COUNTER_CYCLES]));
    assert_true(isnan(replicate.app[1][RESULT_APP_COUNTERS - 1]));
    assert_true(isnan(replicate.resources[0].cpu_share));
    assert_true(isnan(replicate.latency[0].max));
    assert_true(replicate.ticks[1][2] == 0);
    assert_int_equal(replicate.rounds, 3);
    replicate_clear(&replicate, 2);
    assert_null(replicate.ticks);
    struct run run = {0};
    run_clear(&run);
}

static int remove_folder(void **state) {
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int write_sample(const char *path) {
    struct run run;
    struct problem problem = {""};
    int error = fill_sample_run(&run);
    if (!error)
        error = run_save(&run, path, &problem);
    run_clear(&run);
    if (error)
        fprintf(stderr, "%s\n", problem.text);
    return error ? 1 : 0;
}

int main(void) {
    if (getenv("COUNTERSIGN_TEST_SAMPLE"))
        return write_sample(getenv("COUNTERSIGN_TEST_SAMPLE"));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocation),
        cmocka_unit_test(test_same_bytes_again),
        cmocka_unit_test(test_values_come_back),
        cmocka_unit_test(test_numbers_of_causes),
        cmocka_unit_test(test_what_an_arm_was_refused_for),
        cmocka_unit_test(test_without_simulation),
        cmocka_unit_test(test_without_causes),
        cmocka_unit_test(test_without_draws),
        cmocka_unit_test(test_without_crossovers),
        cmocka_unit_test(test_empty_run),
        cmocka_unit_test(test_print_is_what_save_writes),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_pipes),
        cmocka_unit_test(test_impossible_values),
        cmocka_unit_test(test_more_threads_than_cpus_are_read_again),
        cmocka_unit_test(test_unbounded_intervals_are_read_again),
        cmocka_unit_test(test_every_change_shows),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_digest_is_sha256_of_the_canonical_text),
        cmocka_unit_test(test_standard_input),
        cmocka_unit_test(test_refusals_name_the_place),
        cmocka_unit_test(test_additional_keys),
        cmocka_unit_test(test_not_a_result),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_permissions),
        cmocka_unit_test(test_bad_targets),
        cmocka_unit_test(test_impossible_run_is_not_written),
        cmocka_unit_test(test_disk_full),
        cmocka_unit_test(test_file_size_limit),
        cmocka_unit_test(test_replicate_alone),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
