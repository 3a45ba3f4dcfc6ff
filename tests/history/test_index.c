/* The index follows its files, whatever becomes of itself or of who writes it. */
#include "history/index.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], database[96];

static int setup(void **state) {
    (void)state;
    strcpy(folder, "/tmp/history-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(database, sizeof database, "%s/index.db", folder);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* A run without samples, as a file of that name. Its one comparison is invalid where the time is NAN. */
static void save(const char *name, unsigned second, double time_ns, const char *commit,
                 const char *microcode) {
    struct run run = {
        .version = "0.2.0", .complete = true, .host = {.cpu_model = "M", .machine = "m", .aslr = 2}};
    struct measurement measurement = {
        .case_name = "case", .kernel = "kernel", .compiler = "gcc 12", .items = 1};
    struct comparison comparison = {.case_name = "case",
                                    .kernel = "kernel",
                                    .baseline = "plain",
                                    .candidate = "wide",
                                    .candidate_arm = 1,
                                    .verdict = isnan(time_ns) ? VERDICT_INVALID : VERDICT_FASTER,
                                    .speedup = {2, 1.9, 2.1},
                                    .placebo = {NAN, NAN, NAN},
                                    .confidence = 0.95,
                                    .target = 1.25,
                                    .baseline_time = {2 * time_ns, 2 * time_ns, 2 * time_ns, 2 * time_ns},
                                    .candidate_time = {time_ns, time_ns, time_ns, time_ns},
                                    .spread_round = NAN,
                                    .p_value = NAN};
    char path[160];
    struct problem problem;
    snprintf(run.id, sizeof run.id, "20261127T1000%02uZ-0000", second);
    snprintf(run.started, sizeof run.started, "2026-11-27T10:00:%02uZ", second);
    strcpy(run.commit, commit);
    strcpy(run.host.microcode, microcode);
    run.settings = (struct run_settings){.points = "quick",
                                         .budget_s = 1,
                                         .delta = 0.01,
                                         .confidence = 0.95,
                                         .replicates = 2,
                                         .looks = 1,
                                         .state = "warm",
                                         .layout = "fixed",
                                         .build = "native"};
    measurement.arms = calloc(2, sizeof *measurement.arms);
    measurement.arm_count = 2;
    strcpy(measurement.arms[0].variant, "plain");
    strcpy(measurement.arms[1].variant, "wide");
    measurement.arms[1].role = ARM_CANDIDATE;
    measurement.arms[1].invalid = isnan(time_ns);
    if (isnan(time_ns))
        comparison.speedup = (struct interval){NAN, NAN, NAN};
    assert_int_equal(run_add_measurement(&run, &measurement), 0);
    assert_int_equal(run_add_comparison(&run, &comparison), 0);
    snprintf(path, sizeof path, "%s/%s.json", folder, name);
    if (run_save(&run, path, &problem))
        fail_msg("%s", problem.text);
    run_clear(&run);
}

static void load(bool rebuild, const struct history_filter *filter, struct history *history) {
    static const struct history_filter all = {.case_name = NULL};
    struct history_index *index;
    struct problem problem;
    *history = (struct history){.run_count = 0};
    if (history_index_open(&index, database, rebuild, &problem) ||
        history_index_follow(index, folder, &problem) ||
        history_index_runs(index, folder, filter ? filter : &all, 100, history, &problem) ||
        history_index_series(index, folder, filter ? filter : &all, history, &problem))
        fail_msg("%s", problem.text);
    history_index_close(index);
}

static size_t count_runs(bool rebuild, const struct history_filter *filter) {
    struct history history;
    load(rebuild, filter, &history);
    size_t count = history.run_count;
    history_clear(&history);
    return count;
}

static void files_are_followed(void **state) {
    (void)state;
    struct history history;
    char path[160];
    save("b", 2, 20, "bbbb", "0x1");
    save("a", 1, 10, "aaaa", "0x1");
    load(false, NULL, &history);
    assert_int_equal(history.run_count, 2);
    assert_string_equal(history.runs[0].id, "20261127T100001Z-0000"); /* by time, not by name */
    assert_string_equal(history.runs[0].commit, "aaaa");
    assert_string_equal(history.runs[0].compiler, "gcc 12");
    assert_int_equal(history.runs[0].verdicts[VERDICT_FASTER], 1);
    assert_int_equal(history.series_count, 1);
    assert_int_equal(history.series[0].count, 2);
    assert_float_equal(history.series[0].values[1].time_ns, 20, 0);
    assert_float_equal(history.series[0].values[1].speedup, 2, 0);
    history_clear(&history);
    save("a", 3, 30, "cccc", "0x1"); /* changed */
    snprintf(path, sizeof path, "%s/b.json", folder);
    unlink(path);
    save("c", 4, NAN, "dddd", "0x1");
    load(false, NULL, &history);
    assert_int_equal(history.run_count, 2);
    assert_string_equal(history.runs[0].commit, "cccc");
    assert_int_equal(history.series[0].count, 2);
    assert_true(isnan(history.series[0].values[1].time_ns)); /* absent, not 0 */
    assert_true(isnan(history.series[0].values[1].speedup));
    history_clear(&history);
}

static void filters_and_machines_tell_apart(void **state) {
    (void)state;
    struct history history;
    save("a", 1, 10, "aaaa", "0x1");
    save("b", 2, 20, "abbb", "0x1");
    save("c", 3, 20, "cccc", "0x2"); /* other microcode: another machine, another series */
    load(false, NULL, &history);
    assert_int_equal(history.series_count, 2);
    assert_string_not_equal(history.series[0].machine_key, history.series[1].machine_key);
    struct history_filter machine = {.machine = history.series[1].machine_key};
    assert_int_equal(count_runs(false, &machine), 1);
    history_clear(&history);
    assert_int_equal(count_runs(false, &(struct history_filter){.commit = "a"}), 2);
    assert_int_equal(count_runs(false, &(struct history_filter){.compiler = "gcc"}), 3);
    assert_int_equal(count_runs(false, &(struct history_filter){.compiler = "clang"}), 0);
    assert_int_equal(count_runs(false, &(struct history_filter){.case_name = "case"}), 3);
    assert_int_equal(count_runs(false, &(struct history_filter){.case_name = "none"}), 0);
}

static void write_bytes(const char *path, long offset, const char *bytes, size_t size) {
    FILE *file = fopen(path, offset ? "r+" : "w");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void a_damaged_index_is_made_anew(void **state) {
    (void)state;
    static const char junk[4096] = "junk";
    save("a", 1, 10, "aaaa", "0x1");
    assert_int_equal(count_runs(false, NULL), 1);
    write_bytes(database, 0, "no database", 11);
    assert_int_equal(count_runs(false, NULL), 1);
    write_bytes(database, 4096, junk, sizeof junk); /* a page of the tables */
    assert_int_equal(count_runs(false, NULL), 1);
    assert_int_equal(truncate(database, 5000), 0);
    assert_int_equal(count_runs(false, NULL), 1);
    assert_int_equal(count_runs(true, NULL), 1);
}

static void what_cannot_be_read_is_said_and_left_out(void **state) {
    (void)state;
    struct history history;
    char path[160];
    save("a", 1, 10, "aaaa", "0x1");
    snprintf(path, sizeof path, "%s/broken.json", folder);
    write_bytes(path, 0, "{\"schema\": 3", 12);
    load(false, NULL, &history);
    assert_int_equal(history.run_count, 1);
    assert_true(history.unreadable > 0);
    assert_non_null(strstr(history.first_unreadable, "broken.json"));
    history_clear(&history);
}

/* Four programs follow the same files at once, and one more is killed in the middle again and again. */
static void nothing_is_lost_by_many_writers(void **state) {
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof name, "run-%u", i);
        save(name, i, 10 + i, "aaaa", "0x1");
    }
    for (int round = 0; round < 5; round++) {
        pid_t children[5];
        for (int i = 0; i < 5; i++)
            if ((children[i] = fork()) == 0)
                _exit(count_runs(round == 0 && i == 0, NULL) == 20 ? 0 : 1);
        usleep(1000u * (unsigned)round);
        kill(children[4], SIGKILL);
        for (int i = 0; i < 5; i++) {
            int status;
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
            if (i < 4)
                assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        }
        assert_int_equal(count_runs(false, NULL), 20);
        if (round % 2)
            unlink(database);
    }
}

/* One program at a time follows the files: another one waits, also for an index that is made anew. */
static void an_open_index_is_locked(void **state) {
    (void)state;
    struct history_index *index;
    char name[128];
    snprintf(name, sizeof name, "%s.lock", database);
    assert_int_equal(history_index_open(&index, database, false, NULL), 0);
    int lock = open(name, O_RDWR | O_CLOEXEC);
    assert_true(lock >= 0);
    assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), -1);
    history_index_close(index);
    assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
    close(lock);
}

static void what_is_no_folder_or_index_is_refused(void **state) {
    (void)state;
    struct history_index *index;
    struct problem problem;
    assert_true(history_index_open(&index, "/nowhere/index.db", false, &problem) < 0);
    assert_non_null(strstr(problem.text, "--db"));
    assert_true(history_index_open(&index, folder, false, &problem) < 0);
    assert_non_null(strstr(problem.text, "no file"));
    assert_int_equal(history_index_open(&index, database, false, &problem), 0);
    assert_true(history_index_follow(index, "/nowhere", &problem) < 0);
    assert_non_null(strstr(problem.text, "/nowhere"));
    history_index_close(index);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_followed, setup, teardown),
        cmocka_unit_test_setup_teardown(filters_and_machines_tell_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_index_is_made_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_said_and_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_lost_by_many_writers, setup, teardown),
        cmocka_unit_test_setup_teardown(an_open_index_is_locked, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_folder_or_index_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
