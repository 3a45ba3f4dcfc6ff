#!/usr/bin/env python3
"""What the reports of scripts/bench compute, on values known beforehand; nothing is measured."""
import io
import math
import os
import re
import subprocess
import sys
import tempfile
import unittest
from contextlib import redirect_stderr
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench"))

import added_time  # noqa: E402
import common  # noqa: E402
import counters  # noqa: E402
import ipc  # noqa: E402
import main  # noqa: E402
import resolution  # noqa: E402
import simulated  # noqa: E402
import start  # noqa: E402


def comparison(verdict, half):
    interval = {"estimate": math.exp(0.002), "low": math.exp(0.002 - half), "high": math.exp(0.002 + half)}
    return {"verdict": verdict, "speedup": interval, "placebo": interval}


class Reports(unittest.TestCase):
    def test_quantiles_are_type_7(self):
        # R: quantile(1:22, c(.05, .5, .95), type = 7) = 2.05, 11.5, 20.95
        self.assertEqual(common.spread(list(range(22, 0, -1)), "{:.2f}"), "11.50 (2.05–20.95)")

    def test_half_width_is_of_the_logarithm(self):
        self.assertAlmostEqual(resolution.half_width({"low": math.exp(-0.01), "high": math.exp(0.03)}), 2)

    def test_row_counts_what_is_not_equivalent_and_false_claims(self):
        tries = [comparison(*pair) for pair in
                 [("equivalent", 0.001), ("faster", 0.002), ("slower", 0.003), ("inconclusive", 0.004)]]
        self.assertEqual(resolution.row("a", "quiet", tries),
                         ["a", "quiet", "+0.200 (+0.200–+0.200)", "0.250 (0.100–0.400)", "0.250 (0.100–0.400)",
                          "3 of 4", 2])

    def test_table_has_a_cell_for_each_column(self):
        self.assertEqual(common.table(["a", "b"], [["c", 1]]), "| a | b |\n| --- | ---: |\n| c | 1 |")

    def test_environment_is_not_the_callers(self):
        with mock.patch.dict(os.environ, {"COUNTERSIGN_KERNELS": "/elsewhere"}):
            self.assertNotIn("COUNTERSIGN_KERNELS", common.environment(Path("b")))
            self.assertEqual(common.environment(Path("b"), bench_cases=True)["COUNTERSIGN_KERNELS"],
                             "b/lib/countersign/bench-kernels")


class Counters(unittest.TestCase):
    DOCTOR = ("  write-bytes        sw         trusted   wchar of /proc/self/io\n"
              "  cost of sw         start 6650 ns, read 5508 ns, stop 6470 ns (a thread, set of 9)\n"
              "  cost of clock      start 4256 ns, stop 4286 ns (a thread, set of 2)\n"
              "  no PMU, so no reading in user mode (rdpmc)\n")

    def report(self, text):
        with mock.patch.object(common, "run", return_value=text):
            return counters.report(Path("b"), None, mock.Mock(tries=2))

    def test_each_source_is_a_row(self):
        text = self.report(self.DOCTOR)
        self.assertIn("| `sw` | 9 | 6650.0 (6650.0–6650.0) | 5508.0 (5508.0–5508.0) | 6470.0 (6470.0–6470.0) |", text)
        self.assertIn("| `clock` | 2 | 4256.0 (4256.0–4256.0) | – | 4286.0 (4286.0–4286.0) |", text)
        self.assertIn("no PMU, so no reading in user mode (rdpmc).", text)

    def test_a_doctor_without_costs_is_no_report(self):
        self.assertRaises(common.Failed, self.report, "counters    PAPI 7.0.0.0\n")


def entry(name, source, baseline, candidate, reason="", width=0.0):
    interval = [value and {"estimate": value, "low": value * (1 - width), "high": value * (1 + width)}
                for value in (baseline, candidate)]
    return {"name": name, "source": source, "baseline": baseline, "candidate": candidate, "reason": reason,
            "baseline_interval": interval[0], "candidate_interval": interval[1]}


def made_run(counters, point=None, scaled=False, case="made"):
    """A result of one comparison, of `plain` with `changed`."""
    return {"comparisons": [{"case": case, "baseline": "plain", "candidate": "changed", "point": point or {},
                             "measurement": 0, "counters": counters}],
            "measurements": [{"simulation": {"scaled": scaled, "duration_s": 1.5}}], "skipped": []}


class KnownIpc(unittest.TestCase):
    def test_follows_from_the_code(self):
        self.assertEqual(ipc.known_ipc(1, 1), 34 / 32)
        self.assertEqual(ipc.known_ipc(9, 3), (9 * 32 + 2) / 96)
        self.assertIsNone(ipc.known_ipc(16, None))

    def test_the_table_and_the_kernel_have_the_same_variants(self):
        text = (ROOT / "bench/kernels/chains/kernel.c").read_text(encoding="utf-8")
        names = set(re.findall(r'= \{\.name = "([a-z0-9-]+)"', text))
        self.assertEqual({variant for case in ipc.CASES.values() for variant, *_ in case}, names)
        self.assertIn(f'#define CHAINS_STEPS "{ipc.STEPS}"',
                      (ROOT / "bench/kernels/chains/chains.h").read_text(encoding="utf-8"))

    def test_cases_hold_the_variants_of_the_table(self):
        for case, variants in ipc.CASES.items():
            text = (ROOT / "bench/cases" / case / "case.yaml").read_text(encoding="utf-8")
            named = re.search(r"baseline: (\S+)\ncandidates: \[(.*)\]", text)
            told, measured = [variant for variant, *_ in variants], [named[1], *named[2].split(", ")]
            self.assertEqual(told, [name for name in measured if name in told])
            self.assertLessEqual(set(measured[1:]), set(told))

    def test_multiplications_are_known_on_one_architecture(self):
        self.assertIn("chain-multiplications", ipc.cases_here("x86_64"))
        self.assertEqual(ipc.cases_here("aarch64"), ["chain-adds", "issue-width"])

    def estimates(self):
        """2 % too high, with an interval that does not reach the known value, and 4 % too high with one that does."""
        runs = [made_run([entry("instructions", "sim", 34, 66), entry("ipc", "sim", 1, 66 / 32 * factor, width=width)])
                for factor, width in ((1.02, 0.01), (1.04, 0.05))]
        return [ipc.Estimate(run, "changed") for run in runs]

    def test_error_and_intervals_that_hold(self):
        line = ipc.row("two", 2, 1, self.estimates())
        self.assertEqual(line[:5], ["two", 66, "66.000", "`sim`", "2.0625"])
        self.assertEqual(line[5], f"{2.0625 * 1.03:.4f} ({2.0625 * 1.02:.4f}–{2.0625 * 1.04:.4f})")
        self.assertEqual(line[-2:], ["+3.00 (+2.00–+4.00)", "1 of 2"])

    def test_a_bound_has_no_error(self):
        line = ipc.row("many", 2, None, self.estimates())
        self.assertEqual((line[4], line[-2:]), ("bounded by width", ["–", "–"]))

    def test_a_counter_that_is_absent_says_why(self):
        absent = entry("ipc", "sim", None, None, "no valgrind here")
        for counters, said in (([absent], "no valgrind here"), ([], "no such")):
            with self.assertRaisesRegex(common.Failed, said):
                ipc.Estimate(made_run(counters), "changed")
        with self.assertRaisesRegex(common.Failed, "was not measured"):
            ipc.Estimate(made_run([]), "another")

    def test_simulated_instructions_are_taken_before_counted_ones(self):
        counters = [entry("instructions", "hw", 1, 2), entry("instructions", "sim", 3, 4), entry("ipc", "hw", 5, 6)]
        estimate = ipc.Estimate(made_run(counters), "plain")
        self.assertEqual((estimate.source, estimate.ipc, estimate.instructions), ("hw", 5, 3))


class KnownCounts(unittest.TestCase):
    X86 = ("0000000000002970 <run_linear>:\n"
           "    2970:\tmov    0x58(%rdi),%rdx\n"
           "    29a8:\tmov    (%r10,%rdi,4),%edx\n"
           "    29b8:\tadd    $0x1,%rax\n"
           "    29bc:\tcmp    %rax,%rcx\n"
           "    29bf:\tje     29e0 <run_linear+0x70>\n"
           "    29c1:\tcmp    (%rsi,%rax,4),%edx\n"
           "    29c4:\tjne    29b8 <run_linear+0x48>\n"
           "    29e0:\tadd    $0x1,%rdi\n"
           "    29ef:\tjne    29a8 <run_linear+0x38>\n"
           "    29f1:\tret\n")
    ARM = ("  900:\tldr\tw5, [x1, x0, lsl #2]\n"
           "  904:\tcmp\tw5, w3\n"
           "  908:\tb.eq\t920 <run_linear+0x20>  // b.none\n"
           "  90c:\tadd\tx0, x0, #0x1\n"
           "  910:\tcmp\tx0, x2\n"
           "  914:\tb.ne\t900 <run_linear>  // b.any\n"
           "  918:\tret\n")

    def test_the_innermost_loop_is_the_shortest(self):
        self.assertEqual(simulated.innermost_loop(self.X86), ["add", "cmp", "je", "cmp", "jne"])
        self.assertEqual(simulated.innermost_loop(self.ARM), ["ldr", "cmp", "b.eq", "add", "cmp", "b.ne"])

    def test_code_without_a_loop_is_refused(self):
        self.assertRaises(common.Failed, simulated.innermost_loop, "  10:\tje     20 <f+0x10>\n  20:\tret\n")

    def lookup(self, linear, binary):
        """Two sizes: a lookup costs 7 of everything, and that much a step."""
        run = made_run([])
        run["comparisons"] = []
        for n, halvings in ((256, 8), (512, 9)):
            counters = [entry(name, "sim", 7 + linear[name] * n, 7 + binary[name] * halvings) for name in linear]
            run["comparisons"].append({"case": "lookup-steps", "baseline": "linear", "candidate": "binary",
                                       "point": {"n": {"value": n, "choice": ""}}, "measurement": 0,
                                       "counters": counters})
        return run

    def test_a_step_is_without_what_a_lookup_costs(self):
        loops = {"linear": ["add", "cmp", "je", "cmp", "jne"], "binary": ["shr", "ja"]}
        run = self.lookup({"instructions": 5, "branches": 2, "data-reads": 1},
                          {"instructions": 3, "branches": 1, "data-reads": 1})
        rows = simulated.step_rows(run, loops)
        self.assertEqual([row[-3:] for row in rows],
                         [[5, "5", "+0.000"], [2, "2", "+0.000"], [1, "1", "+0.000"],
                          [2, "3", "+50.000"], [1, "1", "+0.000"], [1, "1", "+0.000"]])

    def test_a_point_is_found_by_number_and_by_choice(self):
        point = {"op": {"value": 1, "choice": "map"}, "n": {"value": 8, "choice": ""}}
        run = made_run([entry("l1d-misses", "hw", 9, 9), entry("l1d-misses", "sim", 0.25, 0.5)], point)
        self.assertEqual(simulated.find_count(run, {"op": "map", "n": 8}, "plain", "l1d-misses", "sim"), 0.25)
        self.assertEqual(simulated.find_count(run, {}, "changed", "l1d-misses", "hw"), 9)
        for wanted in ({"op": "reduce"}, {"n": 9}, {"m": 8}):
            self.assertRaises(common.Failed, simulated.find_count, run, wanted, "plain", "l1d-misses", "sim")

    def test_what_was_not_counted_at_the_point_is_refused(self):
        scaled = made_run([entry("l1d-misses", "sim", 1, 1)], scaled=True)
        absent = made_run([entry("l1d-misses", "sim", None, None, "no valgrind here")])
        for run, said in ((scaled, "made smaller"), (absent, "no valgrind here"), (made_run([]), "no counter")):
            with self.assertRaisesRegex(common.Failed, said):
                simulated.find_count(run, {}, "plain", "l1d-misses", "sim")

    def test_every_case_is_there_and_used(self):
        cases = {path.parent.name for path in simulated.CASES.glob("*/case.yaml")}
        self.assertEqual(cases, {known[0] for known in simulated.KNOWN} | {"lookup-steps"})


class AddedTime(unittest.TestCase):
    def test_times_are_of_the_first(self):
        first, whole = made_run([]), made_run([])
        first["measurements"], first["duration_s"], whole["duration_s"] = [{}], 10, 15
        self.assertEqual(added_time.rows_of([("alone", first), ("whole", whole)]),
                         [["alone", 1, "10.0", "0.0", "1.00"], ["whole", 1, "15.0", "1.5", "1.50"]])


class FirstReplicate(unittest.TestCase):
    def announce(self, script):
        return start.time_to_first_replicate(["sh", "-c", script], dict(os.environ))

    def test_is_seen_on_a_terminal(self):
        milliseconds = self.announce("sleep 0.3; test -t 2 && printf 'replicate 1/8' >&2; sleep 0.1")
        self.assertGreaterEqual(milliseconds, 300)

    def test_failure_is_reported(self):
        for script in ("printf 'replicate 1/8' >&2; exit 2", "true"):
            with self.assertRaises(common.Failed):
                self.announce(script)


class Arguments(unittest.TestCase):
    def test_wrong_ones_are_refused(self):
        wrong = (["nothing"], [], ["all", "--tries", "1"], ["all", "--budget", "nan"], ["all", "--tries", "x"])
        for arguments in wrong:
            with mock.patch.object(sys, "argv", ["bench", *arguments]), redirect_stderr(io.StringIO()), \
                    self.assertRaises(SystemExit) as refused:
                main.read_arguments()
            self.assertEqual(refused.exception.code, 2)


class Neighbour(unittest.TestCase):
    def test_ends_with_its_input(self):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "bin/neighbour"
            program.parent.mkdir()
            options = ["-D_GNU_SOURCE", f"-I{ROOT}/harness/include"]
            subprocess.run(["cc", *options, "-o", program, ROOT / "bench/neighbour.c"], check=True)
            with resolution.neighbour(Path(folder), 1):
                pass
            with self.assertRaises(common.Failed), resolution.neighbour(Path(folder), "x"):
                self.fail("it started with a seed that is no number")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
