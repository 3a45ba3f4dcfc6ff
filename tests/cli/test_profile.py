#!/usr/bin/python3 -B
"""`profile`: where the time goes, from real kernels, with the tools that this machine has."""
import json
import shutil
import signal
import subprocess
import unittest

from program import KERNELS, PATIENCE_S, PROGRAM, REAL_CASE, ProgramTest, hostile_case, main

BOUNDS = {"not clear", "memory", "branches", "core", "front end", "system calls", "waiting"}
QUICK = ["--seconds", "0.05"]


def simulation_problem():
    """Why nothing can be simulated here (no valgrind, a build that it cannot run), in the program's words."""
    try:
        result = subprocess.run([PROGRAM, "profile", REAL_CASE, "--with", "callgrind", "--variant", "hash", *QUICK],
                                capture_output=True, encoding="utf-8", timeout=PATIENCE_S)
    except OSError as problem:
        return str(problem)
    return result.stderr if result.returncode == 4 else ""


NO_SIMULATION = simulation_problem()
needs_valgrind = unittest.skipIf(NO_SIMULATION, NO_SIMULATION)
needs_perf = unittest.skipUnless(shutil.which("perf"), "perf is not installed")


class Profile(ProgramTest):
    def profile(self, *arguments, status=0):
        """The profile that `profile` prints as JSON."""
        result = self.run_well("profile", *arguments, *QUICK, "--format", "json", status=status)
        return json.loads(result.stdout)

    def assert_places(self, places, lines):
        """The hottest first, each with its share, and together not more than everything."""
        shares = [place["share"] for place in places]
        self.assertTrue(shares)
        self.assertEqual(shares, sorted(shares, reverse=True))
        self.assertLessEqual(sum(shares), 1 + 1e-9)
        for place in places:
            self.assertEqual(place["line"] > 0, lines)

    @needs_valgrind
    def test_case(self):
        profile = self.profile(REAL_CASE)
        self.assertEqual(profile["schema"], "countersign.profile/1")
        self.assertEqual(profile["case"], REAL_CASE)
        self.assertEqual([variant["variant"] for variant in profile["variants"]],
                         ["linear", "hash", "binary", "eytzinger", "vector", "s-tree", "buckets"])
        for variant in profile["variants"]:
            name = variant["variant"]
            with self.subTest(variant=name):
                self.assertIn(variant["judgement"]["bound"], BOUNDS)
                self.assertTrue(variant["judgement"]["text"])
                self.assertEqual(variant["source"], "sim")
                self.assert_places(variant["functions"], lines=False)
                self.assert_places(variant["lines"], lines=True)
                self.assertEqual(variant["functions"][0]["function"], f"run_{name.replace('-', '_')}")
                self.assertGreater(variant["functions"][0]["share"], 0.5)
                self.assertTrue(any(line["file"].endswith(f"/lookup/{name.replace('-', '_')}.c") for line in variant["lines"]))
                self.assertTrue(variant["lines"][0]["text"])
                self.assertGreater(variant["evidence"]["time_ns"], 0)
                self.assertEqual(variant["evidence"]["instructions"]["source"], "sim")

    @needs_valgrind
    def test_counts_are_those_of_the_data_layout(self):
        """A structure is one line an item; one of its fields in an array of its own is a sixteenth."""
        profile = self.profile("aos-vs-soa", "--where", "n=32768,fields=1,order=sequential", "--variant", "aos",
                               "--variant", "soa")
        counts = {variant["variant"]: variant["evidence"]["l1d_misses"]["value"] for variant in profile["variants"]}
        self.assertAlmostEqual(counts["aos"], 1, delta=0.02)
        self.assertAlmostEqual(counts["soa"], 1 / 16, delta=0.002)

    @needs_valgrind
    def test_simulated_counts_are_the_same_twice(self):
        def counts():
            variant, = self.profile(REAL_CASE, "--variant", "hash")["variants"]
            return [variant["evidence"][name] for name in ("instructions", "branch_misses", "l1d_misses")]
        self.assertEqual(counts(), counts())

    @needs_valgrind
    def test_module_and_point(self):
        profile = self.profile(KERNELS / "lookup.portable.so", "--variant", "binary", "--where", "n=64", "--where",
                               "hit=0")
        self.assertEqual(profile["point"]["n"]["value"], 64)
        self.assertEqual(profile["point"]["hit"]["value"], 0)
        variant, = profile["variants"]
        self.assertEqual(variant["variant"], "binary")
        self.assertFalse(variant["baseline"])

    @needs_valgrind
    def test_module_by_a_relative_path(self):
        shutil.copy(KERNELS / "lookup.portable.so", self.folder / "mine.portable.so")
        profile = self.profile("./mine.portable.so", "--variant", "hash")
        self.assertEqual(profile["kernel"], "lookup")

    @needs_valgrind
    def test_folder_of_sources(self):
        self.run_well("new", "mine")
        profile = self.profile("./mine")
        self.assertEqual(profile["kernel"], "mine")
        self.assertEqual([variant["variant"] for variant in profile["variants"]], ["baseline", "candidate"])
        for variant in profile["variants"]:
            self.assert_places(variant["lines"], lines=True)
        (self.folder / "mine" / "candidate.c").write_text("int\n", encoding="utf-8")
        result = self.run_program("profile", "./mine")
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"\Acountersign: cannot compile .*candidate\.c: ")
        self.assertEqual(result.stderr.count("countersign: "), 1)

    @needs_valgrind
    def test_module_without_debug_data(self):
        subprocess.run(["strip", "-o", self.folder / "bare.portable.so", KERNELS / "lookup.portable.so"], check=True)
        result = self.run_well("profile", "./bare.portable.so", "--variant", "hash", *QUICK)
        self.assertIn("no source lines: the module has no debug data; compile it with -g", result.stdout)

    @needs_valgrind
    def test_text_names_lines_and_the_bound(self):
        result = self.run_well("profile", REAL_CASE, "--variant", "linear", *QUICK)
        self.assertRegex(result.stdout, r"(?m)^linear: likely bound: ")
        self.assertRegex(result.stdout, r"lookup/linear\.c:\d+ +\S")
        self.assertIn("(sim)", result.stdout)
        markdown = self.run_well("profile", REAL_CASE, "--variant", "linear", *QUICK, "--format", "markdown")
        self.assertIn("\n| share | function | file |\n", markdown.stdout)

    @needs_perf
    def test_samples(self):
        result = self.run_program("profile", REAL_CASE, "--variant", "linear", "--with", "perf", "--seconds", "0.2",
                                  "--format", "json")
        self.assertEqual(result.returncode, 0, result.stderr)
        variant, = json.loads(result.stdout)["variants"]
        if variant["source"] == "none":
            self.assertTrue(variant["reason"])
            self.skipTest(variant["reason"])
        self.assertIn(variant["source"], ("hw", "sw"))
        self.assertGreater(variant["samples"], 0)
        self.assertEqual(variant["functions"][0]["function"], "run_linear")
        self.assertIsNone(variant["evidence"]["l1d_misses"]["value"])
        self.assertEqual(variant["judgement"]["bound"], "not clear")

    @needs_valgrind
    def test_a_variant_that_crashes_is_invalid_and_the_rest_goes_on(self):
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["same", "crash"], "{after: [0]}")
        profile = self.profile(case, status=3)
        variants = {variant["variant"]: variant for variant in profile["variants"]}
        self.assertIn("SIG", variants["crash"]["invalid"])
        self.assertEqual(variants["crash"]["lines"], [])
        self.assertEqual(variants["same"]["invalid"], "")

    @needs_valgrind
    def test_interrupted(self):
        process = self.start("profile", REAL_CASE, "--seconds", "30")
        self.wait_for_worker()
        process.send_signal(signal.SIGINT)
        result = self.finish(process)
        self.assertEqual(result.returncode, 128 + signal.SIGINT)
        self.assertIn("interrupted", result.stderr)
        self.assertEqual(result.stdout, "")
        self.assert_tidy()


class Refused(ProgramTest):
    def test_arguments(self):
        self.assert_refused("profile", parts=["needs a case"])
        self.assert_refused("profile", "a", "b", parts=["one case or module, got 'b'"])
        self.assert_refused("profile", "no-such-case", parts=["no case 'no-such-case'", REAL_CASE])
        self.assert_refused("profile", "/no/such/module.so", parts=["/no/such/module.so"])
        self.assert_refused("profile", REAL_CASE, "--with", "gprof", parts=["expected callgrind or perf"])
        self.assert_refused("profile", REAL_CASE, "--format", "csv", parts=["expected text, markdown or json"])

    def test_parameters_and_variants(self):
        self.assert_refused("profile", REAL_CASE, "--where", "m=4", parts=["no parameter 'm'", "n, hit"])
        self.assert_refused("profile", REAL_CASE, "--where", "n=0", parts=["whole number from", "'0'"])
        self.assert_refused("profile", REAL_CASE, "--where", "n", parts=["NAME=VALUE"])
        self.assert_refused("profile", "aos-vs-soa", "--where", "order=up", parts=["sequential, shuffled"])
        self.assert_refused("profile", REAL_CASE, "--variant", "hsh", parts=["no variant 'hsh'", "did you mean hash"])

    def test_no_tool(self):
        self.environment["PATH"] = str(self.folder)
        for tool, part in (("callgrind", "valgrind is not installed"), ("perf", "perf is not installed")):
            result = self.run_program("profile", REAL_CASE, "--with", tool)
            self.assert_error(result, 4, part)
        self.assert_error(self.run_program("profile", REAL_CASE), 4, "valgrind", "perf")


if __name__ == "__main__":
    main()
