#include "golden.h"
#include "report/notes.h"
#include "sample_run.h"

/* All notes of a label, joined by line feeds; the caller frees it. */
static char *notes_labelled(const struct run *run, const char *label) {
    struct notes notes;
    struct capture capture;
    FILE *stream = capture_start(&capture);
    assert_int_equal(notes_open(&notes, run), 0);
    for (size_t i = 0; i < notes.count; i++)
        if (strcmp(notes.items[i].label, label) == 0)
            fprintf(stream, "%s\n", text_string(&notes.items[i].text));
    notes_close(&notes);
    return capture_end(&capture);
}

static void assert_note(const struct run *run, const char *label, const char *expected) {
    char *text = notes_labelled(run, label);
    assert_string_equal(text, expected);
    free(text);
}

static void assert_note_holds(const struct run *run, const char *label, const char *part) {
    char *text = notes_labelled(run, label);
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in: %s", part, text);
    free(text);
}

static void groups_absent_counters_by_reason(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    struct counter_plan_entry *walks = &run.counter_plan.entries[COUNTER_DTLB_MISSES];
    COPY(walks->reason, "not in this CPU's list of events");
    walks->remedy[0] = '\0';
    struct counter_plan_entry *branches = &run.counter_plan.entries[COUNTER_BRANCHES];
    *branches = (struct counter_plan_entry){.source = SOURCE_HW, .trust = TRUST_UNTRUSTED};
    COPY(branches->reason, "untrusted: reads 0 on a loop of 1000 branches");
    /* simulated, so not absent, though the plan has no source for it */
    struct comparison comparison = sample_comparison("case", "candidate", 10, 2, 0.01);
    sample_counter(&comparison, "instructions", SOURCE_SIM, 10, 5);
    sample_add(&run, &comparison);
    assert_note(
        &run, "absent",
        "cycles, reference-cycles, branch-misses, data-reads, data-writes, l1d-misses, l2-misses, "
        "llc-misses: – no PMU: this virtual machine exposes none; would help: a machine type with a virtual "
        "PMU, or bare metal\n"
        "instructions: for the same reason not counted, but simulated\n"
        "branches: – untrusted: reads 0 on a loop of 1000 branches\n"
        "dtlb-misses: – not in this CPU's list of events\n");
    run.settings.counters = false;
    assert_note(&run, "absent", "–: no counter was read, as asked\n");
    run_clear(&run);
}

/* What is simulated is not absent; why the rest is not simulated is said once. */
static void tells_what_was_simulated(void **state) {
    (void)state;
    struct run run;
    sample_simulation(&run);
    assert_note_holds(&run, "counters",
                      "; sim: simulated by Callgrind (valgrind-3.19.0) over the portable build with this "
                      "machine's caches (D1 48 KiB 12-way, LL 32 MiB 16-way, 64 B lines), user code alone; "
                      "exact, not measured");
    assert_note(&run, "scaled",
                "†: simulated at a smaller point, as the whole one would have taken too long: "
                "lookup-hash-vs-linear at n = 4096 for 65536\n");
    assert_note_holds(&run, "absent",
                      "reference-cycles, data-writes, l1d-misses, l2-misses, dtlb-misses: – no PMU: ");
    assert_note_holds(&run, "absent",
                      "instructions, branches, branch-misses, llc-misses: for the same reason not counted, "
                      "but simulated\n");
    assert_note_holds(&run, "absent",
                      "simulated counters: – more than one thread would take turns under Callgrind "
                      "(sum-parallel base and 1 more)\n");
    assert_note_holds(
        &run, "layout",
        "where the linker puts the code makes most of the spread, in intervals wider than delta: "
        "lookup-hash-vs-linear hash, n = 65536 (98 %). ");
    run.comparisons[1].speedup = sample_interval(1890, 0.009);
    assert_note(&run, "layout", "");
    run_clear(&run);
}

/* By its value: each point has other numbers, and what has other words is another reason. */
static void a_cause_with_numbers_is_told_once(void **state) {
    (void)state;
    struct run run;
    sample_simulation(&run);
    assert_true(run.measurement_count > 1);
    struct simulated_arm *arms[2] = {&run.measurements[0].simulation.arms[0],
                                     &run.measurements[0].simulation.arms[1]};
    for (int i = 0; i < 2; i++) {
        arms[i]->cause = SIMULATION_OTHER_SCALE;
        snprintf(arms[i]->reason, sizeof arms[i]->reason, "it takes %d s, and is another", 7 * (i + 1));
    }
    assert_note_holds(&run, "absent",
                      "simulated counters: – it takes 7 s, and is another (lookup-hash-vs-linear linear, n = "
                      "64 and 1 more)");
    arms[0]->cause = arms[1]->cause = SIMULATION_FAILED;
    assert_note_holds(&run, "absent", "it takes 7 s, and is another (lookup-hash-vs-linear linear, n = 64)");
    assert_note_holds(&run, "absent", "it takes 14 s, and is another (lookup-hash-vs-linear hash, n = 64)");
    run_clear(&run);
}

/* Many short runs in a row overlap, few long ones do not. */
static void runs_that_overlap_are_named(void **state) {
    (void)state;
    struct run run;
    sample_simulation(&run);
    const double items = 64;
    struct comparison *comparison = &run.comparisons[0];
    assert_true(run.measurement_count > 0);
    run.measurements[0].items = items;
    comparison->measurement = 0;
    comparison->baseline_time.median = 400 / items;
    comparison->candidate_time.median = 49 / items;
    assert_note_holds(&run, "overlap", "takes less than 50 ns");
    comparison->candidate_time.median = 51 / items;
    assert_note(&run, "overlap", "");
    comparison->candidate_time.median = 49 / items;
    comparison->baseline_time.median = 190 / items;
    assert_note(&run, "overlap", "");
    run_clear(&run);
}

/* What is over before its simulated mispredictions could have been paid for was learned by heart. */
static void inputs_that_repeat_are_named(void **state) {
    (void)state;
    struct run run;
    sample_simulation(&run);
    struct simulated_arm *arm = &run.measurements[0].simulation.arms[1];
    arm->counts[COUNTER_BRANCH_MISSES] = 250;
    arm->cycles = 2400;
    assert_note_holds(&run, "repeats", "faster than its mispredicted branches would allow");
    assert_note_holds(&run, "repeats", run.measurements[0].arms[1].variant);
    arm->cycles = 2600;
    assert_note(&run, "repeats", "");
    arm->cycles = NAN;
    assert_note(&run, "repeats", "");
    run_clear(&run);
}

static void explains_the_sources_in_use(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    assert_note(&run, "counters", "");
    struct comparison comparison = sample_comparison("case", "candidate", 10, 2, 0.01);
    sample_counter(&comparison, "read-calls", SOURCE_SW, 1, 0.5)->trust = TRUST_DEGRADED;
    sample_add(&run, &comparison);
    assert_note(
        &run, "counters",
        "candidate ÷ baseline, an item: below 1× the candidate needs fewer; sw: counted by the operating "
        "system; ≈: an estimate: plausible, but off or indirect\n");
    run_clear(&run);
}

static void counts_what_it_does_not_list(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    for (int i = 0; i < 11; i++) {
        struct comparison comparison = sample_comparison("case", "candidate", 10, 2, 0.01);
        sample_number(&comparison.point, "n", i, "");
        COPY(comparison.noise_text, "steal %d %%", i < 2 ? 99 : i);
        sample_add(&run, &comparison);
    }
    assert_note_holds(&run, "noise", "case candidate, n = 0 and 1 more: steal 99 %\n");
    assert_note_holds(&run, "noise", "case candidate, n = 8: steal 8 %\nand 2 more;");
    run_clear(&run);
}

static void names_cpus_and_settings(void **state) {
    (void)state;
    static const int cpus[] = {5, 2, 1, 3, 8, 2, -1};
    struct run run;
    sample_open(&run);
    assert_note_holds(&run, "machine", "no CPU was pinned (one per physical core, one NUMA node)");
    sample_bind(&run, cpus, 7);
    COPY(run.settings.cpus, "1-3,5,8");
    assert_note_holds(&run, "machine", "AMD EPYC 9B45, under kvm; pinned to CPUs 1-3,5,8 (--cpus 1-3,5,8)");
    assert_note_holds(&run, "settings", "layout fixed to one link");
    assert_note_holds(&run, "settings",
                      "points: sweep; build: native; budget 2 s a comparison, 8 replicates; state warm");
    assert_note_holds(&run, "settings", "delta 1 %; seed 42; took 1 min 33 s");
    assert_note_holds(&run, "reading", "corrected for the number of comparisons (0 here, Holm's procedure)");
    run_clear(&run);
}

static void names_settings_of_commands(void **state) {
    (void)state;
    static const int cpus[] = {0, -1};
    struct run run;
    sample_open(&run);
    sample_bind(&run, cpus, 2);
    COPY(run.measurements[0].arms[0].command, "sort words");
    assert_note(
        &run, "settings",
        "budget 2 s a comparison, 8 replicates, each with an environment of another size; every execution is "
        "a process of its own, files stay in the page cache; delta 1 %; seed 42; took 1 min 33 s\n");
    run_clear(&run);
}

static void tells_the_widest_placebo(void **state) {
    (void)state;
    struct run run;
    sample_open(&run);
    for (int i = 0; i < 2; i++) {
        struct comparison comparison = sample_comparison("case", "candidate", 10, 2, 0.01);
        comparison.placebo = i ? (struct interval){1, 0.98, 1.001} : (struct interval){NAN, NAN, NAN};
        sample_add(&run, &comparison);
    }
    assert_note_holds(&run, "placebo", "all intervals within ±2 %");
    run.comparison_count = 1;
    assert_note_holds(&run, "placebo", "none: ");
    run.comparison_count = 2;
    run_clear(&run);
}

static void tells_what_a_variant_notes(void **state) {
    (void)state;
    struct run run;
    sample_simulation(&run);
    assert_true(run.measurement_count > 1);
    assert_note(&run, "variant", "");
    COPY(run.measurements[0].arms[0].evidence, "scans the table\nnote: not at its beginning\n");
    assert_note(&run, "variant", "");
    for (int i = 0; i < 2; i++)
        COPY(run.measurements[i].arms[0].evidence, "note: answers are equal\nmore\n");
    char *text = notes_labelled(&run, "variant");
    assert_non_null(strstr(text, ": answers are equal\n"));
    assert_ptr_equal(strchr(text, '\n') + 1, text + strlen(text));
    free(text);
    run_clear(&run);
}

static void tells_skips_limits_and_a_cut_run(void **state) {
    (void)state;
    struct run run;
    sample_rich(&run);
    assert_note(&run, "INCOMPLETE", "");
    run.complete = false;
    COPY(run.comparisons[0].reason, "the placebo's floor is 1.4 %%");
    assert_note_holds(&run, "INCOMPLETE", "cut short");
    assert_note_holds(&run, "limits",
                      "lookup-hash-vs-linear hash, n = 4, hit = 50 %: the placebo's floor is 1.4 %\n");
    assert_note_holds(&run, "skipped", "request-pipelining: redis-server is not installed\n");
    assert_note_holds(&run, "skipped",
                      "parallel-vs-serial openmp, threads = 8: 8 threads asked, 2 CPUs allowed\n");
    run_clear(&run);
}

static void files_say_what_they_were_on(void **state) {
    (void)state;
    struct run run;
    sample_simulation(&run);
    for (size_t i = 1; i < run.measurement_count; i++)
        run.measurements[i].scratch_sync_ns = NAN;
    struct measurement *measurement = &run.measurements[0];
    measurement->scratch_sync_ns = 812500;
    COPY(measurement->scratch_filesystem, "ext4");
    assert_note(
        &run, "files",
        "lookup-hash-vs-linear: files were on ext4; a write of 4 KiB and its fdatasync took 810 µs there\n");
    measurement->scratch_sync_ns = 2000;
    assert_note_holds(&run, "files", "sooner than a disk answers");
    COPY(measurement->scratch_filesystem, "overlayfs");
    assert_note_holds(&run, "files", "on overlayfs, a layer");
    COPY(measurement->scratch_filesystem, "tmpfs");
    assert_note_holds(&run, "files", "on tmpfs, which is memory");
    assert_note_holds(&run, "files", "--scratch");
    measurement->scratch_sync_ns = NAN;
    assert_note(&run, "files", "");
    run_clear(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_absent_counters_by_reason),  cmocka_unit_test(tells_what_was_simulated),
        cmocka_unit_test(a_cause_with_numbers_is_told_once), cmocka_unit_test(runs_that_overlap_are_named),
        cmocka_unit_test(inputs_that_repeat_are_named),      cmocka_unit_test(explains_the_sources_in_use),
        cmocka_unit_test(counts_what_it_does_not_list),      cmocka_unit_test(names_cpus_and_settings),
        cmocka_unit_test(names_settings_of_commands),        cmocka_unit_test(tells_the_widest_placebo),
        cmocka_unit_test(tells_skips_limits_and_a_cut_run),  cmocka_unit_test(files_say_what_they_were_on),
        cmocka_unit_test(tells_what_a_variant_notes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
