#!/usr/bin/python3 -B
"""What `run` measures and records: settings are honoured, seeds repeat, absent is absent, the hostile are caught."""
import csv
import io
import json
import os
import re
import subprocess
import sys

from program import HOSTILE_CASE, REAL_CASE, SANITIZED, SHORT, SOURCE, ProgramTest, hostile_case, main, write_case

TIMES = ("median", "p5", "p95", "min")


class Settings(ProgramTest):
    def test_honoured_and_recorded(self):
        run = self.run_json(REAL_CASE, "--quick", "--budget", "0.03", "--replicates", "3", "--delta", "5",
                            "--seed", "77", "--no-counters")
        settings = run["settings"]
        self.assertEqual((settings["points"], settings["budget_s"], settings["replicates"], settings["seed"]),
                         ("quick", 0.03, 3, "77"))
        self.assertAlmostEqual(settings["delta"], 0.05)
        self.assertTrue(run["complete"])
        self.assertEqual({len(measurement["replicates"]) for measurement in run["measurements"]}, {3})
        self.assertIn("--seed 77", run["command"])

    def test_budget_is_spent_on_timing(self):
        """A longer budget gives more rounds of the same samples, or longer ones; never fewer."""
        def timed(budget):
            run = self.run_json(hostile_case(self.folder / "case", ["same"]), "--budget", budget,
                                "--replicates", "2", "--design", "fixed", "--no-counters")
            return sum(replicate["rounds"] * sample["runs"] for measurement in run["measurements"]
                       for replicate in measurement["replicates"] for sample in replicate["samples"])
        self.with_test_kernels()
        self.assertGreater(timed("1"), timed("0.01"))

    def test_similar_arms_take_equally_many_runs_a_sample(self):
        """A core overlaps the runs of a sample: two of them are not two samples of one."""
        planted = write_case(self.folder / "planted", "title: Test\nkernel: planted\nbaseline: base\n"
                             "candidates: [plus-1, plus-5]\nsweep: {kind: [core, syscall]}\n")
        run = self.run_json(planted, REAL_CASE, "--quick", *SHORT, "--no-counters")
        similar = 0
        for comparison in run["comparisons"]:
            if 0.5 < comparison["speedup"]["estimate"] < 2:  # four times is the limit, by the trials before
                measurement = run["measurements"][comparison["measurement"]]
                arms = [arm["variant"] for arm in measurement["arms"]]
                runs = {sample["arm"]: sample["runs"] for sample in measurement["replicates"][0]["samples"]}
                self.assertEqual(runs[0], runs[arms.index(comparison["candidate"])], comparison["candidate"])
                similar += 1
        self.assertGreater(similar, 0)

    def test_default_points_are_the_sweep(self):
        self.with_test_kernels()
        sweep = "{after: [1, 2, 3]}\nquick: {after: [2]}\nfull: {after: [4]}"
        case = hostile_case(self.folder / "case", ["same"], sweep)
        for option, expected in ((None, [1, 2, 3]), ("--sweep", [1, 2, 3]), ("--quick", [2]), ("--full", [4])):
            run = self.run_json(case, *SHORT, "--no-counters", *([option] if option else []))
            self.assertEqual([item["point"]["after"]["value"] for item in run["comparisons"]], expected)

    def test_state(self):
        case = write_case(self.folder / "case", "title: T\nkernel: lookup\ncandidates: [hash, binary]\nsweep: {n: [8, 256]}\n")
        for state in ("warm", "cold", "mixed"):
            run = self.run_json(case, *SHORT, "--no-counters", "--state", state)
            self.assertEqual(run["settings"]["state"], state)
            self.assertTrue(all(item["verdict"] != "invalid" for item in run["comparisons"]))

    def test_design_and_layout(self):
        for design, layout in (("fixed", "fixed"), ("sequential", "random")):
            run = self.run_json(REAL_CASE, "--quick", "--budget", "0.05", "--replicates", "6", "--no-counters",
                                "--design", design, "--layout", layout, "--seed", "5")
            self.assertEqual((run["settings"]["design"], run["settings"]["layout"]), (design, layout))
            for measurement in run["measurements"]:
                drawn = [replicate["layout"] for replicate in measurement["replicates"]]
                self.assertLessEqual(len(drawn), 6)
                if design == "fixed":
                    self.assertEqual(drawn, 6 * [0])
                else:
                    self.assertEqual(len(set(drawn)), len(drawn))

    def test_what_a_process_begins_with_is_drawn(self):
        """Which variant runs first, and where memory lies: the kernel counts both of itself."""
        self.with_test_kernels()
        case = write_case(self.folder / "case", "title: Test\nkernel: order\n")
        run = self.run_json(case, "--budget", "2", "--replicates", "8", "--design", "fixed", "--no-counters",
                            "--seed", "3")  # with which eight processes count
        told = [replicate["samples"][0]["app"] for replicate in run["measurements"][0]["replicates"]]
        self.assertEqual({counts["first"] for counts in told}, {1, 2})
        if not SANITIZED:  # whose allocator gives blocks of one size the same distance
            self.assertGreater(len({counts["distance"] for counts in told}), 4)

    def test_each_case_has_its_own_native_events(self):
        """Nine in two cases, which together one plan could not hold; and those of the command line in both."""
        self.with_test_kernels()
        names = [["PAGE-FAULTS", "MINOR-FAULTS", "MAJOR-FAULTS", "CONTEXT-SWITCHES", "CPU-MIGRATIONS"],
                 ["FAULTS", "CS", "MIGRATIONS", "TASK-CLOCK"]]
        cases = [write_case(self.folder / f"case{i}", "title: Test\nkernel: order\nevents: [%s]\n" %
                            ", ".join(f"perf::{name}" for name in own)) for i, own in enumerate(names)]
        plain = write_case(self.folder / "plain", "title: Test\nkernel: order\n")
        output = self.folder / "run.json"
        run = self.run_json(*cases, plain, "--event", "perf::CPU-CLOCK", "--budget", "0.05", "--replicates", "2",
                            "--design", "fixed", "--output", output)
        plans = {plan["case"]: plan["counter_plan"]["events"] for plan in run["case_counter_plans"]}
        self.assertEqual(sorted(plans), ["case0", "case1"])
        for comparison, own in zip(run["comparisons"], names + [[]]):
            told = [counter["name"] for counter in comparison["counters"] if counter["name"].startswith("perf::")]
            self.assertEqual(told, [f"perf::{name}" for name in ["CPU-CLOCK"] + own])
        self.run_well("verify", output)
        self.run_well("show", "--details", output)

    def test_latencies(self):
        """Recorded in rounds of their own, compared and predicted like counters; absent where a variant records none."""
        self.with_test_kernels()
        case = write_case(self.folder / "case", "title: Test\nkernel: latencies\ncandidates: [long, none, too-many, "
                          "misused]\npredict:\n  - candidate: long\n    counters: {latency-p50: \"> 2\"}\n"
                          "    per-item: {candidate: {latency-p50: \"> 0\"}}\n")
        run = self.run_json(case, "--budget", "0.1", "--replicates", "4", "--design", "fixed", status=3)
        told, none, many, misused = run["comparisons"]
        words = ["latency-p50", "latency-p95", "latency-p99", "latency-max"]
        counters = {counter["name"]: counter for counter in told["counters"]}
        self.assertEqual([counters[word]["source"] for word in words], 4 * ["clock"])
        self.assertIn(told["mechanism"], ("held", "unmeasured"), told["mechanism_text"]) # by how quiet the machine is
        for word in words: # no ratio where the shorter one drowned in what recording takes
            ratio = counters[word]["ratio"]["estimate"]
            self.assertTrue(ratio > 0 if ratio is not None else told["mechanism"] == "unmeasured", told["mechanism_text"])
        self.assertIn("predicted latency-p50 > 2×" if told["mechanism"] != "held" else "", told["mechanism_text"])
        values = [told["latency_ns"]["candidate"][key] for key in ("p50", "p95", "p99", "max")]
        self.assertEqual(values, sorted(values))
        for replicate in run["measurements"][0]["replicates"]:
            self.assertEqual(replicate["samples"][0]["app"]["marked"], 0)
            self.assertIsNone(replicate["samples"][2]["latency_ns"]["max"])
        absent = {counter["name"]: counter for counter in none["counters"]}["latency-p50"]
        self.assertGreater(absent["baseline"], 0)
        self.assertIsNone(absent["candidate"])
        self.assertIn("records no latencies", absent["reason"])
        self.assertEqual((many["verdict"], misused["verdict"]), ("invalid", "invalid"))
        self.assertIn("records 100 latencies in a run, and its recorder has room for 99", many["reason"])
        self.assertIn("longer than the run", misused["reason"])

    def test_system_calls_of_any_name(self):
        """send and recv, of which /proc/self/io says nothing."""
        self.with_test_kernels()
        case = write_case(self.folder / "case", "title: Test\nkernel: sockets\npredict:\n"
                          "  - counters: {system-calls: \"< 0.05\"}\n    per-item: {baseline: {system-calls: \"== 2\"}}\n")
        run = self.run_json(case, "--budget", "0.1", "--replicates", "3", "--design", "fixed")
        comparison = run["comparisons"][0]
        calls = {counter["name"]: counter for counter in comparison["counters"]}["system-calls"]
        if calls["source"] == "none":
            self.assertTrue(calls["reason"])
            self.skipTest(calls["reason"])
        self.assertEqual((calls["baseline"], calls["candidate"]), (2, 2 / 32))
        self.assertEqual(comparison["mechanism"], "explained", comparison["mechanism_text"])

    def test_preempted_samples_are_taken_again(self):
        """Beside a process that spins on the same processor, the scheduler takes it away many times a second."""
        self.with_test_kernels()
        cpu = min(os.sched_getaffinity(0))
        spin = "import os; os.sched_setaffinity(0, {%d})\nwhile True: pass" % cpu
        with subprocess.Popen([sys.executable, "-c", spin]) as neighbour:
            try:
                run = self.run_json(hostile_case(self.folder / "case", ["same"]), "--budget", "2", "--replicates", "2",
                                    "--design", "fixed", "--no-counters", "--cpus", str(cpu))
            finally:
                neighbour.kill()
        self.assertGreater(sum(sample["preempted"] for measurement in run["measurements"]
                               for replicate in measurement["replicates"] for sample in replicate["samples"]), 0)

    def test_settled_candidates_are_not_measured_on(self):
        run = self.run_json(REAL_CASE, "--quick", "--budget", "2", "--no-counters", "--seed", "5")
        fewer = 0
        for measurement in run["measurements"]:
            sampled = [sum(replicate["samples"][arm]["ticks"] is not None for replicate in measurement["replicates"])
                       for arm in range(len(measurement["arms"]))]
            replicates = len(measurement["replicates"])
            self.assertLessEqual(replicates, run["settings"]["replicates"])
            self.assertEqual((sampled[0], sampled[-1]), (replicates, replicates))  # baseline and placebo
            self.assertTrue(all(count >= 4 for count in sampled), sampled)
            fewer += sum(count < run["settings"]["replicates"] for count in sampled[1:-1])
        self.assertGreater(fewer, 0)  # 30 times as fast is settled by few

    def test_portable_build(self):
        builds = {}
        for build in ("native", "portable"):
            run = self.run_json(REAL_CASE, "--quick", *SHORT, "--no-counters", "--build", build)
            builds[build] = run["measurements"][0]["build"]["flags"]
            self.assertEqual(run["measurements"][0]["build"]["kind"], build)
            self.assertEqual(run["build"]["kind"], build)
        self.assertNotEqual(builds["native"], builds["portable"])

    def test_output_file_and_folder(self):
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["same"])
        path = self.folder / "deep" / "below" / "mine.json"
        out = self.run_well("run", case, *SHORT, "--output", path).stdout
        self.assertTrue(out.endswith(f"\nresult file: {path}\n"))
        first = json.loads(path.read_text(encoding="utf-8"))
        self.run_well("run", case, *SHORT, "--output", path)
        self.assertNotEqual(json.loads(path.read_text(encoding="utf-8"))["id"], first["id"])
        self.run_well("run", case, *SHORT, "--output", path.parent)
        self.assertEqual(sorted(entry.suffix for entry in path.parent.iterdir()), [".json", ".json"])
        self.assertFalse(self.results.exists())

    def test_a_case_named_twice_is_measured_once(self):
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["same"])
        self.assertEqual(len(self.run_json(case, case, *SHORT)["comparisons"]), 1)


class Seeds(ProgramTest):
    @staticmethod
    def seeds(run):
        return [[replicate["seed"] for replicate in measurement["replicates"]] for measurement in run["measurements"]]

    def test_same_seed_same_replicates(self):
        one, two, other = (self.run_json(REAL_CASE, "--quick", *SHORT, "--no-counters", "--seed", seed)
                           for seed in ("5", "5", "6"))
        self.assertEqual(self.seeds(one), self.seeds(two))
        self.assertNotEqual(self.seeds(one), self.seeds(other))
        flat = [seed for seeds in self.seeds(one) for seed in seeds]
        self.assertEqual(len(flat), len(set(flat)), "replicates must differ in their inputs")

    def test_same_seed_same_inputs(self):
        """A wrong answer is reported with its values, so equal reports mean equal inputs."""
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["wrong", "slow"], "{after: [0]}")
        reasons = []
        for seed in ("5", "5", "6"):
            run = self.run_json(case, *SHORT, "--no-counters", "--seed", seed, status=3)
            reasons.append(run["comparisons"][0]["reason"])
        self.assertIn("wrong answer", reasons[0])
        self.assertEqual(reasons[0], reasons[1])
        self.assertNotEqual(reasons[0], reasons[2])

    def test_a_random_seed_is_recorded(self):
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["same"])
        one, two = (self.run_json(case, *SHORT, "--no-counters") for _ in range(2))
        self.assertNotEqual(one["settings"]["seed"], two["settings"]["seed"])
        again = self.run_json(case, *SHORT, "--no-counters", "--seed", one["settings"]["seed"])
        self.assertEqual(self.seeds(again), self.seeds(one))


class Formats(ProgramTest):
    def test_json_is_the_result_file(self):
        self.with_test_kernels()
        result = self.run_well("run", hostile_case(self.folder / "case", ["slow"]), *SHORT, "--format", "json")
        path, = self.result_files()
        self.assertEqual(result.stdout, path.read_text(encoding="utf-8"))
        self.assertEqual(result.stderr, f"result file: {path}\n")
        self.assertEqual(json.loads(result.stdout)["schema"], "countersign.run/1")

    def test_csv_has_the_numbers_of_the_file(self):
        result = self.run_well("run", REAL_CASE, "--quick", *SHORT, "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(result.stdout, newline="")))
        comparisons = self.only_result()["comparisons"]
        self.assertEqual(len(rows), len(comparisons))
        for row, comparison in zip(rows, comparisons):
            self.assertNotIn(None, row, "a row has more fields than the header")
            self.assertEqual(row["candidate"], comparison["candidate"])
            self.assertEqual(row["verdict"], comparison["verdict"])
            self.assertEqual(int(row["point_n"]), comparison["point"]["n"]["value"])
            self.assertAlmostEqual(float(row["speedup"]) / comparison["speedup"]["estimate"], 1, places=6)

    def test_markdown_is_a_table(self):
        result = self.run_well("run", REAL_CASE, "--quick", *SHORT, "--format", "markdown")
        rows = [line for line in result.stdout.splitlines() if line.startswith("|")]
        columns = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
        self.assertEqual(len(columns), 1, rows)
        self.assertTrue(any(re.fullmatch(r"(\| *:?-+:? *)+\|", row) for row in rows))
        for comparison in self.only_result()["comparisons"]:
            self.assertIn(comparison["verdict"], result.stdout)


class Absent(ProgramTest):
    """A number that was not measured is null, empty or a dash, with a reason; never 0."""

    def assert_absent_where_no_source(self, run):
        absent = {name for name, event in run["counter_plan"]["events"].items() if event["source"] == "none"}
        for name in absent:
            self.assertTrue(run["counter_plan"]["events"][name]["reason"], f"{name} is absent without a reason")
        for comparison in run["comparisons"]:
            for counter in comparison["counters"]:
                if counter["name"] in absent:
                    self.assertIsNone(counter["baseline"])
                    self.assertIsNone(counter["candidate"])
                    self.assertEqual(set(counter["ratio"].values()), {None})
                    self.assertTrue(counter["reason"])
        for measurement in run["measurements"]:
            for replicate in measurement["replicates"]:
                for sample in replicate["samples"]:
                    self.assertEqual(absent & set(sample["counters"]), set())
        return absent

    def test_without_counters(self):
        result = self.run_well("run", REAL_CASE, "--quick", *SHORT, "--no-counters", "--format", "csv")
        run = self.only_result()
        self.assertFalse(run["settings"]["counters"])
        absent = self.assert_absent_where_no_source(run)
        self.assertEqual(absent, set(run["counter_plan"]["events"]))
        for row in csv.DictReader(io.StringIO(result.stdout, newline="")):
            for name in absent:
                self.assertEqual({row.get(f"{name}_{part}", "") for part in ("baseline", "candidate", "ratio")}, {""})
        self.assertNotRegex(self.run_well("show").stdout, r"(?m)instructions +0(\s|$)")

    def test_with_the_counters_there_are(self):
        self.assert_absent_where_no_source(self.run_json(REAL_CASE, "--quick", *SHORT))

    def test_an_invalid_comparison_has_no_number(self):
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["wrong"], "{after: [0]}")
        comparison, = self.run_json(case, *SHORT, status=3)["comparisons"]
        self.assertEqual({comparison["speedup"][key] for key in ("estimate", "low", "high")}, {None})
        self.assertEqual({comparison["candidate_time_ns"][key] for key in TIMES}, {None})
        self.assertFalse(comparison["target"]["met"])


class Hostile(ProgramTest):
    """Variants that misbehave: each is named with its reason, the good ones are measured all the same."""

    INVALID = {
        "wrong": r"wrong answer.*answer\[17\]: got \d+, expected \d+",
        "idle": r"wrong answer",
        "crash": r"SIGSEGV at address 0x0",
        "abort": r"SIGABRT.*the heap is on fire",
        "hang": r"hung.*no progress for 4 s",
        "exit": r"exit status 7",
        "eat": r"out of memory.*0\.25 GiB",
    }

    def setUp(self):
        super().setUp()
        self.with_test_kernels()

    def measure(self, *options):
        return self.run_json(HOSTILE_CASE, "--time-limit", "4", "--memory-limit", "256M", "--budget", "0.05",
                             "--replicates", "2", *options, status=3)

    def assert_each_caught(self, comparisons):
        for name, reason in self.INVALID.items():
            comparison = comparisons[name]
            with self.subTest(variant=name):
                self.assertEqual(comparison["verdict"], "invalid")
                self.assertRegex(comparison["reason"], reason)
                self.assertIsNone(comparison["speedup"]["estimate"])

    def test_all(self):
        run = self.measure()
        comparisons = {comparison["candidate"]: comparison for comparison in run["comparisons"]}
        self.assert_each_caught(comparisons)
        for name in ("same", "slow"):
            self.assertNotEqual(comparisons[name]["verdict"], "invalid", comparisons[name]["reason"])
            self.assertGreater(comparisons[name]["speedup"]["estimate"], 0)
        self.assertTrue(comparisons["same"]["identical_code"])
        self.assertEqual([(item["variant"], item["reason"]) for item in run["skipped"]],
                         [("never", "needs a processor from the future")])
        self.assertTrue(run["complete"])
        table = self.run_well("show").stdout
        for name in self.INVALID:
            self.assertRegex(table, rf"(?m)^ +{name} .*invalid$")

    def test_misbehaviour_after_good_runs(self):
        """Verified first, wrong later: the answer is looked at again after timing."""
        case = hostile_case(self.folder / "case", ["wrong", "crash", "slow"], "{after: [300]}")
        run = self.run_json(case, *SHORT, "--time-limit", "10", status=3)
        comparisons = {comparison["candidate"]: comparison for comparison in run["comparisons"]}
        self.assertEqual(comparisons["wrong"]["verdict"], "invalid")
        self.assertEqual(comparisons["crash"]["verdict"], "invalid")
        self.assertRegex(comparisons["crash"]["reason"], "SIGSEGV")
        self.assertNotEqual(comparisons["slow"]["verdict"], "invalid")

    def test_a_baseline_that_crashes_leaves_nothing_to_compare(self):
        case = self.folder / "case"
        hostile_case(case, ["square", "slow"], "{after: [0]}")
        text = (case / "case.yaml").read_text(encoding="utf-8")
        (case / "case.yaml").write_text(text + "baseline: crash\n", encoding="utf-8")
        run = self.run_json(f"{case}/", *SHORT, status=3)
        self.assertEqual({comparison["verdict"] for comparison in run["comparisons"]}, {"invalid"})
        for comparison in run["comparisons"]:
            self.assertIn("SIGSEGV", comparison["reason"])


class Schema(ProgramTest):
    def test_what_is_written_fits_the_schema(self):
        try:
            import jsonschema
            validator = jsonschema.Draft202012Validator
        except (ImportError, AttributeError):
            self.skipTest("python3-jsonschema with draft 2020-12 (4.0 or newer) is not installed")
        schema = json.loads((SOURCE / "docs" / "countersign.run-1.schema.json").read_text(encoding="utf-8"))
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["same", "wrong", "never"], "{after: [0]}")
        run = self.run_json(case, *SHORT, status=3)
        self.assertEqual([error.message for error in validator(schema).iter_errors(run)], [])


if __name__ == "__main__":
    main()
