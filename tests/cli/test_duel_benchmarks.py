#!/usr/bin/python3 -B
"""Duels of executables of Google Benchmark: every benchmark of both is a comparison, and one that fails is one alone."""
import json
import shutil
import signal
import subprocess
import tempfile
import unittest
import pathlib

from program import SOURCE, ProgramTest, main, processes_below, wait_until

FEW = ["--rounds", "4", "--replicates", "2", "--min-time", "0.001", "--quiet"]
LONG = "x" * 70


class Benchmarks(ProgramTest):
    """The times of tests/data/google_benchmark.cpp are given, so that none depends on the machine."""
    @classmethod
    def setUpClass(cls):
        cls.made = tempfile.mkdtemp(prefix="cli-benchmarks-")
        cls.addClassCleanup(shutil.rmtree, cls.made)
        cls.old, cls.new = (f"{cls.made}/{name}" for name in ("old", "new"))
        source = SOURCE / "tests" / "data" / "google_benchmark.cpp"
        compiled = subprocess.run(["c++", "-O0", "-o", cls.old, source, "-lbenchmark", "-lpthread"], text=True,
                                  stderr=subprocess.PIPE, check=False)
        if compiled.returncode:
            raise unittest.SkipTest(f"no Google Benchmark (libbenchmark-dev): {compiled.stderr.splitlines()[0]}")
        shutil.copy(cls.old, cls.new)

    def duel(self, *arguments, **options):
        return self.run_well("duel", "--google-benchmark", self.old, self.new, *FEW, *arguments, **options)

    @staticmethod
    def benchmark(comparison):
        return comparison["point"]["benchmark"]["choice"]

    def compare(self, pattern, status=0, *arguments):
        run = json.loads(self.duel("--filter", pattern, "--format", "json", *arguments, status=status).stdout)
        return run, {self.benchmark(c): c for c in run["comparisons"]}

    def test_each_benchmark_is_a_comparison_with_the_times_it_tells(self):
        run, found = self.compare("^(halved|same|repeated)")
        self.assertEqual(list(found), ["halved/manual_time", "same/manual_time", "same/longer/manual_time",
                                       "repeated/repeats:2/manual_time"])
        halved = found["halved/manual_time"]
        self.assertEqual((halved["verdict"], halved["item"], halved["verified"]), ("faster", "iteration", "no"))
        self.assertAlmostEqual(halved["baseline_time_ns"]["median"], 2000, delta=1)
        self.assertAlmostEqual(halved["candidate_time_ns"]["median"], 1000, delta=1)
        self.assertEqual(found["same/manual_time"]["speedup"]["estimate"], 1)
        repeated = found["repeated/repeats:2/manual_time"]
        self.assertAlmostEqual(repeated["baseline_time_ns"]["median"], 3e6, delta=10)  # its unit is ms, its runs two
        counters = {c["name"]: c for c in halved["counters"]}
        self.assertEqual((counters["probes"]["baseline"], counters["probes"]["source"]), (2000, "app"))
        self.assertNotIn("endless", counters)  # no number
        self.assertGreater(counters["cpu-time-ns"]["baseline"], 0)
        self.assertIsNone(counters["page-faults"]["baseline"])  # would be of the whole process
        measurement = run["measurements"][0]
        self.assertEqual(measurement["kernel"], "google-benchmark")
        self.assertEqual([arm["role"] for arm in measurement["arms"]], ["baseline", "candidate", "placebo"])
        self.assertIn("follow from the samples", self.run_well("verify", self.result_files()[0]).stdout)

    def test_the_table_says_what_was_not_compared(self):
        text = self.duel("--filter", "^(halved|same/m|added|dropped|twice)").stdout
        self.assertRegex(text, r"halved/manual_time +2\.00 µs +1\.00 µs +2")
        self.assertIn(f"A: {self.old[:20]}", text)
        flat = " ".join(text.split())
        self.assertIn("Google Benchmark keeps none", flat)
        notes = " ".join(self.run_well("show", self.result_files()[0], "--notes").stdout.split())
        self.assertIn("what the system or a PMU counts: it would be of the whole process", notes)
        self.assertIn(f"benchmark = dropped/manual_time: only in A, {self.old}", flat)
        self.assertIn(f"benchmark = added/manual_time: only in B, {self.new}", flat)
        self.assertIn(f"benchmark = twice/manual_time: the name stands for several in A, {self.old}", flat)

    def test_names_are_no_patterns_and_long_ones_are_told_apart(self):
        run, found = self.compare("^(odd|x)")
        self.assertEqual(list(found), ["odd.name(*)[1]{2}+a|b?^$/manual_time", "x" * 12 + "…xxxxx1/manual_time #2",
                                       "x" * 12 + "…xxxxx2/manual_time #3"])
        self.assertEqual([c["speedup"]["estimate"] for c in found.values()], [1, 1, 1])
        self.assertIn(LONG + "2/manual_time", run["measurements"][2]["arms"][0]["command"])

    def test_what_a_benchmark_prints_is_no_result(self):
        self.assertEqual(self.compare("prints")[1]["prints/manual_time"]["speedup"]["estimate"], 1)

    def test_one_that_fails_fails_alone(self):
        _, found = self.compare("^(same/m|crashes|fails|hangs)", 3, "--time-limit", "2")
        self.assertEqual({name.split("/")[0] for name, c in found.items() if c["verdict"] == "invalid"},
                         {"crashes", "fails", "hangs"})
        self.assertEqual(found["same/manual_time"]["speedup"]["estimate"], 1)
        reasons = {name.split("/")[0]: c["reason"] for name, c in found.items()}
        self.assertEqual(reasons["crashes"], "B was ended by SIGABRT")
        self.assertEqual(reasons["fails"], "B reports an error: no such table")
        self.assertIn("B took longer than 2 s", reasons["hangs"])

    def test_others_are_refused(self):
        def refused(words, *arguments):
            result = self.run_program("duel", "--google-benchmark", *arguments)
            self.assert_error(result, 2, words)
            self.assertEqual(result.stdout, "")
        refused("true is no executable of Google Benchmark", "true", self.new)
        refused("echo is no executable of Google Benchmark", self.old, "echo")
        refused("./none: No such file", self.old, "./none")
        refused("no benchmark of " + self.old + " matches --filter 'zzz'", "--filter", "zzz", self.old, self.new)
        refused("have no benchmark in common", "--filter", "added|dropped", self.old, self.new)
        refused("expected two executables, OLD and NEW, got 1", self.old)
        refused("--prepare is not for benchmarks", "--prepare", "true", self.old, self.new)
        self.assert_error(self.run_program("duel", "--filter", "x", "true", "true"), 2, "needs --google-benchmark")

    def test_an_interruption_keeps_what_was_complete(self):
        process = self.start("duel", "--google-benchmark", self.old, self.new, "--filter", "^(same/m|hangs)", *FEW)
        wait_until(lambda: any(self.is_hanging(pid) for pid in processes_below(self.folder)), "the second hangs")
        process.send_signal(signal.SIGINT)
        result = self.finish(process)
        self.assertEqual(result.returncode, 130, result.stderr)
        self.assertIn("the points that were complete are in", result.stderr)
        self.assertEqual([self.benchmark(c) for c in self.only_result()["comparisons"]], ["same/manual_time"])
        self.assert_tidy()
        self.assertFalse(any(self.is_hanging(pid) for pid in processes_below(self.folder)))

    def is_hanging(self, pid):
        try:
            line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode()
        except OSError:
            return False
        return line.startswith(self.new) and "^hangs" in line


if __name__ == "__main__":
    main()
