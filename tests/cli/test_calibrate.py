#!/usr/bin/python3 -B
"""countersign calibrate: what it tries, what it keeps, and what it says when it is refused or cut short."""
import json
import os
import re
import signal
import sys
import time

import program

TINY = ["--tries", "1", "--budget", "0.02", "--replicates", "2"]
PLANTED = ["core", "swapped", "l1", "l2", "dram", "copy", "branchy", "allocation", "syscall", "openmp"]
TWINS = ["latency", "division", "copy-far", "placement", "string", "fill", "list", "forwarding", "dead-code", "helper",
         "indirect", "interpreter", "sort", "hash", "skewed", "heap-history", "warm-up", "thread-local", "atomic",
         "pread", "write", "calls"]
SIZES = [0, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05]
SCHEMA = program.SOURCE / "docs" / "countersign.calibration-1.schema.json"


class CalibrateTest(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "calibration.json"

    def calibrate(self, *arguments, statuses=(0,)):
        """The result file of a run that ends with one of `statuses`: verdicts of tiny budgets are left open."""
        result = self.run_program("calibrate", *arguments, "--output", self.file)
        self.assertIn(result.returncode, statuses, result.stderr)
        self.assert_tidy()
        return result, json.loads(self.file.read_text(encoding="utf-8"))

    def check_schema(self, calibration):
        try:
            import jsonschema
        except ImportError:
            return
        jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(calibration)

    def test_every_kind_and_size(self):
        result, calibration = self.calibrate(*TINY, "--seed", "7", statuses=(0, 1))
        self.check_schema(calibration)
        self.assertTrue(calibration["complete"])
        self.assertEqual(calibration["settings"]["seed"], "7")
        summary = calibration["summary"]["kinds"]
        self.assertEqual(sorted(kind["kind"] for kind in summary), sorted(PLANTED + TWINS))
        self.assertEqual({kind["kind"] for kind in summary if kind["sized"]}, set(PLANTED))
        self.assertEqual([kind["kind"] for kind in summary if kind["swapped"]], ["swapped"])
        tried = [kind["kind"] for kind in summary if not kind["skipped"]]
        self.assertTrue(set(PLANTED + TWINS) - set(tried) <= {"l2", "dram", "copy-far", "openmp"}, summary)
        self.assertEqual(sorted((item["kind"], item["planted"]) for item in calibration["tries"]),
                         sorted((kind, size) for kind in tried for size in (SIZES if kind in PLANTED else [0])))
        self.assertEqual(len({item["seed"] for item in calibration["tries"]}), len(calibration["tries"]))
        for item in calibration["tries"]:
            self.assertNotEqual(item["verdict"], "invalid", item["reason"])
            self.assertLessEqual(item["speedup"]["low"], item["speedup"]["estimate"])
            self.assertLessEqual(item["placebo"]["low"], item["placebo"]["high"])
        self.assertRegex(result.stderr, rf"^{len(calibration['tries'])} comparisons, about .*Ctrl-C")
        for words in ("identical code", "told apart", "as measured", *tried, str(self.file)):
            self.assertIn(words, result.stdout)

    def test_verify(self):
        _, calibration = self.calibrate(*TINY, "--kinds", "core", "--sizes", "0", statuses=(0, 1))
        self.assertIn("nothing was changed since it was written", self.run_well("verify", self.file).stdout)
        for change, word in ((lambda: calibration["tries"][0].update(seed="1"), "changed after it was written"),
                             (lambda: calibration["summary"].update(kept=not calibration["summary"]["kept"]),
                              "1 conclusion does not follow from the tries, and its digest says so too")):
            change()
            self.file.write_text(json.dumps(calibration), encoding="utf-8")
            self.assert_error(self.run_program("verify", self.file), 1, word)
        self.assert_error(self.run_program("verify", self.file, "--rewrite", self.folder / "new"), 2, "for runs")

    def test_only_what_was_asked_for(self):
        result, calibration = self.calibrate("--tries", "3", "--budget", "0.02", "--replicates", "3",
                                             "--kinds", "syscall,core,core", "--sizes", "5,0", "--delta", "2.5",
                                             "--cpus", self.allowed_cpu(), statuses=(0, 1))
        self.check_schema(calibration)
        self.assertEqual({(item["kind"], item["planted"]) for item in calibration["tries"]},
                         {("syscall", 0), ("syscall", 0.05), ("core", 0), ("core", 0.05)})
        self.assertEqual(len(calibration["tries"]), 12)
        self.assertEqual(calibration["tries_a_pair"], 3)
        self.assertEqual(calibration["settings"]["delta"], 0.025)
        self.assertEqual(calibration["settings"]["replicates"], 3)
        self.assertEqual(calibration["dram_bytes"], 0)
        self.assertFalse(calibration["neighbour"])
        self.assertEqual(re.findall(r"^  kind +(.*%)$", result.stdout, re.M), ["5 %"])

    def test_groups(self):
        _, calibration = self.calibrate(*TINY, "--kinds", "kernel,syscall,core", "--sizes", "0", statuses=(0, 1))
        self.check_schema(calibration)
        self.assertEqual([(kind["kind"], kind["group"]) for kind in calibration["summary"]["kinds"]],
                         [("syscall", "kernel"), ("pread", "kernel"), ("write", "kernel"), ("calls", "kernel"),
                          ("core", "arithmetic")])
        help_text = " ".join(self.run_program("calibrate", "--help").stdout.split())
        self.assertIn("kernel (syscall, pread, write, calls), threads (openmp)", help_text)

    def test_the_same_kinds_everywhere(self):
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]
        page = program.BUILD / "share" / "man" / "man1" / "countersign.1"
        man = " ".join(page.read_text(encoding="ascii").replace("\\-", "-").split())
        method = (program.SOURCE / "docs" / "METHOD.md").read_text(encoding="utf-8")
        text = " ".join(self.run_program("calibrate", "--help").stdout.split())
        groups = re.findall(r"([a-z]+) \(([a-z0-9, -]+)\)", text.split("and their kinds: ")[1].split("--sizes")[0])
        kinds = [kind for _, listed in groups for kind in listed.split(", ")]
        self.assertEqual(sorted(kinds), sorted(PLANTED + TWINS))
        self.assertEqual(schema["tries"]["items"]["properties"]["kind"]["enum"], kinds)
        summary = schema["summary"]["properties"]["kinds"]["items"]["properties"]
        self.assertEqual(summary["kind"]["enum"], kinds)
        self.assertEqual(summary["group"]["enum"], [group for group, _ in groups])
        for group, listed in groups:
            self.assertIn(f"{group} ({listed})", man)
        for kind in kinds:
            self.assertIn(f"| `{kind}` |", method)

    def test_kinds_without_sizes_are_tried_with_identical_code(self):
        _, calibration = self.calibrate(*TINY, "--kinds", "placement,core", "--sizes", "0,5", statuses=(0, 1))
        self.assertEqual(sorted((item["kind"], item["planted"]) for item in calibration["tries"]),
                         [("core", 0), ("core", 0.05), ("placement", 0)])

    def test_swapped_roles(self):
        _, calibration = self.calibrate("--tries", "1", "--budget", "0.1", "--replicates", "4", "--kinds", "core,swapped",
                                        "--sizes", "5", statuses=(0, 1))
        speedup = {item["kind"]: item["speedup"]["estimate"] for item in calibration["tries"]}
        # A ratio of two counts of steps, far from 1 on either side, and not a speed.
        self.assertLess(speedup["core"], 1)
        self.assertGreater(speedup["swapped"], 1)

    def test_until_settled(self):
        # Half a per cent of what the kernel does in its own time is never told apart by two processes.
        _, calibration = self.calibrate("--tries", "30", "--budget", "0.02", "--replicates", "2", "--kinds", "syscall",
                                        "--sizes", "0.1", "--until-settled", statuses=(0, 1))
        self.check_schema(calibration)
        self.assertTrue(calibration["until_settled"])
        self.assertTrue(calibration["complete"])
        self.assertIn(len(calibration["tries"]), range(4, 30))

    def test_more_tries_of_identical_code(self):
        result, calibration = self.calibrate("--tries", "2", "--placebo-tries", "6", "--budget", "0.02", "--replicates",
                                             "2", "--kinds", "core", "--sizes", "0,5", statuses=(0, 1))
        self.check_schema(calibration)
        self.assertEqual((calibration["tries_a_pair"], calibration["placebo_tries"]), (2, 6))
        self.assertEqual(sorted((item["planted"], item["number"]) for item in calibration["tries"]),
                         [(0, number) for number in range(1, 7)] + [(0.05, 1), (0.05, 2)])
        # Evenly: half of the identical ones lie on either side of the first of two planted ones, give or take a shuffle.
        planted = [index for index, item in enumerate(calibration["tries"]) if item["planted"] > 0]
        self.assertIn(planted[0], (2, 3))
        self.assertIn(planted[1], (6, 7))
        self.assertTrue(calibration["complete"])
        self.assertIn("2 tries a pair, 6 with identical code", " ".join(result.stdout.split()))
        self.assertRegex(result.stderr, "^8 comparisons")

    def test_l2_is_beyond_the_first_cache(self):
        result, calibration = self.calibrate(*TINY, "--kinds", "core,l2", "--sizes", "0", statuses=(0, 1))
        caches = calibration["host"]["topology"]
        reason = calibration["summary"]["kinds"][1]["skipped"]
        self.assertEqual(calibration["l2_bytes"] == 0, bool(reason))
        if reason:
            self.assertIn("second cache", reason)
            self.assertIn("l2 was skipped", result.stdout)
            return
        self.assertGreaterEqual(calibration["l2_bytes"], 2 * caches["l1d_bytes"])
        self.assertLessEqual(calibration["l2_bytes"], caches["l2_bytes"] // 4)

    def test_seeds_repeat(self):
        seeds = []
        for _ in range(2):
            _, calibration = self.calibrate(*TINY, "--kinds", "core,l1", "--sizes", "0,1", "--seed", "11",
                                            statuses=(0, 1))
            seeds.append([(item["kind"], item["planted"], item["seed"]) for item in calibration["tries"]])
        self.assertEqual(*seeds)

    def test_formats(self):
        tiny = [*TINY, "--kinds", "core", "--sizes", "0,5"]
        result, calibration = self.calibrate(*tiny, "--format", "json", statuses=(0, 1))
        self.assertEqual(json.loads(result.stdout), calibration)
        result, _ = self.calibrate(*tiny, "--format", "markdown", statuses=(0, 1))
        self.assertIn("| kind | tries | claims | rate, 95 % sure | half-width | smallest | wrong |", result.stdout)
        self.environment["LC_ALL"] = "C"
        result, _ = self.calibrate(*tiny, statuses=(0, 1))
        self.assertTrue(result.stdout.isascii())

    def test_neighbour_is_there_and_goes(self):
        # Longer than any machine waits for the look into /proc, and ended from here.
        process = self.start("calibrate", "--kinds", "core", "--tries", "1000", "--neighbour", "--output", self.file)
        neighbours = program.wait_until(lambda: self.bound_children(process.pid), "a neighbour runs")
        self.assertTrue({cpus for _, cpus in neighbours} <= os.sched_getaffinity(0))
        process.kill()
        process.communicate()
        program.wait_until(lambda: not [pid for pid, _ in neighbours if self.is_alive(pid)], "neighbours are gone")

    def test_default_folder_is_not_that_of_runs(self):
        result = self.run_program("calibrate", *TINY, "--kinds", "core", "--sizes", "0")
        self.assertIn(result.returncode, (0, 1), result.stderr)
        self.assertEqual([entry.name for entry in self.results.iterdir()], ["calibration"])
        self.assertEqual(len(list((self.results / "calibration").glob("*.json"))), 1)
        self.assertIn("no run in", self.run_program("show").stderr)

    def test_interrupted_keeps_what_is_complete(self):
        process = self.start("calibrate", "--kinds", "core", "--sizes", "0", "--tries", "100000", "--budget", "0.02",
                             "--replicates", "2", "--output", self.file)
        program.wait_until(lambda: list(self.scratch.glob("countersign-*")), "it runs")
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        result = self.finish(process)
        self.assertEqual(result.returncode, 128 + signal.SIGINT, result.stderr)
        self.assertIn("interrupted", result.stderr)
        if not self.file.exists():
            self.assertIn("before a comparison was complete", result.stderr)
            self.skipTest("this machine made no comparison in two seconds")
        calibration = json.loads(self.file.read_text(encoding="utf-8"))
        self.check_schema(calibration)
        self.assertFalse(calibration["complete"])
        self.assertGreater(len(calibration["tries"]), 0)
        self.assertIn("cut short", result.stdout)
        self.assert_tidy()

    def test_refused(self):
        for arguments, part in ((["--kinds", "cor"], "did you mean core"), (["--kinds", "cpu"], "allowed: all, arithmetic"),
                                (["--kinds", "nothing"], "heap-history"), (["--kinds", "twin,core"], "openmp"),
                                (["--kinds", "placement", "--sizes", "1"], "placement has no planted sizes"), (["--kinds", ""], "--kinds"),
                                (["--sizes", "4"], "0.25"), (["--sizes", "0,,1"], "--sizes"),
                                (["--tries", "0"], "--tries"), (["--placebo-tries", "0"], "--placebo-tries"), (["--budget", "-1"], "--budget"),
                                (["--replicates", "1"], "--replicates"), (["--delta", "x"], "--delta"),
                                (["--format", "csv"], "markdown"), (["--cpus", "9999"], "9999"),
                                (["--cpus", ""], "--cpus"), (["core"], "'core'"), (["--knd", "core"], "did you mean kinds"),
                                (["--kinds", "core," * 200], "too long")):
            with self.subTest(arguments=arguments):
                self.assert_refused("calibrate", *arguments, parts=[part])

    def test_one_cpu_skips_openmp(self):
        cpu = self.allowed_cpu()
        result, calibration = self.calibrate(*TINY, "--kinds", "core,openmp", "--sizes", "0", "--cpus", cpu,
                                             statuses=(0, 1))
        self.assertEqual([item["kind"] for item in calibration["tries"]], ["core"])
        self.assertIn("2 threads", calibration["summary"]["kinds"][1]["skipped"])
        self.assertIn("openmp was skipped", result.stdout)
        result = self.run_program("calibrate", *TINY, "--kinds", "openmp", "--cpus", cpu)
        self.assert_error(result, 4, "openmp cannot be tried here")

    def test_no_kernel(self):
        self.environment["COUNTERSIGN_KERNELS"] = str(self.folder)
        self.assert_refused("calibrate", *TINY, parts=["no kernel 'planted'"])
        (self.folder / "planted.native.so").symlink_to(program.KERNELS / "planted.native.so")
        self.assert_refused("calibrate", *TINY, parts=["no kernel 'twins'"])

    def test_closed_output_keeps_the_file(self):
        process = self.start("calibrate", *TINY, "--kinds", "core", "--sizes", "0", "--output", self.file)
        process.stdout.close()
        process.wait(timeout=program.PATIENCE_S)
        self.assertIn(process.returncode, (0, 1))
        self.assertNotIn("standard output", process.stderr.read())
        self.check_schema(json.loads(self.file.read_text(encoding="utf-8")))

    @staticmethod
    def allowed_cpu():
        return str(max(os.sched_getaffinity(0)))

    @staticmethod
    def is_alive(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                return file.read().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False

    @staticmethod
    def bound_children(pid):
        """Children that are still the program itself, with the one CPU each is bound to."""
        found = []
        try:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
                children = file.read().split()
            for child in children:
                with open(f"/proc/{child}/cmdline", "rb") as file:
                    cpus = os.sched_getaffinity(int(child))
                    if b"calibrate" in file.read() and len(cpus) == 1:
                        found.append((int(child), cpus.pop()))
        except OSError:
            return []
        return found if len(found) >= 1 else []


if __name__ == "__main__":
    program.main()
