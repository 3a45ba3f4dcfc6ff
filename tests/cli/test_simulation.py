#!/usr/bin/python3 -B
"""Simulated counters of `run`: there where Valgrind is, absent with a reason where it is not, and switched off."""
import json
import os
import shutil
import signal

from program import REAL_CASE, SHORT, ProgramTest, main, wait_until, write_case

SHORT = [word for word in SHORT if word != "--no-simulation"]
SIMULATED = ("instructions", "branches", "branch-misses", "data-reads", "data-writes", "l1d-misses", "llc-misses")


def small_case(folder):
    """One comparison beyond any first cache, whose misses are known: a line holds a struct, or sixteen floats."""
    return write_case(folder, "title: Test\nkernel: particles\ncandidates: [soa]\nsweep: {n: [32768]}\n")


def simulated(comparison):
    return {counter["name"]: counter for counter in comparison["counters"] if counter["source"] == "sim"}


class Simulation(ProgramTest):
    def require_simulation(self, run):
        """Skips where this build or machine cannot simulate; then every entry must say why."""
        simulation = run["measurements"][0]["simulation"]
        if simulation["reason"]:
            for counter in simulated(run["comparisons"][0]).values():
                self.assertEqual(counter["reason"], simulation["reason"])
                self.assertIsNone(counter["baseline"])
            self.skipTest(simulation["reason"])

    def run_alike(self, case):
        """A run whose two builds were timed alike: the code's place may cost one of them a factor of two, which is refused."""
        for _ in range(8):
            run = self.run_json(case, *SHORT)
            if not any("another case" in arm["reason"] for arm in run["measurements"][0]["simulation"]["arms"]):
                break
        return run

    def test_known_counts(self):
        run = self.run_alike(small_case(self.folder / "case"))
        self.require_simulation(run)
        comparison, = run["comparisons"]
        counters = simulated(comparison)
        for name in SIMULATED:
            self.assertIn(name, counters)
        misses = counters["l1d-misses"]
        self.assertAlmostEqual(misses["baseline"], 1, delta=0.01)
        self.assertAlmostEqual(misses["candidate"], 1 / 16, delta=0.01)
        self.assertEqual(misses["ratio"]["low"], misses["ratio"]["high"])
        simulation = run["measurements"][0]["simulation"]
        self.assertRegex(simulation["tool"], r"^valgrind-\d")
        self.assertFalse(simulation["scaled"])
        self.assertEqual(simulation["items"], 32768)
        self.assertTrue(run["settings"]["simulate"])
        ipc = [counter for counter in comparison["counters"] if counter["name"] == "ipc"]
        self.assertEqual([counter["unit"] for counter in ipc], ["instruction/cycle"])
        self.assertGreater(ipc[0]["baseline"], 0)
        self.run_well("verify", self.result_files()[-1])

    def test_the_same_twice(self):
        case = small_case(self.folder / "case")
        first, second = (self.run_alike(case) for _ in range(2))
        self.require_simulation(first)
        counts = [[arm["counts"] for arm in run["measurements"][0]["simulation"]["arms"]] for run in (first, second)]
        self.assertEqual(counts[0], counts[1])

    def test_switched_off(self):
        for option in ("--no-simulation", "--no-counters"):
            run = self.run_json(small_case(self.folder / "case"), *SHORT, option)
            self.assertEqual(simulated(run["comparisons"][0]), {})
            self.assertFalse(run["settings"]["simulate"])
            self.assertEqual(run["measurements"][0]["simulation"]["arms"], [])

    def test_a_small_budget_makes_the_point_smaller(self):
        case = write_case(self.folder / "case", "title: Test\nkernel: particles\ncandidates: [soa]\n"
                                                "sweep: {n: [1048576]}\n")
        run = self.run_json(case, *SHORT, "--simulation-budget", "0.1")
        self.require_simulation(run)
        simulation = run["measurements"][0]["simulation"]
        self.assertTrue(simulation["scaled"])
        small = simulation["point"]["n"]["value"]
        self.assertLess(small, 1048576)
        self.assertEqual(simulation["items"], small)
        self.assertEqual(run["settings"]["simulation_budget_s"], 0.1)
        counter = simulated(run["comparisons"][0])["instructions"]
        self.assertEqual(counter["reason"], f"simulated at n = {small}")
        self.assertEqual(counter["trust"], "degraded")

    def test_without_valgrind(self):
        """The rest is measured all the same."""
        tools = self.folder / "tools"
        tools.mkdir()
        self.environment["PATH"] = str(tools)
        run = self.run_json(small_case(self.folder / "case"), *SHORT, "--layout", "fixed")  # links need a shell
        comparison, = run["comparisons"]
        self.assertIsNotNone(comparison["speedup"]["estimate"])
        for counter in simulated(comparison).values():
            self.assertIsNone(counter["baseline"])
            self.assertIn("valgrind is not installed", counter["reason"])

    def test_a_broken_valgrind(self):
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "valgrind").write_text('#!/bin/sh\ncase $1 in --version) echo valgrind-0.0.0;; *) echo "no such tool" >&2; '
                                        'exit 1;; esac\n')
        (tools / "valgrind").chmod(0o755)
        self.environment["PATH"] = f"{tools}:{os.environ['PATH']}"
        run = self.run_json(small_case(self.folder / "case"), *SHORT)
        counter = simulated(run["comparisons"][0])["instructions"]
        self.assertIsNone(counter["baseline"])
        if "built with" not in counter["reason"]:
            self.assertIn("no such tool", counter["reason"])

    def test_interrupted(self):
        """Points that were timed are kept with their memory, without their simulation; no simulator stays behind."""
        if not shutil.which("valgrind"):
            self.skipTest("valgrind is not installed")
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "valgrind").write_text('#!/bin/sh\ncase $1 in --version) echo valgrind-0.0.0;; '
                                        '*) echo here > simulator; exec sleep 1000;; esac\n')
        (tools / "valgrind").chmod(0o755)
        self.environment["PATH"] = f"{tools}:{os.environ['PATH']}"
        case = write_case(self.folder / "case", "title: Test\nkernel: particles\ncandidates: [soa]\nsweep: {n: [1024, 32768]}\n")
        process = self.start("run", case, *SHORT, "--simulation-budget", "1000")
        started = lambda: list(self.scratch.glob("countersign-*/*/worker/simulator"))
        wait_until(lambda: started() or process.poll() is not None, "the simulator runs")
        if not started():
            self.finish(process)
            self.skipTest("this build cannot simulate")
        process.send_signal(signal.SIGINT)
        self.assert_error(self.finish(process), 128 + signal.SIGINT, "the points that were complete are in")
        run = json.loads(self.result_files()[0].read_text())
        self.assertFalse(run["complete"])
        self.assertEqual([comparison["point"]["n"]["value"] for comparison in run["comparisons"]], [1024, 32768])
        for comparison in run["comparisons"]:
            self.assertIsNotNone(comparison["speedup"]["estimate"])
            memory, = (counter for counter in comparison["counters"] if counter["name"] == "memory")
            self.assertIsNotNone(memory["baseline"])
            counter = simulated(comparison)["instructions"]
            self.assertIsNone(counter["baseline"])
            self.assertIn("interrupted", counter["reason"])

    def test_list_marks_what_can_be_simulated(self):
        lines = self.run_well("list", "events").stdout.splitlines()
        marked = [words[0] for words in map(str.split, lines) if words[1:2] == ["sim"]]
        self.assertEqual(sorted(marked), sorted(SIMULATED))
        self.assertRegex(lines[-1], r"simulated by valgrind-\d|could be simulated .*: .")
        (self.folder / "empty").mkdir()
        self.environment["PATH"] = str(self.folder / "empty")
        self.assertIn("valgrind is not installed", self.run_well("list", "events").stdout.splitlines()[-1])

    def test_refused_budgets(self):
        for value in ("0", "-1", "many", ""):
            self.assert_refused("run", REAL_CASE, "--simulation-budget", value, parts=("--simulation-budget",))


if __name__ == "__main__":
    main()
